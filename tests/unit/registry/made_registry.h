// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry in a temporary folder: real store, real log, reports put in as intake would have.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "registry/log/log_writer.h"
#include "registry/publish/publisher.h"
#include "registry/store/sqlite_store.h"
#include "report/report.h"
#include "report/seal/envelope.h"
#include "report/seal/log_entry.h"

namespace kaopu {

class MadeRegistry {
 public:
  static constexpr const char* kOrigin = "registry.example/log";

  explicit MadeRegistry(TimeMs now = TimeMs{Date{std::chrono::days{20'700}}})  // 2026-09-04
      : clock(now),
        log_key(std::move(*tlog::SignerKey::Generate(kOrigin, tlog::KeyKind::kEd25519))),
        operator_key(std::move(
            *tlog::SignerKey::Generate("registry.example/operator", tlog::KeyKind::kEd25519))) {
    // Memory, where there is such a folder: thousands of fsyncs are not what is tested.
    const std::filesystem::path memory = "/dev/shm";
    std::string pattern =
        ((access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path()) /
         "kaopu-registry-XXXXXX")
            .string();
    folder = mkdtemp(pattern.data());
    std::filesystem::create_directory(root());
    store = Must(OpenSqliteStore(folder / "registry.db"));
    const Json registry = {{"origin", kOrigin},
                           {"log_key", log_key.verifier().ToText()},
                           {"operator_key", operator_key.verifier().ToText()}};
    Json file = registry;
    file["v"] = 1;
    file["name"] = "Test registry";
    file["api"] = "/v1";
    Must(WriteFileAtomic(root() / "registry.json", DumpJson(file), 0644));
    AppendOperator("registry", registry);
    log = NewLog();
  }
  ~MadeRegistry() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  MadeRegistry(const MadeRegistry&) = delete;
  MadeRegistry& operator=(const MadeRegistry&) = delete;

  std::filesystem::path root() const { return folder / "public"; }

  // As after a restart.
  std::unique_ptr<LogWriter> NewLog() {
    return std::make_unique<LogWriter>(
        root(), folder / "log.lock", log_key,
        [this](uint64_t begin, uint64_t end, const LogWriter::SeeEntry& see) {
          return store->EachEntry(begin, end,
                                  [&](uint64_t, std::string_view entry) { see(entry); });
        });
  }

  uint64_t AppendOperator(std::string_view what, Json body) {
    uint64_t number = 0;
    Must(store->Write([&](RegistryBatch& batch) -> Expected<void> {
      const auto at = batch.Append(
          report::OperatorEntry{std::string(what), std::move(body)}.ToEntry(operator_key),
          clock.Now());
      if (!at) return std::unexpected(at.error());
      number = *at;
      return {};
    }));
    return number;
  }

  struct Told {
    std::string seller = "taobao:1";
    OutcomeKind outcome = OutcomeKind::kOnTime;
    int days_ago = 20;  // the week it was ordered in
    bool enrolled = true;
    report::WeightClass weight_class = report::WeightClass::kTrusted;
    Micro weight = kOne;
    std::optional<uint64_t> replaces;
    bool duplicate = false;
    bool sign = false;  // slow; else the signature is zeros
  };

  report::Report ReportOf(const Told& told) const {
    report::Report one;
    one.seller = told.seller;
    one.week = report::IsoWeek::Of(std::chrono::floor<std::chrono::days>(clock.Now()) -
                                   std::chrono::days(told.days_ago));
    one.outcome = told.outcome;
    one.enrolled = told.enrolled || told.outcome == OutcomeKind::kOpen;
    one.promised_days = 3;
    if (told.outcome != OutcomeKind::kOpen) one.known_days = 5;
    if (told.outcome == OutcomeKind::kOnTime) one.shipped_days = 2;
    if (told.outcome == OutcomeKind::kLate) one.days_late = 4;
    return one;
  }

  // Entries' numbers, in order.
  std::vector<uint64_t> Tell(const std::vector<Told>& many) {
    std::vector<uint64_t> numbers;
    Must(store->Write([&](RegistryBatch& batch) -> Expected<void> {
      for (const Told& told : many) {
        report::Content content;
        content.report = ReportOf(told).ToText();
        content.weight_class = told.weight_class;
        content.weight = told.weight;
        content.replaces = told.replaces;
        StoredReport stored;
        if (told.sign) {
          report::ReporterSeed seed{};
          seed[0] = static_cast<uint8_t>(++told_);
          seed[1] = static_cast<uint8_t>(told_ >> 8);
          const auto key = report::SigningKey::OfSeller(seed, kOrigin, told.seller);
          content.key = key.key();
          content.signature = key.Sign(report::SellerSigned(kOrigin, content.report));
        } else {
          ++told_;
        }
        for (size_t i = 0; i < 8; ++i) {
          stored.salt[i] = static_cast<uint8_t>(told_ >> (8 * i));
          stored.nullifier[i] = stored.identity[i] = stored.salt[i];
        }
        stored.content = content.ToText();
        stored.seller = told.seller;
        stored.key = content.key;
        stored.received_at = clock.Now();
        stored.replaces = told.replaces;
        stored.duplicate = told.duplicate;
        const auto at = batch.Append(report::ReportEntry(stored.salt, stored.content), clock.Now());
        if (!at) return std::unexpected(at.error());
        stored.entry = *at;
        if (auto added = batch.AddReport(stored); !added) return added;
        numbers.push_back(*at);
      }
      return {};
    }));
    return numbers;
  }

  void Remove(uint64_t entry, std::string_view reason) {
    Must(store->Write([&](RegistryBatch& batch) -> Expected<void> {
      const auto at = batch.Append(
          report::OperatorEntry{"removal",
                                {{"entry", entry}, {"reason", reason}, {"on", "2026-09-04"}}}
              .ToEntry(operator_key),
          clock.Now());
      if (!at) return std::unexpected(at.error());
      return batch.Remove(entry, *at, reason);
    }));
  }

  PublishOptions Options() const {
    PublishOptions options;
    options.root = root();
    options.policy = std::filesystem::path(KAOPU_SOURCE_DIR) / "host/data/policy/trust.json";
    options.threads = 2;
    return options;
  }
  Expected<Published> Publish(const PublishOptions& options) {
    return PublishOnce(*store, *log, operator_key, options, clock);
  }
  Expected<Published> Publish() { return Publish(Options()); }

  std::string Bytes(const std::string& name) const {
    const auto bytes = ReadFile(root() / name, size_t{1} << 30);
    return bytes ? *bytes : std::string();
  }

  template <typename T>
  static T Must(Expected<T> result) {
    if (!result) {
      std::fprintf(stderr, "made registry: %s\n", result.error().message.c_str());
      abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  FakeClock clock;
  std::filesystem::path folder;
  tlog::SignerKey log_key, operator_key;
  std::unique_ptr<RegistryStore> store;
  std::unique_ptr<LogWriter> log;

 private:
  uint64_t told_ = 0;
};

}  // namespace kaopu
