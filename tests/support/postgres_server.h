// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A PostgreSQL of a test's own: a cluster in a scratch folder, reached by a socket in it, run as
// another user where this one is root (PostgreSQL insists), gone with the test. The system's own
// clusters are never touched.
#pragma once

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/str_cat.h"
#include "support/child.h"

namespace kaopu::testing {

class PostgresServer {
 public:
  // Why there can be none here; empty where there can.
  static std::string Missing() {
    return Programs().empty() ? "no PostgreSQL here: apt-get install postgresql to run this test"
                              : "";
  }

  PostgresServer() : PostgresServer(Folder()) {
    Must({"initdb", "-D", Cluster(), "-U", kUser, "-A", "trust", "-E", "UTF8", "--locale=C",
          "--no-sync"});
    Start();
    Sql(StrCat("CREATE DATABASE ", kUser), "postgres");
  }
  // A standby of `primary`, which from then on commits nothing without it.
  explicit PostgresServer(PostgresServer& primary) : PostgresServer(Folder()) {
    Must({"pg_basebackup", "-h", primary.folder_, "-U", kUser, "-D", Cluster(), "-R", "-c", "fast",
          "-X", "stream", "-d", "application_name=standby"});
    Start();
    primary.Sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.Sql("SELECT pg_reload_conf()");
    for (int i = 0; i < 600; ++i) {
      if (primary.Sql("SELECT sync_state FROM pg_stat_replication") == "sync") return;
      std::this_thread::sleep_for(Millis(50));
    }
    throw std::runtime_error("the standby does not follow; " + Log());
  }
  ~PostgresServer() {
    if (server_) End(SIGQUIT);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // For --database; with `other`, whichever of the two takes writes.
  std::string Url(const PostgresServer* other = nullptr,
                  const std::string& database = kUser) const {
    return StrCat("postgresql://", kUser, "@/", database, "?host=", folder_,
                  other == nullptr ? "" : StrCat(",", other->folder_),
                  "&target_session_attrs=read-write");
  }

  void Start() {
    server_.emplace(AsItsUser({"postgres", "-D", Cluster(), "-k", folder_, "-c",
                               "listen_addresses=", "-c", "max_connections=40"}),
                    std::map<std::string, std::string>{}, LogFile());
    for (int i = 0; i < 600; ++i) {
      if (Ran({"pg_isready", "-q", "-h", folder_}).first == 0) return;
      if (server_->Wait(Millis(50))) break;
    }
    throw std::runtime_error("PostgreSQL does not start; " + Log());
  }
  // SIGQUIT is what a crash is to the data: no word is written any more.
  void End(int signal) {
    kill(server_->pid(), signal);
    if (!server_->Wait(Millis(30'000))) kill(server_->pid(), SIGKILL);
    server_.reset();
  }
  void Crash() { End(SIGQUIT); }
  void Promote() { Must({"pg_ctl", "promote", "-D", Cluster(), "-t", "30"}); }

  // What psql prints of it.
  std::string Sql(const std::string& statement, const std::string& database = kUser) {
    auto [code, out] = Ran({"psql", "-h", folder_, "-U", kUser, "-d", database, "-qAtX", "-v",
                            "ON_ERROR_STOP=1", "-c", statement});
    if (code != 0) throw std::runtime_error(statement + ": " + out + Log());
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }
  std::string Log() const { return ReadFile(LogFile(), 1 << 20).value_or(""); }

 private:
  static constexpr const char* kUser = "kaopu";

  // A folder to be filled.
  struct Folder {};
  explicit PostgresServer(Folder) {
    std::string name = "/tmp/kaopu-pg-XXXXXX";  // a socket's path may be 107 bytes long, no more
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
    if (getuid() != 0) return;
    const passwd* user = getpwnam("postgres");
    if (user == nullptr) user = getpwnam("nobody");
    if (user == nullptr || chown(name.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("no user to run PostgreSQL as");
    }
    as_user_ = {StrCat("--reuid=", user->pw_uid), StrCat("--regid=", user->pw_gid),
                "--clear-groups"};
  }

  static std::filesystem::path Programs() {
    std::vector<std::filesystem::path> found;
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
      if (access((version.path() / "bin/initdb").c_str(), X_OK) == 0) {
        found.push_back(version.path() / "bin");
      }
    }
    return found.empty() ? "" : *std::ranges::max_element(found);
  }
  std::string Cluster() const { return folder_ + "/data"; }
  std::string LogFile() const { return folder_ + "/server.log"; }

  // It ends with this program, however that ends.
  std::vector<std::string> AsItsUser(std::vector<std::string> command) const {
    command[0] = Programs() / command[0];
    std::vector<std::string> whole = {"/usr/bin/setpriv", "--pdeathsig=QUIT"};
    whole.insert(whole.end(), as_user_.begin(), as_user_.end());
    whole.insert(whole.end(), command.begin(), command.end());
    return whole;
  }
  std::pair<int, std::string> Ran(const std::vector<std::string>& command) const {
    Child child(AsItsUser(command), {{"PGPASSWORD", ""}, {"LC_ALL", "C"}}, folder_ + "/err");
    child.CloseInput();
    std::string out = child.ReadToEnd(Millis(60'000));
    const int code = child.Wait(Millis(60'000)).value_or(-1);
    if (code != 0) out += ReadFile(folder_ + "/err", 1 << 20).value_or("");
    return {code, out};
  }
  void Must(const std::vector<std::string>& command) const {
    const auto [code, out] = Ran(command);
    if (code != 0) throw std::runtime_error(command[0] + ": " + out);
  }

  std::string folder_;
  std::vector<std::string> as_user_;
  std::optional<Child> server_;
};

}  // namespace kaopu::testing
