// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The steps of a check, timed inside one process: a native-messaging host for host_bench's `steps`
// that answers each page with how long it took, as its peers in peers/ do.
//   page_bench DATA
// Request: {"id", "url", and "snapshot": XML or "file": saved page}. Reply: {"id", "bytes",
// "read_ms": bytes to a document that can be searched, "facts_ms": bytes to facts, that included}.
#include <chrono>
#include <cstdio>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "messaging/frame.h"
#include "page/cold/html_snapshot.h"
#include "page/document.h"
#include "page/page_reader.h"
#include "page/url.h"

namespace {

using kaopu::Expected;
using kaopu::Json;
using Steady = std::chrono::steady_clock;

double Since(Steady::time_point begin) {
  return std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
}

Json PlanFor(const kaopu::PageReader& pages, const std::string& url) {
  const auto parts = kaopu::ParseUrl(kaopu::UnwrapArchive(url));
  const Json plan = pages.Plan(parts ? parts->host : "");
  return (plan["plan"].is_object() ? plan["plan"] : plan["generic"])["snapshot"];
}

struct Steps {
  size_t bytes = 0;
  double read_ms = 0;
  double facts_ms = 0;
};

Expected<Steps> TimeSnapshot(const kaopu::PageReader& pages, kaopu::PageInput page,
                             kaopu::TimeMs now) {
  Steps steps{.bytes = page.snapshot.size()};
  {
    std::string copy = page.snapshot;
    const auto begin = Steady::now();
    auto document = kaopu::Document::Parse(std::move(copy));
    if (!document) return std::unexpected(document.error());
    (*document)->BuildIndex();
    steps.read_ms = Since(begin);
  }
  const auto begin = Steady::now();
  const auto facts = pages.Read(std::move(page), now);
  if (!facts) return std::unexpected(facts.error());
  steps.facts_ms = Since(begin);
  return steps;
}

Expected<Steps> TimeFile(const kaopu::PageReader& pages, const std::string& file,
                         const std::string& url, kaopu::TimeMs now) {
  const auto bytes = kaopu::ReadFile(file, kaopu::kHtmlBytesMax);
  if (!bytes) return std::unexpected(bytes.error());
  Steps steps{.bytes = bytes->size()};
  const auto begin = Steady::now();
  auto input = kaopu::HtmlToPageInput(kaopu::DecodeHtml(*bytes), url, PlanFor(pages, url));
  if (!input) return std::unexpected(input.error());
  steps.read_ms = Since(begin);
  const auto facts = pages.Read(std::move(*input), now);
  if (!facts) return std::unexpected(facts.error());
  steps.facts_ms = Since(begin);
  return steps;
}

Json Answer(const kaopu::PageReader& pages, const std::string& body, kaopu::TimeMs now) {
  const auto request = kaopu::ParseJson(body, "request");
  if (!request || !request->is_object()) return {{"error", "bad request"}};
  if (request->contains("op")) return {{"ok", true}};
  const std::string url = request->value("url", "");
  const auto steps = request->contains("file")
                         ? TimeFile(pages, request->value("file", ""), url, now)
                         : TimeSnapshot(pages, {url, "", "", request->value("snapshot", "")}, now);
  if (!steps) return {{"error", steps.error().message}};
  return {{"bytes", steps->bytes}, {"read_ms", steps->read_ms}, {"facts_ms", steps->facts_ms}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: page_bench DATA\n");
    return 2;
  }
  const auto pages = kaopu::PageReader::Load(argv[1]);
  if (!pages) {
    std::fprintf(stderr, "page_bench: %s\n", pages.error().message.c_str());
    return 1;
  }
  const kaopu::TimeMs now = kaopu::SystemClock().Now();
  for (;;) {
    const kaopu::Frame frame = kaopu::ReadFrame(0);
    if (frame.status != kaopu::FrameStatus::kBody) return 0;
    const std::string reply = kaopu::DumpJson(Answer(*pages, frame.body, now));
    if (!kaopu::WriteAll(1, kaopu::EncodeFrame(reply))) return 0;
  }
}
