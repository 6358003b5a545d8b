// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/merkle.h"

#include <algorithm>
#include <bit>

#include "base/str_cat.h"

namespace kaopu::tlog {
namespace {

using namespace std::string_view_literals;

std::unexpected<Error> Refuse(std::string why) {
  return Fail(ErrorCode::kBadRequest, std::move(why));
}

// How many digests of an inclusion proof lie inside the subtree that the leaf shares with the
// tree's end, and how many on the right edge above it.
struct ProofShape {
  int inner = 0;
  int border = 0;
};

ProofShape ShapeOf(uint64_t index, uint64_t size) {
  const int inner = static_cast<int>(std::bit_width(index ^ (size - 1)));
  return {inner, inner == 64 ? 0 : std::popcount(index >> inner)};
}

Digest ChainInner(Digest hash, std::span<const Digest> proof, uint64_t index) {
  for (size_t i = 0; i < proof.size(); ++i) {
    hash = ((index >> i) & 1) == 0 ? NodeHash(hash, proof[i]) : NodeHash(proof[i], hash);
  }
  return hash;
}

// Only the left siblings: what the smaller of two trees had.
Digest ChainInnerRight(Digest hash, std::span<const Digest> proof, uint64_t index) {
  for (size_t i = 0; i < proof.size(); ++i) {
    if (((index >> i) & 1) == 1) hash = NodeHash(proof[i], hash);
  }
  return hash;
}

Digest ChainBorder(Digest hash, std::span<const Digest> proof) {
  for (const Digest& left : proof) hash = NodeHash(left, hash);
  return hash;
}

Expected<void> CheckLength(size_t actual, size_t wanted) {
  if (actual == wanted) return {};
  return Refuse(StrCat("the proof has ", actual, " hashes, must have ", wanted));
}

// Largest power of two below `size` (size >= 2): where RFC 6962 splits a tree.
uint64_t SplitOf(uint64_t size) { return std::bit_floor(size - 1); }

// PROOF(m, D[begin:end]) of RFC 6962, section 2.1.1, from the leaf upwards.
Expected<void> PathTo(NodeReader& nodes, uint64_t index, uint64_t begin, uint64_t end,
                      Proof& proof) {
  if (end - begin == 1) return {};
  const uint64_t middle = begin + SplitOf(end - begin);
  const bool left = index < middle;
  if (auto ok = left ? PathTo(nodes, index, begin, middle, proof)
                     : PathTo(nodes, index, middle, end, proof);
      !ok) {
    return ok;
  }
  const auto sibling = left ? RangeRoot(nodes, middle, end) : RangeRoot(nodes, begin, middle);
  if (!sibling) return std::unexpected(sibling.error());
  proof.push_back(*sibling);
  return {};
}

// SUBPROOF of RFC 6962, section 2.1.2; `whole`: D[begin:begin+size1] is a tree the verifier knows.
Expected<void> SubProof(NodeReader& nodes, uint64_t size1, uint64_t begin, uint64_t end, bool whole,
                        Proof& proof) {
  const uint64_t size = end - begin;
  if (size1 == size) {
    if (whole) return {};
    const auto root = RangeRoot(nodes, begin, end);
    if (!root) return std::unexpected(root.error());
    proof.push_back(*root);
    return {};
  }
  const uint64_t split = SplitOf(size);
  const bool left = size1 <= split;
  if (auto ok = left ? SubProof(nodes, size1, begin, begin + split, whole, proof)
                     : SubProof(nodes, size1 - split, begin + split, end, false, proof);
      !ok) {
    return ok;
  }
  const auto other =
      left ? RangeRoot(nodes, begin + split, end) : RangeRoot(nodes, begin, begin + split);
  if (!other) return std::unexpected(other.error());
  proof.push_back(*other);
  return {};
}

}  // namespace

Digest LeafHash(std::string_view entry) { return Sha256({"\0"sv, entry}); }

Digest NodeHash(const Digest& left, const Digest& right) {
  return Sha256({"\1"sv, AsText(left), AsText(right)});
}

Digest EmptyRoot() { return Sha256({}); }

Expected<void> VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                               std::span<const Digest> proof, const Digest& root) {
  if (index >= size) return Refuse(StrCat("leaf ", index, " is not in a tree of ", size));
  const ProofShape shape = ShapeOf(index, size);
  if (auto ok = CheckLength(proof.size(), static_cast<size_t>(shape.inner + shape.border)); !ok) {
    return ok;
  }
  const auto inner = static_cast<size_t>(shape.inner);
  const Digest hash =
      ChainBorder(ChainInner(leaf_hash, proof.first(inner), index), proof.subspan(inner));
  if (hash != root) return Refuse("the proof leads to another root");
  return {};
}

Expected<void> VerifyConsistency(uint64_t size1, const Digest& root1, uint64_t size2,
                                 const Digest& root2, std::span<const Digest> proof) {
  if (size1 > size2) return Refuse(StrCat("a tree of ", size1, " cannot begin one of ", size2));
  if (size1 == 0) return Refuse("the empty tree begins every tree: that proves nothing");
  if (size1 == size2) {
    if (auto ok = CheckLength(proof.size(), 0); !ok) return ok;
    if (root1 != root2) return Refuse("two roots for one size");
    return {};
  }
  ProofShape shape = ShapeOf(size1 - 1, size2);
  const int full_levels = std::countr_zero(size1);
  shape.inner -= full_levels;
  // A tree that is one full subtree is its own seed.
  const bool seed_is_root = std::has_single_bit(size1);
  const size_t start = seed_is_root ? 0 : 1;
  if (auto ok = CheckLength(proof.size(), start + static_cast<size_t>(shape.inner + shape.border));
      !ok) {
    return ok;
  }
  const Digest seed = seed_is_root ? root1 : proof.front();
  const auto inner = proof.subspan(start, static_cast<size_t>(shape.inner));
  const auto border = proof.subspan(start + inner.size());
  const uint64_t mask = (size1 - 1) >> full_levels;
  if (ChainBorder(ChainInnerRight(seed, inner, mask), border) != root1) {
    return Refuse("the proof does not lead to the first root");
  }
  if (ChainBorder(ChainInner(seed, inner, mask), border) != root2) {
    return Refuse("the proof does not lead to the second root");
  }
  return {};
}

void TreeEdge::Append(const Digest& leaf_hash) {
  Digest hash = leaf_hash;
  for (uint64_t bits = size_; (bits & 1) == 1; bits >>= 1) {
    hash = NodeHash(subtrees_.back(), hash);
    subtrees_.pop_back();
  }
  subtrees_.push_back(hash);
  ++size_;
}

Digest TreeEdge::Root() const {
  if (subtrees_.empty()) return EmptyRoot();
  Digest hash = subtrees_.back();
  for (auto left = subtrees_.rbegin() + 1; left != subtrees_.rend(); ++left) {
    hash = NodeHash(*left, hash);
  }
  return hash;
}

Expected<Digest> RangeRoot(NodeReader& nodes, uint64_t begin, uint64_t end) {
  if (begin >= end) return Refuse("an empty range has no root of its own");
  const uint64_t size = end - begin;
  if (std::has_single_bit(size) && begin % size == 0) {
    const int level = std::countr_zero(size);
    return nodes.Node(level, begin >> level);
  }
  const uint64_t middle = begin + SplitOf(size);
  const auto left = RangeRoot(nodes, begin, middle);
  if (!left) return left;
  const auto right = RangeRoot(nodes, middle, end);
  if (!right) return right;
  return NodeHash(*left, *right);
}

Expected<Proof> InclusionProof(NodeReader& nodes, uint64_t index, uint64_t size) {
  if (index >= size) return Refuse(StrCat("leaf ", index, " is not in a tree of ", size));
  Proof proof;
  if (auto ok = PathTo(nodes, index, 0, size, proof); !ok) return std::unexpected(ok.error());
  return proof;
}

Expected<Proof> ConsistencyProof(NodeReader& nodes, uint64_t size1, uint64_t size2) {
  if (size1 == 0 || size1 > size2) {
    return Refuse(StrCat("no consistency proof from ", size1, " to ", size2, " leaves"));
  }
  Proof proof;
  if (auto ok = SubProof(nodes, size1, 0, size2, true, proof); !ok) {
    return std::unexpected(ok.error());
  }
  return proof;
}

}  // namespace kaopu::tlog
