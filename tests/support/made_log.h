// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A log in memory with a key of its own: what a witness is asked about. A copy is a fork: another
// history under the same key.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "tlog/checkpoint.h"
#include "tlog/merkle.h"
#include "tlog/witness.h"

namespace kaopu::testing {

class MadeLog {
 public:
  explicit MadeLog(const std::string& origin)
      : key_(std::make_shared<tlog::SignerKey>(
            tlog::SignerKey::Generate(origin, tlog::KeyKind::kEd25519).value())) {}

  const tlog::VerifierKey& key() const { return key_->verifier(); }
  const std::string& origin() const { return key().name; }
  uint64_t size() const { return leaves_.size(); }
  // What was logged before stays as it is; `what` tells two histories apart.
  void Grow(uint64_t size, std::string_view what = "entry") {
    while (leaves_.size() < size) {
      leaves_.push_back(tlog::LeafHash(StrCat(what, " ", leaves_.size())));
    }
  }
  void Forget(uint64_t size) { leaves_.resize(size); }

  std::string Checkpoint() const {
    tlog::TreeEdge edge;
    for (const tlog::Digest& leaf : leaves_) edge.Append(leaf);
    const std::string text = tlog::Checkpoint{origin(), size(), edge.Root(), {}}.ToText();
    return StrCat(text, "\n", key_->SignatureLine(text, 0));
  }
  tlog::AddCheckpoint Request(uint64_t old_size) const {
    tlog::AddCheckpoint request{old_size, {}, Checkpoint()};
    if (old_size > 0 && old_size < size()) {
      Nodes nodes{leaves_};
      request.proof = tlog::ConsistencyProof(nodes, old_size, size()).value();
    }
    return request;
  }

 private:
  struct Nodes : tlog::NodeReader {
    explicit Nodes(const std::vector<tlog::Digest>& of) : leaves(of) {}
    Expected<tlog::Digest> Node(int level, uint64_t index) override {
      tlog::TreeEdge edge;
      for (uint64_t i = index << level; i < (index + 1) << level; ++i) edge.Append(leaves.at(i));
      return edge.Root();
    }
    const std::vector<tlog::Digest>& leaves;
  };

  std::shared_ptr<const tlog::SignerKey> key_;
  std::vector<tlog::Digest> leaves_;
};

}  // namespace kaopu::testing
