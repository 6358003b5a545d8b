// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/backtest.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <istream>
#include <ostream>
#include <unordered_map>

#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr size_t kLineBytesMax = 64 * 1024;
constexpr int64_t kSecondsMax = kMinuteMax * 60;
constexpr double kHoursMax = 1e6;  // a hundred years
constexpr double kPriceMax = 1e13;

template <typename... Parts>
std::unexpected<Error> Bad(const Parts&... parts) {
  return Fail(ErrorCode::kBadRequest, StrCat(parts...));
}

// Reads one object's fields; keeps the first thing that is wrong.
class Event {
 public:
  explicit Event(const Json& object) : object_(object) {}

  std::string Text(std::string_view field) {
    const Json* value = Find(field);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    if (value->is_number_integer()) return DumpJson(*value);
    return Wrong(field, "must be a text"), std::string();
  }
  std::string NeedText(std::string_view field) {
    std::string text = Text(field);
    if (text.empty() && !error_) Wrong(field, "is missing or empty");
    return text;
  }
  std::optional<double> Number(std::string_view field, double low, double high) {
    const Json* value = Find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) return Wrong(field, "must be a number"), std::nullopt;
    const double number = value->get<double>();
    if (!(number >= low && number <= high)) {
      return Wrong(field, StrCat("must be within ", static_cast<int64_t>(low), " .. ",
                                 static_cast<int64_t>(high))),
             std::nullopt;
    }
    return number;
  }
  std::optional<int64_t> Minutes(std::string_view hours_field) {
    const auto hours = Number(hours_field, -kHoursMax, kHoursMax);
    return hours ? std::optional<int64_t>(std::llround(*hours * 60)) : std::nullopt;
  }
  Minute NeedTime() {
    const auto seconds = Number("t", 0, static_cast<double>(kSecondsMax));
    if (!seconds && !error_) Wrong("t", "is missing");
    return static_cast<int64_t>(seconds.value_or(0)) / 60;
  }
  // 0, 1, true or false.
  std::optional<bool> Flag(std::string_view field) {
    const Json* value = Find(field);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    if (value->is_number_integer() && (*value == 0 || *value == 1)) return *value == 1;
    return Wrong(field, "must be 0 or 1"), std::nullopt;
  }
  void Wrong(std::string_view field, std::string_view what) {
    if (!error_) error_ = Error{ErrorCode::kBadRequest, StrCat("field \"", field, "\" ", what)};
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const Json* Find(std::string_view field) const {
    const auto found = object_.find(field);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  const Json& object_;
  std::optional<Error> error_;
};

uint64_t KeyOrNone(const std::string& text) {
  return text.empty() ? 0 : KeyOf(text.data(), text.size());
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

// Nine decimals of a probability, by whole numbers: the same text everywhere.
void AppendProbability(Fix probability, std::string& out) {
  char digits[24];
  const int64_t billionths = (probability * 1'000'000'000 + kFixOne / 2) >> kFixBits;
  std::snprintf(digits, sizeof digits, "%d.%09d", static_cast<int>(billionths / 1'000'000'000),
                static_cast<int>(billionths % 1'000'000'000));
  out += digits;
}

// What a line did, for the caller's own sums.
struct Effect {
  std::string id;
  std::optional<double> said;  // an order that is no probe
  std::optional<bool> bad;     // an outcome
};

Expected<Effect> Replay(std::string_view line, Stream& stream, std::string& csv) {
  if (line.size() > kLineBytesMax) return Bad("longer than ", kLineBytesMax, " bytes");
  const Expected<Json> object = ParseJson(line, "event");
  if (!object) return std::unexpected(object.error());
  if (!object->is_object()) return Bad("must be a JSON object");
  Event event(*object);
  const std::string type = event.NeedText("type");
  Effect effect;
  if (!event.error() && type != "order" && type != "outcome" && type != "late_ship") return effect;
  const Minute now = event.NeedTime();
  effect.id = event.NeedText("id");
  const std::string seller = event.NeedText("seller");
  if (type == "order") {
    OrderContext context;
    context.category = KeyOrNone(event.Text("category"));
    context.state = KeyOrNone(event.Text("state"));
    context.promise_minutes = event.Minutes("promise_h");
    if (const auto price = event.Number("price", -kPriceMax, kPriceMax))
      context.price_minor = std::llround(*price * 100);
    const bool probe = event.Flag("probe").value_or(false);
    if (event.error()) return std::unexpected(*event.error());
    const Risk risk = stream.Order(now, effect.id, seller, context, probe);
    csv += CsvField(effect.id) + ',';
    AppendProbability(risk.bad, csv);
    csv += '\n';
    if (!probe) effect.said = static_cast<double>(risk.bad) / static_cast<double>(kFixOne);
  } else if (type == "outcome") {
    effect.bad = event.Flag("bad");
    if (!effect.bad) event.Wrong("bad", "is missing");
    const auto ship = event.Minutes("handle_h"), promise = event.Minutes("promise_h");
    if (event.error()) return std::unexpected(*event.error());
    stream.Outcome(now, effect.id, seller, *effect.bad, ship, promise);
  } else {
    const auto ship = event.Minutes("handle_h");
    if (event.error()) return std::unexpected(*event.error());
    stream.LateShip(now, effect.id, ship);
  }
  return effect;
}

std::string Decimal(double value, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// Hits among the `share` most warned of, over the base rate; ties count in part.
double Lift(const std::vector<Scored>& ranked, double share, double base) {
  const size_t k = std::max<size_t>(
      1, static_cast<size_t>(std::lround(share * static_cast<double>(ranked.size()))));
  const double edge = ranked[k - 1].probability;
  double hits = 0, tied = 0, tied_bad = 0, above = 0;
  for (const Scored& s : ranked) {
    if (s.probability < edge) break;
    if (s.probability > edge) {
      ++above;
      hits += s.bad;
    } else {
      ++tied;
      tied_bad += s.bad;
    }
  }
  hits += tied_bad * (static_cast<double>(k) - above) / tied;
  return hits / static_cast<double>(k) / base;
}

void PrintChoice(const Stream& stream, std::ostream& err) {
  const Learner& learner = stream.learner();
  const auto mixture = learner.Mixture();
  std::vector<size_t> order(kCandidates);
  for (size_t c = 0; c < kCandidates; ++c) order[c] = c;
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return mixture[a] > mixture[b]; });
  err << "chosen from the stream's past (share: evidence half-life, prior half-life, prior "
         "strength):\n";
  for (size_t i = 0; i < 4; ++i) {
    const size_t c = order[i];
    err << "  " << Decimal(static_cast<double>(mixture[c]) / kFixOne, 2) << ": "
        << kHalfLife[c / (kPriorHalfLives * kStrengths)] / kMinutesADay << " d, "
        << kPriorHalfLife[c / kStrengths % kPriorHalfLives] / kMinutesADay << " d, "
        << kStrength[c % kStrengths] / kFixOne << '\n';
  }
  constexpr const char* kNames[] = {"load",  "category", "state", "promise",
                                    "price", "weekday",  "hour"};
  err << "coefficients of the log-odds:";
  for (size_t i = 0; i < kTerms; ++i) {
    err << (i == 0 ? " " : ", ") << kNames[i] << ' '
        << Decimal(static_cast<double>(learner.coefficients()[i]) / kFixOne, 2);
  }
  err << '\n';
}

}  // namespace

Expected<void> ReplayLine(std::string_view line, Stream& stream, std::string& csv) {
  const Expected<Effect> effect = Replay(line, stream, csv);
  if (!effect) return std::unexpected(effect.error());
  return {};
}

Metrics MetricsOf(std::vector<Scored> scored) {
  Metrics m;
  m.orders = scored.size();
  for (const Scored& s : scored) m.bad += s.bad;
  if (m.bad == 0 || m.bad == m.orders) return m;
  const double n = static_cast<double>(m.orders), bad = static_cast<double>(m.bad);
  std::ranges::sort(scored, [](const Scored& a, const Scored& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.bad > b.bad;
  });
  double hits = 0, pairs = 0;
  for (size_t i = 0; i < scored.size();) {
    size_t j = i;
    double tied_bad = 0;
    for (; j < scored.size() && scored[j].probability == scored[i].probability; ++j)
      tied_bad += scored[j].bad;
    const double tied_good = static_cast<double>(j - i) - tied_bad;
    pairs += tied_good * (hits + tied_bad / 2);  // bad ones ranked above these good ones
    hits += tied_bad;
    m.average_precision += tied_bad * hits / static_cast<double>(j);
    i = j;
  }
  m.auc = pairs / (bad * (n - bad));
  m.average_precision /= bad;
  for (const Scored& s : scored) {
    const double p = std::clamp(s.probability, 1e-4, 1 - 1e-4);
    m.brier += (p - s.bad) * (p - s.bad) / n;
    m.log_loss -= std::log(s.bad ? p : 1 - p) / n;
  }
  constexpr size_t kBins = 10;  // of equal mass
  for (size_t b = 0; b < kBins; ++b) {
    double gap = 0;
    for (size_t i = b * m.orders / kBins; i < (b + 1) * m.orders / kBins; ++i)
      gap += scored[i].bad - scored[i].probability;
    m.calibration_error += std::abs(gap) / n;
  }
  m.lift_5 = Lift(scored, .05, bad / n);
  m.lift_10 = Lift(scored, .10, bad / n);
  return m;
}

Expected<void> Backtest(std::istream& in, std::ostream& out, std::ostream& err,
                        const std::function<void(int64_t lines)>& progress) {
  constexpr int64_t kProgressLines = 100'000;
  Stream stream;
  std::unordered_map<std::string, double> said;
  std::vector<Scored> scored;
  std::string line, csv = "order_id,probability\n";
  int64_t lines = 0;
  while (std::getline(in, line)) {
    ++lines;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const Expected<Effect> effect = Replay(line, stream, csv);
    if (!effect) {
      out << csv;
      return Fail(effect.error().code, StrCat("line ", lines, ": ", effect.error().message));
    }
    if (effect->said) said[effect->id] = *effect->said;
    if (effect->bad) {
      if (const auto known = said.find(effect->id); known != said.end()) {
        scored.push_back({known->second, *effect->bad});
        said.erase(known);
      }
    }
    if (csv.size() > 1 << 16) {
      out << csv;
      csv.clear();
    }
    if (progress && lines % kProgressLines == 0) progress(lines);
  }
  out << csv;
  out.flush();
  if (!out) return Fail(ErrorCode::kUnavailable, "output: cannot be written");
  err << lines << " lines, " << stream.sellers() << " sellers, " << stream.open()
      << " orders without an outcome\n";
  PrintChoice(stream, err);
  const Metrics m = MetricsOf(std::move(scored));
  err << m.orders << " orders with an outcome, " << m.bad << " bad";
  if (m.bad > 0 && m.bad < m.orders) {
    err << ": AUC " << Decimal(m.auc, 4) << ", average precision "
        << Decimal(m.average_precision, 4) << ", Brier " << Decimal(m.brier, 4) << ", log-loss "
        << Decimal(m.log_loss, 4) << ", calibration error " << Decimal(m.calibration_error, 4)
        << ", lift at 5 % " << Decimal(m.lift_5, 2) << ", at 10 % " << Decimal(m.lift_10, 2);
  }
  err << '\n';
  return {};
}

}  // namespace kaopu
