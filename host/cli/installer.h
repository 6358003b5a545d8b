// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Puts native-host manifests into browsers' folders and takes them out again. Touches no other
// file; remembers which folders it had to make, so that removing leaves nothing behind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "cli/browsers.h"

namespace kaopu {

// One manifest to be: several browsers may share a folder.
struct InstallTarget {
  std::vector<std::string> browsers;  // names for people
  BrowserFamily family = BrowserFamily::kChromium;
  std::filesystem::path folder;
};

// Folders of `browsers`, each once, in order.
std::vector<InstallTarget> TargetsOf(const std::vector<Browser>& browsers, bool system_wide);

struct InstallStep {
  InstallTarget target;
  std::filesystem::path file;
  std::string action;  // WIRE (--json): written replaced unchanged removed absent failed
  std::string error;   // of `failed`
};

class Installer {
 public:
  // `record` is where the folders made are remembered (KAOPU_HOME/installed.json). With `dry_run`
  // nothing changes and the steps say what would be done.
  Installer(std::filesystem::path record, bool dry_run);

  // Writes `text` as the target's manifest, atomically, mode 0644: a host or extension that moved
  // is healed.
  InstallStep Install(const InstallTarget& target, const std::string& text);
  // Removes the manifest and those of the folders that Install made for it that are empty now.
  InstallStep Uninstall(const InstallTarget& target);

 private:
  Expected<void> MakeFolder(const std::filesystem::path& folder, unsigned mode);
  void RemoveFolder(const std::filesystem::path& folder);
  void LoadRecord();
  Expected<void> SaveRecord();

  const std::filesystem::path record_;
  const bool dry_run_;
  std::vector<std::string> made_;  // folders, outer before inner
};

Json ToJson(const InstallStep& step);

}  // namespace kaopu
