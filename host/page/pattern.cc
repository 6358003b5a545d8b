// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/pattern.h"

#include <mutex>
#include <unordered_map>

#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr int64_t kPatternBytesMax = 1 << 20;

struct Known {
  std::mutex mutex;
  std::unordered_map<std::string, std::weak_ptr<const RE2>> patterns;
};

}  // namespace

Expected<Pattern> CompilePattern(const std::string& pattern, const std::string& place) {
  static Known known;
  const std::lock_guard lock(known.mutex);
  std::weak_ptr<const RE2>& kept = known.patterns[pattern];
  if (Pattern shared = kept.lock()) return shared;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternBytesMax);
  auto compiled = std::make_shared<const RE2>(pattern, options);
  if (!compiled->ok()) {
    known.patterns.erase(pattern);
    return Fail(ErrorCode::kDamaged,
                StrCat(place, ": pattern \"", pattern, "\": ", compiled->error()));
  }
  kept = compiled;
  return compiled;
}

}  // namespace kaopu
