// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/http/registry_service.h"

#include <utility>

#include "report/seal/envelope.h"

namespace kaopu {
namespace {

constexpr size_t kSmallBody = 1024;

HttpReply ReplyOf(const Expected<Json>& answer) {
  return answer ? JsonReply(*answer) : ErrorReply(answer.error());
}

}  // namespace

std::vector<HttpRoute> RegistryRoutes(Intake& intake, const RegistryMetrics& metrics,
                                      const StaticFiles& files, const RequestRates& rates,
                                      std::function<uint64_t()> connections) {
  const auto route = [&](std::string name, std::string method, std::string path, size_t body_max,
                         auto handle) {
    return HttpRoute{.name = std::move(name),
                     .method = std::move(method),
                     .path = std::move(path),
                     .body_bytes_max = body_max,
                     .per_s = rates.per_s,
                     .burst = rates.burst,
                     .handle = std::move(handle)};
  };
  std::vector<HttpRoute> routes;
  routes.push_back(route("challenge", "GET", "/v1/challenge", 0,
                         [&intake](const ServedRequest&, const HttpAnswer& answer) {
                           answer(JsonReply(intake.Challenge()));
                         }));
  routes.push_back(route("nullifiers", "POST", "/v1/nullifiers", kSmallBody,
                         [&intake](const ServedRequest& request, const HttpAnswer& answer) {
                           answer(ReplyOf(intake.EvaluateNullifier(request.body)));
                         }));
  routes.push_back(route("reports", "POST", "/v1/reports", report::kEnvelopeBytesMax,
                         [&intake](const ServedRequest& request, HttpAnswer answer) {
                           intake.SubmitReport(request.body,
                                               [answer = std::move(answer)](Expected<Json> done) {
                                                 answer(ReplyOf(done));
                                               });
                         }));
  routes.push_back(route("withdrawals", "POST", "/v1/withdrawals", kSmallBody,
                         [&intake](const ServedRequest& request, HttpAnswer answer) {
                           intake.SubmitWithdrawal(
                               request.body, [answer = std::move(answer)](Expected<Json> done) {
                                 answer(ReplyOf(done));
                               });
                         }));
  routes.push_back({.name = "health",
                    .method = "GET",
                    .path = "/health",
                    .handle = [&intake](const ServedRequest&, const HttpAnswer& answer) {
                      if (!intake.Healthy()) {
                        return answer(ErrorReply(
                            {ErrorCode::kUnavailable, "the last commit failed; see the log"}));
                      }
                      answer(JsonReply({{"status", "ok"},
                                        {"store", intake.store_kind()},
                                        {"entries", intake.counts().entries.load()}}));
                    }});
  routes.push_back({.name = "metrics",
                    .method = "GET",
                    .path = "/metrics",
                    .handle = [&intake, &metrics, connections = std::move(connections)](
                                  const ServedRequest&, const HttpAnswer& answer) {
                      answer({.type = "text/plain; version=0.0.4; charset=utf-8",
                              .body = metrics.Text(intake, connections()),
                              .headers = {{"Cache-Control", "no-store"}}});
                    }});
  routes.push_back({.name = "files",
                    .method = "GET",
                    .per_s = rates.files_per_s,
                    .burst = rates.files_burst,
                    .handle = [&files](const ServedRequest& request, const HttpAnswer& answer) {
                      answer(files.Get(request));
                    }});
  return routes;
}

}  // namespace kaopu
