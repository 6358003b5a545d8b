// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which encoding a page's bytes are in. Declarations are often wrong, so bytes that are UTF-8
// beyond ASCII are UTF-8 whatever is declared, and a declared encoding in which many bytes mean
// nothing is not believed.
#include <iconv.h>
#include <uchardet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "page/cold/html_snapshot.h"
#include "page/cold/html_tokenizer.h"
#include "page/cold/utf8.h"

namespace kaopu {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr size_t kPrescanBytes = 64 * 1024;
constexpr size_t kDetectBytes = 1024 * 1024;

// Labels (after lower-casing) whose bytes browsers read as a larger encoding; others go to iconv
// under their own name.
struct LabelRow {
  std::string_view label, encoding;
};
constexpr std::array kLabels = {LabelRow{"utf8", "utf-8"},
                                LabelRow{"unicode-1-1-utf-8", "utf-8"},
                                LabelRow{"us-ascii", "windows-1252"},
                                LabelRow{"ascii", "windows-1252"},
                                LabelRow{"iso-8859-1", "windows-1252"},
                                LabelRow{"iso8859-1", "windows-1252"},
                                LabelRow{"latin1", "windows-1252"},
                                LabelRow{"l1", "windows-1252"},
                                LabelRow{"cp1252", "windows-1252"},
                                LabelRow{"iso-8859-9", "windows-1254"},
                                LabelRow{"latin5", "windows-1254"},
                                LabelRow{"iso-8859-11", "windows-874"},
                                LabelRow{"tis-620", "windows-874"},
                                LabelRow{"gb2312", "gb18030"},
                                LabelRow{"gb_2312-80", "gb18030"},
                                LabelRow{"gbk", "gb18030"},
                                LabelRow{"x-gbk", "gb18030"},
                                LabelRow{"cp936", "gb18030"},
                                LabelRow{"hz-gb-2312", "gb18030"},
                                LabelRow{"big5", "big5-hkscs"},
                                LabelRow{"big5-hkscs", "big5-hkscs"},
                                LabelRow{"x-x-big5", "big5-hkscs"},
                                LabelRow{"shift_jis", "cp932"},
                                LabelRow{"shift-jis", "cp932"},
                                LabelRow{"sjis", "cp932"},
                                LabelRow{"x-sjis", "cp932"},
                                LabelRow{"windows-31j", "cp932"},
                                LabelRow{"ms_kanji", "cp932"},
                                LabelRow{"x-euc-jp", "euc-jp"},
                                LabelRow{"euc-kr", "cp949"},
                                LabelRow{"ks_c_5601-1987", "cp949"},
                                LabelRow{"windows-949", "cp949"},
                                LabelRow{"uhc", "cp949"},
                                LabelRow{"unicode", "utf-16le"},
                                LabelRow{"utf-16", "utf-16le"}};

// windows-874 is called cp874 by iconv, windows-125x cp125x.
std::string IconvName(std::string_view encoding) {
  return encoding.starts_with("windows-") ? "cp" + std::string(encoding.substr(8))
                                          : std::string(encoding);
}

// The encoding a label stands for; nullopt when no converter knows it.
std::optional<std::string> EncodingFor(std::string_view label) {
  std::string name = AsciiLower(TrimHtmlSpace(label));
  if (name.empty() || name.size() > 40 || name.starts_with("utf-7")) return std::nullopt;
  for (const LabelRow& row : kLabels) {
    if (row.label == name) name = row.encoding;
  }
  if (name == "utf-8") return name;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!plain) return std::nullopt;
  const iconv_t converter = iconv_open("UTF-8", IconvName(name).c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  iconv_close(converter);
  return name;
}

// `charset=...` inside a content type or a meta's content.
std::string_view CharsetParameter(std::string_view content) {
  const std::string lower = AsciiLower(content);
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

// The first meta element of the page's head that declares an encoding iconv knows. Comments,
// scripts, styles and attributes that look like one do not count.
std::optional<std::string> Prescan(std::string_view bytes) {
  HtmlTokenizer tokenizer(bytes.substr(0, kPrescanBytes));
  HtmlToken token;
  while (tokenizer.Next(token)) {
    if (token.kind != HtmlToken::Kind::kStart) continue;
    const std::string name = token.name;
    if (name == "body") return std::nullopt;
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
  return std::nullopt;
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
  const iconv_t converter = iconv_open("UTF-8", IconvName(encoding).c_str());
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
    decoded.text += kReplacement;
    if (why != EINVAL) ++decoded.bad;
    ++in;
    --left;
  }
  iconv_close(converter);
  for (char c : decoded.text)
    decoded.beyond_ascii += (static_cast<unsigned char>(c) & 0xC0) == 0xC0 ? 1 : 0;
  return decoded;
}

std::optional<std::string> Detect(std::string_view bytes) {
  uchardet_t detector = uchardet_new();
  uchardet_handle_data(detector, bytes.data(), std::min(bytes.size(), kDetectBytes));
  uchardet_data_end(detector);
  const std::string label = uchardet_get_charset(detector);
  uchardet_delete(detector);
  return EncodingFor(label);
}

// Rarely a byte is broken in a page that is otherwise what it says.
bool Believable(size_t bad, size_t good) { return bad * 50 <= good; }

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
  if (header && header->starts_with("utf-16")) return Convert(bytes, name = *header).text;
  const std::optional<std::string> meta = Prescan(bytes);
  // An ASCII-compatible page without a byte beyond ASCII; escape-coded Japanese is the one
  // exception.
  if (census.bad == 0 && header != "iso-2022-jp" && meta != "iso-2022-jp") return RepairUtf8(bytes);

  for (const auto& declared : {header, meta}) {
    if (!declared) continue;
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
  if (census.good > 100 && Believable(census.bad, census.good)) return RepairUtf8(bytes);
  for (const std::optional<std::string>& guess :
       {Detect(bytes), std::optional<std::string>("gb18030")}) {
    if (!guess || *guess == "utf-8") continue;
    Decoded decoded = Convert(bytes, *guess);
    if (!Believable(decoded.bad, decoded.beyond_ascii)) continue;
    name = *guess;
    return std::move(decoded.text);
  }
  return Convert(bytes, name = "windows-1252").text;
}

}  // namespace kaopu
