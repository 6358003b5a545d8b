// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/http/static_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "base/str_cat.h"
#include "tlog/text_lines.h"

namespace kaopu {
namespace {

constexpr size_t kPathBytesMax = 512;

// Letters, digits, `-._~@+` and `:`; no part is empty or begins with a dot.
bool IsPlainPath(std::string_view path) {
  if (path.empty() || path.size() > kPathBytesMax) return false;
  char before = '/';
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && std::string_view("-._~@+:/").find(c) == std::string_view::npos) return false;
    if (before == '/' && (c == '.' || c == '/')) return false;
    before = c;
  }
  return before != '/' && !path.ends_with(".tmp");  // what a killed writer left
}

int OpenBelow(int root, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long fd = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
  // A kernel or container without it: the name is plain already, its last part is no link.
  if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
    return openat(root, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  }
  return static_cast<int>(fd);
}

std::string HttpDate(time_t time) {
  tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  const size_t size = strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

struct Range {
  uint64_t first = 0, last = 0;
};

// One `bytes=a-b`, `a-` or `-n` that the file has; nullopt where there is none such.
std::optional<Range> ParseRange(std::string_view text, uint64_t size) {
  if (!text.starts_with("bytes=") || size == 0) return std::nullopt;
  text.remove_prefix(6);
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = tlog::ParseDecimal(text.substr(0, dash)),
             last = tlog::ParseDecimal(text.substr(dash + 1));
  if (dash == 0) {
    if (!last || *last == 0) return std::nullopt;
    return Range{size - std::min(*last, size), size - 1};
  }
  if (!first || *first >= size || (dash + 1 < text.size() && !last)) return std::nullopt;
  const uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  if (end < *first) return std::nullopt;
  return Range{*first, end};
}

// Of the log: the newest one, and those that witnesses cosigned.
bool IsHead(std::string_view path) { return path == "checkpoint" || path.starts_with("cosigned/"); }

HttpReply NotFound(std::string_view path) {
  return ErrorReply({ErrorCode::kNotFound, StrCat("no file ", path.substr(0, 200))});
}

}  // namespace

Expected<StaticFiles> StaticFiles::Open(const std::filesystem::path& root) {
  const int fd = open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Fail(ErrorCode::kNotFound, StrCat("no folder ", root.string()));
  return StaticFiles(fd);
}

StaticFiles::StaticFiles(StaticFiles&& other) noexcept : root_(std::exchange(other.root_, -1)) {}

StaticFiles::~StaticFiles() {
  if (root_ >= 0) close(root_);
}

std::string_view StaticFiles::TypeOf(std::string_view path) {
  if (IsHead(path)) return "text/plain; charset=utf-8";
  if (path.starts_with("content/")) return "application/jsonl";
  const size_t dot = path.rfind('.');
  const std::string_view ending = dot == std::string_view::npos ? "" : path.substr(dot);
  if (ending == ".html") return "text/html; charset=utf-8";
  if (ending == ".json") return "application/json";
  if (ending == ".css") return "text/css; charset=utf-8";
  if (ending == ".js" || ending == ".mjs") return "text/javascript; charset=utf-8";
  if (ending == ".svg") return "image/svg+xml";
  if (ending == ".png") return "image/png";
  if (ending == ".txt") return "text/plain; charset=utf-8";
  return "application/octet-stream";
}

std::string_view StaticFiles::CacheControlOf(std::string_view path) {
  // What a tile, a partial one too, or a publish's file holds never changes.
  const bool of_a_publish = path.starts_with("index/") && !path.ends_with(".json");
  if (path.starts_with("tile/") || of_a_publish) return "public, max-age=31536000, immutable";
  if (IsHead(path)) return "no-cache";
  return "public, max-age=60";
}

HttpReply StaticFiles::Get(const ServedRequest& request) const {
  std::string path = request.path;
  if (path.starts_with('/')) path.erase(0, 1);
  if (path.empty() || path.ends_with('/')) path += "index.html";
  if (!IsPlainPath(path)) return NotFound(path);
  const int fd = OpenBelow(root_, path);
  struct stat info {};
  if (fd < 0) return NotFound(path);
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(fd);
    return NotFound(path);
  }
  const auto bytes = static_cast<uint64_t>(info.st_size);
  const std::string tag = StrCat("\"", static_cast<int64_t>(info.st_mtim.tv_sec), "-",
                                 static_cast<int64_t>(info.st_mtim.tv_nsec), "-", bytes, "\"");
  const std::string modified = HttpDate(info.st_mtim.tv_sec);
  HttpReply reply{.type = std::string(TypeOf(path)),
                  .headers = {{"ETag", tag},
                              {"Last-Modified", modified},
                              {"Cache-Control", std::string(CacheControlOf(path))},
                              {"Accept-Ranges", "bytes"},
                              {"Access-Control-Allow-Origin", "*"}}};
  const bool same =
      request.if_none_match.empty()
          ? request.if_modified_since == modified
          : request.if_none_match == "*" || request.if_none_match.find(tag) != std::string::npos;
  if (same) {
    close(fd);
    reply.status = 304;
    return reply;
  }
  Range range{0, bytes == 0 ? 0 : bytes - 1};
  if (!request.range.empty() &&
      (request.if_range.empty() || request.if_range == tag || request.if_range == modified) &&
      request.range.find(',') == std::string::npos) {
    const auto asked = ParseRange(request.range, bytes);
    if (!asked) {
      close(fd);
      reply.status = 416;
      reply.headers.emplace_back("Content-Range", StrCat("bytes */", bytes));
      return reply;
    }
    range = *asked;
    reply.status = 206;
    reply.headers.emplace_back("Content-Range",
                               StrCat("bytes ", range.first, "-", range.last, "/", bytes));
  }
  reply.file = fd;
  reply.file_offset = range.first;
  reply.file_bytes = bytes == 0 ? 0 : range.last - range.first + 1;
  return reply;
}

}  // namespace kaopu
