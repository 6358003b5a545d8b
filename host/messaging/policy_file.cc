// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/policy_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "reputation/verdict.h"

namespace kaopu {
namespace {

// Reads fields of one document; the first thing that is wrong is kept, with its path, and the rest
// reads as zero.
class Reader {
 public:
  explicit Reader(std::string_view what) : what_(what) {}

  const Json& Object(const Json& parent, const std::string& path) {
    return Child(parent, path, Json::value_t::object);
  }
  const Json& Array(const Json& parent, const std::string& path) {
    return Child(parent, path, Json::value_t::array);
  }

  double Number(const Json& parent, const std::string& path, double low, double high) {
    const Json* value = Find(parent, path);
    if (value == nullptr || !value->is_number()) return Wrong(path, "a number"), 0;
    const double number = value->get<double>();
    if (!(number >= low && number <= high)) {
      return Wrong(path,
                   "between " + Short(low) + " and " + Short(high) + ", not " + Short(number)),
             0;
    }
    return number;
  }

  Micro Share(const Json& parent, const std::string& path, double low = 0, double high = 1) {
    return std::llround(Number(parent, path, low, high) * kOne);
  }

  int Int(const Json& parent, const std::string& path, int low, int high) {
    const double number = Number(parent, path, low, high);
    if (number != std::floor(number)) Wrong(path, "a whole number, not " + Short(number));
    return static_cast<int>(number);
  }

  std::string Text(const Json& parent, const std::string& path) {
    const Json* value = Find(parent, path);
    if (value == nullptr || !value->is_string() || value->get<std::string>().empty()) {
      return Wrong(path, "a text that is not empty"), "";
    }
    return value->get<std::string>();
  }

  void Wrong(const std::string& path, const std::string& wanted) {
    if (!error_) error_ = Error{ErrorCode::kDamaged, what_ + ": " + path + " must be " + wanted};
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  static std::string Short(double number) { return Json(number).dump(); }

  // The last part of a path like "prior.late" or "late_bands[2].cost" names the field of `parent`.
  static const Json* Find(const Json& parent, const std::string& path) {
    const size_t dot = path.rfind('.');
    const auto found = parent.find(dot == std::string::npos ? path : path.substr(dot + 1));
    return found == parent.end() ? nullptr : &*found;
  }

  const Json& Child(const Json& parent, const std::string& path, Json::value_t type) {
    static const Json kEmptyObject = Json::object();
    static const Json kEmptyArray = Json::array();
    const Json* value = Find(parent, path);
    if (value != nullptr && value->type() == type) return *value;
    const bool object = type == Json::value_t::object;
    Wrong(path, object ? "an object" : "a list");
    return object ? kEmptyObject : kEmptyArray;
  }

  std::string what_;
  std::optional<Error> error_;
};

// The prior and how fast evidence fades.
void ReadEpoch(Reader& reader, const Json& root, Policy& policy) {
  const Json& prior = reader.Object(root, "prior");
  policy.prior_strength = reader.Share(prior, "prior.strength", 1, 8);
  const bool candidate = std::ranges::any_of(kStrength, [&](Fix strength) {
    return policy.prior_strength == (strength >> kFixBits) * kOne;
  });
  if (!candidate) reader.Wrong("prior.strength", "1, 2, 4 or 8 orders");
  policy.prior_bad = reader.Share(prior, "prior.bad", 0.001, 0.999);
  const Json& never = reader.Object(prior, "prior.never");
  Micro before = policy.prior_bad;
  for (size_t known = 0; known < kThinBands; ++known) {
    const std::string path = "prior.never." + std::string(KnownName(known));
    policy.prior_never[known] = reader.Share(never, path);
    if (policy.prior_never[known] > before) {
      reader.Wrong(path, "at most prior.bad and that of sellers less known");
    }
    before = policy.prior_never[known];
  }
  const Json& shares = reader.Object(root, "half_life_shares");
  Micro sum = 0;
  for (size_t h = 0; h < kHalfLives; ++h) {
    policy.half_life_shares[h] =
        reader.Share(shares, "half_life_shares." + std::to_string(kHalfLife[h] / kMinutesADay));
    sum += policy.half_life_shares[h];
  }
  if (sum != kOne) reader.Wrong("half_life_shares", "shares that come to 1");
  const Json& warning = reader.Object(root, "early_warning");
  policy.usual_bad = reader.Share(warning, "early_warning.usual_bad", 0.001, 0.2);
  policy.usual_orders_a_year = reader.Int(warning, "early_warning.orders_a_year", 1, 1'000'000);
}

void ReadCosts(Reader& reader, const Json& root, Policy& policy) {
  const Json& costs = reader.Object(root, "costs");
  policy.days_late_unknown = reader.Int(costs, "costs.days_late_unknown", 1, 1000);
  policy.never_cost = reader.Share(costs, "costs.never");
  policy.never_cost_recoverable = reader.Share(costs, "costs.never_recoverable");
  const Json& bands = reader.Array(costs, "costs.late_bands");
  if (bands.empty() || bands.size() > kLateBandsMax) {
    reader.Wrong("costs.late_bands", "1 to " + std::to_string(kLateBandsMax) + " bands");
    return;
  }
  LateBand before;
  for (size_t i = 0; i < bands.size(); ++i) {
    const std::string path = "costs.late_bands[" + std::to_string(i) + "]";
    if (!bands[i].is_object()) return reader.Wrong(path, "an object");
    const bool last = i + 1 == bands.size();
    LateBand band{.days_max = std::numeric_limits<int>::max(),
                  .cost = reader.Share(bands[i], path + ".cost")};
    if (last) {
      if (!bands[i].contains("days_max") || !bands[i]["days_max"].is_null()) {
        reader.Wrong(path + ".days_max", "null: the last band has no end");
      }
    } else {
      band.days_max = reader.Int(bands[i], path + ".days_max", before.days_max + 1, 10'000);
    }
    if (band.cost < before.cost || band.cost > policy.never_cost_recoverable) {
      reader.Wrong(path + ".cost",
                   "at least the band's before it and at most costs.never_recoverable");
    }
    policy.late_bands.push_back(band);
    before = band;
  }
  if (policy.never_cost < policy.never_cost_recoverable) {
    reader.Wrong("costs.never", "at least costs.never_recoverable");
  }
}

void ReadThresholds(Reader& reader, const Json& root, Policy& policy) {
  const Json& thresholds = reader.Object(root, "thresholds");
  for (const Caution caution : {Caution::kLow, Caution::kNormal, Caution::kHigh}) {
    const std::string path = "thresholds." + std::string(CautionName(caution));
    const Json& row = reader.Object(thresholds, path);
    Thresholds& out = policy.thresholds[static_cast<size_t>(caution)];
    out.watch_out = reader.Share(row, path + ".watch_out");
    out.danger = reader.Share(row, path + ".danger");
    if (out.danger < out.watch_out) reader.Wrong(path + ".danger", "at least its watch_out");
  }
  const Json& high_value = reader.Object(root, "high_value");
  policy.high_value_factor = reader.Share(high_value, "high_value.factor");
  const Json& amounts = reader.Object(high_value, "high_value.amount_minor");
  for (const auto& [currency, amount] : amounts.items()) {
    if (!amount.is_number_integer() || amount.get<int64_t>() < 1) {
      reader.Wrong("high_value.amount_minor." + currency,
                   "a whole number of minor units, 1 or more");
      continue;
    }
    policy.high_value_minor[currency] = amount.get<int64_t>();
  }
}

void ReadPooled(Reader& reader, const Json& root, Policy& policy) {
  const Json& pooled = reader.Object(root, "pooled");
  Policy::Pooled& out = policy.pooled;
  out.accuse_weight_min = reader.Share(pooled, "pooled.accuse_weight_min", 0, 1000);
  out.danger_weight_min = reader.Share(pooled, "pooled.danger_weight_min", 0, 1000);
  out.dependable_weight_min = reader.Share(pooled, "pooled.dependable_weight_min", 0, 1000);
  if (out.danger_weight_min < out.accuse_weight_min)
    reader.Wrong("pooled.danger_weight_min", "at least pooled.accuse_weight_min");
  out.old_days = reader.Int(pooled, "pooled.old_days", 1, 10'000);
}

SignalRule ReadSignal(Reader& reader, const Json& row, const std::string& path) {
  using When = SignalRule::When;
  SignalRule rule;
  rule.name = reader.Text(row, path + ".name");
  const std::string when = reader.Text(row, path + ".when");
  if (when == "below" || when == "above") {
    rule.when = when == "below" ? When::kBelow : When::kAbove;
    rule.limit = reader.Share(row, path + ".limit", 0, 1e6);
  } else if (when == "below_average" || when == "present") {
    rule.when = when == "present" ? When::kPresent : When::kRelativeBelow;
  } else {
    reader.Wrong(path + ".when", "below, above, below_average or present");
  }
  rule.weight = reader.Share(row, path + ".weight");
  if (row.contains("hard")) {
    if (row["hard"].is_boolean()) {
      rule.hard = row["hard"].get<bool>();
    } else {
      reader.Wrong(path + ".hard", "true or false");
    }
  }
  rule.unit = reader.Text(row, path + ".unit");
  if (rule.unit != "share" && rule.unit != "days" && rule.unit != "hours" && rule.unit != "count") {
    reader.Wrong(path + ".unit", "share, days, hours or count");
  }
  rule.reason = reader.Text(row, path + ".reason");
  rule.source = reader.Text(row, path + ".source");
  return rule;
}

void ReadPage(Reader& reader, const Json& root, Policy& policy) {
  const Json& page = reader.Object(root, "page");
  policy.page_weight_max = reader.Share(page, "page.weight_max");
  policy.page_cost = reader.Share(page, "page.cost");
  if (policy.page_cost > policy.never_cost_recoverable) {
    reader.Wrong("page.cost", "at most costs.never_recoverable");
  }
  const Json& signals = reader.Array(page, "page.signals");
  for (size_t i = 0; i < signals.size(); ++i) {
    const std::string path = "page.signals[" + std::to_string(i) + "]";
    if (!signals[i].is_object()) return reader.Wrong(path, "an object");
    policy.signals.push_back(ReadSignal(reader, signals[i], path));
  }
}

}  // namespace

Expected<Policy> ParsePolicy(std::string_view text, std::string_view what) {
  const Expected<Json> parsed = ParseJson(text, what);
  if (!parsed) return Fail(ErrorCode::kDamaged, parsed.error().message);
  Reader reader(what);
  Policy policy;
  if (!parsed->is_object())
    return Fail(ErrorCode::kDamaged, std::string(what) + ": must be an object");
  const Json& root = *parsed;
  policy.version = reader.Int(root, "version", 1, 1'000'000);
  policy.published_on = reader.Text(root, "published_on");
  ReadEpoch(reader, root, policy);
  ReadCosts(reader, root, policy);
  ReadThresholds(reader, root, policy);
  policy.accuse_weight_min = reader.Share(root, "accuse_weight_min");
  const Json& dependable = reader.Object(root, "dependable");
  policy.dependable_orders_min = reader.Int(dependable, "dependable.orders_min", 1, 1000);
  policy.dependable_weight_min = reader.Share(dependable, "dependable.weight_min", 0, 1000);
  ReadPooled(reader, root, policy);
  ReadPage(reader, root, policy);
  policy.reasons_max = reader.Int(root, "reasons_max", 1, 4);
  if (reader.error()) return std::unexpected(*reader.error());
  return policy;
}

Expected<Policy> LoadPolicy(const std::filesystem::path& data) {
  const std::filesystem::path path = data / "policy" / "policy.json";
  const Expected<std::string> text = ReadFile(path, kDataFileBytesMax);
  if (!text) return std::unexpected(text.error());
  return ParsePolicy(*text, path.string());
}

}  // namespace kaopu
