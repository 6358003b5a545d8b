// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/update/delta.h"

#include <sys/resource.h>

#include <csignal>

#include "index/seller_row.h"
#include "index/update/range_coder.h"
#include "unit/index/index_test_support.h"

namespace kaopu::index {
namespace {

class DeltaTest : public IndexTest {
 protected:
  // The next publish: some changed, some new, some gone.
  static Model Changed(const Model& model, const Layout& layout, TestRandom& random,
                       uint64_t share) {
    Model next;
    for (const auto& [key, payload] : model) {
      const uint64_t what = random.Below(share);
      if (what == 0) continue;
      next[key] = payload;
      if (what == 1) next[key] = APayload(layout, random);
      if (what == 2) next[key + 1] = APayload(layout, random);
      if (what == 3) next[layout.FirstKey() + (random.Next() >> layout.prefix_bits)] = payload;
    }
    return next;
  }
  IndexFile OpenFile(std::string_view name) const {
    auto file = IndexFile::Open(PathOf(name));
    EXPECT_TRUE(file) << file.error().message;
    return std::move(*file);
  }
  // old, new and the delta between.
  void MakeThree(int seed, Kind kind = Kind::kSellers, size_t count = 2000) {
    TestRandom random(static_cast<uint64_t>(seed));
    Header header = AHeader(kind);
    Model model;
    while (model.size() < count) model[random.Next()] = APayload(header.layout, random);
    Write(PathOf("old"), header, model);
    header.publish += 1;
    header.epoch.at += 3 * kMinutesADay;
    header.epoch.prior_bad[1] = FixOf(12, 100);
    Write(PathOf("new"), header, Changed(model, header.layout, random, 40));
    const auto delta = MakeDelta(OpenFile("old"), OpenFile("new"));
    ASSERT_TRUE(delta) << delta.error().message;
    Put(PathOf("delta"), *delta);
  }
};

TEST(RangeCoder, WhatGoesInComesOut) {
  TestRandom random(1);
  std::vector<std::pair<unsigned, uint64_t>> said;
  RangeEncoder encoder;
  Number<63> numbers;
  SmallNumber<3> small;
  Chance rare;
  for (int i = 0; i < 20'000; ++i) {
    const auto what = static_cast<unsigned>(random.Below(4));
    uint64_t value = random.Next() >> (1 + random.Below(63));
    if (what == 0) numbers.Code(encoder, value);
    if (what == 1) small.Code(encoder, value &= 7);
    if (what == 2) encoder.Bit(rare, static_cast<unsigned>(value = random.Below(500) == 0));
    if (what == 3) encoder.Direct(value, 64);
    said.push_back({what, value});
  }
  const std::string bytes = encoder.Finish();
  RangeDecoder decoder(bytes);
  Number<63> numbers_too;
  SmallNumber<3> small_too;
  Chance rare_too;
  for (const auto& [what, value] : said) {
    const uint64_t read = what == 0   ? numbers_too.Code(decoder, 0)
                          : what == 1 ? small_too.Code(decoder, 0)
                          : what == 2 ? decoder.Bit(rare_too)
                                      : decoder.Direct(0, 64);
    ASSERT_EQ(read, value);
  }
  EXPECT_TRUE(decoder.AtEnd());
  EXPECT_FALSE(decoder.Overrun());
  decoder.Direct(0, 64);
  EXPECT_TRUE(decoder.Overrun());
}

TEST(RangeCoder, RareBitsCostLittle) {
  RangeEncoder encoder;
  Chance rare;
  for (int i = 0; i < 100'000; ++i) encoder.Bit(rare, i % 1000 == 0);
  // 100 ones in 100,000: 1,141 bits by information alone.
  EXPECT_LT(encoder.Finish().size() * 8, 1'800u);
}

TEST_F(DeltaTest, OldAndDeltaGiveTheNewFileByteForByte) {
  TestRandom random(2);
  for (int round = 0; round < 40; ++round) {
    const Kind kind = round % 2 == 0 ? Kind::kSellers : Kind::kDetails;
    const unsigned prefix_bits = round % 3 == 0 ? 4 : 0;
    Header header = AHeader(kind, prefix_bits, prefix_bits == 0 ? 0 : 7);
    const size_t counts[] = {0, 1, 3, 400, 5000};
    Model model;
    while (model.size() < counts[round % 5]) {
      model[header.layout.FirstKey() + (random.Next() >> prefix_bits)] =
          APayload(header.layout, random);
    }
    Model next = Changed(model, header.layout, random, 4 + random.Below(60));
    if (round % 4 == 1) next[header.layout.FirstKey()] = next[header.layout.LastKey()] = {};
    if (round % 7 == 6) next.clear();
    Write(PathOf("old"), header, model);
    header.publish += 1;
    header.epoch.at += static_cast<Minute>(random.Below(40)) * kMinutesADay;
    Write(PathOf("new"), header, next);
    DeltaCounts made;
    const auto delta = MakeDelta(OpenFile("old"), OpenFile("new"), &made);
    ASSERT_TRUE(delta) << delta.error().message;
    const auto applied = ApplyDelta(OpenFile("old"), *delta, PathOf("made"));
    ASSERT_TRUE(applied) << applied.error().message << " round " << round;
    EXPECT_EQ(BytesOf(PathOf("made")), BytesOf(PathOf("new")));
    EXPECT_EQ(applied->updated, made.updated);
    EXPECT_EQ(applied->added, made.added);
    EXPECT_EQ(applied->removed, made.removed);
    EXPECT_EQ(model.size() + made.added - made.removed, next.size());
    // And back: nothing is lost on the way.
    const auto back = MakeDelta(OpenFile("new"), OpenFile("old"));
    ASSERT_TRUE(back);
    ASSERT_TRUE(ApplyDelta(OpenFile("made"), *back, PathOf("made")));
    EXPECT_EQ(BytesOf(PathOf("made")), BytesOf(PathOf("old")));
  }
}

// Rows as a registry makes them: the day of the new reports, the others untouched.
TEST_F(DeltaTest, ADayOfReportsTakesFewBytes) {
  TestRandom random(3);
  Header header = AHeader();
  std::map<Key, SellerEvidence> sellers;
  const Minute today = header.epoch.at;
  while (sellers.size() < 100'000) {
    SellerEvidence& seller = sellers[random.Next()];
    Minute at = today - 500 * kMinutesADay;
    for (uint64_t n = 1 + random.Below(4); n > 0; --n) {
      at += static_cast<Minute>(random.Below(100)) * kMinutesADay;
      seller.Add(at, {.bad = random.Below(8) == 0});
    }
  }
  const auto rows = [&] {
    Model model;
    for (const auto& [key, seller] : sellers) model[key] = PackRow(**RowOf(header, seller));
    return model;
  };
  const Model before = rows();
  Write(PathOf("old"), header, before);
  header.epoch.at += kMinutesADay;
  header.publish += 1;
  std::map<Key, SellerEvidence> fresh;
  uint64_t changed = 0;
  for (auto& [key, seller] : sellers) {
    if (random.Below(100) != 0) continue;
    seller.Add(header.epoch.at, {.bad = random.Below(8) == 0});
    ++changed;
  }
  for (int i = 0; i < 100; ++i) {
    fresh[random.Next()].Add(header.epoch.at, {.bad = random.Below(8) == 0});
  }
  sellers.merge(fresh);
  const Model after = rows();
  // Sellers nobody reported on have the same row, though a day has passed.
  uint64_t same = 0;
  for (const auto& [key, payload] : before) same += after.at(key) == payload;
  EXPECT_EQ(same + changed, before.size());
  Write(PathOf("new"), header, after);
  const auto delta = MakeDelta(OpenFile("old"), OpenFile("new"));
  ASSERT_TRUE(delta);
  // Which of them changed takes 8.1 bits a change, a new key 47 more; the row itself next to
  // nothing.
  EXPECT_LT(delta->size(), changed * 3 + 100 * 9);
}

TEST_F(DeltaTest, AnyDamageIsToldAndTheOldFileStays) {
  MakeThree(4);
  const std::string old = BytesOf(PathOf("old")), delta = BytesOf(PathOf("delta"));
  TestRandom random(5);
  for (int round = 0; round < 300; ++round) {
    std::string bad = delta;
    if (round % 3 == 0) {
      bad.resize(random.Below(bad.size()));
    } else {
      bad[random.Below(bad.size())] ^= static_cast<char>(1 << random.Below(8));
    }
    const bool sealed = round % 2 == 0 && bad.size() > 80;
    if (sealed) {  // by somebody who means it
      const tlog::Digest digest = tlog::Sha256({std::string_view(bad).substr(16)});
      std::copy_n(digest.begin(), 4, bad.begin() + 12);
    }
    const auto applied = ApplyDelta(OpenFile("old"), bad, PathOf("old"));
    if (bad == delta) continue;
    ASSERT_FALSE(applied) << "round " << round;
    EXPECT_FALSE(applied.error().message.empty());
    ASSERT_EQ(BytesOf(PathOf("old")), old);
  }
  // Nothing is left beside: old, new, delta.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 3);
}

TEST_F(DeltaTest, StartsFromItsOwnFileAlone) {
  MakeThree(6);
  const std::string delta = BytesOf(PathOf("delta"));
  const auto wrong = ApplyDelta(OpenFile("new"), delta, PathOf("new"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kConflict);
  Header other = AHeader();
  other.salt[0] ^= 1;
  Write(PathOf("other"), other, {});
  EXPECT_EQ(MakeDelta(OpenFile("old"), OpenFile("other")).error().code, ErrorCode::kConflict);
}

TEST_F(DeltaTest, AChainGoesOnWhereItWasCutOff) {
  TestRandom random(7);
  Header header = AHeader();
  Model model;
  while (model.size() < 500) model[random.Next()] = APayload(header.layout, random);
  std::vector<std::filesystem::path> deltas;
  std::vector<std::string> files;
  for (int publish = 0; publish < 5; ++publish) {
    const std::string name = "publish" + std::to_string(publish);
    header.publish = static_cast<uint64_t>(publish);
    Write(PathOf(name), header, model);
    files.push_back(BytesOf(PathOf(name)));
    if (publish > 0) {
      const auto delta =
          MakeDelta(OpenFile("publish" + std::to_string(publish - 1)), OpenFile(name));
      ASSERT_TRUE(delta);
      deltas.push_back(PathOf("delta" + std::to_string(publish)));
      Put(deltas.back(), *delta);
    }
    model = Changed(model, header.layout, random, 20);
  }
  const tlog::Digest last = DigestOf(OpenFile("publish4"));
  const std::filesystem::path path = PathOf("index");
  // From the first, from in between, from the last: each time to the same end.
  for (size_t from = 0; from < files.size(); ++from) {
    Put(path, files[from]);
    std::vector<size_t> steps;
    const auto applied = ApplyChain(path, deltas, last,
                                    [&](const ChainStep& step) { steps.push_back(step.number); });
    ASSERT_TRUE(applied) << applied.error().message;
    EXPECT_EQ(*applied, 4 - from);
    EXPECT_EQ(steps.size(), 4 - from);
    EXPECT_EQ(BytesOf(path), files.back());
  }
  // Another end than the log states, a gap, a chain from elsewhere: nothing is touched.
  Put(path, files[0]);
  EXPECT_EQ(ApplyChain(path, std::span(deltas).first(2), last).error().code, ErrorCode::kConflict);
  EXPECT_EQ(ApplyChain(path, std::vector{deltas[0], deltas[2]}, {}).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(ApplyChain(path, std::span(deltas).subspan(1), {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(BytesOf(path), files[0]);
  // One of them damaged in the middle: as far as it went, it is a whole file, and goes on later.
  const std::string third = BytesOf(deltas[2]);
  std::string bad = third;
  bad[bad.size() / 2] ^= 1;
  const tlog::Digest digest = tlog::Sha256({std::string_view(bad).substr(16)});
  std::copy_n(digest.begin(), 4, bad.begin() + 12);
  Put(deltas[2], bad);
  const auto stopped = ApplyChain(path, deltas, last);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kDamaged);
  EXPECT_EQ(BytesOf(path), files[2]);
  Put(deltas[2], third);
  ASSERT_TRUE(ApplyChain(path, deltas, last));
  EXPECT_EQ(BytesOf(path), files.back());
}

TEST_F(DeltaTest, AFullDiskLeavesTheOldFile) {
  MakeThree(8, Kind::kDetails, 3000);
  const std::string old = BytesOf(PathOf("old")), delta = BytesOf(PathOf("delta"));
  // No file may grow beyond the first half of what is to be written.
  const rlimit small{old.size() / 2, RLIM_INFINITY};
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto applied = ApplyDelta(OpenFile("old"), delta, PathOf("old"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::kUnavailable) << applied.error().message;
  EXPECT_EQ(BytesOf(PathOf("old")), old);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 3);
}

}  // namespace
}  // namespace kaopu::index
