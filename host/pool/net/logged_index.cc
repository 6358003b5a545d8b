// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/logged_index.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/hex.h"
#include "base/str_cat.h"
#include "index/update/delta.h"
#include "pool/net/index_files.h"
#include "pool/pool_folder.h"
#include "report/seal/log_entry.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKept = "manifest.json";
constexpr std::string_view kStagedStart = "manifest.", kStagedEnd = ".json.next";
constexpr size_t kStagedMax = 64;  // that are read; each crash of a sync leaves at most one
constexpr size_t kStateBytesMax = 64 * 1024;
constexpr int kLooks = 4;  // while a sync goes on beside

std::string StagedName(std::string_view text) {
  const tlog::Digest digest = tlog::Sha256({text});
  return StrCat(kStagedStart, HexOf(std::span(digest).first(8)), kStagedEnd);
}

// What is read before the index files are, and must be the same after: else a sync was at work.
struct Texts {
  std::optional<std::string> manifest, checkpoint, state, ranges;
  std::optional<Error> manifest_error;
  std::vector<std::string> staged;
  friend bool operator==(const Texts& a, const Texts& b) {
    return a.manifest == b.manifest && a.checkpoint == b.checkpoint && a.state == b.state &&
           a.ranges == b.ranges && a.staged == b.staged;
  }
};

// The set whose ranges are in use, as look-ups decide it; none where the whole index is.
std::optional<Expected<RangeSet>> RangesInUse(const fs::path& folder, const Registry& registry) {
  if (registry.settings.ranges == RangeUse::kOff) return std::nullopt;
  auto set = ReadRangeSet(folder);
  if (set && set->folder == 0) return std::nullopt;
  if (!set && set.error().code == ErrorCode::kNotFound) return std::nullopt;
  return set;
}

Texts ReadTexts(const fs::path& folder, const Registry& registry) {
  Texts texts;
  const auto read = [&](const fs::path& path, size_t bytes_max) {
    auto text = ReadFile(path, bytes_max);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  };
  fs::path kept = folder / kKept;
  if (const auto set = RangesInUse(folder, registry); set && *set) {
    kept = RangesFolder(folder) / StrCat((*set)->folder) / kKept;
    texts.ranges = (*set)->ToText();
  }
  if (auto text = ReadFile(kept, kPublicJsonBytesMax)) {
    texts.manifest = std::move(*text);
  } else if (text.error().code != ErrorCode::kNotFound) {
    texts.manifest_error = text.error();
  }
  texts.checkpoint = read(folder / "checkpoint", tlog::kNoteBytesMax);
  texts.state = read(folder / "sync.json", kStateBytesMax);
  std::vector<fs::path> staged;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end;
       !error && at != end && staged.size() < kStagedMax; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(kStagedStart) && name.ends_with(kStagedEnd)) staged.push_back(at->path());
  }
  std::ranges::sort(staged);
  for (const fs::path& path : staged) {
    if (auto text = read(path, kPublicJsonBytesMax)) texts.staged.push_back(std::move(*text));
  }
  return texts;
}

class Look {
 public:
  Look(const fs::path& folder, const Registry& registry, const Texts& texts)
      : folder_(folder), registry_(registry), texts_(texts) {}

  std::vector<KeptCheck> Run() {
    ReadProofs();
    if (const auto set = RangesInUse(folder_, registry_)) {
      LookAtRanges(*set);
    } else if (!registry_.state.ranges) {  // else ranges were given up, and nothing came since
      for (const char* kind : kIndexKinds) LookAtFile(kind);
    }
    return std::move(checks_);
  }

 private:
  using State = KeptCheck::State;

  void Say(std::string what, State state, std::optional<Error> why = {}) {
    checks_.push_back({std::move(what), state, std::move(why)});
  }
  void FetchAgain(std::string what, const Error& why) {
    Say(std::move(what), State::kWrong,
        Error{ErrorCode::kDamaged, StrCat(why.message, "; kaopu sync fetches it again")});
  }
  uint64_t last() const { return registry_.state.publish; }

  void ReadProofs() {
    const auto log_key = tlog::VerifierKey::Parse(registry_.info.log_key);
    const auto operator_key = tlog::VerifierKey::Parse(registry_.info.operator_key);
    if (!log_key || !operator_key) {
      return Say("proof", State::kWrong,
                 Error{ErrorCode::kDamaged,
                       StrCat("registry.json: ", (log_key ? operator_key : log_key).error().message,
                              "; remove the registry and add it again with its key")});
    }
    if (texts_.checkpoint) {
      if (auto head = tlog::VerifyCheckpoint(*texts_.checkpoint, *log_key))
        head_ = head->checkpoint;
    }
    for (const std::string& text : texts_.staged) {
      // One that is not whole proves nothing, and is made anew by the next sync.
      if (auto logged = Read(text, *log_key, *operator_key)) staged_.push_back(std::move(*logged));
    }
    if (texts_.manifest_error) return FetchAgain("proof", *texts_.manifest_error);
    if (!texts_.manifest) return;
    auto logged = Read(*texts_.manifest, *log_key, *operator_key);
    if (!logged) return FetchAgain("proof", logged.error());
    kept_ = std::move(*logged);
    if (kept_->index.publish >= last()) return Say("proof", State::kSound);
    Say("proof", State::kNotProven,
        Error{ErrorCode::kNotFound, StrCat("it is of publish ", kept_->index.publish,
                                           ", older than the index of publish ", last(),
                                           "; the next kaopu sync keeps the newer one")});
  }

  Expected<LoggedIndex> Read(std::string_view text, const tlog::VerifierKey& log,
                             const tlog::VerifierKey& operator_key) const {
    const auto proved = ProveManifest(text, log);
    if (!proved) return std::unexpected(proved.error());
    // A sync keeps the head before it keeps what is proved under it.
    if (head_ && proved->head.size > head_->size) {
      return Fail(ErrorCode::kDamaged,
                  StrCat("it is proved by a log of ", proved->head.size,
                         " entries, but the log's head here has ", head_->size));
    }
    if (head_ && proved->head.size == head_->size && proved->head.root != head_->root) {
      return Fail(ErrorCode::kDamaged,
                  StrCat("there are two different logs of ", head_->size, " entries"));
    }
    auto logged = ReadLoggedIndex(*proved, operator_key);
    if (logged && logged->index.publish == last() && registry_.state.index_entry &&
        logged->at != *registry_.state.index_entry) {
      return Fail(ErrorCode::kDamaged, StrCat("publish ", last(), " is in the log twice"));
    }
    return logged;
  }

  void LookAtRanges(const Expected<RangeSet>& set) {
    if (!set) return FetchAgain("ranges", set.error());
    if (!kept_) {
      if (texts_.manifest || texts_.manifest_error) return;  // that the proof is wrong was said
      return FetchAgain("ranges", {ErrorCode::kDamaged, "the proof that belongs to them is gone"});
    }
    if (kept_->index.publish < last()) {
      return FetchAgain("ranges",
                        {ErrorCode::kDamaged, StrCat("they are of publish ", kept_->index.publish,
                                                     ", but ", last(), " was here before")});
    }
    const auto checked = CheckLoggedRanges(folder_, *set, *kept_, registry_.info.origin);
    if (!checked) return FetchAgain("ranges", checked.error());
    Say("ranges", State::kProven);
  }

  void LookAtFile(const std::string& kind) {
    const bool sellers = kind == "sellers";
    const std::string what = sellers ? "index" : kind;
    const auto file = OpenWhole(InUse(folder_, kind), kind, registry_.info.origin);
    if (!file && file.error().code == ErrorCode::kNotFound) {
      const bool left_out = std::ranges::any_of(
          staged_, [&](const LoggedIndex& one) { return one.FileOf(kind) == nullptr; });
      const bool named = kept_ && kept_->FileOf(kind) != nullptr && !left_out;
      if (named || (sellers && last() > 0)) FetchAgain(what, {ErrorCode::kDamaged, "it is gone"});
      return;
    }
    if (!file) return FetchAgain(what, file.error());
    const auto older = [&](uint64_t publish) {
      FetchAgain(what, {ErrorCode::kDamaged, StrCat("it is publish ", publish, ", but publish ",
                                                    last(), " was here before")});
    };
    for (const LoggedIndex* logged : Proofs()) {
      if (!CheckLogged(*file, kind, *logged)) continue;
      // sync.json is written last: what is honest and older was put there by somebody else.
      if (logged->index.publish < last()) return older(logged->index.publish);
      return Say(what, State::kProven);
    }
    if (kept_ && kept_->index.publish >= last()) {
      return FetchAgain(what, CheckLogged(*file, kind, *kept_).error());
    }
    if (sellers && file->header().publish < last()) return older(file->header().publish);
    Say(what, State::kNotProven,
        Error{ErrorCode::kNotFound,
              "whole, but nothing here proves that its log names it; the next kaopu sync keeps the "
              "proof"});
  }

  std::vector<const LoggedIndex*> Proofs() const {
    std::vector<const LoggedIndex*> proofs;
    if (kept_) proofs.push_back(&*kept_);
    for (const LoggedIndex& one : staged_) proofs.push_back(&one);
    return proofs;
  }

  const fs::path& folder_;
  const Registry& registry_;
  const Texts& texts_;
  std::optional<tlog::Checkpoint> head_;
  std::optional<LoggedIndex> kept_;
  std::vector<LoggedIndex> staged_;
  std::vector<KeptCheck> checks_;
};

}  // namespace

const PublishedFile* LoggedIndex::FileOf(std::string_view kind) const {
  const auto at = std::ranges::find(index.files, kind, &PublishedFile::kind);
  return at == index.files.end() ? nullptr : &*at;
}

Expected<ProvedManifest> ProveManifest(std::string_view text, const tlog::VerifierKey& log) {
  auto manifest = Manifest::Parse(text);
  if (!manifest) return std::unexpected(manifest.error());
  const auto wrong = [](const Error& why) {
    return Fail(ErrorCode::kDamaged, StrCat(kManifestPath, ": proof: ", why.message));
  };
  auto proof = tlog::LogProof::Parse(manifest->proof);
  if (!proof) return wrong(proof.error());
  auto head = tlog::VerifyLogProof(*proof, tlog::LeafHash(manifest->entry), log);
  if (!head) return wrong(head.error());
  return ProvedManifest{std::move(*manifest), std::move(*proof), std::move(head->checkpoint)};
}

Expected<LoggedIndex> ReadLoggedIndex(const ProvedManifest& proved,
                                      const tlog::VerifierKey& operator_key) {
  const auto wrong = [](std::string_view why, ErrorCode code = ErrorCode::kBadRequest) {
    return Fail(code, StrCat(kManifestPath, ": ", why));
  };
  const auto said = report::ReadOperatorEntry(proved.manifest.entry, operator_key);
  if (!said) {
    return wrong(said.error().message, said.error().code == ErrorCode::kForbidden
                                           ? ErrorCode::kForbidden
                                           : ErrorCode::kBadRequest);
  }
  if (said->what != "index" || !said->body.is_object()) return wrong("its entry is no index");
  auto index = IndexEntry::Parse(said->body);
  if (!index) return wrong(index.error().message);
  if (index->publish != proved.manifest.index.publish) {
    return wrong("its entry is of another publish");
  }
  return LoggedIndex{std::move(*index), proved.proof.index};
}

Expected<index::IndexFile> OpenWhole(const fs::path& path, std::string_view kind,
                                     std::string_view origin) {
  auto file = index::IndexFile::Open(path);
  if (!file) return file;
  const index::Kind wanted = kind == "sellers" ? index::Kind::kSellers : index::Kind::kDetails;
  if (file->header().kind != wanted) {
    return Fail(ErrorCode::kDamaged, "it is an index of another kind");
  }
  if (file->header().origin != origin) {
    return Fail(ErrorCode::kDamaged, "it is of another registry");
  }
  if (auto whole = file->Verify(); !whole) return std::unexpected(whole.error());
  return file;
}

Expected<void> CheckLogged(const index::IndexFile& file, std::string_view kind,
                           const LoggedIndex& logged) {
  const PublishedFile* named = logged.FileOf(kind);
  if (named == nullptr) return Fail(ErrorCode::kDamaged, "the log names no such file");
  if (file.header().publish != logged.index.publish) {
    return Fail(ErrorCode::kDamaged, "it is of another publish");
  }
  if (file.bytes().size() != named->bytes || index::DigestOf(file) != named->sha256) {
    return Fail(ErrorCode::kDamaged, "it is not the file that the log names");
  }
  return {};
}

Expected<Date> CheckLoggedRanges(const fs::path& folder, const RangeSet& set,
                                 const LoggedIndex& logged, std::string_view origin) {
  if (!logged.index.ranges) return Fail(ErrorCode::kDamaged, "the log names no ranges");
  const index::CutIndex& cut = logged.index.ranges->cut;
  if (cut.bits != set.bits || cut.salt != set.salt) {
    return Fail(ErrorCode::kDamaged, "the log's ranges are cut otherwise");
  }
  std::optional<Date> as_of;
  for (const uint16_t range : set.here) {
    const auto wrong = [&](const Error& why) {
      return Fail(ErrorCode::kDamaged,
                  StrCat("range ", index::RangeName(cut.bits, range), ": ", why.message));
    };
    std::string texts[3];
    for (const auto& [what, into, bytes_max] :
         {std::tuple("sellers.kpi", &texts[0], cut.sellers_bytes),
          {"details.kpi", &texts[1], cut.details_bytes},
          {"proof", &texts[2], cut.bits * tlog::kDigestBytes}}) {
      auto text = ReadFile(RangePath(folder, set, range, what), bytes_max);
      if (!text) return wrong(text.error());
      *into = std::move(*text);
    }
    const auto slot =
        index::JoinRangeSlot({.sellers = texts[0], .details = texts[1], .proof = texts[2]}, cut);
    if (!slot) return wrong(slot.error());
    if (const auto read = index::ReadRangeSlot(*slot, cut, range); !read) {
      return std::unexpected(read.error());
    }
    for (const char* kind : kIndexKinds) {
      const auto file =
          OpenWhole(RangePath(folder, set, range, StrCat(kind, ".kpi")), kind, origin);
      if (!file) return wrong(file.error());
      const index::Header& header = file->header();
      if (header.publish != logged.index.publish || header.salt != set.salt ||
          as_of.value_or(header.AsOf()) != header.AsOf()) {
        return wrong({ErrorCode::kDamaged, "it is of another publish"});
      }
      as_of = header.AsOf();
    }
  }
  if (!as_of) return Fail(ErrorCode::kDamaged, "there are none");
  return *as_of;
}

Expected<void> StageManifest(const fs::path& folder, std::string_view text) {
  return WriteFileAtomic(folder / StagedName(text), text);
}

Expected<void> KeepManifest(const fs::path& folder, std::string_view text) {
  return WriteFileAtomic(folder / kKept, text);
}

Expected<std::vector<KeptCheck>> CheckKeptIndex(const fs::path& home, std::string_view id) {
  const auto known = ReadRegistry(home, id);
  if (!known) return std::unexpected(known.error());
  const fs::path folder = PoolFolder(home) / id;
  Texts texts = ReadTexts(folder, *known);
  for (int look = 1;; ++look) {
    const auto registry = ReadRegistry(home, id);
    if (!registry) return std::unexpected(registry.error());
    std::vector<KeptCheck> checks = Look(folder, *registry, texts).Run();
    Texts now = ReadTexts(folder, *registry);
    if (now == texts || look == kLooks) return checks;
    texts = std::move(now);
  }
}

}  // namespace kaopu::pool
