// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// why: every number of the verdict on a seller, with its formula and where it came from. From
// own history and shared reports: what a page added is among the reasons of its own check.
#include <algorithm>

#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/history.h"
#include "messaging/actions/pooled.h"
#include "messaging/actions/wire.h"

namespace kaopu {
namespace {

// Three decimals, as in "0.355"; millionths are more than anybody reads.
std::string Short(Micro micro) {
  const Micro thousandths = (micro + 500) / 1000;
  return StrCat(thousandths / 1000, ".", ZeroPadded(thousandths % 1000, 3));
}

// Where a number comes from: `why_source_...` of extension/_locales, and English for programs.
struct Source {
  std::string_view key, english;
};
constexpr Source kOwn{"why_source_own", "own orders"};
constexpr Source kPooled{"why_source_pooled", "shared reports"};
constexpr Source kPolicy{"why_source_policy", "policy"};
constexpr Source kSettings{"why_source_settings", "settings"};

// A formula holds symbols and numbers alone; words that explain it are `note`, a key of
// extension/_locales.
class Lines {
 public:
  // `pooled`: shared reports are joined in.
  explicit Lines(bool pooled) : joined_{kOwn, kPooled, kPolicy} {
    if (!pooled) joined_ = {kOwn, kPolicy};
  }
  // Where what all evidence and the policy come to is from.
  const std::vector<Source>& joined() const { return joined_; }

  void Add(std::string_view key, Micro value, std::string formula,
           const std::vector<Source>& sources, std::string_view note = {},
           Json args = Json::object()) {
    std::string english;
    Json keys = Json::array();
    for (const Source& source : sources) {
      english += StrCat(english.empty() ? "" : ", ", source.english);
      keys.push_back(source.key);
    }
    Json line = {{"key", key},
                 {"value", AsDouble(value)},
                 {"formula", std::move(formula)},
                 {"source", std::move(english)},
                 {"source_keys", std::move(keys)},
                 {"note", nullptr}};
    if (!note.empty()) line["note"] = {{"key", note}, {"args", std::move(args)}};
    list_.push_back(std::move(line));
  }

  // Both ends of a 90 % interval by Wilson's score.
  void AddEnds(std::string_view key, const Interval& interval, Micro n) {
    for (const char sign : {'-', '+'}) {
      const bool low = sign == '-';
      Add(StrCat(key, low ? "_low" : "_high"), low ? interval.low : interval.high,
          StrCat("(n p + z^2/2 ", sign, " z sqrt(n p (1 - p) + z^2/4)) / (n + z^2), p = ",
                 Short(interval.mean), ", n = ", Short(n), ", z = 1.645"),
          joined_, "why_note_interval");
    }
  }

  Json Take() { return std::move(list_); }

 private:
  std::vector<Source> joined_;
  Json list_ = Json::array();
};

std::string ShareOf(Micro bad, Micro total, Micro strength, Micro prior) {
  return StrCat("(", Short(bad), " + ", Short(strength), " * ", Short(prior), ") / (", Short(total),
                " + ", Short(strength), ")");
}

// One way of going wrong among itself and the good ones; never more than P(bad), which counts newer
// orders more where the policy says so.
void AddWay(std::string_view key, std::string_view note, const Interval& chance, Micro n,
            Micro weight, Micro prior, const Assessment& own, Lines& lines) {
  std::string share =
      ShareOf(weight, weight + own.on_time_weight + own.pooled_on_time, own.prior_strength, prior);
  const bool bounded = chance.mean == own.bad.mean && weight < own.Weight() + own.PooledWeight();
  lines.Add(key, chance.mean,
            bounded ? StrCat("min(", share, ", ", Short(own.bad.mean), ")") : std::move(share),
            lines.joined(), note);
  lines.AddEnds(key, chance, n);
}

void AddProbabilities(const Assessment& own, Lines& lines) {
  const Micro strength = own.prior_strength;
  AddWay("why_p_late", "why_note_p_late", own.late, own.late_n, own.late_weight + own.pooled_late,
         own.prior_late, own, lines);
  AddWay("why_p_never", "why_note_p_never", own.never, own.never_n,
         own.never_weight + own.pooled_never, own.prior_never, own, lines);
  std::string mean;
  for (size_t h = 0; h < kHalfLives; ++h) {
    const Assessment::Faded& faded = own.faded[h];
    if (faded.share == 0) continue;
    if (!mean.empty()) mean += " + ";
    if (faded.share != kOne) mean += StrCat(Short(faded.share), " * ");
    mean += StrCat(ShareOf(faded.bad, faded.total, strength, own.prior_bad), " [",
                   kHalfLife[h] / kMinutesADay, " d]");
  }
  lines.Add("why_p_bad", own.bad.mean, mean, lines.joined(), "why_note_p_bad");
  lines.AddEnds("why_p_bad", own.bad, own.bad_n);
}

void AddDays(const Assessment& own, Lines& lines) {
  if (own.ship_orders == 0) return;
  const auto add = [&](std::string_view key, const Interval& days) {
    const Json args = {{"orders", own.ship_orders}};
    lines.Add(key, days.mean, "", {kOwn}, "why_note_days", args);
    lines.Add(StrCat(key, "_low"), days.low, "", {kOwn}, "why_note_days_ends");
    lines.Add(StrCat(key, "_high"), days.high, "", {kOwn}, "why_note_days_ends");
  };
  add("why_ship_median", own.ship_median);
  add("why_ship_p90", own.ship_p90);
}

// What one registry says: weights as they enter, and the plain counts that reasons speak of.
void AddReports(const PooledReports& reports, Lines& lines) {
  const Json registry = {{"registry", reports.registry},
                         {"as_of", FormatDate(reports.as_of)},
                         {"until", FormatDate(reports.last_on)}};
  const auto add = [&](std::string_view key, Fix value, std::string_view note, const Json& args) {
    lines.Add(key, MicroOf(value), "", {kPooled}, note, args);
  };
  const Counts& counts = reports.counts[kLong];
  add("why_shared_on_time", counts.good, "why_note_shared", registry);
  add("why_shared_late", reports.Late(), "why_note_shared", registry);
  add("why_shared_never", reports.Never(), "why_note_shared", registry);
  if (!reports.counted) return;
  const auto add_count = [&](std::string_view key, int count, int days) {
    Json args = registry;
    args["days"] = days;
    lines.Add(key, count * kOne, "", {kPooled}, "why_note_counted", std::move(args));
  };
  for (const PooledReports::Window& window : reports.counted->windows) {
    add_count("why_counted_all", window.all, window.days);
    add_count("why_counted_bad", window.bad, window.days);
  }
  add_count("why_counted_never", reports.counted->never, reports.counted->windows.back().days);
}

void AddPooled(std::span<const PooledReports> pooled, const Assessment& all, Lines& lines) {
  for (const PooledReports& reports : pooled) AddReports(reports, lines);
  const auto add = [&](std::string_view key, Micro value, auto weight) {
    std::string of;
    for (const PooledReports& reports : pooled) {
      of += StrCat(of.empty() ? "" : ", ", Short(MicroOf(weight(reports))));
    }
    lines.Add(key, value, StrCat("max(", of, ")"), {kPooled}, "why_note_joined");
  };
  if (pooled.empty()) return;
  add("why_pooled_on_time", all.pooled_on_time,
      [](const PooledReports& reports) { return reports.counts[kLong].good; });
  add("why_pooled_late", all.pooled_late,
      [](const PooledReports& reports) { return reports.Late(); });
  add("why_pooled_never", all.pooled_never,
      [](const PooledReports& reports) { return reports.Never(); });
  add("why_pooled_bad_of_one", all.pooled_bad_of_one,
      [](const PooledReports& reports) { return reports.counts[kLong].bad; });
}

void AddLoss(const Assessment& own, Lines& lines) {
  std::string sum;
  Micro before = 0;
  for (size_t i = 0; i < own.layer_count; ++i) {
    const LossLayer& layer = own.layers[i];
    if (layer.cost == before) continue;
    sum += StrCat(sum.empty() ? "" : " + ", "(", Short(layer.cost), " - ", Short(before), ") * ",
                  Short(layer.chance));
    before = layer.cost;
  }
  lines.Add("why_loss", own.loss, sum, lines.joined(), "why_note_loss");
}

Json LinesOf(const Policy& policy, const Judgement& judgement,
             std::span<const PooledReports> pooled, std::string_view caution) {
  Lines lines(!pooled.empty());
  const Assessment& own = judgement.assessment;
  const std::string decay = StrCat("sum 2^(-t / ", kHalfLife[kLong] / kMinutesADay, " d)");
  for (const auto& [key, weight] : {std::pair("why_weight_on_time", own.on_time_weight),
                                    std::pair("why_weight_late", own.late_weight),
                                    std::pair("why_weight_never", own.never_weight)}) {
    lines.Add(key, weight, decay, {kOwn}, "why_note_decay");
  }
  AddPooled(pooled, own, lines);
  std::string weights = StrCat(Short(own.on_time_weight), " + ", Short(own.late_weight), " + ",
                               Short(own.never_weight));
  std::vector<Source> evidence = {kOwn};
  if (!pooled.empty()) {
    weights += StrCat(" + ", Short(own.pooled_on_time), " + ", Short(own.pooled_late), " + ",
                      Short(own.pooled_never));
    evidence.push_back(kPooled);
  }
  lines.Add("why_effective_n", own.Weight() + own.PooledWeight(), std::move(weights), evidence);
  lines.Add("why_prior_strength", own.prior_strength, "", {kPolicy});
  lines.Add("why_prior_bad", own.prior_bad, "", {kPolicy});
  lines.Add("why_prior_late", own.prior_late, "", {kPolicy});
  lines.Add("why_prior_never", own.prior_never, "", {kPolicy},
            StrCat("why_note_known_", KnownName(own.known)));
  AddProbabilities(own, lines);
  AddDays(own, lines);
  AddLoss(own, lines);
  if (!pooled.empty())
    lines.Add("why_own_loss", judgement.own_loss, "", {kOwn, kPolicy}, "why_note_own_loss");
  const std::string note = StrCat("why_note_caution_", caution);
  lines.Add("why_watch_out_from", judgement.thresholds.watch_out, "", {kPolicy, kSettings}, note);
  lines.Add("why_danger_from", judgement.thresholds.danger, "", {kPolicy, kSettings}, note);
  lines.Add("why_dependable_orders", policy.dependable_orders_min * kOne, "", {kPolicy});
  lines.Add("why_dependable_weight", policy.dependable_weight_min, "", {kPolicy});
  if (!pooled.empty()) {
    lines.Add("why_pooled_accuse", policy.pooled.accuse_weight_min, "", {kPolicy});
    lines.Add("why_pooled_danger", policy.pooled.danger_weight_min, "", {kPolicy});
    lines.Add("why_pooled_dependable", policy.pooled.dependable_weight_min, "", {kPolicy});
  }
  return lines.Take();
}

Json OutcomesOf(const OwnEvidence& own, Date today) {
  Json list = Json::array();
  for (const OutcomeRecord& record : own.history.outcomes) {
    const Outcome outcome = JudgedOutcome(record);
    list.push_back({{"outcome_id", record.outcome_id},
                    {"outcome", OutcomeKindName(outcome.kind)},
                    {"known_on", FormatDate(outcome.known_on)},
                    {"age_days", std::max<int64_t>((today - outcome.known_on).count(), 0)},
                    {"weight", AsDouble(WeightOf(outcome, today))}});
  }
  return list;
}

}  // namespace

Expected<Json> RunWhy(ActionContext& context, Json& request) {
  Fields fields(request, context);
  const std::string key = fields.RequiredSellerKey("seller_key");
  if (fields.error()) return std::unexpected(*fields.error());
  const Expected<Settings> settings = context.store.GetSettings();
  if (!settings) return std::unexpected(settings.error());
  const Date today = Today(context);
  const Expected<OwnEvidence> own = ReadOwnEvidence(context.store, std::vector{key}, today);
  if (!own) return std::unexpected(own.error());
  const Expected<const Policy*> loaded = context.rules.GetPolicy();
  if (!loaded) return std::unexpected(loaded.error());
  const Policy& policy = **loaded;
  const pool::Answers answers = context.pool.Find(std::vector{key}, context.clock.Now());
  const std::vector<PooledReports> pooled = answers.Reports();
  const Judgement judgement = Judge(policy, {.own = own->outcomes,
                                             .overdue = own->overdue,
                                             .pooled = pooled,
                                             .page = {},
                                             .value = std::nullopt,
                                             .self_operated = key.ends_with(":self"),
                                             .caution = settings->caution,
                                             .today = today});
  Expected<std::vector<Reason>> reasons = ReasonsFromLicences(context.store, key, {});
  if (!reasons) return std::unexpected(reasons.error());
  if (auto reason = ReasonNotHere(answers)) reasons->push_back(std::move(*reason));
  reasons->insert(reasons->end(), judgement.reasons.begin(), judgement.reasons.end());
  return Json{{"explanation",
               {{"seller_key", own->history.seller_key},
                {"seller_name", OrNull(own->history.name)},
                {"verdict", VerdictName(judgement.verdict)},
                {"today", FormatDate(today)},
                {"policy", {{"version", policy.version}, {"published_on", policy.published_on}}},
                {"caution", CautionName(settings->caution)},
                {"lines", LinesOf(policy, judgement, pooled, CautionName(settings->caution))},
                {"outcomes", OutcomesOf(*own, today)},
                {"history", HistoryJson(*own, today)},
                {"pooled", PooledJson(policy, answers, today)},
                {"estimate", ToJson(judgement.assessment)},
                {"reasons", ToJson(*reasons)},
                {"advice", ToJson(judgement.advice)}}}};
}

}  // namespace kaopu
