// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reads and checks what a request brings. The first thing that is wrong is kept, in words that name
// the field, what it held and what is allowed; everything after it reads as absent, so a handler
// asks once, at its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/money.h"
#include "messaging/action.h"
#include "messaging/actions/seller_key.h"

namespace kaopu {

inline constexpr size_t kSellerNameCharsMax = 200;
inline constexpr size_t kOrderIdCharsMax = 100;
inline constexpr size_t kItemTitleCharsMax = 500;
inline constexpr size_t kNoteCharsMax = 2000;
inline constexpr size_t kAliasesMax = 20;
inline constexpr int kDaysLateMax = 3650;

class Fields {
 public:
  Fields(const Json& request, ActionContext& context)
      : request_(request), context_(context), now_(context.clock.Now()) {}

  // Whether the request names the field at all; null counts, it clears.
  bool Has(std::string_view field) const {
    return request_.is_object() && request_.contains(field);
  }

  // Trimmed; empty is absent. Control characters are refused, but for line breaks and tabs where
  // `lines`.
  std::optional<std::string> Text(std::string_view field, size_t chars_max, bool lines = false);
  std::string RequiredText(std::string_view field, size_t chars_max);
  // `platform:id` as NormalSellerKey makes it. To look up: a key that stands in the record already
  // is taken as it is.
  std::string RequiredSellerKey(std::string_view field);
  std::optional<std::string> SellerKey(std::string_view field);
  // To write under it: always as pages give it.
  std::string RequiredNewSellerKey(std::string_view field);
  std::optional<std::string> NewSellerKey(std::string_view field);
  // Aliases, as a page gave them: only their shape is checked.
  std::vector<std::string> SellerKeys(std::string_view field);
  // `YYYY-MM-DD` from 2000 on; a day beyond tomorrow (somewhere it is tomorrow already) only where
  // `future`.
  std::optional<Date> Day(std::string_view field, bool future = false);
  std::optional<int64_t> Int(std::string_view field, int64_t low, int64_t high);
  // {"amount_minor", "currency"}
  std::optional<Money> Price(std::string_view field);

  void Wrong(std::string_view field, std::string_view message);
  const std::optional<Error>& error() const { return error_; }
  Date today() const { return std::chrono::floor<std::chrono::days>(now_); }

 private:
  std::optional<std::string> String(std::string_view field);
  std::string Required(std::string_view field, std::optional<std::string> value);
  std::optional<std::string> ReadSellerKey(std::string_view field, bool adding);
  std::vector<KeyPlatform> KeyPlatforms();

  const Json& request_;
  ActionContext& context_;
  TimeMs now_;
  std::optional<Error> error_;
};

// Characters (code points) of a UTF-8 text.
size_t CharCount(std::string_view utf8);

// `text` in quotes, cut after 40 characters, for messages.
std::string Quoted(std::string_view text);

}  // namespace kaopu
