// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which ranges of a registry's index this computer fetches, where the shopper has chosen ranges:
// KAOPU_HOME/pool/<id>/ranges.json. Every sync fetches all of them, wanted or drawn, in the order
// of their numbers, so that number, time and size of the requests are the same whatever is wanted.
// They come in groups: a seller that the shopper asks for takes the place of one group with its own
// range and three drawn ones, which stay as long as it does. So a registry that compares two syncs
// learns that one of four ranges is wanted, and which of all of them never. Whatever no longer is
// wanted stays until its place is needed: forgetting shows nothing.
//
// A set is good for one salt and one number of bits. Asked for again under others, the same sellers
// in other ranges would tell which they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "index/format.h"

namespace kaopu::pool {

inline constexpr size_t kRangeGroups = 8, kRangesAGroup = 4;
inline constexpr size_t kWantedMax = 64;

struct RangeSet {
  struct Wanted {
    std::string seller;
    Date on{};  // asked for
  };

  unsigned bits = 0;
  index::Salt salt{};
  // Rising numbers within each; every one stands once. One group with all there are, where the
  // registry has no more than would be drawn.
  std::vector<std::vector<uint16_t>> groups;
  std::vector<Wanted> wanted;  // as they were asked for

  // What lies on this disk: the set as it was fetched last, in ranges/<folder>/. 0 = nothing yet.
  uint64_t folder = 0, publish = 0;
  Date as_of{};
  std::vector<uint16_t> here;  // rising

  // Drawn, for an index cut by so many bits (1..16).
  static RangeSet Draw(unsigned bits, const index::Salt& salt);

  uint16_t RangeOf(std::string_view seller) const;
  bool IsHere(std::string_view seller) const;
  std::vector<uint16_t> All() const;  // rising
  // The next syncs fetch this seller's range, too. Gives how many ranges are in the set that were
  // not in it before: 0 where it was covered already.
  size_t Want(const std::string& seller, Date today);

  std::string ToText() const;
  // kBadRequest names the field, kUnsupported a newer version, kTooLarge.
  static Expected<RangeSet> Parse(std::string_view text);
};

// kNotFound: none was drawn yet. kDamaged: it cannot be read.
Expected<RangeSet> ReadRangeSet(const std::filesystem::path& folder_of_registry);
std::filesystem::path RangeSetPath(const std::filesystem::path& folder_of_registry);
// Where the files of one range lie: <...>/ranges/3/2f01.sellers.kpi; `what`: sellers.kpi,
// details.kpi, proof.
std::filesystem::path RangePath(const std::filesystem::path& folder_of_registry,
                                const RangeSet& set, uint16_t range, std::string_view what);
std::filesystem::path RangesFolder(const std::filesystem::path& folder_of_registry);
// The set and all that lies here of it; the next sync draws anew. kUnavailable.
Expected<void> RemoveRanges(const std::filesystem::path& folder_of_registry);

}  // namespace kaopu::pool
