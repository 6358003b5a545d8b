// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "net/http_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/str_cat.h"

namespace kaopu {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

// Answers each request of each connection with the same bytes, whatever they are, and remembers
// what it was asked. An empty answer: it stays silent until the other side leaves.
class RawServer {
 public:
  explicit RawServer(std::string answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 8) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port to listen on");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~RawServer() {
    ends_ = true;
    thread_.join();
    close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::string url(std::string_view path = "/file") const {
    return StrCat("http://127.0.0.1:", port_, path);
  }
  std::string host() const { return StrCat("127.0.0.1:", port_); }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  int connections() const { return connections_; }

 private:
  bool WaitFor(int fd) const {
    while (!ends_) {
      pollfd entry{fd, POLLIN, 0};
      if (poll(&entry, 1, 20) > 0) return true;
    }
    return false;
  }

  void Serve() {
    while (WaitFor(listener_)) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) continue;
      ++connections_;
      Talk(fd);
      close(fd);
    }
  }

  void Talk(int fd) {
    std::string request;
    char chunk[4096];
    while (WaitFor(fd)) {
      const ssize_t n = recv(fd, chunk, sizeof chunk, 0);
      if (n <= 0) break;
      request.append(chunk, static_cast<size_t>(n));
      const size_t end = request.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      size_t body = 0;
      if (const size_t at = request.find("Content-Length: "); at < end) {
        body = std::strtoul(request.c_str() + at + 16, nullptr, 10);
      }
      if (request.size() < end + 4 + body) continue;
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(std::exchange(request, {}));
      }
      if (answer_.empty()) continue;
      for (std::string_view left = answer_; !left.empty();) {
        const ssize_t sent = send(fd, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        left.remove_prefix(static_cast<size_t>(sent));
      }
      // What names no length ends with the connection.
      if (answer_.find("Content-Length") == std::string::npos) return;
    }
    // A request that never was one (TLS bytes) is remembered too.
    if (!request.empty()) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request);
    }
  }

  const std::string answer_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> ends_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

std::string Answer(std::string_view status, std::string_view headers, std::string_view body) {
  return StrCat("HTTP/1.1 ", status, "\r\n", headers, "Content-Length: ", body.size(), "\r\n\r\n",
                body);
}

std::unique_ptr<HttpClient> Client(std::string proxy = {}) {
  auto client = MakeHttpClient({.user_agent = "kaopu-test", .proxy = std::move(proxy)});
  if (!client) throw std::runtime_error(client.error().message);
  return std::move(*client);
}

TEST(HttpClientTest, GetsABodyAndKeepsTheConnection) {
  const RawServer server(Answer("200 OK", "", "hello"));
  const auto client = Client();
  for (int i = 0; i < 3; ++i) {
    const auto response = client->Send({.url = server.url()});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->bytes_left, 5u);
  }
  EXPECT_EQ(server.connections(), 1);
  ASSERT_EQ(server.asked().size(), 3u);
  EXPECT_THAT(server.asked()[0], HasSubstr("GET /file HTTP/1.1\r\n"));
  EXPECT_THAT(server.asked()[0], HasSubstr("User-Agent: kaopu-test\r\n"));
}

TEST(HttpClientTest, PostsItsJsonWithoutWaiting) {
  const RawServer server(Answer("503 Busy", "Retry-After: 90\r\n", "later"));
  const auto response = Client()->Send({.url = server.url(), .body = R"({"a":1})"});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->body, "later");
  EXPECT_EQ(response->retry_after, std::chrono::seconds(90));
  ASSERT_EQ(server.asked().size(), 1u);
  EXPECT_THAT(server.asked()[0], HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(server.asked()[0], Not(HasSubstr("Expect:")));
  EXPECT_TRUE(server.asked()[0].ends_with("\r\n\r\n{\"a\":1}"));
}

TEST(HttpClientTest, AWaitThatIsNoneIsNotTaken) {
  for (const char* wait : {"-1", "soon", "604801", "99999999999999999999", "5 s"}) {
    const RawServer server(Answer("503 Busy", StrCat("Retry-After: ", wait, "\r\n"), ""));
    const auto response = Client()->Send({.url = server.url()});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_FALSE(response->retry_after) << wait;
  }
}

TEST(HttpClientTest, ABodyThatIsTooLongEndsIt) {
  const RawServer told(Answer("200 OK", "", std::string(1001, 'x')));
  const RawServer untold("HTTP/1.1 200 OK\r\n\r\n" + std::string(8 << 20, 'x'));
  const RawServer refusal(Answer("500 No", "", std::string(1001, 'x')));
  for (const RawServer* server : {&told, &untold, &refusal}) {
    const auto response = Client()->Send({.url = server->url(), .bytes_max = 1000});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kTooLarge);
    EXPECT_THAT(response.error().message, HasSubstr(server->url()));
  }
  const auto whole = Client()->Send({.url = told.url(), .bytes_max = 1001});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->body.size(), 1001u);
}

TEST(HttpClientTest, NoRedirectIsFollowed) {
  const RawServer other(Answer("200 OK", "", "elsewhere"));
  const RawServer server(Answer("302 Found", StrCat("Location: ", other.url(), "\r\n"), "gone"));
  const auto response = Client()->Send({.url = server.url()});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->body, "gone");
  EXPECT_EQ(other.connections(), 0);
  EXPECT_EQ(GetBody(*Client(), server.url(), 100).error().code, ErrorCode::kUnavailable);
}

TEST(HttpClientTest, NoCookieComesBack) {
  const RawServer server(Answer("200 OK", "Set-Cookie: id=7; Path=/\r\n", "a"));
  const auto client = Client();
  ASSERT_TRUE(client->Send({.url = server.url()}));
  ASSERT_TRUE(client->Send({.url = server.url()}));
  ASSERT_EQ(server.asked().size(), 2u);
  EXPECT_THAT(server.asked()[1], Not(HasSubstr("ookie")));
}

// No encoding is asked for and none is undone: a small answer stays small.
TEST(HttpClientTest, CompressedAnswersStayAsTheyCame) {
  const std::string packed = "\x1f\x8b\x08 not unpacked";
  const RawServer server(Answer("200 OK", "Content-Encoding: gzip\r\n", packed));
  const auto response = Client()->Send({.url = server.url()});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, packed);
  EXPECT_THAT(server.asked()[0], Not(HasSubstr("Accept-Encoding")));
}

TEST(HttpClientTest, OnlyWhatIsMissingIsFetched) {
  const RawServer server(
      Answer("206 Partial Content", "Content-Range: bytes 6-10/11\r\n", "world"));
  std::string whole = "hello ";
  const auto response =
      Client()->Send({.url = server.url(),
                      .from_byte = 6,
                      .on_bytes = [&](uint64_t at, std::string_view bytes) -> Expected<void> {
                        EXPECT_EQ(at, whole.size());
                        whole += bytes;
                        return {};
                      }});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->from_byte, 6u);
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(whole, "hello world");
  EXPECT_THAT(server.asked()[0], HasSubstr("Range: bytes=6-\r\n"));
}

TEST(HttpClientTest, AServerWithoutRangesGivesTheWhole) {
  const RawServer server(Answer("200 OK", "", "hello world"));
  uint64_t first = 99;
  const auto response =
      Client()->Send({.url = server.url(),
                      .from_byte = 6,
                      .on_bytes = [&](uint64_t at, std::string_view) -> Expected<void> {
                        first = std::min(first, at);
                        return {};
                      }});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->from_byte, 0u);
  EXPECT_EQ(first, 0u);
}

TEST(HttpClientTest, ARangeNobodyAskedForIsDamaged) {
  for (const auto& [from, header] :
       std::vector<std::pair<uint64_t, std::string>>{{6, "Content-Range: bytes 5-10/11\r\n"},
                                                     {6, "Content-Range: bytes 60-70/80\r\n"},
                                                     {6, ""},
                                                     {0, "Content-Range: bytes 0-4/11\r\n"}}) {
    const RawServer server(Answer("206 Partial Content", header, "world"));
    bool taken = false;
    const auto response =
        Client()->Send({.url = server.url(),
                        .from_byte = from,
                        .on_bytes = [&](uint64_t, std::string_view) -> Expected<void> {
                          taken = true;
                          return {};
                        }});
    ASSERT_FALSE(response) << header;
    EXPECT_EQ(response.error().code, ErrorCode::kDamaged) << response.error().message;
    EXPECT_FALSE(taken) << header;
  }
}

TEST(HttpClientTest, WhoTakesTheBytesMayEndIt) {
  const RawServer server(Answer("200 OK", "", "hello"));
  const auto response = Client()->Send(
      {.url = server.url(), .on_bytes = [](uint64_t, std::string_view) -> Expected<void> {
         return Fail(ErrorCode::kInternal, "the disk is full");
       }});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "the disk is full");
}

TEST(HttpClientTest, ARefusalIsNoPartOfTheFile) {
  const RawServer server(Answer("404 Not Found", "", "<html>"));
  bool taken = false;
  const auto response = Client()->Send(
      {.url = server.url(), .on_bytes = [&](uint64_t, std::string_view) -> Expected<void> {
         taken = true;
         return {};
       }});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "<html>");
  EXPECT_FALSE(taken);
  EXPECT_EQ(GetBody(*Client(), server.url(), 100).error().code, ErrorCode::kNotFound);
}

TEST(HttpClientTest, AnAnswerCutOffIsNoAnswer) {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", "220 mail.example ESMTP\r\n\r\n"}) {
    const RawServer server(answer);
    const auto response = Client()->Send({.url = server.url()});
    ASSERT_FALSE(response) << answer;
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable) << answer;
  }
}

TEST(HttpClientTest, SilenceEndsAtTheTimeGiven) {
  const RawServer server("");
  const auto begin = std::chrono::steady_clock::now();
  const auto response = Client()->Send({.url = server.url(), .time_max = milliseconds(300)});
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
  EXPECT_GE(took, milliseconds(250));
  EXPECT_LT(took, milliseconds(10'000));
}

TEST(HttpClientTest, NobodyThereIsSaidWithTheAddress) {
  std::string url;
  {
    const RawServer gone(Answer("200 OK", "", ""));
    url = gone.url();
  }
  const auto response = Client()->Send({.url = url});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(response.error().message, HasSubstr(StrCat("cannot fetch ", url)));
  const auto sent = Client()->Send({.url = url, .body = "{}"});
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message, HasSubstr(StrCat("cannot send to ", url)));
}

TEST(HttpClientTest, OnlyHttpIsSpoken) {
  for (const char* url : {"file:///etc/hostname", "ftp://127.0.0.1/a", "gopher://127.0.0.1/a",
                          "dict://127.0.0.1/d", "nonsense://x"}) {
    const auto response = Client()->Send({.url = url});
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable) << url;
  }
}

// Where TLS was asked for, nothing is told in the clear.
TEST(HttpClientTest, TlsIsNotGivenUp) {
  const RawServer server(Answer("200 OK", "", "in the clear"));
  const auto response = Client()->Send(
      {.url = StrCat("https://", server.host(), "/secret-path"), .time_max = milliseconds(500)});
  ASSERT_FALSE(response);
  for (const std::string& request : server.asked()) {
    EXPECT_THAT(request, Not(HasSubstr("secret-path")));
  }
}

TEST(HttpClientTest, TheProxyGivenIsTheOneAsked) {
  const RawServer proxy(Answer("200 OK", "", "through"));
  const auto response =
      Client(StrCat("http://", proxy.host()))->Send({.url = "http://registry.invalid/file"});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "through");
  EXPECT_THAT(proxy.asked()[0], HasSubstr("GET http://registry.invalid/file HTTP/1.1\r\n"));
}

// A registry is never reached beside the proxy, nor its name asked for there.
TEST(HttpClientTest, WithoutItsProxyNothingIsAsked) {
  const RawServer server(Answer("200 OK", "", "direct"));
  std::string gone;
  {
    const RawServer proxy(Answer("200 OK", "", ""));
    gone = proxy.host();
  }
  for (const char* scheme : {"http://", "socks5h://"}) {
    const auto response = Client(StrCat(scheme, gone))->Send({.url = server.url()});
    ASSERT_FALSE(response) << scheme;
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable) << scheme;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientTest, TheEnvironmentsProxyIsNotTaken) {
  const RawServer server(Answer("200 OK", "", "direct"));
  const RawServer proxy(Answer("200 OK", "", "through"));
  setenv("http_proxy", StrCat("http://", proxy.host()).c_str(), 1);
  setenv("all_proxy", StrCat("http://", proxy.host()).c_str(), 1);
  const auto response = Client()->Send({.url = server.url()});
  unsetenv("http_proxy");
  unsetenv("all_proxy");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "direct");
  EXPECT_EQ(proxy.connections(), 0);
}

}  // namespace
}  // namespace kaopu
