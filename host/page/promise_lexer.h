// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Folded text -> the words, numbers, dates and marks that a promise is made of. Tokens that touch
// (but for white space) are neighbours in the list: whatever means nothing here becomes one kOther
// between them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "page/promise_words.h"

namespace kaopu {

struct PromiseToken {
  enum class Kind : uint8_t {
    kWord,
    kNumber,   // 3, 1.5, 三
    kPercent,  // 99%
    kMoney,    // $75
    kTime,     // 11:00
    kDate,     // 2026-11-30, 8月15日, 08/12, 12월; day 0 = the whole month
    kDash,     // - ~ /
    kDot,      // behind a number
    kPlus,
    kComma,  // , 、 ( ) and the like: a clause ends
    kEnd,    // a sentence ends
    kOther,
  };
  Kind kind = Kind::kOther;
  bool slash = false;      // kDash written as "/"
  bool ambiguous = false;  // kDate whose day and month may be the other way round
  bool year_like = false;  // kNumber of four digits, 1990..2099 or the same in the Buddhist era
  uint8_t part = 0;        // kDate of a month: 1 its first, 2 its second, 3 its last ten days
  uint32_t begin = 0;      // bytes of the folded text
  uint32_t end = 0;
  const WordMeaning* word = nullptr;
  double number = 0;
  int year = 0;  // 0 = not said
  int month = 0;
  int day = 0;

  bool Is(Kind k) const { return kind == k; }
  bool Is(WordRole role) const { return word != nullptr && word->Is(role); }
  bool IsUnit() const { return word != nullptr && word->unit != TimeUnit::kNone; }
};

// Thai pages count from 544 BC: 2569 is 2026.
inline int WesternYear(int year) { return year >= 2533 && year < 2643 ? year - 543 : year; }

// Linear: every character is looked at a bounded number of times (the longest word is bounded).
std::vector<PromiseToken> LexPromise(std::string_view folded, const PromiseWords& words);

}  // namespace kaopu
