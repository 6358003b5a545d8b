// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "net/http_client.h"

#include <curl/curl.h>

#include <charconv>
#include <utility>

#include "base/str_cat.h"

namespace kaopu {
namespace {

struct CurlCloser {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// One request under way.
struct Transfer {
  const HttpRequest& request;
  CURL* curl;
  HttpResponse response;
  uint64_t at_byte = 0;  // of the next bytes, in the whole
  uint64_t taken = 0;
  bool begun = false;
  std::optional<Error> error;

  bool IsPart() const { return request.from_byte > 0 || request.bytes_wanted > 0; }
  bool IsWanted() const { return response.status == 200 || response.status == 206; }

  // Status and range are known once the first bytes come, or at the end.
  void Begin() {
    begun = true;
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    curl_off_t length = -1;
    curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) response.bytes_left = static_cast<uint64_t>(length);
    curl_header* header = nullptr;
    if (status == 206) {
      std::string_view range;
      if (curl_easy_header(curl, "Content-Range", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
        range = header->value;
      }
      const std::string wanted = StrCat("bytes ", request.from_byte, "-");
      if (!IsPart() || !range.starts_with(wanted)) {
        error = {ErrorCode::kDamaged, StrCat(request.url, ": asked from byte ", request.from_byte,
                                             ", answered with \"", range, "\"")};
        return;
      }
      response.from_byte = request.from_byte;
    }
    at_byte = response.from_byte;
    if (curl_easy_header(curl, "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
      if (const auto seconds = ParseNumber(header->value); seconds && *seconds <= 7 * 86'400) {
        response.retry_after = std::chrono::seconds(*seconds);
      }
    }
  }

  size_t Take(std::string_view bytes) {
    if (!begun) Begin();
    if (error) return 0;
    taken += bytes.size();
    if (taken > request.bytes_max) {
      error = {ErrorCode::kTooLarge,
               StrCat(request.url, ": more than ", request.bytes_max, " bytes")};
      return 0;
    }
    if (!request.on_bytes || !IsWanted()) {
      response.body += bytes;
    } else if (const Expected<void> done = request.on_bytes(at_byte, bytes); !done) {
      error = done.error();
      return 0;
    }
    at_byte += bytes.size();
    return bytes.size();
  }
};

size_t OnBody(char* bytes, size_t size, size_t count, void* user) {
  return static_cast<Transfer*>(user)->Take({bytes, size * count});
}

class CurlClient : public HttpClient {
 public:
  CurlClient(CURL* curl, HttpOptions options) : curl_(curl), options_(std::move(options)) {}

  Expected<HttpResponse> Send(const HttpRequest& request) override {
    CURL* curl = curl_.get();
    curl_easy_reset(curl);  // the connections stay
    Transfer transfer{request, curl};
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, options_.proxy.c_str());
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 15'000L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1024L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 20L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.time_max.count()));
    curl_easy_setopt(curl, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    if (transfer.IsPart()) {
      std::string range = StrCat(request.from_byte, "-");
      if (request.bytes_wanted > 0) {
        range += StrCat(request.from_byte + request.bytes_wanted - 1);
      }
      curl_easy_setopt(curl, CURLOPT_RANGE, range.c_str());
    }
    std::unique_ptr<curl_slist, CurlCloser> headers;
    if (request.body) {
      // "Expect:" none, so that a small report is one round trip.
      headers.reset(
          curl_slist_append(nullptr, StrCat("Content-Type: ", request.body_type).c_str()));
      curl_slist_append(headers.get(), "Expect:");
      curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request.body->size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body->c_str());
    }
    const CURLcode code = curl_easy_perform(curl);
    if (transfer.error) return std::unexpected(*transfer.error);
    if (code != CURLE_OK) {
      return Fail(code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
                  StrCat("cannot ", request.body ? "send to " : "fetch ", request.url, ": ",
                         curl_easy_strerror(code)));
    }
    if (!transfer.begun) transfer.Begin();
    if (transfer.error) return std::unexpected(*transfer.error);
    return std::move(transfer.response);
  }

 private:
  std::unique_ptr<CURL, CurlCloser> curl_;
  HttpOptions options_;
};

}  // namespace

Expected<std::unique_ptr<HttpClient>> MakeHttpClient(HttpOptions options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* curl = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (curl == nullptr) return Fail(ErrorCode::kInternal, "libcurl did not start");
  return std::make_unique<CurlClient>(curl, std::move(options));
}

Expected<std::string> GetBody(HttpClient& client, const std::string& url, size_t bytes_max) {
  auto response = client.Send({.url = url, .bytes_max = bytes_max});
  if (!response) return std::unexpected(response.error());
  if (response->status == 404 || response->status == 410) {
    return Fail(ErrorCode::kNotFound, StrCat(url, ": not there"));
  }
  if (response->status != 200) {
    return Fail(ErrorCode::kUnavailable, StrCat(url, ": answered with status ", response->status));
  }
  return std::move(response->body);
}

}  // namespace kaopu
