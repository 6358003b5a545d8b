// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/folder/registry_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "registry/folder/registry_folder.h"
#include "registry/folder/settings_file.h"
#include "registry/store/sqlite_store.h"
#include "report/seal/log_entry.h"
#include "tlog/checkpoint.h"
#include "tlog/merkle.h"
#include "tlog/note.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFactsFile = "backup.json";
constexpr const char* kDatabaseFile = "registry.db";
constexpr const char* kRegistryFile = "registry.json";
constexpr size_t kSmallFileMax = 64 * 1024;

std::unexpected<Error> Failure(std::string_view what, const fs::path& path, int code) {
  return Fail(ErrorCode::kUnavailable,
              StrCat(what, " ", path.string(), ": ", std::generic_category().message(code)));
}

Expected<void> MakeFolder(const fs::path& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) != 0) return Failure("cannot make", path, errno);
  return {};
}

// To the disk itself: file or folder.
Expected<void> Sync(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failure("cannot open", path, errno);
  const int failed = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  if (failed != 0) return Failure("cannot sync", path, failed);
  return {};
}

// A file that went meanwhile is passed over: what is pruned is not needed.
Expected<void> CopyFile(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  if (error) return Failure("cannot copy to", to, error.value());
  return Sync(to);
}

// Plain files and folders; temporary files of writers (hidden) and links are none of it.
Expected<void> CopyTree(const fs::path& from, const fs::path& to,
                        const std::vector<std::string_view>& without = {}) {
  struct stat facts {};
  if (stat(from.c_str(), &facts) != 0) return Failure("cannot read", from, errno);
  if (const auto made = MakeFolder(to, facts.st_mode & 0777); !made) return made;
  std::error_code error;
  for (const auto& one : fs::directory_iterator(from, error)) {
    const std::string name = one.path().filename().string();
    if (name.starts_with('.') || std::ranges::find(without, name) != without.end()) continue;
    const fs::file_status status = one.symlink_status(error);
    Expected<void> copied;
    if (fs::is_directory(status)) copied = CopyTree(one.path(), to / name);
    if (fs::is_regular_file(status)) copied = CopyFile(one.path(), to / name);
    if (!copied) return copied;
  }
  if (error) return Failure("cannot read", from, error.value());
  return Sync(to);
}

// The tree of a store's entries, and that its beginning is the signed one.
Expected<BackupFacts> TreeOf(RegistryStore& store, const tlog::Checkpoint* head,
                             std::string_view whose) {
  tlog::TreeEdge tree;
  BackupFacts facts;
  bool same = head == nullptr || head->size == 0;
  const auto size = store.Size();
  if (!size) return std::unexpected(size.error());
  const auto read = store.EachEntry(0, *size, [&](uint64_t, std::string_view entry) {
    tree.Append(tlog::LeafHash(entry));
    if (head != nullptr && ++facts.entries == head->size) same = tree.Root() == head->root;
  });
  if (!read) return std::unexpected(read.error());
  facts.entries = *size;
  facts.root = tree.Root();
  if (head != nullptr && head->size > *size) {
    return Fail(ErrorCode::kConflict,
                StrCat(whose, " covers ", head->size, " entries, the database has ", *size,
                       ": it is older than what was signed"));
  }
  if (!same) {
    return Fail(ErrorCode::kDamaged,
                StrCat("the database's first ", head->size, " entries are not those of ", whose));
  }
  return facts;
}

Expected<tlog::Checkpoint> ReadHead(std::string_view note, const tlog::VerifierKey& key,
                                    std::string_view whose) {
  auto verified = tlog::VerifyCheckpoint(note, key);
  if (!verified) {
    return Fail(verified.error().code, StrCat(whose, ": ", verified.error().message));
  }
  return std::move(verified->checkpoint);
}

// The contents that were released and not removed, as a publish puts them.
Expected<void> WriteContents(RegistryStore& store, uint64_t entries, const fs::path& root) {
  fs::path path;
  std::string text;
  Expected<void> done;
  const auto put = [&] {
    if (!done || text.empty()) return;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    done = WriteFileAtomic(path, text, 0644);
    text.clear();
  };
  const auto read = store.EachReport(0, entries, [&](const StoredReport& report) {
    if (!report.released_at || report.removal || report.duplicate) return;
    const fs::path next = root / report::ContentPath(report.entry);
    if (next != path) put();
    path = next;
    text += report::ContentLine{report.entry, report.salt, report.content}.ToText() + "\n";
  });
  put();
  return read ? done : read;
}

Expected<BackupFacts> ReadFacts(const fs::path& from) {
  const fs::path file = from / kFactsFile;
  const auto text = ReadFile(file, kSmallFileMax);
  if (!text && text.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kNotFound,
                StrCat("no backup in ", from.string(), " (no ", kFactsFile, ")"));
  }
  if (!text) return std::unexpected(text.error());
  const auto root = ParseJson(*text, file.string(), 4);
  if (!root) return Fail(ErrorCode::kDamaged, root.error().message);
  const auto version = GetInt(*root, "v"), entries = GetInt(*root, "entries");
  const auto digest = RequireString(*root, "root");
  if (!version || *version != 1) {
    return Fail(ErrorCode::kUnsupported, StrCat(file.string(), ": not version 1"));
  }
  const auto bytes = digest ? report::BytesFromText<32>(*digest) : std::nullopt;
  if (!entries || !*entries || **entries < 1 || !bytes) {
    return Fail(ErrorCode::kDamaged, StrCat(file.string(), ": entries or root is missing"));
  }
  return BackupFacts{static_cast<uint64_t>(**entries), *bytes};
}

Expected<void> CheckEmpty(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return {};
  if (fs::is_directory(folder, error) && fs::is_empty(folder, error)) {
    fs::remove(folder, error);
    if (!error) return {};
  }
  return Fail(ErrorCode::kConflict,
              StrCat(folder.string(), " is there and not empty; nothing was changed"));
}

Expected<BackupFacts> CopyRegistry(const RegistryFolder& folder, const fs::path& to, TimeMs now) {
  if (const auto made = MakeFolder(to, 0700); !made) return std::unexpected(made.error());
  // No publish meanwhile: the index that is copied is the last one of the database that is.
  const auto lock = FileLock::Take(folder.PublishLock());
  if (!lock) return std::unexpected(lock.error());
  // First the checkpoint, then the database, which is never behind it.
  const auto note = ReadFile(folder.Public() / "checkpoint", tlog::kNoteBytesMax);
  if (!note) return std::unexpected(note.error());
  const auto head = ReadHead(*note, folder.keys().log.verifier(), "the checkpoint");
  if (!head) return std::unexpected(head.error());
  if (const auto copied = folder.CopyStore(to / kDatabaseFile); !copied) {
    return std::unexpected(copied.error());
  }
  auto store = OpenSqliteStore(to / kDatabaseFile);
  if (!store) return std::unexpected(store.error());
  const auto facts = TreeOf(**store, &*head, "the signed checkpoint");
  if (!facts) return facts;
  store->reset();  // folds its write-ahead log in
  if (const auto synced = Sync(to / kDatabaseFile); !synced) {
    return std::unexpected(synced.error());
  }
  for (const auto& [name, without] :
       {std::pair("keys", std::vector<std::string_view>{}),
        std::pair("public", std::vector<std::string_view>{"checkpoint", "tile", "content"})}) {
    const auto copied = CopyTree(folder.path() / name, to / name, without);
    if (!copied) return std::unexpected(copied.error());
  }
  const auto settings = CopyFile(folder.path() / "registry.toml", to / "registry.toml");
  if (!settings) return std::unexpected(settings.error());
  const Json json = {{"v", 1},
                     {"origin", folder.identity().origin},
                     {"entries", facts->entries},
                     {"root", report::BytesToText(facts->root)},
                     {"made_at", FormatTime(now)}};
  const auto written = WriteFileAtomic(to / kFactsFile, DumpJson(json, 2) + "\n");
  if (!written) return std::unexpected(written.error());
  return facts;
}

}  // namespace

Expected<BackupFacts> BackUpRegistry(const fs::path& data, const fs::path& to, TimeMs now,
                                     const std::string& database) {
  const auto folder = RegistryFolder::Open(data, database);
  if (!folder) return std::unexpected(folder.error());
  std::error_code error;
  if (fs::exists(to, error)) {
    return Fail(ErrorCode::kConflict, StrCat(to.string(), " is there already; choose a new name"));
  }
  const fs::path part = StrCat(to.string(), ".part");
  fs::remove_all(part, error);  // of a copy that was cut off
  auto facts = CopyRegistry(*folder, part, now);
  if (facts) {
    fs::rename(part, to, error);
    if (error) facts = Failure("cannot name", to, error.value());
  }
  if (!facts) {
    fs::remove_all(part, error);
    return facts;
  }
  const fs::path above = fs::absolute(to).parent_path();
  if (const auto synced = Sync(above); !synced) return std::unexpected(synced.error());
  return facts;
}

Expected<BackupFacts> RestoreRegistry(const fs::path& from, const fs::path& data,
                                      const std::optional<std::string_view>& seen,
                                      const std::string& database) {
  const auto facts = ReadFacts(from);
  if (!facts) return facts;
  if (const auto empty = CheckEmpty(data); !empty) return std::unexpected(empty.error());
  const auto copied = CopyTree(from, data, {kFactsFile, "public"});
  if (!copied) return std::unexpected(copied.error());
  std::error_code error;
  fs::permissions(data, fs::perms{0755}, error);
  const auto put = CopyTree(from / "public", data / "public", {kRegistryFile});
  if (!put) return std::unexpected(put.error());
  const auto identity = ReadFile(from / "public" / kRegistryFile, kSmallFileMax);
  if (!identity) return std::unexpected(identity.error());
  // Under the name that makes a registry of the folder only when all is well.
  const auto folder = RegistryFolder::OpenAs(data, *identity, database);
  if (!folder) return std::unexpected(folder.error());
  if (!database.empty()) {
    const auto said = WriteDatabaseSetting(folder->Settings(), database);
    if (!said) return std::unexpected(said.error());
  }
  std::optional<tlog::Checkpoint> head;
  if (seen) {
    auto read = ReadHead(*seen, folder->keys().log.verifier(), "the checkpoint that was seen");
    if (!read) return std::unexpected(read.error());
    head = std::move(*read);
  }
  auto file = OpenSqliteStore(data / kDatabaseFile);
  if (!file) return std::unexpected(file.error());
  const auto tree = TreeOf(**file, head ? &*head : nullptr, "the checkpoint that was seen");
  if (!tree) return tree;
  file->reset();
  if (tree->entries != facts->entries || tree->root != facts->root) {
    return Fail(ErrorCode::kDamaged,
                StrCat((from / kDatabaseFile).string(), ": ", tree->entries,
                       " entries that are not the ", facts->entries, " that were copied"));
  }
  const auto store = folder->RestoreStore();
  if (!store) return std::unexpected(store.error());
  const auto contents = WriteContents(**store, tree->entries, folder->Public());
  if (!contents) return std::unexpected(contents.error());
  const auto log = folder->OpenLog(**store)->Integrate(tree->entries);
  if (!log) return std::unexpected(log.error());
  const auto last = WriteFileAtomic(data / "public" / kRegistryFile, *identity, 0644);
  if (!last) return std::unexpected(last.error());
  return tree;
}

}  // namespace kaopu
