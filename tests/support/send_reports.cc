// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// send_reports URL [REPORTS [SELLERS [BAD_PERCENT [PLATFORM]]]]: tells a running registry of
// made-up orders, each by a shopper of its own, over HTTP as a shopper's sync does: challenge,
// blinded nullifier, work, seal. One line a report to stdout: entry, seller, outcome. For trying a
// registry by hand.
#include <curl/curl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "report/report.h"
#include "report/seal/envelope.h"
#include "report/seal/proof_of_work.h"
#include "support/split_mix.h"

namespace {

using namespace kaopu;

template <typename T>
T Must(Expected<T> result) {
  if (!result) {
    std::fprintf(stderr, "send_reports: %s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

class Registry {
 public:
  explicit Registry(std::string url) : url_(std::move(url)), curl_(curl_easy_init()) {
    const Json identity = Get("/registry.json");
    origin_ = identity.value("origin", "");
    key_ = report::BytesFromText<32>(identity.value("nullifier_key", "")).value();
  }
  ~Registry() { curl_easy_cleanup(curl_); }
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Json Get(const std::string& path) { return Ask(path, std::nullopt); }

  // Gives the answer to the report. The same seed and order again, with a higher revision, revises.
  Json Tell(const report::ReporterSeed& seed, const report::Report& told,
            const std::string& order) {
    const std::string platform = told.seller.substr(0, told.seller.find(':'));
    const std::string input = report::NullifierInput(platform, order);
    const report::Blinded blinded = report::BlindInput(input);
    const std::string element = report::BytesToText(blinded.element);
    const auto [challenge, solution] = Work(element);
    const Json evaluated =
        Ask("/v1/nullifiers",
            Json{{"v", 1}, {"blinded", element}, {"challenge", challenge}, {"solution", solution}}
                .dump());
    const report::Evaluation evaluation{
        report::BytesFromText<32>(evaluated.value("evaluated", "")).value(),
        report::BytesFromText<64>(evaluated.value("proof", "")).value()};
    const auto nullifier =
        report::NullifierOf(Must(report::Finalize(input, blinded, evaluation, key_)));
    report::Envelope envelope = Must(report::Seal(seed, origin_, told, nullifier));
    std::tie(envelope.challenge, envelope.solution) = Work(envelope.report);
    return Ask("/v1/reports", envelope.ToText());
  }

 private:
  std::pair<std::string, uint64_t> Work(const std::string& what) {
    const auto challenge =
        Must(report::ParseChallenge(Get("/v1/challenge").value("challenge", "")));
    return {challenge.text, *report::Solve(challenge, what)};
  }

  Json Ask(const std::string& path, const std::optional<std::string>& body) {
    std::string answer;
    const std::string url = url_ + path;
    curl_easy_reset(curl_);
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(
        curl_, CURLOPT_WRITEFUNCTION, +[](char* bytes, size_t size, size_t count, void* user) {
          static_cast<std::string*>(user)->append(bytes, size * count);
          return size * count;
        });
    if (body) {
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body->c_str());
    }
    const CURLcode code = curl_easy_perform(curl_);
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200) {
      std::fprintf(stderr, "send_reports: %s: %s, status %ld %s\n", url.c_str(),
                   curl_easy_strerror(code), status, answer.c_str());
      std::exit(1);
    }
    return Must(ParseJson(answer, url));
  }

  std::string url_, origin_;
  report::Element key_{};
  CURL* curl_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2)
    return std::fprintf(stderr, "send_reports URL [REPORTS [SELLERS [BAD_PERCENT [PLATFORM]]]]\n"),
           2;
  const auto number = [&](int at, uint64_t otherwise) {
    return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
  };
  const uint64_t reports = number(2, 20), sellers = std::max<uint64_t>(1, number(3, 3));
  const uint64_t bad_percent = number(4, 20);
  const std::string platform = argc > 5 ? argv[5] : "taobao";
  Registry registry(argv[1]);
  const Date today = std::chrono::floor<std::chrono::days>(SystemClock().Now());
  SplitMix64 random(static_cast<uint64_t>(SystemClock().Now().time_since_epoch().count()));
  for (uint64_t i = 0; i < reports; ++i) {
    const uint64_t one = random.Next();
    report::Report told;
    told.seller = StrCat(platform, ":", 100'000 + i % sellers);
    told.week = report::IsoWeek::Of(today - std::chrono::days(20 + one % 200));
    told.promised_days = 3;
    told.value = report::ValueBand::kSmall;
    const report::ReporterSeed seed = report::NewReporterSeed();
    const std::string order = StrCat("made-", one);
    if ((one >> 8 & 1) == 0) {  // enrolled while it was open
      told.enrolled = true;
      registry.Tell(seed, told, order);
      told.revision = 1;
    }
    told.known_days = 12;
    if ((one >> 16) % 100 >= bad_percent) {
      told.outcome = OutcomeKind::kOnTime;
      told.shipped_days = 1 + static_cast<int>(one >> 32 & 1);
    } else if ((one >> 33 & 1) == 0) {
      told.outcome = OutcomeKind::kLate;
      told.days_late = 1 + static_cast<int>(one >> 34 & 7);
      told.shipped_days = 3 + *told.days_late;
    } else {
      told.outcome = OutcomeKind::kNeverShipped;
    }
    const Json answer = registry.Tell(seed, told, order);
    std::printf("%llu %s %s\n", answer.value("entry", 0ULL), told.seller.c_str(),
                std::string(OutcomeKindName(told.outcome)).c_str());
  }
}
