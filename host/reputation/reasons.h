// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Why a verdict is what it is: at most Policy::reasons_max, the one that moved the expected loss
// most first. Within the reputation room; keys and arguments: host/docs/reasons.md.
#pragma once

#include <vector>

#include "reputation/verdict.h"

namespace kaopu {

// A row of the page signal table that applies, and the value it saw.
struct Fired {
  const SignalRule* rule;
  Micro value;
};

// Of all of them together, at most Policy::page_weight_max.
Micro PageWeight(const Policy& policy, const std::vector<Fired>& fired);

// `judgement` complete but for its reasons and advice. How much a reason moved the loss is the mean
// of two differences: the loss with everything against that without it (leave one out), and the
// loss by it alone against that by nothing. The first alone would rank praise before failures
// wherever the praise is what softens them.
std::vector<Reason> ReasonsFor(const Policy& policy, const Question& question,
                               const Judgement& judgement, const std::vector<Fired>& fired);

}  // namespace kaopu
