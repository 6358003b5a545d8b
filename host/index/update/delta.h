// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// From one publish of an index to the next: which sellers changed and how, coded against what the
// older file lets expect. Applying it gives the newer file byte for byte, and nothing that is not.
// Format: host/docs/index_format.md.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "index/index_file.h"
#include "index/payload_fields.h"
#include "tlog/digest.h"

namespace kaopu::index {

inline constexpr size_t kDeltaBytesMax = 256 * 1024 * 1024;

// SHA-256 of the whole file: what the registry's log holds of a publish.
tlog::Digest DigestOf(const IndexFile& file);

struct DeltaHead {
  Kind kind = Kind::kSellers;
  tlog::Digest from{}, to{};
};
// kBadRequest: no delta. kUnsupported: a newer version. kDamaged: its checksum.
Expected<DeltaHead> ReadDeltaHead(std::string_view delta);

struct DeltaCounts {
  uint64_t updated = 0, added = 0, removed = 0, kept = 0;
};

// kConflict where the two are not of one line: another kind, origin, shard, prefix, salt or base
// day.
Expected<std::string> MakeDelta(const IndexFile& from, const IndexFile& to,
                                DeltaCounts* counts = nullptr);

// Puts the newer file at `path` (which may be where `from` lies) once its digest is the one that
// the delta states. Whatever goes wrong, what was there stays. kConflict: the delta starts from
// another file. kDamaged: it does not lead to what it states.
Expected<DeltaCounts> ApplyDelta(const IndexFile& from, std::string_view delta,
                                 const std::filesystem::path& path);

// Applies those of a chain that are still to be applied, in order, one atomic step each: cut off in
// between, the same call goes on where it was. `expected` is the digest that the log states of the
// last; checked before anything is done. `progress` is told of each step.
struct ChainStep {
  size_t number = 0;  // of the delta, from 1
  DeltaCounts counts;
};
Expected<size_t> ApplyChain(const std::filesystem::path& path,
                            std::span<const std::filesystem::path> deltas,
                            const std::optional<tlog::Digest>& expected,
                            const std::function<void(const ChainStep&)>& progress = {});

// What a delta expects the fields of a changed seller to be, given those it had (nullptr = new) and
// the day of the last report it has now.
Fields ExpectedFields(const Header& header, const Fields* before, uint16_t day);

}  // namespace kaopu::index
