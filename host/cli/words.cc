// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/words.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "base/limits.h"

namespace kaopu {
namespace {

// At most two decimals and no trailing zeros: 3 -> "3", 0.25 -> "0.25", 12.50 -> "12.5".
std::string FormatNumber(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f", value);
  std::string out = text;
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

std::string ArgumentText(const Json& args, const std::string& name) {
  const auto it = args.is_object() ? args.find(name) : args.end();
  if (it == args.end()) return {};
  if (it->is_string()) return TerminalSafe(it->get_ref<const std::string&>());
  if (it->is_number_integer()) return it->dump();
  if (it->is_number() && std::isfinite(it->get<double>())) return FormatNumber(it->get<double>());
  return {};
}

bool IsNameChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '@';
}

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Adds to `messages` what `path` holds and is not there yet.
Expected<void> AddMessages(const std::filesystem::path& path,
                           std::map<std::string, std::string, std::less<>>& messages) {
  auto text = ReadFile(path, kDataFileBytesMax);
  if (!text) return std::unexpected(text.error());
  auto json = ParseJson(*text, path.string());
  if (!json || !json->is_object()) {
    return Fail(ErrorCode::kDamaged, path.string() + " is not a JSON object of messages");
  }
  for (const auto& [key, entry] : json->items()) {
    const auto message = entry.is_object() ? entry.find("message") : entry.end();
    if (!entry.is_object() || message == entry.end() || !message->is_string()) {
      return Fail(ErrorCode::kDamaged, path.string() + ": " + key + " has no message");
    }
    messages.try_emplace(key, message->get<std::string>());
  }
  return {};
}

}  // namespace

std::string LanguageOf(std::string_view locale) {
  std::string base;
  for (const char c : locale) {
    if (c == '_' || c == '-' || c == '.' || c == '@') break;
    base += ToLower(c);
  }
  if (base == "zh") return "zh_CN";
  if (base == "en" || base == "c" || base == "posix") return "en";
  return {};
}

std::string EnvironmentLanguage() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string language = LanguageOf(value);
    return language.empty() ? "en" : language;
  }
  return "en";
}

std::string TerminalSafe(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto at = [&](size_t n) {
      return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0U;
    };
    if (byte < 0x20 || byte == 0x7f) {
      out += ' ';
    } else if (byte == 0xc2 && at(1) >= 0x80 && at(1) < 0xa0) {  // C1 controls
      out += ' ';
      i += 1;
    } else if (byte == 0xe2 && at(1) == 0x80 &&
               ((at(2) >= 0x8e && at(2) <= 0x8f) || (at(2) >= 0xa8 && at(2) <= 0xae))) {
      out += ' ';  // U+200E-200F marks, U+2028-202E separators and overrides
      i += 2;
    } else if (byte == 0xe2 && at(1) == 0x81 && at(2) >= 0xa6 && at(2) <= 0xa9) {
      out += ' ';  // U+2066-2069 isolates
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Expected<Words> Words::Load(const std::filesystem::path& locales, std::string_view language) {
  Words words;
  const std::string wanted = LanguageOf(language);
  if (!wanted.empty()) words.language_ = wanted;
  for (const std::string& folder : {words.language_, std::string("en")}) {
    auto added = AddMessages(locales / folder / "messages.json", words.messages_);
    if (!added) return std::unexpected(added.error());
  }
  return words;
}

bool Words::Has(std::string_view key) const { return messages_.find(key) != messages_.end(); }

std::string Words::Say(std::string_view key, const Json& args) const {
  const auto it = messages_.find(key);
  if (it == messages_.end()) return std::string(key);
  const std::string& message = it->second;
  std::string out;
  for (size_t i = 0; i < message.size(); ++i) {
    if (message[i] != '$') {
      out += message[i];
      continue;
    }
    if (i + 1 < message.size() && message[i + 1] == '$') {  // `$$` is a dollar sign
      out += '$';
      ++i;
      continue;
    }
    std::string name;
    size_t end = i + 1;
    while (end < message.size() && IsNameChar(message[end])) name += ToLower(message[end++]);
    if (name.empty() || end == message.size() || message[end] != '$') {
      out += '$';
      continue;
    }
    out += name == "error" ? Of(ArgumentText(args, name)) : ArgumentText(args, name);
    i = end;
  }
  return out;
}

}  // namespace kaopu
