// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// JSON as found in the wild and JavaScript literals. What is read must be a tree that can be walked
// to its end, within the text.
#include "page/literal_reader.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto dialect : {kaopu::Dialect::kJson, kaopu::Dialect::kJavaScript}) {
    kaopu::ValueTree tree;
    const kaopu::LiteralEnd literal = kaopu::ReadLiteral(text, 0, dialect, tree);
    if (literal.root == kaopu::kNoValue) continue;
    if (literal.end > text.size() || literal.root >= tree.size()) std::abort();
    size_t nodes = 0;
    for (kaopu::ValueId id = 0; id < tree.size(); ++id) {
      (void)tree.Text(id);
      for (kaopu::ValueId child = tree.At(id).first_child; child != kaopu::kNoValue;
           child = tree.At(child).next) {
        if (child >= tree.size() || ++nodes > tree.size()) std::abort();
      }
    }
  }
  (void)kaopu::DecodeEscapes(text);
  return 0;
}
