// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// libgumbo behind our error type: a tree in one arena, with a bound on memory and on time that
// holds whatever the input does.
#pragma once

#include <gumbo.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kaopu {

class GumboTree {
 public:
  // `html` must outlive the tree. kTooLarge: the tree would need more memory than a page of this
  // size may; kTimeout: the parser ran longer than any page of this size needs.
  static Expected<GumboTree> Parse(std::string_view html);
  GumboTree(GumboTree&&) noexcept;
  GumboTree& operator=(GumboTree&&) noexcept;
  ~GumboTree();

  const GumboNode* root() const;  // the html element
  const GumboNode* body() const;  // null on a frameset page

 private:
  struct Arena;
  explicit GumboTree(std::unique_ptr<Arena> arena);
  std::unique_ptr<Arena> arena_;
  GumboOutput* output_ = nullptr;
};

// nullptr for text, comments, the document.
const GumboElement* AsElement(const GumboNode& node);
// Local name in lower case.
std::string ElementName(const GumboElement& element);
std::optional<std::string_view> AttributeOf(const GumboElement& element, std::string_view name);
// Text of an element's own text nodes (all there is in script, title, textarea).
std::string OwnText(const GumboElement& element);

}  // namespace kaopu
