// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/intake/intake.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "base/str_cat.h"
#include "report/seal/log_entry.h"
#include "reputation/outcome.h"

namespace kaopu {
namespace {

using std::chrono::steady_clock;

constexpr int kDearerMax = 8;  // bits above the plain price: 256 times the work
constexpr std::chrono::minutes kForgetEvery{1};
constexpr std::chrono::seconds kTryAgainEvery{1};
constexpr const char* kWithdrawn = "withdrawn";

std::unexpected<Error> Stopping() {
  return Fail(ErrorCode::kUnavailable, "the registry is stopping; send it again in a minute");
}

Json ReportAnswer(uint64_t entry, const std::string& content, const report::Salt& salt,
                  std::string_view weight_class) {
  return {{"v", 1},
          {"entry", entry},
          {"class", weight_class},
          {"content", content},
          {"salt", report::BytesToText(salt)}};
}

report::Salt NewSalt() {
  report::Salt salt;
  randombytes_buf(salt.data(), salt.size());
  return salt;
}

}  // namespace

Intake::Intake(const RegistryFolder& folder, TrustPolicy policy, const Clock& clock,
               IntakeOptions options)
    : folder_(folder),
      rules_{folder.identity().origin, folder.keys().challenge, std::move(policy),
             options.attester_keys},
      clock_(clock),
      options_(std::move(options)),
      load_(folder.identity().work_bits,
            std::min(report::kWorkBitsMax, folder.identity().work_bits + kDearerMax),
            options_.usual_per_s) {}

Intake::~Intake() { Drain(); }

Expected<std::unique_ptr<Intake>> Intake::Start(const RegistryFolder& folder, TrustPolicy policy,
                                                const Clock& clock, IntakeOptions options) {
  std::unique_ptr<Intake> intake(new Intake(folder, std::move(policy), clock, std::move(options)));
  if (const auto opened = intake->Open(); !opened) return std::unexpected(opened.error());
  intake->writer_ = std::thread([raw = intake.get()] { raw->Run(); });
  return intake;
}

Expected<void> Intake::Open() {
  auto store = folder_.OpenStore();
  if (!store) return std::unexpected(store.error());
  store_ = std::move(*store);
  store_kind_ = store_->kind();
  if (const auto alone = store_->ServeAlone(); !alone) return alone;
  log_ = folder_.OpenLog(*store_);
  return CatchUp();
}

Expected<void> Intake::CatchUp() {
  const auto size = store_->Size();
  if (!size) return std::unexpected(size.error());
  if (const auto whole = log_->Integrate(*size); !whole) return whole;
  counts_.entries = *size;
  if (standing_) return {};
  auto standing = Standing::Load(rules_.policy.pool, *store_);
  if (!standing) return std::unexpected(standing.error());
  standing_.emplace(std::move(*standing));
  return {};
}

Json Intake::Challenge() {
  load_.Count();
  const report::Challenge made = report::MakeChallenge(rules_.challenge_key, load_.Bits(),
                                                       clock_.Now() + options_.challenge_holds);
  return {{"challenge", made.text},
          {"bits", made.bits},
          {"expires_at_ms", made.expires.time_since_epoch().count()}};
}

Expected<Json> Intake::EvaluateNullifier(std::string_view body) {
  report::Challenge challenge;
  const TimeMs now = clock_.Now();
  const auto element = CheckNullifierRequest(body, rules_, now, challenge);
  if (!element) return std::unexpected(element.error());
  {
    const std::lock_guard lock(mutex_);
    if (!used_.try_emplace(challenge.id, challenge.expires).second) {
      return Fail(ErrorCode::kTimeout, "challenge: it was used before; ask for a new one");
    }
  }
  const auto evaluated = report::EvaluateBlinded(folder_.keys().nullifier, *element);
  if (!evaluated)
    return Fail(evaluated.error().code, StrCat("blinded: ", evaluated.error().message));
  return Json{{"evaluated", report::BytesToText(evaluated->element)},
              {"proof", report::BytesToText(evaluated->proof)}};
}

void Intake::SubmitReport(std::string_view body, Answer answer) {
  auto checked = CheckReportRequest(body, rules_, clock_.Now());
  if (!checked) return answer(std::unexpected(checked.error()));
  Enqueue({std::move(*checked), std::move(answer)});
}

void Intake::SubmitWithdrawal(std::string_view body, Answer answer) {
  auto checked = CheckWithdrawalRequest(body, rules_.origin);
  if (!checked) return answer(std::unexpected(checked.error()));
  Enqueue({*checked, std::move(answer)});
}

void Intake::Enqueue(Pending pending) {
  {
    std::unique_lock lock(mutex_);
    if (stopping_) {
      lock.unlock();
      return pending.answer(Stopping());
    }
    if (queue_.size() >= options_.queue_max) {
      lock.unlock();
      return pending.answer(
          Fail(ErrorCode::kUnavailable, "more has come than can be written; send it again soon"));
    }
    queue_.push_back(std::move(pending));
    counts_.waiting = queue_.size();
  }
  filled_.notify_one();
}

void Intake::Run() {
  while (true) {
    std::vector<Pending> batch;
    {
      std::unique_lock lock(mutex_);
      const auto woken = [&] { return stopping_ || !queue_.empty(); };
      if (healthy_) {
        filled_.wait(lock, woken);
      } else {
        filled_.wait_for(lock, kTryAgainEvery, woken);
      }
      if (queue_.empty() && stopping_) return;
      const size_t count = std::min(queue_.size(), options_.batch_max);
      std::move(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(count),
                std::back_inserter(batch));
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(count));
      counts_.waiting = queue_.size();
    }
    if (!healthy_ && !Recover()) {
      Refuse(batch);
    } else if (!batch.empty()) {
      Commit(batch);
    }
  }
}

// A write of its own, soon forgotten, tells whether writing works again: where /health says no,
// nobody may be sending.
Expected<void> Intake::Recover() {
  std::array<uint8_t, 16> id;
  randombytes_buf(id.data(), id.size());
  const auto written = store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    const auto used = batch.UseChallenge(report::BytesToText(id), clock_.Now());
    return used ? Expected<void>() : std::unexpected(used.error());
  });
  if (!written) return written;
  if (const auto caught_up = CatchUp(); !caught_up) return caught_up;
  healthy_ = true;
  if (options_.on_recovered) options_.on_recovered();
  return {};
}

// What is in the database already is answered when it is sent again.
void Intake::Refuse(std::vector<Pending>& batch) {
  if (batch.empty()) return;
  ++counts_.failed_batches;
  for (Pending& pending : batch) {
    pending.answer(Fail(ErrorCode::kUnavailable, "the registry cannot write now; send it again"));
  }
}

Expected<void> Intake::Foresee(RegistryBatch& batch, const std::vector<Pending>& pending) const {
  std::vector<report::Nullifier> orders;
  std::vector<std::string_view> challenges;
  for (const Pending& one : pending) {
    if (const auto* report = std::get_if<CheckedReport>(&one.request)) {
      orders.push_back(report->envelope.nullifier);
      challenges.push_back(report->challenge.id);
    }
  }
  return batch.Foresee(orders, challenges);
}

void Intake::Commit(std::vector<Pending>& batch) {
  const auto began = steady_clock::now();
  const TimeMs now = clock_.Now();
  std::vector<Expected<Decision>> decisions;
  decisions.reserve(batch.size());
  uint64_t before = 0, size = 0;
  Expected<void> done = store_->Write([&](RegistryBatch& transaction) -> Expected<void> {
    before = transaction.Size();
    if (const auto foreseen = Foresee(transaction, batch); !foreseen) return foreseen;
    for (const Pending& pending : batch) {
      auto decision = Decide(transaction, pending, now);
      if (!decision) return std::unexpected(decision.error());
      decisions.push_back(std::move(*decision));
    }
    size = transaction.Size();
    return {};
  });
  if (!done) {
    standing_.reset();
  } else {
    done = log_->Integrate(size);
  }
  counts_.commit_us += static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began).count());
  ++counts_.batches;
  healthy_ = done.has_value();
  if (!done) {
    if (options_.on_error) options_.on_error("commit_failed", done.error());
    return Refuse(batch);
  }
  counts_.entries = log_->size();
  if (now - forgot_at_ > kForgetEvery || now < forgot_at_) {
    forgot_at_ = now;
    if (const auto forgot = store_->ForgetChallenges(now); !forgot && options_.on_error) {
      options_.on_error("forget_failed", forgot.error());
    }
  }
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!decisions[i]) {
      batch[i].answer(std::unexpected(decisions[i].error()));
      continue;
    }
    const std::optional<uint64_t> removed = decisions[i]->removed;
    if (removed && options_.on_removed) options_.on_removed(*removed);
    if (removed) ++counts_.withdrawn;
    auto body = Finish(std::move(*decisions[i]), before, size);
    if (body) ++counts_.committed;
    batch[i].answer(std::move(body));
  }
}

Expected<Json> Intake::Finish(Decision decision, uint64_t begin, uint64_t end) {
  if (!decision.receipt_of) return std::move(decision.body);
  const uint64_t entry = *decision.receipt_of;
  const auto batch_end = entry >= begin ? Expected<uint64_t>(end) : store_->BatchEndOf(entry);
  auto receipt = batch_end ? log_->Receipt(entry, *batch_end) : std::unexpected(batch_end.error());
  if (!receipt) {
    if (options_.on_error) options_.on_error("receipt_failed", receipt.error());
    return Fail(ErrorCode::kUnavailable, "the receipt cannot be made now; send it again");
  }
  decision.body["receipt"] = std::move(*receipt);
  return std::move(decision.body);
}

Expected<Expected<Intake::Decision>> Intake::Decide(RegistryBatch& batch, const Pending& pending,
                                                    TimeMs now) {
  if (const auto* report = std::get_if<CheckedReport>(&pending.request)) {
    return DecideReport(batch, *report, now);
  }
  return DecideWithdrawal(batch, std::get<report::Withdrawal>(pending.request), now);
}

Expected<Expected<Intake::Decision>> Intake::DecideReport(RegistryBatch& batch,
                                                          const CheckedReport& checked,
                                                          TimeMs now) {
  const report::Envelope& envelope = checked.envelope;
  const auto refuse = [](ErrorCode code, std::string message) -> Expected<Decision> {
    return Fail(code, std::move(message));
  };
  const auto told = batch.ReportsOfOrder(envelope.nullifier);
  if (!told) return std::unexpected(told.error());
  const StoredReport* last = nullptr;  // this reporter's
  bool somebody_else = false;
  for (const StoredReport& one : *told) {
    if (one.reporter != envelope.reporter) {
      somebody_else |= !one.duplicate && !one.removal;
      continue;
    }
    last = &one;
    if (one.identity != checked.identity) continue;
    if (one.removal) {
      return refuse(ErrorCode::kConflict,
                    StrCat("report: entry ", one.entry, " was removed (", one.removed_reason,
                           "); a new word on the order needs a higher revision"));
    }
    const auto content = report::Content::Parse(one.content);
    if (!content) return std::unexpected(content.error());
    return Decision{ReportAnswer(one.entry, one.content, one.salt,
                                 report::WeightClassName(content->weight_class)),
                    one.entry, std::nullopt};
  }
  if (checked.expired) {
    return refuse(ErrorCode::kTimeout, "challenge: it has expired; ask for a new one");
  }
  const auto fresh = batch.UseChallenge(checked.challenge.id, checked.challenge.expires);
  if (!fresh) return std::unexpected(fresh.error());
  if (!*fresh) {
    return refuse(ErrorCode::kTimeout, "challenge: it was used before; ask for a new one");
  }
  std::optional<report::Content> before;
  if (last != nullptr) {
    if (checked.report.revision <= last->revision) {
      return refuse(ErrorCode::kConflict, StrCat("revision: ", checked.report.revision,
                                                 ", but this order's report has revision ",
                                                 last->revision, " (entry ", last->entry, ")"));
    }
    if (last->key != envelope.key) {
      return refuse(ErrorCode::kConflict, "seller: the order's report is about another seller");
    }
    if (!last->removal) {
      auto content = report::Content::Parse(last->content);
      if (!content) return std::unexpected(content.error());
      before = std::move(*content);
    }
  }
  if (checked.report.enrolled && checked.report.outcome != OutcomeKind::kOpen) {
    const auto earlier =
        before ? report::Report::Parse(before->report) : Expected<report::Report>(report::Report{});
    if (!earlier) return std::unexpected(earlier.error());
    if (!earlier->enrolled) {
      return refuse(ErrorCode::kBadRequest,
                    "enrolled: only an order that was told of while it was open is one");
    }
  }

  StoredReport stored;
  stored.entry = batch.Size();
  stored.received_at = now;
  stored.seller = checked.report.seller;
  stored.salt = NewSalt();
  stored.key = envelope.key;
  stored.reporter = envelope.reporter;
  stored.nullifier = envelope.nullifier;
  stored.identity = checked.identity;
  stored.revision = checked.report.revision;
  if (last != nullptr) stored.replaces = last->entry;
  stored.duplicate = last != nullptr ? last->duplicate : somebody_else;
  stored.proven = checked.proven || (before && last->proven);
  stored.bad = IsBad(checked.report.outcome);
  report::Content content{.report = envelope.report,
                          .key = envelope.key,
                          .signature = envelope.signature,
                          .replaces = stored.replaces};
  // An order moves its reporter's standing once; once more where only now it is proven. What it was
  // judged to be, the words that follow are.
  bool inherited = false;
  if (before && !IsCensored(report::Report::Parse(before->report)->outcome)) {
    inherited = last->proven || !checked.proven;
  }
  if (inherited) {
    content.weight_class = before->weight_class;
    content.weight = before->weight;
    content.aged = before->aged;
  } else if (!IsCensored(checked.report.outcome)) {
    const Judgement judgement =
        standing_->Judge(envelope.reporter, stored.seller, stored.bad, stored.proven, now);
    content.weight_class = judgement.weight_class;
    content.weight = judgement.weight;
    content.aged = judgement.aged;
    stored.judged = true;
  }
  stored.content = content.ToText();
  const auto entry = batch.Append(report::ReportEntry(stored.salt, stored.content), now);
  if (!entry) return std::unexpected(entry.error());
  if (const auto added = batch.AddReport(stored); !added) return std::unexpected(added.error());
  return Decision{ReportAnswer(stored.entry, stored.content, stored.salt,
                               report::WeightClassName(content.weight_class)),
                  stored.entry, std::nullopt};
}

Expected<Expected<Intake::Decision>> Intake::DecideWithdrawal(RegistryBatch& batch,
                                                              const report::Withdrawal& withdrawal,
                                                              TimeMs now) {
  const auto found = batch.FindReport(withdrawal.entry);
  if (!found) return std::unexpected(found.error());
  if (!*found) {
    return Expected<Decision>(
        Fail(ErrorCode::kNotFound, StrCat("entry ", withdrawal.entry, " is no report's")));
  }
  const StoredReport& report = **found;
  if (report.key != withdrawal.key) {
    return Expected<Decision>(Fail(
        ErrorCode::kForbidden, StrCat("entry ", withdrawal.entry, " was signed by another key")));
  }
  const auto answer = [&](uint64_t removal) {
    return Json{{"v", 1}, {"entry", withdrawal.entry}, {"removal", removal}};
  };
  if (report.removal) return Decision{answer(*report.removal), std::nullopt, std::nullopt};
  const std::string entry = report::OperatorEntry{
      "removal",
      {{"entry", withdrawal.entry},
       {"reason", kWithdrawn},
       {"on", FormatDate(std::chrono::floor<std::chrono::days>(
                  now))}}}.ToEntry(folder_.keys().operator_key);
  const auto removal = batch.Append(entry, now);
  if (!removal) return std::unexpected(removal.error());
  const auto removed = batch.Remove(withdrawal.entry, *removal, kWithdrawn);
  if (!removed) return std::unexpected(removed.error());
  return Decision{answer(*removal), std::nullopt, withdrawal.entry};
}

void Intake::Tick(std::chrono::milliseconds elapsed) {
  load_.Tick(elapsed);
  const std::lock_guard lock(mutex_);
  const TimeMs now = clock_.Now();
  std::erase_if(used_, [&](const auto& one) { return one.second < now; });
}

void Intake::Drain() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_all();
  if (writer_.joinable()) writer_.join();
}

}  // namespace kaopu
