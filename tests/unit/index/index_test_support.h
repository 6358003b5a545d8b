// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Headers and entries for tests of the index.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "index/index_file.h"
#include "index/index_writer.h"
#include "support/split_mix.h"

namespace kaopu::index {

inline constexpr uint32_t kBaseDay = 20'000;  // 2024-10-04

inline Header AHeader(Kind kind = Kind::kSellers, unsigned prefix_bits = 0, uint16_t prefix = 0) {
  Header header;
  header.kind = kind;
  header.layout = LayoutFor(kind, 0, prefix_bits, prefix);
  header.base_day = kBaseDay;
  header.publish = 7;
  header.salt.fill(0x5a);
  header.shard = "taobao";
  header.origin = "registry.example/index";
  for (size_t h = 0; h < kHalfLives; ++h) {
    header.half_life[h] = static_cast<uint32_t>(kHalfLife[h]);
  }
  header.epoch.at = (Minute{kBaseDay} + 400) * kMinutesADay;
  header.epoch.mixture[CandidateOf(kLong, 2, 1)] = kFixOne;
  header.epoch.prior_bad.fill(FixOf(1, 10));
  header.epoch.prior_never.fill(FixOf(1, 50));
  header.epoch.prior_ship.fill(kFixOne / 8);
  header.weights = StandardWeights();
  return header;
}

class TestRandom : public SplitMix64 {
 public:
  using SplitMix64::SplitMix64;
  uint64_t Below(uint64_t limit) { return Next() % limit; }
};

using Model = std::map<Key, Payload>;

inline Payload APayload(const Layout& layout, TestRandom& random) {
  Payload payload{};
  for (size_t word = 0; word < layout.words; ++word) {
    payload[word] = random.Next() & ((uint64_t{1} << layout.word_bits) - 1);
  }
  return payload;
}

class IndexTest : public testing::Test {
 protected:
  IndexTest() {
    // In memory where there is such a folder: nothing here is about the disk.
    const bool memory = access("/dev/shm", W_OK) == 0;
    std::string pattern = (memory ? "/dev/shm/" : testing::TempDir()) + "kaopu-index-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~IndexTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path PathOf(std::string_view name) const { return folder_ / name; }

  void Write(const std::filesystem::path& path, Header header, const Model& model) const {
    header.count = model.size();
    auto writer = IndexWriter::Create(path, header);
    ASSERT_TRUE(writer) << writer.error().message;
    for (const auto& [key, payload] : model) {
      const auto added = writer->Add({key, payload});
      ASSERT_TRUE(added) << added.error().message;
    }
    const auto finished = writer->Finish();
    ASSERT_TRUE(finished) << finished.error().message;
    const auto published = writer->Publish();
    ASSERT_TRUE(published) << published.error().message;
  }
  static std::string BytesOf(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void Put(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  std::filesystem::path folder_;
};

}  // namespace kaopu::index
