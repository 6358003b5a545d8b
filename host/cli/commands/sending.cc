// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/commands/sending.h"

#include <atomic>
#include <csignal>

#include "base/str_cat.h"
#include "pool/net/secret_service.h"

namespace kaopu {
namespace {

// Work of so few bits is done before anybody reads of it.
constexpr int kBitsSaid = 20;
constexpr std::chrono::seconds kPatience{60};

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

Expected<std::unique_ptr<Sending>> Sending::Open(CommandContext& context, bool now) {
  const Expected<ActionContext*> actions = context.Actions();
  if (!actions) return std::unexpected(actions.error());
  std::unique_ptr<Sending> out(new Sending);
  out->keyring_ = pool::DesktopKeyring(kPatience);
  out->key_ = std::make_unique<pool::ReporterKey>((*actions)->home, out->keyring_.get());
  pool::SendOptions options{.now = now, .stop = &interrupted, .on_step = {}, .jitter = {}};
  options.on_step = [&context](const pool::SendStep& step) {
    if (step.kind == pool::SendStep::Kind::kWorking && step.bits >= kBitsSaid) {
      context.err << context.words().Say("cli_sending_work",
                                         {{"id", step.report_id}, {"bits", step.bits}})
                  << std::endl;
    }
  };
  interrupted = false;
  std::signal(SIGINT, [](int) { interrupted = true; });
  out->partner_ = std::make_unique<pool::OutboxPartner>((*actions)->store, *out->key_,
                                                        context.clock, std::move(options));
  return out;
}

Sending::~Sending() { std::signal(SIGINT, SIG_DFL); }

Json Sending::ToJson() const {
  const pool::SendResult& result = partner_->result();
  return {{"sent", result.sent},
          {"withdrawn", result.withdrawn},
          {"refused", result.refused},
          {"later", result.later}};
}

std::string Sending::Text(const Words& words) const {
  std::string text;
  const Json counts = ToJson();
  for (const char* what : {"sent", "withdrawn", "refused", "later"}) {
    if (counts[what].get<int>() == 0) continue;
    text += words.Say(StrCat("cli_sending_", what), {{"count", counts[what]}}) + "\n";
  }
  return text;
}

}  // namespace kaopu
