// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/merkle.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace kaopu::tlog {
namespace {

// Straight from the definition in RFC 6962, section 2.1: what the faster code must agree with.
Digest DefinedRoot(const std::vector<Digest>& leaves, uint64_t begin, uint64_t end) {
  if (end - begin == 1) return leaves[begin];
  uint64_t split = 1;
  while (split * 2 < end - begin) split *= 2;
  return NodeHash(DefinedRoot(leaves, begin, begin + split),
                  DefinedRoot(leaves, begin + split, end));
}

class Leaves : public NodeReader {
 public:
  explicit Leaves(int count) {
    for (int i = 0; i < count; ++i) leaves_.push_back(LeafHash("entry " + std::to_string(i)));
  }
  Expected<Digest> Node(int level, uint64_t index) override {
    return DefinedRoot(leaves_, index << level, (index + 1) << level);
  }
  Digest Root(uint64_t size) const {
    return size == 0 ? EmptyRoot() : DefinedRoot(leaves_, 0, size);
  }
  const Digest& Leaf(uint64_t index) const { return leaves_[index]; }

 private:
  std::vector<Digest> leaves_;
};

constexpr uint64_t kSizes = 70;

TEST(Merkle, the_empty_tree_and_one_leaf_are_as_rfc_6962_says) {
  // SHA-256 of nothing and of one zero byte: the well-known values.
  EXPECT_EQ(ToBase64(AsText(EmptyRoot())), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(ToBase64(AsText(LeafHash(""))), "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=");
}

TEST(Merkle, a_growing_edge_has_the_defined_root_at_each_size) {
  const Leaves leaves(kSizes);
  TreeEdge edge;
  for (uint64_t size = 0; size < kSizes; ++size) {
    EXPECT_EQ(edge.Root(), leaves.Root(size)) << size;
    edge.Append(leaves.Leaf(size));
  }
}

TEST(Merkle, inclusion_proofs_hold_and_no_other_leaf_index_or_root_does) {
  Leaves leaves(kSizes);
  for (uint64_t size = 1; size < kSizes; ++size) {
    const Digest root = leaves.Root(size);
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(leaves, index, size);
      ASSERT_TRUE(proof) << proof.error().message;
      EXPECT_TRUE(VerifyInclusion(index, size, leaves.Leaf(index), *proof, root));
      EXPECT_FALSE(VerifyInclusion(index, size, leaves.Leaf(index), *proof, leaves.Root(size - 1)));
      EXPECT_FALSE(VerifyInclusion(size, size, leaves.Leaf(index), *proof, root));
      const uint64_t other = (index + 1) % size;
      if (other != index) {
        EXPECT_FALSE(VerifyInclusion(other, size, leaves.Leaf(index), *proof, root));
        EXPECT_FALSE(VerifyInclusion(index, size, leaves.Leaf(other), *proof, root));
      }
      auto longer = *proof;
      longer.push_back(root);
      EXPECT_FALSE(VerifyInclusion(index, size, leaves.Leaf(index), longer, root));
    }
  }
}

TEST(Merkle, consistency_proofs_hold_and_a_changed_one_does_not) {
  Leaves leaves(kSizes);
  for (uint64_t size2 = 1; size2 < kSizes; ++size2) {
    for (uint64_t size1 = 1; size1 <= size2; ++size1) {
      const Digest root1 = leaves.Root(size1);
      const Digest root2 = leaves.Root(size2);
      const auto proof = ConsistencyProof(leaves, size1, size2);
      ASSERT_TRUE(proof) << proof.error().message;
      EXPECT_TRUE(VerifyConsistency(size1, root1, size2, root2, *proof)) << size1 << " " << size2;
      EXPECT_FALSE(VerifyConsistency(size1, leaves.Root(size1 - 1), size2, root2, *proof));
      if (!proof->empty()) {
        for (size_t at = 0; at < proof->size(); ++at) {
          auto changed = *proof;
          changed[at][7] ^= 1;
          EXPECT_FALSE(VerifyConsistency(size1, root1, size2, root2, changed));
        }
        EXPECT_FALSE(VerifyConsistency(size1, root1, size2, root2, {}));
      }
    }
  }
}

TEST(Merkle, claims_about_the_empty_tree_are_refused) {
  EXPECT_FALSE(VerifyConsistency(0, EmptyRoot(), 1, LeafHash(""), {}));
  EXPECT_FALSE(VerifyInclusion(0, 0, LeafHash(""), {}, EmptyRoot()));
  Leaves leaves(3);
  EXPECT_FALSE(ConsistencyProof(leaves, 0, 3));
  EXPECT_FALSE(InclusionProof(leaves, 3, 3));
}

TEST(Merkle, sizes_at_the_end_of_64_bits_neither_overflow_nor_hold) {
  const Digest any = LeafHash("x");
  const uint64_t most = ~uint64_t{0};
  EXPECT_FALSE(VerifyInclusion(most, most, any, {}, any));
  EXPECT_FALSE(VerifyInclusion(most - 1, most, any, Proof(63, any), any));
  EXPECT_FALSE(VerifyConsistency(most - 1, any, most, any, Proof(64, any)));
  EXPECT_FALSE(VerifyConsistency(most, any, most, LeafHash("y"), {}));
}

}  // namespace
}  // namespace kaopu::tlog
