// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu backtest`: a stream of orders and outcomes through the estimator.
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "base/str_cat.h"
#include "cli/backtest.h"
#include "cli/commands/commands.h"

namespace kaopu {

void AddBacktestCommand(Command app, CommandContext& context) {
  Command backtest = app.AddCommand(
      "backtest", "Replay a stream of orders and outcomes: how good would the estimate have been?");
  const auto file = std::make_shared<std::string>();
  backtest.AddOption("EVENTS", *file, "JSON lines in time order; - is standard input").Required();
  backtest.Footer(
      "Lines (t in unix seconds; all but t, type, id, seller, bad may be absent):\n"
      "  {\"t\", \"type\":\"order\", \"id\", \"seller\", \"state\", \"category\", \"price\", "
      "\"promise_h\", \"probe\"}\n"
      "  {\"t\", \"type\":\"outcome\", \"id\", \"seller\", \"bad\":0|1, \"handle_h\", "
      "\"promise_h\"}\n"
      "  {\"t\", \"type\":\"late_ship\", \"id\", \"seller\", \"handle_h\"}\n"
      "Out: order_id,probability of shipping late or never, from earlier lines alone; metrics go "
      "to standard error.\n"
      "\"probe\":1 = only ask; other probabilities are the same with and without such lines.\n"
      "Example:\n  kaopu backtest events.jsonl > probabilities.csv");
  backtest.Callback([&context, file] {
    std::ifstream opened;
    if (*file != "-") {
      opened.open(*file, std::ios::binary);
      if (!opened) return context.Fail({ErrorCode::kNotFound, StrCat(*file, ": cannot be opened")});
    }
    std::function<void(int64_t)> progress;
    if (isatty(STDERR_FILENO)) {
      progress = [&context](int64_t lines) {
        context.err << '\r' << lines << " lines" << std::flush;
      };
    }
    const Expected<void> done =
        Backtest(*file == "-" ? context.in : opened, context.out, context.err, progress);
    if (!done) context.Fail({done.error().code, StrCat(*file, ": ", done.error().message)});
  });
}

}  // namespace kaopu
