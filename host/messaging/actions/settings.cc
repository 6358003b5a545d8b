// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// settings_get, settings_set.
#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/wire.h"

namespace kaopu {
namespace {

constexpr size_t kWordCharsMax = 20;

void ReadSettings(Fields& fields, Settings& settings) {
  if (fields.Has("caution")) {
    const std::string word = fields.RequiredText("caution", kWordCharsMax);
    const std::optional<Caution> caution = ParseCaution(word);
    if (!caution)
      fields.Wrong("caution", StrCat(Quoted(word), " is none; expected low, normal or high"));
    settings.caution = caution.value_or(settings.caution);
  }
  if (fields.Has("ask_above")) settings.ask_above = fields.Price("ask_above");
  if (fields.Has("language")) {
    const std::string word = fields.RequiredText("language", kWordCharsMax);
    if (word != "auto" && word != "en" && word != "zh_CN") {
      fields.Wrong("language", StrCat(Quoted(word), " is none; expected auto, en or zh_CN"));
    }
    settings.language = word;
  }
}

}  // namespace

Expected<Json> RunSettingsGet(ActionContext& context, Json&) {
  const Expected<Settings> settings = context.store.GetSettings();
  if (!settings) return std::unexpected(settings.error());
  return Json{{"settings", ToJson(*settings)}};
}

Expected<Json> RunSettingsSet(ActionContext& context, Json& request) {
  if (!request.contains("settings") || !request["settings"].is_object()) {
    return Fail(ErrorCode::kBadRequest,
                "settings: is missing; expected an object of the settings to change");
  }
  const Json& wanted = request["settings"];
  for (const auto& [name, value] : wanted.items()) {
    if (name != "caution" && name != "ask_above" && name != "language") {
      return Fail(
          ErrorCode::kBadRequest,
          StrCat("settings: ", Quoted(name), " is none; expected caution, ask_above or language"));
    }
  }
  Expected<Settings> settings = context.store.GetSettings();
  if (!settings) return std::unexpected(settings.error());
  Fields fields(wanted, context);
  ReadSettings(fields, *settings);
  if (fields.error()) return std::unexpected(*fields.error());
  if (Expected<void> put = context.store.PutSettings(*settings); !put)
    return std::unexpected(put.error());
  return Json{{"settings", ToJson(*settings)}};
}

}  // namespace kaopu
