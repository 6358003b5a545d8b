// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/compose.h"

#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/hex.h"
#include "base/str_cat.h"

namespace kaopu::pool {
namespace {

int DaysBetween(Date from, Date to) { return static_cast<int>((to - from).count()); }

}  // namespace

std::string_view PlatformOf(std::string_view seller_key) {
  return seller_key.substr(0, seller_key.find(':'));
}

std::string OwnOrderId() {
  std::array<unsigned char, 16> random;
  if (getentropy(random.data(), random.size()) != 0) std::abort();  // no kernel we run on
  return StrCat("own-", HexOf(random));
}

Expected<report::Report> Compose(const ReportSource& source) {
  const auto wrong = [](std::string_view what) {
    return Fail(ErrorCode::kBadRequest, std::string(what));
  };
  if (!source.placed_at) {
    return wrong("the day of the order is missing: a report tells its week; add it and try again");
  }
  const Date placed = *source.placed_at;
  if (DaysBetween(placed, source.today) > report::kDaysMax) {
    return wrong(StrCat("the order was placed more than ", report::kDaysMax,
                        " days ago: orders that old are not reported"));
  }
  report::Report out{.seller = source.seller_key,
                     .week = report::IsoWeek::Of(placed),
                     .outcome = source.kind,
                     .enrolled = source.enrolled,
                     .value = report::ValueBandOf(source.value),
                     .revision = source.revision};
  if (source.promised_by) {
    out.promised_days = std::max(0, DaysBetween(placed, *source.promised_by));
  }
  if (source.kind == OutcomeKind::kOpen) {
    if (!source.enrolled) {
      return wrong("the order is still open: enrol it, or report it once its outcome is known");
    }
  } else {
    OrderHistory history{.paid_at = source.placed_at,
                         .promised_ship_by = source.promised_by,
                         .first_scan_at = source.shipped_at,
                         .delivered_at = source.delivered_at};
    const Date told = source.known_on.value_or(source.today);
    if (source.kind == OutcomeKind::kSellerCancelled) history.cancelled_at = told;
    const Outcome judged = JudgedOutcome(source.kind, source.days_late, history, told);
    if (judged.kind == OutcomeKind::kCancelledInTime) {
      return wrong(
          "the seller cancelled while the promise still held: that broke no promise, and there is "
          "nothing to report");
    }
    out.shipped_days = judged.ship_days;
    if (source.shipped_at) out.shipped_days = std::max(0, DaysBetween(placed, *source.shipped_at));
    const Date known = source.known_on ? *source.known_on : judged.known_on;
    out.known_days = std::max(0, DaysBetween(placed, std::min(known, source.today)));
    if (source.kind == OutcomeKind::kLate) {
      out.days_late = source.days_late;
      if (!out.days_late && judged.days_late > 0) out.days_late = judged.days_late;
    }
  }
  for (const std::optional<int>& days :
       {out.promised_days, out.shipped_days, out.known_days, out.days_late}) {
    if (days && *days > report::kDaysMax) {
      return wrong(StrCat("the order's days reach over more than ", report::kDaysMax,
                          " days, which no report tells"));
    }
  }
  if (const Expected<void> right = report::CheckReport(out); !right) {
    return std::unexpected(right.error());
  }
  return out;
}

std::vector<std::string> Reveals(const report::Report& report) {
  std::vector<std::string> keys = {"report_reveals_seller", "report_reveals_week"};
  if (report.promised_days || report.shipped_days || report.known_days || report.days_late) {
    keys.push_back("report_reveals_days");
  }
  keys.push_back(report.value == report::ValueBand::kUnknown ? "report_reveals_no_value"
                                                             : "report_reveals_value");
  if (report.enrolled) keys.push_back("report_reveals_enrolled");
  keys.insert(keys.end(), {"report_reveals_public", "report_reveals_registry",
                           "report_reveals_never", "report_reveals_undo"});
  return keys;
}

}  // namespace kaopu::pool
