// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A parsed snapshot with the indexes that rules look things up in: ids, classes, tags and attribute
// names, in document order.
#pragma once

#include <cstdint>
#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "page/token_index.h"
#include "page/work_budget.h"

namespace kaopu {

using ElementId = uint32_t;

// An entry of an adapter's `snapshot.keep` whose text is HTML.
struct HtmlField {
  std::string tag, id, name, class_name;
};

class Document {
 public:
  // kBadRequest with place and limit (snapshot_guard.h, then the parser).
  static Expected<std::unique_ptr<Document>> Parse(std::string snapshot);

  // Turns the HTML text of the textareas that `fields` names into elements. Before BuildIndex.
  void ExpandHtml(const std::vector<HtmlField>& fields);
  void BuildIndex();

  pugi::xml_node page() const { return page_; }
  pugi::xml_node head() const { return page_.child("head"); }
  pugi::xml_node data() const { return page_.child("data"); }
  std::string lang() const { return page_.attribute("lang").value(); }
  // Text of head's title, white space folded.
  std::string Title() const;
  // `content` of the first meta with that name, property or itemprop (compared without case); empty
  // when there is none.
  std::string_view Meta(std::string_view name) const;

  // Elements of the bodies, in document order.
  size_t element_count() const { return elements_.size(); }
  pugi::xml_node Element(ElementId id) const { return elements_[id]; }
  const TokenIndex& ids() const { return ids_; }
  const TokenIndex& classes() const { return classes_; }
  const TokenIndex& tags() const { return tags_; }
  const TokenIndex& attributes() const { return attributes_; }

  // Text of a subtree as read by a person: block elements and br separate words, white space
  // folded; scripts, options and textareas are left out unless the subtree is one. At most
  // `bytes_max` bytes, from at most as many nodes and kTextNodesMore; each node is a step of work.
  std::string Text(pugi::xml_node node, size_t bytes_max = 16 * 1024) const;
  static constexpr size_t kTextNodesMore = 2'000;

  // The bodies' text, one line a block, built once. `prose` leaves out what others wrote or what
  // concerns other goods: reviews, questions and lists of recommendations.
  const std::string& VisibleText() const;
  const std::string& ProseText() const;

  // Spent by whoever looks through the page.
  WorkBudget& work() const { return work_; }

 private:
  Document() = default;
  void IndexAttribute(pugi::xml_attribute attribute, ElementId id);

  std::string bytes_;  // the parser works in place: nodes point into it
  pugi::xml_document xml_;
  pugi::xml_node page_;
  std::vector<pugi::xml_node> elements_;
  TokenIndex ids_, classes_, tags_, attributes_;
  mutable std::unique_ptr<std::string> visible_text_, prose_text_;
  mutable WorkBudget work_;
};

}  // namespace kaopu
