// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise_judge.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace kaopu {
namespace {

using Kind = PromiseToken::Kind;

constexpr size_t kFar = std::numeric_limits<size_t>::max();
// A comma between a time and a word counts as much as this many bytes of other text.
constexpr size_t kCommaBytes = 20;
// A subject stands at most so far before its verb: " will be ".
constexpr size_t kSubjectBytes = 20;
// So much text without meaning (a colon, a particle) still leaves a bare duration bare.
constexpr size_t kBareBytesMax = 4;

// A date without a year that is farther off may as well be last year's.
constexpr std::chrono::days kSoon{45};

enum class Context { kNothing, kShip, kDeliver, kDeny };

struct Verdict {
  PromiseKind kind = PromiseKind::kNone;
  bool business = false;
  int rank = 0;
};

class Judge {
 public:
  Judge(const std::vector<PromiseToken>& tokens, const std::vector<TimeSpan>& spans,
        bool bare_is_ship, std::optional<TimeMs> now, std::optional<PromiseKind> bare_as)
      : tokens_(tokens),
        spans_(spans),
        bare_is_ship_(bare_is_ship),
        now_(now),
        bare_as_(bare_as),
        inert_(tokens.size(), false) {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      presale_ |= tokens_[i].Is(WordRole::kPresale);
      if (tokens_[i].Is(WordRole::kAfter)) MakeInertAfter(i);
      if (tokens_[i].Is(WordRole::kAfterSuffix)) MakeInertBefore(i);
    }
  }

  JudgedPromise Run() const {
    JudgedPromise best;
    int best_rank = 0;
    for (const TimeSpan& span : spans_) {
      const Verdict verdict = Of(span);
      if (verdict.kind != PromiseKind::kNone && verdict.rank > best_rank) {
        best = {verdict.kind, span, verdict.business};
        best_rank = verdict.rank;
      }
    }
    return best;
  }

 private:
  bool IsEvent(size_t i) const {
    const PromiseToken& token = tokens_[i];
    return token.Is(WordRole::kShip) || token.Is(WordRole::kDeliver) ||
           token.Is(WordRole::kCarriage) || token.Is(WordRole::kOrder) || token.Is(WordRole::kDeny);
  }

  bool InSpan(size_t i) const {
    return std::any_of(spans_.begin(), spans_.end(),
                       [&](const TimeSpan& span) { return i >= span.first && i < span.last; });
  }

  // "after payment", "nach dem Versand": the event only starts the clock. "After receipt" alone is
  // the buyer's time to return; "after receipt of payment" is a start like any other.
  void MakeInertAfter(size_t after) {
    bool event = false;
    const bool receipt = tokens_[after].Is(WordRole::kDeny);
    for (size_t i = after + 1; i < tokens_.size() && i <= after + 5; ++i) {
      if (tokens_[i].Is(Kind::kEnd) || tokens_[i].Is(Kind::kComma) ||
          tokens_[i].Is(Kind::kNumber) || tokens_[i].Is(Kind::kTime) || InSpan(i))
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

  // 付款成功后, ご注文確認後
  void MakeInertBefore(size_t suffix) {
    bool order = false;
    for (size_t i = suffix; i > 0 && i + 4 > suffix;) {
      --i;
      const PromiseToken& token = tokens_[i];
      if (token.Is(Kind::kOther) ? token.end - token.begin > 9
                                 : !token.Is(Kind::kWord) || InSpan(i))
        break;
      // 発送目安 お支払い完了から: what is promised stands before its clock's start.
      if (order && !token.Is(WordRole::kOrder) &&
          (token.Is(WordRole::kShip) || token.Is(WordRole::kDeliver)))
        break;
      order |= token.Is(WordRole::kOrder);
      if (token.Is(WordRole::kBack)) back_starts_.push_back(i);
      // 賞味期限：製造日より90日 is still about what it keeps.
      if (IsEvent(i) && (!token.Is(WordRole::kDeny) || token.Is(WordRole::kOrder)))
        inert_[i] = true;
    }
  }

  size_t SentenceBegin(size_t i) const {
    while (i > 0 && !tokens_[i - 1].Is(Kind::kEnd)) --i;
    return i;
  }
  size_t SentenceEnd(size_t i) const {
    while (i < tokens_.size() && !tokens_[i].Is(Kind::kEnd)) ++i;
    return i;
  }

  size_t Distance(const TimeSpan& span, size_t i) const {
    const bool before = i < span.first;
    const size_t from = before ? i + 1 : span.last;
    const size_t to = before ? span.first : i;
    size_t distance = before ? tokens_[span.first].begin - tokens_[i].end
                             : tokens_[i].begin - tokens_[span.last - 1].end;
    for (size_t k = from; k < to; ++k) {
      if (tokens_[k].Is(Kind::kComma) || tokens_[k].Is(Kind::kPlus)) distance += kCommaBytes;
      // "within" is part of how the time is said, and long in some scripts.
      if (before && (tokens_[k].Is(WordRole::kWithin) || tokens_[k].Is(WordRole::kBy)))
        distance -= tokens_[k].end - tokens_[k].begin;
    }
    return distance;
  }

  // Nothing but "within", "about" between the noun and its time: "Versand innerhalb von 24
  // Stunden".
  bool LeadsInto(size_t noun, const TimeSpan& span) const {
    if (noun > span.first) return false;
    bool bounded = span.adjusted;
    for (size_t i = noun + 1; i < span.first; ++i) {
      // "Versand nach einem Tag, spätestens nach drei Tagen"
      if (InSpan(i) || (tokens_[i].Is(Kind::kComma) && InSpan(i - 1))) continue;
      // "Versand nach 3 Wochen", "spätestens am nächsten Werktag"
      bounded |= tokens_[i].Is(WordRole::kAfter) || tokens_[i].Is(WordRole::kCommit);
      constexpr WordRole kBetween[] = {WordRole::kWithin, WordRole::kAfter,  WordRole::kFiller,
                                       WordRole::kBy,     WordRole::kCommit, WordRole::kEstimate,
                                       WordRole::kOrder};
      if (std::none_of(std::begin(kBetween), std::end(kBetween),
                       [&](WordRole role) { return tokens_[i].Is(role); }))
        return false;
    }
    return bounded;
  }

  // "Bearbeitungszeit bis zum Versand", "antes del envío": what ends there is the handling.
  bool EndsBefore(size_t noun) const {
    while (noun > 0 && tokens_[noun - 1].Is(WordRole::kFiller) &&
           !tokens_[noun - 1].Is(WordRole::kBy))
      --noun;
    return noun > 0 && tokens_[noun - 1].Is(WordRole::kBy) &&
           !tokens_[noun - 1].Is(WordRole::kWithin);
  }

  Context ContextOf(size_t i, const TimeSpan& span) const {
    const PromiseToken& token = tokens_[i];
    if (token.Is(WordRole::kDeny) || token.Is(Kind::kPercent)) return Context::kDeny;
    if (token.Is(WordRole::kShip) || token.Is(WordRole::kPresale)) return Context::kShip;
    if (token.Is(WordRole::kDeliver)) return Context::kDeliver;
    if (token.Is(WordRole::kCarriage))
      return span.same_day || (span.relative && i + 1 == span.first) || LeadsInto(i, span) ||
                     EndsBefore(i)
                 ? Context::kShip
                 : Context::kDeliver;
    return Context::kNothing;
  }

  // "Refunds are processed within": what is shipped or processed there is no order.
  bool IsOfDenied(size_t i, size_t begin) const {
    for (size_t k = i; k > begin && !tokens_[k - 1].Is(Kind::kComma) && !InSpan(k - 1); --k) {
      if (tokens_[i].begin - tokens_[k - 1].end > kSubjectBytes ||
          tokens_[k - 1].Is(WordRole::kAnd) || tokens_[k - 1].Is(Kind::kDash))
        return false;
      if (tokens_[k - 1].Is(WordRole::kDeny) && !inert_[k - 1]) return true;
    }
    return false;
  }

  Context Nearest(const TimeSpan& span, size_t begin, size_t end) const {
    Context context = Context::kNothing;
    size_t nearest = kFar;
    for (size_t i = begin; i < end; ++i) {
      const bool inside = i >= span.first && i < span.last;
      if (inside && (tokens_[i].Is(WordRole::kTo) || tokens_[i].IsUnit())) continue;
      const Context here = inert_[i] ? Context::kNothing : ContextOf(i, span);
      if (here == Context::kNothing) continue;
      // A noun for either gives way to a verb as near: 快递明天到.
      const bool noun = tokens_[i].Is(WordRole::kCarriage) && !tokens_[i].Is(WordRole::kShip) &&
                        !tokens_[i].Is(WordRole::kDeliver);
      const size_t distance = inside ? 0 : Distance(span, i) + (noun ? 2 : 0);
      if (distance < nearest) {
        nearest = distance;
        context = i < span.first && IsOfDenied(i, begin) ? Context::kDeny : here;
      }
    }
    return context;
  }

  // "avant 14h"
  bool IsTimeOfDay(const TimeSpan& span) const {
    return span.first > 0 && span.HasHours() && span.max_hours.value_or(48) <= 24 && !span.today &&
           tokens_[span.first - 1].Is(WordRole::kBy) &&
           !tokens_[span.first - 1].Is(WordRole::kWithin);
  }

  // "order within 3 hours", 今天下单, 2小时内付款: the buyer's deadline.
  bool IsCutOff(const TimeSpan& span) const {
    if (span.HasDate()) return IsDayOfOrder(span);
    for (size_t i = span.first; i < span.last; ++i) {
      if (tokens_[i].Is(WordRole::kShip) || tokens_[i].Is(WordRole::kDeliver))
        return false;  // 当天发
    }
    size_t before = span.first;
    while (before > 0 &&
           (tokens_[before - 1].Is(WordRole::kWithin) ||
            tokens_[before - 1].Is(WordRole::kFiller) || tokens_[before - 1].Is(WordRole::kBy))) {
      --before;
    }
    const auto orders = [&](size_t i) {
      return i < tokens_.size() && tokens_[i].Is(WordRole::kOrder) && !inert_[i];
    };
    const auto close = [&](size_t left, size_t right, size_t bytes) {
      return tokens_[right].begin - tokens_[left].end <= bytes;
    };
    size_t verb = before;
    while (verb > 0 && tokens_[verb - 1].Is(WordRole::kCommit))
      --verb;  // "spedizione garantita in"
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
    const bool day_of_order = span.same_day && another;  // 当天下单，次日发货
    if (deadline && (!span.same_day || day_of_order) && orders(next) &&
        close(span.last - 1, next, 14)) {
      const bool verb_first = next + 1 < tokens_.size() && tokens_[next + 1].Is(WordRole::kShip);
      if (!verb_first || span.today) return true;
    }
    if (IsTimeOfDay(span)) return true;
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
    const bool bounded =
        span.adjusted || tokens_[span.last - 1].Is(WordRole::kWithin) ||
        (span.last < tokens_.size() &&
         (tokens_[span.last].Is(WordRole::kWithin) || tokens_[span.last].Is(WordRole::kBySuffix)));
    if (!tokens_[before - 1].Is(WordRole::kOrderNow)) return false;
    const bool time_follows = FollowedByTime(span, SentenceEnd(span.last));
    // 5時間以内 is one unit: a few hours before the promised day are the buyer's all the same.
    if (!bounded) return time_follows && span.HasHours() && span.max_hours.value_or(24) < 24;
    return !FollowedByShip(span) || time_follows;
  }

  // "Orders placed between Nov 27 and Nov 29 will ship on Dec 1", 12月1日前的订单12月5日发货: a
  // date beside the buyer's act is the buyer's, where the sentence tells another day after it.
  bool IsDayOfOrder(const TimeSpan& span) const {
    const auto other = std::ranges::find_if(
        spans_, [&](const TimeSpan& later) { return later.first >= span.last; });
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

  // Whether the clause has a verb of shipping or delivery before `i`. Where words are not written
  // apart a space divides clauses.
  bool IsOfVerb(size_t i) const {
    while (i > 0) {
      const PromiseToken& token = tokens_[--i];
      if (token.Is(Kind::kComma) || token.Is(Kind::kEnd) || InSpan(i)) return false;
      if (BelongsToVerb(i) && !token.Is(WordRole::kCarriage)) return true;
      if (!token.Is(WordRole::kFiller) && !token.Is(WordRole::kFuture) &&
          !(token.Is(WordRole::kOrder) && !token.Is(WordRole::kOrderNow)) &&
          !token.Is(Kind::kOther))
        return false;
      if (token.Is(Kind::kOther) && token.end - token.begin > kSubjectBytes) return false;
    }
    return false;
  }

  // "Spediamo in giornata gli ordini", "consegna oggi stesso ordinando": the seller's, whatever
  // stands behind.
  bool BelongsToVerb(size_t i) const {
    return !inert_[i] && !tokens_[i].Is(WordRole::kOrder) &&
           (tokens_[i].Is(WordRole::kShip) || tokens_[i].Is(WordRole::kDeliver) ||
            tokens_[i].Is(WordRole::kCarriage));
  }

  // Behind a time of day at `i` and what says before or after it: 17点以后, "14 Uhr".
  size_t AfterClock(size_t i) const {
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

  // สั่งวันนี้ ได้รับพรุ่งนี้: the time after it is the promised one.
  bool FollowedByTime(const TimeSpan& span, size_t end) const {
    return std::any_of(spans_.begin(), spans_.end(), [&](const TimeSpan& other) {
      return other.first >= span.last && other.first < end && !IsTimeOfDay(other);
    });
  }

  // A verb of shipping right before the order, at most an article between.
  bool ShipsThe(size_t order) const {
    size_t i = order;
    while (i > 0 && tokens_[i - 1].Is(WordRole::kFiller)) --i;
    return i > 0 && (tokens_[i - 1].Is(WordRole::kShip) || tokens_[i - 1].Is(WordRole::kDeliver));
  }

  bool FollowedByShip(const TimeSpan& span) const {
    size_t end = span.last + 2;
    for (size_t i = span.last; i < tokens_.size() && i < end; ++i) {
      if (tokens_[i].Is(WordRole::kFiller) && end < span.last + 5) ++end;
      if (tokens_[i].Is(WordRole::kShip) || tokens_[i].Is(WordRole::kDeliver)) return true;
      if (tokens_[i].Is(Kind::kComma) || tokens_[i].Is(WordRole::kAnd)) return false;
    }
    return false;
  }

  // A day of the coming weeks; of a year that is said, any.
  bool IsAhead(const TimeSpan& span) const {
    if (!now_) return false;
    const auto day = ResolveDay(*span.from, now_, false);
    const auto today = std::chrono::floor<std::chrono::days>(*now_);
    return day && *day > today && (span.from->year != 0 || *day - today <= kSoon);
  }

  // "Delivered November 2": it happened. "Will be delivered November 2", "Delivered Nov 2 - 5" did
  // not, nor did what is sold ahead or lies ahead.
  bool IsPast(const TimeSpan& span) const {
    if (!span.HasDate() || span.not_later || span.HasHours()) return false;
    if (presale_ || IsAhead(span)) return false;
    if (span.from->month != span.to->month || span.from->day != span.to->day) return false;
    size_t i = span.first;
    while (i > 0 && (tokens_[i - 1].Is(WordRole::kFiller) || tokens_[i - 1].Is(WordRole::kWithin)))
      --i;
    if (i == 0 || !tokens_[i - 1].Is(WordRole::kPast)) return false;
    for (size_t k = i - 1; k > 0 && k + 4 > i; --k) {
      if (tokens_[k - 1].Is(WordRole::kFuture) || tokens_[k - 1].Is(WordRole::kEstimate))
        return false;
    }
    return true;
  }

  size_t OtherBytes(size_t begin, size_t end) const {
    size_t bytes = 0;
    for (size_t i = begin; i < end; ++i) {
      if (tokens_[i].Is(Kind::kOther) || tokens_[i].Is(Kind::kMoney))
        bytes += tokens_[i].end - tokens_[i].begin;
    }
    return bytes;
  }

  bool Has(WordRole role, size_t begin, size_t end) const {
    for (size_t i = begin; i < end; ++i) {
      if (tokens_[i].Is(role)) return true;
    }
    return false;
  }

  // "Dispatch time. 1-2 days": the sentence before, where a time stands alone.
  Context Before(const TimeSpan& span, size_t begin, size_t end) const {
    if (begin == 0 || OtherBytes(begin, end) > kBareBytesMax) return Context::kNothing;
    return Nearest(span, SentenceBegin(begin - 1), begin);
  }

  // "within 30 days of receiving your order" says nothing.
  bool IsOfReceipt(size_t begin, size_t end) const {
    for (size_t i = begin; i < end; ++i) {
      if (inert_[i] && tokens_[i].Is(WordRole::kDeny) && !tokens_[i].Is(WordRole::kOrder))
        return true;
    }
    return false;
  }

  bool StartsWithReturn(size_t begin, size_t end) const {
    return std::any_of(back_starts_.begin(), back_starts_.end(),
                       [&](size_t i) { return i >= begin && i < end; });
  }

  // 签收7天内: adjacent, and nothing promised behind.
  bool IsOfReceiver(const TimeSpan& span) const {
    return span.HasHours() && span.first > 0 && tokens_[span.first - 1].Is(WordRole::kReceipt) &&
           tokens_[span.first - 1].end == tokens_[span.first].begin && !FollowedByShip(span);
  }

  // "Zahlung innerhalb von 3 Tagen": the buyer's time to pay.
  bool IsTimeToPay(const TimeSpan& span) const {
    size_t i = span.first;
    while (i > 0 && (tokens_[i - 1].Is(WordRole::kWithin) || tokens_[i - 1].Is(WordRole::kFiller)))
      --i;
    return span.adjusted && i > 0 && tokens_[i - 1].Is(WordRole::kOrder) && !inert_[i - 1];
  }

  Context Bare(const TimeSpan& span, size_t begin, size_t end) const {
    const bool alone = OtherBytes(begin, end) <= kBareBytesMax;
    const bool weekday_only = span.HasDate() && !span.from->IsMonth();
    if (span.HasDate()) {
      return !weekday_only && (alone || Has(WordRole::kEstimate, begin, end)) ? Context::kDeliver
                                                                              : Context::kNothing;
    }
    if (Has(WordRole::kPlace, begin, end)) return Context::kDeliver;
    if (presale_ || Has(WordRole::kStock, begin, end)) return Context::kShip;
    if (span.today || (!alone && !Has(WordRole::kOrder, begin, end))) return Context::kNothing;
    if (IsTimeToPay(span)) return Context::kNothing;
    return alone ? (bare_is_ship_ ? Context::kShip : Context::kDeliver) : Context::kNothing;
  }

  bool EndsClause(size_t i) const {
    return tokens_[i].Is(Kind::kComma) || (tokens_[i].Is(WordRole::kAnd) && !InSpan(i));
  }

  Verdict Of(const TimeSpan& span) const {
    const size_t begin = SentenceBegin(span.first);
    const size_t end = SentenceEnd(span.last);
    if (Has(WordRole::kKill, begin, end) || IsCutOff(span) || IsPast(span) || IsOfReceiver(span))
      return {};
    if (StartsWithReturn(begin, end)) return {};
    Context context = Nearest(span, begin, end);
    if (context == Context::kNothing && !IsOfReceipt(begin, end)) {
      context = Before(span, begin, end);
    } else if (context == Context::kNothing) {
      return {};
    }
    const bool bare = context == Context::kNothing;
    if (bare) context = Bare(span, begin, end);
    if (context == Context::kNothing || context == Context::kDeny) return {};

    Verdict verdict;
    verdict.kind = context == Context::kShip ? PromiseKind::kShip : PromiseKind::kDeliver;
    if (bare && bare_as_) verdict.kind = *bare_as_;
    verdict.business = span.HasHours() && (span.business || Has(WordRole::kBusiness, begin, end));
    const bool held_until_date =
        !bare && context == Context::kShip && !span.HasHours() && span.from->IsMonth();
    if (presale_ || held_until_date) verdict.kind = PromiseKind::kPresale;
    size_t clause_begin = span.first;
    while (clause_begin > begin && !EndsClause(clause_begin - 1)) --clause_begin;
    size_t clause_end = span.last;
    while (clause_end < end && !EndsClause(clause_end)) ++clause_end;
    verdict.rank = context == Context::kShip ? 10 : 5;
    if (Has(WordRole::kCommit, clause_begin, clause_end)) verdict.rank += 2;
    if (Has(WordRole::kCommit, span.first - std::min(span.first - begin, size_t{2}), span.first))
      verdict.rank += 1;
    if (Has(WordRole::kEstimate, clause_begin, clause_end)) verdict.rank -= 1;
    return verdict;
  }

  const std::vector<PromiseToken>& tokens_;
  const std::vector<TimeSpan>& spans_;
  const bool bare_is_ship_;
  const std::optional<TimeMs> now_;
  const std::optional<PromiseKind> bare_as_;
  std::vector<bool> inert_;
  std::vector<size_t> back_starts_;  // 退货 in 收到退货后: the clock of a return
  bool presale_ = false;
};

}  // namespace

JudgedPromise JudgePromise(const std::vector<PromiseToken>& tokens,
                           const std::vector<TimeSpan>& spans, bool bare_is_ship,
                           std::optional<TimeMs> now, std::optional<PromiseKind> bare_as) {
  if (spans.empty()) return {};
  return Judge(tokens, spans, bare_is_ship, now, bare_as).Run();
}

}  // namespace kaopu
