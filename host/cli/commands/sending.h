// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shopper's outbox as a sync works it off: store, key and words of one command put together.
#pragma once

#include <memory>
#include <string>

#include "cli/command.h"
#include "pool/net/receipts.h"

namespace kaopu {

class Sending {
 public:
  // `now`: what waits is tried before its time too, since the shopper asks. Ctrl-C ends it soon and
  // leaves everything as it was. The context must outlive it.
  static Expected<std::unique_ptr<Sending>> Open(CommandContext& context, bool now);
  ~Sending();

  pool::OutboxPartner& partner() { return *partner_; }

  // {"sent","withdrawn","refused","later"}
  Json ToJson() const;
  // Lines, ended; "" where there was nothing to do.
  std::string Text(const Words& words) const;

 private:
  Sending() = default;

  std::unique_ptr<pool::Keyring> keyring_;
  std::unique_ptr<pool::ReporterKey> key_;
  std::unique_ptr<pool::OutboxPartner> partner_;
};

}  // namespace kaopu
