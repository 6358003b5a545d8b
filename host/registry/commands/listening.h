// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the commands that serve over HTTP share: where they listen, and until when.
#pragma once

#include <string>
#include <vector>

#include "options/command.h"
#include "registry/http/http_server.h"
#include "registry/registry_command.h"
#include "registry/serve/event_log.h"

namespace kaopu {

struct ListenFlags {
  std::string listen;  // `A:P`, `[v6]:P`
  double rate;         // requests a second of one neighbourhood; 0 = no limit
  double rate_burst;   // and so many at once

  // --listen, and --rate and --rate-burst of what is counted: "Requests", "Mails".
  void AddListenTo(Command command);
  void AddRateTo(Command command, const std::string& counted);
  // kBadRequest: --listen cannot be read.
  Expected<void> Read(HttpServerOptions& http) const;
};

// From now on SIGTERM and SIGINT only ask to stop.
void CatchStopSignals();
bool IsStopAsked();

// A service of few and slow requests, each of which may wait for something: listens, says so with
// these fields, and answers until it is told to stop; what was asked by then is answered.
void ServeUntilStopped(const ListenFlags& flags, HttpServerOptions http,
                       std::vector<HttpRoute> routes, EventLog& events, Json fields,
                       RegistryContext& context);

}  // namespace kaopu
