// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/update/delta.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/str_cat.h"
#include "index/index_writer.h"
#include "index/seller_row.h"
#include "index/update/range_coder.h"

namespace kaopu::index {
namespace {

constexpr std::string_view kMagic = "KaopuDlt";  // DISK
constexpr uint16_t kVersion = 1;                 // DISK
constexpr size_t kHeadBytes = 80;

enum Change : uint64_t { kUpdated = 0, kAdded = 1, kRemoved = 2, kEnd = 3 };  // DISK

constexpr size_t kDayField[] = {0, 4};  // by kind - 1
size_t DayFieldOf(Kind kind) { return kDayField[static_cast<size_t>(kind) - 1]; }

// What both sides learn while they go. Written once, for the encoder and the decoder.
class Model {
 public:
  explicit Model(Kind kind) : kind_(kind), widths_(FieldWidths(kind)) {
    for (size_t f = 0; f < widths_.size(); ++f) {
      if (f != DayFieldOf(kind) && widths_[f] > 4) wide_[f].resize(size_t{2} * 2 * 256);
    }
  }

  template <typename Io>
  void CodeHeader(Io& io, Page before, PageBytes& page) {
    unsigned same = 1;
    for (size_t i = 0; i < kContentBytes; ++i) {
      same = io.Bit(header_same_[same], page[i] == before[i]);
      page[i] = same != 0 ? before[i] : static_cast<uint8_t>(header_byte_.Code(io, page[i]));
    }
  }

  // So many sellers stay as they are, then this.
  template <typename Io>
  std::pair<uint64_t, Change> CodeStep(Io& io, uint64_t kept, Change change) {
    kept = kept_.Code(io, kept);
    return {kept, static_cast<Change>(change_.Code(io, change))};
  }

  // A key in [low, high).
  template <typename Io>
  Key CodeKey(Io& io, Key low, Key high, Key key) {
    const auto bits = static_cast<unsigned>(std::bit_width(high - low));
    return low + io.Direct(key - low, bits);
  }

  // `before` = nullptr for a new seller.
  template <typename Io>
  Payload CodePayload(Io& io, const Header& header, const Payload* before, const Payload& payload) {
    Fields fields = SplitFields(kind_, payload);
    const Fields old = before == nullptr ? Fields{} : SplitFields(kind_, *before);
    const size_t is_new = before == nullptr, day = DayFieldOf(kind_);
    const auto today = static_cast<uint16_t>(header.epoch.at / kMinutesADay - header.base_day);
    fields[day] = CodeDistance(io, day_[is_new], today, fields[day], widths_[day]);
    const Fields expected = ExpectedFields(header, before == nullptr ? nullptr : &old, fields[day]);
    size_t moved = 0;
    for (size_t f = 0; f < widths_.size(); ++f) {
      if (f == day) continue;
      if (widths_[f] <= 4) {
        auto& number = narrow_[f][is_new][moved][expected[f]];
        fields[f] = static_cast<uint16_t>(number.Code(io, fields[f]) & ((1u << widths_[f]) - 1));
      } else {
        auto& number = wide_[f][(is_new * 2 + moved) * 256 + (expected[f] & 0xff)];
        fields[f] = CodeDistance(io, number, expected[f], fields[f], widths_[f]);
        if (fields[f] != expected[f]) moved = 1;
      }
    }
    return JoinFields(kind_, fields);
  }

 private:
  // The distance from what is expected, small ones first, in the circle of the field's values.
  template <typename Io>
  static uint16_t CodeDistance(Io& io, Number<12>& number, uint16_t expected, uint16_t value,
                               unsigned width) {
    const uint32_t mask = (1u << width) - 1, half = 1u << (width - 1);
    const uint32_t ahead = (uint32_t{value} - expected) & mask;
    const uint32_t folded = ahead < half ? ahead * 2 : (mask - ahead) * 2 + 1;
    const auto read = static_cast<uint32_t>(number.Code(io, folded)) & mask;
    const uint32_t back = read % 2 == 0 ? read / 2 : mask - read / 2;
    return static_cast<uint16_t>((expected + back) & mask);
  }

  Kind kind_;
  std::span<const uint8_t> widths_;
  std::array<Chance, 2> header_same_;
  SmallNumber<8> header_byte_;
  Number<63> kept_;
  SmallNumber<2> change_;
  std::array<Number<12>, 2> day_;
  std::array<std::array<std::array<std::array<SmallNumber<4>, 16>, 2>, 2>, kFieldsMax> narrow_;
  std::array<std::vector<Number<12>>, kFieldsMax> wide_;
};

std::string DeltaName(const DeltaHead& head) {
  return StrCat("delta to ", tlog::ToBase64(tlog::AsText(head.to)));
}

bool SameLine(const Header& a, const Header& b) {
  return a.kind == b.kind && a.origin == b.origin && a.shard == b.shard && a.salt == b.salt &&
         a.base_day == b.base_day && a.layout.prefix_bits == b.layout.prefix_bits &&
         a.layout.prefix == b.layout.prefix;
}

uint32_t DeltaChecksum(std::string_view delta) {
  const tlog::Digest digest = tlog::Sha256({delta.substr(16)});
  return LoadLittle<uint32_t>(digest.data());
}

int MonthOf(const Header& header, uint16_t day) {
  const std::chrono::year_month_day date{Date{std::chrono::days{header.base_day + day}}};
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
}

// Sevenths that are left of a share when both sides have faded for so many days.
uint16_t FadedShare(const Header& header, uint16_t share, uint32_t days, size_t part,
                    size_t whole) {
  const Fix left = FadedOver(header, FixOf(1024) * share, days, part);
  const Fix of = FadedOver(header, FixOf(1024), days, whole);
  return of <= 0 ? 0 : static_cast<uint16_t>(std::min<Fix>((2 * left + of) / (2 * of), 7));
}

}  // namespace

tlog::Digest DigestOf(const IndexFile& file) {
  const auto bytes = file.bytes();
  return tlog::Sha256({{reinterpret_cast<const char*>(bytes.data()), bytes.size()}});
}

Fields ExpectedFields(const Header& header, const Fields* before, uint16_t day) {
  const size_t day_field = DayFieldOf(header.kind);
  Fields expected = before == nullptr ? Fields{} : *before;
  const uint16_t old_day = expected[day_field];
  expected[day_field] = day;
  if (before == nullptr || day <= old_day) return expected;
  const uint32_t days = uint32_t{day} - old_day;
  if (header.kind == Kind::kSellers) {
    for (size_t f = 1; f <= 3; ++f) {
      const Fix weight = WeightOfCode(header.weights, static_cast<uint8_t>(expected[f]));
      expected[f] = CodeOf(header.weights, FadedOver(header, weight, days, kLong));
    }
    for (size_t f = 4; f < 8; f += 2) {
      expected[f] = FadedShare(header, expected[f], days, kSeason, kLong);
      expected[f + 1] = FadedShare(header, expected[f + 1], days, kMonth, kSeason);
    }
    return expected;
  }
  // Months move to the left.
  constexpr size_t kMonths = 24, kFirst = kFieldsMax - kMonths;
  const auto by = std::min<size_t>(
      static_cast<size_t>(MonthOf(header, day) - MonthOf(header, old_day)) * 2, kMonths);
  std::copy(expected.begin() + static_cast<std::ptrdiff_t>(kFirst + by), expected.end(),
            expected.begin() + kFirst);
  std::fill(expected.end() - static_cast<std::ptrdiff_t>(by), expected.end(), uint16_t{0});
  return expected;
}

Expected<DeltaHead> ReadDeltaHead(std::string_view delta) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(delta.data());
  if (delta.size() < kHeadBytes || !delta.starts_with(kMagic)) {
    return Fail(ErrorCode::kBadRequest, "it does not begin as a delta does");
  }
  if (const auto version = LoadLittle<uint16_t>(bytes + 8); version != kVersion) {
    return Fail(ErrorCode::kUnsupported,
                StrCat("the delta is of version ", version, ", this program reads ", kVersion));
  }
  if (LoadLittle<uint32_t>(bytes + 12) != DeltaChecksum(delta)) {
    return Fail(ErrorCode::kDamaged, "the delta's checksum is wrong");
  }
  DeltaHead head{.kind = static_cast<Kind>(bytes[10])};
  if ((head.kind != Kind::kSellers && head.kind != Kind::kDetails) || bytes[11] != 0) {
    return Fail(ErrorCode::kDamaged, StrCat("the delta is of kind ", static_cast<int>(bytes[10])));
  }
  std::copy_n(bytes + 16, head.from.size(), head.from.begin());
  std::copy_n(bytes + 48, head.to.size(), head.to.begin());
  return head;
}

Expected<std::string> MakeDelta(const IndexFile& from, const IndexFile& to, DeltaCounts* counts) {
  if (!SameLine(from.header(), to.header())) {
    return Fail(
        ErrorCode::kConflict,
        "the two are not of one line: kind, origin, shard, prefix, salt or base day differ; "
        "fetch the newer one whole");
  }
  const Header& header = to.header();
  auto model = std::make_unique<Model>(header.kind);
  RangeEncoder io;
  PageBytes page;
  std::ranges::copy(to.bytes().first<kPageBytes>(), page.begin());
  model->CodeHeader(io, from.bytes().first<kPageBytes>(), page);

  DeltaCounts all;
  IndexCursor old(from), fresh(to);
  Key next_free = header.layout.FirstKey();  // no later entry has a key below
  uint64_t kept = 0;
  const auto step = [&](Change change) {
    model->CodeStep(io, kept, change);
    all.kept += kept;
    kept = 0;
  };
  for (;;) {
    const Entry *was = old.entry(), *is = fresh.entry();
    if (was == nullptr && is == nullptr) break;
    if (is == nullptr || (was != nullptr && was->key < is->key)) {
      step(kRemoved);
      ++all.removed;
      next_free = was->key + 1;
      old.Next();
    } else if (was == nullptr || is->key < was->key) {
      step(kAdded);
      ++all.added;
      model->CodeKey(io, next_free, was == nullptr ? header.layout.LastKey() : was->key, is->key);
      model->CodePayload(io, header, nullptr, is->payload);
      next_free = is->key + 1;
      fresh.Next();
    } else {
      if (was->payload == is->payload) {
        ++kept;
      } else {
        step(kUpdated);
        ++all.updated;
        model->CodePayload(io, header, &was->payload, is->payload);
      }
      next_free = is->key + 1;
      old.Next();
      fresh.Next();
    }
  }
  if (auto error = old.error() ? old.error() : fresh.error()) return std::unexpected(*error);
  step(kEnd);
  if (counts != nullptr) *counts = all;

  std::string delta(kHeadBytes, '\0');
  auto* bytes = reinterpret_cast<uint8_t*>(delta.data());
  std::ranges::copy(kMagic, delta.begin());
  StoreLittle(bytes + 8, kVersion);
  bytes[10] = static_cast<uint8_t>(header.kind);
  std::ranges::copy(DigestOf(from), bytes + 16);
  std::ranges::copy(DigestOf(to), bytes + 48);
  delta += io.Finish();
  StoreLittle(reinterpret_cast<uint8_t*>(delta.data()) + 12, DeltaChecksum(delta));
  if (delta.size() > kDeltaBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                "the two differ by more than a delta may hold; fetch the newer "
                "one whole");
  }
  return delta;
}

namespace {

// The changes of a delta onto the older file, into the writer.
Expected<DeltaCounts> Merge(const IndexFile& from, RangeDecoder& io, Model& model,
                            IndexWriter& writer) {
  const Header& header = writer.header();
  const auto damaged = [](std::string_view what) {
    return Fail(ErrorCode::kDamaged, StrCat("the delta ", what));
  };
  DeltaCounts counts;
  IndexCursor old(from);
  Key next_free = header.layout.FirstKey();
  const auto put = [&](const Entry& entry) -> Expected<void> {
    auto added = writer.Add(entry);
    if (!added) added.error().code = ErrorCode::kDamaged;
    next_free = entry.key + 1;
    return added;
  };
  for (;;) {
    const auto [kept, change] = model.CodeStep(io, 0, kEnd);
    if (io.Overrun()) return damaged("ends in the middle");
    if (kept > from.header().count - counts.kept) return damaged("keeps more than there is");
    for (uint64_t i = 0; i < kept; ++i, old.Next()) {
      if (old.entry() == nullptr) return damaged("keeps more than there is");
      if (auto added = put(*old.entry()); !added) return std::unexpected(added.error());
    }
    counts.kept += kept;
    const Entry* was = old.entry();
    if (change == kEnd) {
      if (old.error()) return std::unexpected(*old.error());
      if (was != nullptr) return damaged("ends before the older file does");
      return counts;
    }
    if (change == kAdded) {
      const Key high = was == nullptr ? header.layout.LastKey() : was->key;
      if (high < next_free) return damaged("adds a key where there is no room");
      const Key key = model.CodeKey(io, next_free, high, 0);
      const Payload payload = model.CodePayload(io, header, nullptr, {});
      if (auto added = put({key, payload}); !added) return std::unexpected(added.error());
      ++counts.added;
      continue;
    }
    if (was == nullptr) return damaged("changes a seller behind the last");
    if (change == kUpdated) {
      const Payload payload = model.CodePayload(io, header, &was->payload, {});
      if (auto added = put({was->key, payload}); !added) return std::unexpected(added.error());
      ++counts.updated;
    } else {
      next_free = was->key + 1;
      ++counts.removed;
    }
    old.Next();
  }
}

}  // namespace

Expected<DeltaCounts> ApplyDelta(const IndexFile& from, std::string_view delta,
                                 const std::filesystem::path& path) {
  const auto head = ReadDeltaHead(delta);
  if (!head) return std::unexpected(head.error());
  if (head->kind != from.header().kind || DigestOf(from) != head->from) {
    return Fail(ErrorCode::kConflict,
                StrCat(DeltaName(*head), " starts from another file than this"));
  }
  RangeDecoder io(delta.substr(kHeadBytes));
  auto model = std::make_unique<Model>(head->kind);
  PageBytes page{};
  model->CodeHeader(io, from.bytes().first<kPageBytes>(), page);
  SealPage(page, 0);
  auto header = DecodeHeader(page);
  if (!header || !SameLine(from.header(), *header)) {
    return Fail(ErrorCode::kDamaged,
                StrCat(DeltaName(*head), ": ",
                       header ? "the newer file is of another line" : header.error().message));
  }
  auto writer = IndexWriter::Create(path, *header);
  if (!writer) return std::unexpected(writer.error());
  auto counts = Merge(from, io, *model, *writer);
  if (!counts) return counts;
  if (!io.AtEnd())
    return Fail(ErrorCode::kDamaged, StrCat(DeltaName(*head), " does not end where it should"));
  if (auto finished = writer->Finish(); !finished) {
    if (finished.error().code == ErrorCode::kBadRequest)
      finished.error().code = ErrorCode::kDamaged;
    return std::unexpected(finished.error());
  }
  const auto written = IndexFile::Open(writer->temporary());
  if (!written) return std::unexpected(written.error());
  if (DigestOf(*written) != head->to) {
    return Fail(ErrorCode::kDamaged,
                StrCat(DeltaName(*head), " leads to another file than it states"));
  }
  if (auto published = writer->Publish(); !published) return std::unexpected(published.error());
  return counts;
}

Expected<size_t> ApplyChain(const std::filesystem::path& path,
                            std::span<const std::filesystem::path> deltas,
                            const std::optional<tlog::Digest>& expected,
                            const std::function<void(const ChainStep&)>& progress) {
  const auto with_name = [](const std::filesystem::path& file, Error error) {
    error.message = StrCat(file.string(), ": ", error.message);
    return std::unexpected(std::move(error));
  };
  std::vector<DeltaHead> heads;
  for (const auto& file : deltas) {
    const auto bytes = ReadFile(file, kDeltaBytesMax);
    if (!bytes) return std::unexpected(bytes.error());
    const auto head = ReadDeltaHead(*bytes);
    if (!head) return with_name(file, head.error());
    if (!heads.empty() && heads.back().to != head->from) {
      return with_name(file,
                       {ErrorCode::kConflict, "it does not start where the one before it ends"});
    }
    heads.push_back(*head);
  }
  auto current = IndexFile::Open(path);
  if (!current) return std::unexpected(current.error());
  const tlog::Digest digest = DigestOf(*current);
  if (expected && (heads.empty() ? digest : heads.back().to) != *expected) {
    return Fail(ErrorCode::kConflict, "the deltas do not lead to the file that is expected");
  }
  if (heads.empty() || heads.back().to == digest) return size_t{0};
  const auto first = std::ranges::find(heads, digest, &DeltaHead::from);
  if (first == heads.end()) {
    return Fail(ErrorCode::kConflict,
                StrCat("none of the deltas starts from ", path.string(), "; fetch it whole"));
  }
  size_t applied = 0;
  for (auto i = static_cast<size_t>(first - heads.begin()); i < heads.size(); ++i) {
    const auto bytes = ReadFile(deltas[i], kDeltaBytesMax);
    if (!bytes) return std::unexpected(bytes.error());
    const auto counts = ApplyDelta(*current, *bytes, path);
    if (!counts) return with_name(deltas[i], counts.error());
    if (progress) progress({i + 1, *counts});
    ++applied;
    current = IndexFile::Open(path);
    if (!current) return std::unexpected(current.error());
  }
  return applied;
}

}  // namespace kaopu::index
