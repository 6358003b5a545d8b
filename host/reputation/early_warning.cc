// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/early_warning.h"

#include <algorithm>

#include "reputation/early_warning_table.h"

namespace kaopu {

Usual::Usual(int64_t bad_millionths, int64_t orders_a_year) {
  const auto& rows = kEarlyWarningRows;
  const auto row = std::ranges::find_if(rows, [&](const EarlyWarningRow& candidate) {
    return bad_millionths <= candidate.usual_millionths;
  });
  if (row == rows.end()) return;
  row_ = static_cast<int>(row - rows.begin());
  size_t volume = 0;
  while (volume + 1 < kVolumes && orders_a_year > kVolume[volume]) ++volume;
  thresholds_ = row->thresholds[volume];
  // Beyond the table: the rate of false alarms of a CUSUM falls as e^-threshold.
  constexpr int16_t kHalfDecade = 295;  // 256 ln(sqrt(10))
  int64_t reach = kVolume.back();
  for (int step = 0; step < 8 && orders_a_year > reach; ++step, reach = reach * 3163 / 1000) {
    for (int16_t& threshold : thresholds_) threshold += kHalfDecade;
  }
}

bool EarlyWarning::Add(const Usual& usual, bool bad) {
  if (!usual.Watched()) return false;
  const EarlyWarningRow& row = kEarlyWarningRows[static_cast<size_t>(usual.row_)];
  bool over = false, any = false;
  for (size_t i = 0; i < kShifts; ++i) {
    const int next = sums_[i] + (bad ? row.bad_step[i] : row.good_step[i]);
    sums_[i] = static_cast<int16_t>(std::clamp<int>(next, 0, usual.thresholds_[i]));
    over |= sums_[i] >= usual.thresholds_[i];
    any |= sums_[i] > 0;
  }
  const bool news = over && !raised_;
  raised_ = over || (raised_ && any);
  return news;
}

}  // namespace kaopu
