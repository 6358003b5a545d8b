// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/json.h"

#include <algorithm>
#include <limits>

#include "base/str_cat.h"

namespace kaopu {
namespace {

// Nesting of brackets outside strings: one pass before the parser, so that depth is never the
// parser's problem.
int NestingDepth(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '"':
        for (++i; i < text.size() && text[i] != '"'; ++i) {
          if (text[i] == '\\') ++i;
        }
        break;
      case '[':
      case '{':
        deepest = std::max(deepest, ++depth);
        break;
      case ']':
      case '}':
        --depth;
        break;
      default:
        break;
    }
  }
  return deepest;
}

std::unexpected<Error> WrongType(std::string_view field, std::string_view wanted,
                                 const Json& value) {
  return Fail(ErrorCode::kBadRequest,
              StrCat("field \"", field, "\" must be ", wanted, ", not ", value.type_name()));
}

// The field's value, or null for an absent one; an object that is none has no fields.
const Json* FindField(const Json& object, std::string_view field) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(field);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

}  // namespace

Expected<Json> ParseJson(std::string_view text, std::string_view what, int depth_max) {
  if (const int depth = NestingDepth(text); depth > depth_max) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(what, ": nested ", depth, " deep, at most ", depth_max, " allowed"));
  }
  Json value;
  try {
    value = Json::parse(text);
  } catch (const Json::parse_error& e) {
    // Place only: the library's message may quote the input.
    return Fail(ErrorCode::kBadRequest,
                StrCat(what, ": not valid JSON at byte ", e.byte, " of ", text.size()));
  } catch (const Json::exception& e) {
    return Fail(ErrorCode::kBadRequest, StrCat(what, ": not valid JSON (error ", e.id, ")"));
  }
  return value;
}

std::string DumpJson(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Expected<std::optional<std::string>> GetString(const Json& object, std::string_view field) {
  const Json* value = FindField(object, field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) return WrongType(field, "a string", *value);
  return value->get<std::string>();
}

Expected<std::optional<int64_t>> GetInt(const Json& object, std::string_view field) {
  const Json* value = FindField(object, field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer()) return WrongType(field, "an integer", *value);
  if (value->is_number_unsigned() &&
      value->get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return Fail(ErrorCode::kBadRequest, StrCat("field \"", field, "\" is out of range"));
  }
  return value->get<int64_t>();
}

Expected<std::optional<bool>> GetBool(const Json& object, std::string_view field) {
  const Json* value = FindField(object, field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) return WrongType(field, "true or false", *value);
  return value->get<bool>();
}

Expected<std::string> RequireString(const Json& object, std::string_view field) {
  auto value = GetString(object, field);
  if (!value) return std::unexpected(value.error());
  if (!*value) return Fail(ErrorCode::kBadRequest, StrCat("field \"", field, "\" is missing"));
  return std::move(**value);
}

}  // namespace kaopu
