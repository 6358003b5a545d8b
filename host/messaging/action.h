// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One operation = one function, reached by native messaging and by the command line alike.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "messaging/launcher.h"
#include "messaging/rules.h"
#include "pool/look_up.h"
#include "store/store.h"

namespace kaopu {

// What an action may use. Built once by a program; outlives every call. Actions run on one thread
// at a time. The record works without the rules: only what judges or reads a page asks for them.
struct ActionContext {
  Rules& rules;
  Store& store;
  const Clock& clock;
  pool::LookUp& pool;
  std::filesystem::path home = {};  // KAOPU_HOME: the registries' files lie below it
  // Launcher::Ask. Unset: no such way, as on the command line.
  std::function<SyncRun(const SyncAsk&)> ask_launcher = {};
};

// `request` is the whole request object, out of which an action may take what is large; the result
// is what stands in the reply beside v, id and ok.
using Action = Expected<Json> (*)(ActionContext& context, Json& request);

struct ActionRow {
  std::string_view op;  // WIRE
  Action run;
};

// Every operation but `hello`, which the protocol layer answers itself. One table, in
// actions/table.cc.
std::span<const ActionRow> Actions();

// kUnsupported for an operation that is not in the table.
Expected<Json> RunAction(ActionContext& context, std::string_view op, Json request);

}  // namespace kaopu
