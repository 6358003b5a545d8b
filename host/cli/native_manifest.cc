// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/native_manifest.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr size_t kManifestBytesMax = 64 * 1024;

constexpr const char* AllowedField(BrowserFamily family) {
  return family == BrowserFamily::kFirefox ? "allowed_extensions" : "allowed_origins";
}

std::string AllowedValue(BrowserFamily family, const std::string& id) {
  return family == BrowserFamily::kFirefox ? id : StrCat("chrome-extension://", id, "/");
}

bool IsChromiumId(std::string_view id) {
  return id.size() == 32 && std::ranges::all_of(id, [](char c) { return c >= 'a' && c <= 'p'; });
}

// As Firefox has it: `{8-4-4-4-12 hex}` or `[a-z0-9-._]*@[a-z0-9-._]+`, in any case.
bool IsGeckoId(std::string_view id) {
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  if (id.size() == 38 && id.front() == '{' && id.back() == '}') {
    for (size_t i = 1; i < 37; ++i) {
      const bool dash = i == 9 || i == 14 || i == 19 || i == 24;
      const char c = id[i];
      const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (dash ? c != '-' : !hex) return false;
    }
    return true;
  }
  const size_t at = id.find('@');
  return at != std::string_view::npos && at + 1 < id.size() && id.size() <= 80 &&
         std::ranges::all_of(id.substr(0, at), word) &&
         std::ranges::all_of(id.substr(at + 1), word);
}

Expected<Json> ReadObject(const fs::path& path) {
  const auto text = ReadFile(path, kManifestBytesMax);
  if (!text) return std::unexpected(text.error());
  auto json = ParseJson(*text, path.string());
  if (!json || !json->is_object()) {
    return Fail(ErrorCode::kDamaged, path.string() + " is no JSON object");
  }
  return json;
}

// Why a browser would not take the manifest; "" when it would. Firefox takes no field that it does
// not know.
std::string FormatFault(const Json& manifest, BrowserFamily family) {
  const auto text = [&](const char* field) {
    const auto value = GetString(manifest, field);
    return value && *value ? **value : std::string();
  };
  if (text("name") != kNativeHostName) return "name is not " + std::string(kNativeHostName);
  if (text("type") != "stdio") return "type is not stdio";
  if (text("description").empty()) return "description is missing";
  if (!fs::path(text("path")).is_absolute()) return "path is not absolute";
  const auto allowed = manifest.find(AllowedField(family));
  if (allowed == manifest.end() || !allowed->is_array()) {
    return StrCat(AllowedField(family), " is missing");
  }
  if (family == BrowserFamily::kFirefox) {
    for (const auto& [field, value] : manifest.items()) {
      constexpr std::array kKnown = {"name", "description", "path", "type", "allowed_extensions"};
      if (std::ranges::find(kKnown, field) == kKnown.end()) {
        return StrCat("Firefox does not accept the field ", field);
      }
    }
  }
  return {};
}

bool AllowsAny(const Json& manifest, BrowserFamily family, const ExtensionIds& ids) {
  const Json& allowed = manifest[AllowedField(family)];
  return std::ranges::any_of(ids.Of(family), [&](const std::string& id) {
    return std::ranges::find(allowed, Json(AllowedValue(family, id))) != allowed.end();
  });
}

}  // namespace

std::string ManifestFileName() { return StrCat(kNativeHostName, ".json"); }

Expected<ExtensionIds> OwnExtensionIds(const fs::path& manifests) {
  const fs::path file = manifests / "extension_key.json";
  const auto json = ReadObject(file);
  if (!json) return std::unexpected(json.error());
  const auto chromium = GetString(*json, "chromium_id");
  const auto gecko = GetString(*json, "gecko_id");
  if (!chromium || !gecko || !*chromium || !*gecko || !IsChromiumId(**chromium) ||
      !IsGeckoId(**gecko)) {
    return Fail(ErrorCode::kDamaged, file.string() + " names no extension ids");
  }
  return ExtensionIds{{**chromium}, {**gecko}};
}

Expected<void> AddExtensionId(std::string_view id, ExtensionIds& ids) {
  if (!IsChromiumId(id) && !IsGeckoId(id)) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(id,
                       " is no extension id: 32 letters a to p (Chromium), or name@domain or "
                       "{uuid} (Firefox)"));
  }
  auto& list = IsChromiumId(id) ? ids.chromium : ids.gecko;
  if (std::ranges::find(list, id) == list.end()) list.emplace_back(id);
  return {};
}

Expected<std::string> ComposeManifest(const fs::path& manifests, BrowserFamily family,
                                      const fs::path& host, const ExtensionIds& ids) {
  const fs::path file =
      manifests / (family == BrowserFamily::kFirefox ? "native_host.firefox.json"
                                                     : "native_host.chromium.json");
  auto json = ReadObject(file);
  if (!json) return std::unexpected(json.error());
  (*json)["path"] = host.string();
  Json& allowed = (*json)[AllowedField(family)] = Json::array();
  for (const std::string& id : ids.Of(family)) allowed.push_back(AllowedValue(family, id));
  if (const std::string fault = FormatFault(*json, family); !fault.empty()) {
    return Fail(ErrorCode::kDamaged, StrCat(file.string(), ": ", fault));
  }
  return DumpJson(*json, 1) + "\n";
}

std::string_view ManifestStateName(ManifestState state) {
  constexpr std::array<std::string_view, 8> kNames = {
      "missing",         "unreadable", "invalid", "host_missing", "host_not_executable",
      "wrong_extension", "other_host", "good"};
  return kNames[static_cast<size_t>(state)];
}

ManifestFinding InspectManifest(const fs::path& file, BrowserFamily family, const fs::path& host,
                                const ExtensionIds& ids) {
  struct stat info;
  if (lstat(file.c_str(), &info) != 0) return {ManifestState::kMissing, {}};
  const auto text = ReadFile(file, kManifestBytesMax);
  if (!text) return {ManifestState::kUnreadable, text.error().message};
  const auto json = ParseJson(*text, file.string());
  if (!json || !json->is_object()) return {ManifestState::kInvalid, "not a JSON object"};
  if (std::string fault = FormatFault(*json, family); !fault.empty()) {
    return {ManifestState::kInvalid, std::move(fault)};
  }
  const fs::path program = (*json)["path"].get<std::string>();
  std::error_code ec;
  if (!fs::is_regular_file(program, ec)) return {ManifestState::kHostMissing, program.string()};
  if (access(program.c_str(), X_OK) != 0) {
    return {ManifestState::kHostNotExecutable, program.string()};
  }
  if (!AllowsAny(*json, family, ids)) return {ManifestState::kWrongExtension, {}};
  if (!fs::equivalent(program, host, ec)) return {ManifestState::kOtherHost, program.string()};
  return {ManifestState::kGood, {}};
}

}  // namespace kaopu
