// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The options by which `serve` and `publish` ask witnesses.
#pragma once

#include <string>
#include <vector>

#include "base/str_cat.h"
#include "options/command.h"
#include "registry/witness/ask_witnesses.h"

namespace kaopu {

struct WitnessFlags {
  std::vector<std::string> witnesses;
  unsigned required = 0;
  int seconds = 10;

  void AddTo(Command command) {
    command
        .AddOption("--witness", witnesses,
                   "Address and key of a witness to ask for cosignatures of the log's head, as "
                   "its `witness about` shows them; repeatable")
        .TypeName("URL=KEY");
    command
        .AddOption("--witnesses-required", required,
                   "So many must have cosigned before a publish is put in place; 0 = none, one "
                   "that is away stops nothing")
        .InRange(0, static_cast<int>(kAskedWitnessesMax))
        .ShowDefault();
    command.AddOption("--witness-seconds", seconds, "For each answer of a witness")
        .InRange(1, 600)
        .ShowDefault();
  }

  Expected<WitnessOptions> Read() const {
    WitnessOptions options{{}, required, std::chrono::seconds(seconds)};
    if (witnesses.size() > kAskedWitnessesMax) {
      return Fail(ErrorCode::kLimit, StrCat("--witness: at most ", kAskedWitnessesMax));
    }
    for (const std::string& text : witnesses) {
      auto witness = WitnessAddress::Parse(text);
      if (!witness) return std::unexpected(witness.error());
      options.witnesses.push_back(std::move(*witness));
    }
    if (required > witnesses.size()) {
      return Fail(ErrorCode::kBadRequest, StrCat("--witnesses-required ", required, ": there are ",
                                                 witnesses.size(), ", each named by --witness"));
    }
    return options;
  }
};

}  // namespace kaopu
