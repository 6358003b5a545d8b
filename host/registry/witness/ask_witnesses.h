// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The log's side of witnessing (c2sp.org/tlog-witness): shows each witness the log's newest head
// and keeps what it cosigned beside the log (tlog::CosignedPath). Works on the public folder alone,
// beside whoever writes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http_client.h"
#include "tlog/note.h"

namespace kaopu {

inline constexpr size_t kAskedWitnessesMax = 16;

struct WitnessAddress {
  std::string url;  // without a slash at its end
  tlog::VerifierKey key;

  // `URL=KEY`; kBadRequest says what is wrong.
  static Expected<WitnessAddress> Parse(std::string_view text);
};

struct WitnessOptions {
  std::vector<WitnessAddress> witnesses;
  unsigned required = 0;  // so many must have cosigned before a publish is shown
  std::chrono::milliseconds time_max{10'000};  // for each answer
};

struct WitnessAnswer {
  std::string witness;           // its key's name
  uint64_t entries = 0;          // of the head that it cosigned now
  std::optional<Error> problem;  // why it did not; kConflict: it has seen another, or a longer log
};

using MakeClient = std::function<Expected<std::unique_ptr<HttpClient>>()>;

// Asks all of them at the same time for the head that is in `root` now, by a client each; one
// answer for each witness, in order. A head that was cosigned before is cosigned anew, with a new
// time. What a witness does not do leaves the file of its last cosignature as it was. kDamaged,
// kUnavailable: the head itself cannot be read.
Expected<std::vector<WitnessAnswer>> AskWitnesses(const std::filesystem::path& root,
                                                  const tlog::VerifierKey& log,
                                                  const WitnessOptions& options,
                                                  const MakeClient& make_client);

// kUnavailable where fewer cosigned than are required.
Expected<void> CheckRequired(std::span<const WitnessAnswer> answers, unsigned required);

}  // namespace kaopu
