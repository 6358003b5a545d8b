// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise_lexer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "page/chars.h"

namespace kaopu {
namespace {

using Kind = PromiseToken::Kind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

// Value of a Chinese numeral character; 10 and 100 multiply. -1 for any other.
int HanValue(uint32_t cp) {
  switch (cp) {
    case 0x3007:
    case 0x96F6:
      return 0;
    case 0x4E00:
    case 0x58F9:
      return 1;
    case 0x4E8C:
    case 0x4E24:
      return 2;
    case 0x4E09:
      return 3;
    case 0x56DB:
      return 4;
    case 0x4E94:
      return 5;
    case 0x516D:
      return 6;
    case 0x4E03:
      return 7;
    case 0x516B:
      return 8;
    case 0x4E5D:
      return 9;
    case 0x5EFF:
      return 20;  // 廿
    case 0x5345:
      return 30;  // 卅
    case 0x5341:
      return 10;
    case 0x767E:
      return 100;
    default:
      return -1;
  }
}

constexpr std::string_view kMoneySigns[] = {"$", "€", "£", "¥", "₩", "฿", "₪", "₫", "₹", "₽"};
constexpr std::string_view kMoneyWords[] = {"元", "円", "원", "บาท", "usd", "eur", "gbp", "rmb"};

class Lexer {
 public:
  Lexer(std::string_view text, const PromiseWords& words) : text_(text), words_(words) {
    tokens_.reserve(48);
  }

  std::vector<PromiseToken> Run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ') {
        ++at_;
      } else if (IsDigit(c)) {
        Number();
      } else if (!Word() && !HanNumber() && !Punctuation()) {
        Other();
      }
    }
    return std::move(tokens_);
  }

 private:
  PromiseToken& Push(Kind kind, size_t end) {
    PromiseToken token{.kind = kind};
    token.begin = static_cast<uint32_t>(at_);
    token.end = static_cast<uint32_t>(end);
    tokens_.push_back(token);
    at_ = end;
    return tokens_.back();
  }

  void Other() {
    size_t length = 1;
    CharAt(text_, at_, &length);
    if (!tokens_.empty() && tokens_.back().kind == Kind::kOther && tokens_.back().end + 1 >= at_) {
      at_ += length;
      tokens_.back().end = static_cast<uint32_t>(at_);
    } else {
      Push(Kind::kOther, at_ + length);
    }
  }

  bool Word() {
    size_t end = at_;
    const WordMeaning* word = words_.Longest(text_, at_, &end);
    if (word == nullptr) return false;
    // "Oct.", "ca.": the dot of an abbreviation ends no sentence. Units have theirs in the data
    // ("hrs."), for "2 days." does end one; so does a short word that a text is about ("2 left.").
    const bool about = word->Is(WordRole::kDeny) || word->Is(WordRole::kShip) ||
                       word->Is(WordRole::kDeliver) || word->Is(WordRole::kOrder);
    const bool abbreviation = word->month != 0 || word->weekday != 0 ||
                              (word->unit == TimeUnit::kNone && end - at_ <= 4 && !about);
    if (abbreviation && end < text_.size() && text_[end] == '.' && IsLetter(text_[at_]) &&
        end + 1 < text_.size())
      ++end;
    Push(Kind::kWord, end).word = word;
    return true;
  }

  bool HanNumber() {
    size_t at = at_;
    double total = 0;
    std::array<double, 2> run{};
    int in_run = 0;
    bool scaled = false;
    for (int i = 0; i < 6; ++i) {
      size_t length = 1;
      const int value = at < text_.size() ? HanValue(CharAt(text_, at, &length)) : -1;
      if (value < 0) break;
      if (value >= 10) {
        total += (in_run > 0 ? run[static_cast<size_t>(in_run - 1)] : (total > 0 ? 0 : 1)) * value;
        in_run = 0;
        scaled = true;
      } else if (in_run < 2) {
        run[static_cast<size_t>(in_run++)] = value;
      } else {
        break;
      }
      at += length;
    }
    if (at == at_) return false;
    if (in_run == 2 && !scaled && run[1] == run[0] + 1) {  // 两三天 = 2 to 3
      const size_t begin = at_;
      Push(Kind::kNumber, at).number = run[0];
      at_ = begin;
      Push(Kind::kDash, at);
      at_ = begin;
      Push(Kind::kNumber, at).number = run[1];
      return true;
    }
    Push(Kind::kNumber, at).number =
        total +
        (in_run > 0 ? run[static_cast<size_t>(in_run - 1)] + (in_run == 2 ? 10 * run[0] : 0) : 0);
    return true;
  }

  bool Punctuation() {
    size_t length = 1;
    const uint32_t cp = CharAt(text_, at_, &length);
    const size_t end = at_ + length;
    switch (cp) {
      case '-':
      case '~':
      case '/':
        Push(Kind::kDash, end).slash = cp == '/';
        return true;
      case '+':
        Push(Kind::kPlus, end);
        return true;
      case '.':
        if (!tokens_.empty() && tokens_.back().kind == Kind::kNumber && tokens_.back().end == at_) {
          Push(Kind::kDot, end);
        } else if (end == text_.size() || text_[end] == ' ') {
          Push(Kind::kEnd, end);
        } else {
          at_ = end;
        }
        return true;
      case '(':
        if (text_.substr(at_).starts_with("(s)") && at_ > 0 && IsLetter(text_[at_ - 1])) {
          at_ += 3;  // "item(s)" is one word
          return true;
        }
        Push(Kind::kComma, end);
        return true;
      case ',':
      case ')':
      case '[':
      case ']':
      case 0x3001:  // 、
      case 0x3010:  // 【
      case 0x3011:
        Push(Kind::kComma, end);
        return true;
      case '!':
      case '?':
      case ';':
      case '|':
      case 0x3002:  // 。
      case 0xFF61:
      case 0x2022:
      case 0xB7:
        Push(Kind::kEnd, end);
        return true;
      case ':':
      case '"':
      case '\'':
        at_ = end;
        return true;
      default:
        return false;
    }
  }

  // ---- numbers, times and dates

  std::optional<int> Digits(size_t& at, size_t count_max) const {
    size_t end = at;
    while (end < text_.size() && IsDigit(text_[end])) ++end;
    if (end == at || end - at > count_max) return std::nullopt;
    int value = 0;
    for (; at < end; ++at) value = value * 10 + (text_[at] - '0');
    return value;
  }

  bool Take(size_t& at, std::string_view piece) const {
    size_t from = at;
    while (from < text_.size() && text_[from] == ' ') ++from;
    if (!text_.substr(from).starts_with(piece)) return false;
    at = from + piece.size();
    return true;
  }

  bool TakeAny(size_t& at, std::initializer_list<std::string_view> pieces) const {
    return std::any_of(pieces.begin(), pieces.end(),
                       [&](std::string_view piece) { return Take(at, piece); });
  }

  void SkipSpace(size_t& at) const {
    while (at < text_.size() && text_[at] == ' ') ++at;
  }

  // The word that begins at `at`, spaces aside; nullptr where none does.
  const WordMeaning* WordMeantAt(size_t at) const {
    SkipSpace(at);
    size_t end = at;
    return at < text_.size() ? words_.Longest(text_, at, &end) : nullptr;
  }

  bool UnitAt(size_t at) const {
    const WordMeaning* word = WordMeantAt(at);
    return word != nullptr && (word->unit != TimeUnit::kNone || word->Is(WordRole::kBusiness));
  }

  // Whether what follows is a word that the number may count: "6.12 kg", not "6.12 - 10.12".
  bool WordAt(size_t at) const {
    SkipSpace(at);
    if (at >= text_.size()) return false;
    size_t length = 1;
    const uint32_t cp = CharAt(text_, at, &length);
    return cp == '%' || (cp >= 'a' && cp <= 'z') || (cp >= 0x80 && (cp < 0x590 || cp >= 0x600));
  }

  bool ClockAt(size_t at) const {
    const WordMeaning* word = WordMeantAt(at);
    return word != nullptr && word->Is(WordRole::kClock);
  }

  static bool IsDay(int day) { return day >= 1 && day <= 31; }
  static bool IsMonth(int month) { return month >= 1 && month <= 12; }
  static int FullYear(int year) { return year < 100 ? 2000 + year : WesternYear(year); }

  // 令和8年 is 2026.
  bool InReiwa() const { return text_.substr(0, at_).ends_with("令和"); }

  bool PushDate(size_t end, int year, int month, int day, bool ambiguous = false) {
    PromiseToken& token = Push(Kind::kDate, end);
    token.year = year;
    token.month = month;
    token.day = day;
    token.ambiguous = ambiguous;
    return true;
  }

  // 2026年11月30日, 11月30日, 11월 30일, 8月上旬, 12월 중
  bool CjkDate(size_t at, int first, size_t first_digits) {
    int year = 0;
    int month = first;
    if (first_digits == 4 || first_digits == 2 || InReiwa()) {
      size_t next = at;
      if (TakeAny(next, {"年", "년"})) {
        SkipSpace(next);
        const auto value = Digits(next, 2);
        if (!value) return false;
        year = InReiwa() ? 2018 + first : FullYear(first);
        month = *value;
        at = next;
      }
    }
    if (!IsMonth(month) || !TakeAny(at, {"月", "월"})) return false;
    size_t next = at;
    SkipSpace(next);
    if (const auto day = Digits(next, 2); day && IsDay(*day)) {
      size_t unit_end = next;
      if (TakeAny(unit_end, {"日", "号", "일"}) || year == 0)
        return PushDate(unit_end, year, month, *day);
    }
    PushDate(at, year, month, 0);
    PromiseToken& token = tokens_.back();
    size_t end = at;
    if (TakeAny(end, {"上旬", "初", "초"}))
      token.part = 1;
    else if (TakeAny(end, {"中旬", "중순"}))
      token.part = 2;
    else if (TakeAny(end, {"下旬", "底", "末", "말", "하순"}))
      token.part = 3;
    token.end = static_cast<uint32_t>(end);
    at_ = end;
    return true;
  }

  // 2026-11-30, 30.11.2026, 11/30, 30.11., 11-30
  bool NumericDate(size_t at, int first, size_t first_digits) {
    const char separator = at < text_.size() ? text_[at] : '\0';
    if (separator != '-' && separator != '/' && separator != '.') return false;
    size_t next = at + 1;
    const size_t second_begin = next;
    const auto second = Digits(next, 2);
    if (!second) return false;
    const size_t second_digits = next - second_begin;
    const bool third_follows =
        next + 1 < text_.size() && text_[next] == separator && IsDigit(text_[next + 1]);
    if (third_follows) {
      size_t end = next + 1;
      const size_t third_begin = end;
      const auto third = Digits(end, 4);
      if (!third || (end < text_.size() && text_[end] == separator)) return false;
      if (first_digits == 4 && IsMonth(*second) && IsDay(*third)) {
        size_t mark = end;
        if (TakeAny(mark, {"日", "号"})) end = mark;
        return PushDate(end, first, *second, *third);
      }
      if (end - third_begin != 2 && end - third_begin != 4) return false;
      return DayMonth(end, FullYear(*third), first, *second, separator != '/');
    }
    if (first_digits > 2 || UnitAt(next)) return false;
    if (separator == '/')
      return !(first == 24 && *second == 7) && DayMonth(next, 0, first, *second, false);
    if (separator == '.') {
      const bool closed = next < text_.size() && text_[next] == '.' && first_digits <= 2;
      if (closed) return DayMonth(next + 1, 0, first, *second, true);
      if (first_digits <= 2 && (BehindDate() || BeforeDottedDate(next)))
        return DayMonth(next, 0, first, *second, false);  // 12.3-12.7
      return second_digits == 2 && (first_digits == 2 || !WordAt(next)) && !ClockAt(next) &&
             !MoneyBefore() && !MoneyAt(next) &&
             DayMonth(next, 0, first, *second, false);  // 12.01 ~ 12.04
    }
    return first_digits == 2 && second_digits == 2 && IsMonth(first) && IsDay(*second) &&
           *second > first && !MonthBefore() && !MonthWordAt(next) &&
           PushDate(next, 0, first, *second);
  }

  bool BehindDate() const {
    const size_t count = tokens_.size();
    return count > 1 && tokens_[count - 1].Is(Kind::kDash) && tokens_[count - 2].Is(Kind::kDate);
  }

  // A dash, a second date with a dot, and behind it the end or a word known of promises.
  bool BeforeDottedDate(size_t at) const {
    if (at >= text_.size() || (text_[at] != '-' && text_[at] != '~')) return false;
    const auto month = Digits(++at, 2);
    if (!month || !IsMonth(*month) || at >= text_.size() || text_[at] != '.') return false;
    const auto day = Digits(++at, 2);
    if (!day || !IsDay(*day) || UnitAt(at) || ClockAt(at) || MoneyBefore() || MoneyAt(at))
      return false;
    // 12.3-12.7送达; "version 1.2-1.4 delivered" are none.
    size_t next = at;
    SkipSpace(next);
    if (next == text_.size()) return true;
    const WordMeaning* word = WordMeantAt(at);
    return word != nullptr && static_cast<unsigned char>(text_[next]) >= 0x80;
  }

  // "Dec 11-19", "11-19 Dec": two days of one month, no date.
  bool MonthBefore() const {
    auto last = tokens_.rbegin();
    while (last != tokens_.rend() && (last->Is(Kind::kDot) || last->Is(WordRole::kFiller))) ++last;
    return last != tokens_.rend() && last->word != nullptr && last->word->month != 0;
  }

  bool MonthWordAt(size_t at) const {
    const WordMeaning* word = WordMeantAt(at);
    return word != nullptr && word->month != 0;
  }

  bool DayMonth(size_t end, int year, int first, int second, bool day_first) {
    if (day_first || first > 12)
      return IsDay(first) && IsMonth(second) && PushDate(end, year, second, first);
    if (!IsMonth(first) || !IsDay(second)) return false;
    return PushDate(end, year, first, second, second <= 12);
  }

  bool MoneyBefore() const {
    size_t before = at_;
    while (before > 0 && text_[before - 1] == ' ') --before;
    return std::any_of(std::begin(kMoneySigns), std::end(kMoneySigns), [&](std::string_view sign) {
      return text_.substr(0, before).ends_with(sign);
    });
  }

  bool MoneyAt(size_t at) const {
    return std::any_of(std::begin(kMoneySigns), std::end(kMoneySigns),
                       [&](std::string_view sign) { return Take(at, sign); }) ||
           std::any_of(std::begin(kMoneyWords), std::end(kMoneyWords),
                       [&](std::string_view word) { return Take(at, word); });
  }

  // "3d printer", "3d-druck", 3D立体: the "d" behind the digit at `at` - 1 is no day. It is one
  // before a word of promises ("3d delivery"), at an end, in a range, and behind "in" or "within".
  bool IsDimension(size_t at) const {
    if (at >= text_.size() || text_[at] != 'd') return false;
    if (!tokens_.empty()) {
      const PromiseToken& before = tokens_.back();
      if (before.kind == Kind::kDash || before.Is(WordRole::kWithin) || before.Is(WordRole::kTo))
        return false;
    }
    size_t next = at + 1;
    const bool joined = next < text_.size() && text_[next] == '-';
    if (joined || (next < text_.size() && text_[next] == ' ')) ++next;
    if (next >= text_.size()) return false;
    size_t length = 1;
    const bool letter = IsLetter(text_[next]) || CharAt(text_, next, &length) >= 0x3040;
    size_t end = next;
    // Printing is making ready to ship in many a promise, behind "3d" never.
    const std::string_view behind = text_.substr(next);
    return letter && (joined || behind.starts_with("print") || behind.starts_with("druck") ||
                      words_.Longest(text_, next, &end) == nullptr);
  }

  void Number() {
    size_t at = at_;
    const size_t digits = std::min(text_.find_first_not_of("0123456789", at_), text_.size()) - at_;
    const auto value = Digits(at, 6);
    if (!value) {  // a number of any other kind: an id, a phone number
      if (!tokens_.empty() && tokens_.back().kind == Kind::kOther) {
        tokens_.back().end = static_cast<uint32_t>(at_ + digits);
        at_ += digits;
      } else {
        Push(Kind::kOther, at_ + digits);
      }
      return;
    }
    if (at + 2 < text_.size() && text_[at] == ':' && IsDigit(text_[at + 1]) &&
        IsDigit(text_[at + 2]) && digits <= 2) {
      at += 3;
      if (at + 2 < text_.size() && text_[at] == ':' && IsDigit(text_[at + 1]))
        at = std::min(at + 3, text_.size());
      Push(Kind::kTime, at);
      return;
    }
    if (CjkDate(at, *value, digits) || NumericDate(at, *value, digits)) return;
    double number = *value;
    bool thousands = false;
    if (at + 1 < text_.size() && (text_[at] == '.' || text_[at] == ',') && IsDigit(text_[at + 1])) {
      size_t end = at + 1;
      while (end < text_.size() && IsDigit(text_[end])) ++end;
      const size_t decimals = end - at - 1;
      if (decimals <= 2) {
        double scale = 1;
        for (size_t i = at + 1; i < end; ++i) number += (text_[i] - '0') * (scale /= 10);
      }
      thousands = decimals > 2;
      at = end;
    }
    if (digits == 1 && at == at_ + 1 && IsDimension(at)) {
      Push(Kind::kOther, at + 1);
    } else if (MoneyBefore() || MoneyAt(at)) {
      Push(Kind::kMoney, at);
    } else if (size_t end = at; Take(end, "%")) {
      Push(Kind::kPercent, end);
    } else {
      for (std::string_view ordinal :
           {"st", "nd", "rd", "th", "er", "\xC2\xBA", "\xC2\xAA", "\xC2\xB0"}) {
        if (text_.substr(at).starts_with(ordinal) &&
            (at + ordinal.size() >= text_.size() || !IsLetter(text_[at + ordinal.size()]))) {
          at += ordinal.size();
          break;
        }
      }
      PromiseToken& token = Push(thousands ? Kind::kOther : Kind::kNumber, at);
      token.number = number;
      const int year = WesternYear(*value);
      token.year_like = digits == 4 && year >= 1990 && year < 2100;
    }
  }

  std::string_view text_;
  const PromiseWords& words_;
  std::vector<PromiseToken> tokens_;
  size_t at_ = 0;
};

}  // namespace

std::vector<PromiseToken> LexPromise(std::string_view folded, const PromiseWords& words) {
  return Lexer(folded, words).Run();
}

}  // namespace kaopu
