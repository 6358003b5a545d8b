// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/stream_event.h"

#include <cmath>

#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr size_t kLineBytesMax = 64 * 1024;
constexpr int64_t kSecondsMax = kMinuteMax * 60;
constexpr double kHoursMax = 1e6;  // a hundred years
constexpr double kPriceMax = 1e13;

template <typename... Parts>
std::unexpected<Error> Bad(const Parts&... parts) {
  return Fail(ErrorCode::kBadRequest, StrCat(parts...));
}

// Reads one object's fields; keeps the first thing that is wrong.
class Event {
 public:
  explicit Event(const Json& object) : object_(object) {}

  std::string Text(std::string_view field) {
    const Json* value = Find(field);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    if (value->is_number_integer()) return DumpJson(*value);
    return Wrong(field, "must be a text"), std::string();
  }
  std::string NeedText(std::string_view field) {
    std::string text = Text(field);
    if (text.empty() && !error_) Wrong(field, "is missing or empty");
    return text;
  }
  std::optional<double> Number(std::string_view field, double low, double high) {
    const Json* value = Find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) return Wrong(field, "must be a number"), std::nullopt;
    const double number = value->get<double>();
    if (!(number >= low && number <= high)) {
      return Wrong(field, StrCat("must be within ", static_cast<int64_t>(low), " .. ",
                                 static_cast<int64_t>(high))),
             std::nullopt;
    }
    return number;
  }
  std::optional<int64_t> Minutes(std::string_view hours_field) {
    const auto hours = Number(hours_field, -kHoursMax, kHoursMax);
    return hours ? std::optional<int64_t>(std::llround(*hours * 60)) : std::nullopt;
  }
  Minute NeedTime() {
    const auto seconds = Number("t", 0, static_cast<double>(kSecondsMax));
    if (!seconds && !error_) Wrong("t", "is missing");
    return static_cast<int64_t>(seconds.value_or(0)) / 60;
  }
  // 0, 1, true or false.
  std::optional<bool> Flag(std::string_view field) {
    const Json* value = Find(field);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    if (value->is_number_integer() && (*value == 0 || *value == 1)) return *value == 1;
    return Wrong(field, "must be 0 or 1"), std::nullopt;
  }
  void Wrong(std::string_view field, std::string_view what) {
    if (!error_) error_ = Error{ErrorCode::kBadRequest, StrCat("field \"", field, "\" ", what)};
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const Json* Find(std::string_view field) const {
    const auto found = object_.find(field);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  const Json& object_;
  std::optional<Error> error_;
};

uint64_t KeyOrNone(const std::string& text) {
  return text.empty() ? 0 : KeyOf(text.data(), text.size());
}

}  // namespace

Expected<StreamEvent> ReadStreamEvent(std::string_view line) {
  using Type = StreamEvent::Type;
  if (line.size() > kLineBytesMax) return Bad("longer than ", kLineBytesMax, " bytes");
  const Expected<Json> object = ParseJson(line, "event");
  if (!object) return std::unexpected(object.error());
  if (!object->is_object()) return Bad("must be a JSON object");
  Event event(*object);
  const std::string type = event.NeedText("type");
  StreamEvent read;
  if (type == "order") read.type = Type::kOrder;
  if (type == "outcome") read.type = Type::kOutcome;
  if (type == "late_ship") read.type = Type::kLateShip;
  if (!event.error() && read.type == Type::kOther) return read;
  read.at = event.NeedTime();
  read.id = event.NeedText("id");
  read.seller = event.NeedText("seller");
  if (read.type == Type::kOrder) {
    read.context.category = KeyOrNone(event.Text("category"));
    read.context.state = KeyOrNone(event.Text("state"));
    read.context.promise_minutes = read.promise_minutes = event.Minutes("promise_h");
    if (const auto price = event.Number("price", -kPriceMax, kPriceMax))
      read.context.price_minor = std::llround(*price * 100);
    read.probe = event.Flag("probe").value_or(false);
  } else {
    read.ship_minutes = event.Minutes("handle_h");
    read.promise_minutes = event.Minutes("promise_h");
  }
  if (read.type == Type::kOutcome) {
    const std::optional<bool> bad = event.Flag("bad");
    if (!bad) event.Wrong("bad", "is missing");
    read.bad = bad.value_or(false);
  }
  if (event.error()) return std::unexpected(*event.error());
  return read;
}

}  // namespace kaopu
