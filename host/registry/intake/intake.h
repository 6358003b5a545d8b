// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Takes in what shoppers send: checks it in the caller's thread, then commits it together with what
// else has come meanwhile (group commit: while one batch is being made durable the next one forms,
// so a lone report waits for nothing and a crowd shares the disk), then answers with a receipt.
// What was answered is in the database, on disk, and in the signed log.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "registry/folder/registry_folder.h"
#include "registry/intake/envelope_check.h"
#include "registry/intake/load_meter.h"
#include "registry/intake/standing.h"

namespace kaopu {

struct IntakeOptions {
  size_t queue_max = 8192;   // requests that wait; beyond it kUnavailable
  size_t batch_max = 256;    // so many share a commit
  double usual_per_s = 500;  // requests a second at the plain price
  std::chrono::minutes challenge_holds{10};
  std::vector<std::string> attester_keys;  // whose proofs from order mails count
  // A report was removed whose content may lie in a public file. From the writer's thread.
  std::function<void(uint64_t entry)> on_removed;
  // Something that people must see: the message. Any thread.
  std::function<void(std::string_view event, const Error& error)> on_error;
  // After a commit that failed, one has gone well again. From the writer's thread.
  std::function<void()> on_recovered;
};

struct IntakeCounts {
  std::atomic<uint64_t> batches{0}, committed{0}, failed_batches{0}, withdrawn{0};
  std::atomic<uint64_t> commit_us{0};  // in all batches, files of the log included
  std::atomic<uint64_t> entries{0};    // the log's size
  std::atomic<uint64_t> waiting{0};
};

class Intake {
 public:
  // Opens the database, makes the log's files whole, brings back the reporters' standing, starts
  // the writer. `folder` and `clock` must outlive this.
  static Expected<std::unique_ptr<Intake>> Start(const RegistryFolder& folder, TrustPolicy policy,
                                                 const Clock& clock, IntakeOptions options);
  ~Intake();  // as Drain

  // `{"challenge","bits","expires_at_ms"}`
  Json Challenge();
  Expected<Json> EvaluateNullifier(std::string_view body);

  // The answer comes once, by any thread, maybe before the call returns.
  using Answer = std::function<void(Expected<Json>)>;
  void SubmitReport(std::string_view body, Answer answer);
  void SubmitWithdrawal(std::string_view body, Answer answer);

  // Answers what waits, then stops: later requests are kUnavailable.
  void Drain();
  // Whether the last commit went well. After one that did not, another is tried about every second,
  // asked for or not.
  bool Healthy() const { return healthy_.load(); }
  std::string_view store_kind() const { return store_kind_; }
  const IntakeCounts& counts() const { return counts_; }
  const LoadMeter& load() const { return load_; }
  void Tick(std::chrono::milliseconds elapsed);

 private:
  struct Pending {
    std::variant<CheckedReport, report::Withdrawal> request;
    Answer answer;
  };
  // What is told once the batch is in: an answer without the receipt of `entry`, if it has one.
  struct Decision {
    Json body;
    std::optional<uint64_t> receipt_of;
    std::optional<uint64_t> removed;
  };

  Intake(const RegistryFolder& folder, TrustPolicy policy, const Clock& clock,
         IntakeOptions options);
  Expected<void> Open();
  // Log and standing up to what is in the database.
  Expected<void> CatchUp();
  void Enqueue(Pending pending);
  void Run();
  Expected<void> Recover();
  void Commit(std::vector<Pending>& batch);
  void Refuse(std::vector<Pending>& batch);
  Expected<void> Foresee(RegistryBatch& batch, const std::vector<Pending>& pending) const;
  // The outer error fails the batch, the inner one this request alone.
  Expected<Expected<Decision>> Decide(RegistryBatch& batch, const Pending& pending, TimeMs now);
  Expected<Expected<Decision>> DecideReport(RegistryBatch& batch, const CheckedReport& checked,
                                            TimeMs now);
  Expected<Expected<Decision>> DecideWithdrawal(RegistryBatch& batch,
                                                const report::Withdrawal& withdrawal, TimeMs now);
  // `begin`, `end`: the entries of the batch.
  Expected<Json> Finish(Decision decision, uint64_t begin, uint64_t end);

  const RegistryFolder& folder_;
  const CheckRules rules_;
  const Clock& clock_;
  const IntakeOptions options_;
  LoadMeter load_;
  IntakeCounts counts_;
  std::atomic<bool> healthy_{true};
  std::string_view store_kind_;

  // The writer's.
  std::unique_ptr<RegistryStore> store_;
  std::unique_ptr<LogWriter> log_;
  std::optional<Standing> standing_;  // none where it has heard of reports that are not there
  TimeMs forgot_at_{};                // used challenges

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Pending> queue_;
  bool stopping_ = false;
  // Challenges used for nullifiers: asked for again they say the same, so memory will do.
  std::unordered_map<std::string, TimeMs> used_;
  std::thread writer_;
};

}  // namespace kaopu
