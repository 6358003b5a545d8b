// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/page_address.h"

#include <algorithm>
#include <map>

#include "page/cold/html_tokenizer.h"
#include "page/url.h"

namespace kaopu {
namespace {

constexpr size_t kLinksMax = 20'000;

bool IsWebUrl(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

std::string SavedFrom(std::string_view comment) {
  constexpr std::string_view kMark = "saved from url=(";
  const size_t mark = comment.find(kMark);
  if (mark == std::string_view::npos) return {};
  const size_t begin = comment.find(')', mark);
  if (begin == std::string_view::npos) return {};
  const std::string_view url =
      comment.substr(begin + 1, comment.find_first_of(" \r\n", begin) - begin - 1);
  return IsWebUrl(url) ? std::string(url) : std::string();
}

// What a link's start tag says of the address, and the host it points to.
struct Hints {
  std::string saved, canonical, og;
  std::map<std::string, int, std::less<>> hosts;
};

void ReadTag(const HtmlToken& token, Hints& hints) {
  const auto value = [&](std::string_view name) {
    const std::string_view* found = token.Find(name);
    return found == nullptr ? std::string_view() : TrimHtmlSpace(*found);
  };
  if (token.name == "link" && EqualsIgnoreCase(value("rel"), "canonical") &&
      IsWebUrl(value("href"))) {
    if (hints.canonical.empty()) hints.canonical = value("href");
    return;
  }
  if (token.name == "meta" && value("property") == "og:url" && IsWebUrl(value("content"))) {
    if (hints.og.empty()) hints.og = value("content");
    return;
  }
  // Links count; pictures and scripts mostly come from elsewhere.
  const std::string_view link = token.name == "a"      ? value("href")
                                : token.name == "form" ? value("action")
                                                       : "";
  if (!IsWebUrl(link) && !link.starts_with("//")) return;
  if (const auto url = ParseUrl(link)) ++hints.hosts[url->host];
}

// Every `//host/` in the text, scripts included: for pages that are an empty shell for their
// script. Content servers are left out.
void CountHosts(std::string_view html, std::map<std::string, int, std::less<>>& hosts) {
  for (size_t at = html.find("//"), n = 0; at != std::string_view::npos && n < kLinksMax;
       at = html.find("//", at + 2), ++n) {
    const auto url =
        ParseUrl(html.substr(at, html.find_first_of("\"'/?#<> \\\r\n\t),;", at + 2) - at));
    if (!url || url->host.find('.') == std::string::npos ||
        url->host.find("cdn") != std::string::npos)
      continue;
    if (RegistrableDomain(url->host)) ++hosts[url->host];
  }
}

}  // namespace

std::string GuessAddress(std::string_view html,
                         const std::function<bool(std::string_view host)>& known) {
  Hints hints;
  HtmlTokenizer tokenizer(html);
  HtmlToken token;
  for (size_t links = 0; links < kLinksMax && tokenizer.Next(token);) {
    if (token.kind == HtmlToken::Kind::kComment && hints.saved.empty())
      hints.saved = SavedFrom(token.source);
    if (token.kind != HtmlToken::Kind::kStart) continue;
    ++links;
    const std::string name = token.name;
    if (name == "script" || name == "style" || name == "textarea" || name == "title")
      tokenizer.TakeRawText(name);
    ReadTag(token, hints);
  }
  for (const std::string& told : {hints.saved, hints.canonical, hints.og}) {
    if (!told.empty()) return told;
  }
  if (hints.hosts.empty()) {
    CountHosts(html, hints.hosts);
    // Scripts name many servers: a host that is known says more than one that is named often.
    const auto is_known = [&](const auto& host) { return known(host.first); };
    if (std::any_of(hints.hosts.begin(), hints.hosts.end(), is_known))
      std::erase_if(hints.hosts, std::not_fn(is_known));
  }
  // The site that most links stay on; inside it a host that is known, else the one named most.
  std::map<std::string, int> domains;
  for (const auto& [host, times] : hints.hosts)
    domains[RegistrableDomain(host).value_or(host)] += times;
  const auto by_count = [](const auto& one, const auto& other) {
    return one.second < other.second;
  };
  const auto home = std::max_element(domains.begin(), domains.end(), by_count);
  if (home == domains.end()) return {};
  std::string best;
  int best_times = 0;
  for (const auto& [host, times] : hints.hosts) {
    if (RegistrableDomain(host).value_or(host) != home->first) continue;
    const int weight = times + (known(host) ? 1'000'000 : 0);
    if (weight > best_times) {
      best = host;
      best_times = weight;
    }
  }
  // Without a path: which page of the site it is, nothing tells.
  return "https://" + best;
}

}  // namespace kaopu
