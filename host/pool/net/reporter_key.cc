// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/reporter_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/files.h"
#include "base/str_cat.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInFile = "kaopu-reporter-1 file ";  // DISK
constexpr std::string_view kInKeyring = "kaopu-reporter-1 keyring\n";
constexpr size_t kFileBytesMax = 1024;

std::unexpected<Error> Cannot(std::string_view what, const fs::path& file) {
  return Fail(ErrorCode::kUnavailable,
              StrCat("cannot ", what, " ", file.string(), ": ", std::strerror(errno)));
}

}  // namespace

fs::path ReporterKey::File() const { return home_ / "reporter.key"; }

std::string ReporterKey::Name() const {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(home_, error);
  return (error ? home_ : whole).string();
}

Expected<std::optional<report::ReporterSeed>> ReporterKey::Find() {
  const Expected<std::string> text = ReadFile(File(), kFileBytesMax);
  if (!text) {
    if (text.error().code == ErrorCode::kNotFound) return std::nullopt;
    return std::unexpected(text.error());
  }
  std::string secret;
  if (*text == kInKeyring) {
    if (keyring_ == nullptr) {
      return Fail(ErrorCode::kUnavailable,
                  "the key that reports are signed with is in the desktop's keyring, which is not "
                  "there; log in to the desktop and try again");
    }
    const Expected<std::optional<std::string>> found = keyring_->Find(Name());
    if (!found) return std::unexpected(found.error());
    if (!*found) {
      return Fail(ErrorCode::kDamaged,
                  "the key that reports are signed with is gone from the desktop's keyring; "
                  "`kaopu data delete` starts anew");
    }
    secret = **found;
  } else if (text->starts_with(kInFile) && text->ends_with('\n')) {
    secret = text->substr(kInFile.size(), text->size() - kInFile.size() - 1);
  }
  const auto seed = report::BytesFromText<32>(secret);
  if (!seed) {
    return Fail(ErrorCode::kDamaged, StrCat(File().string(), ": not a key that Kaopu wrote"));
  }
  return *seed;
}

// Whole or not at all, and never over one that is there: false then.
Expected<bool> ReporterKey::WriteOnce(const std::string& text) {
  std::string part = StrCat(File().string(), ".XXXXXX");
  const int fd = mkostemp(part.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return Cannot("write", part);
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  close(fd);
  if (!written) {
    const auto failed = Cannot("write", part);
    unlink(part.c_str());
    return failed;
  }
  const bool linked = link(part.c_str(), File().c_str()) == 0;
  const int problem = errno;
  unlink(part.c_str());
  if (!linked) {
    if (problem == EEXIST) return false;
    errno = problem;
    return Cannot("write", File());
  }
  if (const int folder = open(home_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); folder >= 0) {
    fsync(folder);
    close(folder);
  }
  return true;
}

Expected<report::ReporterSeed> ReporterKey::FindOrMake() {
  for (int round = 0; round < 3; ++round) {
    const Expected<std::optional<report::ReporterSeed>> found = Find();
    if (!found) return std::unexpected(found.error());
    if (*found) return **found;
    std::error_code ignored;
    fs::create_directories(home_, ignored);
    const report::ReporterSeed seed = report::NewReporterSeed();
    std::string text = StrCat(kInFile, report::BytesToText(seed), "\n");
    // A secret that is there without the file is of a record that was deleted: it is overwritten.
    if (keyring_ != nullptr && keyring_->Put(Name(), report::BytesToText(seed))) text = kInKeyring;
    if (const Expected<bool> written = WriteOnce(text); !written) {
      return std::unexpected(written.error());
    }
  }
  return Fail(ErrorCode::kInternal, "the key that reports are signed with cannot be read back");
}

Expected<bool> ReporterKey::Remove() {
  bool removed = false;
  if (keyring_ != nullptr) {
    const Expected<bool> gone = keyring_->Remove(Name());
    if (!gone) return gone;
    removed = *gone;
  }
  std::error_code error;
  removed |= fs::remove(File(), error);
  if (error) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot remove ", File().string(), ": ", error.message()));
  }
  return removed;
}

}  // namespace kaopu::pool
