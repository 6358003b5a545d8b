// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The host that misbehaves does so as its own list says: what browser tests conclude from it rests
// on that.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/limits.h"
#include "support/child.h"

namespace kaopu::testing {
namespace {

const std::string kHost = KAOPU_BINARY_DIR "/support/fault_host";
const std::string kHello = R"({"v":1,"id":5,"op":"hello"})";
const std::string kCheck = R"({"v":1,"id":6,"op":"check_page"})";

class FaultHost : public ::testing::Test {
 protected:
  // Starts the host with a fault and sends hello.
  void Start(const std::string& fault) {
    host_.emplace(std::vector<std::string>{kHost},
                  std::map<std::string, std::string>{{"KAOPU_FAULT", fault}});
    host_->SendFrame(kHello);
  }
  Json Reply() { return Json::parse(host_->Receive().value_or("no reply"), nullptr, false); }
  bool Silent() { return !host_->Receive(Millis(200)); }
  // Ends by itself, without the pipe being closed.
  std::optional<int> Ended() { return host_->Wait(Millis(3000)); }

  std::optional<Child> host_;
};

TEST_F(FaultHost, NoneAnswersWell) {
  Start("none");
  EXPECT_EQ(Reply()["protocol_max"], 1);
  host_->SendFrame(kCheck);
  EXPECT_EQ(Reply()["error"]["code"], "unsupported");
  host_->CloseInput();
  EXPECT_EQ(Ended(), 0);
}

TEST_F(FaultHost, Deaths) {
  const std::pair<const char*, int> deaths[] = {{"crash", 128 + SIGABRT},
                                                {"start_crash", 128 + SIGABRT},
                                                {"exit0", 0},
                                                {"exit3", 3},
                                                {"torn", 0}};
  for (const auto& [fault, code] : deaths) {
    Start(fault);
    EXPECT_EQ(Ended(), code) << fault;
  }
  Start("die_idle=50");
  EXPECT_EQ(Reply()["ok"], true);
  EXPECT_EQ(Ended(), 128 + SIGKILL);
}

TEST_F(FaultHost, Silences) {
  for (const char* fault : {"hang", "close"}) {
    Start(fault);
    EXPECT_TRUE(Silent()) << fault;
    host_->CloseInput();
    EXPECT_EQ(Ended(), 0) << fault;
  }
  Start("deaf");
  EXPECT_TRUE(Silent());
  host_->CloseInput();
  EXPECT_EQ(host_->Wait(Millis(500)), std::nullopt);
}

TEST_F(FaultHost, Answers) {
  Start("invalid_json");
  EXPECT_TRUE(Reply().is_discarded());
  Start("invalid_utf8");
  EXPECT_TRUE(Reply().is_discarded());
  Start("too_large");
  EXPECT_EQ(host_->Receive().value_or("").size(), kFrameBytesMax + 1);
  Start("wrong_id");
  EXPECT_NE(Reply()["id"], 5);
  Start("no_id");
  EXPECT_FALSE(Reply().contains("id"));
  Start("not_ok");
  EXPECT_FALSE(Reply().contains("ok"));
  Start("old");
  EXPECT_EQ(Reply()["protocol_max"], 0);
  Start("new");
  EXPECT_EQ(Reply()["protocol_min"], 99);
  Start("unavailable");
  EXPECT_EQ(Reply()["error"]["code"], "unavailable");
  Start("garbage");
  host_->CloseInput();
  EXPECT_EQ(host_->ReadToEnd(), "hello from a stray print\n");
  const auto begin = std::chrono::steady_clock::now();
  Start("slow=300");
  EXPECT_EQ(Reply()["ok"], true);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, Millis(300));
}

TEST_F(FaultHost, StrikesAtTheOperationNamed) {
  Start("crash@check_page");
  EXPECT_EQ(Reply()["ok"], true);
  host_->SendFrame(kCheck);
  EXPECT_EQ(Ended(), 128 + SIGABRT);
}

TEST_F(FaultHost, FileBesideTheProgramComesFirst) {
  TempFolder folder;
  const std::filesystem::path program = folder.path() / "host";
  std::filesystem::copy_file(kHost, program);
  std::ofstream(program.string() + ".fault") << "exit3\n";
  Child host({program}, {{"KAOPU_FAULT", "crash"}});
  host.SendFrame(kHello);
  EXPECT_EQ(host.Wait(), 3);
}

}  // namespace
}  // namespace kaopu::testing
