// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A payload as small numbers, one after another from its lowest bit on. seller_row.h and
// seller_detail.h say what each means; deltas code them one by one.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "index/format.h"

namespace kaopu::index {

inline constexpr size_t kFieldsMax = 43;
using Fields = std::array<uint16_t, kFieldsMax>;

// DISK: their widths in bits, in order.
std::span<const uint8_t> FieldWidths(Kind kind);

Payload JoinFields(Kind kind, const Fields& fields);
Fields SplitFields(Kind kind, const Payload& payload);

}  // namespace kaopu::index
