// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/format.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <limits>

#include "base/str_cat.h"
#include "base/utf8.h"

namespace kaopu::index {
namespace {

constexpr std::string_view kMagic = "KaopuIdx";  // DISK
constexpr uint16_t kVersion = 1;                 // DISK

constexpr uint32_t kWeightMax = 1u << 28;  // 2^18 orders

// Where each value of the header stands; the same list reads and writes.
template <typename Io, typename HeaderRef>
void Fields(Io& io, HeaderRef& h) {
  io(10, h.kind);
  io(11, h.layout.low_bits);
  io(12, h.layout.words);
  io(13, h.layout.word_bits);
  io(14, h.layout.prefix_bits);
  io(16, h.layout.prefix);
  io(24, h.count);
  io(32, h.data_pages);
  io(36, h.directory_pages);
  io(40, h.base_day);
  io.As(44, h.epoch.at, uint32_t{});
  io(48, h.publish);
  io.Bytes(56, h.salt);
  io.Text(72, h.shard, kShardBytesMax);
  io.Text(104, h.origin, kOriginBytesMax);
  size_t at = 240;
  const auto table = [&](auto& values) {
    for (auto& value : values) {
      io(at, value);
      at += sizeof value;
    }
  };
  table(h.half_life);
  at = 256;
  table(h.epoch.mixture);
  table(h.epoch.prior_bad);
  table(h.epoch.prior_never);
  table(h.epoch.prior_ship);
  io(at, h.epoch.mean_raw_good);
  at += sizeof(Fix);
  table(h.weights);
}
static_assert(kHalfLives == 3 && kCandidates == 36 && kPriorHalfLives == 3 && kThinBands == 4 &&
              kShipBands == 8);  // DISK

struct Writer {
  PageBytes& page;
  template <typename T>
  void operator()(size_t at, const T& value) {
    StoreLittle(&page[at], value);
  }
  void operator()(size_t at, const Kind& kind) { page[at] = static_cast<uint8_t>(kind); }
  template <typename T, typename Narrow>
  void As(size_t at, const T& value, Narrow) {
    StoreLittle(&page[at], static_cast<Narrow>(value));
  }
  void Bytes(size_t at, const Salt& salt) { std::ranges::copy(salt, &page[at]); }
  void Text(size_t at, const std::string& text, size_t) { std::ranges::copy(text, &page[at]); }
};

struct Reader {
  Page page;
  template <typename T>
  void operator()(size_t at, T& value) {
    value = LoadLittle<T>(&page[at]);
  }
  void operator()(size_t at, Kind& kind) { kind = static_cast<Kind>(page[at]); }
  template <typename T, typename Narrow>
  void As(size_t at, T& value, Narrow) {
    value = LoadLittle<Narrow>(&page[at]);
  }
  void Bytes(size_t at, Salt& salt) { std::copy_n(&page[at], salt.size(), salt.begin()); }
  void Text(size_t at, std::string& text, size_t bytes) {
    const auto* begin = reinterpret_cast<const char*>(&page[at]);
    text.assign(begin, strnlen(begin, bytes));
  }
};

bool IsPlainText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

template <typename Values>
bool AllWithin(const Values& values, Fix low, Fix high) {
  return std::ranges::all_of(values, [=](Fix value) { return value >= low && value <= high; });
}

// The first value that cannot be, empty where there is none.
std::string WrongValue(const Header& h) {
  const Layout& l = h.layout;
  if (h.kind != Kind::kSellers && h.kind != Kind::kDetails) {
    return StrCat("kind ", static_cast<int>(h.kind), ", known are 1 and 2");
  }
  if (l.prefix_bits > kPrefixBitsMax) {
    return StrCat("prefix of ", l.prefix_bits, " bits, at most ", kPrefixBitsMax);
  }
  if (l.prefix >> l.prefix_bits != 0) return StrCat("prefix ", l.prefix, " is longer than it says");
  const Layout usual = LayoutFor(h.kind, h.count, l.prefix_bits, l.prefix);
  if (l.words != usual.words || l.word_bits != usual.word_bits) {
    return StrCat("payload of ", l.words, " x ", l.word_bits, " bits, this kind has ", usual.words,
                  " x ", usual.word_bits);
  }
  if (l.low_bits != usual.low_bits) {
    return StrCat("low bits ", l.low_bits, ", for ", h.count, " keys it is ", usual.low_bits);
  }
  if ((h.count == 0) != (h.data_pages == 0) || h.count < h.data_pages ||
      h.count > uint64_t{h.data_pages} * (kContentBytes * 8 / l.EntryBits())) {
    return StrCat(h.count, " keys in ", h.data_pages, " pages");
  }
  if (h.directory_pages !=
      (uint64_t{h.data_pages} + kKeysPerDirectoryPage - 1) / kKeysPerDirectoryPage) {
    return StrCat(h.directory_pages, " directory pages for ", h.data_pages, " data pages");
  }
  if (h.epoch.at / kMinutesADay < h.base_day) return "the as-of day is before the base day";
  if (h.shard.size() > kShardBytesMax || !IsPlainText(h.shard)) return "the shard's name";
  if (h.origin.empty() || h.origin.size() > kOriginBytesMax || !IsPlainText(h.origin)) {
    return "the origin's name";
  }
  for (size_t i = 0; i < kHalfLives; ++i) {
    if (h.half_life[i] < kMinutesADay || (i > 0 && h.half_life[i] <= h.half_life[i - 1])) {
      return StrCat("half-life ", i);
    }
  }
  Fix sum = 0;
  for (const Fix share : h.epoch.mixture) sum += std::clamp<Fix>(share, 0, kFixOne);
  // Shares are rounded down one by one.
  if (!AllWithin(h.epoch.mixture, 0, kFixOne) || sum > kFixOne ||
      sum < kFixOne - static_cast<Fix>(kCandidates)) {
    return "the mixture's shares do not sum to one";
  }
  if (!AllWithin(h.epoch.prior_bad, 0, kFixOne)) return "the prior of going badly";
  if (!AllWithin(h.epoch.prior_never, 0, kFixOne) ||
      !std::ranges::is_sorted(h.epoch.prior_never, std::ranges::greater())) {
    return "the prior of never shipping";
  }
  if (!AllWithin(h.epoch.prior_ship, 0, kFixOne)) return "the prior of time to ship";
  if (h.epoch.mean_raw_good <= 0 || h.epoch.mean_raw_good > 2 * kFixOne) {
    return "the mean weight of good orders";
  }
  if (h.weights[0] != 0 || h.weights.back() > kWeightMax ||
      std::ranges::adjacent_find(h.weights, std::ranges::greater_equal()) != h.weights.end()) {
    return "the weights do not rise from 0";
  }
  return {};
}

}  // namespace

std::string_view KindName(Kind kind) { return kind == Kind::kSellers ? "sellers" : "details"; }

Layout LayoutFor(Kind kind, uint64_t count, unsigned prefix_bits, uint16_t prefix) {
  // Elias-Fano: as many low bits as leave less than one value of the high part a key.
  const int low = 64 - static_cast<int>(prefix_bits) - std::bit_width(count);
  return {.low_bits = static_cast<uint8_t>(std::clamp(low, 1, static_cast<int>(kFieldBitsMax))),
          .words = static_cast<uint8_t>(kind == Kind::kSellers ? 1 : 4),
          .word_bits = static_cast<uint8_t>(kind == Kind::kSellers ? 48 : 50),
          .prefix_bits = static_cast<uint8_t>(prefix_bits),
          .prefix = prefix};
}

const WeightTable& StandardWeights() {
  static const WeightTable table = [] {
    WeightTable weights{};
    for (size_t code = 1; code < weights.size(); ++code) {
      const auto exponent = static_cast<Fix>(code - 1) * kFixOne / 12 - 4 * kFixOne;
      weights[code] =
          static_cast<uint32_t>((FixExp2(exponent) + (Fix{1} << (kFixBits - kWeightBits - 1))) >>
                                (kFixBits - kWeightBits));
    }
    return weights;
  }();
  return table;
}

PageBytes EncodeHeader(const Header& header) {
  PageBytes page{};
  std::ranges::copy(kMagic, page.begin());
  StoreLittle(&page[8], kVersion);
  Writer writer{page};
  Fields(writer, header);
  SealPage(page, 0);
  return page;
}

Expected<Header> DecodeHeader(Page page) {
  if (std::memcmp(page.data(), kMagic.data(), kMagic.size()) != 0) {
    return Fail(ErrorCode::kBadRequest, "it does not begin as an index does");
  }
  if (const auto version = LoadLittle<uint16_t>(&page[8]); version != kVersion) {
    return Fail(ErrorCode::kUnsupported,
                StrCat("it is of version ", version, ", this program reads ", kVersion));
  }
  if (!IsPageWhole(page, 0)) return Fail(ErrorCode::kDamaged, "the header's checksum is wrong");
  Header header;
  Reader reader{page};
  Fields(reader, header);
  if (const std::string wrong = WrongValue(header); !wrong.empty()) {
    return Fail(ErrorCode::kDamaged, StrCat("the header cannot be: ", wrong));
  }
  // One meaning, one header: nothing stands between the fields.
  if (!std::ranges::equal(EncodeHeader(header), page)) {
    return Fail(ErrorCode::kDamaged, "the header holds bytes where there are none");
  }
  return header;
}

Expected<void> CheckHeader(const Header& header) {
  if (const std::string wrong = WrongValue(header); !wrong.empty()) {
    return Fail(ErrorCode::kBadRequest, StrCat("an index cannot be written: ", wrong));
  }
  return {};
}

uint32_t PageChecksum(Page page, uint64_t number) {
  return static_cast<uint32_t>(XXH3_64bits_withSeed(page.data(), kContentBytes, number));
}

void SealPage(PageBytes& page, uint64_t number) {
  StoreLittle(&page[kContentBytes], PageChecksum(page, number));
}

bool IsPageWhole(Page page, uint64_t number) {
  return LoadLittle<uint32_t>(&page[kContentBytes]) == PageChecksum(page, number);
}

}  // namespace kaopu::index
