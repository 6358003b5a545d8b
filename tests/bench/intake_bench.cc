// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// intake_bench PROGRAM FOLDER [REPORTS [CONNECTIONS [DATABASE]]]: a registry served by PROGRAM in
// FOLDER (on a real disk), its database there too or an empty one for --database, told of so many orders over HTTP by as many connections, every check on and every
// answer durable with its receipt; beside it, in the same run, Ed25519 verifications alone. The
// work asked is none, as it is the shopper's: checking it is the same two hashes.
#include <sodium.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "report/seal/envelope.h"
#include "report/seal/proof_of_work.h"
#include "support/http_client.h"

namespace {

using namespace kaopu;
using kaopu::testing::HttpClient;

constexpr const char* kOrigin = "registry.example/bench";

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double CpuOf(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}
[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "intake_bench: %s\n", why.c_str());
  std::exit(1);
}

pid_t Run(std::vector<std::string> command, const std::string& log) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (freopen(log.c_str(), "w", stderr) == nullptr ||
      freopen("/dev/null", "w", stdout) == nullptr) {
    _exit(127);
  }
  std::vector<char*> argv;
  for (std::string& one : command) argv.push_back(one.data());
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

report::Envelope Order(uint64_t number) {
  report::Report one;
  one.seller = StrCat("taobao:", number % 1000);
  one.week = report::IsoWeek::Of(std::chrono::floor<std::chrono::days>(SystemClock().Now()) -
                                 std::chrono::days(20));
  one.outcome = number % 10 == 0 ? OutcomeKind::kLate : OutcomeKind::kOnTime;
  if (one.outcome == OutcomeKind::kLate) one.days_late = 2;
  one.promised_days = 3;
  one.shipped_days = 2;
  one.known_days = 5;
  report::Nullifier nullifier;
  randombytes_buf(nullifier.data(), nullifier.size());
  auto sealed = report::Seal(report::NewReporterSeed(), kOrigin, one, nullifier);
  if (!sealed) Stop(sealed.error().message);
  return *sealed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) Stop("intake_bench PROGRAM FOLDER [REPORTS [CONNECTIONS [DATABASE]]]");
  const std::string program = argv[1], folder = argv[2];
  const size_t reports = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 20'000;
  const size_t connections = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 128;
  const std::string database = argc > 5 ? argv[5] : "sqlite";
  if (sodium_init() < 0) Stop("libsodium");
  int status = 0;
  waitpid(Run({program, "init", "--data", folder, "--name", kOrigin, "--work-bits", "0",
               "--database", database},
              folder + ".log"),
          &status, 0);
  if (status != 0) Stop("init failed; see " + folder + ".log");
  const std::string log = folder + ".log";
  // "Usual" load is as much as comes: the price stays nothing.
  const pid_t server = Run({program, "serve", "--data", folder, "--listen", "127.0.0.1:0",
                            "--publish-minutes", "0", "--usual-per-s", "1000000"},
                           log);
  uint16_t port = 0;
  while (port == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (waitpid(server, &status, WNOHANG) != 0) Stop("serve ended; see " + log);
    std::ifstream lines(log);
    for (std::string line; std::getline(lines, line);) {
      const Json one = Json::parse(line, nullptr, false);
      if (one.is_object() && one.value("event", "") == "listening") port = one.value("port", port);
    }
  }

  // What shoppers do themselves is done before the clock starts.
  std::vector<std::string> bodies(reports);
  HttpClient asker(port);
  for (size_t i = 0; i < reports; ++i) {
    report::Envelope envelope = Order(i);
    const auto given = asker.Request("GET", "/v1/challenge");
    if (!given || given->status != 200) Stop("no challenge");
    const auto challenge = report::ParseChallenge(given->json().value("challenge", ""));
    if (!challenge) Stop(challenge.error().message);
    envelope.challenge = challenge->text;
    envelope.solution = *report::Solve(*challenge, envelope.report);
    bodies[i] = envelope.ToText();
  }
  const auto cpu_of_server = [&] {
    std::ifstream stat(StrCat("/proc/", server, "/stat"));
    std::string word;
    for (int i = 0; i < 13; ++i) stat >> word;
    double user = 0, system = 0;
    stat >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  };
  std::vector<std::vector<double>> took(connections);
  std::vector<std::thread> threads;
  const double cpu_before = cpu_of_server(), own_before = CpuOf(RUSAGE_SELF), begun = Seconds();
  for (size_t t = 0; t < connections; ++t) {
    threads.emplace_back([&, t] {
      HttpClient client(port, 120'000);
      for (size_t i = t; i < reports; i += connections) {
        const double at = Seconds();
        const auto answer = client.Request("POST", "/v1/reports", bodies[i]);
        if (!answer || answer->status != 200) Stop(answer ? answer->body : "no answer");
        if (answer->body.find("\"receipt\"") == std::string::npos) Stop("no receipt");
        took[t].push_back(Seconds() - at);
      }
    });
  }
  for (std::thread& one : threads) one.join();
  const double seconds = Seconds() - begun, cpu = cpu_of_server() - cpu_before;
  const double own = CpuOf(RUSAGE_SELF) - own_before;
  std::vector<double> all;
  for (const auto& one : took) all.insert(all.end(), one.begin(), one.end());
  std::ranges::sort(all);

  // Beside it: verifications alone, on one core.
  const auto key = report::SigningKey::OfSeller(report::NewReporterSeed(), kOrigin, "taobao:1");
  const std::string text =
      report::SellerSigned(kOrigin, "a report of usual length, " + std::string(200, 'x'));
  const auto signature = key.Sign(text);
  constexpr int kVerifies = 20'000;
  const double verify_cpu = CpuOf(RUSAGE_SELF);
  for (int i = 0; i < kVerifies; ++i) {
    if (!report::IsSignedBy(key.key(), text, signature)) Stop("verify");
  }
  const double a_verify = (CpuOf(RUSAGE_SELF) - verify_cpu) / kVerifies;
  kill(server, SIGTERM);
  waitpid(server, &status, 0);

  const double n = static_cast<double>(reports);
  std::printf("%zu reports, %zu connections, %u cores\n", reports, connections,
              std::thread::hardware_concurrency());
  std::printf("%-44s %9.0f /s\n", "taken in, durable, with receipts", n / seconds);
  std::printf("%-44s %9.1f ms p50, %.1f ms p99\n", "receipt", all[all.size() / 2] * 1e3,
              all[all.size() * 99 / 100] * 1e3);
  std::printf("%-44s %9.0f us a report (load generator: %.0f us)\n",
              "processor time of the registry", cpu / n * 1e6, own / n * 1e6);
  std::printf("%-44s %9.0f /s a core of processor time\n", "", n / cpu);
  std::printf("%-44s %9.0f /s a core (%.0f us)\n", "Ed25519 verifications alone", 1 / a_verify,
              a_verify * 1e6);
  std::printf("%-44s %9.1f x two verifications\n", "a report costs", cpu / n / (2 * a_verify));
  return status == 0 ? 0 : 1;
}
