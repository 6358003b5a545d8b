// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/learner.h"

#include <algorithm>
#include <bit>

namespace kaopu {
namespace {

constexpr Fix kLn2 = 11629080;      // ln 2 * 2^24
constexpr Fix kLog2OfE = 24204406;  // log2 e * 2^24

// What is believed before anything was seen: one order in ten goes badly, one in fifty never ships;
// an opinion of five orders, soon outvoted.
constexpr Fix kFirstBad = FixOf(1, 10), kFirstNever = FixOf(1, 50), kFirstWeight = FixOf(5);

// Candidates are judged by the last year more than by what went before.
constexpr Minute kLossHalfLife = 360 * kMinutesADay;
// Outcomes of orders placed together are not independent evidence for a candidate: each counts a
// quarter.
constexpr Fix kLossShare = FixOf(1, 4);

// A group (a category, a weekday) is believed against everybody by what it holds beyond twenty
// orders' worth of doubt.
constexpr Minute kGroupHalfLife = 480 * kMinutesADay;
constexpr Fix kGroupStrength = FixOf(20);
constexpr size_t kGroupsMax = 65'536;
constexpr Minute kNeverHalfLife = 480 * kMinutesADay;
constexpr Fix kThinStrength = FixOf(20);
constexpr Minute kShipHalfLife = 480 * kMinutesADay;

constexpr Minute kWeek = 7 * kMinutesADay, kTwoMonths = 60 * kMinutesADay;

// What the candidates say is taken as it is (they were chosen for being right); context is added to
// its log-odds. Its coefficients start at nothing with a standard deviation of about a fifth; those
// of groups, of which there are many and most tell nothing, of a tenth.
constexpr size_t kLoad = 0, kFirstGroup = 1;
constexpr Fix kFirstVariance = FixOf(1, 20), kFirstGroupVariance = FixOf(1, 100);
constexpr int kTermBits = 16;

Fix Ln(Fix x) { return FixMul(FixLog2(x), kLn2); }

uint64_t GroupKey(size_t kind, uint64_t value) {
  // Kind in the low bits of a mixed word (the finalizer of SplitMix64); 0 stays "not known".
  uint64_t x = value * kGroups + kind + 1;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return (x ^ x >> 31) | 1;
}

std::array<uint64_t, kGroups> GroupsOf(const OrderContext& context, Minute now) {
  std::array<uint64_t, kGroups> keys{};
  if (context.category != 0) keys[0] = GroupKey(0, context.category);
  if (context.state != 0) keys[1] = GroupKey(1, context.state);
  if (context.promise_minutes && *context.promise_minutes > 0) {  // half-octaves
    const Fix minutes = std::min<int64_t>(*context.promise_minutes, int64_t{1} << 30) << kFixBits;
    keys[2] = GroupKey(2, static_cast<uint64_t>(FixLog2(minutes) * 2 >> kFixBits));
  }
  if (context.price_minor && *context.price_minor > 0) {
    keys[3] = GroupKey(3, std::bit_width(static_cast<uint64_t>(*context.price_minor)));
  }
  keys[4] = GroupKey(4, static_cast<uint64_t>((now / kMinutesADay + 3) % 7));  // 0 = Monday
  keys[5] = GroupKey(5, static_cast<uint64_t>(now % kMinutesADay / 240));      // four hours, UTC
  return keys;
}

}  // namespace

void Activity::Add(Minute at) {
  week_.Add(at, kWeek, kFixOne);
  season_.Add(at, kTwoMonths, kFixOne);
  any_ = true;
}

Fix Activity::Load(Minute now) const {
  if (!any_) return 0;
  // A twentieth of an order a day on both sides: few orders are no news.
  return Ln(FixDiv(week_.At(now, kWeek) / 7 + FixOf(1, 20),
                   season_.At(now, kTwoMonths) / 60 + FixOf(1, 20)));
}

uint64_t KeyOf(const char* text, size_t size) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < size; ++i) {
    hash = (hash ^ static_cast<unsigned char>(text[i])) * 0x100000001b3;
  }
  return hash == 0 ? 1 : hash;
}

Learner::Learner() {
  mixture_ = Mixture();
  variance_.fill(kFirstGroupVariance);
  variance_[kLoad] = kFirstVariance;
}

Fix Learner::PriorBad(size_t prior_half_life, Minute now) const {
  const Rate& rate = rates_[prior_half_life];
  const Minute half_life = kPriorHalfLife[prior_half_life];
  return FixDiv(rate.bad.At(now, half_life) + FixMul(kFirstBad, kFirstWeight),
                rate.all.At(now, half_life) + kFirstWeight);
}

Fix Learner::GroupTerm(uint64_t key, Fix everybody, Minute now) const {
  if (key == 0) return 0;
  const auto group = groups_.find(key);
  if (group == groups_.end()) return 0;
  const Fix doubt = FixMul(kGroupStrength, everybody);
  return Ln(FixDiv(group->second.bad.At(now, kGroupHalfLife) + doubt,
                   group->second.expected.At(now, kGroupHalfLife) + doubt));
}

std::array<Fix, kCandidates> Learner::Mixture() const {
  const Fix best = *std::ranges::min_element(loss_);
  std::array<Fix, kCandidates> mixture;
  Fix sum = 0;
  for (size_t c = 0; c < kCandidates; ++c) {
    mixture[c] = FixExp2(-FixMul(FixMul(loss_[c] - best, kLossShare), kLog2OfE));
    sum += mixture[c];
  }
  for (Fix& weight : mixture) weight = FixDiv(weight, sum);
  return mixture;
}

Epoch Learner::EpochAt(Minute now) const {
  Epoch epoch;
  epoch.at = now;
  epoch.mixture = mixture_;
  for (size_t q = 0; q < kPriorHalfLives; ++q) epoch.prior_bad[q] = PriorBad(q, now);
  if (raw_good_count_ > 0) epoch.mean_raw_good = raw_good_sum_ / raw_good_count_;

  Fix never = FixMul(kFirstNever, kFirstWeight), decided = kFirstWeight;
  for (size_t b = 0; b < kThinBands; ++b) {
    never += never_[b].At(now, kNeverHalfLife);
    decided += decided_[b].At(now, kNeverHalfLife);
  }
  const Fix everybody = FixDiv(never, decided);
  Fix least = kFixOne;
  for (size_t b = 0; b < kThinBands; ++b) {
    const Fix own = FixDiv(never_[b].At(now, kNeverHalfLife) + FixMul(kThinStrength, everybody),
                           decided_[b].At(now, kNeverHalfLife) + kThinStrength);
    least = std::min(least, own);  // to be better known is never a fault
    epoch.prior_never[b] = least;
  }

  Fix shipped = 0;
  for (const DecayedSum& band : ship_) shipped += band.At(now, kShipHalfLife);
  for (size_t i = 0; i < kShipBands; ++i) {
    epoch.prior_ship[i] = shipped > 0 ? FixDiv(ship_[i].At(now, kShipHalfLife), shipped) : 0;
  }
  return epoch;
}

Risk Learner::Ask(const SellerEvidence& seller, const Activity& activity,
                  const OrderContext& context, Minute now, Asked& asked,
                  const Surprise& surprise) const {
  const Epoch epoch = EpochAt(now);
  const std::array<Counts, kHalfLives> counts = seller.At(now);
  const std::array<Fix, kCandidates> said = CandidatesSay(epoch.prior_bad, counts);
  Fix everybody = 0;
  for (size_t c = 0; c < kCandidates; ++c) {
    asked.said[c] = static_cast<uint16_t>(std::min<Fix>(said[c] >> (kFixBits - 16), 0xffff));
    everybody += FixMul(mixture_[c], epoch.prior_bad[c / kStrengths % kPriorHalfLives]);
  }
  asked.at = now;
  asked.thin_band = static_cast<uint8_t>(ThinBandOf(counts[kLong].good));
  asked.groups = GroupsOf(context, now);
  const auto set = [&](size_t term, Fix value) {
    asked.terms[term] = static_cast<int32_t>(value >> (kFixBits - kTermBits));
  };
  set(kLoad, activity.Load(now));
  for (size_t g = 0; g < kGroups; ++g)
    set(kFirstGroup + g, GroupTerm(asked.groups[g], everybody, now));
  Fix moved = 0;
  for (size_t i = 0; i < kTerms; ++i) {
    moved += FixMul(coefficient_[i], Fix{asked.terms[i]} << (kFixBits - kTermBits));
  }
  Risk risk = RiskOf(epoch, seller, now, moved);
  asked.bad = static_cast<uint32_t>(risk.bad);
  asked.n = risk.orders;
  asked.surprise = surprise;
  risk.orders = OrdersOf(asked.n, now);
  return risk;
}

void Learner::Learn(const Asked& asked, Minute at, bool bad, std::optional<int64_t> ship_minutes,
                    std::optional<int64_t> promise_minutes, SellerEvidence& seller, Fix weight,
                    Surprise* surprise) {
  // How well did each candidate do?
  const int64_t kept = HalvedOver(std::max<Minute>(at - last_learned_, 0), kLossHalfLife);
  last_learned_ = std::max(at, last_learned_);
  Fix rate = 0;
  for (size_t c = 0; c < kCandidates; ++c) {
    const Fix said = Fix{asked.said[c]} << (kFixBits - 16);
    rate += FixMul(mixture_[c], said);
    loss_[c] =
        (loss_[c] * (kept >> 6) >> kFixBits) + FixMul(weight, LogLoss(bad ? said : kFixOne - said));
  }
  mixture_ = Mixture();

  // One step of a Gaussian (extended Kalman) filter for logistic regression, coefficients taken for
  // independent: each holds a mean and a variance.
  std::array<Fix, kTerms> term;
  Fix log_odds = Logit(rate), spread = 0;
  for (size_t i = 0; i < kTerms; ++i) {
    term[i] = Fix{asked.terms[i]} << (kFixBits - kTermBits);
    log_odds += FixMul(coefficient_[i], term[i]);
    spread += FixMul(variance_[i], FixMul(term[i], term[i]));
  }
  const Fix p = Sigmoid(log_odds);
  const Fix information = FixMul(weight, FixMul(p, kFixOne - p));
  const Fix step =
      FixDiv(FixMul(weight, (bad ? kFixOne : 0) - p), kFixOne + FixMul(information, spread));
  for (size_t i = 0; i < kTerms; ++i) {
    const Fix gain = FixMul(variance_[i], term[i]);
    coefficient_[i] += FixMul(gain, step);
    variance_[i] = FixDiv(variance_[i], kFixOne + FixMul(information, FixMul(gain, term[i])));
  }

  // How far do the answers of one seller go wrong together?
  sureness_.Learn(at, bad, asked.bad, asked.n, asked.surprise, weight);
  if (surprise != nullptr) surprise->Add(bad, asked.bad, asked.n);

  // Everybody's rates.
  const Fix counted = bad ? weight : 0;
  for (size_t q = 0; q < kPriorHalfLives; ++q) {
    rates_[q].bad.Add(at, kPriorHalfLife[q], counted);
    rates_[q].all.Add(at, kPriorHalfLife[q], weight);
  }
  for (const uint64_t key : asked.groups) {
    if (key == 0) continue;
    auto group = groups_.find(key);
    if (group == groups_.end()) {
      if (groups_.size() >= kGroupsMax) continue;
      group = groups_.emplace(key, Group{}).first;
    }
    group->second.bad.Add(at, kGroupHalfLife, counted);
    group->second.expected.Add(at, kGroupHalfLife, FixMul(weight, rate));
  }
  decided_[asked.thin_band].Add(at, kNeverHalfLife, weight);

  // The seller.
  Observation outcome{.bad = bad, .weight = weight};
  const std::optional<Fix> raw = bad ? std::nullopt : RawGoodWeight(ship_minutes, promise_minutes);
  if (raw) {
    raw_good_sum_ += *raw;
    ++raw_good_count_;
    outcome.good_weight = GoodWeight(raw, raw_good_sum_ / raw_good_count_);
  }
  seller.Add(at, outcome);
  if (ship_minutes) LearnShipTime(at, *ship_minutes, seller, weight);
}

void Learner::LearnNever(const Asked& asked, Minute at, SellerEvidence& seller, Fix weight) {
  never_[asked.thin_band].Add(at, kNeverHalfLife, weight);
  seller.AddNever(at, weight);
}

void Learner::LearnShipTime(Minute at, int64_t ship_minutes, SellerEvidence& seller, Fix weight) {
  ship_[ShipBandOf(ship_minutes)].Add(at, kShipHalfLife, weight);
  seller.AddShipTime(at, ship_minutes, weight);
}

}  // namespace kaopu
