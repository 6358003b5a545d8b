// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Checkpoints, proofs and tiles together: a small log is written as files, then read back as a
// stranger would.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tlog/checkpoint.h"
#include "tlog/log_proof.h"
#include "tlog/tiles.h"

namespace kaopu::tlog {
namespace {

using Files = std::map<std::string, std::string>;

Digest Leaf(uint64_t i) { return LeafHash("entry " + std::to_string(i)); }

// The hashes of one tile level above the other, as the specification defines them.
Files WriteTiles(uint64_t size) {
  Files files;
  std::vector<Digest> hashes;
  for (uint64_t i = 0; i < size; ++i) hashes.push_back(Leaf(i));
  for (int level = 0; !hashes.empty(); ++level) {
    std::vector<Digest> above;
    for (uint64_t index = 0; index * kTileWidth < hashes.size(); ++index) {
      const uint64_t width = std::min<uint64_t>(kTileWidth, hashes.size() - index * kTileWidth);
      const std::span tile(&hashes[index * kTileWidth], width);
      EXPECT_EQ(TileWidthAt(level, index, size), width);
      files[TilePath(level, index, width)] = WriteTile(tile);
      if (width < kTileWidth) continue;
      TreeEdge edge;
      for (const Digest& hash : tile) edge.Append(hash);
      above.push_back(edge.Root());
    }
    hashes = std::move(above);
  }
  return files;
}

ReadLogFile From(const Files& files) {
  return [&files](const std::string& path, size_t bytes_max) -> Expected<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return Fail(ErrorCode::kNotFound, path + ": not there");
    EXPECT_LE(found->second.size(), bytes_max);
    return found->second;
  };
}

TEST(Tiles, paths_are_as_the_specification_writes_them) {
  EXPECT_EQ(TilePath(0, 1234067, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(TilePath(1, 0, 17), "tile/1/000.p/17");
  EXPECT_EQ(BundlePath(999, 256), "tile/entries/999");
  EXPECT_EQ(BundlePath(1000, 1), "tile/entries/x001/000.p/1");
}

// The specification's example: a log of 70,000 leaves.
TEST(Tiles, widths_are_as_in_the_specifications_example) {
  EXPECT_EQ(TileWidthAt(0, 272, 70000), 256u);
  EXPECT_EQ(TileWidthAt(0, 273, 70000), 112u);
  EXPECT_EQ(TileWidthAt(0, 274, 70000), 0u);
  EXPECT_EQ(TileWidthAt(1, 0, 70000), 256u);
  EXPECT_EQ(TileWidthAt(1, 1, 70000), 17u);
  EXPECT_EQ(TileWidthAt(2, 0, 70000), 1u);
  EXPECT_EQ(TileWidthAt(3, 0, 70000), 0u);
  EXPECT_EQ(TileWidthAt(1, 0, 256), 1u);
}

TEST(Tiles, proofs_from_tiles_hold_across_tile_borders) {
  constexpr uint64_t kSize = 70000;
  const Files files = WriteTiles(kSize);
  TileReader tree(From(files), kSize);
  const auto root = RangeRoot(tree, 0, kSize);
  ASSERT_TRUE(root) << root.error().message;
  TreeEdge edge;
  for (uint64_t i = 0; i < kSize; ++i) edge.Append(Leaf(i));
  EXPECT_EQ(*root, edge.Root());
  for (const uint64_t index : {0ull, 255ull, 256ull, 65535ull, 65536ull, 69999ull}) {
    const auto proof = InclusionProof(tree, index, kSize);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_TRUE(VerifyInclusion(index, kSize, Leaf(index), *proof, *root)) << index;
  }
  for (const uint64_t size1 : {1ull, 256ull, 257ull, 65536ull, 69999ull}) {
    const auto root1 = RangeRoot(tree, 0, size1);
    const auto proof = ConsistencyProof(tree, size1, kSize);
    ASSERT_TRUE(root1 && proof);
    EXPECT_TRUE(VerifyConsistency(size1, *root1, kSize, *root, *proof)) << size1;
  }
}

TEST(Tiles, a_partial_tile_that_is_gone_is_found_in_the_full_one) {
  const Files files = WriteTiles(256);
  TileReader older(From(files), 100);
  const auto root = RangeRoot(older, 0, 100);
  ASSERT_TRUE(root) << root.error().message;
  TreeEdge edge;
  for (uint64_t i = 0; i < 100; ++i) edge.Append(Leaf(i));
  EXPECT_EQ(*root, edge.Root());
}

TEST(Tiles, a_missing_or_torn_tile_is_named) {
  Files files = WriteTiles(300);
  files["tile/0/000"].pop_back();
  TileReader torn(From(files), 300);
  const auto bad = torn.Node(0, 0);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("tile/0/000"), std::string::npos);
  files.erase("tile/0/001.p/44");
  TileReader gone(From(files), 300);
  const auto missing = gone.Node(0, 299);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(gone.Node(0, 300));
}

TEST(Tiles, bundles_keep_entries_of_any_length_and_refuse_torn_ones) {
  const std::vector<std::string> entries = {"", "one", std::string(kEntryBytesMax, 'x')};
  const auto bundle = WriteBundle(entries);
  ASSERT_TRUE(bundle);
  const auto parsed = ParseBundle(*bundle, 3);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_TRUE(std::ranges::equal(*parsed, entries));
  EXPECT_FALSE(ParseBundle(*bundle, 2));
  EXPECT_FALSE(ParseBundle(std::string_view(*bundle).substr(0, bundle->size() - 1), 3));
  EXPECT_FALSE(ParseBundle(*bundle + "\1", 3));
  const std::vector<std::string> too_long = {std::string(kEntryBytesMax + 1, 'x')};
  EXPECT_FALSE(WriteBundle(too_long));
}

class SmallLog : public testing::Test {
 protected:
  SmallLog() : files_(WriteTiles(kSize)), tree_(From(files_), kSize) {
    checkpoint_.origin = log_.verifier().name;
    checkpoint_.size = kSize;
    checkpoint_.root = *RangeRoot(tree_, 0, kSize);
    const std::string text = checkpoint_.ToText();
    note_ = text + "\n" + log_.SignatureLine(text, 0) + witness_.SignatureLine(text, 1764000000);
    proof_.index = 123;
    proof_.inclusion = *InclusionProof(tree_, 123, kSize);
    proof_.checkpoint = note_;
  }

  static constexpr uint64_t kSize = 300;
  SignerKey log_ = *SignerKey::Generate("registry.example/log", KeyKind::kEd25519);
  SignerKey witness_ = *SignerKey::Generate("witness.example", KeyKind::kCosignature);
  Files files_;
  TileReader tree_;
  Checkpoint checkpoint_;
  std::string note_;
  LogProof proof_;
};

TEST_F(SmallLog, a_checkpoint_is_read_back_with_its_cosignatures) {
  const auto verified = VerifyCheckpoint(note_, log_.verifier(), {&witness_.verifier(), 1});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->checkpoint.size, kSize);
  EXPECT_EQ(verified->checkpoint.root, checkpoint_.root);
  ASSERT_EQ(verified->cosignatures.size(), 1u);
  EXPECT_EQ(verified->cosignatures[0].name, "witness.example");
}

TEST_F(SmallLog, a_checkpoint_of_another_origin_or_key_is_refused) {
  const SignerKey other = *SignerKey::Generate("other.example", KeyKind::kEd25519);
  EXPECT_FALSE(VerifyCheckpoint(note_, other.verifier()));
  const std::string text = checkpoint_.ToText();  // the right origin, signed by a key of other name
  EXPECT_FALSE(VerifyCheckpoint(text + "\n" + other.SignatureLine(text, 0), other.verifier()));
}

TEST(CheckpointText, malformed_lines_are_refused) {
  const std::string root = ToBase64(AsText(EmptyRoot()));
  EXPECT_TRUE(Checkpoint::Parse("o\n0\n" + root + "\n"));
  EXPECT_TRUE(Checkpoint::Parse("o\n0\n" + root + "\nextension\n"));
  for (const std::string& bad :
       {std::string("o\n0\n"), "\n0\n" + root + "\n", "o\n00\n" + root + "\n",
        "o\n-1\n" + root + "\n", "o\n18446744073709551616\n" + root + "\n",
        std::string("o\n0\nAAAA\n"), "o\n0\n" + root, "o\n0\n" + root + "\n\nx\n"}) {
    EXPECT_FALSE(Checkpoint::Parse(bad)) << bad;
  }
}

TEST_F(SmallLog, a_proof_survives_being_a_text_and_holds_for_its_leaf_alone) {
  proof_.extra = std::string("\0salt", 5);
  const auto again = LogProof::Parse(proof_.ToText());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->ToText(), proof_.ToText());
  EXPECT_EQ(again->extra, proof_.extra);
  const auto verified = VerifyLogProof(*again, Leaf(123), log_.verifier());
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_FALSE(VerifyLogProof(*again, Leaf(124), log_.verifier()));
}

TEST_F(SmallLog, each_changed_byte_of_a_proof_is_noticed) {
  const std::string text = proof_.ToText();
  for (size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] ^= 1;
    const auto proof = LogProof::Parse(changed);
    if (!proof) continue;
    // The witness's line alone may change: its key is not asked about here.
    if (changed.find("witness.example") == std::string::npos ||
        at > text.find("\xE2\x80\x94 witness")) {
      continue;
    }
    EXPECT_FALSE(VerifyLogProof(*proof, Leaf(123), log_.verifier())) << at;
  }
}

TEST_F(SmallLog, a_proof_that_is_cut_off_anywhere_is_refused) {
  const std::string text = proof_.ToText();
  for (size_t size = 0; size < text.find("\xE2\x80\x94 witness"); ++size) {
    const auto proof = LogProof::Parse(std::string_view(text).substr(0, size));
    EXPECT_FALSE(proof && VerifyLogProof(*proof, Leaf(123), log_.verifier())) << size;
  }
}

}  // namespace
}  // namespace kaopu::tlog
