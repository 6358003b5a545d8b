// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/folder/registry_folder.h"

#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>

#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "registry/folder/settings_file.h"
#include "registry/store/postgres_store.h"
#include "registry/store/sqlite_store.h"
#include "registry/trust/trust_policy.h"
#include "report/seal/log_entry.h"
#include "tlog/digest.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyBytesMax = 4096;
constexpr const char* kLogKey = "keys/log.key";
constexpr const char* kOperatorKey = "keys/operator.key";
constexpr const char* kNullifierKey = "keys/nullifier.key";
constexpr const char* kChallengeKey = "keys/challenge.key";
constexpr size_t kNameBytesMax = 200;

Expected<std::string> ReadKeyText(const fs::path& path) {
  auto text = ReadFile(path, kKeyBytesMax);
  if (!text) return text;
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

std::unexpected<Error> DamagedKey(const fs::path& path, std::string_view why) {
  return Fail(ErrorCode::kDamaged, StrCat(path.string(), ": ", why, "; put back a copy of it"));
}

Expected<tlog::SignerKey> ReadSigner(const fs::path& path) {
  const auto text = ReadKeyText(path);
  if (!text) return std::unexpected(text.error());
  auto key = tlog::SignerKey::Parse(*text);
  if (!key) return DamagedKey(path, key.error().message);
  return key;
}

Expected<std::array<uint8_t, 32>> ReadSecret(const fs::path& path) {
  const auto text = ReadKeyText(path);
  if (!text) return std::unexpected(text.error());
  const auto bytes = report::BytesFromText<32>(*text);
  if (!bytes) return DamagedKey(path, "not 32 bytes in base64");
  return *bytes;
}

Expected<RegistryKeys> ReadKeys(const fs::path& root) {
  auto log = ReadSigner(root / kLogKey);
  if (!log) return std::unexpected(log.error());
  auto operator_key = ReadSigner(root / kOperatorKey);
  if (!operator_key) return std::unexpected(operator_key.error());
  const auto scalar = ReadSecret(root / kNullifierKey);
  if (!scalar) return std::unexpected(scalar.error());
  auto nullifier = report::VoprfKey::FromSecret(*scalar);
  if (!nullifier) return DamagedKey(root / kNullifierKey, nullifier.error().message);
  const auto challenge = ReadSecret(root / kChallengeKey);
  if (!challenge) return std::unexpected(challenge.error());
  return RegistryKeys{std::move(*log), std::move(*operator_key), *nullifier, *challenge};
}

Expected<void> WriteKeys(const fs::path& root, const RegistryKeys& keys) {
  for (const auto& [path, text] :
       {std::pair(kLogKey, keys.log.ToText()), std::pair(kOperatorKey, keys.operator_key.ToText()),
        std::pair(kNullifierKey, report::BytesToText(keys.nullifier.secret)),
        std::pair(kChallengeKey, report::BytesToText(keys.challenge))}) {
    const auto written = WriteFileAtomic(root / path, StrCat(text, "\n"), 0600);
    if (!written) return written;
  }
  return {};
}

Expected<RegistryKeys> NewKeys(const std::string& origin) {
  auto log = tlog::SignerKey::Generate(origin, tlog::KeyKind::kEd25519);
  if (!log) return Fail(ErrorCode::kBadRequest, StrCat("--name: ", log.error().message));
  auto operator_key = tlog::SignerKey::Generate(origin + "/operator", tlog::KeyKind::kEd25519);
  if (!operator_key) return std::unexpected(operator_key.error());
  report::ChallengeKey challenge;
  randombytes_buf(challenge.data(), challenge.size());
  return RegistryKeys{std::move(*log), std::move(*operator_key), report::VoprfKey::Generate(),
                      challenge};
}

Json RegistryJson(const RegistryFolder::Identity& identity, const RegistryKeys& keys,
                  int trust_version) {
  return {{"v", 1},
          {"origin", identity.origin},
          {"name", identity.name},
          {"log_key", keys.log.verifier().ToText()},
          {"operator_key", keys.operator_key.verifier().ToText()},
          {"nullifier_key", report::BytesToText(keys.nullifier.key)},
          {"work_bits", identity.work_bits},
          {"policy", {{"trust", trust_version}}},
          {"api", "/v1"}};
}

Expected<void> MakeFolder(const fs::path& path, mode_t mode) {
  std::error_code error;
  if (!path.parent_path().empty()) fs::create_directories(path.parent_path(), error);
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return Fail(ErrorCode::kUnavailable, StrCat("cannot make the folder ", path.string(), ": ",
                                                std::generic_category().message(errno)));
  }
  if (chmod(path.c_str(), mode) != 0) {
    return Fail(ErrorCode::kUnavailable, StrCat("cannot set who may enter ", path.string(), ": ",
                                                std::generic_category().message(errno)));
  }
  return {};
}

// Nullopt: the file in the folder.
Expected<std::optional<PostgresAddress>> AddressOf(const fs::path& path,
                                                   const std::string& database) {
  std::string text = database;
  if (text.empty()) {
    auto set = ReadDatabaseSetting(path / "registry.toml");
    if (!set) return std::unexpected(set.error());
    text = std::move(*set);
  }
  if (text.empty() || text == "sqlite") return std::nullopt;
  auto address = PostgresAddress::Parse(text);
  if (!address) return std::unexpected(address.error());
  return std::move(*address);
}

}  // namespace

Expected<RegistryFolder> RegistryFolder::Open(const fs::path& path, const std::string& database) {
  const fs::path file = path / "public" / "registry.json";
  const auto text = ReadFile(file, 64 * 1024);
  if (!text && text.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kNotFound, StrCat("no registry in ", path.string(),
                                             " (no public/registry.json). Next: "
                                             "kaopu-registry init --data ",
                                             path.string(), " --name NAME"));
  }
  if (!text) return std::unexpected(text.error());
  return OpenAs(path, *text, database);
}

Expected<RegistryFolder> RegistryFolder::OpenAs(const fs::path& path,
                                                std::string_view registry_json,
                                                const std::string& database) {
  auto postgres = AddressOf(path, database);
  if (!postgres) return std::unexpected(postgres.error());
  const fs::path file = path / "public" / "registry.json";
  auto keys = ReadKeys(path);
  if (!keys) return std::unexpected(keys.error());
  const auto root = ParseJson(registry_json, file.string(), 8);
  if (!root) return Fail(ErrorCode::kDamaged, root.error().message);
  const auto origin = RequireString(*root, "origin"), name = RequireString(*root, "name"),
             log_key = RequireString(*root, "log_key");
  for (const auto* field : {&origin, &name, &log_key}) {
    if (!*field) {
      return Fail(ErrorCode::kDamaged, StrCat(file.string(), ": ", field->error().message));
    }
  }
  const auto bits = GetInt(*root, "work_bits");
  if (!bits || !*bits || **bits < 0 || **bits > report::kWorkBitsMax) {
    return Fail(
        ErrorCode::kDamaged,
        StrCat(file.string(), ": work_bits must be a number from 0 to ", report::kWorkBitsMax));
  }
  if (*log_key != keys->log.verifier().ToText() || *origin != keys->log.verifier().name) {
    return Fail(ErrorCode::kDamaged,
                StrCat(file.string(), " names the key ", *log_key, ", ", kLogKey, " is ",
                       keys->log.verifier().ToText(), ": one of them is another registry's"));
  }
  return RegistryFolder(path, std::move(*postgres), {*origin, *name, static_cast<int>(**bits)},
                        std::make_unique<RegistryKeys>(std::move(*keys)));
}

Expected<RegistryFolder> RegistryFolder::Create(const fs::path& path, const Identity& identity,
                                                TimeMs now, const std::string& database) {
  if (identity.name.empty() || identity.name.size() > kNameBytesMax ||
      identity.origin.size() > kNameBytesMax) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--name and --title: 1 to ", kNameBytesMax, " bytes each"));
  }
  if (identity.work_bits < 0 || identity.work_bits > report::kWorkBitsMax) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--work-bits ", identity.work_bits, ": 0 to ", report::kWorkBitsMax));
  }
  std::error_code error;
  for (const char* mine : {"keys", "registry.db", "public/registry.json", "public/checkpoint"}) {
    if (fs::exists(path / mine, error)) {
      return Fail(ErrorCode::kConflict,
                  StrCat(path.string(), " holds a registry already (", mine,
                         "); nothing was changed. Next: kaopu-registry serve --data ",
                         path.string(), ", or choose another folder"));
    }
  }
  const auto data = DataFolder();
  if (!data) return std::unexpected(data.error());
  const auto policy = LoadTrustPolicy(*data);
  if (!policy) return std::unexpected(policy.error());
  auto keys = NewKeys(identity.origin);
  if (!keys) return std::unexpected(keys.error());
  auto postgres = AddressOf(path, database);
  if (!postgres) return std::unexpected(postgres.error());
  std::unique_ptr<RegistryStore> store;
  if (*postgres) {  // first: where it cannot be, there is no folder either
    auto made = CreatePostgresStore(**postgres, keys->log.verifier().ToText());
    if (!made) return std::unexpected(made.error());
    store = std::move(*made);
  }

  if (const auto made = MakeFolder(path, 0755); !made) return std::unexpected(made.error());
  if (const auto made = MakeFolder(path / "keys", 0700); !made)
    return std::unexpected(made.error());
  if (const auto made = MakeFolder(path / "public", 0755); !made)
    return std::unexpected(made.error());
  if (const auto written = WriteKeys(path, *keys); !written)
    return std::unexpected(written.error());
  const Json json = RegistryJson(identity, *keys, policy->version);
  const std::string first = report::OperatorEntry{"registry", json}.ToEntry(keys->operator_key);
  RegistryFolder folder(path, std::move(*postgres), identity,
                        std::make_unique<RegistryKeys>(std::move(*keys)));
  if (!database.empty()) {
    const auto said = WriteDatabaseSetting(folder.Settings(), database);
    if (!said) return std::unexpected(said.error());
  }
  if (store == nullptr) {
    auto made = folder.OpenStore();
    if (!made) return std::unexpected(made.error());
    store = std::move(*made);
  }
  const auto appended = store->Write([&](RegistryBatch& batch) -> Expected<void> {
    const auto entry = batch.Append(first, now);
    if (!entry) return std::unexpected(entry.error());
    return {};
  });
  if (!appended) return std::unexpected(appended.error());
  if (const auto done = folder.OpenLog(*store)->Integrate(1); !done) {
    return std::unexpected(done.error());
  }
  // Last: a folder without it is none, and a start says so.
  const auto written =
      WriteFileAtomic(path / "public" / "registry.json", DumpJson(json, 2) + "\n", 0644);
  if (!written) return std::unexpected(written.error());
  return folder;
}

Expected<std::unique_ptr<RegistryStore>> RegistryFolder::OpenStore() const {
  return postgres_ ? OpenPostgresStore(*postgres_, LogKey()) : OpenSqliteStore(Database());
}

Expected<void> RegistryFolder::CopyStore(const fs::path& to) const {
  if (!postgres_) return CopySqliteStore(Database(), to);
  const auto from = OpenStore();
  if (!from) return std::unexpected(from.error());
  const auto copy = OpenSqliteStore(to);
  if (!copy) return std::unexpected(copy.error());
  return (*copy)->Fill(**from);
}

Expected<std::unique_ptr<RegistryStore>> RegistryFolder::RestoreStore() const {
  auto file = OpenSqliteStore(Database());
  if (!file || !postgres_) return file;
  auto store = CreatePostgresStore(*postgres_, LogKey());
  if (!store) return store;
  if (const auto filled = (*store)->Fill(**file); !filled) return std::unexpected(filled.error());
  file->reset();
  std::error_code error;
  fs::remove(Database(), error);
  if (error) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot remove ", Database().string(), ": ", error.message()));
  }
  return store;
}

std::unique_ptr<LogWriter> RegistryFolder::OpenLog(RegistryStore& store) const {
  return std::make_unique<LogWriter>(
      Public(), path_ / "log.lock", keys_->log,
      [&store](uint64_t begin, uint64_t end, const LogWriter::SeeEntry& see) {
        return store.EachEntry(begin, end, [&](uint64_t, std::string_view entry) { see(entry); });
      });
}

}  // namespace kaopu
