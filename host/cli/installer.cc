// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/installer.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "cli/native_manifest.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kFileMode = 0644;  // browsers of other users read a system-wide one
constexpr unsigned kFolderMode = 0755;
constexpr unsigned kRecordFolderMode = 0700;

Error SystemError(std::string_view operation, const fs::path& path) {
  return {ErrorCode::kUnavailable,
          StrCat(operation, " ", path.string(), ": ", std::strerror(errno))};
}

}  // namespace

std::vector<InstallTarget> TargetsOf(const std::vector<Browser>& browsers, bool system_wide) {
  std::vector<InstallTarget> targets;
  for (const Browser& browser : browsers) {
    for (const fs::path& folder : system_wide ? browser.system_folders : browser.user_folders) {
      const auto same = std::ranges::find(targets, folder, &InstallTarget::folder);
      if (same == targets.end()) {
        targets.push_back({{browser.name}, browser.family, folder});
      } else {
        same->browsers.push_back(browser.name);
      }
    }
  }
  return targets;
}

Installer::Installer(fs::path record, bool dry_run)
    : record_(std::move(record)), dry_run_(dry_run) {
  LoadRecord();
}

InstallStep Installer::Install(const InstallTarget& target, const std::string& text) {
  InstallStep step{target, target.folder / ManifestFileName(), "written", {}};
  const auto fail = [&](const Error& error) {
    step.action = "failed";
    step.error = error.message;
    return step;
  };
  const auto old = ReadFile(step.file, kDataFileBytesMax);
  if (old && *old == text) {
    step.action = "unchanged";
    return step;
  }
  struct stat info;
  if (lstat(step.file.c_str(), &info) == 0) step.action = "replaced";
  if (dry_run_) return step;
  if (auto made = MakeFolder(target.folder, kFolderMode); !made) return fail(made.error());
  if (auto wrote = WriteFileAtomic(step.file, text, kFileMode); !wrote) return fail(wrote.error());
  return step;
}

InstallStep Installer::Uninstall(const InstallTarget& target) {
  InstallStep step{target, target.folder / ManifestFileName(), "removed", {}};
  struct stat info;
  const bool there = lstat(step.file.c_str(), &info) == 0;
  if (!there) step.action = "absent";
  if (dry_run_) return step;
  if (there && unlink(step.file.c_str()) != 0) {
    step.action = "failed";
    step.error = SystemError("cannot remove", step.file).message;
    return step;
  }
  RemoveFolder(target.folder);
  return step;
}

// The record is saved before the folder is used: a crash in between leaves a line too many, never a
// folder too many.
Expected<void> Installer::MakeFolder(const fs::path& folder, unsigned mode) {
  std::error_code ec;
  if (folder.empty() || fs::is_directory(folder, ec)) return {};
  if (auto parent = MakeFolder(folder.parent_path(), mode); !parent) return parent;
  if (mkdir(folder.c_str(), mode) != 0) {
    return std::unexpected(SystemError("cannot create", folder));
  }
  made_.push_back(folder.string());
  return mode == kRecordFolderMode ? Expected<void>() : SaveRecord();
}

// Up from `folder`, as long as it is one of ours and empty.
void Installer::RemoveFolder(const fs::path& folder) {
  for (fs::path at = folder; !at.empty(); at = at.parent_path()) {
    const auto known = std::ranges::find(made_, at.string());
    if (known == made_.end()) break;
    if (rmdir(at.c_str()) != 0 && errno != ENOENT) break;
    made_.erase(known);
  }
  (void)SaveRecord();
}

void Installer::LoadRecord() {
  const auto text = ReadFile(record_, kDataFileBytesMax);
  const auto json = text ? ParseJson(*text, record_.string()) : Expected<Json>(Json());
  if (!json || !json->is_object() || !json->contains("folders")) return;
  for (const Json& folder : (*json)["folders"]) {
    if (folder.is_string()) made_.push_back(folder.get<std::string>());
  }
}

// Without folders of browsers to remember there is no record, nor what was made for it.
Expected<void> Installer::SaveRecord() {
  const std::string home = record_.parent_path().string();
  const bool only_own = std::ranges::all_of(
      made_, [&](const std::string& folder) { return (home + "/").starts_with(folder + "/"); });
  if (!only_own) {
    if (auto made = MakeFolder(record_.parent_path(), kRecordFolderMode); !made) return made;
    return WriteFileAtomic(record_, DumpJson({{"folders", made_}}, 1) + "\n");
  }
  if (unlink(record_.c_str()) != 0) return {};
  for (auto it = made_.rbegin(); it != made_.rend(); ++it) rmdir(it->c_str());
  made_.clear();
  return {};
}

Json ToJson(const InstallStep& step) {
  Json json = {
      {"browsers", step.target.browsers}, {"file", step.file.string()}, {"action", step.action}};
  if (!step.error.empty()) json["error"] = step.error;
  return json;
}

}  // namespace kaopu
