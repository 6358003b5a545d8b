// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Prints fixed_tables.inc: 2^x and log2(1 + x) at 257 points of 0..1, times 2^30, rounded. Whole
// numbers throughout (BigInt, 2^-192 inside), so it prints the same everywhere.
//   node host/reputation/make_tables.mjs > host/reputation/fixed_tables.inc
const BITS = 192n, ONE = 1n << BITS, OUT = 30n;
const round = (x) => (x + (1n << (BITS - OUT - 1n))) >> (BITS - OUT);

/** @param {bigint} x largest integer whose square is at most x */
function sqrt(x) {
  let r = 1n << BigInt((x.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (r + x / r) >> 1n;
    if (next >= r) return r;
    r = next;
  }
}

let step = 2n * ONE;  // 2^(1/256): the square root, eight times
for (let i = 0; i < 8; ++i) step = sqrt(step << BITS);
const powers = [ONE];
for (let i = 1; i <= 256; ++i) powers.push((powers[i - 1] * step) >> BITS);
powers[256] = 2n * ONE;

/** @param {bigint} x in ONE..2 ONE; its logarithm, bit by bit: square, and halve where it passes 2 */
function log2(x) {
  if (x === 2n * ONE) return ONE;
  let log = 0n;
  for (let bit = ONE >> 1n; bit > 1n << 64n; bit >>= 1n) {
    x = (x * x) >> BITS;
    if (x >= 2n * ONE) {
      x >>= 1n;
      log += bit;
    }
  }
  return log;
}
const logs = Array.from({length: 257}, (_, i) => log2(ONE + (BigInt(i) << (BITS - 8n))));

/** @param {string} name @param {bigint[]} values */
function print(name, values) {
  console.log(`constexpr std::array<int64_t, 257> ${name} = {`);
  for (let i = 0; i < values.length; i += 8) console.log(`    ${values.slice(i, i + 8).map(round).join(', ')},`);
  console.log('};');
}
console.log('// SPDX-License-Identifier: Apache-2.0\n// SPDX-FileCopyrightText: The Kaopu authors\n//\n// Printed by make_tables.mjs; times 2^30.\n// clang-format off');
print('kExp2', powers);
print('kLog2', logs);
console.log('// clang-format on');
