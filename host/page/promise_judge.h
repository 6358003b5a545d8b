// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which of the times in a text is promised, and what is promised for it: what stands nearest
// decides.
#pragma once

#include <optional>
#include <vector>

#include "page/facts.h"
#include "page/promise_lexer.h"
#include "page/promise_time.h"

namespace kaopu {

struct JudgedPromise {
  PromiseKind kind = PromiseKind::kNone;
  std::optional<TimeSpan> span;  // set unless kNone
  bool business_days = false;
};

// `bare_is_ship`: what a duration without any verb means in the text's language.
// `now` tells a day ahead from one that is past.
// `bare_as`: what a time is about where the text has no verb of its own, whatever the language
// says.
JudgedPromise JudgePromise(const std::vector<PromiseToken>& tokens,
                           const std::vector<TimeSpan>& spans, bool bare_is_ship,
                           std::optional<TimeMs> now, std::optional<PromiseKind> bare_as = {});

}  // namespace kaopu
