// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Times native-messaging hosts as whole programs, over pipes, interleaved, so that a noisy machine
// hits all alike.
//   host_bench start ROUNDS NAME=COMMAND...              spawn -> first reply to `hello`
//   host_bench warm  ROUNDS REQUESTS.jsonl NAME=COMMAND...   frame in -> frame out, each line a
//   request body
//   host_bench steps ROUNDS REQUESTS.jsonl NAME=COMMAND...   what the programs' replies say of each
//   page: {"bytes", "read_ms", "facts_ms"} (page_bench.cc)
// A table on stdout: milliseconds, median and p99, largest resident set; the last column is the
// ratio of medians to the first program named.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"

extern char** environ;

namespace {

using Steady = std::chrono::steady_clock;

struct Peer {
  std::string name;
  std::vector<std::string> command;
  std::vector<double> times_ms;
  std::vector<double> read_ms;
  double bytes = 0;  // of all rounds, as facts_total_ms and read_total_ms
  double read_total_ms = 0;
  double facts_total_ms = 0;
  size_t refused = 0;
  long resident_kib_max = 0;
};

struct Process {
  pid_t pid = -1;
  int to = -1;
  int from = -1;
};

[[noreturn]] void Die(const std::string& message) {
  std::fprintf(stderr, "host_bench: %s\n", message.c_str());
  std::exit(1);
}

Process Spawn(const Peer& peer) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) Die("pipe failed");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  std::vector<char*> argv;
  for (const std::string& word : peer.command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  Process process;
  if (posix_spawnp(&process.pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) {
    Die("cannot start " + peer.command[0]);
  }
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  process.to = in[1];
  process.from = out[0];
  return process;
}

void End(Process& process, Peer& peer) {
  close(process.to);
  close(process.from);
  rusage usage{};
  int status = 0;
  wait4(process.pid, &status, 0, &usage);
  peer.resident_kib_max = std::max(peer.resident_kib_max, usage.ru_maxrss);
}

void ReadAll(int fd, void* to, size_t size) {
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t got = read(fd, at, size);
    if (got <= 0) Die("a host closed its output");
    at += got;
    size -= static_cast<size_t>(got);
  }
}

// Sends one frame and waits for one; the frame is built before the clock starts.
std::string RoundTrip(const Process& process, const std::string& body, double* ms) {
  std::string frame(4, '\0');
  const auto length = static_cast<uint32_t>(body.size());
  std::memcpy(frame.data(), &length, 4);
  frame += body;
  const auto begin = Steady::now();
  for (size_t sent = 0; sent < frame.size();) {
    const ssize_t n = write(process.to, frame.data() + sent, frame.size() - sent);
    if (n <= 0) Die("a host closed its input");
    sent += static_cast<size_t>(n);
  }
  uint32_t reply_size = 0;
  ReadAll(process.from, &reply_size, 4);
  std::string reply(reply_size, '\0');
  ReadAll(process.from, reply.data(), reply_size);
  if (ms) *ms = std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
  return reply;
}

constexpr char kHello[] =
    R"({"v":1,"id":1,"op":"hello","client":"extension","version":"0.1.0","protocol_min":1,"protocol_max":1})";

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(q * static_cast<double>(values.size())))];
}

void PrintTable(const std::vector<Peer>& peers) {
  std::printf("%-22s %8s %10s %10s %10s %8s\n", "program", "n", "p50 ms", "p99 ms", "RSS MiB",
              "x first");
  const double first = Quantile(peers.front().times_ms, 0.5);
  for (const Peer& peer : peers) {
    const double p50 = Quantile(peer.times_ms, 0.5);
    std::printf("%-22s %8zu %10.3f %10.3f %10.1f %8.2f\n", peer.name.c_str(), peer.times_ms.size(),
                p50, Quantile(peer.times_ms, 0.99),
                static_cast<double>(peer.resident_kib_max) / 1024.0, p50 / first);
  }
}

void BenchStart(int rounds, std::vector<Peer>& peers) {
  for (int round = 0; round < rounds; ++round) {
    for (Peer& peer : peers) {
      const auto begin = Steady::now();
      Process process = Spawn(peer);
      RoundTrip(process, kHello, nullptr);
      peer.times_ms.push_back(
          std::chrono::duration<double, std::milli>(Steady::now() - begin).count());
      End(process, peer);
    }
  }
}

void BenchWarm(int rounds, const std::vector<std::string>& requests, std::vector<Peer>& peers) {
  std::vector<Process> processes;
  for (Peer& peer : peers) {
    processes.push_back(Spawn(peer));
    RoundTrip(processes.back(), kHello, nullptr);
    for (const std::string& request : requests)
      RoundTrip(processes.back(), request, nullptr);  // warm-up
  }
  for (int round = 0; round < rounds; ++round) {
    for (const std::string& request : requests) {
      for (size_t i = 0; i < peers.size(); ++i) {
        double ms = 0;
        RoundTrip(processes[i], request, &ms);
        peers[i].times_ms.push_back(ms);
      }
    }
  }
  for (size_t i = 0; i < peers.size(); ++i) End(processes[i], peers[i]);
}

void BenchSteps(int rounds, const std::vector<std::string>& requests, std::vector<Peer>& peers) {
  std::vector<Process> processes;
  for (Peer& peer : peers) {
    processes.push_back(Spawn(peer));
    RoundTrip(processes.back(), kHello, nullptr);
    for (const std::string& request : requests) RoundTrip(processes.back(), request, nullptr);
  }
  for (int round = 0; round < rounds; ++round) {
    for (const std::string& request : requests) {
      for (size_t i = 0; i < peers.size(); ++i) {
        Peer& peer = peers[i];
        const auto reply = kaopu::ParseJson(RoundTrip(processes[i], request, nullptr), peer.name);
        if (!reply || !reply->contains("facts_ms")) {
          ++peer.refused;
          continue;
        }
        const double read = reply->value("read_ms", 0.0);
        const double facts = reply->value("facts_ms", 0.0);
        peer.read_ms.push_back(read);
        peer.times_ms.push_back(facts);
        peer.bytes += reply->value("bytes", 0.0);
        peer.read_total_ms += read;
        peer.facts_total_ms += facts;
      }
    }
  }
  for (size_t i = 0; i < peers.size(); ++i) End(processes[i], peers[i]);
}

void PrintSteps(const std::vector<Peer>& peers) {
  std::printf("%-22s %6s %8s %10s %10s %10s %10s %10s %8s\n", "program", "n", "refused", "read p50",
              "MB/s", "facts p50", "facts p99", "MB/s", "x first");
  const double first = peers.front().times_ms.empty() ? 0 : Quantile(peers.front().times_ms, 0.5);
  for (const Peer& peer : peers) {
    if (peer.times_ms.empty()) {
      std::printf("%-22s %6d %8zu\n", peer.name.c_str(), 0, peer.refused);
      continue;
    }
    const double p50 = Quantile(peer.times_ms, 0.5);
    std::printf("%-22s %6zu %8zu %10.3f %10.1f %10.3f %10.3f %10.1f %8.2f\n", peer.name.c_str(),
                peer.times_ms.size(), peer.refused, Quantile(peer.read_ms, 0.5),
                peer.bytes / 1e3 / peer.read_total_ms, p50, Quantile(peer.times_ms, 0.99),
                peer.bytes / 1e3 / peer.facts_total_ms, first > 0 ? p50 / first : 0);
  }
}

Peer ParsePeer(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) Die("expected NAME=COMMAND, got " + text);
  Peer peer;
  peer.name = text.substr(0, equals);
  std::istringstream words(text.substr(equals + 1));
  for (std::string word; words >> word;) peer.command.push_back(word);
  return peer;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.size() < 3 || (args[0] != "start" && args[0] != "warm" && args[0] != "steps")) {
    Die("usage: host_bench start ROUNDS NAME=COMMAND... | host_bench warm|steps ROUNDS "
        "REQUESTS.jsonl NAME=COMMAND...");
  }
  const int rounds = std::stoi(args[1]);
  std::vector<Peer> peers;
  if (args[0] == "start") {
    for (size_t i = 2; i < args.size(); ++i) peers.push_back(ParsePeer(args[i]));
    BenchStart(rounds, peers);
  } else {
    std::ifstream in(args[2]);
    std::vector<std::string> requests;
    for (std::string line; std::getline(in, line);) requests.push_back(line);
    if (requests.empty()) Die("no requests in " + args[2]);
    for (size_t i = 3; i < args.size(); ++i) peers.push_back(ParsePeer(args[i]));
    if (args[0] == "steps") {
      BenchSteps(rounds, requests, peers);
      PrintSteps(peers);
      return 0;
    }
    BenchWarm(rounds, requests, peers);
  }
  PrintTable(peers);
}
