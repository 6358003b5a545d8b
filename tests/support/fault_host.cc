// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A native-messaging host that misbehaves as told: browsers are pointed at it by a manifest of
// their own, so that tests see what the extension makes of each fault.
//
// The fault is the first line of the file `<this program's path>.fault`, read anew at each start
// (so a test changes it without starting the browser again), else $KAOPU_FAULT, else "none". It
// strikes at the first request, or, written `crash@check_page`, at the first request of that
// operation; requests before it are answered well: `hello` as a host of this version does,
// everything else with `unsupported`.
//
//   none           no fault                         slow[=MS]      answers MS (default 5000) late
//   crash          SIGABRT                          exit0, exit3   ends with that exit code
//   start_crash    SIGABRT before reading anything  hang           never answers; ends when the
//   browser closes the pipe deaf           never answers, never ends (60 s) close          closes
//   its output and lives on until the pipe closes garbage        prints text on its output
//   invalid_json   a frame that is not JSON invalid_utf8   a reply with broken UTF-8 too_large a
//   reply of 1 MiB + 1 torn           half a frame, then ends          wrong_id       a reply to a
//   request that nobody sent no_id          a reply without an id            not_ok         a reply
//   that says neither ok nor error internal, timeout, unavailable, damaged         an error reply
//   with that code old            hello of a host that speaks protocol 0 only new            hello
//   of a host that speaks protocol 99 only die_idle[=MS]  answers well, is killed MS (default 300)
//   after the first reply
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "messaging/frame.h"

namespace {

using kaopu::Json;

struct Fault {
  std::string name = "none";
  std::string op;  // "" = any
  int value_ms = 0;
};

void Send(std::string_view body) {
  if (!kaopu::WriteAll(STDOUT_FILENO, kaopu::EncodeFrame(body))) _exit(0);
}

void Sleep(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

// Reads on, answers nothing, ends with the pipe.
[[noreturn]] void WaitForEnd() {
  while (kaopu::ReadFrame(STDIN_FILENO).status == kaopu::FrameStatus::kBody) {
  }
  _exit(0);
}

Json HelloReply(const Json& id, int protocol) {
  return {
      {"v", 1},
      {"id", id},
      {"ok", true},
      {"version", KAOPU_VERSION},
      {"protocol_min", protocol},
      {"protocol_max", protocol},
      {"capabilities", {"hello"}},
      {"data", {{"adapters", Json::array()}, {"policy", Json::object()}}},
      {"sandbox", {{"seccomp", false}, {"landlock", false}, {"landlock_abi", 0}, {"note", ""}}}};
}

Json ErrorReply(const Json& id, const std::string& code) {
  return {{"v", 1},
          {"id", id},
          {"ok", false},
          {"error", {{"code", code}, {"message", "a fault made for a test"}}}};
}

void AnswerWell(const Json& request) {
  const Json id = request.value("id", Json());
  const bool hello = request.value("op", "") == "hello";
  Send((hello ? HelloReply(id, 1) : ErrorReply(id, "unsupported")).dump());
}

void KillSoon(int ms) {
  std::thread([ms] {
    Sleep(ms);
    std::raise(SIGKILL);
  }).detach();
}

// What stands in for an answer. Each entry either returns (the host then goes on) or ends the
// process.
void Strike(const Fault& fault, const Json& request) {
  const Json id = request.value("id", Json());
  const std::map<std::string, std::function<void()>> faults = {
      {"none", [&] { AnswerWell(request); }},
      {"crash", [] { std::abort(); }},
      {"exit0", [] { _exit(0); }},
      {"exit3", [] { _exit(3); }},
      {"hang", [] { WaitForEnd(); }},
      {"deaf",
       [] {
         Sleep(60'000);
         _exit(0);
       }},
      {"close",
       [] {
         close(STDOUT_FILENO);
         WaitForEnd();
       }},
      {"garbage", [] { (void)kaopu::WriteAll(STDOUT_FILENO, "hello from a stray print\n"); }},
      {"invalid_json", [] { Send("{\"v\":1,"); }},
      {"invalid_utf8",
       [&] { Send("{\"v\":1,\"id\":" + id.dump() + ",\"ok\":true,\"x\":\"\xff\xfe\"}"); }},
      {"too_large",
       [&] {
         const std::string head = "{\"v\":1,\"id\":" + id.dump() + ",\"ok\":true,\"x\":\"";
         Send(head + std::string(kaopu::kFrameBytesMax + 1 - head.size() - 2, 'x') + "\"}");
       }},
      {"torn",
       [] {
         (void)kaopu::WriteAll(STDOUT_FILENO,
                               kaopu::EncodeFrame("{\"v\":1,\"id\":1}").substr(0, 9));
         _exit(0);
       }},
      {"wrong_id", [] { Send(HelloReply(987654321, 1).dump()); }},
      {"no_id", [] { Send("{\"v\":1,\"ok\":true}"); }},
      {"not_ok",
       [&] {
         Send(Json{{"v", 1}, {"id", id}}.dump());
       }},
      {"old", [&] { Send(HelloReply(id, 0).dump()); }},
      {"new", [&] { Send(HelloReply(id, 99).dump()); }},
      {"slow",
       [&] {
         Sleep(fault.value_ms > 0 ? fault.value_ms : 5000);
         AnswerWell(request);
       }},
      {"die_idle",
       [&] {
         AnswerWell(request);
         KillSoon(fault.value_ms > 0 ? fault.value_ms : 300);
       }},
  };
  const auto it = faults.find(fault.name);
  if (it != faults.end()) return it->second();
  Send(ErrorReply(id, fault.name).dump());
}

Fault ReadFault() {
  std::string text;
  if (auto program = kaopu::ProgramPath()) {
    std::ifstream file(program->string() + ".fault");
    std::getline(file, text);
  }
  if (const char* env = std::getenv("KAOPU_FAULT"); text.empty() && env != nullptr) text = env;
  Fault fault;
  if (const size_t at = text.find('@'); at != std::string::npos) {
    fault.op = text.substr(at + 1);
    text.resize(at);
  }
  if (const size_t at = text.find('='); at != std::string::npos) {
    fault.value_ms = std::atoi(text.c_str() + at + 1);
    text.resize(at);
  }
  if (!text.empty()) fault.name = text;
  return fault;
}

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  const Fault fault = ReadFault();
  if (fault.name == "start_crash") std::abort();
  for (;;) {
    const kaopu::Frame frame = kaopu::ReadFrame(STDIN_FILENO);
    if (frame.status != kaopu::FrameStatus::kBody) return 0;
    const auto request = kaopu::ParseJson(frame.body, "request");
    if (!request || !request->is_object()) continue;
    if (fault.op.empty() || request->value("op", "") == fault.op) {
      Strike(fault, *request);
    } else {
      AnswerWell(*request);
    }
  }
}
