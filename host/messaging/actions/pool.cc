// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The registries chosen and how their last sync went: pool_status; pool_sync and range_fetch, which
// only ask the launcher (launcher.h) to run `kaopu sync`; range_preview, what the second reveals.
#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/wire.h"
#include "pool/pool_folder.h"
#include "pool/range_set.h"

namespace kaopu {
namespace {

constexpr size_t kRegistryIdChars = 16;

SyncRun AskLauncher(const ActionContext& context, const SyncAsk& ask) {
  return context.ask_launcher ? context.ask_launcher(ask) : SyncRun{};
}

// Null where nothing was started yet.
Json LastRunJson(const ActionContext& context) {
  const SyncRun run = AskLauncher(context, {.registry = {}, .seller = {}, .only_look = true});
  if (run.state == SyncRun::State::kNone) return nullptr;
  const bool ended = run.state == SyncRun::State::kEnded;
  return {{"running", !ended}, {"exit_code", ended ? Json(run.exit_code) : Json(nullptr)}};
}

struct RangeAsk {
  pool::Registry registry;
  std::string seller;  // as pages give it
};

Expected<RangeAsk> ReadRangeAsk(ActionContext& context, const Json& request) {
  Fields fields(request, context);
  const std::string id = fields.RequiredText("registry_id", kRegistryIdChars);
  std::string seller = fields.RequiredNewSellerKey("seller_key");
  if (fields.error()) return std::unexpected(*fields.error());
  if (!pool::IsRegistryId(id)) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("registry_id: ", Quoted(id), " is none; expected 16 hex digits"));
  }
  auto registry = pool::ReadRegistry(context.home, id);
  if (!registry) return std::unexpected(registry.error());
  if (registry->settings.ranges == pool::RangeUse::kOff) {
    return Fail(ErrorCode::kConflict,
                StrCat("registry_id: of ", id, " no ranges are taken: its whole index answers"));
  }
  return RangeAsk{std::move(*registry), std::move(seller)};
}

}  // namespace

Expected<Json> RunPoolStatus(ActionContext& context, Json&) {
  Json list = Json::array();
  for (const pool::Registry& registry : pool::ListRegistries(context.home)) {
    const pool::SyncState& state = registry.state;
    Json alarm = nullptr;
    if (state.alarm) {
      alarm = {{"kind", state.alarm->kind},
               {"message", state.alarm->message},
               {"since_ms", state.alarm->since.time_since_epoch().count()}};
    }
    const bool checked = state.checked_at != TimeMs{};
    list.push_back({{"id", registry.id},
                    {"name", registry.info.name},
                    {"origin", registry.info.origin},
                    {"url", registry.info.url},
                    {"trust", registry.settings.trust},
                    {"publish", state.publish},
                    {"as_of", DayOrNull(state.as_of)},
                    {"entries", state.entries},
                    {"sellers", state.sellers},
                    {"ranges", pool::RangeUseName(registry.settings.ranges)},
                    {"checked_at_ms",
                     checked ? Json(state.checked_at.time_since_epoch().count()) : Json(nullptr)},
                    {"alarm", std::move(alarm)}});
  }
  return Json{{"registries", std::move(list)},
              {"timer", pool::HasTimer(context.home)},
              {"run", LastRunJson(context)}};
}

Expected<Json> RunPoolSync(ActionContext& context, Json&) {
  return Json{{"started", AskLauncher(context, {}).state == SyncRun::State::kRunning}};
}

// As `kaopu sync --range` says it, as far as it is known before the registry is asked.
Expected<Json> RunRangePreview(ActionContext& context, Json& request) {
  const auto ask = ReadRangeAsk(context, request);
  if (!ask) return std::unexpected(ask.error());
  const pool::Registry& registry = ask->registry;
  Json reply = {{"registry", {{"id", registry.id}, {"name", registry.info.name}}},
                {"seller_key", ask->seller}};
  auto set = pool::ReadRangeSet(pool::PoolFolder(context.home) / registry.id);
  if (!set && set.error().code != ErrorCode::kNotFound) return std::unexpected(set.error());
  if (!set) {
    // Nothing was drawn yet: how it is cut is only seen when it is asked.
    constexpr size_t kDrawn = pool::kRangeGroups * pool::kRangesAGroup;
    reply.update(
        {{"fetched", kDrawn}, {"fresh", kDrawn}, {"ranges", nullptr}, {"sellers", nullptr}});
    return reply;
  }
  const uint64_t ranges = uint64_t{1} << set->bits, sellers = registry.state.sellers;
  const size_t fresh =
      set->Want(ask->seller, std::chrono::floor<std::chrono::days>(context.clock.Now()));
  reply.update({{"fetched", set->All().size()},
                {"fresh", fresh},
                {"ranges", ranges},
                {"sellers", sellers == 0 ? Json(nullptr) : Json((sellers + ranges - 1) / ranges)}});
  return reply;
}

Expected<Json> RunRangeFetch(ActionContext& context, Json& request) {
  const auto ask = ReadRangeAsk(context, request);
  if (!ask) return std::unexpected(ask.error());
  const SyncRun run = AskLauncher(
      context, {.registry = ask->registry.id, .seller = ask->seller, .only_look = false});
  const char* state = run.state == SyncRun::State::kRunning ? "running"
                      : run.state == SyncRun::State::kBusy  ? "busy"
                                                            : "none";
  return Json{{"state", state}};
}

}  // namespace kaopu
