// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a page says about itself for machines, in one form: JSON-LD here, microdata and RDFa in
// microdata.h.
#pragma once

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
  std::vector<ValueId> roots;    // what stands in nothing else, in document order
  std::vector<Entity> entities;  // in document order
  std::unordered_map<std::string, ValueId>
      by_id;  // JSON-LD @id -> the object that says more than its @id

  bool whole = true;         // false: a limit left something out
  bool links_refer = false;  // RDFa: a link may stand for the object of that name

  // The object that a bare reference `{"@id": "..."}`, or in RDFa a link, stands for, else `id`
  // itself.
  ValueId Follow(ValueId id) const;
  // The values of that member: lists opened, references followed; at most `max`.
  std::vector<ValueId> Members(ValueId object, std::string_view key, size_t max = 200) const;
  bool HasType(std::string_view type) const;
};

// The last part of a type's name: `https://schema.org/Product`, `schema:Product` -> `Product`.
std::string_view ShortType(std::string_view type);

// Adds what has a type at `root` and below it to `typed.entities`.
void CollectEntities(TypedTree& typed, ValueId root);

// Every JSON-LD script of the page; broken JSON is read as far as it makes sense
// (literal_reader.h).
TypedTree ReadJsonLd(const Document& document);

}  // namespace kaopu
