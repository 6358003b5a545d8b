// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// why: every number of the verdict on a seller, with its formula and where it came from. From
// history alone: what a page added is among the reasons of its own check.
#include <algorithm>

#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/history.h"
#include "messaging/actions/wire.h"

namespace kaopu {
namespace {

// Three decimals, as in "0.355"; millionths are more than anybody reads.
std::string Short(Micro micro) {
  const Micro thousandths = (micro + 500) / 1000;
  return StrCat(thousandths / 1000, ".", ZeroPadded(thousandths % 1000, 3));
}

class Lines {
 public:
  void Add(std::string_view key, Micro value, std::string formula, std::string_view source) {
    list_.push_back({{"key", key},
                     {"value", AsDouble(value)},
                     {"formula", std::move(formula)},
                     {"source", source}});
  }
  Json Take() { return std::move(list_); }

 private:
  Json list_ = Json::array();
};

void AddProbability(Lines& lines, std::string_view key, const Interval& interval, Micro weight,
                    Micro prior, const Policy& policy, Micro total) {
  const std::string name(key);
  lines.Add(key, interval.mean,
            StrCat("(", Short(weight), " + ", Short(policy.prior_strength), " * ", Short(prior),
                   ") / (", Short(total), " + ", Short(policy.prior_strength), ")"),
            "own orders, policy prior");
  lines.Add(name + "_low", interval.low, "90 % Wilson interval of that mean and weight, lower end",
            "own orders");
  lines.Add(name + "_high", interval.high,
            "90 % Wilson interval of that mean and weight, upper end", "own orders");
}

Json LinesOf(const Policy& policy, const Judgement& judgement, std::string_view caution) {
  Lines lines;
  const Tally& tally = judgement.tally;
  const std::string decay =
      StrCat("sum of 2^(-age / ", policy.half_life_days, " days) over these orders");
  lines.Add("why_weight_on_time", tally.on_time_weight, decay, "own orders");
  lines.Add("why_weight_late", tally.LateWeight(), decay, "own orders");
  lines.Add("why_weight_never", tally.NeverWeight(), decay, "own orders");
  lines.Add("why_effective_n", tally.Weight(), "sum of the three weights", "own orders");
  lines.Add("why_prior_strength", policy.prior_strength, "", "policy");
  lines.Add("why_prior_late", policy.prior_late, "", "policy");
  lines.Add("why_prior_never", policy.prior_never, "", "policy");
  AddProbability(lines, "why_p_late", judgement.estimate.late, tally.LateWeight(),
                 policy.prior_late, policy, tally.Weight());
  AddProbability(lines, "why_p_never", judgement.estimate.never, tally.NeverWeight(),
                 policy.prior_never, policy, tally.Weight());
  AddProbability(lines, "why_p_bad", judgement.estimate.bad, tally.BadWeight(),
                 policy.prior_late + policy.prior_never, policy, tally.Weight());
  std::string costs = "mean over orders and prior of the share of the price lost: never shipped ";
  costs += Short(policy.never_cost);
  for (const LateBand& band : policy.late_bands) {
    const bool last = &band == &policy.late_bands.back();
    costs += last ? StrCat(", later ", Short(band.cost))
                  : StrCat(", late by up to ", band.days_max, " days ", Short(band.cost));
  }
  costs += "; late orders are left out where they would lower it";
  lines.Add("why_loss", judgement.loss, costs, "own orders, policy costs");
  lines.Add("why_watch_out_from", judgement.thresholds.watch_out, StrCat("caution ", caution),
            "policy, settings");
  lines.Add("why_danger_from", judgement.thresholds.danger, StrCat("caution ", caution),
            "policy, settings");
  lines.Add("why_dependable_orders", policy.dependable_orders_min * kOne, "decided orders needed",
            "policy");
  lines.Add("why_dependable_weight", policy.dependable_weight_min,
            "weight of decided orders needed", "policy");
  return lines.Take();
}

Json OutcomesOf(const Policy& policy, const OwnEvidence& own, Date today) {
  Json list = Json::array();
  for (size_t i = 0; i < own.history.outcomes.size(); ++i) {
    const OutcomeRecord& record = own.history.outcomes[i];
    const Date known_on = KnownOn(record);
    const int64_t age = std::max<int64_t>((today - known_on).count(), 0);
    const Micro weight = IsCensored(record.outcome) ? 0 : DecayWeight(age, policy.half_life_days);
    list.push_back({{"outcome_id", record.outcome_id},
                    {"outcome", OutcomeKindName(record.outcome)},
                    {"known_on", FormatDate(known_on)},
                    {"age_days", age},
                    {"weight", AsDouble(weight)}});
  }
  return list;
}

}  // namespace

Expected<Json> RunWhy(ActionContext& context, const Json& request) {
  Fields fields(request, context.clock.Now());
  const std::string key = fields.RequiredSellerKey("seller_key");
  if (fields.error()) return std::unexpected(*fields.error());
  const Expected<Settings> settings = context.store.GetSettings();
  if (!settings) return std::unexpected(settings.error());
  const Date today = Today(context);
  const Expected<OwnEvidence> own = ReadOwnEvidence(context.store, std::vector{key}, today);
  if (!own) return std::unexpected(own.error());
  const Judgement judgement = Judge(context.policy, {.own = own->outcomes,
                                                     .overdue = own->overdue,
                                                     .page = {},
                                                     .value = std::nullopt,
                                                     .self_operated = key.ends_with(":self"),
                                                     .caution = settings->caution,
                                                     .today = today});
  Expected<std::vector<Reason>> reasons = ReasonsFromLicences(context.store, key, {});
  if (!reasons) return std::unexpected(reasons.error());
  reasons->insert(reasons->end(), judgement.reasons.begin(), judgement.reasons.end());
  return Json{
      {"explanation",
       {{"seller_key", own->history.seller_key},
        {"seller_name", OrNull(own->history.name)},
        {"verdict", VerdictName(judgement.verdict)},
        {"today", FormatDate(today)},
        {"policy",
         {{"version", context.policy.version}, {"published_on", context.policy.published_on}}},
        {"caution", CautionName(settings->caution)},
        {"lines", LinesOf(context.policy, judgement, CautionName(settings->caution))},
        {"outcomes", OutcomesOf(context.policy, *own, today)},
        {"history", HistoryJson(*own)},
        {"reasons", ToJson(*reasons)},
        {"advice", ToJson(judgement.advice)}}}};
}

}  // namespace kaopu
