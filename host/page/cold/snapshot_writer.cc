// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/snapshot_writer.h"

#include <algorithm>

#include "page/cold/html_tokenizer.h"
#include "page/cold/utf8.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr std::string_view kCut = "<cut/>";

}  // namespace

std::string CleanXml(std::string_view utf8) {
  std::string clean;
  clean.reserve(utf8.size());
  size_t pos = 0;
  while (pos < utf8.size()) {
    const unsigned char c = static_cast<unsigned char>(utf8[pos]);
    if (c < 0x80) {
      if (c >= 0x20 || c == '\t' || c == '\n' || c == '\r') clean += utf8[pos];
      ++pos;
      continue;
    }
    const size_t from = pos;
    const char32_t point = NextCodePoint(utf8, pos);
    if (point == 0xFFFE || point == 0xFFFF) continue;
    if (point == kInvalidUtf8) {
      clean += "\xEF\xBF\xBD";
    } else {
      clean += utf8.substr(from, pos - from);
    }
  }
  return clean;
}

std::string FoldHtmlSpace(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  bool space = false;
  for (char c : text) {
    if (!IsHtmlSpace(c)) {
      folded += c;
    } else if (!space) {
      folded += ' ';
    }
    space = IsHtmlSpace(c);
  }
  return folded;
}

std::string_view CutAtCharacter(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string EscapeXml(std::string_view text, bool attribute) {
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 8);
  for (char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"' && attribute) {
      escaped += "&quot;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string XmlAttribute(std::string_view name, std::string_view value) {
  std::string clean = CleanXml(value);
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  std::string xml = " ";
  xml += name;
  xml += "=\"";
  xml += EscapeXml(CutAtCharacter(clean, kAttributeBytesMax), true);
  xml += '"';
  return xml;
}

SnapshotWriter::SnapshotWriter(std::string_view lang) {
  out_ = "<page v=\"1\"";
  if (!lang.empty()) out_ += XmlAttribute("lang", lang);
  out_ += '>';
  open_.push_back({"page", false});
  end_tags_bytes_ = std::string_view("</page>").size();
}

bool SnapshotWriter::HeadChild(std::string_view xml) {
  if (head_full_) return false;
  if (head_.size() + xml.size() + kCut.size() > kHeadBytesMax ||
      elements_ >= kSnapshotElementsMax) {
    head_ += kCut;
    head_full_ = cut_ = true;
    return false;
  }
  head_ += xml;
  ++elements_;
  return true;
}

void SnapshotWriter::Script(std::string_view xml, std::string_view of) {
  if (xml.size() <= kScriptBytesMax && script_bytes_ + xml.size() <= kDataBytesMax &&
      elements_ < kSnapshotElementsMax) {
    data_ += xml;
    script_bytes_ += xml.size();
    ++elements_;
    return;
  }
  if (std::find(marked_.begin(), marked_.end(), of) != marked_.end()) return;
  marked_.emplace_back(of);
  data_ += "<cut" + XmlAttribute("of", of) + "/>";
  cut_ = true;
}

void SnapshotWriter::BeginBodies() {
  out_ += head_.empty() ? "<head/>" : "<head>" + head_ + "</head>";
  out_ += data_.empty() ? "<data/>" : "<data>" + data_ + "</data>";
}

bool SnapshotWriter::Fits(size_t bytes) const {
  // An element not yet closed by `>` counts as if it were: the one byte is in its start tag's size
  // already.
  const size_t pending = open_.back().empty ? 1 : 0;
  return out_.size() + pending + bytes + end_tags_bytes_ + kCut.size() <= kSnapshotBytesMax;
}

void SnapshotWriter::EndStartTag() {
  if (!open_.back().empty) return;
  out_ += '>';
  open_.back().empty = false;
}

void SnapshotWriter::Mark() {
  cut_ = true;
  if (open_.back().cut || (!full_ && !Fits(0))) return;
  EndStartTag();
  out_ += kCut;
  open_.back().cut = true;
}

void SnapshotWriter::Stop() {
  full_ = true;
  open_.back().cut = false;
  Mark();
}

bool SnapshotWriter::Open(std::string_view name, std::string_view attributes) {
  if (full_) return false;
  if (static_cast<int>(open_.size()) >= kSnapshotDepthMax || elements_ >= kSnapshotElementsMax) {
    if (!open_.back().cut && !Fits(kCut.size())) {
      Stop();
    } else {
      Mark();
    }
    return false;
  }
  const size_t end_tag = name.size() + 3;
  if (!Fits(1 + name.size() + attributes.size() + 1 + end_tag)) {
    Stop();
    return false;
  }
  EndStartTag();
  out_ += '<';
  out_ += name;
  out_ += attributes;
  open_.push_back({std::string(name)});
  end_tags_bytes_ += end_tag;
  ++elements_;
  return true;
}

void SnapshotWriter::Close() {
  const OpenElement closing = std::move(open_.back());
  open_.pop_back();
  end_tags_bytes_ -= closing.name.size() + 3;
  if (closing.empty) {
    out_ += "/>";
  } else {
    out_ += "</";
    out_ += closing.name;
    out_ += '>';
  }
}

void SnapshotWriter::Text(std::string_view raw) {
  if (full_) return;
  const std::string text = EscapeXml(CleanXml(FoldHtmlSpace(raw)), false);
  if (text.empty()) return;
  if (!Fits(text.size())) {
    Stop();
    return;
  }
  EndStartTag();
  out_ += text;
}

std::string SnapshotWriter::Finish() {
  while (!open_.empty()) Close();
  return std::move(out_);
}

}  // namespace kaopu
