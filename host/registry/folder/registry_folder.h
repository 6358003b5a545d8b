// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's folder: `keys/` (secret, 0700), `registry.db`, `public/` (what any web server may
// give away), of which `public/registry.json` says who this is.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "registry/log/log_writer.h"
#include "registry/store/registry_store.h"
#include "report/seal/proof_of_work.h"
#include "report/seal/voprf.h"
#include "tlog/note.h"

namespace kaopu {

inline constexpr int kWorkBitsDefault = 18;  // 0.15 s of one core

struct RegistryKeys {
  tlog::SignerKey log, operator_key;
  report::VoprfKey nullifier;
  report::ChallengeKey challenge;
};

class RegistryFolder {
 public:
  // Reads keys and registry.json. kNotFound where there is no registry; kDamaged.
  static Expected<RegistryFolder> Open(const std::filesystem::path& path);
  // The same by the text of a registry.json that is not there yet.
  static Expected<RegistryFolder> OpenAs(const std::filesystem::path& path,
                                         std::string_view registry_json);

  struct Identity {
    std::string origin;  // name of the log and of its key: no spaces, no `+`
    std::string name;    // for people
    int work_bits = kWorkBitsDefault;
  };
  // Makes keys, database, registry.json and the log's first entry. kConflict where the folder holds
  // a registry already: nothing in it is touched. kBadRequest names what is wrong.
  static Expected<RegistryFolder> Create(const std::filesystem::path& path,
                                         const Identity& identity, TimeMs now);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path Public() const { return path_ / "public"; }
  std::filesystem::path Database() const { return path_ / "registry.db"; }
  // Who writes or removes public contents holds it (file_lock.h).
  std::filesystem::path PublishLock() const { return path_ / "publish.lock"; }
  const Identity& identity() const { return identity_; }
  const RegistryKeys& keys() const { return *keys_; }

  Expected<std::unique_ptr<RegistryStore>> OpenStore() const;
  // Reads entries from `store`; both this and the store must outlive it.
  std::unique_ptr<LogWriter> OpenLog(RegistryStore& store) const;

 private:
  RegistryFolder(std::filesystem::path path, Identity identity, std::unique_ptr<RegistryKeys> keys)
      : path_(std::move(path)), identity_(std::move(identity)), keys_(std::move(keys)) {}

  std::filesystem::path path_;
  Identity identity_;
  std::unique_ptr<RegistryKeys> keys_;
};

}  // namespace kaopu
