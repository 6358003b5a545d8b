// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/snapshot_plan.h"

#include <algorithm>

#include "page/cold/html_tokenizer.h"
#include "page/text.h"

namespace kaopu {
namespace {

std::string Field(const Json& entry, const char* name) {
  const auto found = entry.is_object() ? entry.find(name) : entry.end();
  return entry.is_object() && found != entry.end() && found->is_string() ? found->get<std::string>()
                                                                         : std::string();
}

const Json& List(const Json& plan, const char* name) {
  static const Json none = Json::array();
  if (!plan.is_object()) return none;
  const auto found = plan.find(name);
  return found != plan.end() && found->is_array() ? *found : none;
}

bool HasWord(std::string_view words, std::string_view word) {
  for (size_t pos = 0; pos < words.size();) {
    while (pos < words.size() && IsHtmlSpace(words[pos])) ++pos;
    const size_t from = pos;
    while (pos < words.size() && !IsHtmlSpace(words[pos])) ++pos;
    if (pos > from && words.substr(from, pos - from) == word) return true;
  }
  return false;
}

}  // namespace

bool IsJsonLd(std::string_view type) {
  return EqualsIgnoreCase(TrimHtmlSpace(type.substr(0, type.find(';'))), "application/ld+json");
}

bool SnapshotPlan::Element::Matches(std::string_view element_tag,
                                    const AttributeLookup& attribute) const {
  if (!tag.empty() && tag != element_tag) return false;
  const auto same = [&](std::string_view attribute_name, const std::string& wanted) {
    return wanted.empty() || attribute(attribute_name) == wanted;
  };
  if (!same("id", id) || !same("name", name) || !same("role", role)) return false;
  return css_class.empty() || HasWord(attribute("class").value_or(""), css_class);
}

std::vector<SnapshotPlan::Element> SnapshotPlan::Elements(const Json& plan, const char* field) {
  std::vector<Element> elements;
  for (const Json& entry : List(plan, field)) {
    Element element{Field(entry, "tag"), Field(entry, "id"), Field(entry, "name"),
                    Field(entry, "role"), Field(entry, "class")};
    const bool any =
        !(element.tag + element.id + element.name + element.role + element.css_class).empty();
    if (any) elements.push_back(std::move(element));
  }
  return elements;
}

SnapshotPlan::SnapshotPlan(const Json& plan)
    : keep_(Elements(plan, "keep")), main_(Elements(plan, "main")) {
  if (main_.empty()) main_ = {{.tag = "main"}, {.role = "main"}};
  for (const Json& entry : List(plan, "state")) {
    State state{Field(entry, "name"), Field(entry, "id"), Field(entry, "contains")};
    if (!state.name.empty() && !(state.id.empty() && state.contains.empty()))
      state_.push_back(std::move(state));
  }
}

bool SnapshotPlan::Keeps(std::string_view tag, const AttributeLookup& attribute) const {
  return std::any_of(keep_.begin(), keep_.end(),
                     [&](const Element& element) { return element.Matches(tag, attribute); });
}

bool SnapshotPlan::IsMain(std::string_view tag, const AttributeLookup& attribute) const {
  return std::any_of(main_.begin(), main_.end(),
                     [&](const Element& element) { return element.Matches(tag, attribute); });
}

int SnapshotPlan::StateOf(std::string_view id, std::string_view text) const {
  const auto names = [&](const State& state) {
    return (state.id.empty() || state.id == id) &&
           (state.contains.empty() || text.find(state.contains) != std::string_view::npos);
  };
  const auto found = std::find_if(state_.begin(), state_.end(), names);
  return found == state_.end() ? -1 : static_cast<int>(found - state_.begin());
}

}  // namespace kaopu
