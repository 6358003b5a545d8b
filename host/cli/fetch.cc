// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <memory>
#include <optional>

#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr char kUserAgent[] = "kaopu/" KAOPU_VERSION " (+https://kaopu.github.io)";
constexpr char kAdvice[] =
    "; open the page in your browser, save it, and run: kaopu check FILE --url URL";

struct CurlCloser {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

// Host of an http(s) URL without a password in it; nullopt otherwise.
std::optional<std::string> HostOf(const std::string& url) {
  const std::unique_ptr<CURLU, CurlCloser> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  const auto part = [&](CURLUPart which) -> std::optional<std::string> {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, 0) != CURLUE_OK) return {};
    const std::unique_ptr<char, CurlCloser> owner(text);
    return std::string(text);
  };
  const auto scheme = part(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return {};
  if (part(CURLUPART_USER) || part(CURLUPART_PASSWORD)) return {};
  return part(CURLUPART_HOST);
}

std::string AddressText(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "?";
  if (address.sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text,
              sizeof text);
  }
  return text;
}

// A host that is an address already, without asking anybody. `[::1]` in brackets, as URLs have it.
bool IsPrivateLiteral(const std::string& host, const FetchOptions& options) {
  sockaddr_storage storage{};
  auto& address = reinterpret_cast<sockaddr&>(storage);
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    address.sa_family = AF_INET;
  } else if (host.starts_with('[') && host.ends_with(']') &&
             inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) == 1) {
    address.sa_family = AF_INET6;
  } else {
    return false;
  }
  return !options.may_connect(address);
}

struct Transfer {
  const FetchOptions& options;
  FetchedPage page;
  std::string refused;  // the address that was not public
  bool too_large = false;
};

size_t OnBody(char* bytes, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const size_t n = size * count;
  if (transfer.page.body.size() + n > transfer.options.bytes_max) {
    transfer.too_large = true;
    return 0;
  }
  transfer.page.body.append(bytes, n);
  return n;
}

curl_socket_t OnSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.options.proxy.empty() && !transfer.options.may_connect(address->addr)) {
    transfer.refused = AddressText(address->addr);
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// A redirect's target gets the same check as the first URL: no password, no private literal behind
// a proxy.
Expected<void> CheckUrl(const std::string& url, const FetchOptions& options) {
  const auto host = HostOf(url);
  if (!host) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(url,
                       " is not an address that can be fetched: http or https, without user "
                       "name and password"));
  }
  if (IsPrivateLiteral(*host, options)) {
    return Fail(ErrorCode::kForbidden,
                StrCat(*host, " is not a public address; only public pages are fetched", kAdvice));
  }
  return {};
}

void SetOptions(CURL* curl, Transfer& transfer) {
  const FetchOptions& options = transfer.options;
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PROXY, options.proxy.c_str());  // "" = not even the environment's
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, kUserAgent);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.bytes_max));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, OnSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer);
}

Error TransferError(CURLcode code, const std::string& url, const Transfer& transfer) {
  if (!transfer.refused.empty()) {
    return {ErrorCode::kForbidden,
            StrCat(url, " leads to ", transfer.refused,
                   ", which is not a public address; only public pages are fetched", kAdvice)};
  }
  if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return {ErrorCode::kTooLarge,
            StrCat(url, " has more than ", transfer.options.bytes_max, " bytes")};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return {ErrorCode::kTimeout, StrCat(url, " did not answer within ",
                                        transfer.options.time_max.count() / 1000, " s", kAdvice)};
  }
  return {ErrorCode::kUnavailable,
          StrCat("cannot fetch ", url, ": ", curl_easy_strerror(code), kAdvice)};
}

bool IsWebPage(std::string_view content_type) {
  return content_type.empty() || content_type.starts_with("text/html") ||
         content_type.starts_with("application/xhtml+xml") ||
         content_type.starts_with("text/plain");
}

// What the answer's status makes of the page.
Expected<void> CheckAnswer(CURL* curl, Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status == 404 || status == 410) {
    return Fail(ErrorCode::kNotFound,
                StrCat(transfer.page.url, ": no such page (HTTP ", status, ")"));
  }
  if (status < 200 || status > 299) {
    return Fail(ErrorCode::kUnavailable,
                StrCat(transfer.page.url, " answered HTTP ", status, kAdvice));
  }
  const char* type = nullptr;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) transfer.page.content_type = type;
  if (!IsWebPage(transfer.page.content_type)) {
    return Fail(ErrorCode::kUnsupported,
                StrCat(transfer.page.url, " is no web page but ", transfer.page.content_type));
  }
  return {};
}

// One request; gives the address it was redirected to, or "".
Expected<std::string> FetchOnce(CURL* curl, Transfer& transfer, std::chrono::milliseconds left) {
  const std::string& url = transfer.page.url;
  if (auto allowed = CheckUrl(url, transfer.options); !allowed) {
    return std::unexpected(allowed.error());
  }
  transfer.page.body.clear();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) return std::unexpected(TransferError(code, url, transfer));
  const char* next = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &next);
  return next != nullptr ? next : "";
}

}  // namespace

// Redirects are followed by hand, so that each target passes the very checks of the first.
Expected<FetchedPage> FetchPage(const std::string& url, const FetchOptions& given) {
  FetchOptions options = given;
  if (!options.may_connect) options.may_connect = IsPublicAddress;
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, CurlCloser> curl(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (!curl) return Fail(ErrorCode::kInternal, "libcurl did not start");
  Transfer transfer{options, {.url = url}, {}, false};
  SetOptions(curl.get(), transfer);
  const auto deadline = std::chrono::steady_clock::now() + options.time_max;
  for (int redirects = 0;; ++redirects) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return std::unexpected(TransferError(CURLE_OPERATION_TIMEDOUT, url, transfer));
    }
    auto next = FetchOnce(curl.get(), transfer, left);
    if (!next) return std::unexpected(next.error());
    if (next->empty()) break;
    if (redirects == options.redirects_max) {
      return Fail(ErrorCode::kUnavailable,
                  StrCat(url, " leads on more than ", options.redirects_max, " times", kAdvice));
    }
    transfer.page.url = *next;
  }
  if (auto good = CheckAnswer(curl.get(), transfer); !good) return std::unexpected(good.error());
  return std::move(transfer.page);
}

}  // namespace kaopu
