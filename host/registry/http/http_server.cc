// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/http/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/str_cat.h"
#include "registry/http/rate_limit.h"

namespace kaopu {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kConnectionBytesMax = 32 * 1024;  // request line and headers
constexpr size_t kIgnoredBytesMax = 1024 * 1024;   // of a body that is too long: read past, no more
constexpr unsigned kBacklog = 1024;

std::string HeaderOf(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string() : std::string(value);
}

const sockaddr* AddressOf(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == nullptr ? nullptr : info->client_addr;
}

struct Connection {
  int fd = -1;
  std::optional<uint64_t> neighbourhood;
  Clock::time_point since;  // when its request began, or it was opened, or became idle
  bool reading = true;      // false while a request is worked on or a reply is sent
};

struct Exchange {
  const HttpRoute* route = nullptr;
  ServedRequest request;
  size_t ignored = 0;
  bool limited = false;
  Clock::time_point asked;
  MHD_Connection* connection = nullptr;
  Connection* on = nullptr;
  bool dispatched = false;

  std::mutex mutex;
  bool suspended = false;
  std::optional<HttpReply> reply;
};

}  // namespace

struct HttpServer::Impl {
  HttpServerOptions options;
  std::vector<HttpRoute> routes;
  std::vector<std::unique_ptr<RateLimit>> limits;  // by route; null = none
  RateLimit addresses{1, 1};                       // for its hash alone
  MHD_Daemon* daemon = nullptr;
  uint16_t port = 0;
  std::atomic<bool> draining{false};
  std::atomic<int> working{0};  // requests that were read whole and not answered yet

  std::mutex mutex;
  std::unordered_set<Connection*> connections;
  std::unordered_map<uint64_t, unsigned> by_neighbourhood;
  std::condition_variable wake;
  bool stopping = false;
  std::thread watchdog;

  const HttpRoute* RouteOf(std::string_view method, std::string_view path, bool& other_method);
  MHD_Result Handle(MHD_Connection* connection, const char* url, const char* method,
                    const char* upload, size_t* upload_size, void** context);
  MHD_Result Begin(MHD_Connection* connection, const char* url, const char* method, void** context);
  MHD_Result Dispatch(const std::shared_ptr<Exchange>& exchange);
  MHD_Result Send(Exchange& exchange, HttpReply reply);
  bool Allowed(MHD_Connection* connection, size_t route);
  void Watch();
  void Opened(MHD_Connection* connection, void** context);
  void Closed(void** context);
};

const HttpRoute* HttpServer::Impl::RouteOf(std::string_view method, std::string_view path,
                                           bool& other_method) {
  const HttpRoute* found = nullptr;
  for (const HttpRoute& route : routes) {
    if (!route.path.empty() && route.path != path) continue;
    if (route.path.empty() && found != nullptr) continue;
    found = &route;
    if (route.method == method || (route.method == "GET" && method == "HEAD")) {
      other_method = false;
      return found;
    }
    other_method = true;
    if (!route.path.empty()) return found;
  }
  return found;
}

bool HttpServer::Impl::Allowed(MHD_Connection* connection, size_t route) {
  if (limits[route] == nullptr) return true;
  const sockaddr* address = AddressOf(connection);
  // A web server on this machine says whom it asks for; nobody else is believed.
  const std::optional<AddressPrefix> prefix =
      IsThisMachine(address) ? PrefixOf(HeaderOf(connection, "X-Real-IP")) : PrefixOf(address);
  return !prefix || limits[route]->Allow(*prefix, Clock::now());
}

MHD_Result HttpServer::Impl::Begin(MHD_Connection* connection, const char* url, const char* method,
                                   void** context) {
  auto exchange = std::make_shared<Exchange>();
  exchange->connection = connection;
  exchange->asked = Clock::now();
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  exchange->on = info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
  bool other_method = false;
  exchange->route = RouteOf(method, url, other_method);
  *context = new std::shared_ptr<Exchange>(exchange);
  if (exchange->route == nullptr) {
    return Send(*exchange, ErrorReply({ErrorCode::kNotFound, "no such path"}));
  }
  if (other_method) {
    HttpReply reply = ErrorReply(
        {ErrorCode::kBadRequest, StrCat("only ", exchange->route->method, " is answered here")});
    reply.status = 405;
    reply.headers.emplace_back("Allow", exchange->route->method);
    return Send(*exchange, std::move(reply));
  }
  if (!Allowed(connection, static_cast<size_t>(exchange->route - routes.data()))) {
    return Send(*exchange, ErrorReply({ErrorCode::kLimit,
                                       "too many requests from where you are; wait a bit"}));
  }
  const std::string length = HeaderOf(connection, "Content-Length");
  if (!length.empty() &&
      std::strtoull(length.c_str(), nullptr, 10) > exchange->route->body_bytes_max) {
    return Send(*exchange,
                ErrorReply({ErrorCode::kTooLarge,
                            StrCat("a body of ", length.substr(0, 20), " bytes; at most ",
                                   exchange->route->body_bytes_max)}));
  }
  exchange->request.method = method;
  exchange->request.path = url;
  exchange->request.if_none_match = HeaderOf(connection, "If-None-Match");
  exchange->request.if_modified_since = HeaderOf(connection, "If-Modified-Since");
  exchange->request.range = HeaderOf(connection, "Range");
  exchange->request.if_range = HeaderOf(connection, "If-Range");
  return MHD_YES;
}

MHD_Result HttpServer::Impl::Handle(MHD_Connection* connection, const char* url, const char* method,
                                    const char* upload, size_t* upload_size, void** context) {
  if (*context == nullptr) return Begin(connection, url, method, context);
  const auto& exchange = *static_cast<std::shared_ptr<Exchange>*>(*context);
  if (*upload_size > 0) {
    if (exchange->request.body.size() + *upload_size > exchange->route->body_bytes_max) {
      exchange->ignored += *upload_size;
      if (exchange->ignored > kIgnoredBytesMax) return MHD_NO;
    } else {
      exchange->request.body.append(upload, *upload_size);
    }
    *upload_size = 0;
    return MHD_YES;
  }
  if (exchange->ignored > 0) {
    return Send(
        *exchange,
        ErrorReply({ErrorCode::kTooLarge,
                    StrCat("a body of more than ", exchange->route->body_bytes_max, " bytes")}));
  }
  if (!exchange->dispatched) return Dispatch(exchange);
  std::optional<HttpReply> reply;
  {
    const std::lock_guard lock(exchange->mutex);
    reply.swap(exchange->reply);
  }
  return reply ? Send(*exchange, std::move(*reply)) : MHD_NO;
}

MHD_Result HttpServer::Impl::Dispatch(const std::shared_ptr<Exchange>& exchange) {
  exchange->dispatched = true;
  exchange->asked = Clock::now();
  if (exchange->on != nullptr) {
    const std::lock_guard lock(mutex);
    exchange->on->reading = false;
  }
  ++working;
  exchange->route->handle(std::move(exchange->request), [exchange](HttpReply reply) {
    const std::lock_guard lock(exchange->mutex);
    exchange->reply = std::move(reply);
    if (exchange->suspended) MHD_resume_connection(exchange->connection);
  });
  std::unique_lock lock(exchange->mutex);
  if (!exchange->reply) {
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
    return MHD_YES;
  }
  HttpReply reply = std::move(*exchange->reply);
  exchange->reply.reset();
  lock.unlock();
  return Send(*exchange, std::move(reply));
}

MHD_Result HttpServer::Impl::Send(Exchange& exchange, HttpReply reply) {
  if (exchange.on != nullptr) {
    const std::lock_guard lock(mutex);
    exchange.on->reading = false;
  }
  if (options.on_reply && exchange.route != nullptr) {
    options.on_reply(
        *exchange.route, reply.status,
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - exchange.asked));
  }
  MHD_Response* response =
      reply.file >= 0
          ? MHD_create_response_from_fd_at_offset64(reply.file_bytes, reply.file, reply.file_offset)
          : MHD_create_response_from_buffer(reply.body.size(), reply.body.data(),
                                            MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) {
    if (reply.file >= 0) close(reply.file);
    return MHD_NO;
  }
  if (reply.status != 304) MHD_add_response_header(response, "Content-Type", reply.type.c_str());
  MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : reply.headers) {
    MHD_add_response_header(response, name.c_str(), value.c_str());
  }
  if (draining) MHD_add_response_header(response, "Connection", "close");
  const MHD_Result queued =
      MHD_queue_response(exchange.connection, static_cast<unsigned>(reply.status), response);
  MHD_destroy_response(response);
  return queued;
}

void HttpServer::Impl::Opened(MHD_Connection* connection, void** context) {
  auto* opened = new Connection;
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  opened->fd = info == nullptr ? -1 : info->connect_fd;
  opened->since = Clock::now();
  if (const auto prefix = PrefixOf(AddressOf(connection))) {
    opened->neighbourhood = addresses.HashOf(*prefix, opened->since);
  }
  const std::lock_guard lock(mutex);
  connections.insert(opened);
  if (opened->neighbourhood) ++by_neighbourhood[*opened->neighbourhood];
  *context = opened;
}

void HttpServer::Impl::Closed(void** context) {
  auto* closed = static_cast<Connection*>(*context);
  if (closed == nullptr) return;
  const std::lock_guard lock(mutex);
  connections.erase(closed);
  if (closed->neighbourhood && --by_neighbourhood[*closed->neighbourhood] == 0) {
    by_neighbourhood.erase(*closed->neighbourhood);
  }
  delete closed;
  *context = nullptr;
}

// The library's own timeout starts anew with every byte; this one does not.
void HttpServer::Impl::Watch() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    wake.wait_for(lock, std::min<std::chrono::milliseconds>(std::chrono::seconds(1),
                                                            options.request_timeout));
    const auto now = Clock::now();
    for (Connection* one : connections) {
      if (one->reading && one->fd >= 0 && now - one->since > options.request_timeout) {
        shutdown(one->fd, SHUT_RDWR);
      }
    }
  }
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Expected<std::unique_ptr<HttpServer>> HttpServer::Start(HttpServerOptions options,
                                                        std::vector<HttpRoute> routes) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->routes = std::move(routes);
  for (const HttpRoute& route : impl->routes) {
    impl->limits.push_back(route.per_s > 0 ? std::make_unique<RateLimit>(route.per_s, route.burst)
                                           : nullptr);
  }
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const sockaddr* address = nullptr;
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
  const std::string& text = impl->options.address;
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(impl->options.port);
    address = reinterpret_cast<const sockaddr*>(&v4);
  } else if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(impl->options.port);
    address = reinterpret_cast<const sockaddr*>(&v6);
    flags |= MHD_USE_IPv6;
  } else {
    return Fail(ErrorCode::kBadRequest, StrCat("--listen: \"", text, "\" is no IP address"));
  }
  Impl* raw = impl.get();
  errno = 0;
  raw->daemon = MHD_start_daemon(
      flags, 0,
      [](void* context, const sockaddr* from, socklen_t) -> MHD_Result {
        auto* self = static_cast<Impl*>(context);
        const auto prefix = PrefixOf(from);
        if (!prefix) return MHD_YES;
        const uint64_t hash = self->addresses.HashOf(*prefix, Clock::now());
        const std::lock_guard lock(self->mutex);
        const auto found = self->by_neighbourhood.find(hash);
        return found == self->by_neighbourhood.end() ||
                       found->second < self->options.connections_per_prefix_max
                   ? MHD_YES
                   : MHD_NO;
      },
      raw,
      [](void* context, MHD_Connection* connection, const char* url, const char* method,
         const char*, const char* upload, size_t* upload_size, void** request) -> MHD_Result {
        return static_cast<Impl*>(context)->Handle(connection, url, method, upload, upload_size,
                                                   request);
      },
      raw, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_THREAD_POOL_SIZE, raw->options.threads,
      MHD_OPTION_CONNECTION_LIMIT, raw->options.connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
      static_cast<unsigned>(raw->options.request_timeout.count()),
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytesMax, MHD_OPTION_LISTENING_ADDRESS_REUSE,
      1u, MHD_OPTION_LISTEN_BACKLOG_SIZE, kBacklog, MHD_OPTION_NOTIFY_COMPLETED,
      +[](void* context, MHD_Connection*, void** request, MHD_RequestTerminationCode) {
        auto* exchange = static_cast<std::shared_ptr<Exchange>*>(*request);
        if (exchange == nullptr) return;
        auto* self = static_cast<Impl*>(context);
        if ((*exchange)->dispatched) --self->working;
        if ((*exchange)->on != nullptr) {
          const std::lock_guard lock(self->mutex);
          (*exchange)->on->reading = true;
          (*exchange)->on->since = Clock::now();
        }
        delete exchange;
        *request = nullptr;
      },
      raw, MHD_OPTION_NOTIFY_CONNECTION,
      +[](void* context, MHD_Connection* connection, void** socket_context,
          MHD_ConnectionNotificationCode code) {
        auto* self = static_cast<Impl*>(context);
        if (code == MHD_CONNECTION_NOTIFY_STARTED) self->Opened(connection, socket_context);
        if (code == MHD_CONNECTION_NOTIFY_CLOSED) self->Closed(socket_context);
      },
      raw, MHD_OPTION_END);
  if (raw->daemon == nullptr) {
    const int error = errno;
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot listen on ", text, ":", raw->options.port, ": ",
                       error == 0 ? "refused" : std::generic_category().message(error),
                       ". Is another program there? Next: choose another --listen"));
  }
  const auto* bound = MHD_get_daemon_info(raw->daemon, MHD_DAEMON_INFO_BIND_PORT);
  raw->port = bound == nullptr ? raw->options.port : bound->port;
  raw->watchdog = std::thread([raw] { raw->Watch(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { Drain(); }

uint16_t HttpServer::port() const { return impl_->port; }

uint64_t HttpServer::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->connections.size();
}

void HttpServer::Drain() {
  if (impl_->daemon == nullptr) return;
  impl_->draining = true;
  const MHD_socket listening = MHD_quiesce_daemon(impl_->daemon);
  if (listening != MHD_INVALID_SOCKET) close(listening);
  while (impl_->working > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->watchdog.join();
  MHD_stop_daemon(impl_->daemon);
  impl_->daemon = nullptr;
}

}  // namespace kaopu
