// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's folder: `keys/` (secret, 0700), `registry.db` where the database is not elsewhere
// (`database` in `registry.toml`), `public/` (what any web server may give away), of which
// `public/registry.json` says who this is.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "registry/log/log_writer.h"
#include "registry/store/postgres_connection.h"
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
  // Reads keys and registry.json. `database`: a PostgresAddress, `sqlite` for the file in the
  // folder, empty for what registry.toml says, which is the file where it says nothing. kNotFound
  // where there is no registry; kDamaged; kBadRequest.
  static Expected<RegistryFolder> Open(const std::filesystem::path& path,
                                       const std::string& database = {});
  // The same by the text of a registry.json that is not there yet.
  static Expected<RegistryFolder> OpenAs(const std::filesystem::path& path,
                                         std::string_view registry_json,
                                         const std::string& database = {});

  struct Identity {
    std::string origin;  // name of the log and of its key: no spaces, no `+`
    std::string name;    // for people
    int work_bits = kWorkBitsDefault;
  };
  // Makes keys, database, registry.json and the log's first entry; a `database` that is given
  // stands in registry.toml from then on. kConflict where the folder or the database holds a
  // registry already: nothing in it is touched. kBadRequest names what is wrong.
  static Expected<RegistryFolder> Create(const std::filesystem::path& path,
                                         const Identity& identity, TimeMs now,
                                         const std::string& database = {});

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path Public() const { return path_ / "public"; }
  std::filesystem::path Settings() const { return path_ / "registry.toml"; }
  // Who writes or removes public contents holds it (file_lock.h).
  std::filesystem::path PublishLock() const { return path_ / "publish.lock"; }
  const Identity& identity() const { return identity_; }
  const RegistryKeys& keys() const { return *keys_; }

  Expected<std::unique_ptr<RegistryStore>> OpenStore() const;
  // All of the store, in use or not, as of one moment: a new SQLite file, whatever it is kept in.
  Expected<void> CopyStore(const std::filesystem::path& to) const;
  // The store of a registry that is put back, made of such a file, which is in the folder.
  Expected<std::unique_ptr<RegistryStore>> RestoreStore() const;
  // Reads entries from `store`; both this and the store must outlive it.
  std::unique_ptr<LogWriter> OpenLog(RegistryStore& store) const;

 private:
  RegistryFolder(std::filesystem::path path, std::optional<PostgresAddress> postgres,
                 Identity identity, std::unique_ptr<RegistryKeys> keys)
      : path_(std::move(path)),
        postgres_(std::move(postgres)),
        identity_(std::move(identity)),
        keys_(std::move(keys)) {}
  std::filesystem::path Database() const { return path_ / "registry.db"; }
  std::string LogKey() const { return keys_->log.verifier().ToText(); }

  std::filesystem::path path_;
  std::optional<PostgresAddress> postgres_;
  Identity identity_;
  std::unique_ptr<RegistryKeys> keys_;
};

}  // namespace kaopu
