// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// kaopu-registry as an operator runs it, in a folder of its own, and what shoppers send to it.
#pragma once

#include <gtest/gtest.h>
#include <sodium.h>

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "report/report.h"
#include "report/seal/envelope.h"
#include "report/seal/proof_of_work.h"
#include "support/child.h"
#include "support/http_client.h"

namespace kaopu::testing {

inline constexpr const char* kRegistryOrigin = "registry.example/test";

// A program that serves HTTP and says in its log, a JSON object a line, on which port.
class ListeningProgram {
 public:
  // Waits until it listens; false where it ended or stays silent.
  bool Start(const std::vector<std::string>& command, const std::filesystem::path& log) {
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    child_.emplace(command, std::map<std::string, std::string>{}, log);
    child_->CloseInput();
    for (int i = 0; i < 6000; ++i) {
      std::istringstream lines(ReadFile(log, 1 << 24).value_or(""));
      for (std::string line; std::getline(lines, line);) {
        const Json one = Json::parse(line, nullptr, false);
        if (one.is_object() && one.value("event", "") == "listening") {
          port_ = one.value("port", uint16_t{0});
          return port_ != 0;
        }
      }
      if (child_->Wait(Millis(5))) return false;
    }
    return false;
  }
  void Kill() {
    kill(child_->pid(), SIGKILL);
    child_->Wait(Millis(20'000));
  }
  std::optional<int> Stop() {
    kill(child_->pid(), SIGTERM);
    return child_->Wait(Millis(30'000));
  }

  uint16_t port() const { return port_; }
  pid_t pid() const { return child_->pid(); }

 private:
  uint16_t port_ = 0;
  std::optional<Child> child_;
};

class RegistryServer {
 public:
  static constexpr const char* kProgram = KAOPU_BINARY_DIR "/kaopu-registry";

  explicit RegistryServer(std::filesystem::path data) : data_(std::move(data)) {}

  // A command that ends; its exit code, output and error output.
  struct Ran {
    int code = -1;
    std::string out, err;
  };
  static Ran Run(std::vector<std::string> arguments, const std::filesystem::path& scratch) {
    arguments.insert(arguments.begin(), kProgram);
    Child child(arguments, {}, scratch / "stderr");
    child.CloseInput();
    Ran ran;
    ran.out = child.ReadToEnd(Millis(60'000));
    ran.code = child.Wait(Millis(60'000)).value_or(-1);
    ran.err = ReadFile(scratch / "stderr", 1 << 20).value_or("");
    return ran;
  }
  Ran Init(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {
        "init", "--data", data_.string(), "--name", kRegistryOrigin, "--work-bits", "0"};
    command.insert(command.end(), more.begin(), more.end());
    return Run(command, data_.parent_path());
  }

  // Waits until it listens; false where it ended or stays silent. `shell` is run before it
  // (ulimit).
  bool Start(const std::vector<std::string>& more = {}, const std::string& shell = {}) {
    log_ = StrCat(data_.string(), ".log");
    std::vector<std::string> command;
    if (!shell.empty()) command = {"/bin/sh", "-c", StrCat(shell, "; exec \"$@\""), "sh"};
    command.insert(command.end(), {kProgram, "serve", "--data", data_, "--listen", "127.0.0.1:0",
                                   "--publish-minutes", "0"});
    command.insert(command.end(), more.begin(), more.end());
    return program_.Start(command, log_);
  }
  void Kill() { program_.Kill(); }
  std::optional<int> Stop() { return program_.Stop(); }

  uint16_t port() const { return program_.port(); }
  const std::filesystem::path& data() const { return data_; }
  std::string Log() const { return ReadFile(log_, 1 << 24).value_or(""); }
  std::string Public(const std::string& name) const {
    return ReadFile(data_ / "public" / name, 1 << 24).value_or("");
  }
  pid_t pid() const { return program_.pid(); }

 private:
  std::filesystem::path data_, log_;
  ListeningProgram program_;
};

// What a shopper has in hand: a sealed report, to which work is added for each sending.
class Shopper {
 public:
  explicit Shopper(std::string origin = kRegistryOrigin)
      : origin_(std::move(origin)), seed_(report::NewReporterSeed()) {}

  static report::Report Order(std::string seller) {
    report::Report one;
    one.seller = std::move(seller);
    one.week = report::IsoWeek::Of(std::chrono::floor<std::chrono::days>(SystemClock().Now()) -
                                   std::chrono::days(20));
    one.outcome = OutcomeKind::kOnTime;
    one.promised_days = 3;
    one.shipped_days = 2;
    one.known_days = 5;
    return one;
  }
  static report::Nullifier NewNullifier() {
    report::Nullifier nullifier;
    randombytes_buf(nullifier.data(), nullifier.size());
    return nullifier;
  }
  report::Envelope Seal(const report::Report& report,
                        const report::Nullifier& nullifier = NewNullifier()) const {
    auto sealed = report::Seal(seed_, origin_, report, nullifier);
    EXPECT_TRUE(sealed) << (sealed ? "" : sealed.error().message);
    return sealed ? *sealed : report::Envelope{};
  }
  report::Signature SignWithdrawal(const std::string& seller, uint64_t entry) const {
    return report::SigningKey::OfSeller(seed_, origin_, seller)
        .Sign(report::WithdrawalSigned(origin_, entry));
  }

 private:
  std::string origin_;
  report::ReporterSeed seed_;
};

// Asks for a challenge and solves it; false where the registry gives none.
inline bool AddWork(HttpClient& client, report::Envelope& envelope) {
  const auto given = client.Request("GET", "/v1/challenge");
  if (!given || given->status != 200) return false;
  const auto challenge = report::ParseChallenge(given->json().value("challenge", ""));
  if (!challenge) return false;
  envelope.challenge = challenge->text;
  envelope.solution = *report::Solve(*challenge, envelope.report);
  return true;
}
inline std::optional<HttpResponse> SendReport(HttpClient& client, report::Envelope envelope) {
  if (!AddWork(client, envelope)) return std::nullopt;
  return client.Request("POST", "/v1/reports", envelope.ToText());
}

}  // namespace kaopu::testing
