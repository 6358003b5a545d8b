// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/page.h"

#include <algorithm>

#include "base/str_cat.h"

namespace kaopu::index {
namespace {

constexpr uint64_t LowMask(unsigned bits) { return (uint64_t{1} << bits) - 1; }

}  // namespace

bool PageView::Check() const {
  const size_t entries = count();
  return entries > 0 && high_words() > 0 && high_words() <= kContentBytes / 8 &&
         entries_at() * 8 + entries * layout_->EntryBits() <= kContentBytes * 8;
}

// Eight bytes are read at once, held back at the page's end.
uint64_t PageView::Bits(size_t bit, unsigned width) const {
  const size_t byte = std::min(bit >> 3, kPageBytes - 8);
  return LoadLittle<uint64_t>(page_ + byte) >> (bit - byte * 8) & LowMask(width);
}

Payload PageView::PayloadAt(size_t bit) const {
  Payload payload{};
  for (size_t word = 0; word < layout_->words; ++word) {
    payload[word] = Bits(bit + word * layout_->word_bits, layout_->word_bits);
  }
  return payload;
}

bool PageView::Find(Key key, Payload& payload) const {
  if (key < first_key()) return false;
  const uint64_t distance = key - first_key();
  const uint64_t high = distance >> layout_->low_bits;
  const uint64_t low = distance & LowMask(layout_->low_bits);
  const size_t words = high_words();
  if (high >= words * 64) return false;
  // The keys with this high part are the ones behind the high-th zero.
  size_t word = 0;
  uint64_t bits = HighWord(0);
  size_t at = 0;
  if (high > 0) {
    size_t zeros = high;
    for (size_t here; (here = 64 - static_cast<size_t>(std::popcount(bits))) < zeros;) {
      zeros -= here;
      if (++word == words) return false;
      bits = HighWord(word);
    }
    uint64_t left = ~bits;
    while (--zeros > 0) left &= left - 1;
    at = word * 64 + static_cast<size_t>(std::countr_zero(left)) + 1;
  }
  const size_t entries = count(), start = entries_at() * 8;
  for (; at < words * 64 && (HighWord(at / 64) >> (at % 64) & 1) != 0; ++at) {
    const size_t rank = at - high;
    if (rank >= entries) return false;
    const size_t entry = start + rank * layout_->EntryBits();
    const uint64_t there = Bits(entry, layout_->low_bits);
    if (there == low) {
      payload = PayloadAt(entry + layout_->low_bits);
      return true;
    }
    if (there > low) return false;
  }
  return false;
}

void PageView::AppendTo(std::vector<Entry>& entries) const {
  const size_t all = count(), start = entries_at() * 8, words = high_words();
  size_t rank = 0;
  for (size_t word = 0; word < words && rank < all; ++word) {
    for (uint64_t bits = HighWord(word); bits != 0 && rank < all; bits &= bits - 1, ++rank) {
      const size_t at = word * 64 + static_cast<size_t>(std::countr_zero(bits));
      const size_t entry = start + rank * layout_->EntryBits();
      const uint64_t distance =
          (static_cast<uint64_t>(at - rank) << layout_->low_bits) | Bits(entry, layout_->low_bits);
      entries.push_back({first_key() + distance, PayloadAt(entry + layout_->low_bits)});
    }
  }
}

Expected<void> PageView::CheckAll() const {
  if (!Check()) return Fail(ErrorCode::kDamaged, "states more than it can hold");
  std::vector<Entry> entries;
  AppendTo(entries);
  if (entries.size() != count()) {
    return Fail(ErrorCode::kDamaged, "holds fewer keys than it states");
  }
  // One content, one page: written again, the bytes must be these. Keys that do not rise, bits
  // outside, wrong counts all show in it.
  PageBuilder builder(*layout_);
  Key before = 0;
  for (const Entry& entry : entries) {
    if ((&entry != entries.data() && entry.key <= before) || !builder.Add(entry)) {
      return Fail(ErrorCode::kDamaged, "holds keys out of order");
    }
    before = entry.key;
  }
  const PageBytes again = builder.Take(0);
  if (std::memcmp(again.data(), page_, kContentBytes) != 0) {
    return Fail(ErrorCode::kDamaged, "holds bits where there are none");
  }
  return {};
}

bool PageBuilder::Add(const Entry& entry) {
  if (!entries_.empty()) {
    const uint64_t high = High(entry.key);
    if (high >= kContentBytes * 8) return false;
    const size_t count = entries_.size() + 1;
    if (PageView::kHighAt * 8 + HighWords(count, high) * 64 + count * layout_.EntryBits() >
        kContentBytes * 8) {
      return false;
    }
  }
  entries_.push_back(entry);
  return true;
}

PageBytes PageBuilder::Take(uint64_t number) {
  PageBytes page{};
  const size_t words = HighWords(entries_.size(), High(entries_.back().key));
  StoreLittle(&page[0], first_key());
  StoreLittle(&page[8], static_cast<uint16_t>(entries_.size()));
  StoreLittle(&page[10], static_cast<uint16_t>(words));
  size_t bit = (PageView::kHighAt + words * 8) * 8;
  const auto put = [&](uint64_t value, unsigned width) {
    const size_t byte = std::min(bit >> 3, kPageBytes - 8);
    StoreLittle(&page[byte], LoadLittle<uint64_t>(&page[byte]) | value << (bit - byte * 8));
    bit += width;
  };
  for (size_t rank = 0; rank < entries_.size(); ++rank) {
    const Entry& entry = entries_[rank];
    const size_t at = rank + High(entry.key);
    page[PageView::kHighAt + at / 8] |= static_cast<uint8_t>(1 << at % 8);
    put((entry.key - first_key()) & LowMask(layout_.low_bits), layout_.low_bits);
    for (size_t word = 0; word < layout_.words; ++word) {
      put(entry.payload[word] & LowMask(layout_.word_bits), layout_.word_bits);
    }
  }
  entries_.clear();
  SealPage(page, number);
  return page;
}

}  // namespace kaopu::index
