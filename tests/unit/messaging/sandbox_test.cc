// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Each case confines a process of its own and tries what must fail, and what must still work.
#include "messaging/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "base/files.h"
#include "store/store.h"
#include "support/child.h"

namespace kaopu {
namespace {

using testing::TempFolder;

class SandboxTest : public ::testing::Test {
 protected:
  SandboxTest() {
    std::filesystem::create_directory(data());
    std::filesystem::create_directory(home());
    std::ofstream(data() / "rules.json") << "{}";
    std::ofstream(temp_.path() / "outside") << "secret";
  }
  std::filesystem::path data() const { return temp_.path() / "data"; }
  std::filesystem::path home() const { return temp_.path() / "home"; }
  std::filesystem::path outside() const { return temp_.path() / "outside"; }

  // Runs `body` confined, in a child; it gives "" or what went wrong.
  std::string Confined(const std::function<std::string(const SandboxState&)>& body) {
    int fds[2];
    EXPECT_EQ(pipe(fds), 0);
    const pid_t pid = fork();
    if (pid == 0) {
      close(fds[0]);
      const std::string said = body(EnterSandbox({data(), home()}));
      const ssize_t ignored = write(fds[1], said.data(), said.size());
      _exit(ignored < 0 ? 1 : 0);
    }
    close(fds[1]);
    std::string said;
    char chunk[4096];
    for (ssize_t n; (n = read(fds[0], chunk, sizeof chunk)) > 0;) said.append(chunk, n);
    close(fds[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      said += " (child ended with status " + std::to_string(status) + ")";
    }
    return said;
  }

 private:
  TempFolder temp_;
};

// "" when the call failed with `error`, as it must.
std::string MustFail(const char* what, long result, int error) {
  if (result == -1 && errno == error) return {};
  return std::string(what) + " gave " + std::to_string(result) + " (" +
         (result == -1 ? std::strerror(errno) : "no error") + "); ";
}

std::string NetworkCalls() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  auto* to = reinterpret_cast<sockaddr*>(&address);
  int pair[2];
  std::string said;
  said += MustFail("socket inet", socket(AF_INET, SOCK_STREAM, 0), EPERM);
  said += MustFail("socket inet6", socket(AF_INET6, SOCK_DGRAM, 0), EPERM);
  said += MustFail("socket unix", socket(AF_UNIX, SOCK_STREAM, 0), EPERM);
  said += MustFail("socket netlink", socket(AF_NETLINK, SOCK_RAW, 0), EPERM);
  said += MustFail("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair), EPERM);
  said += MustFail("connect", connect(0, to, sizeof address), EPERM);
  said += MustFail("bind", bind(0, to, sizeof address), EPERM);
  said += MustFail("listen", listen(0, 1), EPERM);
  said += MustFail("accept", accept(0, nullptr, nullptr), EPERM);
  said += MustFail("accept4", accept4(0, nullptr, nullptr, 0), EPERM);
  said += MustFail("sendto", sendto(0, "x", 1, 0, to, sizeof address), EPERM);
  io_uring_params params{};
  said += MustFail("io_uring_setup", syscall(SYS_io_uring_setup, 1, &params), EPERM);
  said += MustFail("io_uring_enter", syscall(SYS_io_uring_enter, 0, 0, 0, 0, nullptr, 0), EPERM);
  said += MustFail("io_uring_register", syscall(SYS_io_uring_register, 0, 0, nullptr, 0), EPERM);
  return said;
}

std::string ProcessCalls() {
  char path[] = "/bin/true";
  char* argv[] = {path, nullptr};
  iovec piece{path, 1};
  std::string said;
  said += MustFail("execve", execve(path, argv, nullptr), EPERM);
  said += MustFail("execveat", syscall(SYS_execveat, AT_FDCWD, path, argv, nullptr, 0), EPERM);
  said += MustFail("fork", fork(), EPERM);
  said += MustFail("clone", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), EPERM);
  said += MustFail("clone newuser", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM);
  said += MustFail("clone3", syscall(SYS_clone3, nullptr, 0), ENOSYS);
  said += MustFail("ptrace", ptrace(PTRACE_TRACEME, 0, nullptr, nullptr), EPERM);
  said += MustFail("process_vm_readv", process_vm_readv(getppid(), &piece, 1, &piece, 1, 0), EPERM);
  said +=
      MustFail("process_vm_writev", process_vm_writev(getppid(), &piece, 1, &piece, 1, 0), EPERM);
  said += MustFail("unshare", unshare(CLONE_NEWUSER), EPERM);
  said += MustFail("setns", setns(0, 0), EPERM);
  said += MustFail("mount", syscall(SYS_mount, "x", "/", "tmpfs", 0, nullptr), EPERM);
  said += MustFail("bpf", syscall(SYS_bpf, 0, nullptr, 0), EPERM);
  said += MustFail("keyctl", syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM);
  said += MustFail("ioctl TIOCSTI", ioctl(0, TIOCSTI, "x"), EPERM);
  return said;
}

TEST_F(SandboxTest, NetworkIsGone) {
  EXPECT_EQ(Confined([](const SandboxState& state) {
              return (state.seccomp ? "" : "no seccomp: " + state.note) + NetworkCalls();
            }),
            "");
}

TEST_F(SandboxTest, ThreadsStartedLaterAreConfinedToo) {
  EXPECT_EQ(Confined([](const SandboxState&) {
              std::string said = "thread did not run";
              std::thread([&] { said = NetworkCalls(); }).join();
              return said;
            }),
            "");
}

TEST_F(SandboxTest, OtherProgramsAndProcessesAreOutOfReach) {
  EXPECT_EQ(Confined([](const SandboxState&) { return ProcessCalls(); }), "");
}

// The same socket call by its other entry points. A kernel without 32-bit support raises SIGSEGV at
// int 0x80.
#ifdef __x86_64__
TEST_F(SandboxTest, ForeignEntryPointsAreClosed) {
  EXPECT_EQ(Confined([](const SandboxState&) {
              constexpr long kX32 = 0x40000000;
              return MustFail("x32 socket", syscall(kX32 | SYS_socket, AF_INET, SOCK_STREAM, 0),
                              EPERM) +
                     MustFail("x32 getpid", syscall(kX32 | SYS_getpid), EPERM);
            }),
            "");
  const std::string said = Confined([](const SandboxState&) {
    signal(SIGSEGV, [](int) { _exit(0); });
    long result = 0;
    asm volatile("int $0x80"
                 : "=a"(result)
                 : "a"(20L /* getpid */)
                 : "memory", "r8", "r9", "r10", "r11");
    return result == -EPERM ? "" : "int 0x80 gave " + std::to_string(result);
  });
  EXPECT_EQ(said, "");
}
#endif

TEST_F(SandboxTest, OnlyTheTwoFoldersAreLeft) {
  const std::string said = Confined([&](const SandboxState& state) -> std::string {
    if (state.landlock_abi == 0) return "no Landlock";
    if (!state.landlock) return state.note;
    std::string wrong;
    const auto denied = [&](const std::filesystem::path& path, int flags) {
      wrong += MustFail(path.c_str(), open(path.c_str(), flags, 0600), EACCES);
    };
    denied("/etc/passwd", O_RDONLY);
    denied("/proc/self/maps", O_RDONLY);
    denied("/dev/tty", O_RDWR);
    denied("/", O_RDONLY | O_DIRECTORY);
    denied(outside(), O_RDONLY);
    denied(outside(), O_WRONLY);
    denied(home() / ".." / "outside", O_RDONLY);
    denied(data() / "rules.json", O_WRONLY);
    denied(data() / "new", O_WRONLY | O_CREAT);
    wrong += MustFail("unlink in data", unlink((data() / "rules.json").c_str()), EACCES);
    wrong += MustFail("symlink", symlink("/etc/passwd", (home() / "link").c_str()), EACCES);
    wrong += MustFail("mkfifo", mkfifo((home() / "fifo").c_str(), 0600), EACCES);
    if (state.landlock_abi >= 3) {
      wrong += MustFail("truncate outside", truncate(outside().c_str(), 0), EACCES);
    }
    if (!ReadFile(data() / "rules.json", 100)) wrong += "data cannot be read; ";
    if (!WriteFileAtomic(home() / "file", "x")) wrong += "home cannot be written; ";
    if (mkdir((home() / "evidence").c_str(), 0700) != 0) wrong += "no folder in home; ";
    if (!WriteFileAtomic(home() / "evidence" / "file", "x")) wrong += "home is not a tree; ";
    if (rename((home() / "file").c_str(), outside().c_str()) == 0) wrong += "moved out; ";
    if (link((home() / "file").c_str(), (data() / "file").c_str()) == 0) wrong += "linked out; ";
    return wrong;
  });
  if (said == "no Landlock") GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(said, "");
}

// Creating, migrating, writing, checkpointing and rolling back: everything SQLite opens lies in the
// home folder.
std::string UseDatabase(const std::filesystem::path& path) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) return "cannot open";
  std::string said;
  for (const char* sql :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA temp_store = MEMORY",
        "CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b TEXT) STRICT",
        "INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
        "5000) SELECT hex(randomblob(100)) FROM n",
        "BEGIN; ALTER TABLE t ADD COLUMN c TEXT; UPDATE t SET c = b; CREATE INDEX i ON t(c, b); "
        "COMMIT",
        "SELECT count(*) FROM (SELECT DISTINCT b, c FROM t ORDER BY c DESC)",
        "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode = DELETE", "DELETE FROM t",
        "VACUUM", "PRAGMA integrity_check"}) {
    char* error = nullptr;
    if (sqlite3_exec(db, sql, nullptr, nullptr, &error) != SQLITE_OK) {
      said += std::string(sql) + ": " + error + "; ";
      sqlite3_free(error);
    }
  }
  sqlite3_close(db);
  return said;
}

TEST_F(SandboxTest, DatabaseWorksInside) {
  EXPECT_EQ(Confined([&](const SandboxState&) { return UseDatabase(home() / "test.db"); }), "");
}

TEST_F(SandboxTest, StoreOpensMigratesAndCheckpointsInside) {
  const std::string said = Confined([&](const SandboxState&) -> std::string {
    for (int round = 0; round < 2; ++round) {
      auto store = Store::Open(home());
      if (!store) return store.error().message;
      auto added = store->AddOutcome({"jd:1", "shop", {}}, {.seller_key = "jd:1"}, TimeMs{});
      if (!added) return added.error().message;
      if (auto deleted = store->DeleteAll(); !deleted) return deleted.error().message;
    }
    sqlite3* db = nullptr;
    sqlite3_open((home() / "kaopu.db").c_str(), &db);
    const int done = sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
    sqlite3_close(db);
    return done == SQLITE_OK ? "" : "checkpoint failed";
  });
  EXPECT_EQ(said, "");
}

TEST_F(SandboxTest, FolderThatIsMissingIsSaidAndTheRestHolds) {
  std::filesystem::remove_all(data());
  EXPECT_EQ(Confined([&](const SandboxState& state) -> std::string {
              std::string wrong;
              if (!state.seccomp) wrong += "no seccomp; ";
              if (state.note.empty()) wrong += "nothing said; ";
              if (state.landlock && !WriteFileAtomic(home() / "file", "x"))
                wrong += "home is closed; ";
              return wrong;
            }),
            "");
}

}  // namespace
}  // namespace kaopu
