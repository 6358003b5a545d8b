// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// token -> the numbers it was added with, in the order of adding. A flat hash table with chained
// postings: filling it costs a few nanoseconds a token, which is what lets a page be indexed for a
// handful of look-ups.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kaopu {

class TokenIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // `token` must outlive the index.
  void Add(std::string_view token, uint32_t number);

  struct Entry {
    std::string_view token;
    uint32_t hash = 0;
    uint32_t first = kNone;  // into postings
    uint32_t last = kNone;
    uint32_t count = 0;
  };
  const Entry* Find(std::string_view token) const;
  // Every distinct token once, in order of first appearance.
  std::span<const Entry> entries() const { return entries_; }

  // Calls `visit(number)` for each posting until it returns false; false when stopped.
  template <typename Visit>
  bool ForEach(const Entry& entry, const Visit& visit) const {
    for (uint32_t at = entry.first; at != kNone; at = postings_[at].next) {
      if (!visit(postings_[at].number)) return false;
    }
    return true;
  }

 private:
  struct Posting {
    uint32_t number;
    uint32_t next;
  };
  void Grow();

  std::vector<uint32_t> slots_;  // entry + 1, 0 = free; a power of two long
  std::vector<Entry> entries_;
  std::vector<Posting> postings_;
};

}  // namespace kaopu
