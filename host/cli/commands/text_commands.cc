// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu promise` and `kaopu price`: the two text readers alone, JSON lines in, JSON lines out. One
// line out for each line in; a bad line yields {"error": ...} in its place and the run goes on.
#include <functional>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "cli/commands/commands.h"
#include "page/price.h"
#include "page/promise.h"

namespace kaopu {
namespace {

using ReadLine = std::function<Expected<Json>(const Json& line)>;

Json ErrorLine(const Error& error, const Json& id) {
  Json line = {{"error", {{"code", ErrorCodeName(error.code)}, {"message", error.message}}}};
  if (!id.is_null()) line["id"] = id;
  return line;
}

void RunLines(CommandContext& context, const ReadLine& read) {
  std::string text;
  while (std::getline(context.in, text)) {
    if (text.ends_with('\r')) text.pop_back();
    const auto line = ParseJson(text, "line");
    Json id;
    Expected<Json> answer = Fail(ErrorCode::kBadRequest, "line: must be a JSON object");
    if (!line) {
      answer = std::unexpected(line.error());
    } else if (line->is_object()) {
      id = line->value("id", Json());
      answer = read(*line);
      if (answer && !id.is_null()) (*answer)["id"] = id;
    }
    context.out << DumpJson(answer ? *answer : ErrorLine(answer.error(), id)) << '\n';
  }
  context.out.flush();
}

// An RFC 3339 string, a date, or integer UTC milliseconds.
Expected<std::optional<TimeMs>> NowOf(const Json& line) {
  const auto found = line.find("now");
  if (found == line.end() || found->is_null()) return std::nullopt;
  if (found->is_number_integer()) {
    const auto ms = GetInt(line, "now");
    // Years 0001 to 9999, as dates are written.
    if (!ms || **ms < -62'135'596'800'000 || **ms > 253'402'300'799'999) {
      return Fail(ErrorCode::kBadRequest, "field \"now\" is out of range");
    }
    return TimeMs{std::chrono::milliseconds{**ms}};
  }
  const auto time =
      found->is_string() ? ParseTime(found->get_ref<const std::string&>()) : std::nullopt;
  if (!time)
    return Fail(ErrorCode::kBadRequest,
                "field \"now\" must be an RFC 3339 time or integer milliseconds");
  return time;
}

Expected<Json> PromiseLine(const PromiseReader& reader, const Json& line) {
  const auto text = RequireString(line, "text");
  if (!text) return std::unexpected(text.error());
  const auto lang = GetString(line, "lang");
  if (!lang) return std::unexpected(lang.error());
  const auto now = NowOf(line);
  if (!now) return std::unexpected(now.error());
  Json answer = ToJson(reader.Read(*text, lang->value_or(""), *now));
  answer.erase("text");
  answer.erase("compensation");
  return answer;
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Expected<Json> PriceLine(const Json& line) {
  const auto text = GetString(line, "text");
  const auto hint = GetString(line, "currency_hint");
  const auto decimal_separator = GetString(line, "decimal_separator");
  for (const auto* field : {&text, &hint, &decimal_separator}) {
    if (!*field) return std::unexpected(field->error());
  }
  if (!line.contains("text")) return Fail(ErrorCode::kBadRequest, "field \"text\" is missing");
  const std::string mark = decimal_separator->value_or("");
  const PriceText price = ReadPriceText(text->value_or(""), hint->value_or(""), {}, {},
                                        mark == "." || mark == "," ? mark[0] : '\0');
  return Json{{"amount", OrNull(price.amount)},
              {"currency", OrNull(price.currency)},
              {"symbol", OrNull(price.symbol)}};
}

}  // namespace

void AddTextCommands(Command app, CommandContext& context) {
  Command promise =
      app.AddCommand("promise", "Read shipping promises: JSON lines in, JSON lines out");
  promise.Footer(
      "In:  {\"text\", \"lang\"?, \"now\"?}; now is an RFC 3339 time or UTC milliseconds and "
      "resolves dates without a year\n"
      "Out: {\"kind\":\"ship|deliver|presale|none\", \"min_hours\", \"max_hours\", "
      "\"business_days\", \"earliest\", \"latest\"}\n"
      "Example:\n  echo '{\"text\":\"48小时内发货\"}' | kaopu promise");
  promise.Callback([&context] {
    const auto data = DataFolder();
    if (!data) return context.Fail(data.error());
    const auto reader = PromiseReader::Load(*data / "promises");
    if (!reader) return context.Fail(reader.error());
    if (const auto ready = reader->Prepare(); !ready) return context.Fail(ready.error());
    RunLines(context, [&reader](const Json& line) { return PromiseLine(*reader, line); });
  });

  Command price = app.AddCommand("price", "Read prices: JSON lines in, JSON lines out");
  price.Footer(
      "In:  {\"text\", \"currency_hint\"?, \"decimal_separator\"?}; the hint is any text that may "
      "hold a currency\n"
      "Out: {\"amount\", \"currency\", \"symbol\"}; currency is an ISO 4217 code, null when "
      "ambiguous\n"
      "Example:\n  echo '{\"text\":\"US$:12.99\"}' | kaopu price");
  price.Callback([&context] { RunLines(context, PriceLine); });
}

}  // namespace kaopu
