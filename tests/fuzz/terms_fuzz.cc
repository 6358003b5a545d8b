// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Unfair terms and off-platform payment in any bytes.
#include "page/terms.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto reader = kaopu::TermsReader::Load(KAOPU_SOURCE_DIR "/host/data/terms");
  if (!reader) std::abort();
  (void)reader->Read(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
