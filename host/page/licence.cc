// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/licence.h"

#include <re2/re2.h>

namespace kaopu {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY";

}  // namespace

bool IsSocialCreditCode(std::string_view code) {
  if (code.size() != 18) return false;
  size_t sum = 0;
  size_t weight = 1;
  for (size_t i = 0; i < 17; ++i) {
    const size_t value = kDigits.find(code[i]);
    if (value == std::string_view::npos) return false;
    sum += value * weight;
    weight = weight * 3 % kDigits.size();
  }
  const size_t check = (kDigits.size() - sum % kDigits.size()) % kDigits.size();
  return code[17] == kDigits[check];
}

std::optional<std::string> FindLicence(std::string_view text) {
  static const RE2 kNamed(
      "(?:统一社会信用代码|社会信用代码|信用代码|营业执照(?:号码?|注册号)?)[^0-9A-Za-z]{0,24}"
      "([0-9A-HJ-NPQRTUWXY]{18})(?:[^0-9A-Za-z]|$)");
  re2::StringPiece rest(text.data(), text.size());
  std::string code;
  std::optional<std::string> found;
  while (RE2::FindAndConsume(&rest, kNamed, &code)) {
    if (!IsSocialCreditCode(code)) continue;
    if (found && *found != code) return std::nullopt;
    found = code;
  }
  return found;
}

}  // namespace kaopu
