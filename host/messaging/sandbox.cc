// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/sandbox.h"

namespace kaopu {

Json ToJson(const SandboxState& state) {
  return {{"seccomp", state.seccomp},
          {"landlock", state.landlock},
          {"landlock_abi", state.landlock_abi},
          {"note", state.note}};
}

}  // namespace kaopu

#if !defined(__linux__)

namespace kaopu {

SandboxState EnterSandbox(const SandboxFolders&) {
  SandboxState state;
  state.note = "this system has neither seccomp nor Landlock";
  return state;
}

}  // namespace kaopu

#else

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/str_cat.h"

namespace kaopu {
namespace {

// Later than the headers of Debian 12 (linux/landlock.h, kernel documentation "Landlock: userspace
// API").
constexpr uint64_t kFsTruncate = uint64_t{1} << 14;  // ABI 3
constexpr uint64_t kFsIoctlDev = uint64_t{1} << 15;  // ABI 5
constexpr uint64_t kNetBindConnect = 3;              // ABI 4
constexpr uint64_t kScopeSocketSignal = 3;           // ABI 6

// The kernel takes any prefix of this, as long as what it does not know is zero.
struct RulesetAttr {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

constexpr uint64_t kReadFolder = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
// What SQLite and an atomic write need, and no more: no programs, no devices, sockets or links.
constexpr uint64_t kWriteFolder = kReadFolder | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                  kFsTruncate;

uint64_t HandledFsAccess(int abi) {
  uint64_t access = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1;  // every right of ABI 1
  if (abi >= 2) access |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) access |= kFsTruncate;
  if (abi >= 5) access |= kFsIoctlDev;
  return access;
}

int LandlockAbi() {
  const long abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

Expected<void> AllowFolder(int ruleset, const std::filesystem::path& folder, uint64_t access) {
  const int fd = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot open ", folder.string(), ": ", std::strerror(errno)));
  }
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = fd;
  const long added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  const int error = errno;
  close(fd);
  if (added != 0) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("Landlock rule for ", folder.string(), ": ", std::strerror(error)));
  }
  return {};
}

// A folder that cannot be opened gets no rule: less is allowed, and the reason is said.
Expected<void> RestrictFiles(const SandboxFolders& folders, int abi, std::string& note) {
  const uint64_t handled = HandledFsAccess(abi);
  RulesetAttr attr{handled, abi >= 4 ? kNetBindConnect : 0, abi >= 6 ? kScopeSocketSignal : 0};
  const size_t size = abi >= 6 ? sizeof attr : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
  const auto ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attr, size, 0));
  if (ruleset < 0) {
    return Fail(ErrorCode::kUnavailable, StrCat("Landlock ruleset: ", std::strerror(errno)));
  }
  const auto allow = [&](const std::optional<std::filesystem::path>& folder, uint64_t access) {
    if (!folder) return;
    auto added = AllowFolder(ruleset, *folder, access & handled);
    if (!added) note += (note.empty() ? "" : "; ") + added.error().message;
  };
  allow(folders.read_only, kReadFolder);
  allow(folders.read_write, kWriteFolder);
  const long restricted = syscall(SYS_landlock_restrict_self, ruleset, 0);
  const int error = errno;
  close(ruleset);
  if (restricted != 0) {
    return Fail(ErrorCode::kUnavailable, StrCat("Landlock: ", std::strerror(error)));
  }
  return {};
}

// Denied with EPERM, whatever the arguments. By name, so that a call this architecture lacks is
// passed over.
constexpr std::array kDenied = {
    // the network; also over descriptors that were inherited
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "socketcall",
    "sendto", "sendmsg", "sendmmsg", "recvmmsg",
    // would do all of the above behind seccomp's back
    "io_uring_setup", "io_uring_enter", "io_uring_register",
    // other programs (threads: see AddCloneRules)
    "execve", "execveat", "fork", "vfork",
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_open",
    "pidfd_getfd", "pidfd_send_signal", "kcmp",
    // the system, and the kernel's larger doors
    "unshare", "setns", "mount", "umount", "umount2", "mount_setattr", "move_mount", "open_tree",
    "fsopen", "fsmount", "fsconfig", "fspick", "pivot_root", "chroot", "bpf", "perf_event_open",
    "userfaultfd", "keyctl", "add_key", "request_key", "init_module", "finit_module",
    "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "quotactl",
    "quotactl_fd", "acct", "syslog", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
    "sethostname", "setdomainname", "iopl", "ioperm", "open_by_handle_at", "fanotify_init",
    "lookup_dcookie", "personality", "memfd_secret"};

// Threads yes, processes no. clone3 hides its flags in memory: "not there" makes libc use clone
// instead.
int AddCloneRules(scmp_filter_ctx filter) {
  int failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  if (failed == 0) failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  return failed;
}

int FillFilter(scmp_filter_ctx filter) {
  // int 0x80, x32 and the like: other numbers for the same calls, so none of them is let through.
  int failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
  for (const char* name : kDenied) {
    if (failed != 0) return failed;
    const int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR || call < 0) continue;  // not on this architecture
    failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
  }
  if (failed == 0) {  // typing into the terminal that started the browser
    failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                              SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCSTI));
  }
  return failed != 0 ? failed : AddCloneRules(filter);
}

Expected<void> RestrictCalls() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return Fail(ErrorCode::kUnavailable, "seccomp: no filter could be made");
  int failed = FillFilter(filter);
  if (failed == 0) failed = seccomp_load(filter);
  seccomp_release(filter);
  if (failed != 0) {
    return Fail(ErrorCode::kUnavailable, StrCat("seccomp: ", std::strerror(-failed)));
  }
  return {};
}

}  // namespace

SandboxState EnterSandbox(const SandboxFolders& folders) {
  SandboxState state;
  const auto add_note = [&](std::string_view text) {
    state.note += StrCat(state.note.empty() ? "" : "; ", text);
  };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    add_note(StrCat("no_new_privs: ", std::strerror(errno)));
    return state;
  }
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // no core file with a shopper's pages in it
  state.landlock_abi = LandlockAbi();
  if (state.landlock_abi == 0) {
    add_note("this kernel has no Landlock (or it is switched off): files are not confined");
  } else if (auto done = RestrictFiles(folders, state.landlock_abi, state.note); done) {
    state.landlock = true;
  } else {
    add_note(done.error().message);
  }
  if (auto done = RestrictCalls(); done) {
    state.seccomp = true;
  } else {
    add_note(done.error().message);
  }
  return state;
}

}  // namespace kaopu

#endif
