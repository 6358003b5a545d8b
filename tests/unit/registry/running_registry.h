// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry as an operator has one: made and worked by the commands, its reports sealed as a
// shopper seals them and taken in by the real intake.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "registry/folder/registry_folder.h"
#include "registry/intake/intake.h"
#include "registry/registry_command.h"
#include "registry/trust/trust_policy.h"
#include "report/report.h"
#include "report/seal/envelope.h"
#include "report/seal/proof_of_work.h"
#include "scratch_folder.h"

namespace kaopu {

class RunningRegistry {
 public:
  struct Result {
    int code = 0;
    std::string out, err;
  };

  explicit RunningRegistry(const std::string& name = "registry.example/log") {
    const Result made = Run(
        {"init", "--data", data(), "--name", name, "--title", "Fair shops", "--work-bits", "0"});
    EXPECT_EQ(made.code, 0) << made.err;
  }

  std::string data() const { return (scratch_.path() / "registry").string(); }
  std::filesystem::path root() const { return scratch_.path() / "registry" / "public"; }
  std::string Bytes(const std::string& name) const {
    const auto bytes = ReadFile(root() / name, size_t{1} << 24);
    return bytes ? *bytes : std::string();
  }

  Result Run(const std::vector<std::string>& arguments) const {
    std::istringstream in;
    std::ostringstream out, err;
    RegistryContext context{in, out, err, clock};
    std::vector<const char*> argv = {"kaopu-registry"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    const int code = RunRegistryCommandLine(static_cast<int>(argv.size()), argv.data(), context);
    return {code, out.str(), err.str()};
  }
  Result Publish() const { return Run({"publish", "--data", data()}); }
  Result Audit() const { return Run({"audit", "--from", root().string()}); }

  // One order each, by a shopper each. Gives the entries' numbers.
  std::vector<uint64_t> Tell(const std::string& seller, OutcomeKind outcome, int orders) {
    const auto folder = RegistryFolder::Open(data());
    const auto policy = LoadTrustPolicy(*DataFolder());
    const auto intake = Intake::Start(*folder, *policy, clock, {});
    if (!intake) {
      ADD_FAILURE() << intake.error().message;
      return {};
    }
    std::vector<uint64_t> entries;
    for (int i = 0; i < orders; ++i) {
      std::promise<Expected<Json>> answered;
      (*intake)->SubmitReport(
          Sealed(**intake, *folder, seller, outcome),
          [&](Expected<Json> answer) { answered.set_value(std::move(answer)); });
      const auto answer = answered.get_future().get();
      if (!answer) {
        ADD_FAILURE() << answer.error().message;
        return entries;
      }
      entries.push_back((*answer)["entry"].get<uint64_t>());
    }
    return entries;
  }

  FakeClock clock{TimeMs{Date{std::chrono::days{20'700}}}};  // 2026-09-04

 private:
  std::string Sealed(Intake& intake, const RegistryFolder& folder, const std::string& seller,
                     OutcomeKind outcome) {
    report::Report report;
    report.seller = seller;
    report.week = report::IsoWeek::Of(std::chrono::floor<std::chrono::days>(clock.Now()) -
                                      std::chrono::days(20));
    report.outcome = outcome;
    report.enrolled = false;
    report.promised_days = 3;
    report.known_days = 5;
    if (outcome == OutcomeKind::kOnTime) report.shipped_days = 2;
    const auto nullifier = report::NullifierOf(report::EvaluateInput(
        folder.keys().nullifier, report::NullifierInput("taobao", StrCat("order-", ++told_))));
    auto envelope =
        report::Seal(report::NewReporterSeed(), folder.identity().origin, report, nullifier);
    EXPECT_TRUE(envelope) << envelope.error().message;
    const auto challenge =
        report::ParseChallenge(intake.Challenge()["challenge"].get<std::string>());
    envelope->challenge = challenge->text;
    envelope->solution = *report::Solve(*challenge, envelope->report);
    return envelope->ToText();
  }

  ScratchFolder scratch_;
  uint64_t told_ = 0;
};

}  // namespace kaopu
