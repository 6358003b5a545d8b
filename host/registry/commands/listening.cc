// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/commands/listening.h"

#include <signal.h>

#include <chrono>
#include <thread>

#include "base/str_cat.h"
#include "tlog/text_lines.h"

namespace kaopu {
namespace {

volatile sig_atomic_t stop_asked = 0;

}  // namespace

void ListenFlags::AddListenTo(Command command) {
  command.AddOption("--listen", listen, "ADDRESS:PORT; port 0 = any").ShowDefault();
}

void ListenFlags::AddRateTo(Command command, const std::string& counted) {
  command.AddOption("--rate", rate, counted + " a second of one neighbourhood; 0 = no limit")
      .InRange(0.0, 1e6)
      .ShowDefault();
  command.AddOption("--rate-burst", rate_burst, "And so many at once")
      .InRange(1.0, 1e6)
      .ShowDefault();
}

Expected<void> ListenFlags::Read(HttpServerOptions& http) const {
  const size_t colon = listen.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : tlog::ParseDecimal(listen.substr(colon + 1));
  if (!port || *port > 65535) {
    return Fail(ErrorCode::kBadRequest, StrCat("--listen \"", listen,
                                               "\": must be ADDRESS:PORT, as in 127.0.0.1:8787 or "
                                               "[::1]:8787; port 0 = any"));
  }
  std::string address = listen.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  http.address = address == "localhost" ? "127.0.0.1" : address;
  http.port = static_cast<uint16_t>(*port);
  return {};
}

void CatchStopSignals() {
  stop_asked = 0;
  struct sigaction action {};
  action.sa_handler = [](int) { stop_asked = 1; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

bool IsStopAsked() { return stop_asked != 0; }

void ServeUntilStopped(const ListenFlags& flags, HttpServerOptions http,
                       std::vector<HttpRoute> routes, EventLog& events, Json fields,
                       RegistryContext& context) {
  if (const auto listen = flags.Read(http); !listen) return context.Fail(listen.error());
  http.threads = 4;
  http.connections_max = 200;
  http.connections_per_prefix_max = 16;
  CatchStopSignals();
  auto server = HttpServer::Start(http, std::move(routes));
  if (!server) return context.Fail(server.error());
  fields["address"] = http.address;
  fields["port"] = (*server)->port();
  events.Write("info", "listening", std::move(fields));
  while (!IsStopAsked()) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  (*server)->Drain();
  events.Write("info", "stopped");
}

}  // namespace kaopu
