// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/fetch.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace kaopu {
namespace {

using ::testing::HasSubstr;

bool IsPublic(const std::string& text) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
    v6.sin6_family = AF_INET6;
  }
  return IsPublicAddress(reinterpret_cast<sockaddr&>(storage));
}

TEST(IsPublicAddress, Table) {
  for (const char* address :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.1", "172.15.255.255", "172.32.0.0", "192.167.255.255",
        "192.169.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2400:cb00::1",
        "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"}) {
    EXPECT_TRUE(IsPublic(address)) << address;
  }
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.255.254",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.0.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::7f00:1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "64:ff9b::10.0.0.1",
                              "64:ff9b:1::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12::1",
                              "fec0::1",
                              "ff02::1",
                              "2001::1",
                              "2001:db8::1",
                              "2001:1ff:ffff::1",
                              "2002:7f00:1::1",
                              "3fff::1",
                              "100::1",
                              "4000::1"}) {
    EXPECT_FALSE(IsPublic(address)) << address;
  }
}

// Answers each path with fixed bytes; "hang" never answers, "endless" never stops.
class Server {
 public:
  explicit Server(const char* address = "127.0.0.1") {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    inet_pton(AF_INET, address, &at.sin_addr);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    base_ = std::string("http://") + address + ":" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { Serve(); });
  }
  ~Server() {
    stop_ = true;
    thread_.join();
    close(listener_);
  }
  std::string Url(const std::string& path) const { return base_ + path; }
  void Answer(const std::string& path, const std::string& head, const std::string& body = "") {
    const std::lock_guard lock(mutex_);
    answers_[path] =
        "HTTP/1.1 " + head + "\r\nConnection: close\r\n" +
        (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
        body;
  }
  std::string LastRequest() {
    const std::lock_guard lock(mutex_);
    return request_;
  }
  int requests() const { return requests_; }

 private:
  bool Readable(int fd) {
    pollfd entry{fd, POLLIN, 0};
    while (!stop_) {
      if (poll(&entry, 1, 20) > 0) return true;
    }
    return false;
  }

  void Serve() {
    while (Readable(listener_)) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) continue;
      char buffer[8192];
      const ssize_t n = Readable(fd) ? read(fd, buffer, sizeof buffer) : 0;
      ++requests_;
      const std::string request(buffer, n > 0 ? static_cast<size_t>(n) : 0);
      Reply(fd, request);
      close(fd);
    }
  }

  void Reply(int fd, const std::string& request) {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    if (path == "/hang") {
      char c;
      while (!stop_ && recv(fd, &c, 1, MSG_DONTWAIT) != 0) usleep(1000);
      return;
    }
    std::string answer;
    {
      const std::lock_guard lock(mutex_);
      request_ = request;
      answer = answers_[path];
    }
    if (path == "/endless") {
      answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
      const std::string block(65536, 'x');
      while (!stop_ && send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) > 0) answer = block;
      return;
    }
    if (send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
  }

  int listener_ = -1;
  std::string base_;
  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
  std::string request_;
  std::atomic<int> requests_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// Takes 127.0.0.1 for a public address, and nothing else.
FetchOptions OnlyLocalhost() {
  FetchOptions options;
  options.may_connect = [](const sockaddr& address) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return address.sa_family == AF_INET && v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
  };
  return options;
}

const char kHtml[] = "200 OK\r\nContent-Type: text/html; charset=gbk";

TEST(FetchPage, GivesBodyTypeAndFinalUrl) {
  Server server;
  server.Answer("/a", "302 Found\r\nSet-Cookie: session=1\r\nLocation: /b");
  server.Answer("/b", kHtml, "<p>hi");
  const auto page = FetchPage(server.Url("/a"), OnlyLocalhost());
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->url, server.Url("/b"));
  EXPECT_EQ(page->content_type, "text/html; charset=gbk");
  EXPECT_EQ(page->body, "<p>hi");
  EXPECT_THAT(server.LastRequest(), ::testing::Not(HasSubstr("Cookie")));
}

TEST(FetchPage, PrivateAddressesAreRefusedBeforeAByteIsSent) {
  Server server;
  server.Answer("/", kHtml, "secret");
  const std::string port = server.Url("/").substr(16);
  for (const std::string& url :
       {server.Url("/"), "http://localhost" + port, "http://2130706433" + port,
        "http://0x7f.1" + port, "http://[::1]" + port, "http://[::ffff:127.0.0.1]" + port}) {
    const auto page = FetchPage(url);
    ASSERT_FALSE(page) << url;
    EXPECT_EQ(page.error().code, ErrorCode::kForbidden) << url << ": " << page.error().message;
    EXPECT_THAT(page.error().message, HasSubstr("kaopu check FILE"));
  }
  EXPECT_EQ(server.requests(), 0);
}

TEST(FetchPage, RedirectsAreCheckedLikeTheFirst) {
  Server server;
  Server other("127.0.0.2");
  other.Answer("/", kHtml, "secret");
  server.Answer("/private", "302 Found\r\nLocation: " + other.Url("/"));
  server.Answer("/file", "302 Found\r\nLocation: file:///etc/passwd");
  server.Answer("/ftp", "302 Found\r\nLocation: ftp://127.0.0.1/");
  server.Answer("/password", "302 Found\r\nLocation: http://user:pw@127.0.0.1/");
  EXPECT_EQ(FetchPage(server.Url("/private"), OnlyLocalhost()).error().code, ErrorCode::kForbidden);
  for (const char* path : {"/file", "/ftp", "/password"}) {
    EXPECT_EQ(FetchPage(server.Url(path), OnlyLocalhost()).error().code, ErrorCode::kBadRequest)
        << path;
  }
  EXPECT_EQ(other.requests(), 0);
}

TEST(FetchPage, AtMostFiveRedirects) {
  Server server;
  for (int i = 0; i < 6; ++i) {
    server.Answer("/" + std::to_string(i), "301 Moved\r\nLocation: /" + std::to_string(i + 1));
  }
  server.Answer("/6", kHtml, "end");
  EXPECT_TRUE(FetchPage(server.Url("/1"), OnlyLocalhost()));
  EXPECT_EQ(FetchPage(server.Url("/0"), OnlyLocalhost()).error().code, ErrorCode::kUnavailable);
}

TEST(FetchPage, SizeAndTimeAreLimited) {
  Server server;
  FetchOptions options = OnlyLocalhost();
  options.bytes_max = 1000;
  server.Answer("/fits", kHtml, std::string(1000, 'x'));
  server.Answer("/large", kHtml, std::string(1001, 'x'));
  EXPECT_TRUE(FetchPage(server.Url("/fits"), options));
  EXPECT_EQ(FetchPage(server.Url("/large"), options).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(FetchPage(server.Url("/endless"), options).error().code, ErrorCode::kTooLarge);
  options.time_max = std::chrono::milliseconds(200);
  EXPECT_EQ(FetchPage(server.Url("/hang"), options).error().code, ErrorCode::kTimeout);
}

TEST(FetchPage, AnswersThatAreNoPage) {
  Server server;
  server.Answer("/gone", "404 Not Found\r\nContent-Type: text/html", "x");
  server.Answer("/forbidden", "403 Forbidden\r\nContent-Type: text/html", "x");
  server.Answer("/image", "200 OK\r\nContent-Type: image/png", "x");
  EXPECT_EQ(FetchPage(server.Url("/gone"), OnlyLocalhost()).error().code, ErrorCode::kNotFound);
  const auto forbidden = FetchPage(server.Url("/forbidden"), OnlyLocalhost());
  EXPECT_EQ(forbidden.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(forbidden.error().message, HasSubstr("HTTP 403"));
  EXPECT_EQ(FetchPage(server.Url("/image"), OnlyLocalhost()).error().code, ErrorCode::kUnsupported);
}

TEST(FetchPage, OtherSchemesAndPasswordsAreRefused) {
  for (const char* url :
       {"file:///etc/passwd", "ftp://example.com/", "javascript:1", "//x", "", "https://",
        "http://user@example.com/", "https://user:pw@example.com/", "gopher://x/"}) {
    const auto page = FetchPage(url);
    ASSERT_FALSE(page) << url;
    EXPECT_EQ(page.error().code, ErrorCode::kBadRequest) << url;
  }
}

TEST(FetchPage, ProxyIsUsedOnlyWhenNamed) {
  Server proxy;
  Server server;
  server.Answer("/", kHtml, "direct");
  proxy.Answer(server.Url("/"), kHtml, "by proxy");
  setenv("http_proxy", proxy.Url("").c_str(), 1);
  setenv("all_proxy", proxy.Url("").c_str(), 1);
  FetchOptions options = OnlyLocalhost();
  EXPECT_EQ(FetchPage(server.Url("/"), options)->body, "direct");
  EXPECT_EQ(proxy.requests(), 0);
  options.proxy = proxy.Url("");
  EXPECT_EQ(FetchPage(server.Url("/"), options)->body, "by proxy");
  // A private address is not fetched through a proxy either.
  options.may_connect = nullptr;
  EXPECT_EQ(FetchPage(server.Url("/"), options).error().code, ErrorCode::kForbidden);
  unsetenv("http_proxy");
  unsetenv("all_proxy");
}

}  // namespace
}  // namespace kaopu
