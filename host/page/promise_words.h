// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The vocabulary of shipping promises: every word and phrase of host/data/promises/*.json in one
// trie, so that a text is cut into words in one pass, whatever its language and however many words
// there are. Format: host/docs/promises.md.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace kaopu {

// What a word does in a promise. One word may do several things ("a": one, and "to" between two
// numbers).
enum class WordRole : uint8_t {
  kShip,         // to hand over to a carrier, or to make ready for it
  kDeliver,      // to reach the buyer
  kCarriage,     // noun for either: shipping when "within N" follows at once, else delivery
  kPresale,      // held for a release, a restock, a production run
  kDeny,         // what stands nearest to it is no promise: returns, warranty, payment, support
  kBack,         // goods or money that come back: what starts with them is no shipping of an order
  kReceipt,      // right before a duration: the buyer's time starts with it, 签收7天内
  kKill,         // no promise in the whole sentence: a customer tells what happened
  kPast,         // done already when a date follows at once: "Delivered November 2"
  kFuture,       // auxiliary that turns kPast into a promise: "will be"
  kAfter,        // before an event that starts the clock: "after payment"
  kAfterSuffix,  // the same behind it: 付款后
  kOrder,        // the buyer's own act: order, pay
  kOrderNow,     // the same as a request: "order within 3 hours" is the buyer's deadline
  kBy,           // not later than: before, by, until
  kBySuffix,     // the same behind the date or time: 前, まで
  kWithin,       // within, in, up to
  kAtLeast,      // from, at least: the number is a lower bound
  kTo,           // between two numbers or dates
  kAnd,          // the same, only after "between" or as an alternative
  kFiller,       // says nothing: about, usually, only
  kEvery,        // before a day of the week: one that returns, no date
  kRecurs,       // beside a duration: one that returns ("every 4 weeks", 4週間ごとに), no time
  kCommit,       // a promise in so many words
  kEstimate,     // a guess in so many words
  kBusiness,     // makes days business days
  kToday,        // 0 to 24 hours; the buyer's own time when beside kOrder
  kSameDay,      // 0 to 24 hours
  kTomorrow,     // at most 48 hours
  kDayAfter,     // at most 72 hours
  kClock,        // makes the number before it a time of day
  kClockBefore,  // makes the number after it a time of day
  kEarly,        // before or in a month: its first third
  kMid,          // its second third
  kLate,         // its last third
  kThisWeek,     // a week or, with a weekday behind, a day of it
  kNextWeek,
  kThisMonth,
  kNextMonth,
  kFromThen,  // makes the one date of a text a first one: "from that date", 発売日以降
  kPlace,     // a country or a grade of carriage: a bare duration beside it is of delivery
  kStock,     // a kind of stock: a bare duration beside it is of shipping
  kCompensation,
  kCount_,
};

enum class TimeUnit : uint8_t {
  kNone,
  kMinute,
  kHour,
  kDay,
  kBusinessDay,
  kWeek,
  kBusinessWeek,
  kMonth
};

struct WordMeaning {
  uint64_t roles = 0;      // bit per WordRole
  uint32_t languages = 0;  // bit per language that lists it
  float number = -1;       // as a number word, else negative
  float span_hours = -1;   // a whole duration in one word: 하루, fortnight
  bool span_business = false;
  TimeUnit unit = TimeUnit::kNone;
  uint8_t month = 0;    // 1..12
  uint8_t weekday = 0;  // 1 = Monday .. 7
  bool Is(WordRole role) const { return (roles >> static_cast<int>(role)) & 1; }
  auto operator<=>(const WordMeaning&) const = default;
};

enum class DateOrder : uint8_t { kDayFirst, kMonthFirst };

struct PromiseLanguage {
  std::string tag;
  DateOrder date_order = DateOrder::kDayFirst;
  bool bare_is_ship = false;  // what a duration without any verb means
};

class PromiseWords {
 public:
  // Adds one language file. kDamaged: `name`, the place in it, the reason.
  Expected<void> Add(const Json& file, std::string_view name);
  void Finish();  // after the last Add

  // The longest word of the folded `text` that begins at `at`, its end in `end`; nullptr when there
  // is none.
  const WordMeaning* Longest(std::string_view text, size_t at, size_t* end) const;

  // Whether a word of shipping, delivery, carriage or presale stands anywhere in the folded text:
  // most sentences of a page hold none, and this looks at two bytes a place where Longest walks.
  bool SpeakOfCarriage(std::string_view text) const;

  const std::vector<PromiseLanguage>& languages() const { return languages_; }
  int LanguageIndex(std::string_view tag) const;  // -1 when unknown; "en-GB" is "en"

 private:
  struct Node {
    uint32_t child = 0;    // first child
    uint32_t sibling = 0;  // next child of the same parent
    uint16_t meaning = 0;  // index + 1
    char byte = 0;
    bool open_end = false;  // "versand*": letters may follow
    bool open_begin = false;
  };
  Expected<void> AddWords(const Json& words, std::string_view where, const WordMeaning& meaning);
  Expected<void> AddTable(const Json& table, std::string_view where, std::string_view what);
  void Insert(std::string_view pattern, const WordMeaning& meaning);
  void KeepEachMeaningOnce();

  // Pairs of bytes that a word of carriage may begin with: anywhere, and within a word of letters.
  using Pairs = std::vector<bool>;

  std::vector<Node> nodes_{1};
  std::array<uint32_t, 256> roots_{};
  std::vector<WordMeaning> meanings_;
  std::vector<PromiseLanguage> languages_;
  Pairs carriage_, carriage_inside_;
};

}  // namespace kaopu
