// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/json_schema.h"

#include <algorithm>
#include <exception>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace kaopu {
namespace {

constexpr size_t kViolationsMax = 20;

std::string Place(const std::vector<std::string>& context) {
  std::string place;
  for (const std::string& part : context) place += part == "<root>" ? "" : part;
  return place.empty() ? "the whole file" : place;
}

}  // namespace

Expected<std::vector<std::string>> SchemaViolations(const Json& schema, const Json& document) {
  std::vector<std::string> violations;
  try {
    valijson::Schema parsed;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    const valijson::adapters::NlohmannJsonAdapter schema_adapter(schema);
    parser.populateSchema(schema_adapter, parsed);
    valijson::Validator validator;
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter target(document);
    if (validator.validate(parsed, target, &results)) return violations;
    // The innermost reasons come first; one a place is enough.
    for (valijson::ValidationResults::Error error;
         results.popError(error) && violations.size() < kViolationsMax;) {
      violations.push_back(Place(error.context) + ": " + error.description);
    }
  } catch (const std::exception& exception) {
    return Fail(ErrorCode::kDamaged, std::string("schema: ") + exception.what());
  }
  return violations;
}

}  // namespace kaopu
