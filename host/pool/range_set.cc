// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/range_set.h"

#include <sodium.h>

#include <algorithm>
#include <iterator>

#include "base/files.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "index/key_hash.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;  // DISK
constexpr size_t kTextBytesMax = 64 * 1024;
constexpr size_t kSellerBytesMax = 1000;
constexpr size_t kDrawn = kRangeGroups * kRangesAGroup;

std::unexpected<Error> Unreadable(std::string_view what) {
  return Fail(ErrorCode::kBadRequest, StrCat("ranges.json: ", what));
}

size_t RangesOf(unsigned bits) { return size_t{1} << bits; }

bool Holds(const std::vector<uint16_t>& rising, uint16_t range) {
  return std::ranges::binary_search(rising, range);
}

// Any that is not in `taken`; there are some.
uint16_t DrawBut(unsigned bits, const std::vector<uint16_t>& taken) {
  for (;;) {
    const auto range =
        static_cast<uint16_t>(randombytes_uniform(static_cast<uint32_t>(RangesOf(bits))));
    if (std::ranges::find(taken, range) == taken.end()) return range;
  }
}

// Rising numbers below `limit`.
Expected<std::vector<uint16_t>> NumbersOf(const Json& list, size_t limit) {
  std::vector<uint16_t> numbers;
  if (!list.is_array() || list.size() > limit) return Unreadable("a list of ranges");
  for (const Json& one : list) {
    if (!one.is_number_unsigned() || one.get<uint64_t>() >= limit) {
      return Unreadable(StrCat("ranges are numbers below ", limit));
    }
    numbers.push_back(one.get<uint16_t>());
  }
  if (std::ranges::adjacent_find(numbers, std::greater_equal()) != numbers.end()) {
    return Unreadable("ranges: rising numbers");
  }
  return numbers;
}

Expected<uint64_t> CountOf(const Json& object, std::string_view field) {
  const auto number = GetInt(object, field);
  if (!number) return std::unexpected(number.error());
  if (number->value_or(0) < 0) return Unreadable(StrCat(field, ": less than 0"));
  return static_cast<uint64_t>(number->value_or(0));
}

Expected<Date> DayOf(const Json& object, std::string_view field) {
  const auto text = RequireString(object, field);
  if (!text) return Unreadable(text.error().message);
  const auto day = ParseDate(*text);
  if (!day) return Unreadable(StrCat(field, ": no date"));
  return *day;
}

}  // namespace

RangeSet RangeSet::Draw(unsigned bits, const index::Salt& salt) {
  RangeSet set{.bits = bits, .salt = salt};
  if (RangesOf(bits) <= kDrawn) {
    auto& all = set.groups.emplace_back();
    for (size_t range = 0; range < RangesOf(bits); ++range) {
      all.push_back(static_cast<uint16_t>(range));
    }
    return set;
  }
  std::vector<uint16_t> taken;
  for (size_t g = 0; g < kRangeGroups; ++g) {
    auto& group = set.groups.emplace_back();
    for (size_t i = 0; i < kRangesAGroup; ++i) {
      group.push_back(DrawBut(bits, taken));
      taken.push_back(group.back());
    }
    std::ranges::sort(group);
  }
  return set;
}

uint16_t RangeSet::RangeOf(std::string_view seller) const {
  return static_cast<uint16_t>(index::HashSeller(salt, seller).key >> (64 - bits));
}

bool RangeSet::IsHere(std::string_view seller) const { return Holds(here, RangeOf(seller)); }

std::vector<uint16_t> RangeSet::All() const {
  std::vector<uint16_t> all;
  for (const auto& group : groups) all.insert(all.end(), group.begin(), group.end());
  std::ranges::sort(all);
  return all;
}

size_t RangeSet::Want(const std::string& seller, Date today) {
  std::erase_if(wanted, [&](const Wanted& one) { return one.seller == seller; });
  if (wanted.size() >= kWantedMax) wanted.erase(wanted.begin());
  const uint16_t range = RangeOf(seller);
  if (std::ranges::any_of(groups, [&](const auto& group) { return Holds(group, range); })) {
    wanted.push_back({seller, today});
    return 0;
  }
  // The place of drawn ones alone, else of what was asked for longest ago.
  auto least = groups.end();
  size_t least_at = 0;
  for (auto group = groups.begin(); group != groups.end(); ++group) {
    size_t at = 0;  // behind the last one wanted of it; 0 = none
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (Holds(*group, RangeOf(wanted[i].seller))) at = i + 1;
    }
    if (least == groups.end() || at < least_at) {
      least = group;
      least_at = at;
    }
  }
  std::erase_if(wanted, [&](const Wanted& one) { return Holds(*least, RangeOf(one.seller)); });
  std::vector<uint16_t> taken = All();
  taken.push_back(range);
  least->assign(1, range);
  while (least->size() < kRangesAGroup) {
    least->push_back(DrawBut(bits, taken));
    taken.push_back(least->back());
  }
  std::ranges::sort(*least);
  wanted.push_back({seller, today});
  return least->size();
}

std::string RangeSet::ToText() const {
  Json list = Json::array();
  for (const Wanted& one : wanted) {
    list.push_back({{"seller", one.seller}, {"on", FormatDate(one.on)}});
  }
  return DumpJson({{"v", kVersion},
                   {"bits", bits},
                   {"salt", HexOf(salt)},
                   {"groups", groups},
                   {"wanted", std::move(list)},
                   {"folder", folder},
                   {"publish", publish},
                   {"as_of", FormatDate(as_of)},
                   {"here", here}}) +
         "\n";
}

Expected<RangeSet> RangeSet::Parse(std::string_view text) {
  if (text.size() > kTextBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                StrCat("ranges.json: ", text.size(), " bytes; at most ", kTextBytesMax));
  }
  const auto object = ParseJson(text, "ranges.json", 4);
  if (!object) return std::unexpected(object.error());
  if (!object->is_object()) return Unreadable("no JSON object");
  const auto version = CountOf(*object, "v"), bits = CountOf(*object, "bits"),
             folder = CountOf(*object, "folder"), publish = CountOf(*object, "publish");
  for (const auto* number : {&version, &bits, &folder, &publish}) {
    if (!*number) return std::unexpected(number->error());
  }
  if (*version != kVersion) {
    return Fail(*version > kVersion ? ErrorCode::kUnsupported : ErrorCode::kBadRequest,
                StrCat("ranges.json: version ", *version, "; this side reads version ", kVersion));
  }
  if (*bits < 1 || *bits > index::kPrefixBitsMax) {
    return Unreadable(StrCat("bits: 1 to ", index::kPrefixBitsMax));
  }
  RangeSet set{.bits = static_cast<unsigned>(*bits), .folder = *folder, .publish = *publish};
  const auto salt = RequireString(*object, "salt");
  if (!salt || !ReadHex(*salt, set.salt) || HexOf(set.salt) != *salt)
    return Unreadable("salt: 32 hex digits");
  const auto as_of = DayOf(*object, "as_of");
  if (!as_of) return std::unexpected(as_of.error());
  set.as_of = *as_of;

  const size_t ranges = RangesOf(set.bits);
  const bool every = ranges <= kDrawn;
  const auto groups = object->find("groups");
  if (groups == object->end() || !groups->is_array() ||
      groups->size() != (every ? 1 : kRangeGroups)) {
    return Unreadable(StrCat("groups: ", every ? 1 : kRangeGroups));
  }
  for (const Json& one : *groups) {
    auto group = NumbersOf(one, ranges);
    if (!group) return std::unexpected(group.error());
    if (group->size() != (every ? ranges : kRangesAGroup)) {
      return Unreadable(StrCat("groups: of ", every ? ranges : kRangesAGroup, " ranges"));
    }
    set.groups.push_back(std::move(*group));
  }
  const std::vector<uint16_t> all = set.All();
  if (std::ranges::adjacent_find(all) != all.end())
    return Unreadable("groups: a range stands twice");
  const auto here = object->find("here");
  if (here == object->end()) return Unreadable("here: missing");
  auto numbers = NumbersOf(*here, ranges);
  if (!numbers) return std::unexpected(numbers.error());
  set.here = std::move(*numbers);
  const auto wanted = object->find("wanted");
  if (wanted == object->end() || !wanted->is_array() || wanted->size() > kWantedMax) {
    return Unreadable(StrCat("wanted: a list of at most ", kWantedMax));
  }
  for (const Json& one : *wanted) {
    if (!one.is_object()) return Unreadable("wanted: a list of objects");
    auto seller = RequireString(one, "seller");
    if (!seller || seller->size() > kSellerBytesMax) return Unreadable("wanted: seller: no key");
    const auto on = DayOf(one, "on");
    if (!on) return std::unexpected(on.error());
    set.wanted.push_back({std::move(*seller), *on});
  }
  return set;
}

fs::path RangeSetPath(const fs::path& registry) { return registry / "ranges.json"; }
fs::path RangesFolder(const fs::path& registry) { return registry / "ranges"; }

fs::path RangePath(const fs::path& registry, const RangeSet& set, uint16_t range,
                   std::string_view what) {
  return RangesFolder(registry) / StrCat(set.folder) / StrCat(HexDigits(range, 4), ".", what);
}

Expected<void> RemoveRanges(const fs::path& registry) {
  std::error_code error;
  fs::remove(RangeSetPath(registry), error);
  if (!error) fs::remove_all(RangesFolder(registry), error);
  if (!error) return {};
  return Fail(ErrorCode::kUnavailable,
              StrCat("cannot delete ", RangeSetPath(registry).string(), ": ", error.message()));
}

Expected<RangeSet> ReadRangeSet(const fs::path& registry) {
  const fs::path path = RangeSetPath(registry);
  const auto text = ReadFile(path, kTextBytesMax);
  if (!text) return std::unexpected(text.error());
  auto set = RangeSet::Parse(*text);
  if (!set) {
    return Fail(ErrorCode::kDamaged, StrCat(path.string(), ": ", set.error().message));
  }
  return set;
}

}  // namespace kaopu::pool
