// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Browser locations, native-host manifests, and putting the one into the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/files.h"
#include "base/json.h"
#include "cli/browsers.h"
#include "cli/installer.h"
#include "cli/native_manifest.h"
#include "support/child.h"

namespace kaopu {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;
namespace fs = std::filesystem;

const fs::path kManifests = fs::path(KAOPU_SOURCE_DIR) / "manifests";

class NativeHostsTest : public ::testing::Test {
 protected:
  NativeHostsTest() {
    machine_.system = "linux";
    machine_.root = root();
    machine_.home = root() / "home/anna";
    machine_.config = machine_.home / ".config";
    machine_.data = machine_.home / ".local/share";
    machine_.program_folders = {root() / "bin"};
    fs::create_directories(machine_.home);
    fs::create_directories(root() / "bin");
    MakeProgram(host());
    ids_ = *OwnExtensionIds(kManifests);
  }
  fs::path root() const { return temp_.path(); }
  fs::path host() const { return root() / "bin/kaopu-host"; }
  fs::path record() const { return machine_.data / "kaopu/installed.json"; }

  static void MakeProgram(const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "#!";
    fs::permissions(path, fs::perms::owner_all);
  }
  static void Put(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  Browser Get(const std::string& id) {
    auto browsers = LoadBrowsers(kManifests, machine_);
    EXPECT_TRUE(browsers) << browsers.error().message;
    for (const Browser& browser : *browsers) {
      if (browser.id == id) return browser;
    }
    ADD_FAILURE() << "no browser " << id;
    return {};
  }
  std::vector<std::string> Found() {
    std::vector<std::string> ids;
    const auto browsers = LoadBrowsers(kManifests, machine_);
    for (const Browser& browser : *browsers) {
      if (browser.found) ids.push_back(browser.id);
    }
    return ids;
  }
  std::string Manifest(BrowserFamily family) {
    return *ComposeManifest(kManifests, family, host(), ids_);
  }
  ManifestState Inspect(const fs::path& file, BrowserFamily family) {
    return InspectManifest(file, family, host(), ids_).state;
  }
  // Every file and folder below the machine's root, but the test's own program.
  std::vector<std::string> Everything() {
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator(root())) {
      paths.push_back(fs::relative(entry.path(), root()).string());
    }
    std::ranges::sort(paths);
    return paths;
  }

  Machine machine_;
  ExtensionIds ids_;

 private:
  TempFolder temp_;
};

TEST_F(NativeHostsTest, PlacesFollowHomeAndXdgConfig) {
  EXPECT_THAT(Get("firefox").user_folders,
              ElementsAre(machine_.home / ".mozilla/native-messaging-hosts"));
  EXPECT_THAT(Get("chromium").user_folders,
              ElementsAre(machine_.home / ".config/chromium/NativeMessagingHosts"));
  machine_.config = root() / "elsewhere";
  EXPECT_THAT(Get("chromium").user_folders,
              ElementsAre(root() / "elsewhere/chromium/NativeMessagingHosts"));
  EXPECT_THAT(Get("brave").user_folders,
              ElementsAre(root() / "elsewhere/BraveSoftware/Brave-Browser/NativeMessagingHosts",
                          root() / "elsewhere/google-chrome/NativeMessagingHosts"));
  EXPECT_THAT(Get("chrome").system_folders,
              ElementsAre(root() / "etc/opt/chrome/native-messaging-hosts"));
}

TEST_F(NativeHostsTest, EverySystemHasARowForEveryBrowser) {
  for (const char* system : {"linux", "macos"}) {
    machine_.system = system;
    const auto browsers = LoadBrowsers(kManifests, machine_);
    ASSERT_TRUE(browsers) << browsers.error().message;
    for (const Browser& browser : *browsers) {
      EXPECT_FALSE(browser.user_folders.empty()) << system << " " << browser.id;
      EXPECT_FALSE(browser.system_folders.empty()) << system << " " << browser.id;
    }
  }
  const Json table = *ParseJson(*ReadFile(kManifests / "browser_locations.json", 1 << 20), "table");
  for (const Json& row : table["browsers"]) {
    EXPECT_FALSE(row["windows"]["keys"].empty()) << row["id"];
    EXPECT_GT(row["evidence"].get<std::string>().size(), 10U) << row["id"];
  }
}

TEST_F(NativeHostsTest, FoundByProfileOrProgram) {
  EXPECT_THAT(Found(), ElementsAre());
  fs::create_directories(machine_.config / "vivaldi");
  fs::create_directories(machine_.home / ".mozilla/firefox");
  MakeProgram(root() / "bin/brave-browser");
  Put(root() / "bin/opera", "not executable");
  MakeProgram(root() / "opt/google/chrome/chrome");
  EXPECT_THAT(Found(), ElementsAre("chrome", "brave", "vivaldi", "firefox"));
}

TEST_F(NativeHostsTest, SandboxedPackagesAreNamedAndDoNotCountAsFound) {
  machine_.program_folders.push_back(root() / "snap/bin");
  MakeProgram(root() / "snap/bin/firefox");
  fs::create_directories(machine_.data / "flatpak/app/org.chromium.Chromium");
  EXPECT_THAT(Found(), ElementsAre());
  ASSERT_EQ(Get("firefox").sandboxed.size(), 1U);
  EXPECT_EQ(Get("firefox").sandboxed[0].kind, "snap");
  ASSERT_EQ(Get("chromium").sandboxed.size(), 1U);
  EXPECT_EQ(Get("chromium").sandboxed[0].kind, "flatpak");
}

TEST_F(NativeHostsTest, DamagedTableIsSaid) {
  for (const char* text : {"[]", "{}", R"({"browsers":[{"id":"x"}],"sandboxed":[]})",
                           R"({"browsers":[],"sandboxed":[{"browser":"x"}]})"}) {
    Put(root() / "m/browser_locations.json", text);
    EXPECT_EQ(LoadBrowsers(root() / "m", machine_).error().code, ErrorCode::kDamaged) << text;
  }
}

TEST_F(NativeHostsTest, ManifestsHoldWhatEachFamilyAccepts) {
  const Json chromium = Json::parse(Manifest(BrowserFamily::kChromium));
  EXPECT_EQ(chromium["allowed_origins"],
            Json::array({"chrome-extension://" + ids_.chromium.front() + "/"}));
  EXPECT_FALSE(chromium.contains("allowed_extensions"));
  const Json firefox = Json::parse(Manifest(BrowserFamily::kFirefox));
  EXPECT_EQ(firefox["allowed_extensions"], Json::array({"kaopu@kaopu.github.io"}));
  EXPECT_EQ(firefox.size(), 5U);
  for (const Json& manifest : {chromium, firefox}) {
    EXPECT_EQ(manifest["name"], "io.github.kaopu.host");
    EXPECT_EQ(manifest["type"], "stdio");
    EXPECT_EQ(manifest["path"], host().string());
    EXPECT_FALSE(manifest["description"].get<std::string>().empty());
  }
}

TEST_F(NativeHostsTest, ChromiumIdIsThatOfThePublicKey) {
  // First 32 hex digits of SHA-256 of the DER key, 0-f as a-p; worked out with sha256sum.
  const Json key = *ParseJson(*ReadFile(kManifests / "extension_key.json", 1 << 16), "key");
  testing::Child sum({"/bin/sh", "-c", "base64 -d | sha256sum"});
  ASSERT_TRUE(sum.Send(key["public_key"].get<std::string>()));
  sum.CloseInput();
  std::string id;
  for (const char c : sum.ReadToEnd().substr(0, 32)) {
    id += static_cast<char>('a' + (c >= 'a' ? c - 'a' + 10 : c - '0'));
  }
  EXPECT_EQ(key["chromium_id"], id);
}

TEST_F(NativeHostsTest, ExtensionIdsByShape) {
  ExtensionIds ids;
  EXPECT_TRUE(AddExtensionId("abcdefghijklmnopabcdefghijklmnop", ids));
  EXPECT_TRUE(AddExtensionId("abcdefghijklmnopabcdefghijklmnop", ids));
  EXPECT_TRUE(AddExtensionId("dev@example.org", ids));
  EXPECT_TRUE(AddExtensionId("{12345678-9abc-def0-1234-56789abcdef0}", ids));
  EXPECT_EQ(ids.chromium.size(), 1U);
  EXPECT_EQ(ids.gecko.size(), 2U);
  for (const char* bad : {"", "*", "abc", "abcdefghijklmnopabcdefghijklmnoq", "a b@c", "@", "x@",
                          "chrome-extension://abcdefghijklmnopabcdefghijklmnop/", "{12345678}"}) {
    EXPECT_EQ(AddExtensionId(bad, ids).error().code, ErrorCode::kBadRequest) << bad;
  }
}

TEST_F(NativeHostsTest, InspectSeesWhatABrowserWouldSee) {
  const fs::path file = root() / "x.json";
  const auto put = [&](BrowserFamily family, const auto& change) {
    Json manifest = Json::parse(Manifest(family));
    change(manifest);
    Put(file, manifest.dump());
    return Inspect(file, family);
  };
  using enum ManifestState;
  constexpr auto kChromium = BrowserFamily::kChromium;
  constexpr auto kFirefox = BrowserFamily::kFirefox;
  EXPECT_EQ(Inspect(file, kChromium), kMissing);
  EXPECT_EQ(put(kChromium, [](Json&) {}), kGood);
  EXPECT_EQ(put(kFirefox, [](Json&) {}), kGood);
  EXPECT_EQ(put(kChromium, [](Json& m) { m["comment"] = 1; }), kGood);
  EXPECT_EQ(put(kFirefox, [](Json& m) { m["comment"] = 1; }), kInvalid);
  EXPECT_EQ(put(kFirefox, [](Json& m) { m["allowed_origins"] = Json::array(); }), kInvalid);
  EXPECT_EQ(put(kFirefox, [](Json& m) { m.erase("description"); }), kInvalid);
  EXPECT_EQ(put(kChromium, [](Json& m) { m["name"] = "other"; }), kInvalid);
  EXPECT_EQ(put(kChromium, [](Json& m) { m["type"] = "tcp"; }), kInvalid);
  EXPECT_EQ(put(kChromium, [](Json& m) { m["path"] = "kaopu-host"; }), kInvalid);
  EXPECT_EQ(put(kChromium, [](Json& m) { m["path"] = 7; }), kInvalid);
  EXPECT_EQ(put(kChromium, [](Json& m) { m.erase("allowed_origins"); }), kInvalid);
  EXPECT_EQ(put(kChromium, [](Json& m) { m["allowed_origins"] = {"chrome-extension://*/"}; }),
            kWrongExtension);
  EXPECT_EQ(put(kFirefox, [](Json& m) { m["allowed_extensions"] = {"x@y"}; }), kWrongExtension);
  EXPECT_EQ(put(kChromium, [&](Json& m) { m["path"] = root() / "gone"; }), kHostMissing);
  EXPECT_EQ(put(kChromium, [&](Json& m) { m["path"] = file; }), kHostNotExecutable);
  MakeProgram(root() / "other/kaopu-host");
  EXPECT_EQ(put(kChromium, [&](Json& m) { m["path"] = root() / "other/kaopu-host"; }), kOtherHost);
  fs::create_symlink(host(), root() / "link");
  EXPECT_EQ(put(kChromium, [&](Json& m) { m["path"] = root() / "link"; }), kGood);
  Put(file, "{");
  EXPECT_EQ(Inspect(file, kChromium), kInvalid);
  fs::remove(file);
  fs::create_directory(file);
  EXPECT_EQ(Inspect(file, kChromium), kUnreadable);
  fs::remove(file);
  fs::create_symlink(root() / "nowhere", file);
  EXPECT_EQ(Inspect(file, kChromium), kUnreadable);
}

TEST_F(NativeHostsTest, SharedFoldersAreOneTarget) {
  const auto targets = TargetsOf({Get("chrome"), Get("brave")}, false);
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_THAT(targets[0].browsers, ElementsAre("Google Chrome", "Brave"));
  EXPECT_THAT(targets[1].browsers, ElementsAre("Brave"));
}

TEST_F(NativeHostsTest, InstallHealsAndUninstallLeavesNothing) {
  const auto before = Everything();
  const auto targets = TargetsOf({Get("chrome"), Get("firefox")}, false);
  ASSERT_EQ(targets.size(), 2U);
  const std::string text = Manifest(targets[0].family);
  {
    Installer installer(record(), false);
    EXPECT_EQ(installer.Install(targets[0], text).action, "written");
    EXPECT_EQ(installer.Install(targets[0], text).action, "unchanged");
    EXPECT_EQ(installer.Install(targets[0], "{}").action, "replaced");
    EXPECT_EQ(installer.Install(targets[0], text).action, "replaced");
    EXPECT_EQ(installer.Install(targets[1], Manifest(targets[1].family)).action, "written");
  }
  const fs::path file = targets[0].folder / "io.github.kaopu.host.json";
  EXPECT_EQ(*ReadFile(file, 10000), text);
  struct stat info;
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644U);
  Installer installer(record(), false);
  EXPECT_EQ(installer.Uninstall(targets[0]).action, "removed");
  EXPECT_TRUE(fs::exists(record()));  // Firefox's folders are still remembered
  EXPECT_EQ(installer.Uninstall(targets[1]).action, "removed");
  EXPECT_EQ(installer.Uninstall(targets[1]).action, "absent");
  EXPECT_EQ(Everything(), before);
}

TEST_F(NativeHostsTest, WhatOthersPutThereStays) {
  const InstallTarget target = TargetsOf({Get("chromium")}, false).front();
  fs::create_directories(target.folder.parent_path());  // the browser's own folder
  const auto before = Everything();
  Installer installer(record(), false);
  installer.Install(target, "{}");
  Put(target.folder / "org.other.host.json", "{}");
  EXPECT_EQ(installer.Uninstall(target).action, "removed");
  EXPECT_EQ(*ReadFile(target.folder / "org.other.host.json", 10), "{}");
  fs::remove(target.folder / "org.other.host.json");
  EXPECT_EQ(Installer(record(), false).Uninstall(target).action, "absent");
  EXPECT_EQ(Everything(), before);
}

TEST_F(NativeHostsTest, DryRunChangesNothing) {
  const InstallTarget target = TargetsOf({Get("chromium")}, false).front();
  const auto before = Everything();
  Installer dry(record(), true);
  EXPECT_EQ(dry.Install(target, "{}").action, "written");
  EXPECT_EQ(dry.Uninstall(target).action, "absent");
  EXPECT_EQ(Everything(), before);
  Installer(record(), false).Install(target, "{}");
  EXPECT_EQ(dry.Uninstall(target).action, "removed");
  EXPECT_TRUE(fs::exists(target.folder / "io.github.kaopu.host.json"));
}

TEST_F(NativeHostsTest, FailureIsSaidAndLeavesTheOldFile) {
  const InstallTarget target = TargetsOf({Get("chromium")}, false).front();
  Put(target.folder.parent_path(), "a file where the folder should be");
  const InstallStep step = Installer(record(), false).Install(target, "{}");
  EXPECT_EQ(step.action, "failed");
  EXPECT_FALSE(step.error.empty());
}

}  // namespace
}  // namespace kaopu
