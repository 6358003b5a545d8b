// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/policy_subjects.h"

#include <algorithm>
#include <cmath>
#include <istream>
#include <map>
#include <unordered_map>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "cli/stream_event.h"
#include "messaging/actions/history.h"

namespace kaopu {
namespace {

using std::chrono::days;

// Cases age by "days_ago"; which day they are looked at makes no difference.
constexpr Date kCaseDay{days{20'000}};
constexpr int kTimesMax = 1000;

std::unexpected<Error> Damaged(std::string_view what, std::string_view name,
                               std::string_view wrong) {
  return Fail(ErrorCode::kDamaged, StrCat(what, ": case \"", name, "\": ", wrong));
}

std::optional<int64_t> WholeOf(const Json& object, std::string_view field, int64_t otherwise,
                               int64_t low, int64_t high) {
  const auto found = object.find(field);
  if (found == object.end()) return otherwise;
  if (!found->is_number_integer()) return std::nullopt;
  const auto number = found->get<int64_t>();
  return number >= low && number <= high ? std::optional(number) : std::nullopt;
}

std::optional<Verdict> ParseVerdict(std::string_view name) {
  for (const Verdict verdict :
       {Verdict::kUnknown, Verdict::kDependable, Verdict::kWatchOut, Verdict::kDanger}) {
    if (VerdictName(verdict) == name) return verdict;
  }
  return std::nullopt;
}

std::string TextOf(const Json& object, std::string_view field, std::string otherwise = {}) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

// "own": [{"outcome", "days_ago", "days_late"?, "times"?, "every_days"?}], newest first.
Expected<std::vector<Outcome>> CaseOutcomes(const Json& list, std::string_view what,
                                            std::string_view name) {
  std::vector<Outcome> own;
  for (const Json& row : list) {
    const auto kind = row.is_object() ? ParseOutcomeKind(TextOf(row, "outcome")) : std::nullopt;
    if (!kind) return Damaged(what, name, "\"own\" holds something that is no outcome");
    const auto ago = WholeOf(row, "days_ago", 0, 0, 10'000);
    const auto late = WholeOf(row, "days_late", 0, 0, 1000);
    const auto times = WholeOf(row, "times", 1, 1, kTimesMax);
    const auto every = WholeOf(row, "every_days", 0, 0, 1000);
    if (!ago || !late || !times || !every) {
      return Damaged(what, name,
                     "days_ago, days_late, times and every_days must be whole numbers, at most "
                     "10000, 1000, 1000 and 1000");
    }
    for (int64_t i = 0; i < *times; ++i) {
      own.push_back({.kind = *kind,
                     .days_late = static_cast<int>(*late),
                     .known_on = kCaseDay - days{*ago + i * *every}});
    }
  }
  return own;
}

// "pooled": [{"on_time"?, "late"?, "never"?, "age_days"?}], each a registry's word, in orders'
// weight as of the day of looking; "age_days": of its publish.
std::optional<std::vector<PooledReports>> CasePooled(const Json& list) {
  std::vector<PooledReports> pooled;
  for (const Json& row : list) {
    if (!row.is_object()) return std::nullopt;
    std::array<Fix, 3> weights{};
    int64_t age = 0;
    for (const auto& [field, value] : row.items()) {
      constexpr std::array<std::string_view, 3> kKinds = {"on_time", "late", "never"};
      const auto kind = std::ranges::find(kKinds, field);
      if (kind != kKinds.end() && value.is_number() && value >= 0 && value <= 1e6) {
        weights[static_cast<size_t>(kind - kKinds.begin())] =
            std::llround(value.get<double>() * static_cast<double>(kFixOne));
      } else if (field == "age_days" && value.is_number_integer() && value >= 0 &&
                 value <= 10'000) {
        age = value.get<int64_t>();
      } else {
        return std::nullopt;
      }
    }
    PooledReports& one = pooled.emplace_back();
    one.registry = StrCat("registry ", pooled.size());
    one.as_of = one.last_on = kCaseDay - days{age};
    one.counts.fill({.bad = weights[1] + weights[2], .good = weights[0]});
    one.never = weights[2];
  }
  return pooled;
}

// "page": {"signals": {NAME: value as share of its scale}, "below_average": [NAME],
// "promise_hours", "unfair_terms", "off_platform", "presale", "escrow"}.
std::optional<PageEvidence> CasePage(const Json& json) {
  PageEvidence page;
  for (const auto& [field, value] : json.items()) {
    if (field == "signals" && value.is_object()) {
      for (const auto& [name, number] : value.items()) {
        if (!number.is_number() || number < 0 || number > 1e6) return std::nullopt;
        page.signals.push_back(
            {.name = name,
             .value = std::llround(number.get<double>() * static_cast<double>(kOne))});
      }
    } else if (field == "below_average" && value.is_array()) {
      for (const Json& name : value) {
        if (!name.is_string()) return std::nullopt;
        page.signals.push_back(
            {.name = name.get<std::string>(), .value = std::nullopt, .below_average = true});
      }
    } else if (field == "promise_hours" || field == "unfair_terms") {
      const auto whole = WholeOf(json, field, 0, 0, 100'000);
      if (!whole) return std::nullopt;
      if (field == "promise_hours") page.promise_hours = *whole;
      if (field == "unfair_terms") page.unfair_terms = static_cast<int>(*whole);
    } else if (value.is_boolean() && field == "off_platform") {
      page.off_platform = value.get<bool>();
    } else if (value.is_boolean() && field == "presale") {
      page.presale = value.get<bool>();
    } else if (value.is_boolean() && field == "escrow") {
      page.escrow = value.get<bool>();
    } else {
      return std::nullopt;
    }
  }
  return page;
}

Expected<PolicySubject> ReadCase(const Json& json, std::string_view what) {
  const std::string name = json.is_object() ? TextOf(json, "name") : "";
  if (name.empty()) return Fail(ErrorCode::kDamaged, StrCat(what, ": a case has no name"));
  PolicySubject subject{.name = name, .today = kCaseDay};
  subject.expected = ParseVerdict(TextOf(json, "verdict"));
  if (!subject.expected) return Damaged(what, name, "\"verdict\" is none of the four");
  const auto caution = ParseCaution(TextOf(json, "caution", "normal"));
  if (!caution) return Damaged(what, name, "\"caution\" must be low, normal or high");
  subject.caution = *caution;
  if (const auto own = json.find("own"); own != json.end()) {
    if (!own->is_array()) return Damaged(what, name, "\"own\" must be a list");
    Expected<std::vector<Outcome>> outcomes = CaseOutcomes(*own, what, name);
    if (!outcomes) return std::unexpected(outcomes.error());
    subject.own = std::move(*outcomes);
  }
  if (const auto pooled = json.find("pooled"); pooled != json.end()) {
    auto reports = pooled->is_array() ? CasePooled(*pooled) : std::nullopt;
    if (!reports) return Damaged(what, name, "\"pooled\" holds a field that is unknown or wrong");
    subject.pooled = std::move(*reports);
  }
  if (const auto page = json.find("page"); page != json.end()) {
    const std::optional<PageEvidence> evidence = page->is_object() ? CasePage(*page) : std::nullopt;
    if (!evidence) return Damaged(what, name, "\"page\" holds a field that is unknown or wrong");
    subject.page = *evidence;
  }
  if (const auto value = json.find("value"); value != json.end()) {
    const auto minor = value->is_object()
                           ? WholeOf(*value, "amount_minor", -1, 0, 1'000'000'000'000)
                           : std::nullopt;
    if (!minor || *minor < 0) return Damaged(what, name, "\"value\" must be an amount");
    subject.value = Money{*minor, TextOf(*value, "currency")};
  }
  const auto overdue = WholeOf(json, "overdue_days", 0, 0, 10'000);
  if (!overdue) return Damaged(what, name, "\"overdue_days\" must be a whole number");
  if (*overdue > 0) subject.overdue = {.count = 1, .days_max = static_cast<int>(*overdue)};
  return subject;
}

// What a stream tells of one seller.
class StreamSellers {
 public:
  void Take(const StreamEvent& event) {
    const Date day{days{event.at / kMinutesADay}};
    last_ = std::max(last_, day);
    if (event.type == StreamEvent::Type::kOutcome) {
      std::vector<Outcome>& own = sellers_[event.seller];
      own.push_back(
          {.kind = event.bad ? OutcomeKind::kLate : OutcomeKind::kOnTime,
           .days_late = event.bad ? DaysLate(event.ship_minutes, event.promise_minutes) : 0,
           .known_on = day});
      if (event.ship_minutes) own.back().ship_days = ShipDays(*event.ship_minutes);
      // A stream that knows of no promise does not tell late from never.
      if (event.bad && !event.ship_minutes && event.promise_minutes)
        unshipped_[event.id] = {event.seller, own.size() - 1};
    } else if (event.type == StreamEvent::Type::kLateShip) {
      const auto found = unshipped_.find(event.id);
      if (found == unshipped_.end()) return;
      Outcome& outcome = sellers_[found->second.first][found->second.second];
      outcome.days_late = DaysLate(event.ship_minutes, event.promise_minutes);
      if (event.ship_minutes) outcome.ship_days = ShipDays(*event.ship_minutes);
      unshipped_.erase(found);
    }
  }

  std::vector<PolicySubject> Subjects(Caution caution) && {
    for (const auto& [id, where] : unshipped_) {
      Outcome& outcome = sellers_[where.first][where.second];
      if (outcome.known_on + kNeverAfter > last_) continue;
      outcome.kind = OutcomeKind::kNeverShipped;
      outcome.known_on += kNeverAfter;
    }
    std::vector<PolicySubject> subjects;
    for (auto& [seller, own] : sellers_) {
      subjects.push_back(
          {.name = seller, .own = std::move(own), .caution = caution, .today = last_});
    }
    return subjects;
  }

 private:
  static int ShipDays(int64_t minutes) {
    return static_cast<int>(std::max<int64_t>(minutes / kMinutesADay, 0));
  }
  // 0 = nobody knows; else 1 or more.
  static int DaysLate(std::optional<int64_t> ship, std::optional<int64_t> promise) {
    if (!ship || !promise) return 0;
    return static_cast<int>(
        std::max<int64_t>((*ship - *promise + kMinutesADay - 1) / kMinutesADay, 1));
  }

  Date last_{};
  std::map<std::string, std::vector<Outcome>> sellers_;
  std::unordered_map<std::string, std::pair<std::string, size_t>> unshipped_;
};

}  // namespace

Judgement PolicySubject::JudgeBy(const Policy& policy) const {
  return Judge(policy, {.own = own,
                        .overdue = overdue,
                        .pooled = pooled,
                        .page = page,
                        .value = value,
                        .self_operated = self_operated,
                        .caution = caution,
                        .today = today});
}

Expected<std::vector<PolicySubject>> ParsePolicyCases(std::string_view text,
                                                      std::string_view what) {
  const Expected<Json> json = ParseJson(text, what);
  if (!json) return Fail(ErrorCode::kDamaged, json.error().message);
  if (!json->is_array()) return Fail(ErrorCode::kDamaged, StrCat(what, ": must be a list"));
  std::vector<PolicySubject> subjects;
  for (const Json& one : *json) {
    Expected<PolicySubject> subject = ReadCase(one, what);
    if (!subject) return std::unexpected(subject.error());
    subjects.push_back(std::move(*subject));
  }
  return subjects;
}

Expected<std::vector<PolicySubject>> ReadPolicyCases(const std::filesystem::path& data) {
  const auto files = ListFiles(data / "policy" / "cases", ".json");
  if (!files) return std::unexpected(files.error());
  std::vector<PolicySubject> subjects;
  for (const std::filesystem::path& file : *files) {
    const Expected<std::string> text = ReadFile(file, kDataFileBytesMax);
    if (!text) return std::unexpected(text.error());
    auto read = ParsePolicyCases(*text, file.filename().string());
    if (!read) return read;
    std::ranges::move(*read, std::back_inserter(subjects));
  }
  return subjects;
}

Expected<std::vector<PolicySubject>> OwnSubjects(const ActionContext& context) {
  const Store& store = context.store;
  const Date today = Today(context);
  const Expected<std::vector<SellerRecord>> sellers = store.Sellers();
  if (!sellers) return std::unexpected(sellers.error());
  const Expected<Settings> settings = store.GetSettings();
  if (!settings) return std::unexpected(settings.error());
  std::vector<PolicySubject> subjects;
  for (const SellerRecord& seller : *sellers) {
    const std::string& key = seller.seller_key;
    const std::vector<std::string> keys = TrustedKeys(key, seller.aliases);
    Expected<OwnEvidence> own = ReadOwnEvidence(store, keys, today);
    if (!own) return std::unexpected(own.error());
    subjects.push_back({.name = key,
                        .own = std::move(own->outcomes),
                        .overdue = own->overdue,
                        .pooled = context.pool.Find(keys, context.clock.Now()).Reports(),
                        .caution = settings->caution,
                        .today = today,
                        .self_operated = key.ends_with(":self")});
  }
  return subjects;
}

Expected<std::vector<PolicySubject>> StreamSubjects(std::istream& in, Caution caution) {
  StreamSellers sellers;
  std::string line;
  for (int64_t lines = 1; std::getline(in, line); ++lines) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const Expected<StreamEvent> event = ReadStreamEvent(line);
    if (!event)
      return Fail(event.error().code, StrCat("line ", lines, ": ", event.error().message));
    sellers.Take(*event);
  }
  return std::move(sellers).Subjects(caution);
}

}  // namespace kaopu
