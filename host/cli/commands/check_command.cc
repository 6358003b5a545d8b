// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu check`: a page, a saved page or a seller through the very operation that browsers reach.
#include <memory>

#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "cli/check_text.h"
#include "cli/commands/commands.h"
#include "cli/fetch.h"
#include "page/cold/html_snapshot.h"
#include "page/url.h"

namespace kaopu {
namespace {

struct Options {
  std::string target;
  std::string url;
  std::string proxy;
  bool json = false;
};

bool IsWebUrl(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

// `platform:id`, as in host/docs/facts.md.
bool LooksLikeSellerKey(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) return false;
  return text.substr(0, colon).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") ==
             std::string_view::npos &&
         text.find_first_of(" \t/\\") == std::string_view::npos;
}

// Browsers write where a saved page came from: `<!-- saved from url=(0042)https://... -->`.
std::string SavedFrom(std::string_view html) {
  constexpr std::string_view kMark = "<!-- saved from url=(";
  const size_t mark = html.substr(0, 4096).find(kMark);
  if (mark == std::string_view::npos) return {};
  const size_t begin = html.find(')', mark);
  const size_t end = html.find_first_of(" \r\n", begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  const std::string_view url = html.substr(begin + 1, end - begin - 1);
  return IsWebUrl(url) ? std::string(url) : std::string();
}

struct RawPage {
  std::string url;
  std::string content_type;
  std::string bytes;
};

Expected<RawPage> GetPage(const Options& options) {
  if (IsWebUrl(options.target)) {
    FetchOptions fetch;
    fetch.proxy = options.proxy;
    auto page = FetchPage(options.target, fetch);
    if (!page) return std::unexpected(page.error());
    return RawPage{options.url.empty() ? page->url : options.url, page->content_type,
                   std::move(page->body)};
  }
  auto bytes = ReadFile(options.target, kHtmlBytesMax);
  if (!bytes) return std::unexpected(bytes.error());
  std::string url = options.url.empty() ? SavedFrom(*bytes) : options.url;
  if (!IsWebUrl(url)) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("the address that ", options.target,
                       " was saved from is not known; say it: --url https://..."));
  }
  return RawPage{std::move(url), {}, std::move(*bytes)};
}

// Raw page -> the request that the extension would send for it.
Expected<Json> RequestFor(const RawPage& raw, const PageReader& pages) {
  const auto url = ParseUrl(UnwrapArchive(raw.url));
  if (!url) return Fail(ErrorCode::kBadRequest, StrCat(raw.url, " is not the address of a page"));
  const Json plan = pages.Plan(url->host);
  const Json& chosen = plan["plan"].is_object() ? plan["plan"] : plan["generic"];
  auto page = HtmlToPageInput(DecodeHtml(raw.bytes, raw.content_type), raw.url, chosen["snapshot"]);
  if (!page) return std::unexpected(page.error());
  return Json{{"v", 1},
              {"op", "check_page"},
              {"url", page->url},
              {"title", page->title},
              {"lang", page->lang},
              {"snapshot_version", 1},
              {"snapshot", page->snapshot},
              {"cut", page->snapshot.find("<cut") != std::string::npos}};
}

bool IsFile(const std::string& target) {
  std::error_code ec;
  return target == "-" || std::filesystem::exists(target, ec);
}

Expected<Json> Check(const Options& options, CommandContext& context) {
  auto actions = context.Actions();
  if (!actions) return std::unexpected(actions.error());
  Json request = {{"v", 1}, {"op", "check_seller"}, {"seller_key", options.target}};
  if (IsWebUrl(options.target) || IsFile(options.target)) {
    auto raw = GetPage(options);
    if (!raw) return std::unexpected(raw.error());
    auto built = RequestFor(*raw, (*actions)->pages);
    if (!built) return std::unexpected(built.error());
    request = std::move(*built);
  } else if (!LooksLikeSellerKey(options.target)) {
    return Fail(
        ErrorCode::kNotFound,
        StrCat("there is no file ", options.target,
               ", and it is neither an address (https://...) nor a seller key (platform:id)"));
  }
  return RunAction(**actions, request["op"].get_ref<const std::string&>(), request);
}

}  // namespace

void AddCheckCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand(
      "check", "Check a seller: a page on the web, a saved page, or a seller known by key");
  auto options = std::make_shared<Options>();
  command
      ->add_option("page", options->target,
                   "FILE (- = standard input), URL or SELLER_KEY (platform:id)")
      ->required()
      ->type_name("FILE|URL|SELLER_KEY");
  command->add_option("--url", options->url,
                      "Where the page of FILE was seen; default: what the browser noted in it");
  command->add_option(
      "--proxy", options->proxy,
      "Fetch URL through this proxy, as http://host:port; the environment's proxies are not used");
  command->add_flag("--json", options->json,
                    "Print one JSON value: the reply that the extension gets");
  command->footer(
      "Nothing is fetched but the page itself, and only for a URL. Exit code 0 whatever the "
      "verdict.\n"
      "Examples:\n"
      "  kaopu check https://shop.example/item/1\n"
      "  kaopu check saved.html --url https://item.jd.com/100.html\n"
      "  kaopu check jd:12345 --json");
  command->callback([options, &context] {
    const auto reply = Check(*options, context);
    if (!reply) return context.Fail(reply.error());
    context.out << (options->json ? DumpJson(*reply, 1) + "\n"
                                  : CheckText(*reply, context.words()));
  });
}

}  // namespace kaopu
