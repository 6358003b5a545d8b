// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/adapter_cases.h"

#include <algorithm>
#include <charconv>

#include "base/clock.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "page/facts.h"
#include "page/url.h"

namespace kaopu {
namespace {

// Dates without a year in a case that names no time are read from here.
constexpr std::string_view kCaseTime = "2026-01-15T12:00:00Z";

// `value` is what a case says, a string field of it or empty.
std::string TextOf(const Json& object, const char* field) {
  const auto it = object.is_object() ? object.find(field) : object.end();
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

class CaseRunner {
 public:
  CaseRunner(const PageReader& pages, const std::filesystem::path& folder,
             const MakeInput& make_input, CaseReport& report)
      : pages_(pages), folder_(folder), make_input_(make_input), report_(report) {}

  void RunAdapter(const Json& adapter) {
    adapter_ = TextOf(adapter, "id");
    const auto cases = adapter.find("cases");
    if (cases == adapter.end() || !cases->is_array() || cases->empty()) {
      report_.without_cases.push_back(adapter_);
      return;
    }
    for (const Json& one : *cases) {
      ++report_.cases;
      RunCase(one);
    }
  }

 private:
  void Broken(std::string why) {
    report_.failures.push_back({adapter_, file_, "", "", std::move(why)});
  }

  void RunCase(const Json& one) {
    file_ = TextOf(one, "file");
    const std::string url = TextOf(one, "url");
    const auto expect = one.is_object() ? one.find("expect") : one.end();
    if (file_.empty() || file_.find("..") != std::string::npos || url.empty() ||
        expect == one.end() || !expect->is_object()) {
      return Broken("a case needs file, url and expect");
    }
    const std::string now_text = TextOf(one, "now");
    const auto now = ParseTime(now_text.empty() ? kCaseTime : now_text);
    if (!now) return Broken("now is no time");
    auto html = ReadFile(folder_ / file_, kHtmlBytesMax);
    if (!html) return Broken(html.error().message);
    const auto parts = ParseUrl(url);
    const Json plan = pages_.Plan(parts ? parts->host : "");
    const Json& used = plan["plan"].is_null() ? plan["generic"] : plan["plan"];
    auto input = make_input_(*html, url, used["snapshot"]);
    if (!input) return Broken(input.error().message);
    auto facts = pages_.Read(std::move(*input), *now);
    if (!facts) return Broken(facts.error().message);
    Compare(ToJson(*facts), *expect);
  }

  void Compare(const Json& facts, const Json& expect) {
    for (const auto& [path, expected] : expect.items()) {
      const Json actual = ValueAt(facts, path);
      if (actual != expected) {
        report_.failures.push_back({adapter_, file_, path, DumpJson(expected), DumpJson(actual)});
      }
    }
  }

  const PageReader& pages_;
  const std::filesystem::path& folder_;
  const MakeInput& make_input_;
  CaseReport& report_;
  std::string adapter_, file_;
};

}  // namespace

Json ValueAt(const Json& facts, std::string_view path) {
  const Json* at = &facts;
  while (!path.empty()) {
    // Keys of `where` hold dots themselves: the whole rest is tried as a key first.
    const auto whole = at->is_object() ? at->find(path) : at->end();
    if (at->is_object() && whole != at->end()) return *whole;
    const size_t dot = std::min(path.find('.'), path.size());
    const std::string_view key = path.substr(0, dot);
    if (at->is_array()) {
      size_t index = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (error != std::errc() || end != key.data() + key.size() || index >= at->size()) return {};
      at = &(*at)[index];
    } else if (at->is_object() && at->contains(key)) {
      at = &*at->find(key);
    } else {
      return {};
    }
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return *at;
}

Expected<CaseReport> CheckAdapterCases(const PageReader& pages, const std::filesystem::path& data,
                                       const MakeInput& make_input) {
  const std::filesystem::path folder = data / "adapters";
  auto files = ListFiles(folder, ".json");
  if (!files) return std::unexpected(files.error());
  CaseReport report;
  CaseRunner runner(pages, folder, make_input, report);
  for (const auto& path : *files) {
    if (path.filename().string().ends_with(".schema.json")) continue;
    auto text = ReadFile(path, kDataFileBytesMax);
    if (!text) return std::unexpected(text.error());
    auto json = ParseJson(*text, path.filename().string());
    if (!json) return Fail(ErrorCode::kDamaged, json.error().message);
    runner.RunAdapter(*json);
  }
  return report;
}

}  // namespace kaopu
