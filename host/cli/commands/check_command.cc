// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu check`: a page, a saved page or a seller through the very operation that browsers reach.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/str_cat.h"
#include "cli/check_text.h"
#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"
#include "cli/fetch.h"
#include "cli/page_input.h"
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
  const size_t colon = std::min(text.find(':'), text.find("："));
  return colon != 0 && colon != std::string_view::npos &&
         text.find_first_of(" \t/\\") == std::string_view::npos;
}

Expected<PageInput> GetPage(const Options& options, const PageReader& pages,
                            CommandContext& context) {
  if (IsWebUrl(options.target)) {
    FetchOptions fetch;
    fetch.proxy = options.proxy;
    const auto page = FetchPage(options.target, fetch);
    if (!page) return std::unexpected(page.error());
    return InputOf(pages, page->body, options.url.empty() ? page->url : options.url,
                   page->content_type);
  }
  const auto bytes = ReadInput(options.target, context);
  if (!bytes) return std::unexpected(bytes.error());
  auto page = InputOf(pages, *bytes, options.url, {});
  if (page && !ParseUrl(UnwrapArchive(page->url))) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("the address that ", options.target,
                       " was saved from is not known; say it: --url https://..."));
  }
  return page;
}

// The request that the extension would send for the page.
Json RequestFor(const PageInput& page) {
  return {{"v", 1},
          {"op", "check_page"},
          {"url", page.url},
          {"title", page.title},
          {"lang", page.lang},
          {"snapshot_version", 1},
          {"snapshot", page.snapshot},
          {"cut", page.snapshot.find("<cut") != std::string::npos}};
}

bool IsFile(const std::string& target) {
  std::error_code ec;
  return target == "-" || std::filesystem::exists(target, ec);
}

Expected<Json> Check(const Options& options, Json& request, CommandContext& context) {
  request = {{"v", 1}, {"op", "check_seller"}, {"seller_key", options.target}};
  if (options.target.empty()) {
    return Fail(ErrorCode::kBadRequest,
                "there is nothing to check; name a file, an address (https://...) or a seller key "
                "(platform:id)");
  }
  if (IsWebUrl(options.target) || IsFile(options.target)) {
    const auto pages = context.Pages();
    if (!pages) return std::unexpected(pages.error());
    const auto page = GetPage(options, **pages, context);
    if (!page) return std::unexpected(page.error());
    request = RequestFor(*page);
  } else if (!LooksLikeSellerKey(options.target)) {
    return Fail(
        ErrorCode::kNotFound,
        StrCat("there is no file ", options.target,
               ", and it is neither an address (https://...) nor a seller key (platform:id)"));
  }
  const auto actions = context.Actions();
  if (!actions) return std::unexpected(actions.error());
  return RunAction(**actions, request["op"].get_ref<const std::string&>(), request);
}

}  // namespace

void AddCheckCommand(Command app, CommandContext& context) {
  Command command = app.AddCommand(
      "check", "Check a seller: a page on the web, a saved page, or a seller known by key");
  auto options = std::make_shared<Options>();
  command
      .AddOption("page", options->target,
                 "FILE (- = standard input), URL or SELLER_KEY (platform:id)")
      .Required()
      .TypeName("FILE|URL|SELLER_KEY");
  command.AddOption("--url", options->url,
                    "Where the page of FILE was seen; default: what the page says of itself");
  command.AddOption(
      "--proxy", options->proxy,
      "Fetch URL through this proxy, as http://host:port; the environment's proxies are not used");
  command.AddFlag("--json", options->json,
                  "Print one JSON value: the reply that the extension gets");
  command.Footer(
      "Nothing is fetched but the page itself, and only for a URL. Exit code 0 whatever the "
      "verdict.\n"
      "Examples:\n"
      "  kaopu check https://shop.example/item/1\n"
      "  kaopu check saved.html --url https://item.jd.com/100.html\n"
      "  kaopu check jd:12345 --json");
  command.Callback([options, &context] {
    Json request;
    const auto reply = Check(*options, request, context);
    if (!reply) return context.Fail(reply.error());
    context.out << (options->json ? DumpJson(*reply, 1) + "\n"
                                  : CheckText(*reply, context.words()));
    SayOtherKey(context, request, *reply);
  });
}

}  // namespace kaopu
