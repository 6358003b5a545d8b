// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/index_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "index/key_hash.h"
#include "unit/index/index_test_support.h"

namespace kaopu::index {
namespace {

// Keys of several kinds of crowd: even, crowded together, with wide gaps.
Model AModel(TestRandom& random, const Layout& layout, size_t count) {
  Model model;
  const unsigned crowd = static_cast<unsigned>(random.Below(3));
  Key key = layout.FirstKey();
  while (model.size() < count) {
    if (crowd == 0) {
      key = layout.FirstKey() + (random.Next() >> layout.prefix_bits);
    } else if (crowd == 1) {
      key += 1 + random.Below(3);
    } else {
      key = layout.FirstKey() +
            (random.Next() >> layout.prefix_bits >> random.Below(63 - layout.prefix_bits));
    }
    model[key] = APayload(layout, random);
  }
  return model;
}

class IndexFileTest : public IndexTest {};

TEST_F(IndexFileTest, FindsWhatAMapFinds) {
  TestRandom random(1);
  for (int round = 0; round < 60; ++round) {
    const Kind kind = random.Below(2) == 0 ? Kind::kSellers : Kind::kDetails;
    const auto prefix_bits = static_cast<unsigned>(random.Below(3) * 8);
    const auto prefix = static_cast<uint16_t>(random.Next() & ((1u << prefix_bits) - 1));
    const Header header = AHeader(kind, prefix_bits, prefix);
    const size_t counts[] = {0, 1, 2, 5, 300, 3000, 20'000};
    const Model model = AModel(random, header.layout, counts[round % 7]);
    Write(PathOf("index"), header, model);
    const auto file = IndexFile::Open(PathOf("index"));
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_EQ(file->header().count, model.size());
    const auto whole = file->Verify();
    ASSERT_TRUE(whole) << whole.error().message;
    for (const auto& [key, payload] : model) {
      const auto found = file->Find(key);
      ASSERT_TRUE(found && *found) << key;
      ASSERT_EQ(**found, payload);
      for (const Key beside : {key - 1, key + 1, random.Next()}) {
        const auto other = file->Find(beside);
        ASSERT_TRUE(other);
        ASSERT_EQ(other->has_value(), model.contains(beside)) << beside;
      }
    }
    for (const Key edge : {Key{0}, ~Key{0}, header.layout.FirstKey(), header.layout.LastKey()}) {
      const auto found = file->Find(edge);
      ASSERT_TRUE(found);
      ASSERT_EQ(found->has_value(), model.contains(edge));
    }
    auto next = model.begin();
    ASSERT_TRUE(file->ForEach([&](const Entry& entry) {
      EXPECT_EQ(entry, (Entry{next->first, next->second}));
      ++next;
      return true;
    }));
    ASSERT_TRUE(next == model.end());
  }
}

TEST_F(IndexFileTest, SameEntriesGiveTheSameBytes) {
  TestRandom random(2);
  const Header header = AHeader();
  const Model model = AModel(random, header.layout, 5000);
  Write(PathOf("a"), header, model);
  Write(PathOf("b"), header, model);
  EXPECT_EQ(BytesOf(PathOf("a")), BytesOf(PathOf("b")));
}

TEST_F(IndexFileTest, TakesLittleMoreThanItsInformation) {
  TestRandom random(3);
  constexpr size_t kCount = 200'000;
  for (const Kind kind : {Kind::kSellers, Kind::kDetails}) {
    const Header header = AHeader(kind);
    Model model;
    while (model.size() < kCount) model[random.Next()] = APayload(header.layout, random);
    Write(PathOf("index"), header, model);
    const auto bytes = static_cast<double>(std::filesystem::file_size(PathOf("index")));
    // 64 - log2(n) + log2(e) bits a key, and what stands beside it.
    const double bound = kCount * (64 - 17.6096 + 1.4427 + header.layout.PayloadBits()) / 8;
    EXPECT_LT(bytes, (kind == Kind::kSellers ? 1.03 : 1.05) * bound);
    if (kind == Kind::kDetails) {
      EXPECT_LE(bytes, 32.0 * kCount);
    }
  }
}

TEST_F(IndexFileTest, HeaderComesBack) {
  Header header = AHeader(Kind::kDetails, 4, 9);
  header.epoch.prior_never = {FixOf(3, 100), FixOf(2, 100), FixOf(1, 100), 0};
  Write(PathOf("index"), header, {});
  const auto file = IndexFile::Open(PathOf("index"));
  ASSERT_TRUE(file) << file.error().message;
  const Header& read = file->header();
  EXPECT_EQ(read.kind, header.kind);
  EXPECT_EQ(read.layout.prefix, 9);
  EXPECT_EQ(read.base_day, header.base_day);
  EXPECT_EQ(read.publish, header.publish);
  EXPECT_EQ(read.salt, header.salt);
  EXPECT_EQ(read.shard, header.shard);
  EXPECT_EQ(read.origin, header.origin);
  EXPECT_EQ(read.half_life, header.half_life);
  EXPECT_EQ(read.epoch.at, header.epoch.at);
  EXPECT_EQ(read.epoch.mixture, header.epoch.mixture);
  EXPECT_EQ(read.epoch.prior_never, header.epoch.prior_never);
  EXPECT_EQ(read.weights, header.weights);
}

TEST_F(IndexFileTest, EveryFlippedBitIsTold) {
  TestRandom random(4);
  const Header header = AHeader();
  const Model model = AModel(random, header.layout, 900);
  Write(PathOf("index"), header, model);
  const std::string good = BytesOf(PathOf("index"));
  for (int round = 0; round < 400; ++round) {
    std::string bytes = good;
    const size_t bit = random.Below(bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    Put(PathOf("bad"), bytes);
    const auto file = IndexFile::Open(PathOf("bad"));
    if (bit / 8 < kPageBytes) {
      EXPECT_FALSE(file) << "bit " << bit;
      continue;
    }
    ASSERT_TRUE(file) << file.error().message;
    const auto verified = file->Verify();
    ASSERT_FALSE(verified) << "bit " << bit;
    EXPECT_EQ(verified.error().code, ErrorCode::kDamaged);
    // A look-up into the page says so, one into another page answers.
    size_t told = 0;
    for (const auto& [key, payload] : model) {
      const auto found = file->Find(key);
      told += !found;
      if (found) {
        ASSERT_TRUE(*found && **found == payload);
      }
    }
    EXPECT_GT(told, 0u) << "bit " << bit;
  }
}

TEST_F(IndexFileTest, TruncatedAndSwappedFilesAreTold) {
  TestRandom random(5);
  const Header header = AHeader();
  Write(PathOf("index"), header, AModel(random, header.layout, 2000));
  const std::string good = BytesOf(PathOf("index"));
  for (const size_t size : {size_t{0}, size_t{1}, kPageBytes - 1, kPageBytes, good.size() - 1,
                            good.size() - kPageBytes}) {
    Put(PathOf("bad"), std::string_view(good).substr(0, size));
    EXPECT_FALSE(IndexFile::Open(PathOf("bad"))) << size;
  }
  Put(PathOf("bad"), good + '\0');
  EXPECT_FALSE(IndexFile::Open(PathOf("bad")));
  std::string swapped = good;
  std::swap_ranges(swapped.begin() + kPageBytes, swapped.begin() + 2 * kPageBytes,
                   swapped.begin() + 2 * kPageBytes);
  Put(PathOf("bad"), swapped);
  const auto file = IndexFile::Open(PathOf("bad"));
  ASSERT_TRUE(file);
  const auto verified = file->Verify();
  ASSERT_FALSE(verified);
  EXPECT_NE(verified.error().message.find("page 1 is not whole"), std::string::npos)
      << verified.error().message;
}

TEST_F(IndexFileTest, WhatIsNoFileIsSaid) {
  ASSERT_EQ(mkfifo(PathOf("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(IndexFile::Open(PathOf("pipe")));
  EXPECT_FALSE(IndexFile::Open(folder_));
  const auto none = IndexFile::Open(PathOf("none"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
}

TEST_F(IndexFileTest, AFileCutShortWhileMappedIsToldByThePagesNotReadYet) {
  TestRandom random(6);
  const Header header = AHeader();
  const Model model = AModel(random, header.layout, 3000);
  Write(PathOf("index"), header, model);
  const auto file = IndexFile::Open(PathOf("index"));
  ASSERT_TRUE(file);
  ASSERT_EQ(truncate(PathOf("index").c_str(), kPageBytes), 0);
  const auto found = file->Find(model.rbegin()->first);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kDamaged);
}

// Whole by its checksums, and lying: never out of bounds, never a hang; Verify says so.
TEST_F(IndexFileTest, SealedLiesStayWithinTheFile) {
  TestRandom random(7);
  const Header header = AHeader();
  const Model model = AModel(random, header.layout, 1500);
  Write(PathOf("index"), header, model);
  const std::string good = BytesOf(PathOf("index"));
  const size_t pages = good.size() / kPageBytes;
  int told = 0;
  for (int round = 0; round < 600; ++round) {
    std::string bytes = good;
    const size_t number = random.Below(pages);
    PageBytes page;
    std::memcpy(page.data(), &bytes[number * kPageBytes], kPageBytes);
    for (uint64_t changes = 1 + random.Below(4); changes > 0; --changes) {
      const size_t at = random.Below(3) == 0 ? random.Below(kContentBytes) : random.Below(64);
      page[at] = static_cast<uint8_t>(random.Below(3) == 0 ? 0xff : random.Next());
    }
    SealPage(page, number);
    std::memcpy(&bytes[number * kPageBytes], page.data(), kPageBytes);
    Put(PathOf("bad"), bytes);
    const auto file = IndexFile::Open(PathOf("bad"));
    if (!file) continue;
    for (int i = 0; i < 50; ++i) (void)file->Find(random.Next());
    for (const auto& [key, payload] : model) (void)file->Find(key);
    Model read;
    (void)file->ForEach([&](const Entry& entry) {
      read.emplace(entry.key, entry.payload);
      return true;
    });
    // Another payload, or another key between its neighbours, is no damage: that is what the
    // digest of the whole file is for. Everything else is told.
    if (!file->Verify()) {
      ++told;
      continue;
    }
    ASSERT_EQ(read.size(), file->header().count) << "page " << number << " round " << round;
    for (const auto& [key, payload] : read) {
      const auto found = file->Find(key);
      ASSERT_TRUE(found && *found && **found == payload);
    }
  }
  EXPECT_GT(told, 100);
}

TEST_F(IndexFileTest, WriterRefusesWhatIsOutOfOrder) {
  Header header = AHeader(Kind::kSellers, 8, 0x12);
  header.count = 2;
  auto writer = IndexWriter::Create(PathOf("index"), header);
  ASSERT_TRUE(writer) << writer.error().message;
  const Key first = header.layout.FirstKey();
  EXPECT_FALSE(writer->Add({0, {}}));
  ASSERT_TRUE(writer->Add({first + 5, {}}));
  EXPECT_FALSE(writer->Add({first + 5, {}}));
  EXPECT_FALSE(writer->Add({first + 4, {}}));
  EXPECT_FALSE(writer->Finish());
  ASSERT_TRUE(writer->Add({first + 6, {}}));
  EXPECT_FALSE(writer->Add({first + 7, {}}));
  ASSERT_TRUE(writer->Finish());
  EXPECT_FALSE(std::filesystem::exists(PathOf("index")));
  ASSERT_TRUE(writer->Publish());
  EXPECT_TRUE(std::filesystem::exists(PathOf("index")));
}

TEST_F(IndexFileTest, OneWriterAtATimeAndAKilledOneIsNoHindrance) {
  Header header = AHeader();
  header.count = 1;
  {
    auto writer = IndexWriter::Create(PathOf("index"), header);
    ASSERT_TRUE(writer);
    const auto second = IndexWriter::Create(PathOf("index"), header);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kConflict);
    ASSERT_TRUE(writer->Add({1, {}}));
    ASSERT_TRUE(writer->Finish());
    ASSERT_TRUE(writer->Publish());
  }
  const std::string good = BytesOf(PathOf("index"));
  Put(PathOf("index.tmp"), std::string(100'000, 'x'));  // killed in the middle
  Write(PathOf("index"), AHeader(), {{1, {}}});
  EXPECT_EQ(BytesOf(PathOf("index")), good);
  EXPECT_FALSE(std::filesystem::exists(PathOf("index.tmp")));
  std::filesystem::create_symlink(PathOf("index"), PathOf("index.tmp"));
  EXPECT_FALSE(IndexWriter::Create(PathOf("index"), header));
  EXPECT_EQ(BytesOf(PathOf("index")), good);
}

TEST_F(IndexFileTest, WhatIsNotPublishedLeavesNothing) {
  {
    Header header = AHeader();
    header.count = 1;
    auto writer = IndexWriter::Create(PathOf("index"), header);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->Add({1, {}}));
    ASSERT_TRUE(writer->Finish());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  Header wrong = AHeader();
  wrong.origin = "has a space";
  EXPECT_FALSE(IndexWriter::Create(PathOf("index"), wrong));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST(KeyHash, IsKeyedAndFixed) {
  Salt salt{};
  const SellerHash hash = HashSeller(salt, "taobao:134583372");
  // hashlib.blake2b(b"taobao:134583372", key=bytes(16), digest_size=16)
  EXPECT_EQ(hash.key, 0x02199d9e7529f2fcu);
  EXPECT_EQ(hash.check, 0x098d2144u);
  salt[0] = 1;
  EXPECT_NE(HashSeller(salt, "taobao:134583372").key, hash.key);
}

}  // namespace
}  // namespace kaopu::index
