// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu` as scripts and people call it: exit codes, help, check, install, doctor, and a whole
// installed tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/files.h"
#include "base/json.h"
#include "support/child.h"

namespace kaopu::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
namespace fs = std::filesystem;

struct Result {
  int code = -1;
  std::string out;
  std::string err;
  Json json() const { return Json::parse(out, nullptr, false); }
};

class CommandLine : public ::testing::Test {
 protected:
  // With a home folder of its own, no browser in sight, and English.
  Result Run(std::vector<std::string> arguments, const std::string& input = "",
             std::map<std::string, std::string> env = {}) {
    arguments.insert(arguments.begin(), program_);
    std::map<std::string, std::string> all = {
        {"HOME", user()},        {"PATH", temp_.path() / "bin"},
        {"XDG_CONFIG_HOME", ""}, {"XDG_DATA_HOME", ""},
        {"KAOPU_HOME", ""},      {"KAOPU_DATA", ""},
        {"LC_ALL", "C.UTF-8"}};
    for (const auto& [name, value] : env) all[name] = value;
    Child child(arguments, all, temp_.path() / "stderr");
    EXPECT_TRUE(child.Send(input));
    child.CloseInput();
    Result result;
    result.out = child.ReadToEnd();
    result.code = child.Wait(Millis(20000)).value_or(-1);
    result.err = ReadFile(temp_.path() / "stderr", 1 << 20).value_or("");
    return result;
  }
  fs::path user() const { return temp_.path() / "user"; }
  fs::path FirefoxManifest() const {
    return user() / ".mozilla/native-messaging-hosts/io.github.kaopu.host.json";
  }
  void SetUp() override { fs::create_directories(user()); }

  std::string program_ = KAOPU_BINARY_DIR "/kaopu";
  TempFolder temp_;
};

TEST_F(CommandLine, WrongUsageIsTwo) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"nonsense"},
                                                    {"check"},
                                                    {"doctor", "--nonsense"},
                                                    {"install", "--all", "--browser", "firefox"},
                                                    {"--lang", "tlh", "doctor"}}) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.code, 2) << ::testing::PrintToString(arguments);
    EXPECT_THAT(result.out, IsEmpty()) << ::testing::PrintToString(arguments);
    EXPECT_THAT(result.err, Not(IsEmpty()));
  }
}

TEST_F(CommandLine, EveryCommandHelpsWithAnExample) {
  EXPECT_THAT(Run({"--help"}).out, HasSubstr("Exit codes"));
  for (const char* command : {"check", "why", "outcome", "order", "settings", "install",
                              "uninstall", "doctor", "page", "promise", "price", "data"}) {
    const Result result = Run({command, "--help"});
    EXPECT_EQ(result.code, 0) << command;
    EXPECT_THAT(result.out, HasSubstr(std::string("kaopu ") + command)) << command;
    EXPECT_THAT(result.out, HasSubstr("xample")) << command;
  }
}

TEST_F(CommandLine, DataDiffSaysWhichVerdictsMove) {
  ASSERT_EQ(Run({"outcome", "add", "jd:1", "late", "--days-late", "3"}).code, 0);
  const std::string shipped = KAOPU_SOURCE_DIR "/host/data";
  Json stricter = Json::parse(ReadFile(shipped + "/policy/policy.json", 1 << 20).value());
  stricter["version"] = 77;
  stricter["thresholds"]["normal"]["danger"] = stricter["thresholds"]["normal"]["watch_out"];
  const std::string mine = temp_.path() / "mine.json", stream = temp_.path() / "stream.jsonl";
  std::ofstream(mine) << stricter;
  std::ofstream(stream) << R"({"t":86400000,"type":"outcome","id":"1","seller":"s","bad":1})"
                        << '\n';
  const Result same = Run({"data", "diff", shipped, shipped, "--json"});
  EXPECT_EQ(same.code, 0) << same.err;
  for (const Json& part : same.json()["parts"]) EXPECT_TRUE(part["moved"].empty()) << part;
  const Result diff = Run({"data", "diff", shipped, mine, "--events", stream, "--json"});
  EXPECT_EQ(diff.code, 0) << diff.err;
  const Json parts = diff.json()["parts"];
  ASSERT_EQ(parts.size(), 3u) << diff.out;
  EXPECT_EQ(parts[0]["moved"][0]["name"], "jd:1");
  EXPECT_EQ(parts[0]["moved"][0]["old"]["verdict"], "watch_out");
  EXPECT_EQ(parts[0]["moved"][0]["new"]["verdict"], "danger");
  EXPECT_GE(parts[1]["moved"].size(), 1u);
  EXPECT_EQ(parts[2]["moved"][0]["name"], "s");
  const Result text = Run({"--lang", "zh_CN", "data", "diff", shipped, mine});
  EXPECT_THAT(text.out, AllOf(HasSubstr("政策 77"), HasSubstr("jd:1"), HasSubstr("危险")));
  EXPECT_EQ(Run({"data", "diff", shipped, "/no/such.json"}).code, 4);
  EXPECT_EQ(Run({"data", "diff", stream, mine}).code, 6);
  EXPECT_EQ(Run({"data", "diff", shipped}).code, 2);
}

TEST_F(CommandLine, VersionGivesProtocolAndDates) {
  const Result result = Run({"--version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("protocol 1 to 1"));
  EXPECT_THAT(result.out, HasSubstr("adapter generic"));
  EXPECT_THAT(result.out, ::testing::ContainsRegex("policy [0-9]+, published on 20[0-9]{2}-"));
}

TEST_F(CommandLine, CheckFileUrlAndKey) {
  std::ofstream(temp_.path() / "page.html")
      << "<html><head><title>Lamp</title></head><body><p>Hello</p></body></html>";
  const std::string page = temp_.path() / "page.html";
  EXPECT_EQ(Run({"check", page}).code, 3);  // from where?
  const Result checked = Run({"check", page, "--url", "https://shop.example.com/p", "--json"});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_EQ(checked.json()["verdict"], "unknown") << checked.out;
  const std::string saved = "<!-- saved from url=(0026)https://shop.example.com/p -->\n<p>Hello";
  EXPECT_EQ(Run({"check", "-", "--json"}, saved).json()["verdict"], "unknown");
  EXPECT_EQ(Run({"check", "jd:1", "--json"}).json()["verdict"], "unknown");
  EXPECT_THAT(Run({"check", "jd:1"}).out, HasSubstr("Not known yet: jd:1"));
  EXPECT_THAT(Run({"--lang", "zh_CN", "check", "jd:1"}).out, HasSubstr("尚不了解"));
  EXPECT_THAT(Run({"check", "jd:1", "--lang", "zh_CN"}).out, HasSubstr("尚不了解"));
  EXPECT_EQ(Run({"check", "no such thing"}).code, 4);
  const Result refused = Run({"check", "http://127.0.0.1:1/"});
  EXPECT_EQ(refused.code, 5);
  EXPECT_THAT(refused.err, HasSubstr("not a public address"));
}

TEST_F(CommandLine, OwnExperienceChangesTheVerdictForPageAndKeyAlike) {
  for (int i = 0; i < 3; ++i) {
    const Result added = Run({"outcome", "add", "web:shop.example.com", "never_shipped"});
    ASSERT_EQ(added.code, 0) << added.err;
  }
  const Result result = Run({"check", "web:shop.example.com", "--json"});
  EXPECT_EQ(result.json()["verdict"], "danger") << result.out;
  EXPECT_THAT(Run({"check", "web:shop.example.com"}).out, HasSubstr("Danger"));
}

TEST_F(CommandLine, InstallDoctorUninstall) {
  Result doctor = Run({"doctor", "--json"});
  EXPECT_EQ(doctor.code, 5);
  const auto installed_here = [](const Json& report) {
    // Only browsers below the test's home: the machine may have others.
    for (const Json& browser : report["browsers"]) {
      if (browser["id"] == "firefox") return browser["connected"].get<bool>();
    }
    return false;
  };
  EXPECT_FALSE(installed_here(doctor.json())) << doctor.out;
  EXPECT_EQ(doctor.json()["host"]["ok"], true) << doctor.out;
  fs::remove_all(user() / ".local");  // the host makes KAOPU_HOME

  fs::create_directories(user() / ".mozilla/firefox");
  EXPECT_EQ(Run({"install", "--browser", "firefox", "--dry-run"}).code, 0);
  EXPECT_FALSE(fs::exists(FirefoxManifest()));
  const Result install = Run({"install", "--browser", "firefox", "--json"});
  EXPECT_EQ(install.code, 0) << install.err;
  EXPECT_EQ(install.json()["steps"][0]["action"], "written");
  const Json manifest = Json::parse(*ReadFile(FirefoxManifest(), 10000));
  EXPECT_EQ(manifest["path"],
            fs::canonical(fs::path(program_).parent_path() / "kaopu-host").string());
  doctor = Run({"doctor", "--json"});
  EXPECT_TRUE(installed_here(doctor.json())) << doctor.out;
  EXPECT_THAT(Run({"doctor"}).out, HasSubstr("Firefox: connected"));

  std::ofstream(FirefoxManifest()) << "{broken";
  EXPECT_FALSE(installed_here(Run({"doctor", "--json"}).json()));
  EXPECT_EQ(Run({"install", "--browser", "firefox", "--json"}).json()["steps"][0]["action"],
            "replaced");
  EXPECT_TRUE(installed_here(Run({"doctor", "--json"}).json()));

  EXPECT_EQ(Run({"uninstall"}).code, 0);
  EXPECT_FALSE(fs::exists(FirefoxManifest().parent_path()));
  EXPECT_TRUE(fs::exists(user() / ".mozilla/firefox"));
}

TEST_F(CommandLine, InstallWithSyncSetsUpATimerThatUninstallTakesAway) {
  const fs::path wants = user() / ".config/systemd/user/timers.target.wants";
  const std::string path = std::getenv("PATH");
  fs::create_directories(temp_.path() / "bin");
  std::ofstream(temp_.path() / "bin/systemctl")
      << "#!/bin/sh\nPATH=" << path << "\n[ \"$3\" != enable ] || { mkdir -p '" << wants.string()
      << "'; ln -s ../$5 '" << wants.string() << "'; }\n[ \"$3\" != disable ] || rm '"
      << wants.string() << "'/*\n";
  fs::permissions(temp_.path() / "bin/systemctl", fs::perms::owner_all);
  const std::map<std::string, std::string> data = {{"XDG_DATA_HOME", user() / "my data"}};
  const auto timer = [&] { return Run({"doctor", "--json"}, "", data).json()["timer"]; };

  const auto offers = [&](const char* language, const char* option = "--all") {
    const Result result = Run({"--lang", language, "install", option}, "", data);
    EXPECT_EQ(result.code, 0) << result.err;
    return result.out;
  };

  EXPECT_EQ(timer(), "none");
  EXPECT_THAT(offers("en"), HasSubstr("\nTo have `kaopu sync` run by itself, "));
  EXPECT_THAT(offers("en", "--dry-run"), HasSubstr(": kaopu install --with-sync\n"));
  EXPECT_THAT(offers("zh_CN"), HasSubstr("请运行：kaopu install --with-sync\n"));
  const Result dry = Run({"install", "--all", "--with-sync", "--dry-run", "--json"}, "", data);
  EXPECT_EQ(dry.json()["timer"]["action"], "written") << dry.out << dry.err;
  EXPECT_EQ(timer(), "none");
  const Result install = Run({"install", "--all", "--with-sync", "--json"}, "", data);
  EXPECT_EQ(install.code, 0) << install.err;
  EXPECT_EQ(install.json()["timer"], (Json{{"action", "written"}}));
  EXPECT_EQ(timer(), "on");
  EXPECT_THAT(offers("en"), Not(HasSubstr("--with-sync"))) << "it is on";
  EXPECT_THAT(ReadFile(wants / "../kaopu-sync.service", 10'000).value_or(""),
              HasSubstr("KAOPU_HOME=" + (user() / "my data/kaopu").string()));
  fs::remove(wants / "kaopu-sync.timer");
  EXPECT_EQ(timer(), "off") << "switched off by hand";
  EXPECT_THAT(offers("en"), HasSubstr(": kaopu install --with-sync\n"));
  EXPECT_THAT(Run({"doctor"}, "", data).out,
              HasSubstr("its timer is off. On again: kaopu install --with-sync\n"));
  EXPECT_THAT(Run({"--lang", "zh_CN", "doctor"}, "", data).out,
              HasSubstr("定时器已关闭。重新开启：kaopu install --with-sync\n"));
  EXPECT_EQ(Run({"install", "--all", "--with-sync"}, "", data).code, 0);
  EXPECT_EQ(timer(), "on");
  EXPECT_EQ(Run({"uninstall", "--json"}, "", data).json()["timer"]["action"], "removed");
  EXPECT_EQ(timer(), "none");
  EXPECT_FALSE(fs::exists(user() / ".config/systemd"));
  EXPECT_FALSE(Run({"uninstall", "--json"}, "", data).json().contains("timer"));
}

TEST_F(CommandLine, InstallWithSyncWithoutSystemdGivesALineForCron) {
  const Result install = Run({"install", "--all", "--with-sync", "--json"});
  EXPECT_EQ(install.code, 5) << install.out;
  EXPECT_EQ(install.json()["timer"]["action"], "failed");
  EXPECT_THAT(install.json()["timer"]["cron"].get<std::string>(),
              HasSubstr(" */6 * * * KAOPU_HOME='" + user().string()));
  EXPECT_FALSE(fs::exists(user() / ".config/systemd"));
  const Result said = Run({"--lang", "zh_CN", "install", "--all", "--with-sync"});
  EXPECT_EQ(said.code, 5);
  EXPECT_THAT(said.err, AllOf(HasSubstr("crontab -e"), HasSubstr("sync --quiet")));
}

TEST_F(CommandLine, InstallWithSyncInAFolderThatNoTimerCanNameSaysSo) {
  const std::map<std::string, std::string> odd = {{"KAOPU_HOME", user() / "a\nb"}};
  for (const std::string dry : {"--with-sync", "--dry-run"}) {
    const Result result = Run({"install", "--all", "--with-sync", dry, "--json"}, "", odd);
    EXPECT_EQ(result.code, 5) << result.out << result.err;
    const Json timer = result.json()["timer"];
    EXPECT_EQ(timer["action"], "failed");
    EXPECT_THAT(timer["error"].get<std::string>(), HasSubstr("use a folder without line breaks"));
    EXPECT_FALSE(timer.contains("cron")) << timer;
  }
  const Result said = Run({"--lang", "zh_CN", "install", "--all", "--with-sync"}, "", odd);
  EXPECT_THAT(said.err, AllOf(HasSubstr("请换一个"), Not(HasSubstr("crontab"))));
  EXPECT_FALSE(fs::exists(user() / ".config/systemd"));
}

TEST_F(CommandLine, InstallAllAndUninstallLeaveTheHomeAsItWas) {
  EXPECT_EQ(Run({"install", "--all"}).code, 0);
  EXPECT_TRUE(fs::exists(
      user() /
      ".config/BraveSoftware/Brave-Browser/NativeMessagingHosts/io.github.kaopu.host.json"));
  EXPECT_EQ(Run({"uninstall"}).code, 0);
  EXPECT_TRUE(fs::is_empty(user()));
}

TEST_F(CommandLine, InstallIntoAFolderForADeveloper) {
  const fs::path folder = temp_.path() / "profile/NativeMessagingHosts";
  const std::string id(32, 'a');
  const Result result =
      Run({"install", "--browser", "chromium", "--folder", folder, "--extension-id", id, "--host",
           KAOPU_BINARY_DIR "/support/fault_host"});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json manifest = Json::parse(*ReadFile(folder / "io.github.kaopu.host.json", 10000));
  EXPECT_EQ(manifest["allowed_origins"].size(), 2U);
  EXPECT_EQ(manifest["allowed_origins"][1], "chrome-extension://" + id + "/");
  EXPECT_THAT(manifest["path"].get<std::string>(), ::testing::EndsWith("/support/fault_host"));
  EXPECT_EQ(Run({"install", "--folder", folder, "--all"}).code, 3);
  EXPECT_EQ(Run({"install", "--browser", "netscape"}).code, 4);
  EXPECT_EQ(Run({"install", "--browser", "chromium", "--extension-id", "*"}).code, 3);
}

TEST_F(CommandLine, DoctorSaysWhatAilsTheHost) {
  fs::create_directories(temp_.path() / "tree/bin");
  fs::copy_file(program_, temp_.path() / "tree/bin/kaopu");
  program_ = temp_.path() / "tree/bin/kaopu";
  Result result = Run({"doctor"});
  EXPECT_EQ(result.code, 5);
  EXPECT_THAT(result.out, HasSubstr("install Kaopu again"));
  fs::copy_file(KAOPU_BINARY_DIR "/support/fault_host", temp_.path() / "tree/bin/kaopu-host");
  for (const char* fault : {"crash", "exit3", "garbage", "invalid_json", "internal", "torn"}) {
    result = Run({"doctor", "--json"}, "", {{"KAOPU_FAULT", fault}});
    EXPECT_EQ(result.json()["host"]["ok"], false) << fault;
    EXPECT_EQ(result.json()["next"]["key"], "doctor_next_host") << fault;
  }
}

TEST_F(CommandLine, DoctorSaysThatTheDatabaseIsDamaged) {
  fs::create_directories(user() / ".local/share/kaopu");
  std::ofstream(user() / ".local/share/kaopu/kaopu.db") << std::string(8192, 'x');
  const Json report = Run({"doctor", "--json"}).json();
  EXPECT_EQ(report["database"]["ok"], false);
  EXPECT_EQ(report["next"]["key"], "doctor_next_database");
}

// A copy of the shipped rules to be damaged.
class DamagedRules : public CommandLine {
 protected:
  DamagedRules() { fs::copy(KAOPU_SOURCE_DIR "/host/data", data(), fs::copy_options::recursive); }
  fs::path data() const { return temp_.path() / "data"; }
  Result With(const std::vector<std::string>& arguments) {
    return Run(arguments, "", {{"KAOPU_DATA", data()}});
  }
};

TEST_F(DamagedRules, DoctorNamesTheFileAndTheThingToDo) {
  EXPECT_EQ(With({"doctor", "--json"}).json()["rules"]["ok"], true);
  for (const char* file :
       {"policy/policy.json", "terms/zh.json", "promises/en.json", "adapters/generic.json"}) {
    const std::string good = *ReadFile(data() / file, 1 << 22);
    std::ofstream(data() / file) << good.substr(0, good.size() / 2);
    const Result result = With({"doctor", "--json"});
    EXPECT_EQ(result.code, 5) << file;
    const Json report = result.json();
    EXPECT_EQ(report["ok"], false) << file;
    EXPECT_EQ(report["rules"]["ok"], false) << file;
    EXPECT_EQ(report["next"]["key"], "doctor_next_rules") << file;
    EXPECT_THAT(report["next"]["text"].get<std::string>(),
                HasSubstr(fs::path(file).filename().string()));
    EXPECT_THAT(With({"doctor"}).out, HasSubstr("no verdict is possible")) << file;
    std::ofstream(data() / file) << good;
  }
  std::ofstream(data() / "adapters/jd.json") << "{";
  const Json report = With({"doctor", "--json"}).json();
  EXPECT_EQ(report["ok"], false);
  EXPECT_EQ(report["next"]["key"], "doctor_next_left_out");
  EXPECT_THAT(report["next"]["text"].get<std::string>(), HasSubstr("adapters/jd.json"));
  EXPECT_THAT(With({"doctor"}).out, HasSubstr("Rules left out"));
}

TEST_F(DamagedRules, TheRecordStaysInTheShoppersHands) {
  std::ofstream(data() / "policy/policy.json") << "{";
  EXPECT_EQ(With({"outcome", "add", "jd:1", "late", "--days-late", "3"}).code, 0);
  EXPECT_EQ(With({"order", "add", "A1", "jd:1"}).code, 0);
  EXPECT_EQ(With({"outcome", "list", "--json"}).json()["outcomes"].size(), 1u);
  EXPECT_EQ(Json::parse(With({"data", "export"}).out)["orders"].size(), 1u);
  const Result why = With({"why", "jd:1"});
  EXPECT_EQ(why.code, 6);
  EXPECT_THAT(why.err, HasSubstr("policy.json"));
  EXPECT_THAT(why.err, HasSubstr("kaopu data check"));
  EXPECT_THAT(With({"--lang", "zh_CN", "why", "jd:1"}).err, HasSubstr("重新安装靠谱"));
}

TEST_F(CommandLine, DoctorSaysThatTheRecordHasNoPlace) {
  std::ofstream(temp_.path() / "file") << "x";
  for (const std::string& home : {(temp_.path() / "file/home").string(), std::string("/proc")}) {
    const Result result = Run({"doctor", "--json"}, "", {{"KAOPU_HOME", home}});
    EXPECT_EQ(result.code, 5) << home;
    EXPECT_EQ(result.json()["database"]["ok"], false) << home;
    EXPECT_EQ(result.json()["next"]["key"], "doctor_next_home") << result.out;
    EXPECT_THAT(result.json()["next"]["text"].get<std::string>(), HasSubstr(home));
  }
}

TEST_F(CommandLine, DoctorLeavesNothingOfItsOwnInTheRecord) {
  ASSERT_EQ(Run({"outcome", "add", "jd:1", "on_time"}).code, 0);
  Run({"doctor"});
  for (const auto& entry : fs::directory_iterator(user() / ".local/share/kaopu"))
    EXPECT_THAT(entry.path().filename().string(), ::testing::StartsWith("kaopu.db"));
}

TEST_F(CommandLine, ATypedKeyIsKeptAsPagesGiveIt) {
  const Result added = Run({"outcome", "add", "web:www.example.com", "on_time"});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_THAT(added.err, HasSubstr("web:www.example.com is kept as web:example.com"));
  EXPECT_THAT(Run({"check", "web:WWW.example.com"}).out, HasSubstr("1 on time"));
  EXPECT_THAT(Run({"check", "web:example.com"}).err, IsEmpty());
  const Result wrong = Run({"outcome", "add", "taobo:1", "on_time"});
  EXPECT_EQ(wrong.code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean taobao:1?"));
}

TEST_F(CommandLine, HelpAndErrorsSpeakTheCallersLanguage) {
  const std::map<std::string, std::string> chinese = {{"LC_ALL", "zh_CN.UTF-8"}};
  const Result help = Run({"outcome", "add", "--help"}, "", chinese);
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("记录一单的结果"));
  EXPECT_THAT(help.out, HasSubstr("必填"));
  EXPECT_THAT(help.out, HasSubstr("示例："));
  EXPECT_THAT(help.out, HasSubstr("kaopu outcome add jd:12345 late"));
  EXPECT_THAT(Run({"outcome", "add", "jd:1", "late", "--placed", "2026-02-30"}, "", chinese).err,
              HasSubstr("placed_at：\"2026-02-30\" 不是日期"));
  EXPECT_THAT(Run({"check", "nothing"}, "", chinese).err, HasSubstr("没有文件 nothing"));
  EXPECT_THAT(Run({"check", "/proc"}, "", chinese).err, HasSubstr("是文件夹"));
  EXPECT_THAT(Run({"nonsense"}, "", chinese).err, HasSubstr("没有“nonsense”这条命令"));
  EXPECT_THAT(Run({"doctor", "--nonsense"}, "", chinese).err,
              HasSubstr("不认识的参数：--nonsense"));
  EXPECT_THAT(Run({"check"}, "", chinese).err, HasSubstr("缺少"));
}

// `cmake --install` into a folder, and the whole of it used from there.
TEST_F(CommandLine, InstalledTreeWorksByItself) {
  const fs::path prefix = temp_.path() / "prefix";
  Child install({"/usr/bin/env", "cmake", "--install", KAOPU_BINARY_DIR, "--prefix", prefix});
  install.CloseInput();
  install.ReadToEnd(Millis(60000));
  ASSERT_EQ(install.Wait(), 0);
  program_ = prefix / "bin/kaopu";
  const bool packager =
      std::system("node --version >/dev/null 2>&1 && zip -v >/dev/null 2>&1") == 0;
  EXPECT_EQ(fs::exists(prefix / "share/kaopu/extension/kaopu-" KAOPU_VERSION "-firefox.zip"),
            packager);
  for (const char* path : {"bin/kaopu-host", "share/kaopu/data/policy/policy.json",
                           "share/kaopu/locales/zh_CN/messages.json",
                           "share/kaopu/manifests/browser_locations.json"}) {
    EXPECT_TRUE(fs::exists(prefix / path)) << path;
  }
  EXPECT_THAT(Run({"--version"}).out, HasSubstr((prefix / "share/kaopu/data").string()));
  EXPECT_THAT(Run({"check", "jd:1"}).out, HasSubstr("Not known yet: jd:1"));
  const Result connected = Run({"install", "--browser", "firefox"});
  EXPECT_EQ(connected.code, 0);
  if (packager) {
    EXPECT_THAT(connected.out, HasSubstr((prefix / "share/kaopu/extension").string()));
  }
  EXPECT_EQ(Json::parse(*ReadFile(FirefoxManifest(), 10000))["path"],
            (prefix / "bin/kaopu-host").string());
  EXPECT_EQ(Run({"doctor", "--json"}).json()["host"]["ok"], true);
}

}  // namespace
}  // namespace kaopu::testing
