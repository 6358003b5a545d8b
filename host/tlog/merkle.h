// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The Merkle tree of RFC 6962, section 2.1, over SHA-256: hashing, proofs, and their verification.
// Proofs are lists of digests from the leaf towards the root.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tlog/digest.h"

namespace kaopu::tlog {

using Proof = std::vector<Digest>;

Digest LeafHash(std::string_view entry);                   // SHA-256(0x00 || entry)
Digest NodeHash(const Digest& left, const Digest& right);  // SHA-256(0x01 || left || right)
Digest EmptyRoot();                                        // SHA-256 of nothing

// Errors are kBadRequest with the reason in words; success says that the claim holds.
// Leaf number `index` (from 0) of the tree of `size` leaves under `root` has this hash.
Expected<void> VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                               std::span<const Digest> proof, const Digest& root);
// The tree of `size1` leaves under `root1` is the beginning of the tree of `size2` leaves under
// `root2`. A claim about the empty tree (size1 = 0) says nothing and is refused.
Expected<void> VerifyConsistency(uint64_t size1, const Digest& root1, uint64_t size2,
                                 const Digest& root2, std::span<const Digest> proof);

// The right edge of a tree that grows: at most 64 digests, one for each full subtree. Append is
// amortized O(1), Root O(log size).
class TreeEdge {
 public:
  void Append(const Digest& leaf_hash);
  uint64_t size() const { return size_; }
  Digest Root() const;  // EmptyRoot() for no leaves

 private:
  uint64_t size_ = 0;
  std::vector<Digest> subtrees_;  // largest first, as the bits of size_
};

// Hashes of full subtrees: node `index` of height `level` covers leaves
// [index << level, (index + 1) << level).
class NodeReader {
 public:
  virtual ~NodeReader() = default;
  virtual Expected<Digest> Node(int level, uint64_t index) = 0;
};

// MTH(D[begin:end]); an empty range is refused.
Expected<Digest> RangeRoot(NodeReader& nodes, uint64_t begin, uint64_t end);
// kBadRequest where index >= size, size1 > size2 or size1 = 0; else the reader's error.
Expected<Proof> InclusionProof(NodeReader& nodes, uint64_t index, uint64_t size);
Expected<Proof> ConsistencyProof(NodeReader& nodes, uint64_t size1, uint64_t size2);

}  // namespace kaopu::tlog
