// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/browsers.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

#ifdef __APPLE__
constexpr char kSystem[] = "macos";
#else
constexpr char kSystem[] = "linux";
#endif

fs::path EnvironmentFolder(const char* name, const fs::path& otherwise) {
  const char* value = std::getenv(name);
  const fs::path folder = value == nullptr ? "" : value;
  return folder.is_absolute() ? folder : otherwise;  // the XDG rule: a relative path is ignored
}

// `{home}/.mozilla` -> `/home/anna/.mozilla`; an absolute path goes below the machine's root.
fs::path Expand(const Machine& machine, std::string text) {
  const std::pair<std::string, const fs::path&> variables[] = {
      {"{home}", machine.home}, {"{config}", machine.config}, {"{data}", machine.data}};
  for (const auto& [name, value] : variables) {
    if (text.starts_with(name)) return value.string() + text.substr(name.size());
  }
  return machine.root.string() + text;
}

bool Exists(const fs::path& path) {
  std::error_code ec;
  return fs::exists(path, ec);
}

// Programs below /snap are the sandboxed package's, not one that can start a host.
bool HasProgram(const Machine& machine, const std::string& program) {
  if (program.starts_with('/')) return Exists(machine.root.string() + program);
  return std::ranges::any_of(machine.program_folders, [&](const fs::path& folder) {
    if (folder.string().find("/snap/") != std::string::npos) return false;
    return access((folder / program).c_str(), X_OK) == 0;
  });
}

// The list of strings at `name`; absent = none; nullopt = something else.
std::optional<std::vector<std::string>> Strings(const Json& object, const char* name) {
  std::vector<std::string> strings;
  const auto it = object.find(name);
  if (it == object.end()) return strings;
  if (!it->is_array()) return std::nullopt;
  for (const Json& entry : *it) {
    if (!entry.is_string()) return std::nullopt;
    strings.push_back(entry.get<std::string>());
  }
  return strings;
}

std::optional<std::vector<fs::path>> Paths(const Machine& machine, const Json& object,
                                           const char* name) {
  auto strings = Strings(object, name);
  if (!strings) return std::nullopt;
  std::vector<fs::path> paths;
  for (const std::string& text : *strings) paths.push_back(Expand(machine, text));
  return paths;
}

std::optional<Browser> ReadBrowser(const Machine& machine, const Json& row) {
  const auto id = GetString(row, "id");
  const auto name = GetString(row, "name");
  const auto family = GetString(row, "family");
  const auto here = row.find(machine.system);
  if (!id || !*id || !name || !*name || !family || here == row.end() || !here->is_object()) {
    return std::nullopt;
  }
  Browser browser{.id = **id, .name = **name};
  if (*family == "firefox") {
    browser.family = BrowserFamily::kFirefox;
  } else if (*family != "chromium") {
    return std::nullopt;
  }
  const auto user = Paths(machine, *here, "user");
  const auto system = Paths(machine, *here, "system");
  const auto profiles = Paths(machine, *here, "profiles");
  const auto programs = Strings(*here, "programs");
  if (!user || !system || !profiles || !programs) return std::nullopt;
  browser.user_folders = *user;
  browser.system_folders = *system;
  browser.found =
      std::ranges::any_of(*profiles, Exists) ||
      std::ranges::any_of(*programs, [&](const auto& name) { return HasProgram(machine, name); });
  return browser;
}

// False when the row is malformed.
bool AddSandboxed(const Machine& machine, const Json& row, std::vector<Browser>& browsers) {
  const auto id = GetString(row, "browser");
  const auto kind = GetString(row, "kind");
  const auto say = GetString(row, "say");
  const auto markers = Paths(machine, row, "markers");
  if (!id || !*id || !kind || !*kind || !say || !*say || !markers) return false;
  const auto browser = std::ranges::find(browsers, **id, &Browser::id);
  if (browser == browsers.end()) return false;
  if (std::ranges::any_of(*markers, Exists)) browser->sandboxed.push_back({**kind, **say});
  return true;
}

}  // namespace

Expected<Machine> ThisMachine() {
  const fs::path home = EnvironmentFolder("HOME", "");
  if (home.empty()) {
    return Fail(ErrorCode::kUnavailable,
                "cannot tell where browsers keep their things: HOME is not set");
  }
  Machine machine{.system = kSystem, .home = home};
  machine.config = EnvironmentFolder("XDG_CONFIG_HOME", home / ".config");
  machine.data = EnvironmentFolder("XDG_DATA_HOME", home / ".local/share");
  const char* path = std::getenv("PATH");
  std::string rest = path == nullptr ? "" : path;
  for (size_t end; !rest.empty(); rest.erase(0, end == std::string::npos ? end : end + 1)) {
    end = rest.find(':');
    if (end != 0) machine.program_folders.emplace_back(rest.substr(0, end));
  }
  return machine;
}

Expected<std::vector<Browser>> LoadBrowsers(const fs::path& manifests, const Machine& machine) {
  const fs::path file = manifests / "browser_locations.json";
  const auto text = ReadFile(file, kDataFileBytesMax);
  if (!text) return std::unexpected(text.error());
  const auto json = ParseJson(*text, file.string());
  const auto damaged = [&](std::string_view list, size_t row) {
    return Fail(ErrorCode::kDamaged, StrCat(file.string(), ": ", list, "[", row, "] is malformed"));
  };
  if (!json || !json->is_object() || !json->contains("browsers") || !json->contains("sandboxed")) {
    return Fail(ErrorCode::kDamaged, file.string() + " is no table of browsers");
  }
  std::vector<Browser> browsers;
  for (const Json& row : (*json)["browsers"]) {
    auto browser = row.is_object() ? ReadBrowser(machine, row) : std::nullopt;
    if (!browser) return damaged("browsers", browsers.size());
    browsers.push_back(std::move(*browser));
  }
  size_t count = 0;
  for (const Json& row : (*json)["sandboxed"]) {
    if (!row.is_object() || !AddSandboxed(machine, row, browsers))
      return damaged("sandboxed", count);
    ++count;
  }
  return browsers;
}

}  // namespace kaopu
