// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the commands about the shopper's own record share: options that become fields of a request,
// and the run of an action.
#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "options/command.h"

namespace kaopu {

// Options of one command, by the request field each fills. Lives as long as the parser (held by the
// callback).
class RequestOptions {
 public:
  // An option or, without leading dashes, a positional argument.
  Option Text(Command command, const std::string& names, std::string field,
              const std::string& help);
  Option Whole(Command command, const std::string& names, std::string field,
               const std::string& help);
  // "149.00 CNY", read as a page's price would be.
  Option Price(Command command, const std::string& names, std::string field,
               const std::string& help);
  // `--clear FIELD`, one of the fields given above (may be repeated).
  void Clear(Command command);

  // The request with every option that was given. kBadRequest: a price that cannot be read, a field
  // that --clear does not know.
  Expected<Json> Request(std::string_view op) const;

 private:
  enum class Kind { kText, kWhole, kPrice };
  struct Entry {
    std::string field;
    Kind kind;
    std::optional<Option> option;
    std::string text;
    int64_t whole = 0;
  };
  std::list<Entry> entries_;
  std::vector<std::string> clear_;
};

// "149.00 CNY" -> {"amount_minor": 14900, "currency": "CNY"}.
Expected<Json> ReadPriceOption(const std::string& text);

// Asks the person at the terminal; anything but a yes is a no.
bool Agrees(CommandContext& context, std::string_view question);

// Says on err under which key the seller that was asked for is kept, where it is another one.
void SayOtherKey(CommandContext& context, const Json& request, const Json& reply);

// Runs the request; prints the reply as one JSON value or by `say`, or the error.
void RunAndSay(CommandContext& context, const Expected<Json>& request, bool json,
               const std::function<std::string(const Json& reply, const Words& words)>& say);

// Words of a field for people: "" for null, money as "149.00 CNY".
std::string CellOf(const Json& value);
std::string MoneyCell(const Json& price);

// One outcome or several as a table; "" for none.
std::string OutcomeTable(const Json& outcomes, const Words& words);
std::string OrderTable(const Json& orders, const Words& words);

}  // namespace kaopu
