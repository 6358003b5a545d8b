// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Paths into a ValueTree, as adapters write them: `product.venderId`, `evaluates[type=post].score`,
// `orders[*].id`,
// `["odd.key"]`, `..shopId` (first of that name anywhere below). A key step looks through lists.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "page/value_tree.h"

namespace kaopu {

class ValuePath {
 public:
  // kBadRequest names the place where the path stops making sense. An empty path is the value
  // itself.
  static Expected<ValuePath> Parse(std::string_view text);

  // Calls `visit` on each value the path leads to, in order, until it returns false; gives how many
  // nodes were looked at, at most about `kVisitsMax`. `follow`, when given, replaces a node by what
  // it stands for (a JSON-LD reference).
  using Visit = std::function<bool(ValueId)>;
  using Follow = std::function<ValueId(ValueId)>;
  size_t ForEach(const ValueTree& tree, ValueId start, const Visit& visit,
                 const Follow& follow = nullptr) const;

  static constexpr int kVisitsMax = 100'000;

 private:
  enum class Step { kKey, kIndex, kAny, kFilter, kBelow };
  struct Part {
    Step step = Step::kKey;
    std::string key;
    std::string value;  // kFilter
    size_t index = 0;   // kIndex
  };
  struct Walk;

  std::vector<Part> parts_;
};

}  // namespace kaopu
