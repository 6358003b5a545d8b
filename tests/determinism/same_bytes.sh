#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The Kaopu authors
#
# The estimator says the same bytes whatever compiles it and wherever it runs: gcc and clang, -O0 and -O3, without fused
# multiply-add, and on aarch64 (under qemu-user). And no function of the mathematics library, no floating-point type is in it.
# A compiler or machine that is not there is said and left out; gcc must be.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources=("$root"/host/reputation/{fixed,evidence,risk,sureness,learner,stream}.cc "$root/tests/determinism/estimator_bytes.cc")

if grep -nE '\b(float|double)\b|<cmath>|std::(exp|log|pow|sqrt)[0-9f]*\(' "$root"/host/reputation/{fixed,evidence,risk,sureness,learner,stream}.{h,cc}; then
  echo "host/reputation: floating point in the estimator" >&2
  exit 1
fi

sums=()
one() { # NAME RUNNER COMPILER FLAGS...
  local name=$1 runner=$2 compiler=$3
  shift 3
  if ! command -v "$compiler" >/dev/null; then echo "left out: $name ($compiler is not there)"; return; fi
  if [ -n "$runner" ] && ! command -v "$runner" >/dev/null; then echo "left out: $name ($runner is not there)"; return; fi
  local standard=c++23
  "$compiler" -std=$standard -x c++ -E - </dev/null >/dev/null 2>&1 || standard=c++2b
  "$compiler" -std=$standard -I "$root/host" "$@" "${sources[@]}" -o "$work/driver"
  local sum
  sum=$($runner "$work/driver" | sha256sum | cut -c1-64)
  echo "$sum  $name"
  sums+=("$sum")
}
one "gcc -O0" "" g++ -O0
one "gcc -O3, no FMA" "" g++ -O3 -ffp-contract=off
one "gcc -O3, FMA allowed" "" g++ -O3 -ffp-contract=fast
clang=clang++-19
command -v $clang >/dev/null || clang=clang++
one "clang -O0" "" "$clang" -O0
one "clang -O3" "" "$clang" -O3 -ffp-contract=off
one "aarch64, gcc -O2" qemu-aarch64 aarch64-linux-gnu-g++ -O2 -static
[ "$(printf '%s\n' "${sums[@]}" | sort -u | wc -l)" = 1 ] || { echo "the bytes differ" >&2; exit 1; }
