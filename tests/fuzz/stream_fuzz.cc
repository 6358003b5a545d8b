// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Streams of orders and outcomes for `kaopu backtest` and `kaopu data diff`: any bytes give
// probabilities within 0 and 1, or an error that names the line.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "cli/backtest.h"
#include "cli/policy_subjects.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::istringstream in(text);
  std::ostringstream out, err;
  const auto done = kaopu::Backtest(in, out, err, nullptr);
  if (!done && !done.error().message.starts_with("line ")) std::abort();
  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  if (line != "order_id,probability") std::abort();
  while (std::getline(lines, line)) {
    if (line.ends_with('"') || line.find(',') == std::string::npos) continue;  // a quoted id's line
    const std::string number = line.substr(line.rfind(',') + 1);
    if (number.size() != 11 || (number[0] != '0' && number[0] != '1') || number[1] != '.') {
      if (line.find('"') == std::string::npos) std::abort();
    }
  }
  std::istringstream again(text);
  const auto subjects = kaopu::StreamSubjects(again, kaopu::Caution::kNormal);
  if (subjects.has_value() != done.has_value()) std::abort();
  return 0;
}
