// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/update/range_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "index_test_support.h"

namespace kaopu::index {
namespace {

class RangeFileTest : public IndexTest {
 protected:
  // So many sellers, every third with details; keys spread as hashes are, or, of every other one,
  // with so many leading bits that are 0.
  void Make(size_t sellers, unsigned crowded_bits = 0) {
    TestRandom random(20261128);
    rows_.clear();
    details_.clear();
    while (rows_.size() < sellers) {
      const Key key = random.Next() >> (rows_.size() % 2 == 0 ? crowded_bits : 0);
      rows_[key] = APayload(LayoutFor(Kind::kSellers, 0, 0, 0), random);
      if (key % 3 == 0) details_[key] = APayload(LayoutFor(Kind::kDetails, 0, 0, 0), random);
    }
    Write(PathOf("sellers"), AHeader(Kind::kSellers), rows_);
    Write(PathOf("details"), AHeader(Kind::kDetails), details_);
  }
  Expected<CutIndex> Cut(unsigned bits, const std::string& name = "ranges") {
    const auto sellers = IndexFile::Open(PathOf("sellers")),
               details = IndexFile::Open(PathOf("details"));
    if (!sellers || !details) return Fail(ErrorCode::kInternal, "not made");
    return CutRanges(*sellers, *details, bits, PathOf(name));
  }
  static std::string SlotOf(const std::string& file, const CutIndex& cut, uint32_t prefix) {
    return file.substr(cut.OffsetOf(prefix), cut.SlotBytes());
  }

  Model rows_, details_;
};

TEST_F(RangeFileTest, EverySellerIsInItsRangeAndInNoOther) {
  for (const size_t sellers : {size_t{0}, size_t{1}, size_t{5000}}) {
    Make(sellers);
    for (const unsigned bits : {1U, 3U, 7U}) {
      SCOPED_TRACE(std::to_string(sellers) + " sellers, bits " + std::to_string(bits));
      const auto cut = Cut(bits);
      ASSERT_TRUE(cut) << cut.error().message;
      EXPECT_EQ(cut->sellers, sellers);
      const std::string file = BytesOf(PathOf("ranges"));
      ASSERT_EQ(file.size(), cut->FileBytes());
      EXPECT_TRUE(CheckRangeFile(file, *cut));
      Model rows, details;
      for (uint32_t prefix = 0; prefix < cut->Ranges(); ++prefix) {
        const std::string bytes = SlotOf(file, *cut, prefix);
        const auto slot = ReadRangeSlot(bytes, *cut, prefix);
        ASSERT_TRUE(slot) << slot.error().message;
        EXPECT_EQ(JoinRangeSlot(*slot, *cut).value(), bytes);
        for (const auto& [part, into] :
             {std::pair(slot->sellers, &rows), std::pair(slot->details, &details)}) {
          Put(PathOf("one"), part);
          const auto one = IndexFile::Open(PathOf("one"));
          ASSERT_TRUE(one) << one.error().message;
          ASSERT_TRUE(one->Verify());
          EXPECT_EQ(one->header().publish, 7U);
          ASSERT_TRUE(one->ForEach([&](const Entry& entry) {
            EXPECT_EQ(entry.key >> (64 - bits), prefix);
            (*into)[entry.key] = entry.payload;
            return true;
          }));
        }
      }
      EXPECT_EQ(rows, rows_);
      EXPECT_EQ(details, details_);
    }
  }
}

TEST_F(RangeFileTest, AllAreOfOneSizeWhichOneNeedsWhole) {
  Make(20'000, 6);
  const auto cut = Cut(6);
  ASSERT_TRUE(cut) << cut.error().message;
  const std::string file = BytesOf(PathOf("ranges"));
  uint64_t most = 0, least = UINT64_MAX;
  for (uint32_t prefix = 0; prefix < cut->Ranges(); ++prefix) {
    const std::string bytes = SlotOf(file, *cut, prefix);
    EXPECT_EQ(bytes.size(), cut->SlotBytes());
    const auto slot = ReadRangeSlot(bytes, *cut, prefix);
    ASSERT_TRUE(slot);
    most = std::max<uint64_t>(most, slot->details.size());
    least = std::min<uint64_t>(least, slot->details.size());
  }
  EXPECT_EQ(most, cut->details_bytes);
  EXPECT_LT(least, most);  // so there was something to pad
}

TEST_F(RangeFileTest, TheSameIndexGivesTheSameBytes) {
  Make(3000);
  const auto one = Cut(5, "one"), two = Cut(5, "two");
  ASSERT_TRUE(one && two);
  EXPECT_EQ(*one, *two);
  EXPECT_EQ(BytesOf(PathOf("one")), BytesOf(PathOf("two")));
}

TEST_F(RangeFileTest, WrongBytesAreTold) {
  Make(2000);
  const auto cut = Cut(4);
  ASSERT_TRUE(cut);
  const std::string file = BytesOf(PathOf("ranges")), good = SlotOf(file, *cut, 9);
  ASSERT_TRUE(ReadRangeSlot(good, *cut, 9));
  // Any byte: of a seller, of the padding, of the proof.
  TestRandom random(7);
  for (int i = 0; i < 300; ++i) {
    std::string bytes = good;
    bytes[random.Below(bytes.size())] ^= static_cast<char>(1 << random.Below(8));
    const auto read = ReadRangeSlot(bytes, *cut, 9);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kDamaged);
  }
  const auto other = ReadRangeSlot(SlotOf(file, *cut, 8), *cut, 9);  // another's in its place
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "range 9: it is not the one that the log names");
  EXPECT_FALSE(ReadRangeSlot(good.substr(1), *cut, 9));
  EXPECT_FALSE(ReadRangeSlot(good + '\0', *cut, 9));
  EXPECT_FALSE(ReadRangeSlot("", *cut, 9));
  std::string whole = file;
  whole[cut->OffsetOf(11) + 5000] ^= 1;
  const auto checked = CheckRangeFile(whole, *cut);
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message.find("range b:"), std::string::npos) << checked.error().message;
}

// A registry that signs what it likes still gives nothing that leaves the bytes it gave.
TEST_F(RangeFileTest, ASignedSlotThatIsNoIndexIsRefused) {
  Make(2000, 1);
  const auto cut = Cut(1);
  ASSERT_TRUE(cut);
  const std::string file = BytesOf(PathOf("ranges"));
  const tlog::Digest zero = tlog::LeafHash(SlotOf(file, *cut, 0).substr(0, cut->ContentBytes()));
  // Range 1, which is padded, with one byte changed and its first header sealed again.
  const auto with = [&](size_t at, char value, uint64_t pages_less = 0) {
    CutIndex signed_cut = *cut;
    signed_cut.sellers_bytes -= pages_less * kPageBytes;
    std::string content = SlotOf(file, *cut, 1).substr(0, cut->ContentBytes());
    content.erase(signed_cut.sellers_bytes, pages_less * kPageBytes);
    content[at] = value;
    auto* page = reinterpret_cast<uint8_t*>(content.data());
    StoreLittle(page + kContentBytes, PageChecksum(Page(page, kPageBytes), 0));
    signed_cut.root = tlog::NodeHash(zero, tlog::LeafHash(content));
    const auto read = ReadRangeSlot(content + std::string(tlog::AsText(zero)), signed_cut, 1);
    return read ? std::string("taken") : read.error().message;
  };
  EXPECT_EQ(with(3000, 0), "taken");  // as it was
  EXPECT_EQ(with(16, 0), "range 1: sellers: an index of another range");
  EXPECT_EQ(with(10, 2).find("range 1: sellers:"), 0U) << with(10, 2);  // kind
  EXPECT_EQ(with(0, 'x').find("range 1: sellers:"), 0U);
  EXPECT_EQ(with(cut->sellers_bytes - 1, 1), "range 1: sellers: what follows it is not zeros");
  const uint64_t pages = cut->sellers_bytes / kPageBytes;
  EXPECT_NE(with(3000, 0, pages - 1).find("its header says"), std::string::npos);
}

TEST_F(RangeFileTest, WhatCannotBeCutIsSaid) {
  Make(10);
  for (const unsigned bits : {0U, 17U}) {
    const auto cut = Cut(bits);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::kBadRequest);
    EXPECT_NE(cut.error().message.find("bits"), std::string::npos);
  }
  Header later = AHeader(Kind::kDetails);
  later.publish = 8;
  Write(PathOf("details"), later, details_);
  const auto mixed = Cut(2);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(std::filesystem::exists(PathOf("ranges")));
}

TEST_F(RangeFileTest, NamesHaveAsManyDigitsAsTheBits) {
  EXPECT_EQ(RangeName(16, 0x2f01), "2f01");
  EXPECT_EQ(RangeName(12, 7), "007");
  EXPECT_EQ(RangeName(9, 0x1ff), "1ff");
  EXPECT_EQ(RangeName(1, 1), "1");
}

}  // namespace
}  // namespace kaopu::index
