// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the shared databases say, as the protocol shows it (host/docs/protocol.md).
#pragma once

#include "base/clock.h"
#include "base/json.h"
#include "pool/look_up.h"
#include "reputation/policy.h"

namespace kaopu {

// The `pooled` object of a check_page reply.
Json PooledJson(const Policy& policy, const pool::Answers& answers, Date today);

}  // namespace kaopu
