// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/choose.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "pool/net/verified_log.h"
#include "pool/range_set.h"
#include "tlog/digest.h"
#include "tlog/witness.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;

// What the log's first entry says of its registry, signed by the operator's key that it names.
Expected<Json> FirstEntry(std::string_view entry) {
  const auto wrong = [](std::string_view why) {
    return Fail(ErrorCode::kDamaged, StrCat("the log's first entry: ", why));
  };
  if (entry.empty() || entry.front() != static_cast<char>(report::EntryKind::kOperator)) {
    return wrong("it is not the registry's own");
  }
  const auto note = tlog::Note::Parse(entry.substr(1));
  if (!note) return wrong(note.error().message);
  const std::string_view text = note->text;
  const auto body = ParseJson(text.substr(std::min(text.find('\n'), text.size())), "entry", 16);
  if (!body) return wrong(body.error().message);
  if (!body->is_object()) return wrong("no JSON object");
  const auto key_text = RequireString(*body, "operator_key");
  if (!key_text) return wrong(key_text.error().message);
  const auto key = tlog::VerifierKey::Parse(*key_text);
  if (!key) return wrong(key.error().message);
  auto read = report::ReadOperatorEntry(entry, *key);
  if (!read) return wrong(read.error().message);
  if (read->what != "registry" || !read->body.is_object()) {
    return wrong("it is not the registry's own");
  }
  return std::move(read->body);
}

}  // namespace

std::string RegistryIdOf(std::string_view log_key) {
  const tlog::Digest digest = tlog::Sha256({log_key});
  return HexOf(std::span(digest).first(8));
}

Expected<tlog::VerifiedCheckpoint> CheckHead(std::string_view note, const tlog::VerifierKey& log,
                                             std::span<const tlog::VerifierKey> witnesses) {
  if (const auto parsed = tlog::Note::Parse(note); !parsed) {
    return Fail(ErrorCode::kDamaged, StrCat("checkpoint: ", parsed.error().message));
  }
  auto verified = tlog::VerifyCheckpoint(note, log, witnesses);
  if (!verified) {
    return Fail(ErrorCode::kForbidden, StrCat("checkpoint: ", verified.error().message));
  }
  return verified;
}

Expected<Cosigned> CheckCosigned(const tlog::ReadLogFile& read, const tlog::VerifierKey& key,
                                 const RegistrySettings& settings, VerifiedLog& log,
                                 const std::function<void(const std::string& note)>& other) {
  Cosigned all{log.head().size, std::nullopt};
  for (const std::string& text : settings.witnesses) {
    const auto witness = tlog::VerifierKey::Parse(text);
    if (!witness) {
      return Fail(ErrorCode::kBadRequest,
                  StrCat("the key of a witness, \"", text, "\": ", witness.error().message));
    }
    auto note = read(tlog::CosignedPath(*witness), tlog::kNoteBytesMax);
    if (!note && note.error().code == ErrorCode::kNotFound) {
      note = read("checkpoint", tlog::kNoteBytesMax);
    }
    if (!note) return std::unexpected(note.error());
    const auto head = CheckHead(*note, key, {&*witness, 1});
    if (!head) return std::unexpected(head.error());
    if (head->cosignatures.empty() || !head->cosignatures.front().time_s) {
      return Fail(ErrorCode::kForbidden,
                  StrCat("checkpoint: the witness ", witness->name, " has not cosigned it"));
    }
    const bool longer = head->checkpoint.size > log.head().size;
    const auto one_history = longer ? VerifiedLog(read, head->checkpoint).Continues(log.head())
                                    : log.Continues(head->checkpoint);
    if (!one_history) {
      if (one_history.error().code == ErrorCode::kConflict && other) other(*note);
      return std::unexpected(one_history.error());
    }
    all.entries = std::min(all.entries, head->checkpoint.size);
    const uint64_t time_s = *head->cosignatures.front().time_s;
    all.oldest_s = std::min(all.oldest_s.value_or(time_s), time_s);
  }
  return all;
}

Expected<void> CheckSameRegistry(const RegistryInfo& known, const RegistryInfo& now) {
  for (const auto& [field, before, after] :
       {std::tuple{"log_key", &known.log_key, &now.log_key},
        {"operator_key", &known.operator_key, &now.operator_key},
        {"nullifier_key", &known.nullifier_key, &now.nullifier_key},
        {"origin", &known.origin, &now.origin}}) {
    if (*before != *after) {
      return Fail(ErrorCode::kConflict,
                  StrCat("registry.json: its ", field, " is another one than before"));
    }
  }
  return {};
}

Expected<Offer> AskRegistry(HttpClient& client, const std::string& address,
                            std::string_view log_key, const RegistrySettings& settings) {
  const tlog::ReadLogFile read = RegistryReader(client, address);
  const auto text = read("registry.json", kRegistryFileBytesMax);
  if (!text) return std::unexpected(text.error());
  auto info = RegistryInfo::Parse(*text);
  if (!info) {
    const ErrorCode code = info.error().code == ErrorCode::kUnsupported ? ErrorCode::kUnsupported
                                                                        : ErrorCode::kDamaged;
    return Fail(code, StrCat(address, ": ", info.error().message));
  }
  info->url = address;
  if (!log_key.empty() && info->log_key != log_key) {
    return Fail(ErrorCode::kConflict,
                StrCat(address, " names the key ", info->log_key,
                       ", which is not the key that was given: this is another registry"));
  }
  const auto key = tlog::VerifierKey::Parse(info->log_key);
  if (!key) return Fail(ErrorCode::kDamaged, StrCat("log_key: ", key.error().message));
  if (key->name != info->origin) {
    return Fail(ErrorCode::kDamaged,
                StrCat("registry.json: origin: it is not \"", key->name, "\", the key's name"));
  }
  auto note = read("checkpoint", tlog::kNoteBytesMax);
  if (!note) return std::unexpected(note.error());
  auto head = CheckHead(*note, *key);
  if (!head) return std::unexpected(head.error());
  VerifiedLog log(read, head->checkpoint);
  if (const auto cosigned = CheckCosigned(read, *key, settings, log); !cosigned) {
    return std::unexpected(cosigned.error());
  }
  if (head->checkpoint.size == 0) {
    return Fail(ErrorCode::kDamaged, "the log is empty: it does not say whose it is");
  }
  const auto entry = log.Entry(0);
  if (!entry) return std::unexpected(entry.error());
  const auto first = FirstEntry(*entry);
  if (!first) return std::unexpected(first.error());
  for (const auto& [field, value] : {std::pair{"origin", &info->origin},
                                     {"log_key", &info->log_key},
                                     {"operator_key", &info->operator_key},
                                     {"nullifier_key", &info->nullifier_key}}) {
    const auto said = GetString(*first, field);
    if (!said || *said != *value) {
      return Fail(ErrorCode::kDamaged,
                  StrCat("registry.json: ", field, " is not the one in the log's first entry"));
    }
  }
  std::string id = RegistryIdOf(info->log_key);
  return Offer{std::move(id), std::move(*info), std::move(*note), head->checkpoint};
}

Expected<void> SaveSettings(const fs::path& home, std::string_view id,
                            const RegistrySettings& settings) {
  return WriteFileAtomic(PoolFolder(home) / id / "settings.json", settings.ToText());
}

Expected<void> ForgetRanges(const fs::path& home, std::string_view id) {
  const auto lock = FileLock::Try(PoolFolder(home) / "sync.lock");
  if (!lock) return std::unexpected(lock.error());
  if (!*lock) {
    return Fail(ErrorCode::kUnavailable, "a sync is under way; run this again when it has ended");
  }
  return RemoveRanges(PoolFolder(home) / id);
}

Expected<Registry> KeepRegistry(const fs::path& home, const Offer& offer,
                                const RegistrySettings& settings, const Clock& clock) {
  const fs::path folder = PoolFolder(home) / offer.id;
  std::error_code error;
  if (fs::exists(folder / "registry.json", error)) {
    const auto known = ReadRegistry(home, offer.id);
    if (!known) return std::unexpected(known.error());
    if (auto same = CheckSameRegistry(known->info, offer.info); !same) {
      return std::unexpected(same.error());
    }
    if (auto kept = WriteFileAtomic(folder / "registry.json", offer.info.ToText()); !kept) {
      return std::unexpected(kept.error());
    }
    if (auto kept = SaveSettings(home, offer.id, settings); !kept) {
      return std::unexpected(kept.error());
    }
    return ReadRegistry(home, offer.id);
  }
  if (ListRegistries(home).size() >= kRegistriesMax) {
    return Fail(ErrorCode::kLimit,
                StrCat("there are ", kRegistriesMax, " registries, the most that are asked"));
  }
  const auto failed = [&](const fs::path& path) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot write ", path.string(), ": ", error.message()));
  };
  // Made beside, then renamed: a folder that holds half of it would be no registry.
  const fs::path made = PoolFolder(home) / StrCat(".", offer.id, ".new");
  fs::create_directories(PoolFolder(home), error);
  if (error) return failed(PoolFolder(home));
  for (const fs::path& one : {home, PoolFolder(home)}) {
    fs::permissions(one, fs::perms::owner_all, error);
  }
  fs::remove_all(made, error);
  if (!fs::create_directory(made, error) || error) return failed(made);
  fs::permissions(made, fs::perms::owner_all, error);
  SyncState state;
  state.checked_at = clock.Now();
  state.entries = offer.head.size;
  for (const auto& [name, text] :
       {std::pair<const char*, std::string>{"registry.json", offer.info.ToText()},
        {"settings.json", settings.ToText()},
        {"sync.json", state.ToText()},
        {"checkpoint", offer.checkpoint}}) {
    if (auto kept = WriteFileAtomic(made / name, text); !kept) return std::unexpected(kept.error());
  }
  // What a removal that was cut off left: no registry, since registry.json goes first.
  fs::remove_all(folder, error);
  fs::rename(made, folder, error);
  if (error) return failed(folder);
  return ReadRegistry(home, offer.id);
}

Expected<void> ForgetRegistry(const fs::path& home, std::string_view id) {
  if (const auto known = ReadRegistry(home, id);
      !known && known.error().code == ErrorCode::kNotFound) {
    return std::unexpected(known.error());
  }
  const fs::path folder = PoolFolder(home) / id;
  std::error_code error;
  fs::remove(folder / "registry.json", error);
  if (!error) fs::remove_all(folder, error);
  if (error) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot remove ", folder.string(), ": ", error.message()));
  }
  return {};
}

Expected<Registry> FindRegistry(const fs::path& home, std::string_view said) {
  if (IsRegistryId(said)) return ReadRegistry(home, said);
  std::vector<Registry> fits;
  for (Registry& one : ListRegistries(home)) {
    const std::string& url = one.info.url;
    if (one.info.name == said || one.info.origin == said || url == said ||
        url == StrCat(said, "/") || (said.size() >= 4 && one.id.starts_with(said))) {
      fits.push_back(std::move(one));
    }
  }
  if (fits.empty()) {
    return Fail(ErrorCode::kNotFound,
                StrCat("no registry is known as \"", said.substr(0, 200), "\""));
  }
  if (fits.size() > 1) {
    return Fail(ErrorCode::kConflict, StrCat("more than one registry is known as \"",
                                             said.substr(0, 200), "\"; name it by its id"));
  }
  return std::move(fits.front());
}

}  // namespace kaopu::pool
