// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/index_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "base/str_cat.h"
#include "index/index_file.h"
#include "index/update/delta.h"
#include "pool/range_set.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;

constexpr int kTries = 3;  // of a transfer that was cut off, as long as each brings something

std::unexpected<Error> DiskError(std::string_view what, const fs::path& path) {
  return Fail(ErrorCode::kUnavailable, StrCat("cannot ", what, " ", path.string(), ": ",
                                              std::generic_category().message(errno)));
}

// A file that grows at its end.
class PartFile {
 public:
  static Expected<PartFile> Open(const fs::path& path) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return DiskError("open", path);
    PartFile file(path, fd);
    const off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0) return DiskError("read", path);
    file.size_ = static_cast<uint64_t>(size);
    return file;
  }
  PartFile(PartFile&& other) noexcept
      : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile() {
    if (fd_ >= 0) close(fd_);
  }

  uint64_t size() const { return size_; }
  Expected<void> Append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return DiskError("write", path_);
      bytes.remove_prefix(static_cast<size_t>(n));
      size_ += static_cast<uint64_t>(n);
    }
    return {};
  }
  Expected<void> Clear() {
    if (ftruncate(fd_, 0) != 0 || lseek(fd_, 0, SEEK_SET) < 0) return DiskError("write", path_);
    size_ = 0;
    return {};
  }
  Expected<void> Sync() { return fsync(fd_) == 0 ? Expected<void>() : DiskError("write", path_); }

 private:
  PartFile(fs::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  fs::path path_;
  int fd_;
  uint64_t size_ = 0;
};

Expected<void> SyncFolder(const fs::path& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return DiskError("open", folder);
  const int failed = fsync(fd);
  close(fd);
  return failed == 0 ? Expected<void>() : DiskError("write", folder);
}

void RemoveThose(const fs::path& folder, const std::function<bool(std::string_view name)>& are) {
  std::error_code error;
  std::vector<fs::path> old;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (are(at->path().filename().string())) old.push_back(at->path());
  }
  for (const fs::path& path : old) fs::remove_all(path, error);
}

class Fetch {
 public:
  Fetch(HttpClient& client, const WantedFile& wanted)
      : client_(client), wanted_(wanted), staged_(Staged(wanted.folder, wanted.file.kind)) {}

  Expected<GotFile> Run() {
    const auto in_use = index::IndexFile::Open(InUse(wanted_.folder, wanted_.file.kind));
    if (in_use && index::DigestOf(*in_use) == wanted_.file.sha256) return got_;
    std::error_code ignored;
    if (IsStaged()) {
      got_.is_new = true;
      return got_;
    }
    if (in_use) {
      const auto by_deltas = ByDeltas(*in_use);
      if (!by_deltas) return std::unexpected(by_deltas.error());
      if (*by_deltas && IsStaged()) {
        got_.is_new = true;
        return got_;
      }
    }
    fs::remove(staged_, ignored);
    if (auto whole = Whole(); !whole) return std::unexpected(whole.error());
    got_.is_new = true;
    return got_;
  }

 private:
  bool IsStaged() const {
    const auto staged = index::IndexFile::Open(staged_);
    return staged && index::DigestOf(*staged) == wanted_.file.sha256;
  }

  // The deltas from a publish to the wanted one, without a gap; empty where there are none.
  std::vector<const Manifest::Delta*> ChainFrom(uint64_t publish) const {
    std::vector<const Manifest::Delta*> chain;
    uint64_t at = publish;
    for (const Manifest::Delta& delta : wanted_.manifest->deltas) {
      if (delta.file.kind != wanted_.file.kind || delta.from_publish != at) continue;
      chain.push_back(&delta);
      at = delta.to_publish;
    }
    if (at != wanted_.publish) chain.clear();
    return chain;
  }

  // False where deltas do not lead there; `note` says why if they should have.
  Expected<bool> ByDeltas(const index::IndexFile& in_use) {
    if (wanted_.manifest == nullptr) return false;
    const index::IndexFile* from = &in_use;
    auto step = index::IndexFile::Open(staged_);
    if (step && step->header().origin == in_use.header().origin &&
        step->header().publish > in_use.header().publish &&
        !ChainFrom(step->header().publish).empty()) {
      from = &*step;
    }
    const auto chain = ChainFrom(from->header().publish);
    uint64_t all = 0;
    for (const Manifest::Delta* delta : chain)
      all += std::min(delta->file.bytes, wanted_.file.bytes);
    if (chain.empty() || all >= wanted_.file.bytes) return false;
    const auto give_up = [&](std::string why) {
      got_.note = StrCat("the deltas could not be used (", why, "); fetched whole instead");
      return false;
    };
    uint64_t done = 0;
    for (const Manifest::Delta* delta : chain) {
      std::string bytes;
      bytes.reserve(delta->file.bytes);
      HttpRequest request{.url = wanted_.base + delta->file.path, .body = {}};
      request.bytes_max = std::min<uint64_t>(delta->file.bytes, index::kDeltaBytesMax);
      request.on_bytes = [&](uint64_t, std::string_view more) -> Expected<void> {
        bytes += more;
        got_.bytes += more.size();
        if (wanted_.progress) wanted_.progress(done + bytes.size(), all);
        return {};
      };
      const auto response = client_.Send(request);
      if (!response && (response.error().code == ErrorCode::kUnavailable ||
                        response.error().code == ErrorCode::kTimeout)) {
        return std::unexpected(response.error());
      }
      if (!response) return give_up(response.error().message);
      if (response->status != 200) {
        return give_up(StrCat(delta->file.path, ": answered with status ", response->status));
      }
      if (bytes.size() != delta->file.bytes || tlog::Sha256({bytes}) != delta->file.sha256) {
        return give_up(StrCat(delta->file.path, ": is not the file that the manifest names"));
      }
      const auto applied = index::ApplyDelta(*from, bytes, staged_);
      if (!applied && applied.error().code == ErrorCode::kUnavailable) {
        return std::unexpected(applied.error());
      }
      if (!applied) return give_up(StrCat(delta->file.path, ": ", applied.error().message));
      step = index::IndexFile::Open(staged_);
      if (!step) return std::unexpected(step.error());
      from = &*step;
      done += bytes.size();
    }
    if (index::DigestOf(*from) != wanted_.file.sha256) {
      return give_up("they lead to another file than the log names");
    }
    return true;
  }

  // Of other publishes: what they would have become is not wanted any more.
  void RemoveParts(const std::string& but) const {
    std::error_code error;
    std::vector<fs::path> old;
    for (fs::directory_iterator at(wanted_.folder, error), end; !error && at != end;
         at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (name.starts_with(wanted_.file.kind + ".") && name.ends_with(".part") && name != but) {
        old.push_back(at->path());
      }
    }
    for (const fs::path& path : old) fs::remove(path, error);
  }

  Expected<void> Whole() {
    const fs::path path =
        wanted_.folder /
        StrCat(wanted_.file.kind, ".", HexOf(std::span(wanted_.file.sha256).first(8)), ".part");
    RemoveParts(path.filename().string());
    auto part = PartFile::Open(path);
    if (!part) return std::unexpected(part.error());
    if (part->size() > wanted_.file.bytes) {
      if (auto clear = part->Clear(); !clear) return clear;
    }
    for (int tried = 1; part->size() < wanted_.file.bytes; ++tried) {
      const uint64_t before = part->size();
      const auto more = More(*part);
      if (more) break;
      const ErrorCode code = more.error().code;
      const bool again = (code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout) &&
                         part->size() > before && tried < kTries;
      if (again) continue;
      if (code == ErrorCode::kDamaged || code == ErrorCode::kTooLarge) {
        std::error_code ignored;
        fs::remove(path, ignored);
        return Fail(ErrorCode::kDamaged, more.error().message);
      }
      if (auto synced = part->Sync(); !synced) return synced;
      return std::unexpected(more.error());
    }
    const auto damaged = [&](std::string_view why) {
      std::error_code ignored;
      fs::remove(path, ignored);
      return Fail(ErrorCode::kDamaged, StrCat(wanted_.base, wanted_.file.path, ": ", why));
    };
    if (part->size() < wanted_.file.bytes && !length_known_) {
      // Cut off, or all there is: it did not say.
      if (auto synced = part->Sync(); !synced) return synced;
      return Fail(ErrorCode::kUnavailable,
                  StrCat(wanted_.base, wanted_.file.path, ": it ended after ", part->size(), " of ",
                         wanted_.file.bytes, " bytes"));
    }
    if (part->size() < wanted_.file.bytes) {
      return damaged(
          StrCat("it ends after ", part->size(), " bytes; the log says ", wanted_.file.bytes));
    }
    if (auto synced = part->Sync(); !synced) return synced;
    {
      const auto file = index::IndexFile::Open(path);
      if (!file) return damaged(file.error().message);
      if (index::DigestOf(*file) != wanted_.file.sha256) {
        return damaged("it is not the file that the log names");
      }
    }
    std::error_code error;
    fs::rename(path, staged_, error);
    if (error) {
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot write ", staged_.string(), ": ", error.message()));
    }
    return {};
  }

  // Success = the server says that this was all.
  Expected<void> More(PartFile& part) {
    HttpRequest request{.url = wanted_.base + wanted_.file.path, .body = {}};
    request.from_byte = part.size();
    // One byte more is a server that does not end.
    request.bytes_max = wanted_.file.bytes;
    request.on_bytes = [&](uint64_t at, std::string_view bytes) -> Expected<void> {
      if (at != part.size()) {
        if (at != 0) return Fail(ErrorCode::kDamaged, "bytes of another place");
        // It gives the whole although the rest was asked for.
        if (auto clear = part.Clear(); !clear) return clear;
      }
      if (part.size() + bytes.size() > wanted_.file.bytes) {
        return Fail(ErrorCode::kDamaged,
                    StrCat(wanted_.base, wanted_.file.path, ": it is longer than the ",
                           wanted_.file.bytes, " bytes that the log says"));
      }
      got_.bytes += bytes.size();
      auto done = part.Append(bytes);
      if (done && wanted_.progress) wanted_.progress(part.size(), wanted_.file.bytes);
      return done;
    };
    const auto response = client_.Send(request);
    if (!response) return std::unexpected(response.error());
    length_known_ = response->bytes_left.has_value();
    switch (response->status) {
      case 200:
      case 206:
        return {};
      case 416:
        return Fail(ErrorCode::kDamaged, StrCat(request.url, ": it is shorter than the ",
                                                wanted_.file.bytes, " bytes that the log says"));
      default:
        return Fail(ErrorCode::kUnavailable,
                    StrCat(request.url, ": answered with status ", response->status));
    }
  }

  HttpClient& client_;
  const WantedFile& wanted_;
  const fs::path staged_;
  GotFile got_;
  bool length_known_ = true;
};

}  // namespace

fs::path InUse(const fs::path& folder, const std::string& kind) {
  return folder / StrCat(kind, ".kpi");
}
fs::path Staged(const fs::path& folder, const std::string& kind) {
  return folder / StrCat(kind, ".kpi.next");
}

Expected<GotFile> FetchIndexFile(HttpClient& client, const WantedFile& wanted) {
  return Fetch(client, wanted).Run();
}

Expected<void> TakeInUse(const fs::path& folder, const std::string& kind) {
  std::error_code error;
  fs::rename(Staged(folder, kind), InUse(folder, kind), error);
  if (error) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot write ", InUse(folder, kind).string(), ": ", error.message()));
  }
  return SyncFolder(folder);
}

void RemoveLeftOvers(const fs::path& folder) {
  RemoveThose(folder, [](std::string_view name) {
    return name.ends_with(".part") || name.ends_with(".next");
  });
}

void RemoveWhole(const fs::path& folder) {
  RemoveLeftOvers(folder);
  RemoveThose(folder, [](std::string_view name) {
    return name.ends_with(".kpi") || name == "manifest.json";
  });
}

Expected<void> PutFile(const fs::path& path, std::string_view bytes) {
  auto file = PartFile::Open(path);
  if (!file) return std::unexpected(file.error());
  return file->Append(bytes);
}

Expected<void> SyncFiles(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    auto file = PartFile::Open(at->path());
    if (!file) return std::unexpected(file.error());
    if (auto synced = file->Sync(); !synced) return synced;
  }
  return SyncFolder(folder);
}

void RemoveRangesBut(const fs::path& folder, std::vector<uint64_t> kept) {
  RemoveThose(RangesFolder(folder), [&](std::string_view name) {
    return std::ranges::none_of(kept, [&](uint64_t one) { return name == StrCat(one); });
  });
}

}  // namespace kaopu::pool
