// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the host answers: `hello` itself, everything else by the table of actions.
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "messaging/engine.h"
#include "messaging/protocol.h"
#include "messaging/sandbox.h"

namespace kaopu {

class Service {
 public:
  Service(Engine& engine, SandboxState sandbox) : engine_(engine), sandbox_(std::move(sandbox)) {}

  Expected<Json> Answer(Request request);
  // Loads what the first request after `hello` will need. Failures show when that request comes.
  void WarmUp();

 private:
  Json Hello() const;

  Engine& engine_;
  SandboxState sandbox_;
};

}  // namespace kaopu
