// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which encoding a page's bytes are in. Declarations are often wrong, so bytes that are UTF-8
// beyond ASCII are UTF-8 whatever is declared, and a declared encoding in which many bytes mean
// nothing is not believed.
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "page/cold/charset_guess.h"
#include "page/cold/encoding_labels.h"
#include "page/cold/html_snapshot.h"
#include "page/cold/html_tokenizer.h"
#include "page/cold/utf8.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr size_t kPrescanBytes = 64 * 1024;
constexpr const char* kEscapeCoded = "iso-2022-jp";

// The encoding a label stands for, by iconv's name.
std::optional<std::string> EncodingFor(std::string_view label) {
  const std::string_view encoding = EncodingOfLabel(label);
  return encoding.empty() ? std::nullopt : std::optional<std::string>(encoding);
}

// `charset=...` inside a content type or a meta's content.
std::string_view CharsetParameter(std::string_view content) {
  const std::string lower = ToLowerAscii(content);
  for (size_t at = lower.find("charset"); at != std::string::npos;
       at = lower.find("charset", at + 7)) {
    size_t pos = at + 7;
    while (pos < content.size() && IsHtmlSpace(content[pos])) ++pos;
    if (pos >= content.size() || content[pos] != '=') continue;
    std::string_view value = TrimHtmlSpace(content.substr(pos + 1));
    if (!value.empty() && (value[0] == '"' || value[0] == '\'')) {
      return value.substr(1, value.find(value[0], 1) - 1);
    }
    return value.substr(0, value.find_first_of("; \t\r\n\f\"'"));
  }
  return {};
}

// `<?xml version="1.0" encoding="gb2312"?>` at the very beginning.
std::optional<std::string> XmlDeclaration(std::string_view bytes) {
  if (!bytes.starts_with("<?xml")) return std::nullopt;
  const std::string_view declaration = bytes.substr(0, std::min<size_t>(bytes.find('>'), 200));
  const size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return std::nullopt;
  const size_t quote = declaration.find_first_of("\"'", at);
  if (quote == std::string_view::npos) return std::nullopt;
  const std::string_view value = declaration.substr(quote + 1);
  return EncodingFor(value.substr(0, value.find(declaration[quote])));
}

// The first meta element of the page's head that declares an encoding iconv knows. Comments,
// scripts, styles and attributes that look like one do not count.
std::optional<std::string> Prescan(std::string_view bytes) {
  HtmlTokenizer tokenizer(bytes.substr(0, kPrescanBytes));
  HtmlToken token;
  while (tokenizer.Next(token)) {
    if (token.kind != HtmlToken::Kind::kStart) continue;
    const std::string name = token.name;
    if (name == "body") break;
    if (name == "script" || name == "style" || name == "title" || name == "noscript" ||
        name == "textarea" || name == "xmp") {
      tokenizer.TakeRawText(name);
    }
    if (name != "meta") continue;
    std::string_view label;
    if (const auto* charset = token.Find("charset")) {
      label = *charset;
    } else if (const auto* equiv = token.Find("http-equiv");
               equiv != nullptr && EqualsIgnoreCase(*equiv, "content-type")) {
      if (const auto* content = token.Find("content")) label = CharsetParameter(*content);
    }
    if (auto encoding = EncodingFor(label))
      return encoding->starts_with("utf-16") ? "utf-8" : encoding;
  }
  return XmlDeclaration(bytes);
}

struct Utf8Census {
  size_t good = 0;  // characters beyond ASCII
  size_t bad = 0;
};

Utf8Census TakeCensus(std::string_view bytes) {
  Utf8Census census;
  for (size_t pos = 0; pos < bytes.size();) {
    if (static_cast<unsigned char>(bytes[pos]) < 0x80) {
      ++pos;
      continue;
    }
    const char32_t point = NextCodePoint(bytes, pos);
    if (point != kInvalidUtf8) {
      ++census.good;
    } else if (pos <
               bytes.size()) {  // a character cut at the end of a truncated file is no evidence
      ++census.bad;
    }
  }
  return census;
}

std::string RepairUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t pos = 0; pos < bytes.size();) {
    const size_t from = pos;
    if (NextCodePoint(bytes, pos) == kInvalidUtf8) {
      text += kReplacement;
    } else {
      text += bytes.substr(from, pos - from);
    }
  }
  return text;
}

struct Decoded {
  std::string text;
  size_t bad = 0;  // bytes that mean nothing in the encoding
  size_t beyond_ascii = 0;
};

Decoded Convert(std::string_view bytes, const std::string& encoding) {
  Decoded decoded;
  const iconv_t converter = iconv_open("UTF-8", encoding.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) return {RepairUtf8(bytes), bytes.size(), 0};
  decoded.text.reserve(bytes.size() + bytes.size() / 2);
  std::array<char, 16384> buffer;
  char* in = const_cast<char*>(bytes.data());
  size_t left = bytes.size();
  while (left > 0) {
    char* out = buffer.data();
    size_t room = buffer.size();
    const size_t result = iconv(converter, &in, &left, &out, &room);
    const int why = errno;
    decoded.text.append(buffer.data(), buffer.size() - room);
    if (result != static_cast<size_t>(-1) || why == E2BIG) continue;
    // Windows wrote the euro sign so, and browsers read it so.
    const bool euro = *in == '\x80' && encoding == "gb18030";
    decoded.text += euro ? "\u20ac" : kReplacement;
    if (why != EINVAL && !euro) ++decoded.bad;
    ++in;
    --left;
  }
  // Encodings with combining marks hold their last character back.
  char* out = buffer.data();
  size_t room = buffer.size();
  iconv(converter, nullptr, nullptr, &out, &room);
  decoded.text.append(buffer.data(), buffer.size() - room);
  iconv_close(converter);
  for (char c : decoded.text)
    decoded.beyond_ascii += (static_cast<unsigned char>(c) & 0xC0) == 0xC0 ? 1 : 0;
  return decoded;
}

// Rarely a byte is broken in a page that is otherwise what it says.
bool Believable(size_t bad, size_t good) { return bad * 50 <= good; }

// UTF-16 without a mark: every other byte of markup is 0, whatever the page's language. A header
// that says so of other bytes is wrong.
std::optional<std::string> WideEncoding(std::string_view bytes,
                                        const std::optional<std::string>& header) {
  const std::string_view start = bytes.substr(0, 4096);
  std::array<size_t, 2> zeros{};
  for (size_t i = 0; i < start.size(); ++i) zeros[i % 2] += start[i] == '\0' ? 1 : 0;
  const size_t most = std::max(zeros[0], zeros[1]), least = std::min(zeros[0], zeros[1]);
  if (most < 4 || most < start.size() / 8 || least * 10 > most) return std::nullopt;
  if (header && header->starts_with("utf-16")) return header;
  return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

}  // namespace

std::string DecodeHtml(std::string_view bytes, std::string_view content_type, std::string* used) {
  std::string ignored;
  std::string& name = used == nullptr ? ignored : *used;
  name = "utf-8";
  if (bytes.starts_with("\xEF\xBB\xBF")) return RepairUtf8(bytes.substr(3));
  if (bytes.starts_with("\xFF\xFE")) return Convert(bytes.substr(2), name = "utf-16le").text;
  if (bytes.starts_with("\xFE\xFF")) return Convert(bytes.substr(2), name = "utf-16be").text;
  const Utf8Census census = TakeCensus(bytes);
  if (census.bad == 0 && census.good > 0) return RepairUtf8(bytes);

  const std::optional<std::string> header = EncodingFor(CharsetParameter(content_type));
  if (const auto wide = WideEncoding(bytes, header)) return Convert(bytes, name = *wide).text;
  const std::optional<std::string> meta = Prescan(bytes);
  if (census.bad == 0) {
    // A page without a byte beyond ASCII; escape-coded Japanese is the one that is not what it
    // seems.
    const bool escapes = header == kEscapeCoded || meta == kEscapeCoded ||
                         (!header && !meta && bytes.find("\x1b$B") != std::string_view::npos);
    return escapes ? Convert(bytes, name = kEscapeCoded).text : RepairUtf8(bytes);
  }
  for (const auto& declared : {header, meta}) {
    if (!declared || declared->starts_with("utf-16")) continue;
    if (*declared == "utf-8") {
      if (Believable(census.bad, census.good)) return RepairUtf8(bytes);
      continue;
    }
    Decoded decoded = Convert(bytes, *declared);
    if (Believable(decoded.bad, decoded.beyond_ascii)) {
      name = *declared;
      return std::move(decoded.text);
    }
  }
  // Text in another encoding looks like UTF-8 for a character in seven at most.
  if (census.good >= 20 && census.bad * 4 <= census.good) return RepairUtf8(bytes);
  for (const std::string& guess : GuessEncodings(bytes)) {
    Decoded decoded = Convert(bytes, guess);
    if (!Believable(decoded.bad, decoded.beyond_ascii)) continue;
    name = guess;
    return std::move(decoded.text);
  }
  return Convert(bytes, name = "cp1252").text;
}

}  // namespace kaopu
