// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How much an estimate is worth in orders: weights alone say it only where the half-life suits the
// seller. Learned from the stream: where estimates are off, a seller's surprises (outcome less
// estimate) follow each other, and by how much they do is how far the estimates are off. O(1) an
// outcome, 8 bytes a seller. Derivation: host/docs/estimate.md, "Streams".
#pragma once

#include <array>
#include <cstdint>

#include "reputation/evidence.h"
#include "reputation/fixed.h"

namespace kaopu {

// One seller's surprises so far, as far as they still count: S and G of the formulas.
struct Surprise {
  int32_t score = 0;  // 16 fractional bits
  int32_t mass = 0;   // 10 fractional bits

  // An outcome came that had been given `said`, by an estimate of the weight `n` (with its prior).
  void Add(bool bad, Fix said, Fix n);
};

class Sureness {
 public:
  // The same outcome; `before` = the seller's surprises when the estimate was made.
  void Learn(Minute at, bool bad, Fix said, Fix n, const Surprise& before, Fix weight);
  // How many orders an estimate of the weight `n` (with its prior) is worth: n where nothing was
  // learned, within n / 16 and 4 n.
  Fix OrdersOf(Fix n, Minute now) const;

 private:
  static constexpr size_t kBands = 10;  // octaves of n, the last from 512 on
  static size_t BandOf(Fix n);
  struct Band {
    DecayedSum follow, mass;
  };
  std::array<Band, kBands> bands_;
};

}  // namespace kaopu
