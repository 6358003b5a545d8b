// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A witness (c2sp.org/tlog-witness): cosigns the checkpoints of the logs it follows, each only
// where it goes on from the one before. In its folder are its key and a file a log; nothing is kept
// in memory, so that threads and programs on one folder take turns by a file's lock, and what was
// signed is on disk before the answer. A file that is gone is a log that is not followed: no crash
// and no deletion makes it begin anew with a log by itself.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "registry/http/http_message.h"
#include "tlog/checkpoint.h"
#include "tlog/note.h"

namespace kaopu {

struct FollowedLog {
  std::string origin;
  std::vector<tlog::VerifierKey> keys;  // none = not followed any more; what was seen is kept
  // The last checkpoint that was cosigned, signed by the log and by this witness; empty = none yet.
  std::string note;
  // The same: size 0 and the empty tree's root where there is none yet.
  uint64_t size = 0;
  tlog::Digest root{};

  // kBadRequest says what is wrong.
  static Expected<FollowedLog> Parse(std::string_view text);
  std::string ToText() const;
};

class Witness {
 public:
  // Makes the folder with a new key. kConflict where there is a witness already.
  static Expected<void> Create(const std::filesystem::path& folder, const std::string& name);
  static Expected<std::unique_ptr<Witness>> Open(const std::filesystem::path& folder);

  const tlog::VerifierKey& key() const { return key_.verifier(); }
  // From now on cosigns the log of this origin where `log` has signed; more keys may be added.
  // kConflict: it does so already.
  Expected<void> Follow(const tlog::VerifierKey& log, const std::string& origin);
  // No more. What was cosigned is kept, so that following it again goes on from there.
  Expected<void> Drop(const std::string& origin);
  // By file name, the dropped ones too.
  Expected<std::vector<FollowedLog>> Logs() const;
  // What it does, in plain words.
  std::string About() const;

  // The answer to `POST /add-checkpoint`, statuses as the specification has them. Any thread.
  HttpReply AddCheckpoint(std::string_view body, TimeMs now) const;
  // The answer to `GET /<origin hash>/checkpoint`.
  HttpReply Checkpoint(std::string_view path) const;

 private:
  Witness(std::filesystem::path folder, tlog::SignerKey key)
      : folder_(std::move(folder)), key_(std::move(key)) {}
  std::filesystem::path PathOf(std::string_view origin_hash, std::string_view ending) const;
  // kNotFound: no such log. kDamaged: what is there was not written by this witness; nothing is
  // signed then.
  Expected<FollowedLog> Read(std::string_view origin_hash) const;
  Expected<void> Write(const FollowedLog& log) const;

  const std::filesystem::path folder_;
  const tlog::SignerKey key_;
};

}  // namespace kaopu
