// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The timer of `kaopu sync`: what is written, what systemd is asked, what is left when it refuses.
#include "cli/sync_timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "base/files.h"
#include "pool/pool_folder.h"
#include "support/child.h"

namespace kaopu {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST(SyncUnits, PathsAreEscapedForSystemdAndCron) {
  const std::string unit = SyncServiceUnit("/opt/a b/100%/$x/kaopu", "/home/a $b/%h\"\\");
  EXPECT_THAT(unit, HasSubstr("\nExecStart=\"/opt/a b/100%%/$x/kaopu\" sync --quiet\n"));
  EXPECT_THAT(unit, HasSubstr("\nEnvironment=\"KAOPU_HOME=/home/a $b/%%h\\\"\\\\\"\n"));
  EXPECT_EQ(SyncCronLine("/opt/it's 5%/kaopu", "/home/a b\\%", 7),
            "7 */6 * * * KAOPU_HOME='/home/a b\\''\\%' '/opt/it'\\''s 5\\%/kaopu' sync --quiet");
}

// What it refuses as a program's own path goes through a shell, as an argument, where "$" counts.
TEST(SyncUnits, AProgramWithQuotesInItsPathIsStartedByAShell) {
  for (const std::string odd : {"\"", "\\", "'"}) {
    const std::string in_unit = odd == "'" ? odd : "\\" + odd;
    EXPECT_THAT(SyncServiceUnit("/opt/" + odd + "$x%/kaopu", "/h"),
                HasSubstr("\nExecStart=/bin/sh -c \"exec \\\"$$0\\\" \\\"$$@\\\"\" \"/opt/" +
                          in_unit + "$$x%%/kaopu\" sync --quiet\n"));
  }
}

// systemd's own reading: that a program with this name is there to be started, and no warning.
TEST(SyncUnits, SystemdTakesThem) {
  if (std::system("systemd-analyze --version > /dev/null 2>&1") != 0)
    GTEST_SKIP() << "this computer has no systemd-analyze";
  const testing::TempFolder temp;
  const auto said = [&](const fs::path& program) {
    fs::create_directories(program.parent_path());
    std::ofstream(program) << "#!/bin/sh\n";
    fs::permissions(program, fs::perms::owner_all);
    std::ofstream(temp.path() / "kaopu-sync.service") << SyncServiceUnit(program, program);
    std::ofstream(temp.path() / "kaopu-sync.timer") << SyncTimerUnit();
    const std::string folder = "'" + temp.path().string() + "'";
    const int code = std::system(("cd " + folder + " && XDG_RUNTIME_DIR=" + folder +
                                  " systemd-analyze --user verify ./kaopu-sync.timer "
                                  "./kaopu-sync.service > said 2>&1")
                                     .c_str());
    const std::string text = ReadFile(temp.path() / "said", 100'000).value_or("?");
    return code != 0 || text.find("kaopu-sync") != std::string::npos ? "refused: " + text : "";
  };
  for (const char* name : {"plain", "a b", "$x", "${HOME}", "100%h", "it's", "a\"b", "a\\b",
                           "$a 'b' \"c\\d\" %u", "靠谱", ";", "-@:+!"}) {
    EXPECT_EQ(said(temp.path() / name / "kaopu"), "") << name;
  }
}

TEST(SyncUnits, WhatNeitherSystemdNorCronCanNameIsRefused) {
  EXPECT_TRUE(CheckTimerCanName("/opt/靠谱 $'\"\\%/kaopu"));
  for (const char* path : {"/a\nb", "/a\tb", "/a\x7f", "/a\xff", "relative", ""}) {
    const auto refused = CheckTimerCanName(path);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, ErrorCode::kBadRequest);
    EXPECT_THAT(refused.error().message, HasSubstr("use a folder without line breaks"));
  }
}

// A systemctl of the test's own, first on PATH, notes what it was asked and, for `enable`, makes
// the link that systemd makes.
class SyncTimerTest : public ::testing::Test {
 protected:
  SyncTimerTest() {
    machine_.config = root() / "config";
    fs::create_directories(root() / "bin");
    path_ = std::getenv("PATH");
    setenv("PATH", (root() / "bin").c_str(), 1);
  }
  ~SyncTimerTest() override { setenv("PATH", path_.c_str(), 1); }

  // `how`: what it does instead of what it is asked.
  void PutSystemctl(const std::string& refuses = "nothing", const std::string& how = "exit 1",
                    const std::string& fails_after = "") {
    std::ofstream(root() / "bin/systemctl")
        << "#!/bin/sh\nPATH=" << path_ << "\necho \"$*\" >> '" << (root() / "asked").string()
        << "'\n[ \"$3\" != " << refuses << " ] || " << how << "\nW='"
        << (machine_.config / "systemd/user/timers.target.wants").string()
        << "'\n[ \"$3\" != enable ] || { mkdir -p \"$W\"; ln -sf ../$5 \"$W/$5\"; }\n"
        << "[ \"$3\" != \"" << fails_after << "\" ] || exit 1\n";
    fs::permissions(root() / "bin/systemctl", fs::perms::owner_all);
  }
  std::string Asked() const { return ReadFile(root() / "asked", 10'000).value_or(""); }
  fs::path root() const { return temp_.path(); }
  fs::path home() const { return root() / "kaopu home"; }
  SyncTimer Timer() const { return SyncTimer(machine_, home()); }

  testing::TempFolder temp_;
  Machine machine_;
  std::string path_;
};

TEST_F(SyncTimerTest, IsSetUpHealedAndRemoved) {
  PutSystemctl();
  EXPECT_EQ(Timer().State(), SyncTimerState::kNone);
  ASSERT_TRUE(Timer().SetUp("/usr/bin/kaopu"));
  EXPECT_EQ(Timer().State(), SyncTimerState::kOn);
  EXPECT_TRUE(pool::HasTimer(home()));
  ASSERT_TRUE(Timer().SetUp("/opt/kaopu"));
  EXPECT_THAT(ReadFile(Timer().folder() / "kaopu-sync.service", 10'000).value_or(""),
              HasSubstr("ExecStart=\"/opt/kaopu\""));
  const std::string once =
      "--user --quiet daemon-reload\n--user --quiet enable --now kaopu-sync.timer\n";
  EXPECT_EQ(Asked(), once + once);
  fs::remove(Timer().folder() / "timers.target.wants/kaopu-sync.timer");
  EXPECT_EQ(Timer().State(), SyncTimerState::kOff);
  EXPECT_FALSE(pool::HasTimer(home())) << "switched off by hand";
  const auto removed = Timer().Remove();
  ASSERT_TRUE(removed);
  EXPECT_TRUE(*removed);
  EXPECT_EQ(Timer().State(), SyncTimerState::kNone);
  EXPECT_FALSE(pool::HasTimer(home()));
  EXPECT_FALSE(fs::exists(Timer().folder() / "kaopu-sync.service"));
  EXPECT_THAT(Asked(), HasSubstr("disable --now kaopu-sync.timer\n"));
  EXPECT_FALSE(fs::exists(machine_.config / "systemd"));
  EXPECT_FALSE(*Timer().Remove()) << "there is nothing left";
}

TEST_F(SyncTimerTest, ASystemThatRefusesIsLeftAsItWas) {
  PutSystemctl("enable");
  const auto refused = Timer().SetUp("/usr/bin/kaopu");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "systemd did not take it; `systemctl --user enable` says why");
  EXPECT_EQ(Timer().State(), SyncTimerState::kNone);
  EXPECT_FALSE(fs::exists(Timer().folder() / "kaopu-sync.service"));
  EXPECT_FALSE(pool::HasTimer(home()));
  EXPECT_FALSE(fs::exists(machine_.config / "systemd"));
}

TEST_F(SyncTimerTest, AFolderThatCannotBeNamedIsRefusedBeforeAnythingIsWritten) {
  PutSystemctl();
  EXPECT_FALSE(Timer().SetUp("/opt/a\nb/kaopu"));
  EXPECT_FALSE(SyncTimer(machine_, home() / "a\nb").SetUp("/usr/bin/kaopu"));
  EXPECT_EQ(Asked(), "");
  EXPECT_FALSE(fs::exists(machine_.config));
}

// It may make its link and then fail to start the timer.
TEST_F(SyncTimerTest, AFailureHalfWayLeavesNothing) {
  PutSystemctl("nothing", "exit 1", "enable");
  ASSERT_FALSE(Timer().SetUp("/usr/bin/kaopu"));
  EXPECT_EQ(Asked(),
            "--user --quiet daemon-reload\n--user --quiet enable --now kaopu-sync.timer\n"
            "--user --quiet disable --now kaopu-sync.timer\n--user --quiet daemon-reload\n")
      << "nor does systemd go on with what it has read";
  EXPECT_FALSE(fs::exists(machine_.config)) << "it was not there before";
  EXPECT_FALSE(fs::exists(home()));
}

TEST_F(SyncTimerTest, AFailureLeavesTheFoldersThatWereThere) {
  fs::create_directories(machine_.config / "systemd/user");
  fs::create_directories(home());
  PutSystemctl("nothing", "exit 1", "enable");
  ASSERT_FALSE(Timer().SetUp("/usr/bin/kaopu"));
  EXPECT_TRUE(fs::is_empty(machine_.config / "systemd/user"));
  EXPECT_TRUE(fs::is_empty(home()));
}

TEST_F(SyncTimerTest, AHomeThatTakesNoMarkIsAFailure) {
  std::ofstream(home()) << "no folder";
  PutSystemctl();
  const auto refused = Timer().SetUp("/usr/bin/kaopu");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("cannot create " + home().string()));
  EXPECT_FALSE(fs::exists(machine_.config));
}

TEST_F(SyncTimerTest, ASystemThatDoesNotAnswerIsGivenUpAndNotAskedAgain) {
  PutSystemctl("enable", "{ echo $$ > \"${0%/*}/pid\"; exec sleep 50; }");
  const SyncTimer timer(machine_, home(), std::chrono::milliseconds(1500));
  const auto start = std::chrono::steady_clock::now();
  const auto refused = timer.SetUp("/usr/bin/kaopu");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(refused.error().message, "systemd did not answer within 2 seconds");
  EXPECT_THAT(Asked(), EndsWith("enable --now kaopu-sync.timer\n"));
  EXPECT_FALSE(fs::exists(machine_.config));
  const std::string pid = ReadFile(root() / "bin/pid", 100).value_or("0");
  EXPECT_EQ(kill(std::stoi(pid), 0), -1) << "it was ended";
}

TEST_F(SyncTimerTest, UnitsGoAlsoWhereSystemdDoesNotAnswer) {
  PutSystemctl();
  ASSERT_TRUE(Timer().SetUp("/usr/bin/kaopu"));
  PutSystemctl("disable", "exec sleep 50");
  const auto removed = SyncTimer(machine_, home(), std::chrono::milliseconds(500)).Remove();
  ASSERT_TRUE(removed);
  EXPECT_TRUE(*removed);
  EXPECT_THAT(Asked(), EndsWith("disable --now kaopu-sync.timer\n"));
  EXPECT_FALSE(fs::exists(machine_.config / "systemd"));
}

TEST_F(SyncTimerTest, AFailureWhereThereWasATimerLeavesIt) {
  PutSystemctl();
  ASSERT_TRUE(Timer().SetUp("/usr/bin/kaopu"));
  PutSystemctl("enable");
  ASSERT_FALSE(Timer().SetUp("/opt/kaopu"));
  EXPECT_EQ(Timer().State(), SyncTimerState::kOn);
}

TEST_F(SyncTimerTest, FoldersWithOthersUnitsStay) {
  fs::create_directories(machine_.config / "systemd/user");
  std::ofstream(machine_.config / "systemd/user/other.service") << "x";
  PutSystemctl();
  ASSERT_TRUE(Timer().SetUp("/usr/bin/kaopu"));
  ASSERT_TRUE(Timer().Remove());
  EXPECT_TRUE(fs::exists(machine_.config / "systemd/user/other.service"));
  EXPECT_FALSE(fs::exists(machine_.config / "systemd/user/timers.target.wants"));
}

TEST_F(SyncTimerTest, WithoutSystemdItIsSaid) {
  const auto none = Timer().SetUp("/usr/bin/kaopu");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "this computer has no systemd");
  EXPECT_EQ(Timer().State(), SyncTimerState::kNone);
}

TEST_F(SyncTimerTest, TheHomeIsWrittenIntoTheService) {
  PutSystemctl();
  ASSERT_TRUE(Timer().SetUp("/usr/bin/kaopu"));
  EXPECT_THAT(ReadFile(Timer().folder() / "kaopu-sync.service", 10'000).value_or(""),
              HasSubstr("Environment=\"KAOPU_HOME=" + home().string() + "\""));
}

}  // namespace
}  // namespace kaopu
