// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/publish/publish_folder.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"

namespace kaopu {
namespace {

Expected<void> Cosign(const RegistryFolder& folder, const Witnessing& witnessing) {
  const auto answers =
      AskWitnesses(folder.Public(), folder.keys().log.verifier(), witnessing.options,
                   [] { return MakeHttpClient({.user_agent = "kaopu-registry/" KAOPU_VERSION}); });
  if (!answers) return std::unexpected(answers.error());
  for (const WitnessAnswer& answer : *answers) {
    if (witnessing.told) witnessing.told(answer);
  }
  return CheckRequired(*answers, witnessing.options.required);
}

}  // namespace

Expected<Published> PublishFolder(const RegistryFolder& folder, const Clock& clock,
                                  std::function<void(std::string_view)> progress,
                                  std::function<bool()> stop, const Witnessing& witnessing,
                                  std::optional<unsigned> range_bits) {
  const auto data = DataFolder();
  if (!data) return std::unexpected(data.error());
  const auto lock = FileLock::Take(folder.PublishLock());
  if (!lock) return std::unexpected(lock.error());
  const auto store = folder.OpenStore();
  if (!store) return std::unexpected(store.error());
  const auto log = folder.OpenLog(**store);
  auto published = PublishOnce(**store, *log, folder.keys().operator_key,
                               {.root = folder.Public(),
                                .policy = *data / "policy" / "trust.json",
                                .pages = *data / "registry_pages",
                                .range_bits = range_bits,
                                .threads = std::max(1u, std::thread::hardware_concurrency()),
                                .progress = std::move(progress),
                                .cosign = [&] { return Cosign(folder, witnessing); },
                                .stop = std::move(stop)},
                               clock);
  // Nothing new, but the log may have grown, and shoppers look at a cosignature's time. What is
  // required holds back nothing here.
  if (published && published->publish == 0) (void)Cosign(folder, witnessing);
  return published;
}

}  // namespace kaopu
