// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/trust_policy.h"

#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

// The first thing that is wrong is kept; the rest reads as nothing.
class Fields {
 public:
  explicit Fields(const Json& root) : root_(root) {}

  double Number(const char* pointer, double low, double high) {
    const Json* value = Find(pointer);
    if (value == nullptr || !value->is_number() || !(value->get<double>() >= low) ||
        !(value->get<double>() <= high)) {
      Wrong(pointer, StrCat("must be a number from ", static_cast<int64_t>(low), " to ",
                            static_cast<int64_t>(high)));
      return 0;
    }
    return value->get<double>();
  }
  Micro Millionths(const char* pointer, double high) {
    return std::llround(Number(pointer, 0, high) * static_cast<double>(kOne));
  }
  int Whole(const char* pointer, int low, int high) {
    const double number = Number(pointer, low, high);
    if (number != std::floor(number)) Wrong(pointer, "must be a whole number");
    return static_cast<int>(number);
  }
  std::vector<std::string> Texts(const char* pointer, const Json* value) {
    std::vector<std::string> texts;
    if (value == nullptr || !value->is_array())
      return Wrong(pointer, "must be a list of texts"), texts;
    for (const Json& text : *value) {
      if (!text.is_string() || text.get_ref<const std::string&>().empty()) {
        return Wrong(pointer, "must be a list of texts"), texts;
      }
      texts.push_back(text.get<std::string>());
    }
    return texts;
  }
  const Json* Find(const char* pointer) const {
    const Json::json_pointer at(pointer);
    return root_.contains(at) ? &root_.at(at) : nullptr;
  }
  void Wrong(const char* pointer, std::string_view why) {
    if (error_.empty()) error_ = StrCat(std::string_view(pointer).substr(1), " ", why);
  }
  const std::string& error() const { return error_; }

 private:
  const Json& root_;
  std::string error_;
};

}  // namespace

bool TrustPolicy::AcceptsDkim(std::string_view platform, std::string_view domain) const {
  const auto found = dkim_domains.find(platform);
  if (found == dkim_domains.end()) return false;
  return std::ranges::any_of(found->second, [&](const std::string& listed) {
    return domain == listed || (domain.size() > listed.size() && domain.ends_with(listed) &&
                                domain[domain.size() - listed.size() - 1] == '.');
  });
}

bool TrustPolicy::AcceptsVoucher(std::string_view key) const {
  return std::ranges::find(vouched_keys, key) != vouched_keys.end();
}

Expected<TrustPolicy> ParseTrustPolicy(std::string_view text, std::string_view what) {
  const auto root = ParseJson(text, what);
  if (!root) return Fail(ErrorCode::kDamaged, root.error().message);
  Fields fields(*root);
  TrustPolicy policy;
  policy.version = fields.Whole("/version", 1, 1'000'000);
  policy.pool = {
      .half_life_days = fields.Whole("/half_life_days", 1, 3650),
      .cap_constant = fields.Millionths("/pool/cap_constant", 10),
      .cap_share = fields.Millionths("/pool/cap_share", 1),
      .aged_step = fields.Millionths("/without_proof/aged_step", 1),
      .aged_limit = fields.Millionths("/without_proof/aged_limit", 10),
      .aged_days = fields.Whole("/without_proof/aged_days", 1, 3650),
      .aged_word_price = fields.Millionths("/without_proof/aged_word_price", 100),
      .newcomer_days = fields.Whole("/newcomers/days", 0, 3650),
      .newcomer_constant = fields.Millionths("/newcomers/cap_constant", 1000),
      .newcomer_share = fields.Millionths("/newcomers/cap_share", 10),
      .earned_reliability_min = fields.Millionths("/earned/reliability_min", 1),
      .earned_weight_min = fields.Millionths("/earned/weight_min", 1000),
      .earned_words_a_proof = fields.Whole("/earned/words_a_proof", 0, 100),
      .earned_word_weight = fields.Millionths("/earned/word_weight", 1),
      .together =
          {
              .window_days = fields.Whole("/together/burst_days", 1, kBurstDaysMax),
              .burst_reports_min = fields.Whole("/together/burst_reports_min", 2, 1000),
              .burst_times_usual = fields.Whole("/together/burst_times_usual", 1, 1000),
              .usual_half_life_days = fields.Whole("/half_life_days", 1, 3650),
              .together_days = fields.Whole("/together/ring_days", 1, 365),
              .together_targets_min = fields.Whole("/together/ring_targets_min", 2, 1000),
              .together_share_percent = fields.Whole("/together/ring_share_percent", 1, 100),
              .ring_members_min = fields.Whole("/together/ring_members_min", 2, 1000),
          },
      .burst_word_weight = fields.Millionths("/together/burst_word_weight", 1),
      .ring_word_weight = fields.Millionths("/together/ring_word_weight", 1),
  };
  policy.vouched_keys = fields.Texts("/proofs/vouched", fields.Find("/proofs/vouched"));
  if (const Json* dkim = fields.Find("/proofs/dkim"); dkim == nullptr || !dkim->is_object()) {
    fields.Wrong("/proofs/dkim", "must be an object of platforms");
  } else {
    for (const auto& [platform, domains] : dkim->items()) {
      policy.dkim_domains[platform] = fields.Texts("/proofs/dkim", &domains);
    }
  }
  if (!fields.error().empty()) {
    return Fail(ErrorCode::kDamaged, StrCat(what, ": ", fields.error()));
  }
  return policy;
}

Expected<TrustPolicy> LoadTrustPolicy(const std::filesystem::path& data) {
  const auto path = data / "policy" / "trust.json";
  const auto text = ReadFile(path, kDataFileBytesMax);
  if (!text) return std::unexpected(text.error());
  return ParseTrustPolicy(*text, path.string());
}

}  // namespace kaopu
