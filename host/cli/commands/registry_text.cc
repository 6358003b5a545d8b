// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/commands/registry_text.h"

#include <array>
#include <cstdio>

#include "base/str_cat.h"

namespace kaopu {
namespace {

int64_t Ms(TimeMs time) { return time.time_since_epoch().count(); }

}  // namespace

Json RegistryJson(const pool::Registry& registry) {
  const pool::SyncState& state = registry.state;
  Json alarm = nullptr;
  if (state.alarm) {
    alarm = {{"kind", state.alarm->kind},
             {"message", state.alarm->message},
             {"since_ms", Ms(state.alarm->since)}};
  }
  return {
      {"id", registry.id},
      {"name", registry.info.name},
      {"origin", registry.info.origin},
      {"url", registry.info.url},
      {"log_key", registry.info.log_key},
      {"publish", state.publish},
      {"as_of", state.as_of ? Json(FormatDate(*state.as_of)) : Json(nullptr)},
      {"entries", state.entries},
      {"sellers", state.sellers},
      {"checked_at_ms", state.checked_at == TimeMs{} ? Json(nullptr) : Json(Ms(state.checked_at))},
      {"alarm", std::move(alarm)},
      {"trust", registry.settings.trust},
      {"witnesses", registry.settings.witnesses},
      {"proxy", registry.settings.proxy},
      {"index_mb_max", registry.settings.index_mb_max},
      {"ranges", pool::RangeUseName(registry.settings.ranges)}};
}

Json SyncedJson(const pool::SyncedRegistry& synced) {
  Json one = RegistryJson(synced.registry);
  one["updated"] = synced.updated;
  one["bytes"] = synced.bytes;
  one["note"] = synced.note ? Json(*synced.note) : Json(nullptr);
  Json problems = Json::array();
  for (const Error& problem : synced.problems) {
    problems.push_back({{"code", ErrorCodeName(problem.code)}, {"message", problem.message}});
  }
  one["problems"] = std::move(problems);
  return one;
}

std::string BytesText(uint64_t bytes, const Words& words) {
  if (bytes < 1000) return words.Of(StrCat(bytes, " bytes"));
  std::array<char, 40> text{};
  const bool mega = bytes >= 1'000'000;
  std::snprintf(text.data(), text.size(), "%.1f %s",
                static_cast<double>(bytes) / (mega ? 1e6 : 1e3), mega ? "MB" : "kB");
  return text.data();
}

std::string RegistryText(const pool::Registry& registry, const Words& words) {
  const pool::SyncState& state = registry.state;
  const auto line = [&](std::string text) { return "  " + words.Of(TerminalSafe(text)) + "\n"; };
  std::string text = TerminalSafe(registry.info.name) + "\n";
  text += line(StrCat("id: ", registry.id));
  text += line(StrCat("address: ", registry.info.url));
  text += line(StrCat("key: ", registry.info.log_key));
  text += state.publish == 0 ? line("index: none yet")
                             : line(StrCat("index: publish ", state.publish, " of ",
                                           state.as_of ? FormatDate(*state.as_of) : "?",
                                           ", sellers: ", state.sellers));
  if (state.checked_at != TimeMs{}) {
    text += line(StrCat("asked last: ", FormatTime(state.checked_at)));
  }
  const pool::RegistrySettings& settings = registry.settings;
  text += settings.trust == 0 ? line("trust: off, its reports count for nothing")
                              : line(StrCat("trust: ", settings.trust, " %"));
  if (settings.ranges != pool::RangeUse::kOff) {
    text += line(settings.ranges == pool::RangeUse::kAsked
                     ? "ranges: only when you ask for a seller"
                     : "ranges: at every sync, in place of the whole index");
  }
  for (const std::string& witness : settings.witnesses) text += line(StrCat("witness: ", witness));
  if (!settings.proxy.empty()) text += line(StrCat("proxy: ", settings.proxy));
  if (state.alarm) {
    text += line(StrCat("ALARM since ",
                        FormatDate(std::chrono::floor<std::chrono::days>(state.alarm->since)), ": ",
                        state.alarm->message));
  }
  return text;
}

std::string SyncedText(const pool::SyncedRegistry& synced, const Words& words) {
  const pool::SyncState& state = synced.registry.state;
  const std::string name = TerminalSafe(synced.registry.info.name);
  std::string text;
  const auto line = [&](std::string_view said) {
    text += name + words.Of(": ") + words.Of(TerminalSafe(std::string(said))) + "\n";
  };
  const bool failed = !synced.problems.empty();
  // Ranges that are fetched when asked for: the note says so.
  const bool newer_is_left =
      synced.registry.settings.ranges == pool::RangeUse::kAsked && synced.note.has_value();
  if (state.alarm) {
    line(StrCat("ALARM since ",
                FormatDate(std::chrono::floor<std::chrono::days>(state.alarm->since)), ": ",
                state.alarm->message));
    if (state.publish != 0) line("the last good index stays in use");
  }
  const std::string what =
      StrCat("publish ", state.publish, " of ", state.as_of ? FormatDate(*state.as_of) : "?",
             ", sellers: ", state.sellers);
  if (synced.updated) {
    line(StrCat("new on this disk: ", what, ", fetched: ", BytesText(synced.bytes, words)));
  } else if (!state.alarm && !failed && !newer_is_left) {
    line(state.publish == 0 ? std::string("nothing is published yet")
                            : StrCat("nothing newer than ", what));
  }
  if (synced.note) line(*synced.note);
  for (const Error& problem : synced.problems) line(problem.message);
  return text;
}

Expected<std::unique_ptr<HttpClient>> RegistryClient(const std::string& proxy) {
  // No version: it would tell shoppers apart.
  return MakeHttpClient({.user_agent = "kaopu", .proxy = proxy});
}

Expected<std::string> ProxyOf(const std::optional<std::string>& said, const std::string& set) {
  if (!said) return set;
  if (*said == "none") return std::string();
  for (const char* scheme : {"http://", "https://", "socks5h://", "socks5://"}) {
    if (said->starts_with(scheme) && said->size() > std::string_view(scheme).size()) return *said;
  }
  return Fail(ErrorCode::kBadRequest,
              StrCat("\"", *said,
                     "\" is no address of a proxy, such as socks5h://127.0.0.1:9050 or "
                     "http://host:port; none = no proxy"));
}

}  // namespace kaopu
