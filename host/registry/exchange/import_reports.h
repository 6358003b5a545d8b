// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reports from elsewhere taken into a registry: another registry's data set, or the cases of an
// organisation. Each becomes an entry of the log as a shopper's does, with a content signed by a
// key that the registry draws for the source; the entry `import` says which are whose.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "registry/exchange/report_lines.h"
#include "registry/folder/registry_folder.h"

namespace kaopu {

struct ImportOptions {
  std::string source;
  std::string signed_by;  // the key's text; empty where the file is not signed
  // How the words count, by the operator's decision; absent: as the source judged each.
  std::optional<report::WeightClass> weight_class = report::WeightClass::kPool;
  // The file is all that the source has: what came from it before and is not in it is removed.
  bool whole = false;
  bool dry_run = false;  // count alone
  std::function<void(std::string_view)> progress;
};

struct Imported {
  uint64_t added = 0, revised = 0, same = 0;
  uint64_t told = 0;  // of orders that others have told of: not taken
  uint64_t gone = 0;  // of orders whose report was removed here: removed they stay
  uint64_t removed = 0;
};

// Checks each report as intake does, before the first is written: kBadRequest names the order. In
// small transactions, beside a running `serve`; cut off anywhere, the same again goes on.
Expected<Imported> ImportReports(const RegistryFolder& folder, const ExchangeFile& file,
                                 const ImportOptions& options, const Clock& clock);

}  // namespace kaopu
