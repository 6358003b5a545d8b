// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Frames on a pipe: a 32-bit native-endian length, then that many bytes. Blocking; knows nothing of
// JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kaopu {

enum class FrameStatus {
  kBody,      // `body` is the frame's body, whole (may be empty: length 0)
  kTooLarge,  // over kFrameBytesMax: read past, the stream is in step; `length` says how long it
              // was
  kEnd,       // the stream ended between two frames
  kTorn,      // the stream ended, or could not be read, inside a frame
  kOverlong,  // over kFrameSkipBytesMax: taken for a broken stream, nothing after the header was
              // read
};

struct Frame {
  FrameStatus status = FrameStatus::kEnd;
  uint32_t length = 0;
  std::string body;
};

// Waits for the next frame on `fd`, in whatever pieces it comes.
Frame ReadFrame(int fd);

// Header and body in one buffer, so that one write sends both. `body` must not pass kFrameBytesMax.
std::string EncodeFrame(std::string_view body);

// All of `bytes`, waiting as long as the reader takes. kUnavailable when the other side is gone.
Expected<void> WriteAll(int fd, std::string_view bytes);

}  // namespace kaopu
