// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A mail in memory: its header fields as they came, its text as a reader sees it. Anybody's bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace kaopu {

inline constexpr size_t kMailBytesMax = 1024 * 1024;

struct MailHeader {
  std::string_view name;   // as it is written
  std::string_view value;  // with folds
  std::string_view whole;  // both, without the last line end
};

struct OrderMail {
  std::string bytes;  // line ends are CRLF; wiped when it goes
  std::vector<MailHeader> headers;
  std::string_view body;

  OrderMail() = default;
  OrderMail(OrderMail&& other) = delete;
  ~OrderMail();

  // kTooLarge, kBadRequest: what no mail can be.
  Expected<void> Read(std::string_view mail);
  size_t Count(std::string_view name) const;
  // Unfolded, without space around it; nullopt where it is not there once.
  std::optional<std::string> Value(std::string_view name) const;
  // The domain of the one address in From, in lower case.
  std::optional<std::string> FromDomain() const;
  std::optional<std::string> FromAddress() const;  // lower case
  // The day in Date, where it was written.
  std::optional<Date> Day() const;
  // The decoded bytes of every text part, one after another. kBadRequest: an encoding or nesting
  // that is not read.
  Expected<std::string> Text() const;
};

}  // namespace kaopu
