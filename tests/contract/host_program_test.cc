// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// kaopu-host as browsers start it: hello, confinement, and what the program is linked with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "messaging/host_loop.h"
#include "messaging/protocol.h"
#include "pool/pool_folder.h"
#include "support/child.h"
#include "support/known_registry.h"

namespace kaopu::testing {
namespace {

using ::testing::Contains;
using ::testing::Not;
namespace fs = std::filesystem;

const std::string kHost = KAOPU_BINARY_DIR "/kaopu-host";
const std::string kOrigin = "chrome-extension://dgffciggemplhgpaeeeljjlcmpblmhmd/";

std::vector<std::string> Lines(const std::vector<std::string>& command) {
  Child child(command);
  child.CloseInput();
  std::istringstream text(child.ReadToEnd());
  EXPECT_EQ(child.Wait(), 0) << command[0];
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

class HostProgram : public ::testing::Test {
 protected:
  fs::path home() const { return temp_.path() / "new" / "home"; }
  std::map<std::string, std::string> Environment() const { return {{"KAOPU_HOME", home()}}; }

  static Json Ask(Child& host, Json request) {
    static int64_t id = 0;
    request["v"] = 1;
    request["id"] = ++id;
    EXPECT_TRUE(host.SendFrame(request.dump()));
    const auto body = host.Receive();
    Json reply = body ? Json::parse(*body, nullptr, false) : Json("no reply");
    EXPECT_EQ(reply.value("id", Json()), id) << reply;
    return reply;
  }

  TempFolder temp_;
};

TEST_F(HostProgram, HelloSaysWhoItIs) {
  Child host({kHost, kOrigin}, Environment());
  const Json hello = Ask(host, {{"op", "hello"},
                                {"client", "extension"},
                                {"version", "0.0.1"},
                                {"protocol_min", 7},
                                {"protocol_max", 9}});
  EXPECT_EQ(hello["ok"], true);
  EXPECT_EQ(hello["protocol_min"], kProtocolMin);
  EXPECT_EQ(hello["protocol_max"], kProtocolMax);
  EXPECT_FALSE(hello["version"].get<std::string>().empty());
  for (const char* op : {"hello", "plan", "check_page", "outcome_add", "settings_get"}) {
    EXPECT_THAT(hello["capabilities"], Contains(op));
  }
  EXPECT_GE(hello["data"]["policy"]["version"], 1);
  std::set<std::string> adapters;
  for (const Json& adapter : hello["data"]["adapters"]) {
    adapters.insert(adapter["id"].get<std::string>());
    EXPECT_TRUE(ParseDate(adapter["checked_on"].get<std::string>())) << adapter;
  }
  EXPECT_THAT(adapters, Contains("generic"));
}

TEST_F(HostProgram, HelloSaysWhatConfinesIt) {
  Child host({kHost, kOrigin}, Environment());
  const Json sandbox = Ask(host, {{"op", "hello"}})["sandbox"];
  EXPECT_EQ(sandbox["seccomp"], true) << sandbox;
  if (sandbox["landlock_abi"] == 0)
    GTEST_SKIP() << "this kernel has no Landlock: " << sandbox["note"];
  EXPECT_EQ(sandbox["landlock"], true) << sandbox;
  EXPECT_EQ(sandbox["note"], "");
}

// The kernel's own word, before a byte was sent.
TEST_F(HostProgram, ConfinedBeforeTheFirstByte) {
  Child host({kHost, kOrigin}, Environment());
  std::string status;
  for (int i = 0; i < 500 && status.find("Seccomp:\t2") == std::string::npos; ++i) {
    std::this_thread::sleep_for(Millis(2));
    std::ifstream file("/proc/" + std::to_string(host.pid()) + "/status");
    status.assign(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos);
  EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos) << "no filter although nothing was read";
}

// The link is outside of all that it may open.
TEST_F(HostProgram, SeesWhetherTheTimerIsStillOnFromInsideTheConfinement) {
  const fs::path link = temp_.path() / "config/kaopu-sync.timer";
  fs::create_directories(link.parent_path());
  fs::create_symlink("../kaopu-sync.timer", link);
  fs::create_directories(home() / "pool");
  std::ofstream(home() / "pool/timer") << link.string();
  Child host({kHost, kOrigin}, Environment());
  EXPECT_EQ(Ask(host, {{"op", "pool_status"}})["timer"], true);
  fs::remove(link);
  EXPECT_EQ(Ask(host, {{"op", "pool_status"}})["timer"], false);
}

TEST_F(HostProgram, HomeIsMadeForTheUserAlone) {
  Child host({kHost, kOrigin}, Environment());
  EXPECT_EQ(Ask(host, {{"op", "hello"}})["ok"], true);
  for (const fs::path& folder : {home(), home().parent_path()}) {
    struct stat info;
    ASSERT_EQ(stat(folder.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
  }
}

// Loading adapters, opening and migrating the store, writing and reading: all of it confined.
TEST_F(HostProgram, WholeWorkInsideTheConfinement) {
  Child host({kHost, kOrigin}, Environment());
  EXPECT_EQ(Ask(host, {{"op", "hello"}})["ok"], true);
  EXPECT_TRUE(Ask(host, {{"op", "plan"}, {"host", "item.jd.com"}})["plan"].is_object());
  const Json added =
      Ask(host, {{"op", "outcome_add"}, {"seller_key", "jd:1"}, {"outcome", "never_shipped"}});
  EXPECT_EQ(added["ok"], true) << added;
  const Json page = Ask(
      host,
      {{"op", "check_page"},
       {"url", "https://shop.example.com/p/1"},
       {"title", "x"},
       {"lang", "en"},
       {"snapshot_version", 1},
       {"snapshot", "<page v=\"1\" lang=\"en\"><head><title>x</title></head><data/><body/></page>"},
       {"cut", false}});
  EXPECT_EQ(page["ok"], true) << page;
  EXPECT_EQ(page["verdict"], "unknown");
  EXPECT_TRUE(fs::exists(home() / "kaopu.db"));
  host.CloseInput();
  EXPECT_EQ(host.Wait(), 0);
}

TEST_F(HostProgram, LivesWithoutDataAndWithoutHome) {
  auto environment = Environment();
  environment["KAOPU_DATA"] = temp_.path() / "nothing";
  {
    Child host({kHost, kOrigin}, environment);
    EXPECT_EQ(Ask(host, {{"op", "hello"}})["data"], nullptr);
    EXPECT_EQ(Ask(host, {{"op", "plan"}, {"host", "x"}})["error"]["code"], "damaged");
    EXPECT_EQ(Ask(host, {{"op", "settings_get"}})["ok"], true);  // the record needs no rules
  }
  Child host({kHost, kOrigin}, {{"KAOPU_HOME", "/proc/none"}});
  EXPECT_EQ(Ask(host, {{"op", "hello"}})["ok"], true);
  EXPECT_EQ(Ask(host, {{"op", "settings_get"}})["error"]["code"], "unavailable");
}

TEST_F(HostProgram, VersionAsked) {
  const auto lines = Lines({kHost, "--version"});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], ::testing::StartsWith("kaopu-host "));
}

bool HasTool(const char* tool) {
  return std::system((std::string("command -v ") + tool + " >/dev/null 2>&1").c_str()) == 0;
}

TEST_F(HostProgram, LinksNoNetworkLibrary) {
  if (!HasTool("ldd")) GTEST_SKIP() << "no ldd";
  // libc and the compiler's own; what each of the rest is for stands in host/docs/dependencies.md.
  const std::set<std::string> allowed = {"linux-vdso",
                                         "ld-linux-x86-64",
                                         "ld-linux-aarch64",
                                         "libc",
                                         "libm",
                                         "libgcc_s",
                                         "libstdc++",
                                         "libpthread",
                                         "libdl",
                                         "librt",
                                         "libpugixml",
                                         "libre2",
                                         "libpsl",
                                         "libsqlite3",
                                         "libseccomp",
                                         "libidn2",
                                         "libunistring",
                                         "libz",
                                         "libasan",
                                         "libubsan",
                                         "libtsan"};
  for (const std::string& line : Lines({"/usr/bin/env", "ldd", kHost})) {
    std::string name = line.substr(line.find_first_not_of(" \t"));
    name.resize(name.find_first_of(" "));
    name = fs::path(name).filename();
    name.resize(name.find(".so"));
    EXPECT_TRUE(allowed.contains(name)) << line;
  }
}

TEST_F(HostProgram, ImportsNoNetworkCall) {
  if (!HasTool("nm")) GTEST_SKIP() << "no nm";
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "a sanitizer's run-time is linked in, which has such calls";
#endif
  std::set<std::string> imported;
  for (const std::string& line : Lines({"/usr/bin/env", "nm", "-D", "--undefined-only", kHost})) {
    std::string name = line.substr(line.rfind(' ') + 1);
    if (const size_t version = name.find('@'); version != std::string::npos) name.resize(version);
    imported.insert(name);
  }
  EXPECT_THAT(imported, Contains("read"));  // the list is real
  for (const char* call : {"socket",
                           "socketpair",
                           "connect",
                           "bind",
                           "listen",
                           "accept",
                           "accept4",
                           "send",
                           "sendto",
                           "sendmsg",
                           "recv",
                           "recvfrom",
                           "recvmsg",
                           "getaddrinfo",
                           "gethostbyname",
                           "curl_easy_init",
                           "curl_easy_perform",
                           "SSL_connect",
                           "execvp",
                           "posix_spawn",
                           "posix_spawnp",
                           "system",
                           "popen",
                           "vfork",
                           "dlopen"}) {
    EXPECT_THAT(imported, Not(Contains(call)));
  }
  // fork and execve are the launcher's, before the host gives both up (sandbox_test.cc).
}

// Pids of the processes whose parent is `parent`.
std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "status");
    for (std::string line; std::getline(file, line);) {
      if (line == "PPid:\t" + std::to_string(parent)) found.push_back(std::stoi(name));
    }
  }
  return found;
}

bool Until(const std::function<bool()>& holds) {
  for (int i = 0; i < 2000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(Millis(5));
  }
  return false;
}

// A host with a `kaopu` of the test's own beside it, which notes that it ran and with what.
class HostLauncher : public HostProgram {
 protected:
  HostLauncher() {
    fs::create_directories(bin());
    fs::copy_file(kHost, bin() / "kaopu-host");
  }
  void PutProgram() {
    std::ofstream(bin() / "kaopu") << "#!/bin/sh\n"
                                      "env > \"$KAOPU_HOME/environment\"\n"
                                      "ls /proc/$$/fd > \"$KAOPU_HOME/open\"\n"
                                      "echo \"$0 $*\" >> \"$KAOPU_HOME/ran\"\n"
                                      // Not when the test has gone and taken its folder with it,
                                      // and a minute at most.
                                      "n=0\nwhile [ -d \"$KAOPU_HOME\" ] && [ ! -e "
                                      "\"$KAOPU_HOME/go\" ] && [ $n -lt 1200 ]; do sleep 0.05; "
                                      "n=$((n + 1)); done\n"
                                      "echo done >> \"$KAOPU_HOME/ran\"\n"
                                      "exit $(cat \"$KAOPU_HOME/go\")\n";
    fs::permissions(bin() / "kaopu", fs::perms::owner_all);
  }
  fs::path bin() const { return temp_.path() / "bin"; }
  std::vector<std::string> Command() const { return {bin() / "kaopu-host", kOrigin}; }
  std::string Text(const std::string& name) const {
    return ReadFile(home() / name, 100'000).value_or("");
  }
};

TEST_F(HostLauncher, RunsNothingUnasked) {
  PutProgram();
  Child host(Command(), Environment());
  EXPECT_EQ(Ask(host, {{"op", "hello"}})["ok"], true);
  EXPECT_EQ(Ask(host, {{"op", "pool_status"}})["ok"], true);
  host.CloseInput();
  EXPECT_EQ(host.Wait(), 0);
  EXPECT_EQ(Text("ran"), "");
}

TEST_F(HostLauncher, RunsSyncOnAClickOneAtATime) {
  PutProgram();
  auto environment = Environment();
  environment["LD_LIBRARY_PATH"] = "/nowhere";
  environment["SECRET_OF_THE_BROWSER"] = "1";
  Child host(Command(), environment);
  // Nothing of the message reaches the program.
  EXPECT_EQ(Ask(host, {{"op", "pool_sync"}, {"registry", "https://evil.example"}})["started"],
            true);
  EXPECT_EQ(Ask(host, {{"op", "pool_sync"}})["started"], true);
  const std::string ran = (bin() / "kaopu").string() + " sync --quiet\n";
  EXPECT_TRUE(Until([&] { return Text("ran") == ran; })) << Text("ran");
  const std::string variables = "\n" + Text("environment");
  EXPECT_NE(variables.find("\nKAOPU_HOME=" + home().string() + "\n"), std::string::npos);
  for (const char* name : {"LD_LIBRARY_PATH", "SECRET_OF_THE_BROWSER"}) {
    EXPECT_EQ(variables.find(name), std::string::npos) << variables;
  }
  EXPECT_THAT(Text("open"), ::testing::StartsWith("0\n1\n"));
  // The host goes, what was asked for goes on.
  host.CloseInput();
  EXPECT_EQ(host.Wait(), 0);
  std::ofstream(home() / "go") << "";
  EXPECT_TRUE(Until([&] { return Text("ran") == ran + "done\n"; })) << Text("ran");
}

TEST_F(HostLauncher, AsksForOneSellerAndTellsHowItWent) {
  PutProgram();
  const std::string id = "0011223344556677";
  const auto folder = PutRegistry(home(), id, MadeRegistryInfo("o", "One"));
  std::ofstream(folder / "settings.json")
      << pool::RegistrySettings{.ranges = pool::RangeUse::kAsked}.ToText();
  Child host(Command(), Environment());
  const auto fetch = [&](const std::string& seller) {
    return Ask(host, {{"op", "range_fetch"}, {"registry_id", id}, {"seller_key", seller}});
  };
  const auto run = [&] { return Ask(host, {{"op", "pool_status"}})["run"]; };
  EXPECT_EQ(run(), nullptr);
  for (const char* bad : {"--yes", "taobao:1 --proxy=evil", "nowhere:1", "taobao:"}) {
    EXPECT_EQ(fetch(bad)["error"]["code"], "bad_request") << bad;
  }
  EXPECT_EQ(run(), nullptr);
  EXPECT_EQ(fetch("taobao:12345")["state"], "running");
  EXPECT_EQ(fetch("taobao:12345")["state"], "running");
  EXPECT_EQ(fetch("taobao:99999")["state"], "busy");
  EXPECT_EQ(run(), Json({{"running", true}, {"exit_code", nullptr}}));
  const std::string ran = (bin() / "kaopu").string() + " sync --quiet --registry " + id +
                          " --range=taobao:12345 --yes\n";
  EXPECT_TRUE(Until([&] { return Text("ran") == ran; })) << Text("ran");
  std::ofstream(home() / "go") << "7";
  EXPECT_TRUE(Until([&] { return run()["running"] == false; }));
  EXPECT_EQ(run()["exit_code"], 7);
  EXPECT_EQ(Text("ran"), ran + "done\n");
}

TEST_F(HostLauncher, SaysThatThereIsNothingToRun) {
  Child host(Command(), Environment());
  EXPECT_EQ(Ask(host, {{"op", "pool_sync"}})["started"], false);
  EXPECT_EQ(Ask(host, {{"op", "hello"}})["ok"], true);
  PutProgram();
  std::ofstream(home() / "go") << "";
  EXPECT_EQ(Ask(host, {{"op", "pool_sync"}})["started"], true);
}

TEST_F(HostLauncher, EndsWithTheHostHoweverThatEnds) {
  Child host(Command(), Environment());
  EXPECT_EQ(Ask(host, {{"op", "hello"}})["ok"], true);
  const auto launcher = ChildrenOf(host.pid());
  ASSERT_EQ(launcher.size(), 1U);
  kill(host.pid(), SIGKILL);
  EXPECT_EQ(host.Wait(), 128 + SIGKILL);
  // Gone, or left to whoever collects this machine's orphans.
  EXPECT_TRUE(Until([&] {
    std::ifstream file("/proc/" + std::to_string(launcher[0]) + "/status");
    const std::string status(std::istreambuf_iterator<char>(file), {});
    return status.empty() || status.find("State:\tZ") != std::string::npos;
  }));
}

TEST_F(HostLauncher, AHostWithoutItsLauncherLeavesNoZombie) {
  PutProgram();
  Child host(Command(), Environment());
  EXPECT_EQ(Ask(host, {{"op", "hello"}})["ok"], true);
  const auto launcher = ChildrenOf(host.pid());
  ASSERT_EQ(launcher.size(), 1U);
  kill(launcher[0], SIGKILL);
  EXPECT_TRUE(Until([&] { return ChildrenOf(host.pid()).empty(); }));
  EXPECT_EQ(Ask(host, {{"op", "pool_sync"}})["started"], false);
  EXPECT_EQ(Ask(host, {{"op", "hello"}})["ok"], true);
}

}  // namespace
}  // namespace kaopu::testing
