// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/send.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/files.h"
#include "pool/net/registry_answers.h"
#include "support/fake_registry.h"
#include "support/child.h"

namespace kaopu::pool {
namespace {

using kaopu::testing::FakeRegistry;
using std::chrono::minutes;
using ::testing::HasSubstr;

class SendTest : public ::testing::Test {
 protected:
  SendTest() : store_(Store::Open(home_.path()).value()), registry_(fake_.AsKnown()) {}

  ReportRecord Queue(const std::string& order, uint32_t revision = 0,
                     OutcomeKind outcome = OutcomeKind::kNeverShipped) {
    ReportRecord row;
    row.registry_id = registry_.id;
    row.seller_key = "jd:1000";
    row.report = report::Report{.seller = "jd:1000",
                                .week = {2026, 40},
                                .outcome = outcome,
                                .promised_days = 2,
                                .known_days = 12,
                                .revision = revision}
                     .ToText();
    row.platform = "jd";
    row.order_id = order;
    row.next_try_at = row.agreed_at = clock_.Now();
    auto kept = store_.PutReport(row, clock_.Now());
    EXPECT_TRUE(kept) << kept.error().message;
    return *kept;
  }
  SendResult Send(SendOptions options = {}) {
    if (!options.jitter) options.jitter = [] { return 0.0; };
    options.on_step = [this](const SendStep& step) { steps_.push_back(step); };
    const auto result = SendReports(registry_, fake_, store_, key_, clock_, options);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(SendResult{});
  }
  ReportRecord Row(int64_t id) { return store_.GetReport(id).value(); }
  void Withdraw(int64_t id) {
    ReportRecord row = Row(id);
    row.state = ReportState::kWithdrawing;
    row.next_try_at = clock_.Now();
    ASSERT_TRUE(store_.PutReport(row, clock_.Now()));
  }
  // Changes the registry's answer to a report.
  void Forge(std::function<void(Json&)> change) {
    fake_.change = [change](const std::string& path, HttpResponse response) {
      if (path == "/v1/reports" && response.status == 200) {
        Json body = Json::parse(response.body);
        change(body);
        response.body = body.dump();
      }
      return Expected<HttpResponse>(response);
    };
  }

  kaopu::testing::TempFolder home_;
  FakeClock clock_{ParseTime("2026-11-23T12:00:00Z").value()};
  Store store_;
  FakeRegistry fake_{clock_};
  Registry registry_;
  ReporterKey key_{home_.path(), nullptr};
  std::vector<SendStep> steps_;
};

TEST_F(SendTest, NothingToSendAsksNothingAndMakesNoKey) {
  Send();
  EXPECT_TRUE(fake_.asked.empty());
  EXPECT_FALSE(*key_.Find());
}

TEST_F(SendTest, WhatWaitsIsSentOnceAndItsReceiptKept) {
  fake_.bits = 4;
  const ReportRecord queued = Queue("900");
  EXPECT_EQ(Send().sent, 1);
  const ReportRecord row = Row(queued.report_id);
  EXPECT_EQ(row.state, ReportState::kSent);
  EXPECT_EQ(row.weight_class, "pool");
  ASSERT_EQ(fake_.kept.size(), 1u);
  EXPECT_EQ(row.entry, static_cast<int64_t>(fake_.kept[0].entry));
  EXPECT_EQ(fake_.kept[0].envelope.report, queued.report);
  EXPECT_TRUE(CheckReceipt(*row.entry, *row.content, *row.salt, *row.receipt,
                           *tlog::VerifierKey::Parse(registry_.info.log_key)));
  EXPECT_EQ(row.sent_at, clock_.Now());
  // The order number leaves in no form.
  for (const std::string& body : fake_.envelopes)
    EXPECT_EQ(body.find("\"900\""), std::string::npos);
  EXPECT_EQ(steps_.back().kind, SendStep::Kind::kSent);
  const size_t asked = fake_.asked.size();
  Send();
  EXPECT_EQ(fake_.asked.size(), asked);
}

TEST_F(SendTest, CutOffAfterTheCommitTheVerySameBytesAreAskedFor) {
  const int64_t id = Queue("900").report_id;
  fake_.change = [](const std::string& path, HttpResponse response) -> Expected<HttpResponse> {
    if (path == "/v1/reports") return Fail(ErrorCode::kUnavailable, "the line went dead");
    return response;
  };
  EXPECT_EQ(Send().later, 1);
  EXPECT_EQ(Row(id).state, ReportState::kWaiting);
  EXPECT_TRUE(Row(id).posted);
  EXPECT_THAT(*Row(id).last_error, HasSubstr("line went dead"));
  EXPECT_EQ(Row(id).next_try_at - clock_.Now(), minutes(1));
  EXPECT_EQ(Send().later, 1);  // not yet due
  EXPECT_EQ(fake_.envelopes.size(), 1u);
  fake_.change = nullptr;
  clock_.Advance(minutes(20));  // its challenge is stale by then: a registry that has it answers
  EXPECT_EQ(Send().sent, 1);
  ASSERT_EQ(fake_.envelopes.size(), 2u);
  EXPECT_EQ(fake_.envelopes[0], fake_.envelopes[1]);
  EXPECT_EQ(fake_.kept.size(), 1u);
  EXPECT_EQ(Row(id).tries, 0);
  EXPECT_FALSE(Row(id).last_error);
}

TEST_F(SendTest, WhatNeverArrivedIsSentAgainWithNewWork) {
  const int64_t id = Queue("900").report_id;
  bool down = true;
  // Never reaches the registry at all.
  class Down : public HttpClient {
   public:
    Down(FakeRegistry& fake, bool& down) : fake_(fake), down_(down) {}
    Expected<HttpResponse> Send(const HttpRequest& request) override {
      if (down_ && request.url.ends_with("/reports")) return Fail(ErrorCode::kTimeout, "too slow");
      return fake_.Send(request);
    }

   private:
    FakeRegistry& fake_;
    bool& down_;
  } client(fake_, down);
  ASSERT_TRUE(SendReports(registry_, client, store_, key_, clock_, {}));
  down = false;
  clock_.Advance(std::chrono::hours(3));
  EXPECT_EQ(Send().sent, 1);
  EXPECT_EQ(fake_.kept.size(), 1u);
  EXPECT_EQ(Row(id).state, ReportState::kSent);
}

TEST_F(SendTest, KilledAnywhereNothingIsLostOrDoubled) {
  // A kill is an exception that passes through; the store is opened anew as by another process.
  struct Killed {};
  for (size_t at = 0; at < 12; ++at) {
    const std::string order = "k" + std::to_string(at);
    const int64_t id = Queue(order).report_id;
    const size_t kept_before = fake_.kept.size();
    size_t seen = 0;
    const auto kill = [&](const std::string&) {
      if (seen++ == at) throw Killed();
    };
    fake_.before = kill;
    fake_.after_commit = kill;
    try {
      Send({.now = true});
    } catch (const Killed&) {
    }
    fake_.before = fake_.after_commit = nullptr;
    store_ = Store::Open(home_.path()).value();
    Send({.now = true});
    EXPECT_EQ(Row(id).state, ReportState::kSent) << at;
    EXPECT_EQ(fake_.kept.size(), kept_before + 1) << at;
  }
}

TEST_F(SendTest, ForgedReceiptsAreNotBelieved) {
  const int64_t id = Queue("900").report_id;
  const auto stranger = tlog::SignerKey::Generate(FakeRegistry::kOrigin, tlog::KeyKind::kEd25519);
  const std::vector<std::pair<const char*, std::function<void(Json&)>>> lies = {
      {"entry", [](Json& body) { body["entry"] = body["entry"].get<int>() + 1; }},
      {"class", [](Json& body) { body["class"] = "trusted"; }},
      {"salt", [](Json& body) { body["salt"] = report::BytesToText(report::Salt{}); }},
      {"receipt", [](Json& body) { body["receipt"] = "c2sp.org/tlog-proof@v1\n"; }},
      {"receipt of another log",
       [&](Json& body) { body["receipt"] = fake_.Receipt(1, &*stranger); }},
      {"receipt of another entry", [&](Json& body) { body["receipt"] = fake_.Receipt(0); }},
      {"content",
       [&](Json& body) {
         auto content = report::Content::Parse(body["content"].get<std::string>()).value();
         auto said = report::Report::Parse(content.report).value();
         said.outcome = OutcomeKind::kOnTime;
         content.report = said.ToText();
         body["content"] = content.ToText();
       }},
      {"nothing", [](Json& body) { body = Json::object(); }},
      {"long", [](Json& body) { body["more"] = std::string(100'000, 'x'); }}};
  for (const auto& [name, lie] : lies) {
    Forge(lie);
    EXPECT_EQ(Send({.now = true}).sent, 0) << name;
    EXPECT_EQ(Row(id).state, ReportState::kWaiting) << name;
    EXPECT_FALSE(Row(id).entry) << name;
    EXPECT_TRUE(Row(id).last_error) << name;
  }
  // Another report, logged as it should be: a proof, but not of ours.
  fake_.change = nullptr;
  const int64_t other = Queue("901", 0, OutcomeKind::kSellerCancelled).report_id;
  EXPECT_EQ(Send({.now = true}).sent, 2);
  const std::string others = *Row(other).content;
  EXPECT_NE(others, *Row(id).content);
  const auto envelope = report::Envelope::Parse(*Row(id).envelope).value();
  const ReportRecord sent = Row(other);
  const Json body = {{"entry", *sent.entry},
                     {"class", "pool"},
                     {"content", *sent.content},
                     {"salt", *sent.salt},
                     {"receipt", *sent.receipt}};
  EXPECT_THAT(
      ReadReportAnswer(body.dump(), envelope, *tlog::VerifierKey::Parse(registry_.info.log_key))
          .error()
          .message,
      HasSubstr("another report"));
}

TEST_F(SendTest, AnotherNullifierKeyThanEverybodysSendsNothing) {
  const int64_t id = Queue("900").report_id;
  fake_.other_key = true;
  fake_.evaluates_with = report::VoprfKey::Generate();
  EXPECT_EQ(Send().later, 1);
  EXPECT_TRUE(fake_.envelopes.empty());
  EXPECT_EQ(Row(id).state, ReportState::kWaiting);
  EXPECT_THAT(*Row(id).last_error, HasSubstr("another key"));
  EXPECT_FALSE(Row(id).posted);
}

TEST_F(SendTest, WhatIsRefusedForGoodIsSaidWithItsReason) {
  const int64_t id = Queue("900").report_id;
  fake_.change = [](const std::string& path, HttpResponse response) -> Expected<HttpResponse> {
    if (path != "/v1/reports") return response;
    return FakeRegistry::Refuses(400, "bad_request", "week: lies too far back\x1b[2J");
  };
  EXPECT_EQ(Send().refused, 1);
  EXPECT_EQ(Row(id).state, ReportState::kRefused);
  EXPECT_EQ(*Row(id).last_error, "week: lies too far back [2J");
  Send({.now = true});
  EXPECT_EQ(fake_.envelopes.size(), 1u);
}

TEST_F(SendTest, APageInBetweenRefusesNothing) {
  const int64_t id = Queue("900").report_id;
  for (const auto& [status, body] :
       {std::pair{403, "<html>log in to the hotel's network</html>"},
        {200, "<html>welcome</html>"},
        {404, "{\"error\":{\"code\":\"not_found\",\"message\":\"x\"}}"},
        {403, "{\"error\":{\"code\":\"unheard_of\",\"message\":\"x\"}}"},
        {503, "{\"error\":{\"code\":\"forbidden\",\"message\":\"x\"}}"},
        {400, "{\"error\":{\"code\":\"unsupported\",\"message\":\"x\"}}"}}) {
    fake_.change = [&](const std::string&, HttpResponse) -> Expected<HttpResponse> {
      return HttpResponse{.status = status, .body = body, .bytes_left = {}, .retry_after = {}};
    };
    EXPECT_EQ(Send({.now = true}).refused, 0) << body;
    EXPECT_EQ(Row(id).state, ReportState::kWaiting) << body;
  }
  fake_.change = nullptr;
  EXPECT_EQ(Send({.now = true}).sent, 1);
}

TEST_F(SendTest, WaitsAsLongAsTheRegistryAsksAndLongerEachTime) {
  const int64_t id = Queue("900").report_id;
  fake_.change = [](const std::string&, HttpResponse) -> Expected<HttpResponse> {
    auto response = FakeRegistry::Refuses(429, "limit", "too many");
    response.retry_after = std::chrono::seconds(3600);
    return response;
  };
  Send();
  EXPECT_EQ(Row(id).next_try_at - clock_.Now(), std::chrono::hours(1));
  EXPECT_EQ(DelayAfter(0, 0), minutes(1));
  EXPECT_EQ(DelayAfter(3, 0), minutes(8));
  EXPECT_EQ(DelayAfter(3, 1), minutes(12));
  EXPECT_EQ(DelayAfter(1000, 0), std::chrono::hours(12));
}

TEST_F(SendTest, AnUnreachableRegistryIsNotAskedForEachReport) {
  for (int i = 0; i < 6; ++i) Queue(std::to_string(i));
  fake_.change = [](const std::string&, HttpResponse) -> Expected<HttpResponse> {
    return Fail(ErrorCode::kUnavailable, "no connection");
  };
  EXPECT_EQ(Send().later, 6);
  EXPECT_EQ(fake_.asked.size(), 2u);
}

TEST_F(SendTest, TheHostsChangeMeanwhileIsRespected) {
  const int64_t id = Queue("900").report_id;
  // Taken back while its nullifier is made: nothing is posted.
  fake_.after_commit = [&](const std::string& path) {
    if (path != "/v1/nullifiers") return;
    ReportRecord row = Row(id);
    row.state = ReportState::kWithdrawn;
    Store other = Store::Open(home_.path()).value();
    ASSERT_TRUE(other.PutReport(row, clock_.Now()));
  };
  Send();
  EXPECT_EQ(Row(id).state, ReportState::kWithdrawn);
  EXPECT_TRUE(fake_.envelopes.empty());
  // Taken back while it is posted: it arrived, so it is withdrawn there.
  const int64_t second = Queue("901").report_id;
  fake_.after_commit = [&](const std::string& path) {
    if (path != "/v1/reports") return;
    ReportRecord row = Row(second);
    row.state = ReportState::kWithdrawing;
    Store other = Store::Open(home_.path()).value();
    ASSERT_TRUE(other.PutReport(row, clock_.Now()));
  };
  EXPECT_EQ(Send().withdrawn, 1);
  EXPECT_EQ(Row(second).state, ReportState::kWithdrawn);
  EXPECT_TRUE(Row(second).entry);
  ASSERT_EQ(fake_.kept.size(), 1u);
  EXPECT_EQ(fake_.kept[0].removal, static_cast<uint64_t>(*Row(second).removal));
}

TEST_F(SendTest, ALaterWordWaitsForTheEarlierOneAndReplacesIt) {
  const int64_t first = Queue("900").report_id;
  fake_.change = [](const std::string& path, HttpResponse response) -> Expected<HttpResponse> {
    if (path == "/v1/reports") return Fail(ErrorCode::kTimeout, "cut");
    return response;
  };
  Send();
  const int64_t second = Queue("900", 1, OutcomeKind::kLate).report_id;
  EXPECT_EQ(Send().later, 2);  // the first is not due, and so the second waits
  EXPECT_EQ(fake_.envelopes.size(), 1u);
  fake_.change = nullptr;
  EXPECT_EQ(Send({.now = true}).sent, 2);
  EXPECT_EQ(Row(first).replaced_by, second);
  EXPECT_EQ(report::Content::Parse(*Row(second).content)->replaces,
            static_cast<uint64_t>(*Row(first).entry));
  Withdraw(first);
  Withdraw(second);
  EXPECT_EQ(Send().withdrawn, 2);
  for (const auto& one : fake_.kept) EXPECT_TRUE(one.removal);
}

TEST_F(SendTest, WithdrawingWhatMayHaveArrivedSendsItNoMore) {
  const int64_t id = Queue("900").report_id;
  bool reaches = false;
  class Line : public HttpClient {
   public:
    Line(FakeRegistry& fake, bool& reaches) : fake_(fake), reaches_(reaches) {}
    Expected<HttpResponse> Send(const HttpRequest& request) override {
      if (!reaches_ && request.url.ends_with("/reports")) return Fail(ErrorCode::kTimeout, "cut");
      return fake_.Send(request);
    }

   private:
    FakeRegistry& fake_;
    bool& reaches_;
  } line(fake_, reaches);
  ASSERT_TRUE(SendReports(registry_, line, store_, key_, clock_, {}));
  reaches = true;
  Withdraw(id);
  // As long as the registry could still take it in, it is not asked.
  ASSERT_TRUE(SendReports(registry_, line, store_, key_, clock_, {}));
  EXPECT_EQ(Row(id).state, ReportState::kWithdrawing);
  EXPECT_TRUE(fake_.envelopes.empty());
  clock_.Advance(std::chrono::hours(2));
  ASSERT_TRUE(SendReports(registry_, line, store_, key_, clock_, {}));
  EXPECT_EQ(Row(id).state, ReportState::kWithdrawn);
  EXPECT_TRUE(fake_.kept.empty());
}

TEST_F(SendTest, WithoutItsKeyNothingCanBeTakenBack) {
  const int64_t id = Queue("900").report_id;
  Send();
  ASSERT_TRUE(*key_.Remove());
  Withdraw(id);
  EXPECT_EQ(Send().later, 1);
  EXPECT_THAT(*Row(id).last_error, HasSubstr("key that it was signed with is gone"));
  EXPECT_EQ(Row(id).state, ReportState::kWithdrawing);
  EXPECT_FALSE(*key_.Find());  // none is made for that
}

TEST_F(SendTest, StoppedWhileItWorksAllIsAsItWas) {
  const int64_t id = Queue("900").report_id;
  fake_.bits = 26;
  std::atomic<bool> stop = false;
  fake_.after_commit = [&](const std::string&) { stop = true; };
  Send({.stop = &stop});
  EXPECT_EQ(Row(id).turn, 0);
  EXPECT_EQ(fake_.asked.size(), 1u);
}

TEST_F(SendTest, MoreWorkThanIsReasonableIsPutOff) {
  const int64_t id = Queue("900").report_id;
  fake_.bits = 28;
  EXPECT_EQ(Send().later, 1);
  EXPECT_THAT(*Row(id).last_error, HasSubstr("28 bits"));
}

}  // namespace
}  // namespace kaopu::pool
