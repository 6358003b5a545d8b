// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise_words.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/str_cat.h"
#include "page/chars.h"

namespace kaopu {
namespace {

struct RoleName {
  std::string_view name;
  WordRole role;
};

constexpr RoleName kRoles[] = {
    {"ship", WordRole::kShip},
    {"deliver", WordRole::kDeliver},
    {"carriage", WordRole::kCarriage},
    {"presale", WordRole::kPresale},
    {"deny", WordRole::kDeny},
    {"back", WordRole::kBack},
    {"receipt", WordRole::kReceipt},
    {"kill", WordRole::kKill},
    {"past", WordRole::kPast},
    {"future", WordRole::kFuture},
    {"after", WordRole::kAfter},
    {"after_suffix", WordRole::kAfterSuffix},
    {"order", WordRole::kOrder},
    {"order_now", WordRole::kOrderNow},
    {"by", WordRole::kBy},
    {"by_suffix", WordRole::kBySuffix},
    {"within", WordRole::kWithin},
    {"at_least", WordRole::kAtLeast},
    {"to", WordRole::kTo},
    {"and", WordRole::kAnd},
    {"filler", WordRole::kFiller},
    {"every", WordRole::kEvery},
    {"recurs", WordRole::kRecurs},
    {"commit", WordRole::kCommit},
    {"estimate", WordRole::kEstimate},
    {"business", WordRole::kBusiness},
    {"today", WordRole::kToday},
    {"same_day", WordRole::kSameDay},
    {"tomorrow", WordRole::kTomorrow},
    {"day_after", WordRole::kDayAfter},
    {"clock", WordRole::kClock},
    {"clock_before", WordRole::kClockBefore},
    {"early", WordRole::kEarly},
    {"mid", WordRole::kMid},
    {"late", WordRole::kLate},
    {"this_week", WordRole::kThisWeek},
    {"next_week", WordRole::kNextWeek},
    {"this_month", WordRole::kThisMonth},
    {"next_month", WordRole::kNextMonth},
    {"from_then", WordRole::kFromThen},
    {"place", WordRole::kPlace},
    {"stock", WordRole::kStock},
    {"compensation", WordRole::kCompensation},
};

struct UnitName {
  std::string_view name;
  TimeUnit unit;
};

constexpr UnitName kUnits[] = {
    {"minute", TimeUnit::kMinute}, {"hour", TimeUnit::kHour},
    {"day", TimeUnit::kDay},       {"business_day", TimeUnit::kBusinessDay},
    {"week", TimeUnit::kWeek},     {"business_week", TimeUnit::kBusinessWeek},
    {"month", TimeUnit::kMonth},
};

constexpr uint64_t kCarriageRoles = uint64_t{1} << static_cast<int>(WordRole::kShip) |
                                    uint64_t{1} << static_cast<int>(WordRole::kDeliver) |
                                    uint64_t{1} << static_cast<int>(WordRole::kCarriage) |
                                    uint64_t{1} << static_cast<int>(WordRole::kPresale);

constexpr size_t kWordBytesMax = 120;
constexpr size_t kExpansionsMax = 64;

// "ship{s,ped,}" -> "ships", "shipped", "ship"; several groups multiply.
std::vector<std::string> Expand(std::string_view pattern) {
  std::vector<std::string> out{""};
  size_t at = 0;
  while (at < pattern.size()) {
    const size_t open = std::min(pattern.find('{', at), pattern.size());
    for (std::string& word : out) word += pattern.substr(at, open - at);
    const size_t close = pattern.find('}', open);
    if (open == pattern.size() || close == std::string_view::npos) break;
    std::vector<std::string> grown;
    std::string_view choices = pattern.substr(open + 1, close - open - 1);
    for (size_t begin = 0; begin <= choices.size();) {
      const size_t end = std::min(choices.find(',', begin), choices.size());
      for (const std::string& word : out)
        grown.push_back(word + std::string(choices.substr(begin, end - begin)));
      begin = end + 1;
    }
    out = std::move(grown);
    if (out.size() > kExpansionsMax) return {};
    at = close + 1;
  }
  return out;
}

// Letters of scripts that put spaces between words; in the others a word may begin and end
// anywhere.
bool IsSpacedLetter(std::string_view text, size_t at) {
  if (at >= text.size()) return false;
  const auto c = static_cast<unsigned char>(text[at]);
  return (c >= 'a' && c <= 'z') || (c >= 0xC3 && c <= 0xDB);
}

bool SpacedLetterBefore(std::string_view text, size_t at) {
  if (at == 0) return false;
  size_t i = at - 1;
  while (i > 0 && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) --i;
  return IsSpacedLetter(text, i);
}

bool IsHebrew(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) == 0xD6 ||
                              static_cast<unsigned char>(text[at]) == 0xD7);
}

}  // namespace

void PromiseWords::Insert(std::string_view pattern, const WordMeaning& meaning) {
  const bool open_begin =
      pattern.starts_with('*') || IsHebrew(pattern, 0);  // Hebrew prefixes its prepositions
  const bool open_end = pattern.ends_with('*');
  if (pattern.starts_with('*')) pattern.remove_prefix(1);
  if (open_end) pattern.remove_suffix(1);
  uint32_t node = 0;
  for (char byte : pattern) {
    uint32_t* link = node == 0 ? &roots_[static_cast<unsigned char>(byte)] : &nodes_[node].child;
    while (*link != 0 && nodes_[*link].byte != byte) link = &nodes_[*link].sibling;
    if (*link == 0) {
      *link = static_cast<uint32_t>(nodes_.size());
      node = *link;
      nodes_.push_back({.byte = byte});
    } else {
      node = *link;
    }
  }
  Node& last = nodes_[node];
  last.open_end |= open_end;
  last.open_begin |= open_begin;
  if (last.meaning == 0) {
    meanings_.push_back(meaning);
    last.meaning = static_cast<uint16_t>(meanings_.size());
    return;
  }
  WordMeaning& known = meanings_[last.meaning - 1];
  known.roles |= meaning.roles;
  known.languages |= meaning.languages;
  if (meaning.number >= 0) known.number = meaning.number;
  if (meaning.span_hours >= 0) known.span_hours = meaning.span_hours;
  known.span_business |= meaning.span_business;
  if (meaning.unit != TimeUnit::kNone) known.unit = meaning.unit;
  if (meaning.month != 0) known.month = meaning.month;
  if (meaning.weekday != 0) known.weekday = meaning.weekday;
}

Expected<void> PromiseWords::AddWords(const Json& words, std::string_view where,
                                      const WordMeaning& meaning) {
  if (!words.is_array())
    return Fail(ErrorCode::kDamaged, StrCat(where, ": must be a list of words"));
  for (const Json& word : words) {
    if (!word.is_string())
      return Fail(ErrorCode::kDamaged, StrCat(where, ": a word must be a string"));
    const std::string& pattern = word.get_ref<const std::string&>();
    const auto expanded = Expand(pattern);
    if (pattern.empty() || pattern.size() > kWordBytesMax || expanded.empty()) {
      return Fail(ErrorCode::kDamaged,
                  StrCat(where, ": \"", pattern, "\" is empty, too long or expands too far"));
    }
    for (const std::string& one : expanded) {
      const std::string folded = FoldForWords(one).text;
      if (folded.find_first_not_of("* ") == std::string::npos) {
        return Fail(ErrorCode::kDamaged, StrCat(where, ": \"", pattern, "\" leaves an empty word"));
      }
      if (nodes_.size() > 200'000 || meanings_.size() > 60'000) {
        return Fail(ErrorCode::kDamaged, StrCat(where, ": too many words"));
      }
      Insert(folded, meaning);
    }
  }
  return {};
}

// Tables whose keys are values: numbers {"3": [...]}, months, weekdays, spans (hours, "24b" =
// business).
Expected<void> PromiseWords::AddTable(const Json& table, std::string_view where,
                                      std::string_view what) {
  if (!table.is_object()) return Fail(ErrorCode::kDamaged, StrCat(where, ": must be an object"));
  const uint32_t language = 1u << (languages_.size() - 1);
  for (const auto& [key, words] : table.items()) {
    WordMeaning meaning{.languages = language};
    char* end = nullptr;
    const float value = std::strtof(key.c_str(), &end);
    const bool business = std::string_view(end) == "b";
    const bool valid = end != key.c_str() && value >= 0 && (*end == '\0' || business);
    if (what == "units") {
      const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                      [&](const UnitName& u) { return u.name == key; });
      if (unit == std::end(kUnits))
        return Fail(ErrorCode::kDamaged, StrCat(where, ": no unit \"", key, "\""));
      meaning.unit = unit->unit;
    } else if (!valid || (what == "months" && (value < 1 || value > 12)) ||
               (what == "weekdays" && (value < 1 || value > 7))) {
      return Fail(ErrorCode::kDamaged, StrCat(where, ": \"", key, "\" is no value for ", what));
    } else if (what == "numbers") {
      meaning.number = value;
    } else if (what == "spans") {
      meaning.span_hours = value;
      meaning.span_business = business;
    } else if (what == "months") {
      meaning.month = static_cast<uint8_t>(value);
    } else {
      meaning.weekday = static_cast<uint8_t>(value);
    }
    if (auto added = AddWords(words, StrCat(where, "/", key), meaning); !added) return added;
  }
  return {};
}

Expected<void> PromiseWords::Add(const Json& file, std::string_view name) {
  const auto lang = RequireString(file, "lang");
  if (!lang) return Fail(ErrorCode::kDamaged, StrCat(name, ": ", lang.error().message));
  if (languages_.size() >= 32)
    return Fail(ErrorCode::kDamaged, StrCat(name, ": more than 32 languages"));
  const auto text = [&](const char* field) {
    auto value = GetString(file, field);
    return value ? value->value_or("") : std::string();
  };
  const std::string order = text("date_order");
  const std::string bare = text("bare");
  if ((order != "day_first" && order != "month_first") || (bare != "ship" && bare != "deliver")) {
    return Fail(
        ErrorCode::kDamaged,
        StrCat(name, ": date_order must be day_first or month_first, bare ship or deliver"));
  }
  languages_.push_back({*lang,
                        order == "month_first" ? DateOrder::kMonthFirst : DateOrder::kDayFirst,
                        bare == "ship"});
  const uint32_t language = 1u << (languages_.size() - 1);
  const auto found = file.find("words");
  if (found == file.end() || !found->is_object()) {
    return Fail(ErrorCode::kDamaged, StrCat(name, ": words must be an object"));
  }
  const Json& words = *found;
  for (const auto& [key, list] : words.items()) {
    const std::string where = StrCat(name, ": words/", key);
    if (key == "numbers" || key == "units" || key == "months" || key == "weekdays" ||
        key == "spans") {
      if (auto added = AddTable(list, where, key); !added) return added;
      continue;
    }
    // "same_day+deliver": a word of two roles.
    WordMeaning meaning{.languages = language};
    for (size_t begin = 0; begin <= key.size();) {
      const size_t end = std::min(key.find('+', begin), key.size());
      const std::string_view part = std::string_view(key).substr(begin, end - begin);
      const auto* role = std::find_if(std::begin(kRoles), std::end(kRoles),
                                      [&](const RoleName& r) { return r.name == part; });
      if (role == std::end(kRoles))
        return Fail(ErrorCode::kDamaged, StrCat(where, ": no role \"", part, "\""));
      meaning.roles |= uint64_t{1} << static_cast<int>(role->role);
      begin = end + 1;
    }
    if (auto added = AddWords(list, where, meaning); !added) return added;
  }
  return {};
}

// Many words mean the same.
void PromiseWords::KeepEachMeaningOnce() {
  std::map<WordMeaning, uint16_t> places;
  std::vector<WordMeaning> distinct;
  for (Node& node : nodes_) {
    if (node.meaning == 0) continue;
    const WordMeaning& meaning = meanings_[node.meaning - 1];
    const auto [place, is_new] = places.try_emplace(meaning, distinct.size() + 1);
    if (is_new) distinct.push_back(meaning);
    node.meaning = place->second;
  }
  distinct.shrink_to_fit();
  meanings_ = std::move(distinct);
}

void PromiseWords::Finish() {
  nodes_.shrink_to_fit();
  KeepEachMeaningOnce();
  // What each node leads to, carried up from the leaves: children come after their parents.
  enum : uint8_t { kAnywhere = 1, kInside = 2 };
  std::vector<uint8_t> leads(nodes_.size(), 0);
  for (size_t i = nodes_.size(); i-- > 1;) {
    const Node& node = nodes_[i];
    if (node.meaning != 0 && (meanings_[node.meaning - 1].roles & kCarriageRoles) != 0) {
      leads[i] |= kAnywhere | (node.open_begin ? kInside : 0);
    }
    for (uint32_t child = node.child; child != 0; child = nodes_[child].sibling) {
      leads[i] |= leads[child];
    }
  }
  carriage_.assign(size_t{1} << 16, false);
  carriage_inside_ = carriage_;
  for (size_t first = 0; first < roots_.size(); ++first) {
    if (roots_[first] == 0) continue;
    const auto set = [&](size_t second, uint8_t lead) {
      carriage_[first << 8 | second] = (lead & kAnywhere) != 0;
      carriage_inside_[first << 8 | second] = (lead & kInside) != 0;
    };
    const Node& root = nodes_[roots_[first]];
    if (root.meaning != 0) {  // a word of one byte: whatever follows
      for (size_t second = 0; second < 256; ++second) set(second, leads[roots_[first]]);
      continue;
    }
    for (uint32_t child = root.child; child != 0; child = nodes_[child].sibling) {
      set(static_cast<unsigned char>(nodes_[child].byte), leads[child]);
    }
  }
}

bool PromiseWords::SpeakOfCarriage(std::string_view text) const {
  bool after_letter = false;  // the character before is one of a script that spaces its words
  for (size_t at = 0; at < text.size(); ++at) {
    const auto first = static_cast<unsigned char>(text[at]);
    if ((first & 0xC0) == 0x80) continue;  // within a character
    const bool letter = IsSpacedLetter(text, at);
    const size_t second = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0;
    const Pairs& pairs = letter && after_letter ? carriage_inside_ : carriage_;
    after_letter = letter;
    if (!pairs[size_t{first} << 8 | second]) continue;
    size_t end = at;
    const WordMeaning* const word = Longest(text, at, &end);
    if (word != nullptr && (word->roles & kCarriageRoles) != 0) return true;
  }
  return false;
}

const WordMeaning* PromiseWords::Longest(std::string_view text, size_t at, size_t* end) const {
  uint32_t node = roots_[static_cast<unsigned char>(text[at])];
  if (node == 0) return nullptr;
  const bool inside_word = IsSpacedLetter(text, at) && SpacedLetterBefore(text, at);
  const WordMeaning* found = nullptr;
  for (size_t i = at + 1;; ++i) {
    const Node& here = nodes_[node];
    if (here.meaning != 0 && (!inside_word || here.open_begin)) {
      const bool cuts_word = SpacedLetterBefore(text, i) && IsSpacedLetter(text, i);
      if (!cuts_word || here.open_end) {
        found = &meanings_[here.meaning - 1];
        *end = i;
      }
    }
    if (i >= text.size()) break;
    node = here.child;
    while (node != 0 && nodes_[node].byte != text[i]) node = nodes_[node].sibling;
    if (node == 0) break;
  }
  if (found != nullptr) {  // an open end takes the rest of the word along
    while (SpacedLetterBefore(text, *end) && IsSpacedLetter(text, *end)) {
      size_t length = 1;
      CharAt(text, *end, &length);
      *end += length;
    }
  }
  return found;
}

int PromiseWords::LanguageIndex(std::string_view tag) const {
  const std::string_view language = tag.substr(0, tag.find_first_of("-_"));
  for (size_t i = 0; i < languages_.size(); ++i) {
    if (languages_[i].tag == language) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace kaopu
