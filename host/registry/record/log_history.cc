// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/record/log_history.h"

#include <algorithm>

#include "base/hex.h"
#include "base/str_cat.h"
#include "tlog/tiles.h"

namespace kaopu {
namespace {

// Short enough for an entry with its signature, whatever the rest of the body.
constexpr size_t kReleaseTextMax = tlog::kEntryBytesMax - 2048;

std::unexpected<Error> Wrong(std::string_view what) {
  return Fail(ErrorCode::kBadRequest, std::string(what));
}

Expected<uint64_t> NumberOf(const Json& body, std::string_view field) {
  const auto value = GetInt(body, field);
  if (!value) return std::unexpected(value.error());
  if (!*value || **value < 0) return Wrong(StrCat(field, ": a number that is not negative"));
  return static_cast<uint64_t>(**value);
}

}  // namespace

Json EpochEntry::Body() const {
  return {{"publish", publish},   {"entries", entries},  {"as_of", FormatDate(as_of)},
          {"base_day", base_day}, {"salt", HexOf(salt)}, {"bias", Json(bias)},
          {"trust", trust_sha256}};
}

Expected<EpochEntry> EpochEntry::Parse(const Json& body) {
  EpochEntry epoch;
  const auto publish = NumberOf(body, "publish"), entries = NumberOf(body, "entries"),
             base_day = NumberOf(body, "base_day");
  const auto as_of = RequireString(body, "as_of"), salt = RequireString(body, "salt"),
             trust = RequireString(body, "trust");
  for (const auto* number : {&publish, &entries, &base_day}) {
    if (!*number) return std::unexpected(number->error());
  }
  for (const auto* text : {&as_of, &salt, &trust}) {
    if (!*text) return std::unexpected(text->error());
  }
  const auto day = ParseDate(*as_of);
  if (!day || *day < Date{}) return Wrong("as_of: no date: YYYY-MM-DD");
  if (!ReadHex(*salt, epoch.salt)) return Wrong("salt: 32 hexadecimal digits");
  if (*base_day > static_cast<uint64_t>(day->time_since_epoch().count())) {
    return Wrong("base_day: after the as-of day");
  }
  const auto bias = body.find("bias");
  if (bias == body.end() || !bias->is_object()) return Wrong("bias: an object of platforms");
  for (const auto& [platform, value] : bias->items()) {
    if (!value.is_number_integer() || value.get<int64_t>() < kOne / 4 ||
        value.get<int64_t>() > 256 * kOne) {
      return Wrong("bias: millionths, a quarter to 256");
    }
    epoch.bias[platform] = value.get<int64_t>();
  }
  epoch.publish = *publish;
  epoch.entries = *entries;
  epoch.as_of = *day;
  epoch.base_day = static_cast<uint32_t>(*base_day);
  epoch.trust_sha256 = *trust;
  return epoch;
}

Expected<void> LogHistory::See(uint64_t number, std::string_view entry) {
  if (number != size()) return Wrong(StrCat("entry ", number, ": out of order"));
  if (entry.empty()) return Wrong(StrCat("entry ", number, ": empty"));
  if (number > 0 && entry.front() == static_cast<char>(report::EntryKind::kReport)) {
    if (entry.size() != 1 + tlog::kDigestBytes) {
      return Wrong(StrCat("entry ", number, ": no commitment of 32 bytes"));
    }
    tlog::Digest digest;
    std::copy(entry.begin() + 1, entry.end(), digest.begin());
    commitments_.push_back(digest);
    is_report_.push_back(true);
    released_.push_back(false);
    ++reports_;
    return {};
  }
  if (auto seen = SeeOperator(number, entry); !seen) {
    return Fail(seen.error().code, StrCat("entry ", number, ": ", seen.error().message));
  }
  commitments_.emplace_back();
  is_report_.push_back(false);
  released_.push_back(false);
  return {};
}

Expected<void> LogHistory::SeeOperator(uint64_t number, std::string_view entry) {
  if (number == 0) {
    // The first entry brings the key that signs it; that it is the registry's, the log's key says.
    if (entry.front() != static_cast<char>(report::EntryKind::kOperator)) {
      return Wrong("the first one must be the registry's own");
    }
    const auto note = tlog::Note::Parse(entry.substr(1));
    if (!note) return std::unexpected(note.error());
    const std::string_view text = note->text;
    const auto body = ParseJson(text.substr(std::min(text.find('\n'), text.size())), "entry", 16);
    if (!body) return std::unexpected(body.error());
    const auto key_text = RequireString(*body, "operator_key");
    if (!key_text) return std::unexpected(key_text.error());
    auto key = tlog::VerifierKey::Parse(*key_text);
    if (!key) return std::unexpected(key.error());
    operator_key_ = std::move(*key);
  }
  auto read = report::ReadOperatorEntry(entry, *operator_key_);
  if (!read) return std::unexpected(read.error());
  Json& body = read->body;
  if (!body.is_object()) return Wrong("no JSON object");
  if ((read->what == "registry") != (number == 0)) return Wrong("\"registry\" is the first alone");
  if (read->what == "registry") {
    registry_ = std::move(body);
  } else if (read->what == "release") {
    const auto text = RequireString(body, "entries");
    if (!text) return std::unexpected(text.error());
    auto ranges = ParseRanges(*text, number);
    if (!ranges) return std::unexpected(ranges.error());
    for (const EntryRange& range : *ranges) {
      for (uint64_t one = range.first; one <= range.last; ++one) {
        // Each once: so a log is read in time linear in it.
        if (!is_report_[one] || released_[one]) {
          return Wrong(StrCat("releases ", one, ", which is no report, or a second time"));
        }
        released_[one] = true;
      }
    }
    releases_.push_back({number, std::move(*ranges)});
  } else if (read->what == "removal") {
    const auto removed = NumberOf(body, "entry");
    if (!removed) return std::unexpected(removed.error());
    if (*removed >= number || !is_report_[*removed]) return Wrong("removes what is no report");
    auto reason = RequireString(body, "reason");
    if (!reason) return std::unexpected(reason.error());
    const auto on = GetString(body, "on");
    // Gone is gone: a second removal changes nothing.
    removals_.try_emplace(*removed,
                          Removal{number, std::move(*reason), on && *on ? **on : std::string()});
  } else if (read->what == "epoch") {
    auto epoch = EpochEntry::Parse(body);
    if (!epoch) return std::unexpected(epoch.error());
    if (epoch->entries > number) return Wrong("weighs entries behind itself");
    epochs_.push_back({number, std::move(*epoch)});
  } else if (read->what == "index") {
    auto index = IndexEntry::Parse(body);
    if (!index) return std::unexpected(index.error());
    if (!indexes_.empty() && index->publish <= indexes_.back().body.publish) {
      return Wrong("publishes do not rise");
    }
    indexes_.push_back({number, std::move(*index)});
  } else if (read->what == "policy") {
    const auto name = RequireString(body, "name"), sha256 = RequireString(body, "sha256");
    const auto from = NumberOf(body, "from_entry");
    if (!name) return std::unexpected(name.error());
    if (!sha256) return std::unexpected(sha256.error());
    if (!from) return std::unexpected(from.error());
    policies_.push_back({number, {*name, *sha256, *from}});
  } else if (read->what == "reply") {
    const auto seller = RequireString(body, "seller"), text = RequireString(body, "text");
    if (!seller) return std::unexpected(seller.error());
    if (!text) return std::unexpected(text.error());
    const auto on = GetString(body, "on"), shown_by = GetString(body, "shown_by");
    replies_.push_back(
        {number, *seller, *text, on && *on ? **on : "", shown_by && *shown_by ? **shown_by : ""});
  }
  return {};  // what a later version adds is the operator's word and changes no index of ours
}

bool LogHistory::Commits(uint64_t entry, const report::Salt& salt, std::string_view content) const {
  const std::string expected = report::ReportEntry(salt, content);
  return is_report_[entry] &&
         std::string_view(expected).substr(1) == tlog::AsText(commitments_[entry]);
}

std::vector<bool> LogHistory::Released(uint64_t before, uint64_t at) const {
  std::vector<bool> released(size());
  for (const auto& release : releases_) {
    if (release.entry >= before) break;
    for (const EntryRange& range : release.body) {
      for (uint64_t entry = range.first; entry <= range.last; ++entry) released[entry] = true;
    }
  }
  for (const auto& [entry, removal] : removals_) {
    if (removal.at < at) released[entry] = false;
  }
  return released;
}

const LogHistory::At<EpochEntry>* LogHistory::EpochOf(const At<IndexEntry>& index) const {
  for (auto epoch = epochs_.rbegin(); epoch != epochs_.rend(); ++epoch) {
    if (epoch->entry < index.entry && epoch->body.publish == index.body.publish) return &*epoch;
  }
  return nullptr;
}

std::optional<uint64_t> LogHistory::RemovalFrom(uint64_t from) const {
  std::optional<uint64_t> first;
  for (const auto& [entry, removal] : removals_) {
    if (removal.at >= from && (!first || removal.at < *first)) first = removal.at;
  }
  return first;
}

std::vector<Json> ReleaseBodies(std::span<const uint64_t> entries, uint64_t publish) {
  std::vector<Json> bodies;
  std::vector<EntryRange> some;
  size_t length = 0;
  const auto put = [&] {
    if (!some.empty()) bodies.push_back({{"publish", publish}, {"entries", RangesText(some)}});
    some.clear();
    length = 0;
  };
  for (const EntryRange& range : RangesOf(entries)) {
    const size_t more = RangesText({&range, 1}).size() + 1;
    if (length + more > kReleaseTextMax) put();
    some.push_back(range);
    length += more;
  }
  put();
  return bodies;
}

}  // namespace kaopu
