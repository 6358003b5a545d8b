// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/http/registry_metrics.h"

#include <algorithm>

#include "base/str_cat.h"

namespace kaopu {
namespace {

std::string Seconds(uint64_t us) {
  return StrCat(us / 1'000'000, ".", ZeroPadded(static_cast<long long>(us % 1'000'000), 6));
}

void Declare(std::string& out, std::string_view name, std::string_view type,
             std::string_view help) {
  out += StrCat("# HELP kaopu_", name, " ", help, "\n# TYPE kaopu_", name, " ", type, "\n");
}

template <typename T>
void One(std::string& out, std::string_view name, std::string_view type, std::string_view help,
         const T& value) {
  Declare(out, name, type, help);
  out += StrCat("kaopu_", name, " ", value, "\n");
}

}  // namespace

void RegistryMetrics::Count(const std::string& route, int status, std::chrono::microseconds took) {
  const auto us = static_cast<uint64_t>(std::max<int64_t>(0, took.count()));
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  Histogram& histogram = durations_[route];
  const auto bound = std::ranges::lower_bound(
      kBounds, us, {}, [](int ms) { return static_cast<uint64_t>(ms) * 1000; });
  ++histogram.counts[static_cast<size_t>(bound - kBounds.begin())];
  histogram.sum_us += us;
  ++histogram.count;
}

uint64_t RegistryMetrics::Total() const {
  const std::lock_guard lock(mutex_);
  uint64_t total = 0;
  for (const auto& [key, count] : requests_) total += count;
  return total;
}

void RegistryMetrics::Set(const std::string& name, const std::string& help,
                          const std::string& label, const std::string& of, uint64_t value) {
  std::string escaped;
  for (const char c : of) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  const std::lock_guard lock(mutex_);
  Gauge& gauge = gauges_[name];
  gauge.help = help;
  gauge.values[StrCat("{", label, "=\"", escaped, "\"}")] = value;
}

std::string RegistryMetrics::Text() const {
  std::string out;
  const std::lock_guard lock(mutex_);
  Declare(out, "requests_total", "counter", "Requests answered.");
  for (const auto& [key, count] : requests_) {
    out += StrCat("kaopu_requests_total{route=\"", key.first, "\",status=\"", key.second, "\"} ",
                  count, "\n");
  }
  Declare(out, "request_seconds", "histogram", "From a request's last byte to its answer's first.");
  for (const auto& [route, histogram] : durations_) {
    uint64_t so_far = 0;
    for (size_t i = 0; i < kBounds.size(); ++i) {
      so_far += histogram.counts[i];
      out += StrCat("kaopu_request_seconds_bucket{route=\"", route, "\",le=\"",
                    Seconds(static_cast<uint64_t>(kBounds[i]) * 1000), "\"} ", so_far, "\n");
    }
    out +=
        StrCat("kaopu_request_seconds_bucket{route=\"", route, "\",le=\"+Inf\"} ", histogram.count,
               "\nkaopu_request_seconds_sum{route=\"", route, "\"} ", Seconds(histogram.sum_us),
               "\nkaopu_request_seconds_count{route=\"", route, "\"} ", histogram.count, "\n");
  }
  for (const auto& [name, gauge] : gauges_) {
    Declare(out, name, "gauge", gauge.help);
    for (const auto& [label, value] : gauge.values) {
      out += StrCat("kaopu_", name, label, " ", value, "\n");
    }
  }
  return out;
}

std::string RegistryMetrics::Text(const Intake& intake, uint64_t connections) const {
  std::string out = Text();
  const IntakeCounts& counts = intake.counts();
  One(out, "log_entries", "gauge", "Entries of the public log.", counts.entries.load());
  One(out, "committed_total", "counter", "Reports and withdrawals that were answered as done.",
      counts.committed.load());
  One(out, "withdrawn_total", "counter", "Reports that were taken back.", counts.withdrawn.load());
  One(out, "batches_total", "counter", "Commits.", counts.batches.load());
  One(out, "failed_batches_total", "counter", "Commits that failed; their requests got 503.",
      counts.failed_batches.load());
  One(out, "commit_seconds_total", "counter",
      "Spent on commits to the database and the log's files.", Seconds(counts.commit_us.load()));
  One(out, "writing", "gauge", "1 where the last commit went well, else 0.",
      intake.Healthy() ? 1 : 0);
  Declare(out, "store", "gauge", "The database that the registry keeps its data in.");
  out += StrCat("kaopu_store{kind=\"", intake.store_kind(), "\"} 1\n");
  One(out, "waiting", "gauge", "Requests that wait for a commit.", counts.waiting.load());
  One(out, "connections", "gauge", "Open connections.", connections);
  One(out, "work_bits", "gauge", "Proof of work that is asked for now.", intake.load().Bits());
  return out;
}

}  // namespace kaopu
