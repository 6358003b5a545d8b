// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/send.h"

#include <sodium.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/str_cat.h"
#include "pool/net/registry_answers.h"
#include "report/seal/envelope.h"
#include "report/seal/purchase_proof.h"

namespace kaopu::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr milliseconds kRequestMax = minutes(1);
constexpr milliseconds kDelayMax = std::chrono::hours(12);
constexpr int kRoundsMax = 4;  // of a report that other programs keep changing, or of challenges

// Why a step did not succeed.
struct Failure {
  enum class Kind {
    kLater,      // the registry or the way to it
    kFinal,      // this registry will never take these bytes
    kChallenge,  // the work is stale: it knows no such report
    kStopped,    // by the shopper
    kOwn,        // our side: ends the run
    kChanged,    // another program changed the report meanwhile: look again
  };
  Kind kind = Kind::kLater;
  Error error;
  std::optional<seconds> retry_after;
  bool forbidden = false;    // status 403: maybe the registry's challenge key is another by now
  bool unreachable = false;  // no answer at all
};
template <typename T>
using Try = std::expected<T, Failure>;

std::unexpected<Failure> Fails(Failure::Kind kind, Error error) {
  return std::unexpected(Failure{.kind = kind, .error = std::move(error)});
}
std::unexpected<Failure> Own(Error error) { return Fails(Failure::Kind::kOwn, std::move(error)); }

// Errors of the store: kConflict means look again.
std::unexpected<Failure> OfStore(Error error) {
  const bool changed = error.code == ErrorCode::kConflict || error.code == ErrorCode::kNotFound;
  return Fails(changed ? Failure::Kind::kChanged : Failure::Kind::kOwn, std::move(error));
}

bool IsPending(const ReportRecord& row) {
  return row.state == ReportState::kWaiting || row.state == ReportState::kWithdrawing;
}

// A proof that the registry would refuse the report for, such as one for a key that was made anew
// since.
Expected<void> ProofFits(std::string_view proof, const report::Envelope& envelope,
                         const report::Report& report) {
  const auto note = tlog::Note::Parse(proof);
  if (!note) return std::unexpected(note.error());
  const auto said = report::PurchaseProof::Parse(note->text);
  if (!said) return std::unexpected(said.error());
  const auto other = said->Mismatch(envelope.key, envelope.nullifier, report.seller, report.week);
  if (!other) return {};
  return Fail(ErrorCode::kConflict,
              StrCat("its proof of purchase is for another ", *other,
                     " than yours by now; share the order anew, then attach the proof again"));
}

class Sender {
 public:
  Sender(const Registry& registry, HttpClient& client, Store& store, ReporterKey& key,
         const Clock& clock, const SendOptions& options)
      : registry_(registry),
        client_(client),
        store_(store),
        key_(key),
        clock_(clock),
        options_(options),
        base_(registry.info.url) {
    while (base_.ends_with('/')) base_.pop_back();
    base_ += registry.info.api;
  }

  Expected<SendResult> Run();
  Expected<EvaluatedOrder> Evaluate(const ReportRecord& row);

 private:
  using Kind = Failure::Kind;

  Expected<void> ReadKeys();
  Expected<std::vector<int64_t>> Pending() const;

  // One report, in its newest state, to its end or to a failure.
  Try<void> Settle(int64_t report_id);
  Try<void> Deliver(ReportRecord row);
  Try<void> Withdraw(ReportRecord row);

  // Sealed, with work done, on disk.
  Try<report::Envelope> SealAndKeep(ReportRecord& row);
  Try<report::Envelope> AddWork(ReportRecord& row, report::Envelope envelope);
  Try<EvaluatedOrder> OrderOf(const ReportRecord& row);
  Try<std::pair<report::Challenge, uint64_t>> Work(int64_t report_id, std::string_view what);
  // The receipt for an envelope; `may_renew`: with new work where the old one is stale.
  Try<Receipt> Post(ReportRecord& row, bool may_renew);
  Try<void> KeepReceipt(ReportRecord row, const Receipt& receipt);
  void Keep(const Receipt& receipt, ReportRecord& row) const;

  Try<std::string> Ask(const std::string& path, std::optional<std::string> body, bool may_refuse);
  Expected<void> NoteFailure(int64_t report_id, const Failure& failure);
  void Tell(SendStep step) const {
    if (options_.on_step) options_.on_step(step);
  }
  bool Stopped() const { return options_.stop != nullptr && options_.stop->load(); }
  Try<report::ReporterSeed> Seed(bool make);
  double Jitter() const {
    return options_.jitter ? options_.jitter() : randombytes_uniform(1'000'001) / 1e6;
  }

  const Registry& registry_;
  HttpClient& client_;
  Store& store_;
  ReporterKey& key_;
  const Clock& clock_;
  const SendOptions& options_;
  std::string base_;
  tlog::VerifierKey log_;
  report::Element nullifier_key_{};
  std::optional<report::ReporterSeed> seed_;
  SendResult result_;
};

Expected<void> Sender::ReadKeys() {
  Expected<tlog::VerifierKey> log = tlog::VerifierKey::Parse(registry_.info.log_key);
  if (!log) return std::unexpected(log.error());
  if (log->name != registry_.info.origin) {
    return Fail(ErrorCode::kDamaged,
                StrCat("registry ", registry_.id, ": its log's key is of another name"));
  }
  log_ = std::move(*log);
  const auto element = report::BytesFromText<32>(registry_.info.nullifier_key);
  if (!element) {
    return Fail(ErrorCode::kDamaged, StrCat("registry ", registry_.id, ": nullifier_key is none"));
  }
  nullifier_key_ = *element;
  return {};
}

// Oldest first: what is said of an order goes in the order in which it was said.
Expected<std::vector<int64_t>> Sender::Pending() const {
  const Expected<std::vector<ReportRecord>> reports = store_.Reports();
  if (!reports) return std::unexpected(reports.error());
  std::vector<int64_t> ids;
  for (const ReportRecord& row : *reports) {
    if (row.registry_id == registry_.id && IsPending(row)) ids.push_back(row.report_id);
  }
  std::ranges::sort(ids);
  return ids;
}

Expected<SendResult> Sender::Run() {
  const Expected<std::vector<int64_t>> pending = Pending();
  if (!pending) return std::unexpected(pending.error());
  if (pending->empty()) return result_;
  if (const Expected<void> read = ReadKeys(); !read) return std::unexpected(read.error());
  std::set<std::pair<std::string, std::string>> held;  // orders of which something older waits
  int unreachable = 0;
  for (const int64_t id : *pending) {
    if (Stopped()) break;
    const Expected<ReportRecord> row = store_.GetReport(id);
    if (!row) {
      if (row.error().code == ErrorCode::kNotFound) continue;  // deleted meanwhile
      return std::unexpected(row.error());
    }
    if (!IsPending(*row)) continue;
    const std::pair order(row->platform, row->order_id);
    const bool due = options_.now || row->next_try_at <= clock_.Now();
    if (!due || held.contains(order) || unreachable >= 2) {
      held.insert(order);
      ++result_.later;
      continue;
    }
    const Try<void> settled = Settle(id);
    if (settled) {
      unreachable = 0;
      continue;
    }
    const Failure& failure = settled.error();
    if (failure.kind == Kind::kOwn) return std::unexpected(failure.error);
    if (failure.kind == Kind::kStopped) break;
    unreachable = failure.unreachable ? unreachable + 1 : 0;
    if (failure.kind != Kind::kFinal) held.insert(order);
    if (const Expected<void> noted = NoteFailure(id, failure); !noted) {
      return std::unexpected(noted.error());
    }
  }
  return result_;
}

Expected<EvaluatedOrder> Sender::Evaluate(const ReportRecord& row) {
  if (const Expected<void> read = ReadKeys(); !read) return std::unexpected(read.error());
  Try<EvaluatedOrder> order = OrderOf(row);
  if (!order) return std::unexpected(std::move(order.error().error));
  return *order;
}

Try<void> Sender::Settle(int64_t report_id) {
  Failure last;
  for (int round = 0; round < kRoundsMax; ++round) {
    Expected<ReportRecord> row = store_.GetReport(report_id);
    if (!row) {
      if (row.error().code == ErrorCode::kNotFound) return {};
      return Own(row.error());
    }
    if (!IsPending(*row)) return {};
    Try<void> done =
        row->state == ReportState::kWaiting ? Deliver(std::move(*row)) : Withdraw(std::move(*row));
    if (done || done.error().kind != Kind::kChanged) return done;
    last = done.error();
  }
  last.kind = Kind::kLater;
  return std::unexpected(last);
}

Try<std::string> Sender::Ask(const std::string& path, std::optional<std::string> body,
                             bool may_refuse) {
  if (Stopped()) return Fails(Kind::kStopped, {ErrorCode::kTimeout, "stopped"});
  const auto response = client_.Send({.url = base_ + path,
                                      .body = std::move(body),
                                      .bytes_max = kAnswerBytesMax,
                                      .time_max = kRequestMax});
  if (!response) {
    Failure failure{.kind = Kind::kLater, .error = response.error()};
    failure.unreachable = response.error().code == ErrorCode::kUnavailable ||
                          response.error().code == ErrorCode::kTimeout;
    return std::unexpected(failure);
  }
  if (response->status == 200) return response->body;
  Failure failure{.kind = Kind::kLater, .error = ReadRefusal(response->status, response->body)};
  failure.retry_after = response->retry_after;
  const int status = response->status;
  // Only what a registry itself says is believed to be its last word.
  const ErrorCode code = failure.error.code;
  if (may_refuse && code == ErrorCode::kTimeout && status == 408) failure.kind = Kind::kChallenge;
  if (may_refuse && ((code == ErrorCode::kBadRequest && status == 400) ||
                     (code == ErrorCode::kForbidden && status == 403) ||
                     (code == ErrorCode::kConflict && status == 409) ||
                     (code == ErrorCode::kTooLarge && status == 413))) {
    failure.kind = Kind::kFinal;
    failure.forbidden = code == ErrorCode::kForbidden;
  }
  return std::unexpected(failure);
}

Try<report::ReporterSeed> Sender::Seed(bool make) {
  if (seed_) return *seed_;
  if (make) {
    const Expected<report::ReporterSeed> seed = key_.FindOrMake();
    if (!seed) return Own(seed.error());
    seed_ = *seed;
  } else {
    const Expected<std::optional<report::ReporterSeed>> seed = key_.Find();
    if (!seed) return Own(seed.error());
    if (!*seed) {
      return Fails(Kind::kLater, {ErrorCode::kNotFound,
                                  "the key that it was signed with is gone: only who has it can "
                                  "take the report back"});
    }
    seed_ = **seed;
  }
  return *seed_;
}

Try<std::pair<report::Challenge, uint64_t>> Sender::Work(int64_t report_id, std::string_view what) {
  const Try<std::string> body = Ask("/challenge", std::nullopt, false);
  if (!body) return std::unexpected(body.error());
  const Expected<report::Challenge> challenge = ReadChallengeAnswer(*body);
  if (!challenge) return Fails(Kind::kLater, challenge.error());
  if (challenge->bits > kSendBitsMax) {
    return Fails(Kind::kLater, {ErrorCode::kLimit,
                                StrCat("the registry asks for much work now (", challenge->bits,
                                       " bits; at most ", kSendBitsMax, " are done)")});
  }
  Tell({.kind = SendStep::Kind::kWorking, .report_id = report_id, .bits = challenge->bits});
  const std::optional<uint64_t> solution = report::Solve(*challenge, what, options_.stop);
  if (!solution) return Fails(Kind::kStopped, {ErrorCode::kTimeout, "stopped"});
  return std::pair(*challenge, *solution);
}

Try<EvaluatedOrder> Sender::OrderOf(const ReportRecord& row) {
  const std::string input = report::NullifierInput(row.platform, row.order_id);
  const report::Blinded blinded = report::BlindInput(input);
  const std::string element = report::BytesToText(blinded.element);
  const auto work = Work(row.report_id, element);
  if (!work) return std::unexpected(work.error());
  const Try<std::string> body = Ask("/nullifiers",
                                    DumpJson({{"v", 1},
                                              {"blinded", element},
                                              {"challenge", work->first.text},
                                              {"solution", work->second}}),
                                    false);
  if (!body) return std::unexpected(body.error());
  const Expected<report::Evaluation> evaluation = ReadNullifierAnswer(*body);
  if (!evaluation) return Fails(Kind::kLater, evaluation.error());
  const auto value = report::Finalize(input, blinded, *evaluation, nullifier_key_);
  if (!value) {
    return Fails(
        Kind::kLater,
        {ErrorCode::kDamaged,
         "the registry used another key for this order than it uses for everybody: nothing "
         "was sent"});
  }
  return EvaluatedOrder{blinded.blind, *evaluation, report::NullifierOf(*value)};
}

Try<report::Envelope> Sender::AddWork(ReportRecord& row, report::Envelope envelope) {
  const auto work = Work(row.report_id, envelope.report);
  if (!work) return std::unexpected(work.error());
  envelope.challenge = work->first.text;
  envelope.solution = work->second;
  row.envelope = envelope.ToText();
  row.posted = true;  // from here on it may have arrived, whatever is heard
  Expected<ReportRecord> kept = store_.PutReport(row, clock_.Now());
  if (!kept) return OfStore(kept.error());
  row = std::move(*kept);
  return envelope;
}

Try<report::Envelope> Sender::SealAndKeep(ReportRecord& row) {
  const Expected<report::Report> report = report::Report::Parse(row.report);
  if (!report) return Fails(Kind::kFinal, report.error());
  const Try<report::ReporterSeed> seed = Seed(true);
  if (!seed) return std::unexpected(seed.error());
  const Try<EvaluatedOrder> order = OrderOf(row);
  if (!order) return std::unexpected(order.error());
  Expected<report::Envelope> envelope =
      report::Seal(*seed, registry_.info.origin, *report, order->nullifier);
  if (!envelope) return Fails(Kind::kFinal, envelope.error());
  if (row.proof) {
    const Expected<void> fits = ProofFits(*row.proof, *envelope, *report);
    if (!fits) return Fails(Kind::kFinal, fits.error());
    envelope->proof = row.proof;
  }
  if (envelope->report != row.report) {
    return Own({ErrorCode::kInternal, "a report was not sealed as it was agreed to"});
  }
  return AddWork(row, std::move(*envelope));
}

Try<Receipt> Sender::Post(ReportRecord& row, bool may_renew) {
  Expected<report::Envelope> kept = report::Envelope::Parse(row.envelope.value_or(""));
  if (!kept)
    return Own({ErrorCode::kDamaged,
                StrCat("report ", row.report_id, ": its sealed form cannot be read")});
  report::Envelope envelope = std::move(*kept);
  for (int round = 0;; ++round) {
    Tell({.kind = SendStep::Kind::kSending, .report_id = row.report_id});
    Try<std::string> body = Ask("/reports", envelope.ToText(), true);
    if (body) {
      Expected<Receipt> receipt = ReadReportAnswer(*body, envelope, log_);
      if (!receipt) return Fails(Kind::kLater, receipt.error());
      return std::move(*receipt);
    }
    // Stale work, or a registry whose own key for challenges is another by now.
    const bool stale =
        body.error().kind == Kind::kChallenge || (body.error().forbidden && round == 0);
    if (!stale || !may_renew || round + 1 >= kRoundsMax) {
      if (may_renew && body.error().kind == Kind::kChallenge) {
        body.error().kind = Kind::kLater;
      }
      return std::unexpected(body.error());
    }
    Try<report::Envelope> renewed = AddWork(row, std::move(envelope));
    if (!renewed) return std::unexpected(renewed.error());
    envelope = std::move(*renewed);
  }
}

void Sender::Keep(const Receipt& receipt, ReportRecord& row) const {
  row.entry = static_cast<int64_t>(receipt.entry);
  row.weight_class = receipt.weight_class;
  row.content = receipt.content;
  row.salt = receipt.salt;
  row.receipt = receipt.proof;
  row.covered = false;
  row.sent_at = clock_.Now();
  row.tries = 0;
  row.next_try_at = clock_.Now();
  row.last_error.reset();
}

// Whatever another program did to the report meanwhile stays, but that it arrived is kept.
Try<void> Sender::KeepReceipt(ReportRecord row, const Receipt& receipt) {
  for (int round = 0; round < kRoundsMax; ++round) {
    Keep(receipt, row);
    if (row.state == ReportState::kWaiting) row.state = ReportState::kSent;
    std::vector<ReportRecord> changed = {row};
    const Expected<std::vector<ReportRecord>> all = store_.Reports();
    if (!all) return Own(all.error());
    for (ReportRecord earlier : *all) {
      const bool older_word =
          earlier.registry_id == row.registry_id && earlier.platform == row.platform &&
          earlier.order_id == row.order_id && earlier.report_id < row.report_id &&
          earlier.state == ReportState::kSent && !earlier.replaced_by;
      if (!older_word) continue;
      earlier.replaced_by = row.report_id;
      changed.push_back(std::move(earlier));
    }
    const auto kept = store_.PutReports(std::move(changed), clock_.Now());
    if (kept) {
      if (kept->front().state == ReportState::kSent) {
        ++result_.sent;
        Tell({.kind = SendStep::Kind::kSent, .report_id = row.report_id});
        return {};
      }
      return Fails(Kind::kChanged, {ErrorCode::kConflict, "taken back while it was sent"});
    }
    if (kept.error().code != ErrorCode::kConflict) return OfStore(kept.error());
    Expected<ReportRecord> now_is = store_.GetReport(row.report_id);
    if (!now_is) return OfStore(now_is.error());
    row = std::move(*now_is);
    if (!IsPending(row)) return Fails(Kind::kChanged, kept.error());
  }
  return Fails(Kind::kChanged, {ErrorCode::kConflict, "the report keeps changing"});
}

Try<void> Sender::Deliver(ReportRecord row) {
  if (!row.envelope) {
    const Try<report::Envelope> sealed = SealAndKeep(row);
    if (!sealed) return std::unexpected(sealed.error());
  }
  const Try<Receipt> receipt = Post(row, true);
  if (!receipt) return std::unexpected(receipt.error());
  return KeepReceipt(std::move(row), *receipt);
}

Try<void> Sender::Withdraw(ReportRecord row) {
  const auto gone = [&](std::optional<uint64_t> removal) -> Try<void> {
    row.state = ReportState::kWithdrawn;
    if (removal) row.removal = static_cast<int64_t>(*removal);
    row.tries = 0;
    row.last_error.reset();
    if (const auto kept = store_.PutReport(row, clock_.Now()); !kept) return OfStore(kept.error());
    ++result_.withdrawn;
    Tell({.kind = SendStep::Kind::kWithdrawn, .report_id = row.report_id});
    return {};
  };
  if (!row.entry) {
    const Expected<report::Envelope> envelope = report::Envelope::Parse(row.envelope.value_or(""));
    if (!row.posted || !envelope) return gone(std::nullopt);
    // Asked for only once its work is stale: a registry that has it answers all the same, and one
    // that has it not no longer takes it.
    const Expected<report::Challenge> challenge = report::ParseChallenge(envelope->challenge);
    if (challenge && clock_.Now() <= challenge->expires) {
      Failure wait{.kind = Kind::kLater,
                   .error = {ErrorCode::kUnavailable,
                             "it may be on its way still; the registry is asked in some minutes"}};
      wait.retry_after = std::chrono::ceil<seconds>(challenge->expires - clock_.Now()) + seconds(1);
      return std::unexpected(wait);
    }
    const Try<Receipt> receipt = Post(row, false);
    if (receipt) {
      Keep(*receipt, row);
      Expected<ReportRecord> kept = store_.PutReport(row, clock_.Now());
      if (!kept) return OfStore(kept.error());
      row = std::move(*kept);
    } else if (receipt.error().kind == Kind::kChallenge || receipt.error().kind == Kind::kFinal) {
      return gone(std::nullopt);
    } else {
      return std::unexpected(receipt.error());
    }
  }
  const Try<report::ReporterSeed> seed = Seed(false);
  if (!seed) return std::unexpected(seed.error());
  const uint64_t entry = static_cast<uint64_t>(*row.entry);
  const auto key = report::SigningKey::OfSeller(*seed, registry_.info.origin, row.seller_key);
  const report::Withdrawal withdrawal{
      entry, key.key(), key.Sign(report::WithdrawalSigned(registry_.info.origin, entry))};
  const Try<std::string> body = Ask("/withdrawals", withdrawal.ToText(), false);
  if (!body) return std::unexpected(body.error());
  const Expected<uint64_t> removal = ReadWithdrawalAnswer(*body, entry);
  if (!removal) return Fails(Kind::kLater, removal.error());
  return gone(*removal);
}

Expected<void> Sender::NoteFailure(int64_t report_id, const Failure& failure) {
  for (int round = 0; round < kRoundsMax; ++round) {
    Expected<ReportRecord> row = store_.GetReport(report_id);
    if (!row) {
      if (row.error().code == ErrorCode::kNotFound) return {};
      return std::unexpected(row.error());
    }
    if (!IsPending(*row)) return {};
    const bool refused = failure.kind == Kind::kFinal && row->state == ReportState::kWaiting;
    row->last_error = failure.error.message;
    if (refused) {
      row->state = ReportState::kRefused;
    } else {
      milliseconds delay = DelayAfter(row->tries, Jitter());
      if (failure.retry_after) delay = std::max<milliseconds>(delay, *failure.retry_after);
      ++row->tries;
      row->next_try_at = clock_.Now() + delay;
    }
    if (const auto kept = store_.PutReport(*row, clock_.Now()); !kept) {
      if (kept.error().code == ErrorCode::kConflict) continue;
      return std::unexpected(kept.error());
    }
    ++(refused ? result_.refused : result_.later);
    Tell({.kind = refused ? SendStep::Kind::kRefused : SendStep::Kind::kLater,
          .report_id = report_id,
          .message = failure.error.message});
    return {};
  }
  return {};
}

}  // namespace

std::chrono::milliseconds DelayAfter(int64_t tries, double jitter) {
  const int doublings = static_cast<int>(std::clamp<int64_t>(tries, 0, 20));
  const milliseconds plain = std::min<milliseconds>(kDelayMax, minutes(1) * (1 << doublings));
  return plain + std::chrono::round<milliseconds>(plain * std::clamp(jitter, 0.0, 1.0) / 2);
}

Expected<EvaluatedOrder> EvaluateOrder(const Registry& registry, HttpClient& client, Store& store,
                                       ReporterKey& key, const Clock& clock,
                                       const SendOptions& options, const ReportRecord& row) {
  return Sender(registry, client, store, key, clock, options).Evaluate(row);
}

Expected<SendResult> SendReports(const Registry& registry, HttpClient& client, Store& store,
                                 ReporterKey& key, const Clock& clock, const SendOptions& options) {
  return Sender(registry, client, store, key, clock, options).Run();
}

}  // namespace kaopu::pool
