// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the public log's entries hold. A report's entry is a salted commitment; the content lies
// beside the log and goes, with its salt, when it is removed. Everything the operator does is an
// entry of its own in plain words, signed by the operator's key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "report/seal/report_keys.h"
#include "reputation/policy.h"
#include "tlog/note.h"

namespace kaopu::report {

enum class EntryKind : uint8_t { kReport = 1, kOperator = 2 };  // DISK: an entry's first byte

using Salt = std::array<uint8_t, 32>;

// How a report counts, decided once when it came in. DISK: trusted newcomer pool.
enum class WeightClass { kTrusted, kNewcomer, kPool };
std::string_view WeightClassName(WeightClass weight_class);

// A report as the public sees it.
struct Content {
  std::string report;     // Report::ToText
  PublicKey key{};        // the shopper's for this seller
  Signature signature{};  // of SellerSigned
  WeightClass weight_class = WeightClass::kPool;
  Micro weight = kOne;               // millionths of an order, within the class
  bool aged = false;                 // widens the pool's cap (trust.json, without_proof)
  std::optional<uint64_t> replaces;  // the entry whose place it takes: an earlier word on the order

  std::string ToText() const;  // one line of JSON, keys sorted
  static Expected<Content> Parse(std::string_view text);
};

// The entry that commits to a content: 1, SHA-256(salt, content).
std::string ReportEntry(const Salt& salt, std::string_view content);

// A line of the content files: {"content","entry","salt"}.
struct ContentLine {
  uint64_t entry = 0;
  Salt salt{};
  std::string content;

  std::string ToText() const;  // without line end
  static Expected<ContentLine> Parse(std::string_view line);
};
// Where the content of an entry lies: 256 entries a file, named like a tile of the log:
// `content/x001/234`. Lines in order of entries; missing = not released yet, or removed.
std::string ContentPath(uint64_t entry);

// An operator's entry: 2, then a signed note whose text is `kaopu-<what>-1`, newline, one line of
// JSON, newline. `what` (DISK):
//   registry  first of a log: origin, keys, policies
//   policy    {"name","sha256","from_entry"}: rules from here on
//   epoch     {"as_of","entries","publish",...}: a publish weighs the entries before this one
//   index     {"publish","files":[{"path","sha256","bytes"}],...}: what was published for it
//   removal   {"entry","reason","on"}: a content is gone
//   reply     {"seller","text","on"}: a seller's answer
//   contest   {"entry","decision","reason","on"}
struct OperatorEntry {
  std::string what;
  Json body;

  std::string ToEntry(const tlog::SignerKey& operator_key) const;
};
// kForbidden where the operator's key did not sign it.
Expected<OperatorEntry> ReadOperatorEntry(std::string_view entry,
                                          const tlog::VerifierKey& operator_key);

}  // namespace kaopu::report
