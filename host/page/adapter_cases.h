// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Runs the own cases of every adapter (host/docs/adapters.md, "Cases"): for `kaopu data check` and
// the tests.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "page/page_reader.h"

namespace kaopu {

// One expectation that the page did not meet, or a case that could not be run (`path` empty).
struct CaseFailure {
  std::string adapter;
  std::string file;
  std::string path;      // in the facts: `seller.key`, `promises.0.max_hours`
  std::string expected;  // JSON
  std::string actual;    // JSON, or what went wrong
};

struct CaseReport {
  int cases = 0;
  std::vector<CaseFailure> failures;
  std::vector<std::string> without_cases;  // adapters that bring none
};

// Raw HTML -> the snapshot that the extension would send: the cold path, which this room does not
// link (HtmlToPageInput).
using MakeInput = std::function<Expected<PageInput>(std::string_view html, std::string url,
                                                    const Json& snapshot_plan)>;

// `data` is the folder that `pages` was loaded from. kNotFound or kDamaged when the adapter files
// cannot be read.
Expected<CaseReport> CheckAdapterCases(const PageReader& pages, const std::filesystem::path& data,
                                       const MakeInput& make_input);

// The value at a dotted path ("orders.0.order_id"); null where there is none.
Json ValueAt(const Json& facts, std::string_view path);

}  // namespace kaopu
