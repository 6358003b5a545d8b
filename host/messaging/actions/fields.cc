// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/actions/fields.h"

#include <algorithm>

#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr Date kEarliestDay = Date(std::chrono::year(2000) / 1 / 1);
constexpr std::chrono::days kFutureMax{3650};

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

size_t CharCount(std::string_view utf8) {
  return static_cast<size_t>(
      std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string Quoted(std::string_view text) {
  size_t bytes = 0;
  for (size_t chars = 0; bytes < text.size(); ++bytes) {
    if ((text[bytes] & 0xc0) != 0x80 && ++chars > 40) break;
  }
  return StrCat("\"", text.substr(0, bytes), bytes < text.size() ? "..." : "", "\"");
}

void Fields::Wrong(std::string_view field, std::string_view message) {
  if (!error_) error_ = Error{ErrorCode::kBadRequest, StrCat(field, ": ", message)};
}

std::optional<std::string> Fields::String(std::string_view field) {
  if (error_) return std::nullopt;
  Expected<std::optional<std::string>> value = GetString(request_, field);
  if (value) return std::move(*value);
  error_ = value.error();
  return std::nullopt;
}

std::optional<std::string> Fields::Text(std::string_view field, size_t chars_max, bool lines) {
  std::optional<std::string> text = String(field);
  if (!text) return std::nullopt;
  const size_t first = text->find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return std::nullopt;
  text = text->substr(first, text->find_last_not_of(" \t\r\n") + 1 - first);
  if (const size_t chars = CharCount(*text); chars > chars_max) {
    Wrong(field, StrCat(chars, " characters, at most ", chars_max, " allowed"));
    return std::nullopt;
  }
  const bool control = std::ranges::any_of(*text, [&](char c) {
    return IsControl(c) && !(lines && (c == '\n' || c == '\r' || c == '\t'));
  });
  if (control) {
    Wrong(field, "holds control characters");
    return std::nullopt;
  }
  return text;
}

std::string Fields::Required(std::string_view field, std::optional<std::string> value) {
  if (!value || value->empty()) Wrong(field, "is missing");
  return value.value_or("");
}

std::string Fields::RequiredText(std::string_view field, size_t chars_max) {
  return Required(field, Text(field, chars_max));
}

// The platforms that seller keys may name. None are told while a rule file is missing: its sellers
// are still there.
std::vector<KeyPlatform> Fields::KeyPlatforms() {
  const Expected<const PageReader*> pages = context_.rules.Pages();
  if (!pages || !(*pages)->LeftOut().empty()) return {};
  return (*pages)->KeyPlatforms();
}

// A key that stands in the record already is a key, whatever the rules say by now; a new entry goes
// under the form that pages give.
std::optional<std::string> Fields::ReadSellerKey(std::string_view field, bool adding) {
  std::optional<std::string> typed = String(field);
  if (!typed) return std::nullopt;
  Expected<std::string> key = NormalSellerKey(*typed, KeyPlatforms());
  if (key && (*key == *typed || adding)) return *key;
  const auto known = [&](const std::string& one) {
    return context_.store.KnowsSeller(one).value_or(false);
  };
  if (known(*typed) && !(key && known(*key))) return typed;
  if (key) return *key;
  Wrong(field, key.error().message);
  return std::nullopt;
}

std::optional<std::string> Fields::SellerKey(std::string_view field) {
  return ReadSellerKey(field, false);
}

std::optional<std::string> Fields::NewSellerKey(std::string_view field) {
  return ReadSellerKey(field, true);
}

std::string Fields::RequiredSellerKey(std::string_view field) {
  return Required(field, SellerKey(field));
}

std::string Fields::RequiredNewSellerKey(std::string_view field) {
  return Required(field, NewSellerKey(field));
}

std::vector<std::string> Fields::SellerKeys(std::string_view field) {
  std::vector<std::string> keys;
  if (error_ || !Has(field) || request_.at(field).is_null()) return keys;
  const Json& list = request_.at(field);
  if (!list.is_array() || list.size() > kAliasesMax) {
    Wrong(field, StrCat("must be a list of at most ", kAliasesMax, " seller keys"));
    return keys;
  }
  for (const Json& entry : list) {
    if (!entry.is_string()) {
      Wrong(field, "holds something that is no text");
      return keys;
    }
    const std::string& key = entry.get_ref<const std::string&>();
    if (!IsSellerKeyShaped(key)) {
      Wrong(field, StrCat(Quoted(key), " is no seller key"));
      return keys;
    }
    keys.push_back(key);
  }
  return keys;
}

std::optional<Date> Fields::Day(std::string_view field, bool future) {
  const std::optional<std::string> text = String(field);
  if (!text) return std::nullopt;
  const std::optional<Date> day = ParseDate(*text);
  if (!day) {
    Wrong(field,
          StrCat(Quoted(*text), " is no date; expected YYYY-MM-DD, such as ", FormatDate(today())));
  } else if (*day < kEarliestDay) {
    Wrong(field, StrCat(*text, " is before ", FormatDate(kEarliestDay)));
  } else if (*day > today() + std::chrono::days(1) && !future) {
    Wrong(field, StrCat(*text, " lies in the future; today is ", FormatDate(today())));
  } else if (*day > today() + kFutureMax) {
    Wrong(field, StrCat(*text, " is more than ten years ahead"));
  }
  return error_ ? std::nullopt : day;
}

std::optional<int64_t> Fields::Int(std::string_view field, int64_t low, int64_t high) {
  if (error_) return std::nullopt;
  const Expected<std::optional<int64_t>> value = GetInt(request_, field);
  if (!value) {
    error_ = value.error();
    return std::nullopt;
  }
  if (*value && (**value < low || **value > high)) {
    Wrong(field, StrCat(**value, " is not between ", low, " and ", high));
    return std::nullopt;
  }
  return *value;
}

std::optional<Money> Fields::Price(std::string_view field) {
  if (error_ || !Has(field) || request_.at(field).is_null()) return std::nullopt;
  const Json& object = request_.at(field);
  const bool shaped = object.is_object() && object.contains("amount_minor") &&
                      object.contains("currency") && object["amount_minor"].is_number_integer() &&
                      object["currency"].is_string();
  if (!shaped) {
    Wrong(field, "must be {\"amount_minor\": whole number, \"currency\": \"CNY\"}");
    return std::nullopt;
  }
  Money money{object["amount_minor"].get<int64_t>(), object["currency"].get<std::string>()};
  const bool known = money.currency.size() == 3 && std::ranges::all_of(money.currency, [](char c) {
                       return c >= 'A' && c <= 'Z';
                     });
  if (!known) {
    Wrong(field, StrCat("currency ", Quoted(money.currency), " is no ISO 4217 code such as CNY"));
  } else if (money.amount_minor < 0 || money.amount_minor > 1'000'000'000'000'000) {
    Wrong(field, StrCat("amount_minor ", money.amount_minor, " is not between 0 and 10^15"));
  }
  return error_ ? std::nullopt : std::optional(money);
}

}  // namespace kaopu
