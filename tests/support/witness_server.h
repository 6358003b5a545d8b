// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry witness` as its operator runs it, in a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/str_cat.h"
#include "support/registry_server.h"
#include "tlog/note.h"

namespace kaopu::testing {

class WitnessServer {
 public:
  WitnessServer(std::filesystem::path folder, const std::string& name)
      : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    const auto made = Run({"init", "--name", name});
    EXPECT_EQ(made.code, 0) << made.err;
    const auto about = Run({"about"});
    const size_t at = about.out.find("\nKey: ");
    EXPECT_NE(at, std::string::npos) << about.out;
    key_ = about.out.substr(at + 6, about.out.find('\n', at + 6) - at - 6);
  }
  RegistryServer::Ran Run(std::vector<std::string> arguments) const {
    std::vector<std::string> all = {"witness", arguments.front(), "--data", data().string()};
    all.insert(all.end(), arguments.begin() + 1, arguments.end());
    return RegistryServer::Run(std::move(all), folder_);
  }
  void Follow(const tlog::VerifierKey& log) const {
    const auto added = Run({"add", log.ToText()});
    EXPECT_EQ(added.code, 0) << added.err;
  }
  // On the port it had before, so that its address holds.
  bool Start() {
    return program_.Start({RegistryServer::kProgram, "witness", "serve", "--data", data(),
                           "--listen", StrCat("127.0.0.1:", port_), "--rate", "0"},
                          folder_ / "serve.log") &&
           (port_ = program_.port()) != 0;
  }
  void Kill() { program_.Kill(); }
  void Stop() { program_.Stop(); }
  uint16_t port() const { return port_; }
  std::filesystem::path data() const { return folder_ / "data"; }
  std::string Log() const { return ReadFile(folder_ / "serve.log", 1 << 24).value_or(""); }
  // Of the witness, and with its address as registries are told of it.
  const std::string& key() const { return key_; }
  std::string AddressAndKey() const { return StrCat("http://127.0.0.1:", port_, "=", key_); }

 private:
  std::filesystem::path folder_;
  std::string key_;
  uint16_t port_ = 0;
  ListeningProgram program_;
};

}  // namespace kaopu::testing
