// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// kaopu-registry over HTTP as its documents promise (host/docs/registry_api.md), and what an
// operator does with it: start, stop, copy, put back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/seal/log_entry.h"
#include "report/seal/purchase_proof.h"
#include "support/dkim_mail.h"
#include "support/registry_server.h"
#include "tlog/checkpoint.h"
#include "tlog/log_proof.h"

namespace kaopu::testing {
namespace {

using ::testing::HasSubstr;

class RegistryProgram : public ::testing::Test {
 protected:
  RegistryProgram() : server_(folder_.path() / "registry") {
    EXPECT_EQ(server_.Init().code, 0);
    EXPECT_TRUE(server_.Start()) << server_.Log();
  }
  HttpClient Client() const { return HttpClient(server_.port()); }
  tlog::VerifierKey LogKey() const {
    return *tlog::VerifierKey::Parse(
        Json::parse(server_.Public("registry.json")).value("log_key", ""));
  }
  // The answer's receipt proves its content to a checkpoint of this log.
  void ExpectReceipt(const Json& answer) const {
    const auto salt = report::BytesFromText<32>(answer.value("salt", ""));
    ASSERT_TRUE(salt) << answer;
    const std::string entry = report::ReportEntry(*salt, answer.value("content", ""));
    const auto proof = tlog::LogProof::Parse(answer.value("receipt", ""));
    ASSERT_TRUE(proof) << answer;
    EXPECT_EQ(proof->index, answer.value("entry", uint64_t{0}));
    EXPECT_TRUE(tlog::VerifyLogProof(*proof, tlog::LeafHash(entry), LogKey()));
  }

  TempFolder folder_;
  RegistryServer server_;
  Shopper shopper_;
};

TEST_F(RegistryProgram, TakesAReportAndGivesItsReceipt) {
  auto client = Client();
  const auto envelope = shopper_.Seal(Shopper::Order("taobao:1"));
  const auto first = SendReport(client, envelope);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->status, 200) << first->body;
  ExpectReceipt(first->json());
  EXPECT_THAT(first->json().value("content", ""), HasSubstr("taobao:1"));
  const auto again = SendReport(client, envelope);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->body, first->body);
  // The checkpoint that anybody may fetch covers it.
  const auto head = client.Request("GET", "/checkpoint");
  ASSERT_TRUE(head);
  const auto verified = tlog::VerifyCheckpoint(head->body, LogKey());
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->checkpoint.size, 2u);
}

TEST_F(RegistryProgram, OneOrderCountsOnceWhoeverTellsOfIt) {
  auto client = Client();
  const auto order = Shopper::NewNullifier();
  const auto first = SendReport(client, shopper_.Seal(Shopper::Order("jd:2"), order));
  ASSERT_TRUE(first);
  ASSERT_EQ(first->status, 200) << first->body;
  const auto other = SendReport(client, Shopper().Seal(Shopper::Order("jd:2"), order));
  ASSERT_TRUE(other);
  ASSERT_EQ(other->status, 200) << other->body;  // an answer like any other
  ExpectReceipt(other->json());
  // The first reporter may say another word, a later one.
  report::Report revised = Shopper::Order("jd:2");
  revised.outcome = OutcomeKind::kLate;
  revised.days_late = 2;
  const auto same_revision = SendReport(client, shopper_.Seal(revised, order));
  ASSERT_TRUE(same_revision);
  EXPECT_EQ(same_revision->status, 409) << same_revision->body;
  revised.revision = 1;
  const auto second = SendReport(client, shopper_.Seal(revised, order));
  ASSERT_TRUE(second);
  ASSERT_EQ(second->status, 200) << second->body;
  const auto content = report::Content::Parse(second->json().value("content", ""));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->replaces, first->json().value("entry", uint64_t{0}));
}

TEST_F(RegistryProgram, WithdrawalTakesTheContentAway) {
  auto client = Client();
  const auto envelope = shopper_.Seal(Shopper::Order("ebay:unmistakable"));
  const auto told = SendReport(client, envelope);
  ASSERT_TRUE(told);
  ASSERT_EQ(told->status, 200) << told->body;
  const uint64_t entry = told->json().value("entry", uint64_t{0});
  report::Withdrawal withdrawal{entry, envelope.key,
                                Shopper().SignWithdrawal("ebay:unmistakable", entry)};
  const auto forged = client.Request("POST", "/v1/withdrawals", withdrawal.ToText());
  ASSERT_TRUE(forged);
  EXPECT_EQ(forged->status, 403) << forged->body;
  withdrawal.signature = shopper_.SignWithdrawal("ebay:unmistakable", entry);
  const auto gone = client.Request("POST", "/v1/withdrawals", withdrawal.ToText());
  ASSERT_TRUE(gone);
  ASSERT_EQ(gone->status, 200) << gone->body;
  const auto again = client.Request("POST", "/v1/withdrawals", withdrawal.ToText());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->body, gone->body);
  EXPECT_EQ(server_.Stop(), 0);
  for (const char* name : {"registry.db", "registry.db-wal"}) {
    const auto bytes = ReadFile(server_.data() / name, 1 << 24);
    if (bytes) {
      EXPECT_EQ(bytes->find("unmistakable"), std::string::npos) << name;
    }
  }
  EXPECT_EQ(server_.Log().find("unmistakable"), std::string::npos);
}

// An order mail, an attester of its own, and a report that counts as proven by it.
TEST_F(RegistryProgram, ReportsAreProvenByOrderMails) {
  const std::filesystem::path attester = folder_.path() / "attester";
  const auto run = [&](const std::vector<std::string>& arguments, const std::string& input) {
    std::vector<std::string> command = {RegistryServer::kProgram};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Child child(command, {}, folder_.path() / "attest.log");
    child.Send(input);
    child.CloseInput();
    std::string out = child.ReadToEnd(Millis(60'000));
    child.Wait(Millis(60'000));
    return out;
  };
  const std::string made = run({"attest", "init", "--data", attester, "--name", "attester.example",
                                "--registry", server_.data() / "public" / "registry.json"},
                               "");
  ASSERT_THAT(made, HasSubstr("accept-attester = \""));
  const size_t at = made.find("accept-attester = \"") + 19;
  const std::string key = made.substr(at, made.find('"', at) - at);
  EXPECT_THAT(made, HasSubstr("It keeps: the order's nullifier"));

  // The shopper's order, of this week's mail.
  const Date today = std::chrono::floor<std::chrono::days>(SystemClock().Now());
  const std::chrono::year_month_day date{today - std::chrono::days(20)};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string day = StrCat(static_cast<unsigned>(date.day()), " ",
                                 kMonths[static_cast<unsigned>(date.month()) - 1], " ",
                                 static_cast<int>(date.year()), " 12:00:00 +0000");
  const DkimSigner platform("amazon.com");
  const std::string mail =
      platform.Sign(OrderMailFields(day), OrderMailBody(),
                    {.signed_at = static_cast<uint64_t>((today - Date{}).count() - 1) * 86'400});
  ASSERT_TRUE(WriteFileAtomic(folder_.path() / "keys", platform.KeyLine()));

  auto client = Client();
  const std::string input = report::NullifierInput("amazon", kMailOrder);
  const auto blinded = report::BlindInput(input);
  const auto challenge =
      report::ParseChallenge(client.Request("GET", "/v1/challenge")->json().value("challenge", ""));
  ASSERT_TRUE(challenge);
  const std::string element = report::BytesToText(blinded.element);
  const auto evaluated = client.Request("POST", "/v1/nullifiers",
                                        Json{{"v", 1},
                                             {"blinded", element},
                                             {"challenge", challenge->text},
                                             {"solution", *report::Solve(*challenge, element)}}
                                            .dump());
  ASSERT_TRUE(evaluated);
  ASSERT_EQ(evaluated->status, 200) << evaluated->body;
  report::ProofRequest request;
  request.origin = kRegistryOrigin;
  request.seller = kMailSeller;
  request.blind = blinded.blind;
  request.evaluation.element = *report::BytesFromText<32>(evaluated->json().value("evaluated", ""));
  request.evaluation.proof = *report::BytesFromText<64>(evaluated->json().value("proof", ""));
  const auto nullifier_key = report::BytesFromText<32>(
      Json::parse(server_.Public("registry.json")).value("nullifier_key", ""));
  const auto nullifier = request.NullifierOfOrder(kMailOrder, *nullifier_key);
  ASSERT_TRUE(nullifier);
  report::Envelope envelope = shopper_.Seal(Shopper::Order(kMailSeller), *nullifier);
  request.week = Shopper::Order(kMailSeller).week;
  request.key = envelope.key;
  ASSERT_TRUE(WriteFileAtomic(folder_.path() / "request", request.ToText()));
  const std::string proof = run({"attest", "once", "--data", attester, "--request",
                                 folder_.path() / "request", "--keys", folder_.path() / "keys"},
                                mail);
  ASSERT_THAT(proof, HasSubstr("kaopu-proof-1"))
      << ReadFile(folder_.path() / "attest.log", 4096).value_or("");
  envelope.proof = proof;

  const auto before = SendReport(client, envelope);  // nobody has accepted that key yet
  ASSERT_TRUE(before);
  EXPECT_EQ(before->status, 403) << before->body;
  EXPECT_EQ(server_.Stop(), 0);
  ASSERT_TRUE(server_.Start({"--accept-attester", key})) << server_.Log();
  auto again = Client();
  report::Envelope other = shopper_.Seal(Shopper::Order(kMailSeller));
  other.proof = proof;  // another order's
  const auto reused = SendReport(again, other);
  ASSERT_TRUE(reused);
  EXPECT_EQ(reused->status, 400) << reused->body;
  const auto proven = SendReport(again, envelope);
  ASSERT_TRUE(proven);
  ASSERT_EQ(proven->status, 200) << proven->body;
  EXPECT_EQ(proven->json().value("class", ""), "newcomer");
  ExpectReceipt(proven->json());
  const auto unproven = SendReport(again, Shopper().Seal(Shopper::Order(kMailSeller)));
  ASSERT_TRUE(unproven);
  EXPECT_EQ(unproven->json().value("class", ""), "pool") << unproven->body;
  // Whose proofs count is in the log for all to see.
  EXPECT_THAT(server_.Public("tile/entries/000.p/" + std::to_string(4)),
              HasSubstr("kaopu-proofkeys-1"));
  EXPECT_EQ(server_.Stop(), 0);
}

// Copied while it is served; what is put back is the same registry.
TEST_F(RegistryProgram, ABackupPutBackIsTheSameRegistry) {
  auto client = Client();
  std::vector<std::pair<report::Envelope, std::string>> told;
  for (int i = 0; i < 5; ++i) {
    const auto envelope = shopper_.Seal(Shopper::Order(StrCat("taobao:", i)));
    const auto answer = SendReport(client, envelope);
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200) << answer->body;
    told.emplace_back(envelope, answer->body);
  }
  const std::string checkpoint = server_.Public("checkpoint");
  const auto copy = folder_.path() / "copy", put = folder_.path() / "put";
  const auto run = [&](std::vector<std::string> arguments) {
    return RegistryServer::Run(std::move(arguments), folder_.path());
  };
  const auto backed = run({"backup", "--data", server_.data(), "--to", copy});
  ASSERT_EQ(backed.code, 0) << backed.err;
  EXPECT_THAT(backed.out, HasSubstr("6 entries"));
  EXPECT_EQ(std::filesystem::status(copy).permissions(), std::filesystem::perms{0700});
  EXPECT_EQ(run({"backup", "--data", server_.data(), "--to", copy}).code, 3);

  const auto later = SendReport(client, shopper_.Seal(Shopper::Order("taobao:later")));
  ASSERT_TRUE(later);
  ASSERT_EQ(later->status, 200) << later->body;
  const std::string newest = server_.Public("checkpoint");
  ASSERT_EQ(server_.Stop(), 0);

  // Somebody has seen more than the copy holds: going on would contradict the later receipt.
  ASSERT_TRUE(WriteFileAtomic(folder_.path() / "newest", newest));
  const auto refused =
      run({"restore", "--from", copy, "--data", put, "--seen", folder_.path() / "newest"});
  EXPECT_EQ(refused.code, 3) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("covers 7 entries"));
  EXPECT_FALSE(std::filesystem::exists(put / "public" / "registry.json"));

  std::filesystem::remove_all(put);
  ASSERT_TRUE(WriteFileAtomic(folder_.path() / "seen", checkpoint));
  const auto restored =
      run({"restore", "--from", copy, "--data", put, "--seen", folder_.path() / "seen"});
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_EQ(run({"restore", "--from", copy, "--data", put}).code, 3);  // not over a registry
  RegistryServer again(put);
  EXPECT_EQ(again.Public("checkpoint"), checkpoint);
  EXPECT_EQ(again.Public("registry.json"), server_.Public("registry.json"));
  ASSERT_TRUE(again.Start()) << again.Log();
  EXPECT_EQ(again.Public("checkpoint"), checkpoint);
  HttpClient fresh(again.port());
  for (const auto& [envelope, body] : told) {
    const auto answer = SendReport(fresh, envelope);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, body);  // the receipt too, byte for byte
  }
  const auto audit =
      run({"audit", "--log-only", "--from", put / "public", "--key", LogKey().ToText()});
  EXPECT_EQ(audit.code, 0) << audit.out << audit.err;
}

TEST_F(RegistryProgram, ADamagedBackupIsRefused) {
  auto client = Client();
  const auto answer = SendReport(client, shopper_.Seal(Shopper::Order("jd:1")));
  ASSERT_TRUE(answer);
  const auto copy = folder_.path() / "copy", put = folder_.path() / "put";
  ASSERT_EQ(
      RegistryServer::Run({"backup", "--data", server_.data(), "--to", copy}, folder_.path()).code,
      0);
  auto facts = ReadFile(copy / "backup.json", 1 << 16);
  ASSERT_TRUE(facts);
  Json json = Json::parse(*facts);
  json["entries"] = 1;
  ASSERT_TRUE(WriteFileAtomic(copy / "backup.json", json.dump()));
  const auto ran = RegistryServer::Run({"restore", "--from", copy, "--data", put}, folder_.path());
  EXPECT_EQ(ran.code, 6) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(put / "public" / "registry.json"));
}

// The configuration that is installed, with this test's folder and ports: files by nginx itself,
// requests through it.
TEST_F(RegistryProgram, ServesBehindNginxAsConfigured) {
  if (std::system("command -v nginx >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "no nginx here: apt-get install nginx-light to run this test";
  }
  auto config = ReadFile(KAOPU_SOURCE_DIR "/manifests/kaopu-registry.nginx.conf", 1 << 16);
  ASSERT_TRUE(config);
  const auto replace = [&](const std::string& what, const std::string& by) {
    size_t count = 0;
    for (size_t at; (at = config->find(what)) != std::string::npos; ++count) {
      config->replace(at, what.size(), by);
    }
    EXPECT_GT(count, 0u) << what;
  };
  // Without TLS: a socket in the folder in place of port 443.
  const std::string port = std::to_string(20'000 + getpid() % 20'000);
  replace("listen 443 ssl;", StrCat("listen 127.0.0.1:", port, ";"));
  replace("listen [::]:443 ssl;", "");
  for (const char* line : {"ssl_certificate ", "ssl_certificate_key ", "ssl_protocols "}) {
    const size_t at = config->find(line);
    ASSERT_NE(at, std::string::npos);
    config->erase(at, config->find(';', at) + 1 - at);
  }
  replace("/var/lib/kaopu-registry/", server_.data().string() + "/");
  replace("/var/log/nginx/", folder_.path().string() + "/");
  replace("127.0.0.1:8787", StrCat("127.0.0.1:", server_.port()));
  const std::string scratch = folder_.path().string();
  std::string temporary;
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    temporary += StrCat(kind, "_temp_path ", scratch, "/", kind, ";\n");
  }
  ASSERT_TRUE(WriteFileAtomic(
      folder_.path() / "nginx.conf",
      StrCat(getuid() == 0 ? "user root;\n" : "", "daemon off;\nmaster_process off;\npid ", scratch,
             "/nginx.pid;\nerror_log ", scratch, "/nginx.log;\nevents {}\nhttp {\n", temporary,
             *config, "}\n")));
  Child nginx({"/bin/sh", "-c",
               StrCat("exec nginx -e ", scratch, "/start.log -c ", scratch, "/nginx.conf")},
              {}, folder_.path() / "nginx.err");
  HttpClient client(static_cast<uint16_t>(std::stoi(port)));
  std::optional<HttpResponse> head;
  for (int i = 0; i < 1000 && !head; ++i) {
    head = client.Request("GET", "/checkpoint");
    if (!head && nginx.Wait(Millis(10))) break;
  }
  ASSERT_TRUE(head) << ReadFile(folder_.path() / "nginx.err", 1 << 16).value_or("");
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, server_.Public("checkpoint"));
  EXPECT_THAT(head->head, HasSubstr("Cache-Control: no-cache"));
  const auto told = SendReport(client, shopper_.Seal(Shopper::Order("taobao:1")));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->status, 200) << told->body;
  const auto tile = client.Request("GET", "/tile/0/000.p/2");
  ASSERT_TRUE(tile);
  EXPECT_EQ(tile->status, 200);
  EXPECT_THAT(tile->head, HasSubstr("max-age=31536000"));
  for (const char* secret : {"/../keys/log.key", "/.hidden", "/metrics", "/registry.db"}) {
    const auto answer = client.Request("GET", secret);
    ASSERT_TRUE(answer) << secret;
    EXPECT_GE(answer->status, 400) << secret;
  }
  const auto large = client.Request("POST", "/v1/reports", std::string(20'000, 'x'));
  ASSERT_TRUE(large);
  EXPECT_EQ(large->status, 413);
  kill(nginx.pid(), SIGTERM);
  EXPECT_TRUE(nginx.Wait());
}

}  // namespace
}  // namespace kaopu::testing
