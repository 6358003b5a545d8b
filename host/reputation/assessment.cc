// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/assessment.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <vector>

#include "reputation/early_warning.h"

namespace kaopu {
namespace {

__extension__ using Wide = __int128;

constexpr std::array<std::string_view, 4> kTrendNames = {"unknown", "steady", "worse", "better"};
constexpr std::array<std::string_view, kThinBands> kKnownNames = {"nothing", "little", "some",
                                                                  "well"};

Fix FixOfMicro(Micro micro) { return static_cast<Fix>((Wide{micro} << kFixBits) / kOne); }
Interval IntervalOf(const Span& span) {
  return {MicroOf(span.mean), MicroOf(span.low), MicroOf(span.high)};
}

Minute MinuteOf(Date day) {
  return std::clamp<Minute>(day.time_since_epoch().count() * kMinutesADay, 0, kMinuteMax);
}

size_t LateBandOf(const Policy& policy, int days_late) {
  const int days = days_late > 0 ? days_late : policy.days_late_unknown;
  size_t band = 0;
  while (band + 1 < policy.late_bands.size() && days > policy.late_bands[band].days_max) ++band;
  return band;
}

// The dearest late band that costs no more than page signals may.
size_t PageBand(const Policy& policy) {
  size_t band = 0;
  while (band + 1 < policy.late_bands.size() &&
         policy.late_bands[band + 1].cost <= policy.page_cost) {
    ++band;
  }
  return band;
}

// Decided outcomes in order of time; among those of one day the order is fixed, so that the bytes
// do not depend on how they were given.
std::vector<Outcome> InTime(std::span<const Outcome> own, Date today) {
  std::vector<Outcome> decided;
  for (const Outcome& outcome : own) {
    if (IsCensored(outcome.kind)) continue;
    decided.push_back(outcome);
    decided.back().known_on = std::min(outcome.known_on, today);
  }
  std::ranges::sort(decided, {}, [](const Outcome& outcome) {
    return std::tuple(outcome.known_on, outcome.kind, outcome.days_late,
                      outcome.ship_days.value_or(-1));
  });
  return decided;
}

Tally TallyOf(std::span<const Outcome> own) {
  Tally tally;
  for (const Outcome& outcome : own) {
    switch (outcome.kind) {
      case OutcomeKind::kOnTime:
        ++tally.on_time;
        break;
      case OutcomeKind::kLate:
        ++tally.late;
        if (outcome.days_late > 0) {
          ++tally.days_late_known;
          tally.days_late_sum += outcome.days_late;
        }
        break;
      case OutcomeKind::kNeverShipped:
        ++tally.never_shipped;
        break;
      case OutcomeKind::kFakeShipment:
        ++tally.fake_shipment;
        break;
      case OutcomeKind::kSellerCancelled:
        ++tally.seller_cancelled;
        break;
      case OutcomeKind::kOpen:
        ++tally.open;
        break;
      case OutcomeKind::kBuyerCancelled:
        ++tally.buyer_cancelled;
        break;
      case OutcomeKind::kCancelledInTime:
        ++tally.cancelled_in_time;
        break;
    }
  }
  return tally;
}

struct Evidence {
  SellerEvidence seller;
  std::array<DecayedSum, kLateBandsMax> late;  // by how late, half-life kLong
};

Evidence EvidenceOf(const Policy& policy, std::span<const Outcome> decided) {
  Evidence evidence;
  for (const Outcome& outcome : decided) {
    const Minute at = MinuteOf(outcome.known_on);
    evidence.seller.Add(at, {.bad = IsBad(outcome.kind)});
    if (IsNever(outcome.kind)) evidence.seller.AddNever(at);
    if (outcome.kind == OutcomeKind::kLate) {
      evidence.late[LateBandOf(policy, outcome.days_late)].Add(at, kHalfLife[kLong], kFixOne);
    }
    if (outcome.ship_days) evidence.seller.AddShipTime(at, *outcome.ship_days * kMinutesADay);
  }
  return evidence;
}

void Watch(const Policy& policy, std::span<const Outcome> decided, Assessment& assessment) {
  const Usual usual(policy.usual_bad, policy.usual_orders_a_year);
  EarlyWarning warning;
  int bad = 0, total = 0;  // since the sums were all nought
  for (const Outcome& outcome : decided) {
    warning.Add(usual, IsBad(outcome.kind));
    if (warning == EarlyWarning()) {
      bad = total = 0;
      continue;
    }
    ++total;
    bad += IsBad(outcome.kind);
  }
  if (!warning.Raised()) return;
  assessment.warned_bad = bad;
  assessment.warned_total = total;
}

// Mean of the cost, as the sum over its layers of P(it costs at least this much). Each chance is
// that of these bad orders among themselves and the good ones, the cheaper bad ones left out: so a
// late parcel never makes up for one that did not come, and each chance only ever moves the right
// way. The first is P(bad) itself and bounds the others.
//
// How late shared orders were is taken as not known: a share of bins that move with every report
// would let one more late order make the late ones look less late.
void AddLoss(const Policy& policy, const Evidence& evidence, const PooledWeights& pooled,
             const Epoch& epoch, const Risk& risk, Fix page, Minute now, bool recoverable,
             Assessment& assessment) {
  const Fix never = evidence.seller.NeverAt(now) + pooled.never,
            good = evidence.seller.At(now, kLong).good + pooled.counts[kLong].good;
  const Fix q_never = epoch.prior_never[assessment.known];
  const Fix q_late = std::max<Fix>(FixOfMicro(policy.prior_bad - policy.prior_never.front()), 0);
  const size_t bands = policy.late_bands.size(), unknown = LateBandOf(policy, 0),
               page_band = PageBand(policy);
  assessment.layer_count = bands + 1;
  Fix weight = never;
  for (size_t band = bands + 1; band-- > 0;) {
    LossLayer& layer = assessment.layers[band];
    if (band == bands) {
      layer.cost = recoverable ? policy.never_cost_recoverable : policy.never_cost;
    } else {
      layer.cost = policy.late_bands[band].cost;
      weight += evidence.late[band].At(now, kHalfLife[kLong]);
      if (band == page_band) weight += page;
      if (band == unknown) weight += pooled.Late();
    }
    const Fix q = q_never + (band <= unknown ? q_late : 0);
    const Fix chance = FixDiv(weight + FixMul(risk.prior, q), weight + good + risk.prior);
    layer.chance = MicroOf(band == 0 ? risk.bad : std::min(risk.bad, chance));
  }
  Wide loss = 0;
  Micro before = 0;
  for (size_t i = 0; i < assessment.layer_count; ++i) {
    const LossLayer& layer = assessment.layers[i];
    loss += Wide{layer.cost - before} * layer.chance;
    before = layer.cost;
  }
  assessment.loss = static_cast<Micro>(loss / kOne);
}

Interval DaysOf(const std::array<int64_t, 3>& minutes) {
  const auto days = [](int64_t m) { return static_cast<Micro>(m * kOne / kMinutesADay); };
  return {days(minutes[0]), days(minutes[1]), days(minutes[2])};
}

Assessment::Trend TrendNow(const Epoch& epoch, const SellerEvidence& seller, Minute now) {
  if (seller.At(now, kMonth).Total() < kFixOne / 2) return Assessment::Trend::kUnknown;
  const Trend trend = TrendOf(epoch, seller, now);
  if (!trend.sure) return Assessment::Trend::kSteady;
  return trend.change > 0 ? Assessment::Trend::kWorse : Assessment::Trend::kBetter;
}

}  // namespace

Micro MicroOf(Fix fix) { return static_cast<Micro>((Wide{fix} * kOne + kFixOne / 2) >> kFixBits); }

Epoch EpochOf(const Policy& policy, Date today) {
  Epoch epoch;
  epoch.at = MinuteOf(today);
  epoch.prior_bad.fill(FixOfMicro(policy.prior_bad));
  for (size_t i = 0; i < kThinBands; ++i) epoch.prior_never[i] = FixOfMicro(policy.prior_never[i]);
  size_t strength = 0;
  while (strength + 1 < kStrengths && kStrength[strength] < FixOfMicro(policy.prior_strength))
    ++strength;
  for (size_t h = 0; h < kHalfLives; ++h) {
    epoch.mixture[CandidateOf(h, kPriorHalfLives - 1, strength)] =
        FixOfMicro(policy.half_life_shares[h]);
  }
  return epoch;
}

Assessment Assess(const Policy& policy, Date today, std::span<const Outcome> own,
                  const PooledWeights& pooled, Micro page_weight, bool recoverable) {
  const Epoch epoch = EpochOf(policy, today);
  const Minute now = epoch.at;
  const std::vector<Outcome> decided = InTime(own, today);
  const Evidence evidence = EvidenceOf(policy, decided);
  const Fix page = FixOfMicro(page_weight);
  SellerEvidence with_page = evidence.seller;
  with_page.Add(now, {.bad = true, .weight = page});

  Assessment assessment;
  assessment.tally = TallyOf(own);
  std::array<Counts, kHalfLives> counts = with_page.At(now);
  for (size_t h = 0; h < kHalfLives; ++h) {
    counts[h].bad += pooled.counts[h].bad;
    counts[h].good += pooled.counts[h].good;
  }
  Fix good = evidence.seller.At(now, kLong).good, never = evidence.seller.NeverAt(now);
  Fix late = 0;
  for (const DecayedSum& band : evidence.late) late += band.At(now, kHalfLife[kLong]);
  assessment.on_time_weight = MicroOf(good);
  assessment.late_weight = MicroOf(late);
  assessment.never_weight = MicroOf(never);
  assessment.pooled_on_time = MicroOf(pooled.counts[kLong].good);
  assessment.pooled_late = MicroOf(pooled.Late());
  assessment.pooled_never = MicroOf(pooled.never);
  assessment.pooled_bad_of_one = MicroOf(pooled.bad_of_one);
  good += pooled.counts[kLong].good;
  late += pooled.Late();
  never += pooled.never;
  const Risk risk = RiskOf(epoch, counts, never);
  assessment.page_weight = page_weight;
  assessment.known = ThinBandOf(good);
  assessment.prior_strength = MicroOf(risk.prior);
  assessment.prior_bad = policy.prior_bad;
  assessment.prior_late = policy.prior_bad - policy.prior_never.front();
  assessment.prior_never = policy.prior_never[assessment.known];

  for (size_t h = 0; h < kHalfLives; ++h) {
    assessment.faded[h] = {MicroOf(counts[h].bad), MicroOf(counts[h].Total()),
                           policy.half_life_shares[h]};
  }

  const Fix q_late = FixOfMicro(assessment.prior_late);
  const Fix bad_n = risk.weight + risk.prior, late_n = late + good + risk.prior,
            never_n = never + good + risk.prior;
  const Fix p_late = FixDiv(late + FixMul(risk.prior, q_late), late_n);
  assessment.bad = IntervalOf(WilsonSpan(risk.bad, bad_n));
  assessment.late = IntervalOf(WilsonSpan(std::min(p_late, risk.bad), late_n));
  assessment.never = IntervalOf(WilsonSpan(risk.never, never_n));
  assessment.bad_n = MicroOf(bad_n);
  assessment.late_n = MicroOf(late_n);
  assessment.never_n = MicroOf(never_n);

  assessment.ship_orders = static_cast<int>(std::ranges::count_if(
      decided, [](const Outcome& outcome) { return outcome.ship_days.has_value(); }));
  if (assessment.ship_orders > 0) {
    const ShipTime time = ShipTimeOf(epoch, evidence.seller, now);
    assessment.ship_median = DaysOf(time.median);
    assessment.ship_p90 = DaysOf(time.p90);
  }
  assessment.trend = TrendNow(epoch, evidence.seller, now);
  Watch(policy, decided, assessment);
  AddLoss(policy, evidence, pooled, epoch, risk, page, now, recoverable, assessment);
  return assessment;
}

Micro WeightOf(const Outcome& outcome, Date today) {
  if (IsCensored(outcome.kind)) return 0;
  SellerEvidence one;
  one.Add(MinuteOf(std::min(outcome.known_on, today)), {.bad = false});
  return MicroOf(one.At(MinuteOf(today), kLong).good);
}

std::array<Month, kMonthsShown> MonthsOf(std::span<const Outcome> own, Date today) {
  const auto month_of = [](Date day) {
    const std::chrono::year_month_day ymd(day);
    return ymd.year() / ymd.month();
  };
  std::array<Month, kMonthsShown> months;
  for (size_t i = 0; i < kMonthsShown; ++i) {
    months[i].month = month_of(today) - std::chrono::months(static_cast<int>(kMonthsShown - 1 - i));
  }
  for (const Outcome& outcome : own) {
    if (IsCensored(outcome.kind)) continue;
    const auto month =
        std::ranges::find(months, month_of(std::min(outcome.known_on, today)), &Month::month);
    if (month == months.end()) continue;
    month->on_time += outcome.kind == OutcomeKind::kOnTime;
    month->late += outcome.kind == OutcomeKind::kLate;
    month->never += IsNever(outcome.kind);
  }
  return months;
}

std::string_view TrendName(Assessment::Trend trend) {
  return kTrendNames[static_cast<size_t>(trend)];
}
std::string_view KnownName(size_t known) { return kKnownNames[std::min(known, kThinBands - 1)]; }

}  // namespace kaopu
