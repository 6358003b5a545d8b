// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/attest/order_mail.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/str_cat.h"
#include "tlog/text_lines.h"

namespace kaopu {
namespace {

constexpr size_t kHeadersMax = 256;
constexpr int kDepthMax = 6;
constexpr int kPartsMax = 64;

std::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kBadRequest, std::move(message));
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return Lower(c); });
  return out;
}
bool Same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}
std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Fields up to the empty line; what is behind it is the body.
Expected<std::string_view> SplitHeaders(std::string_view bytes, std::vector<MailHeader>& headers) {
  size_t at = 0;
  while (at < bytes.size()) {
    if (bytes.substr(at).starts_with("\r\n")) return bytes.substr(at + 2);
    size_t end = at;
    do {
      const size_t line_end = bytes.find("\r\n", end);
      if (line_end == std::string_view::npos) {
        end = bytes.size();
        break;
      }
      end = line_end + 2;
    } while (end < bytes.size() && (bytes[end] == ' ' || bytes[end] == '\t'));
    std::string_view whole = bytes.substr(at, end - at);
    if (whole.ends_with("\r\n")) whole.remove_suffix(2);
    const size_t colon = whole.find(':');
    const std::string_view name = whole.substr(0, std::min(colon, whole.size()));
    if (colon == std::string_view::npos || name.empty() ||
        std::ranges::any_of(name, [](char c) { return c <= ' ' || c >= 0x7f; })) {
      return Wrong(StrCat("mail: header field ", headers.size() + 1, " has no name"));
    }
    if (headers.size() == kHeadersMax) {
      return Wrong(StrCat("mail: more than ", kHeadersMax, " header fields"));
    }
    headers.push_back({name, whole.substr(colon + 1), whole});
    at = end;
  }
  return std::string_view();
}

std::optional<std::string> ValueIn(const std::vector<MailHeader>& headers, std::string_view name) {
  std::optional<std::string> found;
  for (const MailHeader& header : headers) {
    if (!Same(header.name, name)) continue;
    if (found) return std::nullopt;
    found.emplace();
    for (const char c : Trim(header.value)) {
      if (c != '\r' && c != '\n') *found += c;
    }
  }
  return found;
}

size_t CountIn(const std::vector<MailHeader>& headers, std::string_view name) {
  return static_cast<size_t>(
      std::ranges::count_if(headers, [&](const MailHeader& one) { return Same(one.name, name); }));
}

int HexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = Lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string FromQuotedPrintable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
      continue;
    }
    const std::string_view rest = text.substr(i + 1);
    if (rest.starts_with("\r\n")) {
      i += 2;
    } else if (rest.size() >= 2 && HexOf(rest[0]) >= 0 && HexOf(rest[1]) >= 0) {
      out += static_cast<char>(HexOf(rest[0]) * 16 + HexOf(rest[1]));
      i += 2;
    } else {
      out += '=';
    }
  }
  return out;
}

std::optional<std::string> FromBase64Lines(std::string_view text) {
  std::string out(text.size(), '\0');
  size_t written = 0;
  if (text.empty()) return out;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), " \t\r\n", &written, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  out.resize(written);
  return out;
}

// `name=value` or `name="value"` behind the first `;`.
std::optional<std::string> Parameter(std::string_view value, std::string_view name) {
  size_t at = value.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = Trim(value.substr(at + 1));
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = Trim(rest.substr(0, equals));
    rest = Trim(rest.substr(equals + 1));
    std::string_view found;
    if (rest.starts_with('"')) {
      const size_t end = rest.find('"', 1);
      if (end == std::string_view::npos) return std::nullopt;
      found = rest.substr(1, end - 1);
      rest = rest.substr(end + 1);
    } else {
      found = Trim(rest.substr(0, rest.find(';')));
    }
    if (Same(key, name)) return std::string(found);
    const size_t next = rest.find(';');
    at = next == std::string_view::npos ? next
                                        : static_cast<size_t>(rest.data() - value.data()) + next;
  }
  return std::nullopt;
}

Expected<void> AddText(const std::vector<MailHeader>& headers, std::string_view body, int depth,
                       int& parts, std::string& out) {
  if (depth > kDepthMax || ++parts > kPartsMax) {
    return Wrong(
        StrCat("mail: more than ", kPartsMax, " parts, or nested more than ", kDepthMax, " deep"));
  }
  for (const char* once : {"Content-Type", "Content-Transfer-Encoding"}) {
    if (CountIn(headers, once) > 1) return Wrong(StrCat("mail: a part with two ", once));
  }
  const std::string type = ValueIn(headers, "Content-Type").value_or("text/plain");
  const std::string kind = Lower(Trim(std::string_view(type).substr(0, type.find(';'))));
  const std::string encoding =
      Lower(ValueIn(headers, "Content-Transfer-Encoding").value_or("7bit"));
  if (kind.starts_with("multipart/")) {
    if (encoding != "7bit" && encoding != "8bit" && encoding != "binary") {
      return Wrong("mail: encoded parts within parts are not read");
    }
    const auto boundary = Parameter(type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > 70) {
      return Wrong("mail: multipart without a boundary of 1 to 70 bytes");
    }
    const std::string mark = StrCat("--", *boundary);
    std::optional<size_t> begin;  // of the part that is open
    for (size_t at = 0; at < body.size();) {
      size_t end = body.find("\r\n", at);
      const size_t next = end == std::string_view::npos ? body.size() : end + 2;
      const std::string_view line = Trim(body.substr(at, next - at));
      const bool last =
          line.size() == mark.size() + 2 && line.starts_with(mark) && line.ends_with("--");
      if (line == mark || last) {
        if (begin && at >= *begin) {
          std::string_view part = body.substr(*begin, at - *begin);
          if (part.ends_with("\r\n")) part.remove_suffix(2);
          std::vector<MailHeader> part_headers;
          const auto part_body = SplitHeaders(part, part_headers);
          if (!part_body) return std::unexpected(part_body.error());
          const auto added = AddText(part_headers, *part_body, depth + 1, parts, out);
          if (!added) return added;
        }
        begin = next;
        if (last) break;
      }
      at = next;
    }
    return {};
  }
  if (kind != "text/plain" && kind != "text/html") return {};
  if (const auto charset = Parameter(type, "charset");
      charset && (Lower(*charset).starts_with("utf-16") || Lower(*charset).starts_with("utf-32") ||
                  Lower(*charset) == "utf-7")) {
    return Wrong("mail: text in a charset that is not read");
  }
  if (encoding == "base64") {
    const auto decoded = FromBase64Lines(body);
    if (!decoded) return Wrong("mail: a part that is no base64");
    out += *decoded;
  } else if (encoding == "quoted-printable") {
    out += FromQuotedPrintable(body);
  } else if (encoding == "7bit" || encoding == "8bit" || encoding == "binary") {
    out += body;
  } else {
    return Wrong("mail: a part in an encoding that is not read");
  }
  out += '\n';
  return {};
}

}  // namespace

OrderMail::~OrderMail() { sodium_memzero(bytes.data(), bytes.size()); }

Expected<void> OrderMail::Read(std::string_view mail) {
  if (mail.size() > kMailBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                StrCat("mail: ", mail.size(), " bytes; at most ", kMailBytesMax));
  }
  // Saved mails often have bare line feeds; what was signed had CRLF.
  bytes.reserve(mail.size() + mail.size() / 16 + 2);
  for (size_t i = 0; i < mail.size(); ++i) {
    if (mail[i] == '\0') return Wrong("mail: holds a zero byte");
    if (mail[i] == '\n' && (i == 0 || mail[i - 1] != '\r')) bytes += '\r';
    bytes += mail[i];
  }
  const auto rest = SplitHeaders(bytes, headers);
  if (!rest) return std::unexpected(rest.error());
  if (headers.empty()) return Wrong("mail: no header fields; save the mail whole (.eml)");
  body = *rest;
  return {};
}

size_t OrderMail::Count(std::string_view name) const { return CountIn(headers, name); }

std::optional<std::string> OrderMail::Value(std::string_view name) const {
  return ValueIn(headers, name);
}

std::optional<std::string> OrderMail::FromAddress() const {
  const auto from = Value("From");
  if (!from) return std::nullopt;
  std::string_view address = *from;
  if (const size_t open = address.rfind('<'); open != std::string_view::npos) {
    if (!address.ends_with('>') || address.find('<') != open) return std::nullopt;
    address = address.substr(open + 1, address.size() - open - 2);
  }
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
           c == '+' || c == '@';
  };
  std::string lower = Lower(Trim(address));
  if (lower.size() > 254 || !std::ranges::all_of(lower, good) ||
      std::ranges::count(lower, '@') != 1 || lower.starts_with('@') || lower.ends_with('@')) {
    return std::nullopt;
  }
  return lower;
}

std::optional<std::string> OrderMail::FromDomain() const {
  const auto address = FromAddress();
  if (!address) return std::nullopt;
  return address->substr(address->find('@') + 1);
}

std::optional<Date> OrderMail::Day() const {
  // [Mon, ]5 Nov 2026 10:11:12 +0100
  const auto value = Value("Date");
  if (!value) return std::nullopt;
  std::string_view rest = *value;
  if (const size_t comma = rest.find(','); comma != std::string_view::npos) {
    rest = rest.substr(comma + 1);
  }
  std::array<std::string_view, 3> words;
  for (std::string_view& word : words) {
    rest = Trim(rest);
    word = rest.substr(0, rest.find_first_of(" \t"));
    rest.remove_prefix(word.size());
  }
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  if (words[0].starts_with('0')) words[0].remove_prefix(1);
  const auto day = tlog::ParseDecimal(words[0]), year = tlog::ParseDecimal(words[2]);
  const auto month = std::ranges::find(kMonths, Lower(words[1]));
  if (!day || !year || month == kMonths.end() || *year < 1990 || *year > 9999) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(std::min<uint64_t>(*day, 99)))};
  if (!date.ok()) return std::nullopt;
  return Date{date};
}

Expected<std::string> OrderMail::Text() const {
  std::string out;
  int parts = 0;
  if (const auto added = AddText(headers, body, 0, parts, out); !added) {
    return std::unexpected(added.error());
  }
  return out;
}

}  // namespace kaopu
