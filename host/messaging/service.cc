// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/service.h"

#include <cstdio>

#include "messaging/action.h"
#include "messaging/data_dates.h"

namespace kaopu {

Json Service::Hello() const {
  Json capabilities = Json::array({"hello"});
  for (const ActionRow& row : Actions()) capabilities.push_back(row.op);
  const auto& data = engine_.folders().data;
  return {{"version", KAOPU_VERSION},
          {"protocol_min", kProtocolMin},
          {"protocol_max", kProtocolMax},
          {"capabilities", std::move(capabilities)},
          {"data", data ? DataDates(*data) : Json(nullptr)},
          {"sandbox", ToJson(sandbox_)}};
}

Expected<Json> Service::Answer(Request request) {
  if (request.op == "hello") return Hello();
  auto context = engine_.Actions();
  if (!context) return std::unexpected(context.error());
  return RunAction(**context, request.op, std::move(request.body));
}

void Service::WarmUp() {
  (void)engine_.Actions();
  (void)engine_.rules().GetPolicy();
  const auto pages = engine_.rules().Pages();
  if (!pages) return;
  if (const auto ready = (*pages)->Prepare(); !ready) {
    std::fprintf(stderr, "kaopu-host: %s\n", ready.error().message.c_str());
  }
}

}  // namespace kaopu
