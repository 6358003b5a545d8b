// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise_judge.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "page/promise_clauses.h"

namespace kaopu {
namespace {

constexpr size_t kFar = std::numeric_limits<size_t>::max();
// A comma between a time and a word counts as much as this many bytes of other text.
constexpr size_t kCommaBytes = 20;
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

class Judge : private PromiseClauses {
 public:
  Judge(const std::vector<PromiseToken>& tokens, const std::vector<TimeSpan>& spans,
        bool bare_is_ship, std::optional<TimeMs> now, std::optional<PromiseKind> bare_as)
      : PromiseClauses(tokens, spans), bare_is_ship_(bare_is_ship), now_(now), bare_as_(bare_as) {
    presale_ = Has(WordRole::kPresale, 0, tokens.size());
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

  // "98% of orders ship within 24 hours": how many did.
  bool IsOfShare(size_t verb, size_t begin) const {
    bool order = false;
    size_t i = verb;
    for (; i > begin && !tokens_[i - 1].Is(Kind::kPercent); --i) {
      const PromiseToken& token = tokens_[i - 1];
      order |= token.Is(WordRole::kOrder);
      if (!token.Is(WordRole::kOrder) && !token.Is(WordRole::kFiller) &&
          !token.Is(WordRole::kAfter) && !token.Is(WordRole::kFuture))
        return false;
    }
    return order && i > begin;
  }

  // "Refunds are processed within": what is shipped or processed there is no order.
  bool IsOfDenied(size_t i, size_t begin) const {
    if (IsOfShare(i, begin)) return true;
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
    const size_t i = LeadBegin(span);
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
    const size_t i = LeadBegin(span);
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

  const bool bare_is_ship_;
  const std::optional<TimeMs> now_;
  const std::optional<PromiseKind> bare_as_;
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
