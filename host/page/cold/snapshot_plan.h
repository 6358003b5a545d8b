// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The `snapshot` object of a plan (host/docs/protocol.md, "plan"): which scripts, inputs and main
// elements to keep.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace kaopu {

// Looks up an attribute of the element asked about; nullopt when it has none.
using AttributeLookup = std::function<std::optional<std::string_view>(std::string_view name)>;

class SnapshotPlan {
 public:
  // Fields of the wrong type are as if absent; an entry without any field matches nothing.
  explicit SnapshotPlan(const Json& plan);

  bool Keeps(std::string_view tag, const AttributeLookup& attribute) const;
  bool IsMain(std::string_view tag, const AttributeLookup& attribute) const;
  // Index of the first `state` entry that names an inline script; -1 for none.
  int StateOf(std::string_view id, std::string_view text) const;
  const std::string& StateName(int index) const { return state_[static_cast<size_t>(index)].name; }
  int state_count() const { return static_cast<int>(state_.size()); }

 private:
  struct State {
    std::string name, id, contains;
  };
  struct Element {
    std::string tag, id, name, role, css_class;
    bool Matches(std::string_view element_tag, const AttributeLookup& attribute) const;
  };
  static std::vector<Element> Elements(const Json& plan, const char* field);

  std::vector<State> state_;
  std::vector<Element> keep_, main_;
};

// JSON-LD by its script's type attribute: case, white space around it and parameters do not matter.
bool IsJsonLd(std::string_view type);

}  // namespace kaopu
