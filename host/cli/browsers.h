// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which browsers this machine has and where each looks for native hosts. The places are data
// (manifests/browser_locations.json).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace kaopu {

// Whose manifest format a browser reads: `allowed_origins` or `allowed_extensions`.
enum class BrowserFamily { kChromium, kFirefox };

// What the places depend on. `root` stands before absolute paths: "" on a real machine, a folder in
// a test.
struct Machine {
  std::string system;  // "linux" or "macos", as in the data
  std::filesystem::path root;
  std::filesystem::path home;
  std::filesystem::path config;
  std::filesystem::path data;
  std::vector<std::filesystem::path> program_folders;  // PATH
};

// From HOME, XDG_CONFIG_HOME, XDG_DATA_HOME and PATH. kUnavailable without HOME.
Expected<Machine> ThisMachine();

struct SandboxedBrowser {
  std::string kind;  // "snap" or "flatpak"
  std::string say;   // key of _locales: what that means for the user
};

struct Browser {
  std::string id;
  std::string name;
  BrowserFamily family = BrowserFamily::kChromium;
  std::vector<std::filesystem::path> user_folders;  // in the order it looks
  std::vector<std::filesystem::path> system_folders;
  bool found = false;  // a profile or a program of it is here, sandboxed ones not counted
  std::vector<SandboxedBrowser> sandboxed;  // packages of it that shut it in
};

// Every browser of the data, in its order. `manifests` is ManifestsFolder(). kNotFound, kDamaged.
Expected<std::vector<Browser>> LoadBrowsers(const std::filesystem::path& manifests,
                                            const Machine& machine);

}  // namespace kaopu
