// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a page says about itself for machines: JSON-LD, and microdata or RDFa brought into the same
// form.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "page/document.h"
#include "page/value_tree.h"

namespace kaopu {

// A tree and the objects in it that have a type.
struct TypedTree {
  struct Entity {
    ValueId id = kNoValue;
    std::vector<std::string> types;  // last part only: `Product`, not `http://schema.org/Product`
    size_t parent = SIZE_MAX;        // place in `entities` of the nearest one that holds it
  };
  ValueTree tree;
  std::vector<Entity> entities;  // in document order
  std::unordered_map<std::string, ValueId>
      by_id;  // JSON-LD @id -> the object that says more than its @id

  // The object that a bare reference `{"@id": "..."}` stands for, else `id` itself.
  ValueId Follow(ValueId id) const;
  bool HasType(std::string_view type) const;
};

// The last part of a type's name: `https://schema.org/Product`, `schema:Product` -> `Product`.
std::string_view ShortType(std::string_view type);

TypedTree ReadJsonLd(const Document& document);

// A price that stands in a meta element outside the product's own markup goes to the page's one
// Product, when the metas of the page agree on it.
TypedTree ReadMicrodata(const Document& document);

}  // namespace kaopu
