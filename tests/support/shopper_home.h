// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A shopper with a KAOPU_HOME of their own, who runs `kaopu` against a running registry.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "base/str_cat.h"
#include "pool/net/choose.h"
#include "pool/pool_folder.h"
#include "support/child.h"
#include "support/known_registry.h"
#include "support/registry_server.h"

namespace kaopu::testing {

// A shopper's home that knows the registry.
class ShopperHome {
 public:
  ShopperHome(std::filesystem::path path, const RegistryServer& server) : path_(std::move(path)) {
    auto info = pool::RegistryInfo::Parse(server.Public("registry.json")).value();
    info.url = StrCat("http://127.0.0.1:", server.port(), "/");
    PutRegistry(path_, pool::RegistryIdOf(info.log_key), info);
  }
  Child Start(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), KAOPU_BINARY_DIR "/kaopu");
    return Child(arguments,
                 {{"KAOPU_HOME", path_.string()}, {"KAOPU_KEYRING", "none"}, {"LC_ALL", "C"}},
                 StrCat(path_.string(), ".err"));
  }
  RegistryServer::Ran Run(std::vector<std::string> arguments) const {
    Child child = Start(std::move(arguments));
    child.CloseInput();
    RegistryServer::Ran ran;
    ran.out = child.ReadToEnd(Millis(120'000));
    ran.code = child.Wait(Millis(120'000)).value_or(-1);
    ran.err = ReadFile(StrCat(path_.string(), ".err"), 1 << 20).value_or("");
    return ran;
  }
  Json RunJson(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    const auto ran = Run(std::move(arguments));
    EXPECT_EQ(ran.code, 0) << ran.err;
    return Json::parse(ran.out, nullptr, false);
  }
  Json Report(const std::string& order, const std::string& outcome = "never_shipped") const {
    const Date placed =
        std::chrono::floor<std::chrono::days>(SystemClock().Now()) - std::chrono::days(30);
    return RunJson({"report", "new", "--seller", "jd:1000", "--outcome", outcome, "--placed",
                    FormatDate(placed), "--promised", FormatDate(placed + std::chrono::days(3)),
                    "--order", order});
  }
  const std::filesystem::path& path() const { return path_; }
  Json Send() const { return RunJson({"outbox", "--send"}); }
  Json Reports() const { return RunJson({"report", "list"})["reports"]; }

 private:
  std::filesystem::path path_;
};

}  // namespace kaopu::testing
