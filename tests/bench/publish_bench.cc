// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// publish_bench REPORTS [--sign]: a registry with so many reports, made through the real
// store and log; then a publish and an audit, timed, with the most memory used so far.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "registry/audit/registry_audit.h"
#include "support/split_mix.h"
#include "unit/registry/made_registry.h"

namespace {

using namespace kaopu;

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double MegaBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t reports = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const bool sign = argc > 2 && std::strcmp(argv[2], "--sign") == 0;
  MadeRegistry registry;
  const uint64_t sellers = reports / 10;
  SplitMix64 random(1);
  double at = Seconds();
  for (uint64_t done = 0; done < reports;) {
    std::vector<MadeRegistry::Told> some;
    for (; some.size() < 10'000 && done < reports; ++done) {
      const uint64_t one = random.Next();
      some.push_back({.seller = StrCat("taobao:", done % sellers),
                      .outcome = one % 10 == 0 ? OutcomeKind::kLate : OutcomeKind::kOnTime,
                      .days_ago = 20 + static_cast<int>(one >> 8 & 255),
                      .enrolled = (one >> 16 & 1) == 0,
                      .weight_class = static_cast<report::WeightClass>((one >> 20) % 3),
                      .sign = sign});
    }
    registry.Tell(some);
  }
  std::printf("%-28s %8.1f s\n", "reports put in", Seconds() - at);
  PublishOptions options = registry.Options();
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  at = Seconds();
  const auto published = registry.Publish(options);
  if (!published) return std::fprintf(stderr, "%s\n", published.error().message.c_str()), 1;
  std::printf("%-28s %8.1f s   %6.0f MB at most, %llu sellers\n", "publish", Seconds() - at,
              MegaBytes(), static_cast<unsigned long long>(published->index.sellers));
  for (const bool signatures : {false, true}) {
    if (signatures && !sign) break;
    const tlog::ReadLogFile read = [&](const std::string& path, size_t bytes_max) {
      return ReadFile(registry.root() / path, bytes_max);
    };
    at = Seconds();
    const auto audit = AuditRegistry(read, {.signatures = signatures, .threads = options.threads});
    if (!audit) return std::fprintf(stderr, "%s\n", audit.error().message.c_str()), 1;
    std::printf("%-28s %8.1f s   %6.0f MB at most\n",
                signatures ? "audit with signatures" : "audit without signatures", Seconds() - at,
                MegaBytes());
  }
  if (sign) {
    // The bound: nothing but the verifications, on all cores.
    report::ReporterSeed seed{};
    const auto key = report::SigningKey::OfSeller(seed, MadeRegistry::kOrigin, "taobao:1");
    const std::string text =
        report::SellerSigned(MadeRegistry::kOrigin, registry.ReportOf({}).ToText());
    const auto signature = key.Sign(text);
    at = Seconds();
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < options.threads; ++t) {
      threads.emplace_back([&] {
        for (uint64_t i = 0; i < reports / options.threads; ++i) {
          if (!report::IsSignedBy(key.key(), text, signature)) std::abort();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::printf("%-28s %8.1f s\n", "bound: verifications alone", Seconds() - at);
  }
}
