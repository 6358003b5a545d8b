// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Numbers of the estimator: signed fixed point, 24 fractional bits. The same bits on every machine
// and compiler; tables are printed by make_tables.mjs, no library function is called.
#pragma once

#include <cstdint>

namespace kaopu {

using Fix = int64_t;  // value * 2^24
inline constexpr int kFixBits = 24;
inline constexpr Fix kFixOne = Fix{1} << kFixBits;

// A decimal constant, at compile time: FixOf(3, 4) is 0.75.
consteval Fix FixOf(int64_t numerator, int64_t denominator = 1) {
  return numerator * kFixOne / denominator;
}

// Rounded down; the results must fit in 63 bits, inside it is 128. `divisor` > 0.
constexpr Fix FixMul(Fix a, Fix b) {
  __extension__ using Wide = __int128;
  return static_cast<Fix>((Wide{a} * b) >> kFixBits);
}
constexpr Fix FixDiv(Fix a, Fix divisor) {
  __extension__ using Wide = __int128;
  // Most dividends fit in 64 bits; a 64-bit division is several times faster, and floors alike.
  if (a >= 0 && a < Fix{1} << 38) return (a << kFixBits) / divisor;
  const Wide wide = Wide{a} << kFixBits;
  const Wide quotient = wide / divisor;
  return static_cast<Fix>(quotient - (wide < 0 && quotient * divisor != wide));
}

// 2^x and log2(x) by a table of 257 points and a straight line between them: never falling, exact
// at powers of two, relative error of 2^x and absolute of log2 below 3e-6. Exp2 is 0 below -40 and
// stops growing at 2^30. Log2 of what is not above 0 is that of the smallest Fix, -24.
Fix FixExp2(Fix x);
Fix FixLog2(Fix x);

// Natural log-odds of a probability, and back. Probabilities are held within 2^-16 of 0 and 1.
Fix Logit(Fix probability);
Fix Sigmoid(Fix log_odds);
// -ln(probability), at most 11.1.
Fix LogLoss(Fix probability);

// Largest Fix whose square is at most x; x >= 0.
Fix FixSqrt(Fix x);

// 2^(-minutes / half_life) for minutes >= 0, for weights: finer than FixExp2 in time, times 2^30.
int64_t HalvedOver(int64_t minutes, int64_t half_life_minutes);

}  // namespace kaopu
