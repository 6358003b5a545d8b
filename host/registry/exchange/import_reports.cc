// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/exchange/import_reports.h"

#include <sodium.h>

#include <algorithm>
#include <set>

#include "base/file_lock.h"
#include "base/str_cat.h"
#include "registry/folder/public_contents.h"
#include "registry/intake/envelope_check.h"
#include "registry/record/entry_ranges.h"
#include "reputation/outcome.h"

namespace kaopu {
namespace {

// Few enough that who waits behind a transaction does not notice it.
constexpr size_t kBatch = 500;
constexpr std::string_view kPurpose = "kaopu-import-1\n";  // DISK

std::string_view PlatformOf(std::string_view seller) { return seller.substr(0, seller.find(':')); }

class Importer {
 public:
  Importer(const RegistryFolder& folder, const ExchangeFile& file, const ImportOptions& options,
           const Clock& clock)
      : folder_(folder),
        file_(file),
        options_(options),
        origin_(folder.identity().origin),
        now_(clock.Now()),
        today_(FormatDate(std::chrono::floor<std::chrono::days>(now_))) {
    // The same source has the same keys, and nobody without the registry's secret can tell them.
    const std::string text = StrCat(kPurpose, options.source);
    static_assert(crypto_auth_hmacsha256_BYTES == sizeof(report::ReporterSeed));
    crypto_auth_hmacsha256(seed_.data(), reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                           folder.keys().challenge.data());
    reporter_ = report::SigningKey::OfReporter(seed_, origin_).key();
  }

  Expected<Imported> Run() {
    for (const ExchangedReport& one : file_.reports) {
      if (auto possible = Check(one); !possible) {
        return Fail(possible.error().code,
                    StrCat("order ", one.order.empty() ? one.order_id : one.order, ": ",
                           possible.error().message));
      }
    }
    auto store = folder_.OpenStore();
    if (!store) return std::unexpected(store.error());
    store_ = std::move(*store);
    for (size_t done = 0; done < file_.reports.size();) {
      const size_t end = std::min(done + kBatch, file_.reports.size());
      if (auto written = WriteSome(done, end); !written) return std::unexpected(written.error());
      done = end;
      if (options_.progress && done % (kBatch * 100) == 0) {
        options_.progress(StrCat(done, " of ", file_.reports.size(), " reports"));
      }
    }
    if (options_.whole) {
      if (auto removed = RemoveOthers(); !removed) return std::unexpected(removed.error());
    }
    if (!options_.dry_run) {
      const auto size = store_->Size();
      if (!size) return std::unexpected(size.error());
      const auto log = folder_.OpenLog(*store_);
      if (auto whole = log->Integrate(*size); !whole) return std::unexpected(whole.error());
    }
    return imported_;
  }

 private:
  Expected<void> Check(const ExchangedReport& one) const {
    if (one.report.enrolled && !file_.is_signed) {
      return Fail(ErrorCode::kBadRequest,
                  "enrolled: that an order was told of while it was open, a signed file of a "
                  "registry may say alone");
    }
    if (!options_.weight_class && !one.weight_class) {
      return Fail(ErrorCode::kBadRequest, "class: missing");
    }
    return CheckDays(one.report, std::chrono::floor<std::chrono::days>(now_));
  }

  report::Nullifier NullifierOf(const ExchangedReport& one) const {
    if (one.order_id.empty()) return tlog::Sha256({kPurpose, options_.source, "\n", one.order});
    return report::NullifierOf(
        report::EvaluateInput(folder_.keys().nullifier,
                              report::NullifierInput(PlatformOf(one.report.seller), one.order_id)));
  }

  Expected<void> WriteSome(size_t begin, size_t end) {
    const Imported before = imported_;
    std::vector<uint64_t> entries;
    auto written = store_->Write([&](RegistryBatch& batch) -> Expected<void> {
      imported_ = before;
      for (size_t i = begin; i < end; ++i) {
        const auto entry = TakeOne(batch, file_.reports[i]);
        if (!entry) return std::unexpected(entry.error());
        if (*entry) entries.push_back(**entry);
      }
      if (options_.dry_run) return Undone();
      if (entries.empty()) return {};
      Json body = {{"source", options_.source},
                   {"sha256", tlog::ToBase64(tlog::AsText(file_.sha256))},
                   {"class", options_.weight_class ? report::WeightClassName(*options_.weight_class)
                                                   : std::string_view("source")},
                   {"entries", RangesText(RangesOf(entries))},
                   {"on", today_}};
      if (!options_.signed_by.empty()) body["signed_by"] = options_.signed_by;
      return Append(batch, "import", std::move(body));
    });
    if (options_.dry_run && !written && written.error().message == kUndone) return {};
    return written;
  }

  // Ends a transaction of a dry run.
  static constexpr const char* kUndone = "counted alone";
  static std::unexpected<Error> Undone() { return Fail(ErrorCode::kUnavailable, kUndone); }

  Expected<void> Append(RegistryBatch& batch, std::string_view what, Json body) const {
    const auto at = batch.Append(report::OperatorEntry{std::string(what), std::move(body)}.ToEntry(
                                     folder_.keys().operator_key),
                                 now_);
    return at ? Expected<void>() : std::unexpected(at.error());
  }

  // The new entry; nullopt where there is nothing to write.
  Expected<std::optional<uint64_t>> TakeOne(RegistryBatch& batch, const ExchangedReport& one) {
    const auto nullifier = NullifierOf(one);
    if (options_.whole) orders_.insert(nullifier);
    const auto told = batch.ReportsOfOrder(nullifier);
    if (!told) return std::unexpected(told.error());
    const StoredReport* last = nullptr;
    for (const StoredReport& other : *told) {
      if (other.reporter == reporter_) {
        last = &other;
      } else if (!other.duplicate && !other.removal) {
        ++imported_.told;
        return std::nullopt;
      }
    }
    report::Report report = one.report;
    if (last != nullptr) {
      if (last->removal) {
        ++imported_.gone;
        return std::nullopt;
      }
      const auto content = report::Content::Parse(last->content);
      if (!content) return std::unexpected(content.error());
      const auto known = report::Report::Parse(content->report);
      if (!known) return std::unexpected(known.error());
      report.revision = known->revision;
      if (report == *known) {
        ++imported_.same;
        return std::nullopt;
      }
      if (report.seller != known->seller) {
        return Fail(ErrorCode::kConflict,
                    StrCat("order ", one.order.empty() ? one.order_id : one.order, " is of ",
                           report.seller, ", but was imported before as one of ", known->seller));
      }
      ++report.revision;
    }
    auto added = Add(batch, one, report, nullifier, last);
    if (!added) return std::unexpected(added.error());
    ++(last != nullptr ? imported_.revised : imported_.added);
    return *added;
  }

  Expected<uint64_t> Add(RegistryBatch& batch, const ExchangedReport& one,
                         const report::Report& report, const report::Nullifier& nullifier,
                         const StoredReport* last) const {
    const auto key = report::SigningKey::OfSeller(seed_, origin_, report.seller);
    report::Content content;
    content.report = report.ToText();
    content.key = key.key();
    content.signature = key.Sign(report::SellerSigned(origin_, content.report));
    if (options_.weight_class) {
      content.weight_class = *options_.weight_class;
    } else {
      content.weight_class = *one.weight_class;
      content.weight = one.weight;
    }
    StoredReport stored;
    if (last != nullptr) content.replaces = stored.replaces = last->entry;
    stored.content = content.ToText();
    stored.received_at = now_;
    stored.seller = report.seller;
    randombytes_buf(stored.salt.data(), stored.salt.size());
    stored.key = content.key;
    stored.reporter = reporter_;
    stored.nullifier = nullifier;
    stored.identity = tlog::Sha256({kPurpose, tlog::AsText(nullifier), content.report});
    stored.revision = report.revision;
    stored.bad = IsBad(report.outcome);
    const auto entry = batch.Append(report::ReportEntry(stored.salt, stored.content), now_);
    if (!entry) return entry;
    stored.entry = *entry;
    if (auto added = batch.AddReport(stored); !added) return std::unexpected(added.error());
    return entry;
  }

  Expected<void> RemoveOthers() {
    const auto size = store_->Size();
    if (!size) return std::unexpected(size.error());
    std::vector<uint64_t> others;
    const auto read = store_->EachReport(0, *size, [&](const StoredReport& report) {
      if (report.reporter == reporter_ && !report.removal && !orders_.contains(report.nullifier)) {
        others.push_back(report.entry);
      }
    });
    if (!read) return read;
    imported_.removed = others.size();
    if (options_.dry_run) return {};
    const std::string reason = StrCat("no longer told of by ", options_.source);
    // A publish under way may be writing the very files: it ends first.
    const auto lock = FileLock::Take(folder_.PublishLock());
    if (!lock) return std::unexpected(lock.error());
    for (const uint64_t entry : others) {
      auto removed = store_->Write([&](RegistryBatch& batch) -> Expected<void> {
        const uint64_t removal = batch.Size();
        auto logged =
            Append(batch, "removal", {{"entry", entry}, {"reason", reason}, {"on", today_}});
        if (!logged) return logged;
        return batch.Remove(entry, removal, reason);
      });
      if (!removed) return removed;
      if (auto gone = RemovePublicContent(folder_.Public(), entry); !gone) return gone;
    }
    return {};
  }

  const RegistryFolder& folder_;
  const ExchangeFile& file_;
  const ImportOptions& options_;
  const std::string origin_;
  const TimeMs now_;
  const std::string today_;
  report::ReporterSeed seed_{};
  report::PublicKey reporter_{};
  std::unique_ptr<RegistryStore> store_;
  std::set<report::Nullifier> orders_;  // of the file
  Imported imported_;
};

}  // namespace

Expected<Imported> ImportReports(const RegistryFolder& folder, const ExchangeFile& file,
                                 const ImportOptions& options, const Clock& clock) {
  if (sodium_init() < 0) return Fail(ErrorCode::kInternal, "no random numbers here");
  return Importer(folder, file, options, clock).Run();
}

}  // namespace kaopu
