// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/files.h"
#include "base/str_cat.h"
#include "registry/folder/public_contents.h"
#include "registry/folder/registry_folder.h"
#include "registry/http/registry_metrics.h"
#include "registry/http/static_files.h"
#include "registry/serve/event_log.h"
#include "registry/trust/trust_policy.h"

namespace kaopu {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{200};
constexpr std::chrono::minutes kSummaryEvery{5};

// One server a folder: two would each keep a standing of the reporters that lacks the other's.
Expected<int> TakeServerLock(const std::filesystem::path& data) {
  const auto path = data / "serve.lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Fail(ErrorCode::kUnavailable, StrCat("cannot write in ", data.string(), ": ",
                                                std::generic_category().message(errno),
                                                ". Next: run it as the user who owns that folder"));
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return Fail(ErrorCode::kUnavailable,
                StrCat(data.string(),
                       " is served already by another kaopu-registry. Next: stop "
                       "that one first"));
  }
  return fd;
}

// Entries whose contents are to go from the public files.
class Removals {
 public:
  void Add(uint64_t entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(entry);
  }
  // What cannot be done now is tried again at the next call.
  void Run(const std::filesystem::path& public_folder, EventLog& events) {
    std::vector<uint64_t> entries;
    {
      const std::lock_guard lock(mutex_);
      entries.swap(entries_);
    }
    for (const uint64_t entry : entries) {
      const auto removed = RemovePublicContent(public_folder, entry);
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

}  // namespace

Expected<void> Serve(ServeOptions options, const Clock& clock, std::ostream& out,
                     const std::function<bool()>& stop) {
  EventLog events(out, clock);
  const auto folder = RegistryFolder::Open(options.data);
  if (!folder) return std::unexpected(folder.error());
  const auto lock = TakeServerLock(options.data);
  if (!lock) return std::unexpected(lock.error());
  struct Unlock {
    int fd;
    ~Unlock() { close(fd); }
  } const unlock{*lock};
  const auto data = DataFolder();
  if (!data) return std::unexpected(data.error());
  auto policy = LoadTrustPolicy(*data);
  if (!policy) return std::unexpected(policy.error());
  const int policy_version = policy->version;

  Removals removals;
  if (const auto added = AddEarlierRemovals(*folder, removals); !added) return added;
  options.intake.on_removed = [&](uint64_t entry) { removals.Add(entry); };
  options.intake.on_error = [&](std::string_view event, const Error& error) {
    events.Write("error", event, {{"code", ErrorCodeName(error.code)}, {"message", error.message}});
  };
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
                {"entries", (*intake)->counts().entries.load()},
                {"work_bits", folder->identity().work_bits},
                {"trust_policy", policy_version}});

  auto ticked = steady_clock::now(), summed = ticked;
  uint64_t requests_before = 0;
  while (!stop()) {
    std::this_thread::sleep_for(kTick);
    const auto now = steady_clock::now();
    (*intake)->Tick(std::chrono::duration_cast<std::chrono::milliseconds>(now - ticked));
    ticked = now;
    removals.Run(folder->Public(), events);
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
  (*server)->Drain();
  running = nullptr;
  (*intake)->Drain();
  removals.Run(folder->Public(), events);
  events.Write("info", "stopped",
               {{"requests", metrics.Total()}, {"entries", (*intake)->counts().entries.load()}});
  return {};
}

}  // namespace kaopu
