// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/open_elements.h"

#include <algorithm>
#include <array>

namespace kaopu {
namespace {

// What the standard's tree construction asks of an element's name.
enum Trait : unsigned {
  kVoid = 1 << 0,
  kFormatting = 1 << 1,  // carried into later blocks until closed
  kSpecial = 1 << 2,     // unknown end tags do not reach through it
  kScope = 1 << 3,       // nor do those of blocks
  kTableScope = 1 << 4,  // nor those of table parts
  kMarker = 1 << 5,      // its end forgets formatting begun inside
  kClosesParagraph = 1 << 6,
  kTablePart = 1 << 7,
  kRowGroup = 1 << 8,
  kHeading = 1 << 9,
  kListScope = 1 << 10,    // kScope and ol, ul
  kButtonScope = 1 << 11,  // kScope and button
  kItemBarrier = 1 << 12,  // kSpecial but address, div, p
};

// Well-known names in the order of kNames.
enum Id : int {
  kA,
  kButton,
  kCaption,
  kDd,
  kDt,
  kForm,
  kH1,
  kH2,
  kH3,
  kH4,
  kH5,
  kH6,
  kLi,
  kNobr,
  kOptgroup,
  kOption,
  kP,
  kSelect,
  kTable,
  kTbody,
  kTd,
  kTemplate,
  kTh,
  kTr,
  kHtml,
  kHead,
  kBody,
  kBr,
  kFrameset,
  kInput,
  kKeygen,
  kKnown
};
constexpr std::array<std::string_view, kKnown> kNames = {
    "a",    "button", "caption", "dd",    "dt",       "form",     "h1",       "h2",
    "h3",   "h4",     "h5",      "h6",    "li",       "nobr",     "optgroup", "option",
    "p",    "select", "table",   "tbody", "td",       "template", "th",       "tr",
    "html", "head",   "body",    "br",    "frameset", "input",    "keygen"};

struct TraitRow {
  unsigned traits;
  std::string_view names;  // between spaces
};
constexpr std::array kTraits = {
    TraitRow{kVoid,
             " area base basefont bgsound br col command embed frame hr image img input isindex "
             "keygen link meta param source track wbr "},
    TraitRow{kFormatting, " a b big code em font i nobr s small strike strong tt u "},
    TraitRow{kSpecial,
             " address applet article aside blockquote body button caption center colgroup dd "
             "details dir div dl dt fieldset figcaption figure "
             "footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup html iframe li listing "
             "main marquee menu nav noembed noframes "
             "noscript object ol p plaintext pre script section select style summary table tbody "
             "td template textarea tfoot th thead "
             "title tr ul xmp "},
    TraitRow{kScope | kListScope | kButtonScope,
             " applet caption html table td th marquee object template "},
    TraitRow{kListScope, " ol ul "},
    TraitRow{kButtonScope, " button "},
    TraitRow{kTableScope, " table template html "},
    TraitRow{kMarker, " applet caption marquee object td template th "},
    TraitRow{
        kClosesParagraph,
        " address article aside blockquote center details dialog dir div dl fieldset figcaption "
        "figure footer form h1 h2 h3 h4 h5 h6 "
        "header hgroup hr li listing main menu nav ol p pre section summary ul dd dt table xmp "},
    TraitRow{kTablePart, " caption colgroup tbody td tfoot th thead tr "},
    TraitRow{kRowGroup, " tbody thead tfoot "},
    TraitRow{kHeading, " h1 h2 h3 h4 h5 h6 "}};

unsigned TraitsOf(std::string_view name) {
  const std::string word = " " + std::string(name) + " ";
  unsigned traits = 0;
  if (name.size() > 10 || name.find(' ') != std::string_view::npos) return 0;
  for (const TraitRow& row : kTraits) {
    if (row.names.find(word) != std::string_view::npos) traits |= row.traits;
  }
  if ((traits & kSpecial) != 0 && name != "address" && name != "div" && name != "p")
    traits |= kItemBarrier;
  return traits;
}

}  // namespace

OpenElements::Element OpenElements::Intern(std::string_view name) {
  if (names_.empty()) {
    for (int id = 0; id < kKnown; ++id) {
      const auto known = kNames[static_cast<size_t>(id)];
      names_.emplace(known, Element{id, TraitsOf(known)});
    }
  }
  const auto [found, added] =
      names_.try_emplace(std::string(name), Element{static_cast<int>(names_.size()), 0});
  if (added) found->second.traits = TraitsOf(name);
  return found->second;
}

int OpenElements::Find(int id, unsigned barrier) const {
  for (int i = static_cast<int>(entries_.size()) - 1; i >= 0; --i) {
    const Element& entry = entries_[static_cast<size_t>(i)];
    if (entry.id == id) return i;
    if ((entry.traits & barrier) != 0) return -1;
  }
  return -1;
}

void OpenElements::PopTo(size_t size) {
  if (size >= entries_.size()) return;
  for (; entries_.size() > size; entries_.pop_back()) {
    if ((entries_.back().traits & kMarker) == 0) continue;
    while (!carried_.empty()) {
      const bool mark = carried_.back() == kMark;
      carried_.pop_back();
      if (mark) break;
      --carried_count_;
    }
  }
  if (select_at_ >= static_cast<int>(size)) select_at_ = -1;
  dropped_.clear();
}

void OpenElements::CloseImplied(Element element) {
  if ((element.traits & kClosesParagraph) != 0) {
    if (const int at = Find(kP, kButtonScope); at >= 0) PopTo(at);
  }
  const Element* top = entries_.empty() ? nullptr : &entries_.back();
  if (element.id == kLi) {
    if (const int at = Find(kLi, kItemBarrier); at >= 0) PopTo(at);
  } else if (element.id == kDd || element.id == kDt) {
    const int at = std::max(Find(kDd, kItemBarrier), Find(kDt, kItemBarrier));
    if (at >= 0) PopTo(at);
  } else if (element.id == kButton) {
    if (const int at = Find(kButton, kScope); at >= 0) PopTo(at);
  } else if (element.id == kOption || element.id == kOptgroup) {
    if (top != nullptr && top->id == kOption) PopTo(entries_.size() - 1);
    if (select_at_ >= 0 && element.id == kOptgroup && entries_.back().id == kOptgroup)
      PopTo(entries_.size() - 1);
  } else if ((element.traits & kHeading) != 0) {
    if (top != nullptr && (top->traits & kHeading) != 0) PopTo(entries_.size() - 1);
  } else if (element.id == kA || element.id == kNobr) {
    if (Find(element.id, kScope) >= 0) EndFormatting(element);
  } else if (element.id == kTable && top != nullptr) {
    // A table right inside a table, not in a cell, ends the outer one.
    const bool inside = top->id == kTable || top->id == kTr || (top->traits & kRowGroup) != 0;
    if (inside) PopTo(std::max(0, Find(kTable, kTableScope)));
  }
}

// A part of a table closes what stands between it and the part that holds it.
void OpenElements::CloseForTable(Element part) {
  const bool cell = part.id == kTd || part.id == kTh;
  for (int i = static_cast<int>(entries_.size()) - 1; i >= 0; --i) {
    const Element open = entries_[static_cast<size_t>(i)];
    const bool group = (open.traits & kRowGroup) != 0;
    const bool holder = (open.traits & kTableScope) != 0 || (part.id == kTr && group) ||
                        (cell && (open.id == kTr || group));
    if (!holder) continue;
    PopTo(i + 1);
    // The rows and groups that the parser puts in by itself.
    if ((part.id == kTr || cell) && open.id == kTable) entries_.push_back(Intern("tbody"));
    if (cell && open.id != kTr) entries_.push_back(Intern("tr"));
    return;
  }
}

bool OpenElements::Leaf(std::string_view name) {
  if (select_at_ >= 0 && name != "script") {
    if (name != "textarea") return false;
    PopTo(select_at_);
  }
  return true;
}

bool OpenElements::Start(std::string_view name) {
  const Element element = Intern(name);
  const int id = element.id;
  if (id == kHtml || id == kHead || id == kBody) return true;
  if (id == kFrameset || id == kForm) {
    if (id == kFrameset ? !entries_.empty() : form_open_) return false;
    form_open_ = form_open_ || id == kForm;
  }
  const bool part = (element.traits & kTablePart) != 0;
  if (select_at_ >= 0 && id != kOption && id != kOptgroup && id != kTemplate) {
    const bool ends = id == kSelect || id == kInput || id == kKeygen || id == kTable || part;
    if (!ends || (part && Find(kTable, kTableScope) < 0)) return false;
    PopTo(select_at_);
    if (id == kSelect) return true;
  }
  if (part) {
    const bool in_template = Find(kTemplate, kTableScope) >= 0;
    if (!in_template && Find(kTable, kTableScope) < 0)
      return false;  // no parser makes an element of it
    if (!in_template) CloseForTable(element);
  } else {
    CloseImplied(element);
  }
  if ((element.traits & kVoid) != 0) return true;
  const bool formatting = (element.traits & kFormatting) != 0;
  // `a` and `nobr` close themselves, so at most one of each is carried.
  const bool counted = formatting && id != kA && id != kNobr;
  if (entries_.size() >= kDepthMax || (counted && carried_count_ >= kFormattingMax)) {
    ++dropped_[id];
    return false;
  }
  if (formatting) {
    carried_.push_back(id);
    ++carried_count_;
  } else if ((element.traits & kMarker) != 0) {
    carried_.push_back(kMark);
  }
  if (id == kSelect) select_at_ = static_cast<int>(entries_.size());
  entries_.push_back(element);
  return true;
}

void OpenElements::EndFormatting(Element element) {
  for (size_t i = carried_.size(); i-- > 0 && carried_[i] != kMark;) {
    if (carried_[i] != element.id) continue;
    carried_.erase(carried_.begin() + static_cast<long>(i));
    --carried_count_;
    break;
  }
  const int at = Find(element.id, kScope);
  if (at < 0) return;
  if (std::any_of(entries_.begin() + at + 1, entries_.end(),
                  [](Element e) { return (e.traits & kSpecial) != 0; })) {
    // The adoption agency moves the formatting inside: the blocks stay open.
    entries_.erase(entries_.begin() + at);
    if (select_at_ > at) --select_at_;
  } else {
    PopTo(at);
  }
}

void OpenElements::EndForm() {
  form_open_ = false;
  const int at = Find(kForm, kScope);
  if (at < 0) return;
  if (at + 1 == static_cast<int>(entries_.size())) {
    PopTo(at);
  } else {
    entries_.erase(entries_.begin() + at);  // what is open inside stays open
    if (select_at_ > at) --select_at_;
  }
}

int OpenElements::FindForEnd(Element element) const {
  if ((element.traits & kTablePart) != 0 || element.id == kTable)
    return Find(element.id, kTableScope);
  if (element.id == kTemplate) return Find(element.id, 0);
  if (element.id == kLi) return Find(element.id, kListScope);
  if ((element.traits & kHeading) != 0) {
    int at = -1;
    for (const int heading : {kH1, kH2, kH3, kH4, kH5, kH6})
      at = std::max(at, Find(heading, kScope));
    return at;
  }
  return Find(element.id, (element.traits & kSpecial) != 0 ? kScope : kSpecial);
}

bool OpenElements::End(std::string_view name) {
  const Element element = Intern(name);
  const int id = element.id;
  if (auto dropped = dropped_.find(id); dropped != dropped_.end() && dropped->second > 0) {
    --dropped->second;
    return false;
  }
  if (id == kHtml || id == kHead || id == kBody || id == kBr) return true;
  const bool in_select = id == kSelect || id == kOption || id == kOptgroup || id == kTemplate ||
                         id == kTable || (element.traits & kTablePart) != 0;
  if (select_at_ >= 0 && !in_select) return false;
  if (id == kP) {
    if (const int at = Find(kP, kButtonScope); at >= 0) PopTo(at);
    return true;  // without an open one the parser makes an empty one
  }
  if ((element.traits & kFormatting) != 0) {
    EndFormatting(element);  // may end one that is carried though not open
    return true;
  }
  if (id == kForm) {
    EndForm();
    return true;
  }
  const int at = FindForEnd(element);
  if (at < 0) return false;
  PopTo(at);
  return true;
}

}  // namespace kaopu
