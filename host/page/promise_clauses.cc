// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise_clauses.h"

#include <algorithm>

namespace kaopu {
PromiseClauses::PromiseClauses(const std::vector<PromiseToken>& tokens,
                               const std::vector<TimeSpan>& spans)
    : tokens_(tokens), spans_(spans), inert_(tokens.size(), false) {
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].Is(WordRole::kAfter)) MakeInertAfter(i);
    if (tokens_[i].Is(WordRole::kAfterSuffix)) MakeInertBefore(i);
  }
}

bool PromiseClauses::IsEvent(size_t i) const {
  const PromiseToken& token = tokens_[i];
  return token.Is(WordRole::kShip) || token.Is(WordRole::kDeliver) ||
         token.Is(WordRole::kCarriage) || token.Is(WordRole::kOrder) || token.Is(WordRole::kDeny);
}

bool PromiseClauses::InSpan(size_t i) const {
  return std::any_of(spans_.begin(), spans_.end(),
                     [&](const TimeSpan& span) { return i >= span.first && i < span.last; });
}

void PromiseClauses::MakeInertAfter(size_t after) {
  bool event = false;
  const bool receipt = tokens_[after].Is(WordRole::kDeny);
  for (size_t i = after + 1; i < tokens_.size() && i <= after + 5; ++i) {
    if (tokens_[i].Is(Kind::kEnd) || tokens_[i].Is(Kind::kComma) || tokens_[i].Is(Kind::kNumber) ||
        tokens_[i].Is(Kind::kTime) || InSpan(i))
      break;
    if (tokens_[i].Is(WordRole::kBack)) back_starts_.push_back(i);
    if (IsEvent(i)) {
      if (receipt && !tokens_[i].Is(WordRole::kOrder)) break;
      inert_[i] = true;
      event = true;
      if (receipt) inert_[after] = true;
    } else if (event && !tokens_[i].Is(WordRole::kFiller) && !tokens_[i].Is(WordRole::kFuture)) {
      break;
    }
    // "nach Zahlungseingang verschickt": a second event right behind the first is the promise
    // itself.
    if (event && i + 1 < tokens_.size() && IsEvent(i) && IsEvent(i + 1)) break;
  }
}

void PromiseClauses::MakeInertBefore(size_t suffix) {
  bool order = false;
  for (size_t i = suffix; i > 0 && i + 4 > suffix;) {
    --i;
    const PromiseToken& token = tokens_[i];
    if (token.Is(Kind::kOther) ? token.end - token.begin > 9 : !token.Is(Kind::kWord) || InSpan(i))
      break;
    // 発送目安 お支払い完了から: what is promised stands before its clock's start.
    if (order && !token.Is(WordRole::kOrder) &&
        (token.Is(WordRole::kShip) || token.Is(WordRole::kDeliver)))
      break;
    order |= token.Is(WordRole::kOrder);
    if (token.Is(WordRole::kBack)) back_starts_.push_back(i);
    // 賞味期限：製造日より90日 is still about what it keeps.
    if (IsEvent(i) && (!token.Is(WordRole::kDeny) || token.Is(WordRole::kOrder))) inert_[i] = true;
  }
}

size_t PromiseClauses::SentenceBegin(size_t i) const {
  while (i > 0 && !tokens_[i - 1].Is(Kind::kEnd)) --i;
  return i;
}

size_t PromiseClauses::SentenceEnd(size_t i) const {
  while (i < tokens_.size() && !tokens_[i].Is(Kind::kEnd)) ++i;
  return i;
}

bool PromiseClauses::IsTimeOfDay(const TimeSpan& span) const {
  return span.first > 0 && span.HasHours() && span.max_hours.value_or(48) <= 24 && !span.today &&
         tokens_[span.first - 1].Is(WordRole::kBy) &&
         !tokens_[span.first - 1].Is(WordRole::kWithin);
}

bool PromiseClauses::IsCutOff(const TimeSpan& span) const {
  if (span.HasDate()) return IsDayOfOrder(span);
  for (size_t i = span.first; i < span.last; ++i) {
    if (tokens_[i].Is(WordRole::kShip) || tokens_[i].Is(WordRole::kDeliver))
      return false;  // 当天发
  }
  size_t before = span.first;
  while (before > 0 &&
         (tokens_[before - 1].Is(WordRole::kWithin) || tokens_[before - 1].Is(WordRole::kFiller) ||
          tokens_[before - 1].Is(WordRole::kBy))) {
    --before;
  }
  const auto orders = [&](size_t i) {
    return i < tokens_.size() && tokens_[i].Is(WordRole::kOrder) && !inert_[i];
  };
  const auto close = [&](size_t left, size_t right, size_t bytes) {
    return tokens_[right].begin - tokens_[left].end <= bytes;
  };
  size_t verb = before;
  while (verb > 0 && tokens_[verb - 1].Is(WordRole::kCommit)) --verb;  // "spedizione garantita in"
  if (verb > 0 && BelongsToVerb(verb - 1) && !span.today) return false;
  const bool another = FollowedByTime(span, SentenceEnd(span.last));
  // "Ships today if ordered by 2 pm": what the clause is about is the seller's act.
  if (!another && IsOfVerb(before)) return false;
  size_t next = AfterClock(span.last);
  while (next < tokens_.size() &&
         (tokens_[next].Is(WordRole::kWithin) || tokens_[next].Is(WordRole::kFiller) ||
          tokens_[next].Is(WordRole::kBySuffix) ||
          (tokens_[next].Is(Kind::kOther) && tokens_[next].end - tokens_[next].begin <= 3))) {
    ++next;
  }
  const bool deadline = span.today || span.max_hours.value_or(0) <= 24 ||
                        tokens_[next - 1].Is(WordRole::kBySuffix) ||
                        (tokens_[next - 1].Is(WordRole::kFiller) && next > span.last + 1 &&
                         tokens_[next - 2].Is(WordRole::kBySuffix));  // 2天内完成支付
  const bool day_of_order = span.same_day && another;                 // 当天下单，次日发货
  if (deadline && (!span.same_day || day_of_order) && orders(next) &&
      close(span.last - 1, next, 14)) {
    const bool verb_first = next + 1 < tokens_.size() && tokens_[next + 1].Is(WordRole::kShip);
    if (!verb_first || span.today) return true;
  }
  if (IsTimeOfDay(span) || IsTimeLeft(span)) return true;
  if (span.first > 0 && tokens_[span.first - 1].Is(WordRole::kAfter) && span.HasHours() &&
      span.max_hours.value_or(24) < 24 &&
      tokens_[span.last - 1].end - tokens_[span.last - 1].begin == 1) {
    return true;  // "après 15h"
  }
  if (before == 0 || inert_[before - 1]) return false;
  if (span.today) {
    // "ship your order today", ご注文で本日発送: the seller's day after all.
    const PromiseToken& order = tokens_[before - 1];
    return orders(before - 1) && !(before > 1 && ShipsThe(before - 1)) &&
           ((order.Is(WordRole::kOrderNow) && another) || !FollowedByShip(span) ||
            FollowedByTime(span, span.last + 4));
  }
  if (before > 1 && tokens_[before - 2].Is(WordRole::kFiller) && close(before - 2, before - 1, 1))
    return false;  // "your order within"
  // "receive your order within 3 days": no deadline is that long.
  if (before > 1 && BelongsToVerb(before - 2) && close(before - 2, before - 1, 1) &&
      span.max_hours.value_or(0) >= 48 && !FollowedByTime(span, SentenceEnd(span.last)))
    return false;
  const bool bounded = span.adjusted || tokens_[span.last - 1].Is(WordRole::kWithin) ||
                       (span.last < tokens_.size() && (tokens_[span.last].Is(WordRole::kWithin) ||
                                                       tokens_[span.last].Is(WordRole::kBySuffix)));
  if (!tokens_[before - 1].Is(WordRole::kOrderNow)) return false;
  const bool time_follows = FollowedByTime(span, SentenceEnd(span.last));
  // 5時間以内 is one unit: a few hours before the promised day are the buyer's all the same.
  if (!bounded) return time_follows && span.HasHours() && span.max_hours.value_or(24) < 24;
  return !FollowedByShip(span) || time_follows;
}

bool PromiseClauses::IsDayOfOrder(const TimeSpan& span) const {
  const auto other =
      std::ranges::find_if(spans_, [&](const TimeSpan& later) { return later.first >= span.last; });
  if (other == spans_.end() || other->first >= SentenceEnd(span.last) ||
      (!other->HasDate() && IsCutOff(*other)))
    return false;
  const auto says_nothing = [&](size_t i) {
    constexpr WordRole kNothing[] = {WordRole::kFiller,   WordRole::kWithin, WordRole::kBy,
                                     WordRole::kBySuffix, WordRole::kAfter,  WordRole::kAtLeast};
    return std::any_of(std::begin(kNothing), std::end(kNothing),
                       [&](WordRole role) { return tokens_[i].Is(role); }) &&
           !IsEvent(i);
  };
  size_t next = AfterClock(span.last);
  while (next < tokens_.size() && says_nothing(next)) ++next;
  size_t before = span.first;
  while (before > 0 && says_nothing(before - 1)) --before;
  if (IsOfVerb(before)) return false;
  if (next < tokens_.size() && tokens_[next].Is(WordRole::kOrder) && !inert_[next]) return true;
  return before > 0 && tokens_[before - 1].Is(WordRole::kOrder) && !inert_[before - 1] &&
         !(before > 1 && ShipsThe(before - 1));
}

bool PromiseClauses::IsOfVerb(size_t i) const {
  while (i > 0) {
    const PromiseToken& token = tokens_[--i];
    if (token.Is(Kind::kComma) || token.Is(Kind::kEnd) || InSpan(i)) return false;
    if (BelongsToVerb(i) && !token.Is(WordRole::kCarriage)) return true;
    if (!token.Is(WordRole::kFiller) && !token.Is(WordRole::kFuture) &&
        !(token.Is(WordRole::kOrder) && !token.Is(WordRole::kOrderNow)) && !token.Is(Kind::kOther))
      return false;
    if (token.Is(Kind::kOther) && token.end - token.begin > kSubjectBytes) return false;
  }
  return false;
}

bool PromiseClauses::BelongsToVerb(size_t i) const {
  return !inert_[i] && !tokens_[i].Is(WordRole::kOrder) &&
         (tokens_[i].Is(WordRole::kShip) || tokens_[i].Is(WordRole::kDeliver) ||
          tokens_[i].Is(WordRole::kCarriage));
}

size_t PromiseClauses::AfterClock(size_t i) const {
  size_t at = i;
  while (at < tokens_.size() &&
         (tokens_[at].Is(Kind::kTime) || tokens_[at].Is(Kind::kNumber) ||
          tokens_[at].Is(WordRole::kClock) || tokens_[at].Is(WordRole::kClockBefore)))
    ++at;
  if (at == i) return i;
  while (at < tokens_.size() &&
         (tokens_[at].Is(WordRole::kAfterSuffix) || tokens_[at].Is(WordRole::kBySuffix)))
    ++at;
  return at;
}

bool PromiseClauses::FollowedByTime(const TimeSpan& span, size_t end) const {
  return std::any_of(spans_.begin(), spans_.end(), [&](const TimeSpan& other) {
    return other.first >= span.last && other.first < end && !IsTimeOfDay(other) &&
           !IsTimeLeft(other);
  });
}

size_t PromiseClauses::LeadBegin(const TimeSpan& span) const {
  size_t begin = span.first;
  while (begin > 0 &&
         (tokens_[begin - 1].Is(WordRole::kWithin) || tokens_[begin - 1].Is(WordRole::kFiller)))
    --begin;
  return begin;
}

bool PromiseClauses::IsTimeLeft(const TimeSpan& span) const {
  if (!span.HasHours() || span.max_hours.value_or(24) >= 24) return false;
  const size_t before = LeadBegin(span);
  if (before == 0 || !(span.adjusted || before < span.first)) return false;
  return tokens_[before - 1].Is(WordRole::kOrder) && !inert_[before - 1] &&
         std::ranges::any_of(spans_, [&](const TimeSpan& other) {
           return other.last < before && other.first >= SentenceBegin(span.first);
         });
}

bool PromiseClauses::ShipsThe(size_t order) const {
  size_t i = order;
  while (i > 0 && tokens_[i - 1].Is(WordRole::kFiller)) --i;
  return i > 0 && (tokens_[i - 1].Is(WordRole::kShip) || tokens_[i - 1].Is(WordRole::kDeliver));
}

bool PromiseClauses::FollowedByShip(const TimeSpan& span) const {
  size_t end = span.last + 2;
  for (size_t i = span.last; i < tokens_.size() && i < end; ++i) {
    if (tokens_[i].Is(WordRole::kFiller) && end < span.last + 5) ++end;
    if (tokens_[i].Is(WordRole::kShip) || tokens_[i].Is(WordRole::kDeliver)) return true;
    if (tokens_[i].Is(Kind::kComma) || tokens_[i].Is(WordRole::kAnd)) return false;
  }
  return false;
}

}  // namespace kaopu
