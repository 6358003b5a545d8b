// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/json.h"

#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#elif defined(__ARM_NEON)
#define RAPIDJSON_NEON
#endif
#include <rapidjson/reader.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "base/str_cat.h"
#include "base/utf8.h"

template class nlohmann::basic_json<>;

namespace kaopu {
namespace {

// A number that JSON allows: integers where 64 bits hold them, as nlohmann has it. nullopt beyond
// what a double reaches.
std::optional<Json> NumberOf(std::string_view text) {
  const char* const end = text.data() + text.size();
  const auto read = [&](auto value) -> std::optional<Json> {
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional<Json>(value) : std::nullopt;
  };
  const bool whole = text.find_first_of(".eE") == std::string_view::npos;
  if (whole) {
    if (auto integer = text.starts_with('-') ? read(int64_t{}) : read(uint64_t{})) return integer;
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end) return value;
  // Too small is zero, too large is no number: from_chars tells neither from the other.
  const std::string copy(text);
  value = std::strtod(copy.c_str(), nullptr);
  return std::isfinite(value) ? std::optional<Json>(value) : std::nullopt;
}

// Builds a Json from the parser's events. What opens deeper than allowed ends the parse, and so
// does a string that is not UTF-8: the parser itself lets through any bytes, and lone surrogates.
class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
 public:
  explicit Builder(int depth_max) : depth_max_(static_cast<size_t>(depth_max)) {}

  bool Null() { return Add(nullptr); }
  bool Bool(bool value) { return Add(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    const std::optional<Json> number = NumberOf({text, size});
    return number && Add(*number);
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return IsValidUtf8({text, size}) && Add(std::string(text, size));
  }
  bool StartObject() { return Open(Json::object()); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    member_ = &open_.back()->get_ref<Json::object_t&>()[std::string(text, size)];
    return IsValidUtf8({text, size});
  }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool StartArray() { return Open(Json::array()); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

  bool too_deep() const { return too_deep_; }
  Json Take() { return std::move(root_); }

 private:
  // The place of the next value. Only the innermost container grows, so pointers to the others
  // hold.
  Json& Next() {
    if (open_.empty()) return root_;
    if (open_.back()->is_object()) return *member_;
    return open_.back()->get_ref<Json::array_t&>().emplace_back();
  }
  bool Add(Json value) {
    Next() = std::move(value);
    return true;
  }
  bool Open(Json container) {
    if (open_.size() >= depth_max_) {
      too_deep_ = true;
      return false;
    }
    Json& next = Next();
    next = std::move(container);
    open_.push_back(&next);
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  const size_t depth_max_;
  bool too_deep_ = false;
  Json root_;
  std::vector<Json*> open_;
  Json* member_ = nullptr;
};

// Place of the first byte that may stand nowhere in JSON, npos for none: control characters but
// white space. The parser takes a NUL for the end of the text and lets some others through in
// strings. In blocks, which compilers turn into a few vector instructions.
size_t ForbiddenByteAt(std::string_view text) {
  const auto forbidden = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  };
  constexpr size_t kBlock = 64;
  size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    unsigned found = 0;
    for (size_t i = 0; i < kBlock; ++i) found |= static_cast<unsigned>(forbidden(text[at + i]));
    if (found != 0) break;
  }
  while (at < text.size() && !forbidden(text[at])) ++at;
  return at < text.size() ? at : std::string_view::npos;
}

// The parser reads sixteen bytes at a time, past the end of what it is given but not past this.
constexpr size_t kPaddingBytes = 16;

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
  const auto fail_at = [&](size_t at) {
    // Place only: what the input says is not repeated.
    return Fail(ErrorCode::kBadRequest,
                StrCat(what, ": not valid JSON at byte ", at + 1, " of ", text.size()));
  };
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const size_t at = ForbiddenByteAt(text); at != std::string_view::npos) return fail_at(at);
  std::string buffer;  // strings are decoded in place
  buffer.reserve(text.size() + kPaddingBytes);
  buffer = text;
  rapidjson::InsituStringStream stream(buffer.data());
  rapidjson::Reader reader;
  Builder builder(depth_max);
  // Its own numbers are not right always (0e53).
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (builder.too_deep()) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(what, ": nested deeper than the ", depth_max, " levels allowed"));
  }
  if (result.IsError()) return fail_at(result.Offset());
  return builder.Take();
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
