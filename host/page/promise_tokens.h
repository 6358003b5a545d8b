// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the readers of durations and of dates share: looking at tokens by index, none there being
// like none that fits.
#pragma once

#include <cstddef>
#include <vector>

#include "page/promise_lexer.h"

namespace kaopu {

class TokenReader {
 public:
  // `tokens` must outlive the reader.
  explicit TokenReader(const std::vector<PromiseToken>& tokens) : tokens_(tokens) {}

 protected:
  using Kind = PromiseToken::Kind;

  bool In(size_t i) const { return i < tokens_.size(); }
  bool Is(size_t i, Kind kind) const { return In(i) && tokens_[i].Is(kind); }
  bool Is(size_t i, WordRole role) const { return In(i) && tokens_[i].Is(role); }
  bool IsUnit(size_t i) const { return In(i) && tokens_[i].IsUnit(); }

  size_t SkipFiller(size_t i) const {
    while (Is(i, WordRole::kFiller) && !IsUnit(i)) ++i;
    return i;
  }

  // Between two numbers of a range; `i` itself when there is none.
  size_t Connector(size_t i, bool between) const {
    if (Is(i, Kind::kDash)) {
      while (Is(i, Kind::kDash)) ++i;
      return i;
    }
    if (Is(i, WordRole::kTo)) {
      const size_t at = SkipFiller(i + 1);
      return Is(at, Kind::kDash) ? at + 1 : at;  // ל-2
    }
    if (Is(i, WordRole::kAnd)) return i + 1;
    if (Is(i, Kind::kComma) && tokens_[i].end - tokens_[i].begin == 3) return i + 1;  // 3、5天
    return between && Is(i, WordRole::kFiller) ? i + 1 : i;
  }

  const std::vector<PromiseToken>& tokens_;
};

}  // namespace kaopu
