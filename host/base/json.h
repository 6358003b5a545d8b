// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// nlohmann/json behind our error type: parsing never throws, reading a field never throws. The parser is RapidJSON, ten times
// as fast on what a frame mostly is: one long string.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

// Made once, in json.cc, not in every file that uses it.
extern template class nlohmann::basic_json<>;

namespace kaopu {

using Json = nlohmann::json;

// kBadRequest on malformed JSON, invalid UTF-8, or nesting deeper than `depth_max`; `what` names the input in the message.
Expected<Json> ParseJson(std::string_view text, std::string_view what, int depth_max = 64);

// UTF-8 always comes out: invalid bytes become U+FFFD.
std::string DumpJson(const Json& value, int indent = -1);

// Field readers: absent or null gives nullopt; another type is kBadRequest naming the field.
Expected<std::optional<std::string>> GetString(const Json& object, std::string_view field);
Expected<std::optional<int64_t>> GetInt(const Json& object, std::string_view field);
Expected<std::optional<bool>> GetBool(const Json& object, std::string_view field);
// As GetString, but absent is kBadRequest too.
Expected<std::string> RequireString(const Json& object, std::string_view field);

}  // namespace kaopu
