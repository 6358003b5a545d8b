// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/page_input.h"

#include <iterator>

#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "page/cold/html_snapshot.h"
#include "page/cold/page_address.h"
#include "page/url.h"

namespace kaopu {
namespace {

Json PlanFor(const PageReader& pages, std::string_view url) {
  const auto parts = ParseUrl(UnwrapArchive(url));
  const Json plan = pages.Plan(parts ? parts->host : std::string());
  const Json& chosen = plan["plan"].is_object() ? plan["plan"] : plan["generic"];
  return chosen.is_object() ? chosen.value("snapshot", Json::object()) : Json::object();
}

}  // namespace

Expected<PageInput> InputOf(const PageReader& pages, std::string_view bytes, std::string url,
                            std::string_view content_type) {
  const std::string html = DecodeHtml(bytes, content_type);
  if (url.empty())
    url = GuessAddress(html,
                       [&](std::string_view host) { return pages.Plan(host)["plan"].is_object(); });
  else if (const auto parts = ParseUrl(url); parts && url.ends_with(parts->host))
    url += '/';  // an address as people write it; browsers write the slash
  const Json plan = PlanFor(pages, url);
  return HtmlToPageInput(html, std::move(url), plan);
}

Expected<std::string> ReadInput(const std::string& file, CommandContext& context) {
  if (file != "-") return ReadFile(file, kHtmlBytesMax);
  std::string bytes(std::istreambuf_iterator<char>(context.in), {});
  if (bytes.size() > kHtmlBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                StrCat("read of standard input: more than ", kHtmlBytesMax, " bytes"));
  }
  return bytes;
}

}  // namespace kaopu
