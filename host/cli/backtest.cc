// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/backtest.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <istream>
#include <ostream>
#include <unordered_map>

#include "base/str_cat.h"
#include "cli/stream_event.h"

namespace kaopu {
namespace {

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
  using Type = StreamEvent::Type;
  const Expected<StreamEvent> event = ReadStreamEvent(line);
  if (!event) return std::unexpected(event.error());
  Effect effect;
  effect.id = event->id;
  switch (event->type) {
    case Type::kOther:
      break;
    case Type::kOrder: {
      const Risk risk =
          stream.Order(event->at, event->id, event->seller, event->context, event->probe);
      csv += CsvField(event->id) + ',';
      AppendProbability(risk.bad, csv);
      csv += '\n';
      if (!event->probe) effect.said = static_cast<double>(risk.bad) / static_cast<double>(kFixOne);
      break;
    }
    case Type::kOutcome:
      effect.bad = event->bad;
      stream.Outcome(event->at, event->id, event->seller, event->bad, event->ship_minutes,
                     event->promise_minutes);
      break;
    case Type::kLateShip:
      stream.LateShip(event->at, event->id, event->ship_minutes);
      break;
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
