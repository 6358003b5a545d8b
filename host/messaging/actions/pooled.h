// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the shared databases say, as the protocol shows it (host/docs/protocol.md).
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/json.h"
#include "pool/look_up.h"
#include "reputation/policy.h"
#include "reputation/verdict.h"

namespace kaopu {

// Where no registry knows of the seller, and of one the range is not on this disk: that nothing is
// known means nothing then.
std::optional<Reason> ReasonNotHere(const pool::Answers& answers);

// The `pooled` object of a check_page reply.
Json PooledJson(const Policy& policy, const pool::Answers& answers, Date today);

}  // namespace kaopu
