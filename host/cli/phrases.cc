// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/phrases.h"

#include <algorithm>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"

namespace kaopu {
namespace {

constexpr int kDepthMax = 4;  // of causes within causes

bool IsPartAt(std::string_view text, size_t at) {
  return text[at] == '$' && at + 1 < text.size() && text[at + 1] >= '1' && text[at + 1] <= '9';
}

}  // namespace

Expected<Phrases> Phrases::Load(const std::filesystem::path& file) {
  auto text = ReadFile(file, kDataFileBytesMax);
  if (!text) return std::unexpected(text.error());
  auto json = ParseJson(*text, file.string());
  if (!json || !json->is_object()) {
    return Fail(ErrorCode::kDamaged, file.string() + " is not a JSON object of phrases");
  }
  Phrases phrases;
  for (const auto& [english, translation] : json->items()) {
    if (!translation.is_string()) {
      return Fail(ErrorCode::kDamaged, file.string() + ": " + english + " has no translation");
    }
    Pattern pattern{.translation = translation.get<std::string>()};
    std::string literal;
    for (size_t i = 0; i < english.size(); ++i) {
      if (IsPartAt(english, i)) {
        pattern.fixed_bytes += literal.size();
        pattern.literals.push_back(std::move(literal));
        literal.clear();
        pattern.parts.push_back(english[++i] - '0');
      } else {
        literal += english[i];
      }
    }
    if (pattern.parts.empty()) {
      phrases.whole_.emplace(english, std::move(pattern.translation));
      continue;
    }
    pattern.fixed_bytes += literal.size();
    pattern.literals.push_back(std::move(literal));
    phrases.patterns_.push_back(std::move(pattern));
  }
  std::ranges::stable_sort(phrases.patterns_, std::greater{}, &Pattern::fixed_bytes);
  return phrases;
}

// Each part is as short as it can be, none is empty; the last literal stands at the very end.
bool Phrases::Match(const Pattern& pattern, std::string_view english,
                    std::vector<std::string_view>& parts) const {
  parts.clear();
  if (!english.starts_with(pattern.literals.front())) return false;
  size_t at = pattern.literals.front().size();
  for (size_t i = 1; i < pattern.literals.size(); ++i) {
    const std::string& literal = pattern.literals[i];
    size_t end;
    if (i + 1 == pattern.literals.size()) {
      if (!english.ends_with(literal)) return false;
      end = english.size() - literal.size();
    } else {
      end = at < english.size() ? english.find(literal, at + 1) : std::string_view::npos;
    }
    if (end == std::string_view::npos || end <= at) return false;
    parts.push_back(english.substr(at, end - at));
    at = end + literal.size();
  }
  return true;
}

bool Phrases::Find(std::string_view english, int depth, std::string& out) const {
  if (const auto it = whole_.find(english); it != whole_.end()) {
    out = it->second;
    return true;
  }
  if (depth > kDepthMax) return false;
  // "placed_at: what is wrong with it", before any pattern could take the name for its first part.
  const size_t name = english.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  std::string rest;
  if (name != 0 && name != std::string_view::npos && english.substr(name).starts_with(": ") &&
      Find(english.substr(name + 2), depth + 1, rest)) {
    out = std::string(english.substr(0, name)) + "：" + rest;
    return true;
  }
  std::vector<std::string_view> parts;
  for (const Pattern& pattern : patterns_) {
    if (!Match(pattern, english, parts)) continue;
    std::string values[10];
    for (size_t i = 0; i < parts.size(); ++i) {
      std::string& value = values[pattern.parts[i]];
      if (!Find(parts[i], depth + 1, value)) value = parts[i];
    }
    out.clear();
    const std::string& translation = pattern.translation;
    for (size_t i = 0; i < translation.size(); ++i) {
      if (IsPartAt(translation, i)) {
        out += values[translation[++i] - '0'];
      } else {
        out += translation[i];
      }
    }
    return true;
  }
  const size_t colon = english.find(": ");
  if (colon == 0 || colon == std::string_view::npos ||
      !Find(english.substr(colon + 2), depth + 1, rest)) {
    return false;
  }
  out = std::string(english.substr(0, colon)) + "：" + rest;
  return true;
}

bool Phrases::Has(std::string_view english) const {
  std::string ignored;
  return Find(english, 0, ignored);
}

std::string Phrases::Of(std::string_view english) const {
  std::string out;
  return Find(english, 0, out) ? out : std::string(english);
}

std::string Phrases::OfLines(std::string_view english) const {
  std::string out;
  for (size_t at = 0; at <= english.size();) {
    const size_t end = std::min(english.find('\n', at), english.size());
    const std::string_view line = english.substr(at, end - at);
    const size_t indent = std::min(line.find_first_not_of(' '), line.size());
    out += std::string(line.substr(0, indent)) + Of(line.substr(indent));
    if (end == english.size()) break;
    out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace kaopu
