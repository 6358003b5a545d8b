// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/follow.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/files.h"
#include "base/str_cat.h"
#include "index/index_file.h"
#include "pool/net/choose.h"
#include "pool/net/index_files.h"
#include "pool/net/logged_index.h"
#include "pool/range_set.h"
#include "report/seal/published_index.h"
#include "tlog/log_proof.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::days kAheadMax{2};  // of this computer's clock
constexpr uint64_t kMegabyte = 1'000'000;

// Why it does not go on: something wrong with the registry, or nothing but bad luck.
struct Stop {
  std::optional<Alarm> alarm;
  std::optional<Error> problem;
};

class Follower {
 public:
  Follower(HttpClient& client, const fs::path& home, const Registry& registry, const Clock& clock,
           const FollowOptions& options)
      : client_(client),
        registry_(registry),
        folder_(PoolFolder(home) / registry.id),
        now_(clock.Now()),
        options_(options),
        read_(RegistryReader(client, registry.info.url)) {
    result_.state = registry.state;
    result_.state.alarm.reset();
  }

  FollowResult Run() {
    for (const auto step :
         {&Follower::ReadOwn, &Follower::AskWho, &Follower::FetchManifest, &Follower::FetchHead,
          &Follower::CheckWitnesses, &Follower::CheckManifest, &Follower::FetchIndex}) {
      if (!(this->*step)()) break;
    }
    Finish();
    return std::move(result_);
  }

 private:
  bool Alarmed(std::string_view kind, std::string message) {
    stop_.alarm = Alarm{std::string(kind), std::move(message), now_};
    return false;
  }
  bool Failed(Error error) {
    stop_.problem = std::move(error);
    return false;
  }
  // kDamaged and what it can be for is the registry's doing, the rest is bad luck.
  bool Wrong(Error error, std::string_view kind = "index") {
    switch (error.code) {
      case ErrorCode::kBadRequest:
      case ErrorCode::kDamaged:
      case ErrorCode::kTooLarge:
      case ErrorCode::kForbidden:
        return Alarmed(kind, std::move(error.message));
      case ErrorCode::kConflict:
        return Alarmed("fork", std::move(error.message));
      case ErrorCode::kNotFound:
        error.code = ErrorCode::kUnavailable;
        return Failed(std::move(error));
      default:
        return Failed(std::move(error));
    }
  }

  // What is known of it on this disk.
  bool ReadOwn() {
    const auto damaged = [&](std::string_view why) {
      return Failed(
          {ErrorCode::kDamaged, StrCat(folder_.string(), ": ", why,
                                       "; remove the registry and add it again with its key")});
    };
    auto log_key = tlog::VerifierKey::Parse(registry_.info.log_key);
    auto operator_key = tlog::VerifierKey::Parse(registry_.info.operator_key);
    if (!log_key) return damaged(StrCat("log_key: ", log_key.error().message));
    if (!operator_key) return damaged(StrCat("operator_key: ", operator_key.error().message));
    log_key_ = std::move(*log_key);
    operator_key_ = std::move(*operator_key);
    const auto note = ReadFile(folder_ / "checkpoint", tlog::kNoteBytesMax);
    if (!note && note.error().code != ErrorCode::kNotFound) return Failed(note.error());
    if (!note) {
      // Without it a fork of what was seen could not be told.
      return registry_.state.entries == 0 || damaged("the last checkpoint is gone");
    }
    auto last = tlog::VerifyCheckpoint(*note, log_key_);
    if (!last) return damaged(StrCat("checkpoint: ", last.error().message));
    last_ = std::move(last->checkpoint);
    return true;
  }

  bool AskWho() {
    const auto text = read_("registry.json", kRegistryFileBytesMax);
    if (!text) {
      return text.error().code == ErrorCode::kTooLarge ? Alarmed("index", text.error().message)
                                                       : Wrong(text.error());
    }
    result_.reached = true;
    auto now = RegistryInfo::Parse(*text);
    if (!now && now.error().code == ErrorCode::kUnsupported) return Failed(now.error());
    if (!now) return Alarmed("index", now.error().message);
    if (const auto same = CheckSameRegistry(registry_.info, *now); !same) {
      return Alarmed("key", same.error().message);
    }
    now->url = registry_.info.url;
    // A new name, or work that is dearer now.
    if (now->ToText() == registry_.info.ToText()) return true;
    const auto kept = WriteFileAtomic(folder_ / "registry.json", now->ToText());
    return kept ? true : Failed(kept.error());
  }

  // Before the head, so that the head is not the older of the two.
  bool FetchManifest() {
    auto text = read_(kManifestPath, kPublicJsonBytesMax);
    if (text) {
      manifest_text_ = std::move(*text);
      return true;
    }
    if (text.error().code == ErrorCode::kTooLarge) return Alarmed("index", text.error().message);
    if (text.error().code != ErrorCode::kNotFound) return Wrong(text.error());
    return true;  // nothing was published yet; CheckManifest knows better
  }

  // A signed head that is in line with all that was seen becomes the one to measure by.
  bool TakeHead(const std::string& note) {
    auto verified = CheckHead(note, log_key_);
    if (!verified) {
      return Wrong(verified.error(),
                   verified.error().code == ErrorCode::kForbidden ? "key" : "index");
    }
    const tlog::Checkpoint& head = verified->checkpoint;
    if (last_ && head.size < last_->size) {
      return Alarmed("rollback", StrCat("its log has ", head.size, " entries; ", last_->size,
                                        " were there before"));
    }
    VerifiedLog log(read_, head);
    if (last_) {
      if (const auto goes_on = log.Continues(*last_); !goes_on) {
        if (goes_on.error().code == ErrorCode::kConflict) KeepProof(note);
        return Wrong(goes_on.error());
      }
    }
    // Kept at once: whatever comes of the index, this much was seen.
    if (!last_ || last_->size != head.size) {
      if (const auto kept = WriteFileAtomic(folder_ / "checkpoint", note); !kept) {
        return Failed(kept.error());
      }
    }
    result_.state.entries = head.size;
    last_ = head;
    result_.log = std::move(log);
    return true;
  }

  bool FetchHead() {
    const auto note = read_("checkpoint", tlog::kNoteBytesMax);
    return note ? TakeHead(*note) : Wrong(note.error());
  }

  // The head itself may be newer than what was cosigned: entries come in all the time. What counts
  // is that both are one history, and that an index is taken only from what was cosigned.
  bool CheckWitnesses() {
    if (registry_.settings.witnesses.empty()) return true;
    auto cosigned = CheckCosigned(read_, log_key_, registry_.settings, *result_.log,
                                  [this](const std::string& note) { KeepProof(note); });
    if (!cosigned) {
      return Wrong(cosigned.error(),
                   cosigned.error().code == ErrorCode::kForbidden ? "key" : "index");
    }
    cosigned_ = std::move(*cosigned);
    return true;
  }

  // Two signed heads that contradict each other are what others need to see.
  void KeepProof(const std::string& note) const {
    std::error_code error;
    const fs::path path = folder_ / "conflict.checkpoint";
    if (!fs::exists(path, error)) (void)WriteFileAtomic(path, note);
  }

  bool CheckManifest() {
    if (!manifest_text_) {
      if (registry_.state.publish == 0) return false;  // nothing was published yet
      return Alarmed("rollback", StrCat("it has no index any more; there was publish ",
                                        registry_.state.publish, " before"));
    }
    auto proved = ProveManifest(*manifest_text_, log_key_);
    if (!proved) return Wrong(proved.error());
    // The head that the proof leads to is of the same log, or this is a fork.
    if (proved->head.size > last_->size) {
      if (!TakeHead(proved->proof.checkpoint)) return false;
    } else if (const auto of_it = result_.log->Continues(proved->head); !of_it) {
      if (of_it.error().code == ErrorCode::kConflict) {
        KeepProof(proved->proof.checkpoint);
        result_.log.reset();
      }
      return Wrong(of_it.error());
    }
    if (const auto in_it = result_.log->Includes(proved->proof.index, proved->manifest.entry);
        !in_it) {
      return Wrong(in_it.error());
    }
    auto logged = ReadLoggedIndex(*proved, operator_key_);
    if (!logged) {
      return Wrong(logged.error(), logged.error().code == ErrorCode::kForbidden ? "key" : "index");
    }
    const SyncState& before = registry_.state;
    const uint64_t publish = logged->index.publish;
    if (publish < before.publish || (before.index_entry && logged->at < *before.index_entry)) {
      return Alarmed("rollback", StrCat("its index is publish ", publish, "; publish ",
                                        before.publish, " was there before"));
    }
    if (before.index_entry && (publish == before.publish) != (logged->at == *before.index_entry)) {
      return Alarmed("index", StrCat(kManifestPath, ": publish ", publish, " is in the log twice"));
    }
    if (cosigned_ && logged->at >= cosigned_->entries && logged->at != before.index_entry) {
      result_.note = StrCat("publish ", publish,
                            " is there; it is taken once each witness asked for has cosigned it");
      return false;
    }
    logged_ = std::move(*logged);
    manifest_ = std::move(proved->manifest);
    return true;
  }

  bool FetchIndex() {
    return registry_.settings.ranges == RangeUse::kOff ? FetchWhole() : FetchRanges();
  }

  bool FetchWhole() {
    if (logged_.FileOf("sellers") == nullptr) {
      return Alarmed("index", StrCat("entry ", logged_.at, " of the log names no sellers"));
    }
    uint64_t all = 0;
    for (const char* kind : kIndexKinds) {
      if (const PublishedFile* file = logged_.FileOf(kind)) {
        if (file->bytes > kIndexFileBytesMax) {
          return Alarmed("index", StrCat(file->path, ": ", file->bytes, " bytes are too many"));
        }
        all += file->bytes;
      }
    }
    if (!IsAllowed(all, "its index has ")) return false;
    std::vector<std::string> fresh;
    for (const char* kind : kIndexKinds) {
      const PublishedFile* file = logged_.FileOf(kind);
      if (file == nullptr) continue;
      const auto got = FetchIndexFile(client_, {.base = registry_.info.url,
                                                .folder = folder_,
                                                .file = *file,
                                                .publish = logged_.index.publish,
                                                .manifest = &manifest_,
                                                .origin = registry_.info.origin,
                                                .progress = [&](uint64_t done, uint64_t of) {
                                                  if (options_.progress)
                                                    options_.progress({kind, done, of});
                                                }});
      if (!got) return Wrong(got.error());
      result_.bytes += got->bytes;
      if (got->note) result_.note = *got->note;
      if (!got->is_new) continue;
      if (!CheckStaged(kind, file->path)) {
        std::error_code ignored;
        fs::remove(Staged(folder_, kind), ignored);
        return false;
      }
      fresh.emplace_back(kind);
    }
    if (const auto taken = TakeAll(fresh); !taken) return Failed(taken.error());
    RemoveLeftOvers(folder_);
    (void)RemoveRanges(folder_);  // not in use any more; the next sync tries again
    result_.updated = !fresh.empty();
    result_.state.publish = logged_.index.publish;
    result_.state.index_entry = logged_.at;
    result_.state.ranges = false;
    const auto in_use = index::IndexFile::Open(InUse(folder_, "sellers"));
    if (!in_use) return Failed(in_use.error());
    result_.state.as_of = in_use->header().AsOf();
    result_.state.sellers = in_use->header().count;
    return true;
  }

  bool IsAllowed(uint64_t bytes, std::string_view what) {
    if (bytes <= static_cast<uint64_t>(registry_.settings.index_mb_max) * kMegabyte) return true;
    const uint64_t mb = (bytes + kMegabyte - 1) / kMegabyte;
    std::string why = StrCat(what, mb, " MB, more than the ", registry_.settings.index_mb_max,
                             " MB that are allowed; allow more: kaopu registry set ", registry_.id,
                             " --max-mb ", mb);
    if (logged_.index.ranges && registry_.settings.ranges == RangeUse::kOff) {
      why += "; or take only parts of it: --ranges scheduled in place of --max-mb";
    }
    return Failed({ErrorCode::kLimit, std::move(why)});
  }

  // The set to fetch: drawn once, and with what the shopper asks for now. Nothing = it is not to be
  // fetched now, or it went wrong.
  std::optional<RangeSet> SetToFetch(const index::CutIndex& cut) {
    auto kept = ReadRangeSet(folder_);
    if (!kept && kept.error().code != ErrorCode::kNotFound) {
      Failed({kept.error().code,
              StrCat(kept.error().message, "; begin anew: kaopu registry set ", registry_.id,
                     " --ranges ", RangeUseName(registry_.settings.ranges))});
      return std::nullopt;
    }
    const bool first = !kept;
    RangeSet set = first ? RangeSet::Draw(cut.bits, cut.salt) : std::move(*kept);
    // The same sellers in ranges cut otherwise would tell which they are.
    if (set.bits != cut.bits || set.salt != cut.salt) {
      Failed({ErrorCode::kConflict,
              StrCat("its index is now cut into other ranges; asking for the same sellers in both "
                     "would tell it which they are. What is on this disk stays in use. To begin "
                     "anew, with nothing that was asked for: kaopu registry set ",
                     registry_.id, " --ranges ", RangeUseName(registry_.settings.ranges))});
      return std::nullopt;
    }
    const Date today = std::chrono::floor<std::chrono::days>(now_);
    if (first) {
      const auto& own = options_.own_sellers;
      for (size_t i = own.size() - std::min(own.size(), kRangeGroups); i < own.size(); ++i) {
        (void)set.Want(own[i], today);
      }
    }
    bool asks = false;
    if (!options_.range_seller.empty()) {
      RangeSet with = set;
      const size_t fresh = with.Want(options_.range_seller, today);
      const size_t fetched = with.All().size();
      asks = !options_.agree ||
             options_.agree(registry_, {.seller = options_.range_seller,
                                        .ranges = cut.Ranges(),
                                        .sellers = (cut.sellers + cut.Ranges() - 1) / cut.Ranges(),
                                        .fetched = fetched,
                                        .fresh = first ? fetched : fresh});
      if (asks) set = std::move(with);
    }
    if (registry_.settings.ranges == RangeUse::kAsked && !asks) return std::nullopt;
    // Before the first request: one that is cut off is made again for the same ranges.
    if (const auto put = WriteFileAtomic(RangeSetPath(folder_), set.ToText()); !put) {
      Failed(put.error());
      return std::nullopt;
    }
    return set;
  }

  bool FetchRanges() {
    if (!logged_.index.ranges) {
      return Failed({ErrorCode::kUnavailable,
                     StrCat("it publishes no ranges; take its whole index: kaopu registry set ",
                            registry_.id, " --ranges off")});
    }
    const index::CutIndex& cut = logged_.index.ranges->cut;
    auto set = SetToFetch(cut);
    if (!set) {
      newer_is_left_ = logged_.index.publish > registry_.state.publish;
      if (newer_is_left_ && !stop_.problem) {
        result_.note = StrCat("publish ", logged_.index.publish,
                              " is there; its ranges are fetched when you ask for a seller");
      }
      return false;
    }
    // The same base, by its salt.
    if (set->folder != 0 && registry_.state.index_entry &&
        !CheckShrink(registry_.state.sellers, cut.sellers)) {
      return false;
    }
    const std::vector<uint16_t> wanted = set->All();
    if (!IsAllowed(wanted.size() * cut.SlotBytes(), "the ranges to fetch have ")) return false;
    const uint64_t before = set->folder;
    set->folder = before + 1;
    set->publish = logged_.index.publish;
    set->here = wanted;
    const fs::path into = RangesFolder(folder_) / StrCat(set->folder);
    std::error_code error;
    fs::remove_all(into, error);  // of a sync that was cut off
    fs::create_directories(into, error);
    if (error) {
      return Failed(
          {ErrorCode::kUnavailable, StrCat("cannot make ", into.string(), ": ", error.message())});
    }
    // All of them, in this order, at every sync.
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (options_.progress) options_.progress({"ranges", i, wanted.size()});
      if (!FetchRange(*set, wanted[i])) return false;
    }
    const auto as_of = CheckLoggedRanges(folder_, *set, logged_, registry_.info.origin);
    if (!as_of) return Wrong(as_of.error());
    if (!CheckAsOf(*as_of)) return false;
    set->as_of = *as_of;
    if (const auto kept = KeepManifest(into, *manifest_text_); !kept) return Failed(kept.error());
    if (const auto synced = SyncFiles(into); !synced) return Failed(synced.error());
    if (const auto taken = WriteFileAtomic(RangeSetPath(folder_), set->ToText()); !taken) {
      return Failed(taken.error());
    }
    RemoveRangesBut(folder_, {before, set->folder});  // a look-up may be opening the ones before
    RemoveWhole(folder_);
    result_.updated = logged_.index.publish != registry_.state.publish || !registry_.state.ranges;
    result_.state.publish = logged_.index.publish;
    result_.state.index_entry = logged_.at;
    result_.state.ranges = true;
    result_.state.as_of = *as_of;
    result_.state.sellers = cut.sellers;
    return true;
  }

  bool FetchRange(const RangeSet& set, uint16_t range) {
    const index::CutIndex& cut = logged_.index.ranges->cut;
    HttpRequest request{.url = registry_.info.url + logged_.index.ranges->path, .body = {}};
    request.from_byte = cut.OffsetOf(range);
    request.bytes_wanted = request.bytes_max = cut.SlotBytes();
    const auto response = client_.Send(request);
    if (!response && response.error().code == ErrorCode::kTooLarge) {
      return Failed({ErrorCode::kUnavailable,
                     StrCat(request.url,
                            ": its server gives no part of a file, so ranges cannot be "
                            "fetched; tell its operator")});
    }
    if (!response) return Wrong(response.error());
    if (response->status != 206) {
      return Failed({ErrorCode::kUnavailable,
                     StrCat(request.url, ": answered with status ", response->status)});
    }
    result_.bytes += response->body.size();
    const auto slot = index::ReadRangeSlot(response->body, cut, range);
    if (!slot) return Wrong({slot.error().code, StrCat(request.url, ": ", slot.error().message)});
    for (const auto& [what, bytes] : {std::pair("sellers.kpi", slot->sellers),
                                      {"details.kpi", slot->details},
                                      {"proof", slot->proof}}) {
      const auto put = PutFile(RangePath(folder_, set, range, what), bytes);
      if (!put) return Failed(put.error());
    }
    return true;
  }

  // All of them are whole and checked: now they are taken, one rename each. Where a crash falls
  // between, the next sync finds the other one staged; look-ups do without the details meanwhile.
  // The proof is there before, and the older one until all are taken: `kaopu verify` finds each
  // file named by the one or the other wherever this ends.
  Expected<void> TakeAll(const std::vector<std::string>& fresh) const {
    if (auto staged = StageManifest(folder_, *manifest_text_); !staged) return staged;
    for (const char* kind : kIndexKinds) {
      std::error_code ignored;
      if (logged_.FileOf(kind) == nullptr) fs::remove(InUse(folder_, kind), ignored);
    }
    for (const std::string& kind : fresh) {
      if (auto taken = TakeInUse(folder_, kind); !taken) return taken;
    }
    return KeepManifest(folder_, *manifest_text_);
  }

  // It has the digest that the log names; it must be an index, too, and this registry's newest.
  bool CheckStaged(const std::string& kind, const std::string& path) {
    const auto wrong = [&](std::string_view why) {
      return Alarmed("index", StrCat(path, ": ", why));
    };
    const auto file = OpenWhole(Staged(folder_, kind), kind, registry_.info.origin);
    if (!file) return wrong(file.error().message);
    if (const auto named = CheckLogged(*file, kind, logged_); !named) {
      return wrong(named.error().message);
    }
    const index::Header& header = file->header();
    if (kind != "sellers") return true;
    if (!CheckAsOf(header.AsOf())) return false;
    const auto before = index::IndexFile::Open(InUse(folder_, kind));
    return !before || before->header().base_day != header.base_day ||
           !registry_.state.index_entry || CheckShrink(before->header().count, header.count);
  }

  bool CheckAsOf(Date as_of) {
    if (as_of <= std::chrono::floor<std::chrono::days>(now_) + kAheadMax) return true;
    return Alarmed("freeze", StrCat("its index is dated ", FormatDate(as_of),
                                    ", which is still to come; or this computer's clock is wrong"));
  }

  // Sellers leave an index only where contents were removed, each in an entry of its own, or where
  // the rules or the base changed, which audits look into.
  bool CheckShrink(uint64_t before, uint64_t now) {
    if (now >= before) return true;
    const uint64_t gone = before - now;
    uint64_t removals = 0;
    bool rules_changed = false;
    const auto seen = result_.log->EachEntry(
        *registry_.state.index_entry, logged_.at, [&](uint64_t, std::string_view entry) {
          const auto said = report::ReadOperatorEntry(entry, operator_key_);
          if (!said) return true;
          removals += said->what == "removal" ? 1 : 0;
          rules_changed |= said->what == "policy";
          return !rules_changed && removals < gone;
        });
    if (!seen) return Wrong(seen.error());
    if (rules_changed || removals >= gone) return true;
    return Alarmed("shrink", StrCat("its index lost ", gone, " of ", before,
                                    " sellers, and its log removed only ", removals, " reports"));
  }

  void Finish() {
    SyncState& state = result_.state;
    if (result_.reached) state.checked_at = now_;
    if (!stop_.alarm) CheckFreeze();
    if (stop_.alarm) {
      state.alarm = stop_.alarm;
    } else if (stop_.problem || !result_.reached) {
      // Nothing was found that would take it back.
      state.alarm = registry_.state.alarm;
    }
    if (state.alarm && registry_.state.alarm && state.alarm->kind == registry_.state.alarm->kind) {
      state.alarm->since = registry_.state.alarm->since;
    }
    result_.problem = std::move(stop_.problem);
    if (stop_.alarm && (stop_.alarm->kind == "fork" || stop_.alarm->kind == "rollback" ||
                        stop_.alarm->kind == "key")) {
      result_.log.reset();
    }
  }

  void CheckFreeze() {
    const auto limit = options_.freeze;
    const Date today = std::chrono::floor<std::chrono::days>(now_);
    if (cosigned_ && cosigned_->oldest_s) {
      const Date on = std::chrono::floor<std::chrono::days>(TimeMs(std::chrono::seconds(
          static_cast<int64_t>(std::min<uint64_t>(*cosigned_->oldest_s, 1ULL << 37)))));
      if (on > today + kAheadMax) {
        Alarmed("freeze", StrCat("its log's head is cosigned on ", FormatDate(on),
                                 ", which is still to come; or this computer's clock is wrong"));
        return;
      }
      if (today - on > limit) {
        Alarmed("freeze", StrCat("its log's head was last cosigned on ", FormatDate(on),
                                 ", more than ", limit.count(), " days ago"));
        return;
      }
    }
    const std::optional<Date>& as_of = result_.state.as_of;
    if (newer_is_left_) return;  // it is the shopper who has not asked
    if (as_of && today - *as_of > limit) {
      Alarmed("freeze", StrCat("its newest index is of ", FormatDate(*as_of), ", more than ",
                               limit.count(), " days ago"));
    }
  }

  HttpClient& client_;
  const Registry& registry_;
  const fs::path folder_;
  const TimeMs now_;
  const FollowOptions& options_;
  tlog::ReadLogFile read_;

  tlog::VerifierKey log_key_, operator_key_;
  std::optional<tlog::Checkpoint> last_;  // the newest that is in line with all that was seen
  std::optional<Cosigned> cosigned_;      // where witnesses are asked for
  std::optional<std::string> manifest_text_;
  Manifest manifest_;
  LoggedIndex logged_;
  bool newer_is_left_ = false;  // than the ranges on this disk
  FollowResult result_;
  Stop stop_;
};

}  // namespace

FollowResult Follow(HttpClient& client, const fs::path& home, const Registry& registry,
                    const Clock& clock, const FollowOptions& options) {
  return Follower(client, home, registry, clock, options).Run();
}

}  // namespace kaopu::pool
