// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The small text formats of the public log (checkpoints, notes, proofs) line by line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace kaopu::tlog {

// Valid UTF-8 without ASCII control characters other than newline.
bool IsNoteText(std::string_view text);

// A decimal number without sign or leading zeros.
std::optional<uint64_t> ParseDecimal(std::string_view text);

// Lines that each end in a newline, the last one too.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}
  bool AtEnd() const { return rest_.empty(); }
  // The next line without its end; kBadRequest where there is none or its newline is missing.
  Expected<std::string_view> Next();
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace kaopu::tlog
