// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One page of keys and payloads. Keys are kept as distances from the first one, Elias-Fano coded
// (Elias 1974, Fano 1971): the low bits of each as they are, the high parts in unary; the payload
// stands behind its low bits, so that a look-up touches two or three lines of memory.
#pragma once

#include <vector>

#include "index/format.h"

namespace kaopu::index {

struct Entry {
  Key key = 0;
  Payload payload{};
  friend bool operator==(const Entry&, const Entry&) = default;
};

// Reads a page that lies in memory for as long as this. What Check has not passed may not be read.
class PageView {
 public:
  PageView(Page page, const Layout& layout) : page_(page.data()), layout_(&layout) {}

  // Do the sizes it states lie within it? Cheap; with it, no look-up leaves the page, whatever the
  // page holds.
  bool Check() const;
  // Everything else that may be asked: keys rise, nothing stands outside. kDamaged says what.
  Expected<void> CheckAll() const;

  size_t count() const { return LoadLittle<uint16_t>(page_ + 8); }
  Key first_key() const { return LoadLittle<uint64_t>(page_); }
  // True and the payload where `key` is in it.
  bool Find(Key key, Payload& payload) const;
  // All of them in order, at most count().
  void AppendTo(std::vector<Entry>& entries) const;

 private:
  size_t high_words() const { return LoadLittle<uint16_t>(page_ + 10); }
  size_t entries_at() const { return kHighAt + high_words() * 8; }
  uint64_t HighWord(size_t word) const { return LoadLittle<uint64_t>(page_ + kHighAt + word * 8); }
  uint64_t Bits(size_t bit, unsigned width) const;
  Payload PayloadAt(size_t bit) const;

  friend class PageBuilder;
  static constexpr size_t kHighAt = 12;

  const uint8_t* page_;
  const Layout* layout_;
};

// Fills pages from entries in order; the same entries give the same pages.
class PageBuilder {
 public:
  explicit PageBuilder(const Layout& layout) : layout_(layout) {}

  bool empty() const { return entries_.empty(); }
  Key first_key() const { return entries_.front().key; }
  // False where the page is full: Take it, then add again. Keys must rise.
  bool Add(const Entry& entry);
  // The page as number `number` of the file; empties the builder.
  PageBytes Take(uint64_t number);

 private:
  static size_t HighWords(size_t count, uint64_t high_max) {
    return static_cast<size_t>((count + high_max + 63) / 64);
  }
  uint64_t High(Key key) const { return (key - first_key()) >> layout_.low_bits; }

  Layout layout_;
  std::vector<Entry> entries_;
};

}  // namespace kaopu::index
