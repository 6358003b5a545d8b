// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The HTML standard's stack of open elements, by name alone: enough to know how deep a parser's
// tree is at each tag, and how much formatting it carries along. Each call is O(kDepthMax),
// a few instructions a level.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kaopu {

class OpenElements {
 public:
  // Deeper than the snapshot's 512 levels, so that its serializer, not the guard, decides what is
  // cut.
  static constexpr size_t kDepthMax = 516;
  // Unclosed formatting elements (b, font, ...) that a parser reopens in every later block.
  static constexpr int kFormattingMax = 12;

  // Whether the start tag shall reach the parser.
  bool Start(std::string_view name);
  // The same for an element that is opened and closed at once (void or raw text).
  bool Leaf(std::string_view name);
  // Whether the end tag shall reach the parser.
  bool End(std::string_view name);

 private:
  // A name as a number, with what the standard says about elements of that name.
  struct Element {
    int id = 0;
    unsigned traits = 0;
  };

  Element Intern(std::string_view name);
  void CloseImplied(Element element);
  void CloseForTable(Element part);
  void EndFormatting(Element element);
  void EndForm();
  // Index of the element that the end tag closes, or -1.
  int FindForEnd(Element element) const;
  // Index of the innermost element of that id with none of the barrier's traits above it, or -1.
  int Find(int id, unsigned barrier) const;
  void PopTo(size_t size);

  std::unordered_map<std::string, Element> names_;
  std::vector<Element> entries_;
  int select_at_ = -1;      // index of the open select
  bool form_open_ = false;  // a second form is no element
  // Formatting (by id) that the parser would reopen, innermost last; kMark stands for a cell,
  // caption, ... whose end forgets what follows it.
  static constexpr int kMark = -1;
  std::vector<int> carried_;
  int carried_count_ = 0;  // without the marks
  std::unordered_map<int, int>
      dropped_;  // start tags left out at the cap whose end tags must be too
};

}  // namespace kaopu
