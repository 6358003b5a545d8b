// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/token_index.h"

#include <algorithm>
#include <functional>

namespace kaopu {
namespace {

// Murmur-hashed by the standard library: a page that picks colliding tokens cannot be ruled out, so
// probing is bounded by the table's load (at most one half) and the caps on a page's elements and
// attributes.
uint32_t HashOf(std::string_view token) {
  return static_cast<uint32_t>(std::hash<std::string_view>{}(token));
}

}  // namespace

void TokenIndex::Grow() {
  const size_t size = std::max<size_t>(64, slots_.size() * 4);
  slots_.assign(size, 0);
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    size_t slot = entries_[i].hash & (size - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (size - 1);
    slots_[slot] = i + 1;
  }
}

void TokenIndex::Add(std::string_view token, uint32_t number) {
  if (entries_.size() * 2 >= slots_.size()) Grow();
  const uint32_t hash = HashOf(token);
  size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot] != 0) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && entry.token == token) break;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  if (slots_[slot] == 0) {
    entries_.push_back({.token = token, .hash = hash});
    slots_[slot] = static_cast<uint32_t>(entries_.size());
  }
  Entry& entry = entries_[slots_[slot] - 1];
  const auto posting = static_cast<uint32_t>(postings_.size());
  if (entry.last != kNone && postings_[entry.last].number == number) return;
  postings_.push_back({number, kNone});
  if (entry.last == kNone) {
    entry.first = posting;
  } else {
    postings_[entry.last].next = posting;
  }
  entry.last = posting;
  ++entry.count;
}

const TokenIndex::Entry* TokenIndex::Find(std::string_view token) const {
  if (slots_.empty()) return nullptr;
  const uint32_t hash = HashOf(token);
  for (size_t slot = hash & (slots_.size() - 1); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && entry.token == token) return &entry;
  }
  return nullptr;
}

}  // namespace kaopu
