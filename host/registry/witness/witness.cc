// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/witness/witness.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "tlog/merkle.h"
#include "tlog/text_lines.h"
#include "tlog/witness.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKey = "witness.key";
constexpr const char* kLogs = "logs";
constexpr size_t kKeyBytesMax = 4096;
constexpr size_t kKeysMax = 16;  // of one log
constexpr size_t kLogFileBytesMax = 512 * 1024;
constexpr size_t kHashDigits = 64;
constexpr std::string_view kCheckpointName = "/checkpoint";

// c2sp.org/tlog-witness: "SHA-256 hash of the log's origin, hex encoded, in lowercase"
std::string OriginHash(std::string_view origin) { return HexOf(tlog::Sha256({origin})); }

bool IsOriginHash(std::string_view text) {
  return text.size() == kHashDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

HttpReply Refuse(int status, std::string message) {
  HttpReply reply = ErrorReply({ErrorCode::kBadRequest, std::move(message)});
  reply.status = status;
  return reply;
}

// The checkpoint with the lines of these keys alone, which were found good.
std::string SignedBy(std::string_view checkpoint, const tlog::Note& note,
                     const std::vector<tlog::VerifierKey>& keys) {
  std::string out = note.text + "\n";
  tlog::LineReader lines(checkpoint.substr(out.size()));
  for (const tlog::NoteSignature& one : note.signatures) {
    const auto line = lines.Next();
    if (line && std::ranges::any_of(keys, [&](const tlog::VerifierKey& key) {
          return key.name == one.name && key.id == one.key_id;
        })) {
      out += StrCat(*line, "\n");
    }
  }
  return out;
}

// Whether the log's new head goes on from what was cosigned before.
Expected<void> GoesOn(const FollowedLog& log, const tlog::Checkpoint& head,
                      const tlog::Proof& proof) {
  if (head.size == 0 && head.root != tlog::EmptyRoot()) {
    return Fail(ErrorCode::kBadRequest, "a log without entries has another root than this");
  }
  if (log.size > 0) {
    return tlog::VerifyConsistency(log.size, log.root, head.size, head.root, proof);
  }
  if (!proof.empty()) {
    return Fail(ErrorCode::kBadRequest, "from size 0 there is nothing to prove");
  }
  return {};
}

}  // namespace

Expected<FollowedLog> FollowedLog::Parse(std::string_view text) {
  const auto root = ParseJson(text, "log", 8);
  if (!root) return std::unexpected(root.error());
  if (!root->is_object()) return Fail(ErrorCode::kBadRequest, "log: no JSON object");
  const auto version = GetInt(*root, "v");
  if (!version || !*version || **version != 1) {
    return Fail(ErrorCode::kBadRequest, "v: this program reads version 1");
  }
  FollowedLog log;
  auto origin = RequireString(*root, "origin"), note = RequireString(*root, "checkpoint");
  if (!origin) return std::unexpected(origin.error());
  if (!note) return std::unexpected(note.error());
  const auto keys = root->find("keys");
  if (keys == root->end() || !keys->is_array() || keys->size() > kKeysMax) {
    return Fail(ErrorCode::kBadRequest, StrCat("keys: a list of at most ", kKeysMax));
  }
  for (const Json& one : *keys) {
    if (!one.is_string()) return Fail(ErrorCode::kBadRequest, "keys: a list of strings");
    auto key = tlog::VerifierKey::Parse(one.get<std::string>());
    if (!key) return Fail(ErrorCode::kBadRequest, StrCat("keys: ", key.error().message));
    log.keys.push_back(std::move(*key));
  }
  log.origin = std::move(*origin);
  log.note = std::move(*note);
  log.root = tlog::EmptyRoot();
  if (log.note.empty()) return log;
  const auto parsed = tlog::Note::Parse(log.note);
  if (!parsed) return std::unexpected(parsed.error());
  const auto head = tlog::Checkpoint::Parse(parsed->text);
  if (!head) return std::unexpected(head.error());
  if (head->origin != log.origin) {
    return Fail(ErrorCode::kBadRequest, StrCat("checkpoint: of ", head->origin));
  }
  log.size = head->size;
  log.root = head->root;
  return log;
}

std::string FollowedLog::ToText() const {
  Json keys_json = Json::array();
  for (const tlog::VerifierKey& key : keys) keys_json.push_back(key.ToText());
  return DumpJson({{"v", 1}, {"origin", origin}, {"keys", keys_json}, {"checkpoint", note}}, 1) +
         "\n";
}

Expected<void> Witness::Create(const fs::path& folder, const std::string& name) {
  const auto key = tlog::SignerKey::Generate(name, tlog::KeyKind::kCosignature);
  if (!key) return Fail(ErrorCode::kBadRequest, StrCat("--name: ", key.error().message));
  std::error_code error;
  for (const char* mine : {kKey, kLogs}) {
    if (fs::exists(folder / mine, error)) {
      return Fail(ErrorCode::kConflict, StrCat(folder.string(), " holds a witness already (", mine,
                                               "); nothing was changed"));
    }
  }
  fs::create_directories(folder / kLogs, error);
  if (error || chmod(folder.c_str(), 0700) != 0) {
    return Fail(ErrorCode::kUnavailable, StrCat("cannot make the folder ", folder.string()));
  }
  return WriteFileAtomic(folder / kKey, StrCat(key->ToText(), "\n"), 0600);
}

Expected<std::unique_ptr<Witness>> Witness::Open(const fs::path& folder) {
  auto text = ReadFile(folder / kKey, kKeyBytesMax);
  if (!text && text.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kNotFound, StrCat("no witness in ", folder.string(),
                                             ". Next: kaopu-registry witness init --data ",
                                             folder.string(), " --name NAME"));
  }
  if (!text) return std::unexpected(text.error());
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  auto key = tlog::SignerKey::Parse(*text);
  if (!key) {
    return Fail(ErrorCode::kDamaged, StrCat((folder / kKey).string(), ": ", key.error().message));
  }
  if (key->verifier().kind != tlog::KeyKind::kCosignature) {
    return Fail(ErrorCode::kDamaged,
                StrCat((folder / kKey).string(), ": a log's key, no witness's"));
  }
  std::unique_ptr<Witness> witness(new Witness(folder, std::move(*key)));
  // Said at the start, not with the first request.
  if (const auto logs = witness->Logs(); !logs) return std::unexpected(logs.error());
  return witness;
}

fs::path Witness::PathOf(std::string_view origin_hash, std::string_view ending) const {
  return folder_ / kLogs / StrCat(origin_hash, ending);
}

Expected<FollowedLog> Witness::Read(std::string_view origin_hash) const {
  const fs::path path = PathOf(origin_hash, ".json");
  const auto text = ReadFile(path, kLogFileBytesMax);
  if (!text) return std::unexpected(text.error());
  const auto damaged = [&](std::string_view why) {
    return Fail(ErrorCode::kDamaged, StrCat(path.string(), ": ", why,
                                            "; put back the newest copy of it: an older one would "
                                            "let this witness sign two histories"));
  };
  auto log = FollowedLog::Parse(*text);
  if (!log) return damaged(log.error().message);
  if (OriginHash(log->origin) != origin_hash) return damaged("it is another log's");
  if (log->note.empty()) return log;
  const auto ours = tlog::VerifyNote(*tlog::Note::Parse(log->note), {&key(), 1});
  if (!ours) return damaged(ours.error().message);
  if (ours->empty()) return damaged(StrCat("its checkpoint is not cosigned by ", key().name));
  return log;
}

Expected<void> Witness::Write(const FollowedLog& log) const {
  return WriteFileAtomic(PathOf(OriginHash(log.origin), ".json"), log.ToText(), 0600);
}

Expected<void> Witness::Follow(const tlog::VerifierKey& log, const std::string& origin) {
  if (log.kind != tlog::KeyKind::kEd25519) {
    return Fail(ErrorCode::kBadRequest, StrCat(log.name, " is a witness's key, no log's"));
  }
  if (origin.empty() || origin.find('\n') != std::string::npos || !tlog::IsNoteText(origin)) {
    return Fail(ErrorCode::kBadRequest, "--origin: one line of text without control characters");
  }
  const std::string hash = OriginHash(origin);
  const auto lock = FileLock::Take(PathOf(hash, ".lock"));
  if (!lock) return std::unexpected(lock.error());
  auto known = Read(hash);
  if (!known && known.error().code != ErrorCode::kNotFound) return std::unexpected(known.error());
  FollowedLog followed = known ? std::move(*known) : FollowedLog{.origin = origin};
  const bool has_it = std::ranges::any_of(
      followed.keys, [&](const tlog::VerifierKey& key) { return key.ToText() == log.ToText(); });
  if (has_it) return Fail(ErrorCode::kConflict, StrCat(origin, " is followed by that key already"));
  if (followed.keys.size() == kKeysMax) {
    return Fail(ErrorCode::kLimit,
                StrCat(origin, " has ", kKeysMax, " keys, the most there may be"));
  }
  followed.keys.push_back(log);
  return Write(followed);
}

Expected<void> Witness::Drop(const std::string& origin) {
  const std::string hash = OriginHash(origin);
  const auto lock = FileLock::Take(PathOf(hash, ".lock"));
  if (!lock) return std::unexpected(lock.error());
  auto log = Read(hash);
  if (!log && log.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kNotFound, StrCat(origin, " is not followed"));
  }
  if (!log) return std::unexpected(log.error());
  log->keys.clear();
  return Write(*log);
}

Expected<std::vector<FollowedLog>> Witness::Logs() const {
  const auto files = ListFiles(folder_ / kLogs, ".json");
  if (!files) return std::unexpected(files.error());
  std::vector<FollowedLog> logs;
  for (const fs::path& file : *files) {
    auto log = Read(file.stem().string());
    if (!log) return std::unexpected(log.error());
    logs.push_back(std::move(*log));
  }
  return logs;
}

std::string Witness::About() const {
  return StrCat(
      "This is the witness ", key().name,
      ". It sees of each log that it follows the signed checkpoint (how many entries, and a digest "
      "of all of them), no entry and nothing of any shopper. It cosigns a checkpoint only where it "
      "is proved that nothing of the one before was changed or dropped, and keeps the last one.\n"
      "A shopper who asks for its cosignature is never shown another history of the log than it "
      "was.\n");
}

HttpReply Witness::AddCheckpoint(std::string_view body, TimeMs now) const {
  const auto request = tlog::AddCheckpoint::Parse(body);
  if (!request) return ErrorReply(request.error());
  const auto note = tlog::Note::Parse(request->checkpoint);
  if (!note) return ErrorReply(note.error());
  const auto head = tlog::Checkpoint::Parse(note->text);
  if (!head) return ErrorReply(head.error());
  const std::string hash = OriginHash(head->origin);
  const auto read = [&]() -> Expected<FollowedLog> {
    auto log = Read(hash);
    if (log ? log->keys.empty() : log.error().code == ErrorCode::kNotFound) {
      return Fail(ErrorCode::kNotFound, "this log is not followed here");
    }
    return log;
  };
  // Before the lock: what no log has signed makes nobody wait.
  const auto asked = read();
  if (!asked) return ErrorReply(asked.error());
  const auto by_log = tlog::VerifyNote(*note, asked->keys);
  if (!by_log) return ErrorReply({ErrorCode::kForbidden, by_log.error().message});
  if (by_log->empty()) {
    return ErrorReply({ErrorCode::kForbidden, "it is not signed by a key that this log has here"});
  }
  if (request->old_size > head->size) {
    return ErrorReply(
        {ErrorCode::kBadRequest,
         StrCat("old size ", request->old_size, " is more than the checkpoint's ", head->size)});
  }
  const auto lock = FileLock::Take(PathOf(hash, ".lock"));
  if (!lock) return ErrorReply(lock.error());
  auto log = read();
  if (!log) return ErrorReply(log.error());
  if (request->old_size != log->size) {
    return {.status = 409, .type = tlog::kTreeSizeType, .body = StrCat(log->size, "\n")};
  }
  if (const auto goes_on = GoesOn(*log, *head, request->proof); !goes_on) {
    return Refuse(422, StrCat(log->origin, ": ", goes_on.error().message));
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string line = key_.SignatureLine(note->text, static_cast<uint64_t>(seconds));
  log->note = SignedBy(request->checkpoint, *note, log->keys) + line;
  // First on disk, then out of the house.
  if (const auto written = Write(*log); !written) return ErrorReply(written.error());
  return {.type = "text/plain; charset=utf-8",
          .body = line,
          .headers = {{"Cache-Control", "no-store"}}};
}

HttpReply Witness::Checkpoint(std::string_view path) const {
  const bool is_one = path.starts_with('/') && path.ends_with(kCheckpointName) &&
                      path.size() == 1 + kHashDigits + kCheckpointName.size();
  const std::string_view hash = is_one ? path.substr(1, kHashDigits) : std::string_view();
  if (!IsOriginHash(hash)) return ErrorReply({ErrorCode::kNotFound, "no such path"});
  const auto log = Read(hash);
  if (log ? log->note.empty() : log.error().code == ErrorCode::kNotFound) {
    return ErrorReply({ErrorCode::kNotFound, "no checkpoint of this log was cosigned here"});
  }
  if (!log) return ErrorReply(log.error());
  return {.type = "text/plain; charset=utf-8",
          .body = log->note,
          .headers = {{"Cache-Control", "no-cache"}}};
}

}  // namespace kaopu
