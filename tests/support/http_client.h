// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The least of an HTTP client, over a plain socket: one connection that is kept open, whatever
// bytes a test wants to send, and deadlines.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu::testing {

struct HttpResponse {
  int status = 0;
  std::string head, body;
  Json json() const { return Json::parse(body, nullptr, false); }
};

class HttpClient {
 public:
  explicit HttpClient(uint16_t port, int patience_ms = 20'000)
      : port_(port), patience_ms_(patience_ms) {}
  ~HttpClient() { Close(); }
  HttpClient(HttpClient&& other) noexcept
      : port_(other.port_),
        patience_ms_(other.patience_ms_),
        fd_(std::exchange(other.fd_, -1)),
        buffer_(std::move(other.buffer_)) {}
  HttpClient& operator=(HttpClient&&) = delete;

  bool Connect() {
    Close();
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
    Close();
    return false;
  }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    buffer_.clear();
  }
  bool open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  // The next answer; nullopt where the other side closes or stays silent for too long.
  std::optional<HttpResponse> Receive() {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms_);
    size_t head_end = std::string::npos;
    while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill(deadline)) return std::nullopt;
    }
    HttpResponse response;
    response.head = buffer_.substr(0, head_end + 2);
    if (response.head.size() < 12) return std::nullopt;
    response.status = std::atoi(response.head.c_str() + 9);
    const size_t at = response.head.find("Content-Length: ");
    const size_t length =
        at == std::string::npos ? 0 : std::strtoul(response.head.c_str() + at + 16, nullptr, 10);
    while (buffer_.size() < head_end + 4 + length) {
      if (!Fill(deadline)) return std::nullopt;
    }
    response.body = buffer_.substr(head_end + 4, length);
    buffer_.erase(0, head_end + 4 + length);
    return response;
  }

  static std::string Text(std::string_view method, std::string_view path, std::string_view body) {
    std::string text = StrCat(method, " ", path, " HTTP/1.1\r\nHost: registry\r\n");
    if (!body.empty()) text += StrCat("Content-Length: ", body.size(), "\r\n");
    return StrCat(text, "\r\n", body);
  }

  // Connects where there is no connection, and once more where a kept one turns out to be closed.
  std::optional<HttpResponse> Request(std::string_view method, std::string_view path,
                                      std::string_view body = {}) {
    for (const bool kept : {open(), false}) {
      if (!open() && !Connect()) return std::nullopt;
      if (Send(Text(method, path, body))) {
        if (auto response = Receive()) return response;
      }
      Close();
      if (!kept) break;
    }
    return std::nullopt;
  }

 private:
  bool Fill(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd entry{fd_, POLLIN, 0};
    if (left.count() <= 0 || poll(&entry, 1, static_cast<int>(left.count())) <= 0) return false;
    char chunk[16384];
    const ssize_t n = recv(fd_, chunk, sizeof chunk, 0);
    if (n <= 0) return false;
    buffer_.append(chunk, static_cast<size_t>(n));
    return true;
  }

  uint16_t port_;
  int patience_ms_;
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace kaopu::testing
