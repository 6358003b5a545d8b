// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Every cap on outside input, in one place, with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace kaopu {

// WIRE: what the extension's serializer promises (host/docs/protocol.md, "Snapshot"); checked again here.
inline constexpr size_t kSnapshotBytesMax = 512 * 1024;
inline constexpr int kSnapshotDepthMax = 512;        // Blink and WebKit cap the parser's tree there too
inline constexpr int kSnapshotAttributesMax = 64;    // per element
inline constexpr size_t kAttributeBytesMax = 4096;   // per value
inline constexpr int kSnapshotElementsMax = 100'000;

// WIRE: a frame's body. Above 1 MiB it is read past and answered `too_large`; above 64 MiB (what Chromium
// can send at all) the stream is taken for broken.
inline constexpr size_t kFrameBytesMax = 1024 * 1024;
inline constexpr size_t kFrameSkipBytesMax = 64 * 1024 * 1024;

inline constexpr size_t kHtmlBytesMax = 16 * 1024 * 1024;     // a saved or fetched page, cold path
inline constexpr size_t kDataFileBytesMax = 4 * 1024 * 1024;  // one adapter, promise or policy file

}  // namespace kaopu
