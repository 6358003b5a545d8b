// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The registries chosen and how their last sync went: pool_status; pool_sync, which only asks the
// launcher (launcher.h) to run `kaopu sync`.
#include "messaging/actions/handlers.h"
#include "messaging/actions/wire.h"
#include "pool/pool_folder.h"

namespace kaopu {

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
  return Json{{"registries", std::move(list)}, {"timer", pool::HasTimer(context.home)}};
}

Expected<Json> RunPoolSync(ActionContext& context, Json&) {
  return Json{{"started", context.start_sync && context.start_sync()}};
}

}  // namespace kaopu
