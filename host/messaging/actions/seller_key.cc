// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/actions/seller_key.h"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "page/url.h"

namespace kaopu {
namespace {

constexpr size_t kPlatformCharsMax = 32;
constexpr std::string_view kStore = "web";  // a store of its own
constexpr std::string_view kWideColon = "：";
constexpr size_t kTypingErrorsMax = 2;

bool IsPlatformShaped(std::string_view text) {
  if (text.empty() || text.size() > kPlatformCharsMax) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What invisible text is made of: direction marks, line and paragraph separators, byte order mark.
bool HasHidden(std::string_view utf8) {
  for (const std::string_view range :
       {"\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067",
        "\u2068", "\u2069", "\u2028", "\u2029", "\ufeff"}) {
    if (utf8.find(range) != std::string_view::npos) return true;
  }
  return false;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  }
  return lower;
}

// How many letters must be added, dropped or changed to make `b` of `a` (Levenshtein). Both are
// platform names: at most kPlatformCharsMax long.
size_t TypingErrors(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::unexpected<Error> UnknownPlatform(std::string_view platform, std::string_view id,
                                       std::span<const KeyPlatform> platforms) {
  std::set<std::string, std::less<>> known = {std::string(kStore)};
  for (const KeyPlatform& row : platforms) known.insert(row.prefix);
  const auto errors = [&](const std::string& name) { return TypingErrors(platform, name); };
  const auto nearest = std::ranges::min_element(known, {}, errors);
  if (errors(*nearest) <= kTypingErrorsMax && errors(*nearest) < platform.size()) {
    return Fail(ErrorCode::kBadRequest, StrCat("no platform is called ", platform,
                                               "; did you mean ", *nearest, ":", id, "?"));
  }
  std::string list;
  for (const std::string& name : known) list += StrCat(list.empty() ? "" : ", ", name);
  return Fail(ErrorCode::kBadRequest,
              StrCat("no platform is called ", platform, "; known are ", list));
}

// The domain that one registers, as browsers write it. "" for what is none.
std::string StoreDomain(std::string_view typed) {
  char* ascii = nullptr;
  const int failed = idn2_to_ascii_8z(std::string(typed).c_str(), &ascii, IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, decltype(&idn2_free)> owner(ascii, &idn2_free);
  if (failed != IDN2_OK || std::string_view(ascii).find("..") != std::string_view::npos) return {};
  const auto url = ParseUrl(StrCat("https://", ascii, "/"));
  const auto domain = url ? RegistrableDomain(url->host) : std::nullopt;
  return domain.value_or("");
}

}  // namespace

bool IsSellerKeyShaped(std::string_view key) {
  const size_t colon = key.find(':');
  return colon != std::string_view::npos && IsPlatformShaped(key.substr(0, colon)) &&
         colon + 1 < key.size() && CharCount(key) <= kSellerKeyCharsMax && !HasHidden(key) &&
         std::ranges::none_of(key, [](char c) { return IsControl(c) || c == ' ' || c == '/'; });
}

Expected<std::string> NormalSellerKey(std::string_view typed,
                                      std::span<const KeyPlatform> platforms) {
  const size_t first = std::min(typed.find(':'), typed.find(kWideColon));
  const size_t mark =
      first != std::string_view::npos && typed[first] != ':' ? kWideColon.size() : 1;
  std::string key(typed);
  if (first != std::string_view::npos)
    key = StrCat(Lower(typed.substr(0, first)), ":", typed.substr(first + mark));
  if (!IsSellerKeyShaped(key)) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(Quoted(typed), " is no seller key; expected platform:id of at most ",
                       kSellerKeyCharsMax,
                       " characters without spaces, such as taobao:134583372 or web:example.com"));
  }
  const std::string platform = key.substr(0, key.find(':'));
  const std::string id = key.substr(platform.size() + 1);
  if (platform == kStore) {
    const std::string domain = StoreDomain(id);
    if (!domain.empty()) return StrCat(kStore, ":", domain);
    return Fail(ErrorCode::kBadRequest,
                StrCat(Quoted(typed),
                       " is no seller key; after web: comes a domain, such as web:example.com"));
  }
  if (platforms.empty()) return key;
  const auto row = std::ranges::find_if(platforms, [&](const KeyPlatform& one) {
    return one.platform == platform || one.prefix == platform;
  });
  if (row == platforms.end()) return UnknownPlatform(platform, id, platforms);
  return StrCat(row->prefix, ":", row->lower ? Lower(id) : id);
}

}  // namespace kaopu
