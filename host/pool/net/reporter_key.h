// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Where the secret is kept that reports are signed with: in the desktop's keyring where there is
// one, else in a file of mode 0600. KAOPU_HOME/reporter.key says which of the two, so that a
// keyring that is away for a while is waited for and never replaced by a second secret.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "report/seal/report_keys.h"

namespace kaopu::pool {

// A place for secrets, by name. kUnavailable: there is none here, or it is locked.
class Keyring {
 public:
  virtual ~Keyring() = default;
  virtual Expected<std::optional<std::string>> Find(const std::string& name) = 0;
  virtual Expected<void> Put(const std::string& name, const std::string& secret) = 0;
  virtual Expected<bool> Remove(const std::string& name) = 0;  // whether there was one
};

class ReporterKey {
 public:
  // `keyring` may be null: the file then. Both outlive this.
  ReporterKey(std::filesystem::path home, Keyring* keyring)
      : home_(std::move(home)), keyring_(keyring) {}

  // nullopt: none was made yet. kUnavailable: it is in a keyring that does not answer; kDamaged.
  Expected<std::optional<report::ReporterSeed>> Find();
  // Makes it where there is none. Two programs that do so at once get the same.
  Expected<report::ReporterSeed> FindOrMake();
  // From file and keyring. Gives whether there was any.
  Expected<bool> Remove();

 private:
  std::filesystem::path File() const;
  std::string Name() const;  // in the keyring: each home has its own
  Expected<bool> WriteOnce(const std::string& text);

  std::filesystem::path home_;
  Keyring* keyring_;
};

}  // namespace kaopu::pool
