// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What `kaopu data check` reports about a rule file: a rule that does not load, or a case of its own that it reads otherwise.
#pragma once

#include <string>

namespace kaopu {

struct CheckFailure {
  std::string file;     // as given, e.g. "promises/zh.json"
  std::string message;  // the rule or the case's text, what was wanted, what came
};

}  // namespace kaopu
