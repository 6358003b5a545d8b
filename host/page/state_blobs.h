// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The literals inside a page's named inline scripts, read when a rule first asks for one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "page/document.h"
#include "page/pattern.h"
#include "page/value_tree.h"

namespace kaopu {

// Where the literal of a name begins (an adapter's `literals` entry).
struct LiteralPlace {
  std::string script;
  Pattern start;
};

class StateBlobs {
 public:
  using Places = std::map<std::string, LiteralPlace, std::less<>>;

  // Both must outlive this object.
  StateBlobs(const Document& document, const Places& places)
      : document_(document), places_(places) {}

  struct Blob {
    ValueTree tree;
    std::vector<ValueId> roots;  // one a literal found, in page order
  };
  // Empty roots when the page has no such literal. The reference lives as long as this object.
  const Blob& Get(std::string_view name);

 private:
  void ReadNamed(std::string_view script, std::string_view name, Blob& blob);
  void ReadPlaced(std::string_view script, const RE2& start, Blob& blob);

  const Document& document_;
  const Places& places_;
  std::map<std::string, std::unique_ptr<Blob>, std::less<>> blobs_;
};

}  // namespace kaopu
