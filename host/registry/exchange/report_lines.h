// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reports as they pass from one place to another, one a line: JSON lines, which may be signed, or
// CSV for tables. What a column means: host/docs/exchange_format.md.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "report/report.h"
#include "report/seal/log_entry.h"
#include "tlog/digest.h"
#include "tlog/note.h"

namespace kaopu {

inline constexpr size_t kExchangeFileBytesMax = size_t{1} << 30;

// The first line of JSON lines: where they are from. The last publish they are as of, where they
// are from a registry.
struct ExchangeHeader {
  std::string source;
  uint64_t publish = 0, entries = 0;  // of the log
  std::optional<Date> as_of;
  uint64_t reports = 0;  // lines that follow: who has fewer has a part of the file
};

struct ExchangedReport {
  // What the source calls the order: the same in a later file, where more is known of it. Names
  // nobody else can read anything from.
  std::string order;
  // Or the platform's own number, which a registry never keeps: an order that a shopper tells of as
  // well counts once.
  std::string order_id;
  report::Report report;
  // As the source judged it.
  std::optional<report::WeightClass> weight_class;
  Micro weight = kOne;
};

struct ExchangeFile {
  std::optional<ExchangeHeader> header;
  std::vector<ExchangedReport> reports;
  bool is_signed = false;  // by the key given
  tlog::Digest sha256{};   // of the whole file
};

// Without line ends.
std::string HeaderLine(const ExchangeHeader& header);
std::string ReportLine(const ExchangedReport& report);
// The last line: a signed note of `digest`, the SHA-256 of all bytes before this line.
std::string NoteLine(const ExchangeHeader& header, const tlog::Digest& digest,
                     const tlog::SignerKey& key);

// With line ends.
void WriteCsvHeading(std::ostream& out);
void WriteCsvReport(std::ostream& out, const ExchangedReport& report);

// JSON lines, with or without header and note, or CSV with a heading. With `signer` the note must
// be there and by that key: else kForbidden. kBadRequest and kDamaged (cut off) name the line.
Expected<ExchangeFile> ParseExchange(std::string_view text,
                                     const std::optional<tlog::VerifierKey>& signer);

}  // namespace kaopu
