// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The floor of the host benchmarks: a native-messaging host that answers every frame with a fixed
// short reply.
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace {

bool ReadAll(void* to, size_t size) {
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t got = read(0, at, size);
    if (got <= 0) return false;
    at += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

int main() {
  constexpr char kReply[] = R"({"v":1,"id":1,"ok":true})";
  std::vector<char> body;
  uint32_t size = 0;
  while (ReadAll(&size, sizeof size)) {
    if (size > (64U << 20)) return 1;
    body.resize(size);
    if (!ReadAll(body.data(), size)) return 0;
    char out[4 + sizeof kReply - 1];
    const uint32_t length = sizeof kReply - 1;
    std::memcpy(out, &length, 4);
    std::memcpy(out + 4, kReply, length);
    if (write(1, out, sizeof out) != static_cast<ssize_t>(sizeof out)) return 1;
  }
  return 0;
}
