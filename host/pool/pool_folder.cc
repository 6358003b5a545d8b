// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/pool_folder.h"

#include <algorithm>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;  // WIRE, DISK
constexpr size_t kNameBytesMax = 200;
constexpr size_t kUrlBytesMax = 2000;
constexpr size_t kStateBytesMax = 16 * 1024;
constexpr size_t kLinkBytesMax = 4096;
constexpr std::string_view kRangeUses[] = {"off", "asked", "scheduled"};

Expected<Json> ReadObject(std::string_view text, std::string_view what, size_t bytes_max) {
  if (text.size() > bytes_max) {
    return Fail(ErrorCode::kTooLarge,
                StrCat(what, ": ", text.size(), " bytes; at most ", bytes_max));
  }
  Expected<Json> object = ParseJson(text, what, 8);
  if (!object) return object;
  if (!object->is_object()) return Fail(ErrorCode::kBadRequest, StrCat(what, ": no JSON object"));
  const Expected<std::optional<int64_t>> version = GetInt(*object, "v");
  if (!version) return std::unexpected(version.error());
  if (*version != kVersion) {
    return Fail(
        *version && **version > kVersion ? ErrorCode::kUnsupported : ErrorCode::kBadRequest,
        StrCat(what, ": version ", version->value_or(0), "; this side reads version ", kVersion));
  }
  return object;
}

bool IsPlain(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

int64_t Ms(TimeMs time) { return time.time_since_epoch().count(); }

Expected<uint64_t> Count(const Json& object, std::string_view field) {
  const Expected<std::optional<int64_t>> number = GetInt(object, field);
  if (!number) return std::unexpected(number.error());
  if (number->value_or(0) < 0) {
    return Fail(ErrorCode::kBadRequest, StrCat(field, ": less than 0"));
  }
  return static_cast<uint64_t>(number->value_or(0));
}

}  // namespace

std::string RegistryInfo::ToText() const {
  Json object = {{"v", kVersion},
                 {"origin", origin},
                 {"name", name},
                 {"log_key", log_key},
                 {"operator_key", operator_key},
                 {"nullifier_key", nullifier_key},
                 {"work_bits", work_bits},
                 {"api", api}};
  if (!url.empty()) object["url"] = url;
  return DumpJson(object, 1) + "\n";
}

Expected<RegistryInfo> RegistryInfo::Parse(std::string_view text) {
  const Expected<Json> object = ReadObject(text, "registry.json", kRegistryFileBytesMax);
  if (!object) return std::unexpected(object.error());
  RegistryInfo out;
  for (const auto& [field, into, bytes_max] :
       {std::tuple{"origin", &out.origin, size_t{128}},
        {"name", &out.name, kNameBytesMax},
        {"log_key", &out.log_key, size_t{300}},
        {"operator_key", &out.operator_key, size_t{300}},
        {"nullifier_key", &out.nullifier_key, size_t{100}}}) {
    Expected<std::string> value = RequireString(*object, field);
    if (!value) return std::unexpected(value.error());
    if (value->empty() || value->size() > bytes_max || !IsPlain(*value)) {
      return Fail(ErrorCode::kBadRequest, StrCat("registry.json: ", field, ": 1 to ", bytes_max,
                                                 " bytes without control characters"));
    }
    *into = std::move(*value);
  }
  const Expected<std::optional<int64_t>> bits = GetInt(*object, "work_bits");
  if (!bits) return std::unexpected(bits.error());
  if (bits->value_or(0) < 0 || bits->value_or(0) > 64) {
    return Fail(ErrorCode::kBadRequest, "registry.json: work_bits: 0 to 64");
  }
  out.work_bits = static_cast<int>(bits->value_or(0));
  const Expected<std::optional<std::string>> api = GetString(*object, "api"),
                                             url = GetString(*object, "url");
  if (!api) return std::unexpected(api.error());
  if (!url) return std::unexpected(url.error());
  out.api = api->value_or("/v1");
  // A path below the registry's own address, never another place.
  if (!out.api.starts_with('/') || out.api.starts_with("//") || out.api.size() > 100 ||
      std::ranges::any_of(out.api, [](unsigned char c) {
        return !(std::isalnum(c) != 0 || c == '/' || c == '-' || c == '_');
      })) {
    return Fail(ErrorCode::kBadRequest, "registry.json: api: a path such as /v1");
  }
  out.url = url->value_or("");
  if (out.url.size() > kUrlBytesMax || !IsPlain(out.url)) {
    return Fail(ErrorCode::kBadRequest, "registry.json: url: no address");
  }
  return out;
}

std::string SyncState::ToText() const {
  Json object = {
      {"v", kVersion},      {"checked_at_ms", Ms(checked_at)},
      {"publish", publish}, {"as_of", as_of ? Json(FormatDate(*as_of)) : Json(nullptr)},
      {"entries", entries}, {"sellers", sellers},
      {"ranges", ranges},   {"index_entry", index_entry ? Json(*index_entry) : Json(nullptr)},
      {"alarm", nullptr}};
  if (alarm) {
    object["alarm"] = {
        {"kind", alarm->kind}, {"message", alarm->message}, {"since_ms", Ms(alarm->since)}};
  }
  return DumpJson(object, 1) + "\n";
}

Expected<SyncState> SyncState::Parse(std::string_view text) {
  const Expected<Json> object = ReadObject(text, "sync.json", kStateBytesMax);
  if (!object) return std::unexpected(object.error());
  SyncState out;
  const Expected<std::optional<int64_t>> checked = GetInt(*object, "checked_at_ms");
  if (!checked) return std::unexpected(checked.error());
  out.checked_at = TimeMs(std::chrono::milliseconds(checked->value_or(0)));
  for (const auto& [field, into] :
       {std::pair{"publish", &out.publish}, {"entries", &out.entries}, {"sellers", &out.sellers}}) {
    const Expected<uint64_t> number = Count(*object, field);
    if (!number) return std::unexpected(number.error());
    *into = *number;
  }
  const Expected<std::optional<bool>> ranges = GetBool(*object, "ranges");
  if (!ranges) return std::unexpected(ranges.error());
  out.ranges = ranges->value_or(false);
  const Expected<std::optional<std::string>> as_of = GetString(*object, "as_of");
  if (!as_of) return std::unexpected(as_of.error());
  if (*as_of) {
    out.as_of = ParseDate(**as_of);
    if (!out.as_of) return Fail(ErrorCode::kBadRequest, "sync.json: as_of: no date");
  }
  if (const auto entry = object->find("index_entry"); entry != object->end() && !entry->is_null()) {
    const Expected<uint64_t> number = Count(*object, "index_entry");
    if (!number) return std::unexpected(number.error());
    out.index_entry = *number;
  }
  const auto alarm = object->find("alarm");
  if (alarm == object->end() || alarm->is_null()) return out;
  if (!alarm->is_object()) return Fail(ErrorCode::kBadRequest, "sync.json: alarm: no object");
  const Expected<std::string> kind = RequireString(*alarm, "kind"),
                              message = RequireString(*alarm, "message");
  const Expected<std::optional<int64_t>> since = GetInt(*alarm, "since_ms");
  if (!kind) return std::unexpected(kind.error());
  if (!message) return std::unexpected(message.error());
  if (!since) return std::unexpected(since.error());
  out.alarm = Alarm{*kind, *message, TimeMs(std::chrono::milliseconds(since->value_or(0)))};
  return out;
}

std::string_view RangeUseName(RangeUse use) { return kRangeUses[static_cast<size_t>(use)]; }

std::optional<RangeUse> RangeUseOf(std::string_view name) {
  const auto at = std::ranges::find(kRangeUses, name);
  if (at == std::end(kRangeUses)) return std::nullopt;
  return static_cast<RangeUse>(at - kRangeUses);
}

std::string RegistrySettings::ToText() const {
  const Json object = {{"v", kVersion},
                       {"trust", trust},
                       {"witnesses", witnesses},
                       {"proxy", proxy},
                       {"index_mb_max", index_mb_max},
                       {"ranges", RangeUseName(ranges)}};
  return DumpJson(object, 1) + "\n";
}

Expected<RegistrySettings> RegistrySettings::Parse(std::string_view text) {
  const Expected<Json> object = ReadObject(text, "settings.json", kStateBytesMax);
  if (!object) return std::unexpected(object.error());
  RegistrySettings out;
  for (const auto& [field, into, least, most] :
       {std::tuple{"trust", &out.trust, 0, 100},
        {"index_mb_max", &out.index_mb_max, 1, kIndexMbMax}}) {
    const Expected<std::optional<int64_t>> number = GetInt(*object, field);
    if (!number) return std::unexpected(number.error());
    const int64_t value = number->value_or(*into);
    if (value < least || value > most) {
      return Fail(ErrorCode::kBadRequest,
                  StrCat("settings.json: ", field, ": ", least, " to ", most));
    }
    *into = static_cast<int>(value);
  }
  const Expected<std::optional<std::string>> proxy = GetString(*object, "proxy");
  if (!proxy) return std::unexpected(proxy.error());
  out.proxy = proxy->value_or("");
  if (out.proxy.size() > kUrlBytesMax || !IsPlain(out.proxy)) {
    return Fail(ErrorCode::kBadRequest, "settings.json: proxy: no address");
  }
  const Expected<std::optional<std::string>> ranges = GetString(*object, "ranges");
  if (!ranges) return std::unexpected(ranges.error());
  const auto use = RangeUseOf(ranges->value_or("off"));
  if (!use) {
    return Fail(ErrorCode::kBadRequest, "settings.json: ranges: off, asked or scheduled");
  }
  out.ranges = *use;
  const auto witnesses = object->find("witnesses");
  if (witnesses == object->end()) return out;
  if (!witnesses->is_array() || witnesses->size() > kWitnessesMax) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("settings.json: witnesses: a list of at most ", kWitnessesMax));
  }
  for (const Json& one : *witnesses) {
    if (!one.is_string() || one.get_ref<const std::string&>().size() > 300) {
      return Fail(ErrorCode::kBadRequest, "settings.json: witnesses: keys of at most 300 bytes");
    }
    out.witnesses.push_back(one.get<std::string>());
  }
  return out;
}

fs::path PoolFolder(const fs::path& home) { return home / "pool"; }

bool IsRegistryId(std::string_view text) {
  return text.size() == 16 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Expected<Registry> ReadRegistry(const fs::path& home, std::string_view id) {
  if (!IsRegistryId(id)) {
    return Fail(ErrorCode::kNotFound, StrCat("no registry is known as \"", id.substr(0, 40), "\""));
  }
  const fs::path folder = PoolFolder(home) / id;
  const Expected<std::string> text = ReadFile(folder / "registry.json", kRegistryFileBytesMax);
  if (!text) {
    if (text.error().code != ErrorCode::kNotFound) return std::unexpected(text.error());
    return Fail(ErrorCode::kNotFound, StrCat("no registry is known as \"", id, "\""));
  }
  Expected<RegistryInfo> info = RegistryInfo::Parse(*text);
  if (!info) {
    return Fail(ErrorCode::kDamaged,
                StrCat((folder / "registry.json").string(), ": ", info.error().message));
  }
  Registry out{std::string(id), std::move(*info), {}, {}};
  const Expected<std::string> chosen = ReadFile(folder / "settings.json", kStateBytesMax);
  if (chosen) {
    Expected<RegistrySettings> settings = RegistrySettings::Parse(*chosen);
    if (!settings) {
      return Fail(ErrorCode::kDamaged,
                  StrCat((folder / "settings.json").string(), ": ", settings.error().message));
    }
    out.settings = std::move(*settings);
  } else if (chosen.error().code != ErrorCode::kNotFound) {
    return std::unexpected(chosen.error());
  }
  if (const Expected<std::string> state = ReadFile(folder / "sync.json", kStateBytesMax)) {
    // What cannot be read is made anew by the next sync.
    if (Expected<SyncState> parsed = SyncState::Parse(*state)) out.state = std::move(*parsed);
  }
  return out;
}

std::vector<std::string> RegistryIds(const fs::path& home) {
  std::vector<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator at(PoolFolder(home), error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (IsRegistryId(name)) ids.push_back(name);
  }
  std::ranges::sort(ids);
  if (ids.size() > kRegistriesMax) ids.resize(kRegistriesMax);
  return ids;
}

std::vector<Registry> ListRegistries(const fs::path& home, std::string* problem) {
  std::vector<Registry> registries;
  for (const std::string& id : RegistryIds(home)) {
    Expected<Registry> registry = ReadRegistry(home, id);
    if (registry) {
      registries.push_back(std::move(*registry));
    } else if (problem != nullptr && registry.error().code != ErrorCode::kNotFound) {
      *problem = registry.error().message;
    }
  }
  return registries;
}

fs::path TimerMark(const fs::path& home) { return PoolFolder(home) / "timer"; }

bool HasTimer(const fs::path& home) {
  const Expected<std::string> link = ReadFile(TimerMark(home), kLinkBytesMax);
  if (!link) return false;
  std::error_code error;
  return fs::symlink_status(*link, error).type() != fs::file_type::not_found;
}

}  // namespace kaopu::pool
