// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/token_index.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace kaopu {
namespace {

// Of two 64-bit numbers, every bit of both in every bit of the result.
uint64_t Mix(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

template <typename T>
uint64_t Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Multiply and fold, eight bytes a step (as wyhash does), from a seed that no page knows: a page
// can not pick tokens that collide.
uint32_t HashOf(std::string_view token) {
  static const uint64_t kSeed = [] {
    std::random_device random;
    return (uint64_t{random()} << 32 | random()) | 1;
  }();
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  uint64_t hash = kSeed ^ token.size();
  const char* at = token.data();
  size_t left = token.size();
  for (; left > 8; at += 8, left -= 8) hash = Mix(hash ^ Load<uint64_t>(at), kOdd);
  uint64_t tail = 0;
  if (left >= 4) {
    tail = Load<uint32_t>(at) << 32 | Load<uint32_t>(at + left - 4);
  } else if (left > 0) {
    const auto byte = [&](size_t i) { return uint64_t{static_cast<unsigned char>(at[i])}; };
    tail = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
  }
  return static_cast<uint32_t>(Mix(hash ^ tail, kSeed) >> 16);
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
