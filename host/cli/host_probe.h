// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Starts kaopu-host as a browser would (its folder as working directory, a browser's arguments,
// pipes), says hello, asks for the settings and for a verdict on a small page.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace kaopu {

struct HostProbe {
  Json hello;                            // the reply
  std::chrono::microseconds time_taken;  // start to reply
  Expected<void> record;                 // could it open the shopper's record: its own error
  Expected<void> verdict;                // could it read and judge a page: its own error
};

// kNotFound: no such program; kUnavailable: it did not start, or ended (the message says how);
// kTimeout: no reply, or it did not end when its input did, within `patience`; kDamaged: what it
// sent is no reply. What it refuses after the hello is no error of the probe.
Expected<HostProbe> ProbeHost(const std::filesystem::path& host,
                              const std::vector<std::string>& arguments,
                              std::chrono::milliseconds patience = std::chrono::milliseconds(3000));

}  // namespace kaopu
