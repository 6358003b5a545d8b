// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// An order's mail proves a report: shopper, attester and registry as real programs over HTTP on
// this machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <sstream>

#include "report/seal/log_entry.h"
#include "store/store.h"
#include "support/dkim_mail.h"
#include "support/registry_server.h"
#include "support/shopper_home.h"

namespace kaopu::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// `kaopu-registry attest serve`, with the platform's key pinned.
class AttesterServer {
 public:
  AttesterServer(std::filesystem::path folder, const RegistryServer& registry,
                 const std::string& dkim_keys, const std::string& name)
      : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "dkim.keys") << dkim_keys;
    const auto made = RegistryServer::Run(
        {"attest", "init", "--data", (folder_ / "data").string(), "--name", name, "--registry",
         (registry.data() / "public/registry.json").string()},
        folder_);
    EXPECT_EQ(made.code, 0) << made.err;
    const auto about =
        RegistryServer::Run({"attest", "about", "--data", (folder_ / "data").string()}, folder_);
    const size_t at = about.out.find("\nKey: ");
    EXPECT_NE(at, std::string::npos) << about.out;
    key_ = about.out.substr(at + 6, about.out.find('\n', at + 6) - at - 6);
  }
  bool Start() {
    return program_.Start(
        {RegistryServer::kProgram, "attest", "serve", "--data", folder_ / "data", "--keys",
         folder_ / "dkim.keys", "--listen", "127.0.0.1:0", "--rate", "0"},
        folder_ / "serve.log");
  }
  void Stop() { program_.Stop(); }
  std::string address() const { return StrCat("http://127.0.0.1:", program_.port()); }
  const std::string& key() const { return key_; }

 private:
  std::filesystem::path folder_;
  std::string key_;
  ListeningProgram program_;
};

class PurchaseProofCircle : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(registry_.Init().code, 0);
    attester_.emplace(folder_.path() / "attester", registry_, platform_.KeyLine(),
                      "attester.example");
    ASSERT_TRUE(attester_->Start());
    ASSERT_TRUE(registry_.Start({"--accept-attester", attester_->key()})) << registry_.Log();
  }
  ShopperHome NewHome(const std::string& name) {
    return ShopperHome(folder_.path() / name, registry_);
  }

  // The platform's mail on an order of 30 days ago.
  std::string Mail(const std::string& order = kMailOrder) const {
    const time_t noon =
        std::chrono::sys_days(placed_).time_since_epoch() / std::chrono::seconds(1) + 43'200;
    DkimSigner::How how;
    how.signed_at = static_cast<uint64_t>(noon);
    char date[64];
    std::tm parts{};
    std::strftime(date, sizeof date, "%a, %d %b %Y %T +0000", gmtime_r(&noon, &parts));
    return platform_.Sign(OrderMailFields(date), OrderMailBody(order), how);
  }
  std::string Save(const std::string& mail) const {
    const auto file = folder_.path() / "order.eml";
    std::ofstream(file, std::ios::binary) << mail;
    return file;
  }
  Json Report(const ShopperHome& home, const std::string& seller = kMailSeller,
              const std::string& order = kMailOrder) const {
    return home.RunJson({"report", "new", "--seller", seller, "--outcome", "never_shipped",
                         "--placed", FormatDate(placed_), "--promised",
                         FormatDate(placed_ + std::chrono::days(3)), "--order",
                         order})["reports"][0];
  }
  RegistryServer::Ran Attach(const ShopperHome& home, const std::string& id,
                             const std::string& file, const std::string& lang = "en") const {
    return home.Run({"--lang", lang, "report", "attach-proof", id, file, "--attester",
                     attester_->address(), "--yes"});
  }

  TempFolder folder_;
  const Date placed_ =
      std::chrono::floor<std::chrono::days>(SystemClock().Now()) - std::chrono::days(30);
  const DkimSigner platform_{"amazon.com"};
  RegistryServer registry_{folder_.path() / "registry"};
  std::optional<AttesterServer> attester_;
};

TEST_F(PurchaseProofCircle, AProvenReportCountsForMoreAndThePublicSeesIt) {
  const ShopperHome home = NewHome("one");
  Report(home);
  const auto done = Attach(home, "1", Save(Mail()));
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("It sees the whole mail, once, in its memory"));
  EXPECT_THAT(done.out, HasSubstr("It keeps the order's nullifier"));
  EXPECT_THAT(done.out, HasSubstr("attester.example (http://127.0.0.1:"));
  EXPECT_THAT(done.out, HasSubstr("The proof holds and is with report 1"));
  EXPECT_THAT(done.out, Not(HasSubstr(kMailOrder)));
  EXPECT_EQ(home.Send()["sent"], 1);
  const Json report = home.Reports()[0];
  EXPECT_EQ(report["state"], "sent") << report;
  EXPECT_EQ(report["class"], "newcomer");
  EXPECT_EQ(report["proof_by"], "attester.example");
  EXPECT_THAT(home.Run({"report", "list"}).out,
              HasSubstr("Report 1: with a proof of purchase by attester.example."));
  EXPECT_EQ(home.RunJson({"verify", "--all"})["ok"], true);

  // Four unproven words on the same seller let all five be released.
  HttpClient client(registry_.port());
  for (int i = 0; i < 4; ++i) {
    const Shopper other;
    const auto answer = SendReport(client, other.Seal(Shopper::Order(kMailSeller)));
    ASSERT_TRUE(answer && answer->status == 200);
    EXPECT_EQ(answer->json()["class"], "pool");
  }
  const auto published =
      RegistryServer::Run({"publish", "--data", registry_.data().string()}, folder_.path());
  ASSERT_EQ(published.code, 0) << published.err;
  const uint64_t entry = report["entry"].get<uint64_t>();
  std::istringstream lines(registry_.Public(report::ContentPath(entry)));
  std::optional<report::Content> seen;
  for (std::string text; std::getline(lines, text);) {
    const auto line = report::ContentLine::Parse(text);
    ASSERT_TRUE(line) << text;
    if (line->entry == entry) seen = report::Content::Parse(line->content).value();
  }
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->weight_class, report::WeightClass::kNewcomer);
  const auto audited = RegistryServer::Run(
      {"audit", "--from", (registry_.data() / "public").string()}, folder_.path());
  EXPECT_EQ(audited.code, 0) << audited.err << audited.out;
}

TEST_F(PurchaseProofCircle, AReportThatWasSentIsSaidOnceMoreWithTheProof) {
  const ShopperHome home = NewHome("one");
  Report(home);
  EXPECT_EQ(home.Send()["sent"], 1);
  EXPECT_EQ(home.Reports()[0]["class"], "pool");
  const auto done = Attach(home, "1", Save(Mail()), "zh_CN");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("它会在内存中看一遍整封邮件"));
  EXPECT_THAT(done.out, HasSubstr("证明有效，已附在报告 2 上"));
  EXPECT_EQ(home.Send()["sent"], 1);
  const Json both = home.Reports();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0]["class"], "newcomer");
  EXPECT_EQ(both[1]["replaced_by"], 2);
  // Once is enough, and the earlier word has no more to prove.
  for (const char* id : {"1", "2"}) {
    const auto again = Attach(home, id, Save(Mail()));
    EXPECT_NE(again.code, 0);
    EXPECT_EQ(home.Reports(), both);
  }
}

TEST_F(PurchaseProofCircle, WhatTheAttesterRefusesChangesNothing) {
  const ShopperHome home = NewHome("one");
  Report(home, "amazon:A9999999999999", kMailOrder);
  const Json before = home.Reports();
  const auto expect_refused = [&](const std::string& id, const std::string& mail,
                                  const std::string& why, int code) {
    const auto ran = Attach(home, id, Save(mail));
    EXPECT_EQ(ran.code, code) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(why));
  };
  expect_refused("1", Mail(),
                 "the attester attester.example: seller: the mail is of an order at another seller",
                 5);
  EXPECT_THAT(Attach(home, "1", Save(Mail()), "zh_CN").err, HasSubstr("这封邮件是另一卖家的订单"));
  std::string tampered = Mail();
  tampered.replace(tampered.find("12 Unmistakable"), 2, "13");
  expect_refused("1", "X-Not: a mail\r\n\r\nDKIM-Signature: in the text\r\n", "no DKIM signature",
                 3);
  expect_refused("7", Mail(), "no report 7", 4);
  EXPECT_EQ(home.Reports(), before);
  const ShopperHome other = NewHome("two");
  Report(other);
  const auto ran = Attach(other, "1", Save(tampered));
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.err, HasSubstr("no signature is good enough"));
  EXPECT_THAT(Attach(other, "1", Save(tampered), "zh_CN").err, HasSubstr("没有一个签名足够可靠"));
  EXPECT_TRUE(other.Reports()[0]["proof_by"].is_null());
  EXPECT_EQ(other.Send()["sent"], 1);  // without
  EXPECT_EQ(other.Reports()[0]["class"], "pool");
}

TEST_F(PurchaseProofCircle, NoMailGoesWhereItIsNotAgreedToOrWouldProveNothing) {
  const ShopperHome home = NewHome("one");
  Report(home);
  const std::string file = Save(Mail());
  // Nobody agreed.
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--json"}}) {
    std::vector<std::string> arguments = {"report", "attach-proof", "1",
                                          file,     "--attester",   attester_->address()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ran = home.Run(arguments);
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("add --yes"));
  }
  // One whose word does not count, and a name the registry does not know.
  AttesterServer stranger(folder_.path() / "stranger", registry_, platform_.KeyLine(),
                          "stranger.example");
  ASSERT_TRUE(stranger.Start());
  for (const std::string& who : {stranger.address(), std::string("stranger.example")}) {
    const auto ran = home.Run({"report", "attach-proof", "1", file, "--attester", who, "--yes"});
    EXPECT_EQ(ran.code, 5) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("the registry does not take the word of"));
    EXPECT_THAT(ran.err, HasSubstr("attester.example"));
  }
  stranger.Stop();
  // One that is away: nothing lost, and the same works later.
  const std::string address = attester_->address();
  attester_->Stop();
  const auto away = home.Run({"report", "attach-proof", "1", file, "--attester", address, "--yes"});
  EXPECT_EQ(away.code, 5) << away.err;
  EXPECT_THAT(away.err, HasSubstr("the same command can be run again later"));
  EXPECT_TRUE(home.Reports()[0]["proof_by"].is_null());
  ASSERT_TRUE(attester_->Start());
  EXPECT_EQ(Attach(home, "1", file).code, 0);
  // A registry that takes nobody's word any more says so.
  ASSERT_EQ(registry_.Stop(), 0);
  ASSERT_TRUE(registry_.Start()) << registry_.Log();
  const ShopperHome late = NewHome("late");
  Report(late);
  EXPECT_THAT(Attach(late, "1", file).err, HasSubstr("takes nobody's word for order mails"));
}

TEST_F(PurchaseProofCircle, AProofIsNoOtherShoppersAndNoOtherReports) {
  const ShopperHome one = NewHome("one"), two = NewHome("two");
  Report(one);
  Report(two);
  const std::string file = Save(Mail());
  ASSERT_EQ(Attach(one, "1", file).code, 0);
  // The attester proves the order for one shopper alone.
  const auto second = Attach(two, "1", file);
  EXPECT_EQ(second.code, 3) << second.err;
  EXPECT_THAT(second.err, HasSubstr("attested before"));
  // The first one's proof in the second one's report, past `kaopu`'s own check.
  const auto proven = Store::Open(one.path()).value().GetReport(1).value();
  ASSERT_TRUE(proven.proof);
  {
    Store store = Store::Open(two.path()).value();
    auto row = store.GetReport(1).value();
    row.proof = proven.proof;
    row.proof_by = proven.proof_by;
    ASSERT_TRUE(store.PutReport(row, SystemClock().Now()));
  }
  EXPECT_EQ(two.Send()["refused"], 1);
  EXPECT_THAT(two.Reports()[0]["last_error"].get<std::string>(), HasSubstr("for another key"));
  // And past all of `kaopu`: the registry refuses it.
  HttpClient client(registry_.port());
  const auto said = report::Report::Parse(proven.report).value();
  report::Envelope envelope = Shopper().Seal(said);
  envelope.proof = proven.proof;
  const auto answer = SendReport(client, envelope);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(answer->body, HasSubstr("proof: its key is not this report's"));
}

TEST_F(PurchaseProofCircle, OtherWordsOfAWaitingReportDropAProofThatIsNoneForThem) {
  const ShopperHome home = NewHome("one");
  Report(home);
  ASSERT_EQ(Attach(home, "1", Save(Mail())).code, 0);
  // Another outcome in the same week keeps it.
  home.RunJson({"report", "revise", "1", "--outcome", "late", "--placed", FormatDate(placed_),
                "--promised", FormatDate(placed_ + std::chrono::days(3)), "--days-late", "9"});
  EXPECT_EQ(home.Reports()[0]["proof_by"], "attester.example");
  const Date later = placed_ + std::chrono::days(8);
  const auto moved = home.Run(
      {"report", "revise", "1", "--outcome", "late", "--placed", FormatDate(later), "--promised",
       FormatDate(later + std::chrono::days(3)), "--days-late", "9", "--yes"});
  EXPECT_EQ(moved.code, 0) << moved.err;
  EXPECT_THAT(moved.out, HasSubstr("no longer with the report"));
  EXPECT_TRUE(home.Reports()[0]["proof_by"].is_null());
  EXPECT_EQ(home.Send()["sent"], 1);
}

}  // namespace
}  // namespace kaopu::testing
