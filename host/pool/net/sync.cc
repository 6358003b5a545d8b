// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/sync.h"

#include <system_error>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/str_cat.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;

SyncedRegistry SyncOne(const fs::path& home, const Registry& registry, const Clock& clock,
                       const SyncOptions& options) {
  SyncedRegistry done{.registry = registry, .note = {}, .problems = {}};
  const auto client = options.make_client(options.proxy.value_or(registry.settings.proxy));
  if (!client) {
    done.problems.push_back(client.error());
    return done;
  }
  if (options.partner != nullptr) {
    if (auto sent = options.partner->Before(registry, **client); !sent) {
      done.problems.push_back(sent.error());
    }
  }
  FollowResult followed = Follow(**client, home, registry, clock, options.follow);
  SyncState& state = followed.state;
  if (followed.problem) done.problems.push_back(*followed.problem);
  const std::optional<Alarm>& before = registry.state.alarm;
  if (options.partner != nullptr && followed.log) {
    auto vanished = options.partner->After(registry, **client, *followed.log);
    if (!vanished) {
      done.problems.push_back(vanished.error());
      if (!state.alarm && before && before->kind == "vanished") state.alarm = before;
    } else if (*vanished && (!state.alarm || state.alarm->kind == "freeze")) {
      state.alarm = std::move(*vanished);
      if (before && before->kind == state.alarm->kind) state.alarm->since = before->since;
    } else if (state.alarm && state.alarm->kind == "vanished") {
      state.alarm.reset();
    }
  } else if (!state.alarm && before && before->kind == "vanished") {
    state.alarm = before;  // nobody looked
  }
  done.updated = followed.updated;
  done.bytes = followed.bytes;
  done.note = followed.note;
  if (auto kept = WriteFileAtomic(PoolFolder(home) / registry.id / "sync.json", state.ToText());
      !kept) {
    done.problems.push_back(kept.error());
  }
  if (auto now = ReadRegistry(home, registry.id)) done.registry = std::move(*now);
  done.registry.state = std::move(state);
  return done;
}

}  // namespace

Expected<std::vector<SyncedRegistry>> SyncRegistries(const fs::path& home, const Clock& clock,
                                                     const SyncOptions& options) {
  std::vector<SyncedRegistry> done;
  std::error_code error;
  if (!fs::exists(PoolFolder(home), error)) return done;  // no registry was ever chosen
  const auto lock = FileLock::Try(PoolFolder(home) / "sync.lock");
  if (!lock) return std::unexpected(lock.error());
  if (!*lock) return Fail(ErrorCode::kUnavailable, "another sync is under way; it goes on alone");
  for (const std::string& id : RegistryIds(home)) {
    if (!options.only.empty() && id != options.only) continue;
    const auto registry = ReadRegistry(home, id);
    if (!registry) {
      if (registry.error().code == ErrorCode::kNotFound) continue;
      Registry unknown;
      unknown.id = unknown.info.name = id;
      done.push_back({.registry = std::move(unknown), .note = {}, .problems = {registry.error()}});
      continue;
    }
    if (options.begin) options.begin(*registry);
    done.push_back(SyncOne(home, *registry, clock, options));
  }
  return done;
}

}  // namespace kaopu::pool
