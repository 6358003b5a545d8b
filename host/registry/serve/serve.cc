// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/serve/serve.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/str_cat.h"
#include "registry/folder/public_contents.h"
#include "registry/folder/registry_folder.h"
#include "registry/http/registry_metrics.h"
#include "registry/http/static_files.h"
#include "registry/publish/publish_folder.h"
#include "registry/serve/event_log.h"
#include "registry/trust/trust_policy.h"
#include "report/seal/published_index.h"
#include "tlog/note.h"

namespace kaopu {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{200};
constexpr std::chrono::minutes kSummaryEvery{5};

// One server a folder: two would each keep a standing of the reporters that lacks the other's.
Expected<FileLock> TakeServerLock(const std::filesystem::path& data) {
  auto lock = FileLock::Try(data / "serve.lock");
  if (!lock) return std::unexpected(lock.error());
  if (!*lock) {
    return Fail(ErrorCode::kUnavailable,
                StrCat(data.string(),
                       " is served already by another kaopu-registry. Next: stop "
                       "that one first"));
  }
  return std::move(**lock);
}

// The settings' keys are keys; those that vouch join the policy's.
Expected<void> AcceptKeys(const ServeOptions& options, TrustPolicy& policy) {
  for (const auto& [flag, keys] : {std::pair("--accept-attester", &options.intake.attester_keys),
                                   std::pair("--accept-voucher", &options.voucher_keys)}) {
    for (const std::string& text : *keys) {
      const auto key = tlog::VerifierKey::Parse(text);
      if (!key) return Fail(ErrorCode::kBadRequest, StrCat(flag, ": ", key.error().message));
      if (key->kind != tlog::KeyKind::kEd25519) {
        return Fail(ErrorCode::kBadRequest, StrCat(flag, ": ", key->name, " is a witness's key"));
      }
    }
  }
  for (const std::string& text : options.voucher_keys) {
    if (!policy.AcceptsVoucher(text)) policy.vouched_keys.push_back(text);
  }
  return {};
}

// Whose proofs count is public: an entry of the log whenever it changes, and a small file that says
// which entry it is, so that nobody has to read the whole log for it.
Expected<void> LogAcceptedKeys(const ServeOptions& options, const RegistryFolder& folder,
                               TimeMs now) {
  Json body = {{"attesters", options.intake.attester_keys}, {"vouchers", options.voucher_keys}};
  const std::filesystem::path path = options.data / "proof_keys.json";
  const std::filesystem::path pointer = folder.Public() / kProofKeysPath;
  const auto logged = ReadFile(path, 1 << 20);
  if (!logged && logged.error().code != ErrorCode::kNotFound) {
    return std::unexpected(logged.error());
  }
  const std::string text = DumpJson(body) + "\n";
  const bool none = options.intake.attester_keys.empty() && options.voucher_keys.empty();
  std::error_code error;
  // A registry that was brought back from a copy, or is older than the file, logs them once more.
  const bool told = none || std::filesystem::exists(pointer, error);
  if (logged ? *logged == text && told : none) return {};
  auto store = folder.OpenStore();
  if (!store) return std::unexpected(store.error());
  if (const auto alone = (*store)->ServeAlone(); !alone) return alone;
  body["on"] = FormatDate(std::chrono::floor<std::chrono::days>(now));
  uint64_t number = 0;
  const auto written = (*store)->Write([&](RegistryBatch& batch) -> Expected<void> {
    const auto entry = batch.Append(
        report::OperatorEntry{"proofkeys", body}.ToEntry(folder.keys().operator_key), now);
    if (!entry) return std::unexpected(entry.error());
    number = *entry;
    return {};
  });
  if (!written) return written;
  const auto shown = WriteFileAtomic(pointer, DumpJson({{"v", 1}, {"entry", number}}) + "\n", 0644);
  if (!shown) return shown;
  return WriteFileAtomic(path, text, 0600);
}

// Entries whose contents are to go from the public files.
class Removals {
 public:
  void Add(uint64_t entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(entry);
  }
  // What cannot be done now, as while a publish writes these files, is tried again at the next
  // call.
  void Run(const RegistryFolder& folder, EventLog& events) {
    std::vector<uint64_t> entries;
    {
      const std::lock_guard lock(mutex_);
      if (entries_.empty()) return;
      const auto files = FileLock::Try(folder.PublishLock());
      if (!files || !*files) return;
      entries.swap(entries_);
    }
    for (const uint64_t entry : entries) {
      const auto removed = RemovePublicContent(folder.Public(), entry);
      if (removed) continue;
      events.Write("error", "content_not_removed",
                   {{"entry", entry}, {"message", removed.error().message}});
      Add(entry);
    }
  }

 private:
  std::mutex mutex_;
  std::vector<uint64_t> entries_;
};

// Removed and maybe still published: a stop may have come in between.
Expected<void> AddEarlierRemovals(const RegistryFolder& folder, Removals& removals) {
  auto store = folder.OpenStore();
  if (!store) return std::unexpected(store.error());
  const auto size = (*store)->Size();
  if (!size) return std::unexpected(size.error());
  return (*store)->EachReport(0, *size, [&](const StoredReport& report) {
    if (report.removal && report.released_at) removals.Add(report.entry);
  });
}

// Publishes at the start, then every so often, in a thread of its own. What goes wrong is said and
// tried again the next time.
class PublishClock {
 public:
  PublishClock(const RegistryFolder& folder, const Clock& clock, const ServeOptions& options,
               EventLog& events, RegistryMetrics& metrics)
      : folder_(folder),
        clock_(clock),
        every_(options.publish_every),
        events_(events),
        metrics_(metrics),
        witnessing_{options.witnesses, [this](const WitnessAnswer& answer) { Tell(answer); }},
        thread_([this] { Run(); }) {}
  ~PublishClock() {
    Stop();
    thread_.join();
  }
  PublishClock(const PublishClock&) = delete;
  PublishClock& operator=(const PublishClock&) = delete;

  // The publish under way ends after its present step.
  void Stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stopped_.notify_all();
  }

 private:
  void Run() {
    do {
      Publish();
    } while (!Wait());
  }
  bool Wait() {
    std::unique_lock lock(mutex_);
    return stopped_.wait_for(lock, every_, [&] { return stopping_.load(); });
  }
  void Publish() {
    const auto begun = steady_clock::now();
    const auto published = PublishFolder(
        folder_, clock_, {}, [&] { return stopping_.load(); }, witnessing_);
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun);
    if (!published) {
      if (stopping_) return;
      events_.Write("error", "not_published",
                    {{"code", ErrorCodeName(published.error().code)},
                     {"message", published.error().message}});
      return;
    }
    if (published->publish == 0) return;
    events_.Write("info", "published",
                  {{"publish", published->publish},
                   {"released", published->released},
                   {"contents", published->contents},
                   {"sellers", published->index.sellers},
                   {"bytes", published->bytes},
                   {"took_ms", took.count()}});
    if (!published->pages_error.empty()) {
      events_.Write("error", "pages_not_written", {{"message", published->pages_error}});
    }
  }

  void Tell(const WitnessAnswer& answer) {
    const auto seconds = clock_.Now().time_since_epoch() / std::chrono::seconds(1);
    metrics_.Set("witness_answered", "Whether this witness cosigned when it was asked last.",
                 "witness", answer.witness, answer.problem ? 0 : 1);
    if (!answer.problem) {
      metrics_.Set("witness_entries", "Entries of the last head that this witness cosigned.",
                   "witness", answer.witness, answer.entries);
      metrics_.Set("witness_cosigned_at_seconds", "When it did, in POSIX seconds.", "witness",
                   answer.witness, static_cast<uint64_t>(seconds));
      return;
    }
    // That it has seen another history is for people to look into; that it is away, maybe not yet.
    events_.Write(answer.problem->code == ErrorCode::kConflict ? "error" : "warning",
                  "not_cosigned",
                  {{"witness", answer.witness},
                   {"entries", answer.entries},
                   {"code", ErrorCodeName(answer.problem->code)},
                   {"message", answer.problem->message}});
  }

  const RegistryFolder& folder_;
  const Clock& clock_;
  const std::chrono::minutes every_;
  EventLog& events_;
  RegistryMetrics& metrics_;
  const Witnessing witnessing_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace

Expected<void> Serve(ServeOptions options, const Clock& clock, std::ostream& out,
                     const std::function<bool()>& stop) {
  EventLog events(out, clock);
  const auto folder = RegistryFolder::Open(options.data, options.database);
  if (!folder) return std::unexpected(folder.error());
  const auto lock = TakeServerLock(options.data);
  if (!lock) return std::unexpected(lock.error());
  const auto data = DataFolder();
  if (!data) return std::unexpected(data.error());
  auto policy = LoadTrustPolicy(*data);
  if (!policy) return std::unexpected(policy.error());
  const int policy_version = policy->version;
  if (const auto accepted = AcceptKeys(options, *policy); !accepted) return accepted;

  if (const auto logged = LogAcceptedKeys(options, *folder, clock.Now()); !logged) return logged;

  Removals removals;
  if (const auto added = AddEarlierRemovals(*folder, removals); !added) return added;
  options.intake.on_removed = [&](uint64_t entry) { removals.Add(entry); };
  options.intake.on_error = [&](std::string_view event, const Error& error) {
    events.Write("error", event, {{"code", ErrorCodeName(error.code)}, {"message", error.message}});
  };
  options.intake.on_recovered = [&] { events.Write("info", "commit_works_again"); };
  auto intake = Intake::Start(*folder, std::move(*policy), clock, options.intake);
  if (!intake) return std::unexpected(intake.error());
  const auto files = StaticFiles::Open(folder->Public());
  if (!files) return std::unexpected(files.error());
  RegistryMetrics metrics;
  options.http.on_reply = [&](const HttpRoute& route, int status, std::chrono::microseconds took) {
    metrics.Count(route.name, status, took);
  };
  std::atomic<const HttpServer*> running{nullptr};
  auto server = HttpServer::Start(
      options.http, RegistryRoutes(**intake, metrics, *files, options.rates, [&running] {
        const HttpServer* now = running;
        return now == nullptr ? 0 : now->connections();
      }));
  if (!server) return std::unexpected(server.error());
  running = server->get();
  events.Write("info", "listening",
               {{"address", options.http.address},
                {"port", (*server)->port()},
                {"origin", folder->identity().origin},
                {"store", (*intake)->store_kind()},
                {"entries", (*intake)->counts().entries.load()},
                {"work_bits", folder->identity().work_bits},
                {"trust_policy", policy_version}});

  std::optional<PublishClock> publishing;
  if (options.publish_every > std::chrono::minutes(0)) {
    publishing.emplace(*folder, clock, options, events, metrics);
  }
  auto ticked = steady_clock::now(), summed = ticked;
  uint64_t requests_before = 0;
  while (!stop()) {
    std::this_thread::sleep_for(kTick);
    const auto now = steady_clock::now();
    (*intake)->Tick(std::chrono::duration_cast<std::chrono::milliseconds>(now - ticked));
    ticked = now;
    removals.Run(*folder, events);
    if (now - summed >= kSummaryEvery) {
      summed = now;
      const uint64_t requests = metrics.Total();
      events.Write("info", "summary",
                   {{"requests", requests - requests_before},
                    {"entries", (*intake)->counts().entries.load()},
                    {"failed_batches", (*intake)->counts().failed_batches.load()},
                    {"work_bits", (*intake)->load().Bits()}});
      requests_before = requests;
    }
  }
  events.Write("info", "stopping", {{"connections", (*server)->connections()}});
  if (publishing) publishing->Stop();
  (*server)->Drain();
  running = nullptr;
  (*intake)->Drain();
  publishing.reset();
  removals.Run(*folder, events);
  events.Write("info", "stopped",
               {{"requests", metrics.Total()}, {"entries", (*intake)->counts().entries.load()}});
  return {};
}

}  // namespace kaopu
