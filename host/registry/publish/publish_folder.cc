// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/publish/publish_folder.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"

namespace kaopu {

Expected<Published> PublishFolder(const RegistryFolder& folder, const Clock& clock,
                                  std::function<void(std::string_view)> progress,
                                  std::function<bool()> stop) {
  const auto data = DataFolder();
  if (!data) return std::unexpected(data.error());
  const auto lock = FileLock::Take(folder.PublishLock());
  if (!lock) return std::unexpected(lock.error());
  const auto store = folder.OpenStore();
  if (!store) return std::unexpected(store.error());
  const auto log = folder.OpenLog(**store);
  return PublishOnce(**store, *log, folder.keys().operator_key,
                     {.root = folder.Public(),
                      .policy = *data / "policy" / "trust.json",
                      .pages = *data / "registry_pages",
                      .threads = std::max(1u, std::thread::hardware_concurrency()),
                      .progress = std::move(progress),
                      .stop = std::move(stop)},
                     clock);
}

}  // namespace kaopu
