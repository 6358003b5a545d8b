// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/attest/dkim_check.h"

#include <sys/types.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/str_cat.h"
#include "tlog/text_lines.h"

// A C header of before C++ knew its `_Bool`.
#define _Bool bool
#include <opendkim/dkim.h>
#undef _Bool

namespace kaopu {
namespace {

constexpr const char* kReadHeaders[] = {"From", "Date", "Subject", "Content-Type",
                                        "Content-Transfer-Encoding"};
constexpr size_t kKeyRecordBytesMax = 1000;
constexpr size_t kKeysMax = 10'000;
constexpr size_t kSignaturesMax = 8;
constexpr unsigned kDnsTimeoutS = 10;

struct LibCloser {
  void operator()(DKIM_LIB* lib) const { dkim_close(lib); }
};
struct HandleCloser {
  void operator()(DKIM* handle) const { dkim_free(handle); }
};

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string TextOf(const unsigned char* text) {
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

DKIM_CBSTAT FindKey(DKIM* handle, DKIM_SIGINFO* signature, unsigned char* buffer, size_t size) {
  const auto* keys = static_cast<const DkimKeys*>(dkim_get_user_context(handle));
  const std::string name = Lower(StrCat(TextOf(dkim_sig_getselector(signature)), "._domainkey.",
                                        TextOf(dkim_sig_getdomain(signature))));
  const auto found = keys->find(name);
  if (found == keys->end() || found->second.size() >= size) return DKIM_CBSTAT_NOTFOUND;
  std::memcpy(buffer, found->second.c_str(), found->second.size() + 1);
  return DKIM_CBSTAT_CONTINUE;
}

// Why a signature is not good enough; empty where it is.
std::string WrongWith(DKIM_SIGINFO* signature, const OrderMail& mail) {
  if ((dkim_sig_getflags(signature) & DKIM_SIGFLAG_PASSED) == 0) {
    const char* why = dkim_sig_geterrorstr(dkim_sig_geterror(signature));
    return why == nullptr ? "does not hold" : why;
  }
  if (dkim_sig_getbh(signature) != DKIM_SIGBH_MATCH) return "the body is not what was signed";
  unsigned char length_tag[] = "l";
  if (dkim_sig_gettagvalue(signature, false, length_tag) != nullptr) {
    return "signs a part of the body alone (l=)";
  }
  dkim_alg_t algorithm = DKIM_SIGN_UNKNOWN;
  if (dkim_sig_getsignalg(signature, &algorithm) != DKIM_STAT_OK ||
      algorithm == DKIM_SIGN_RSASHA1) {
    return "an algorithm that proves nothing any more (SHA-1)";
  }
  unsigned bits = 0;
  if (algorithm == DKIM_SIGN_RSASHA256 &&
      (dkim_sig_getkeysize(signature, &bits) != DKIM_STAT_OK || bits < kDkimKeyBitsMin)) {
    return StrCat("a key of ", bits, " bits; ", kDkimKeyBitsMin, " at least");
  }
  if ((dkim_sig_getflags(signature) & DKIM_SIGFLAG_TESTKEY) != 0) return "a key for tests (t=y)";
  for (const char* name : kReadHeaders) {
    if (mail.Count(name) == 0) continue;
    std::string own = name;
    if (!dkim_sig_hdrsigned(signature, reinterpret_cast<unsigned char*>(own.data()))) {
      return StrCat("does not sign ", name);
    }
  }
  return {};
}

}  // namespace

Expected<DkimKeys> ParseDkimKeys(std::string_view text) {
  DkimKeys keys;
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const size_t space = line.find_first_of(" \t");
    const std::string name = Lower(line.substr(0, space));
    const std::string_view record =
        space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    if (name.find("._domainkey.") == std::string::npos || record.empty() ||
        record.size() > kKeyRecordBytesMax || record.find('\0') != std::string_view::npos) {
      return Fail(ErrorCode::kBadRequest,
                  StrCat("keys, line ", number,
                         ": must be SELECTOR._domainkey.DOMAIN, a space and "
                         "a record of at most ",
                         kKeyRecordBytesMax, " bytes"));
    }
    if (keys.size() == kKeysMax) {
      return Fail(ErrorCode::kTooLarge, StrCat("keys: more than ", kKeysMax));
    }
    keys[name] = record;
  }
  return keys;
}

Expected<std::vector<std::string>> SigningDomains(const OrderMail& mail, const DkimKeys* keys,
                                                  TimeMs now) {
  for (const char* name : kReadHeaders) {
    if (mail.Count(name) > 1) {
      return Fail(ErrorCode::kForbidden, StrCat("mail: ", mail.Count(name), " header fields ", name,
                                                ": which one was meant cannot be told"));
    }
  }
  if (mail.Count("From") == 0) return Fail(ErrorCode::kBadRequest, "mail: no From");
  if (mail.Count("DKIM-Signature") == 0) {
    return Fail(ErrorCode::kForbidden,
                "mail: not signed (no DKIM-Signature); save it whole, not forwarded");
  }
  if (mail.Count("DKIM-Signature") > kSignaturesMax) {
    return Fail(ErrorCode::kForbidden, StrCat("mail: more than ", kSignaturesMax, " signatures"));
  }
  const std::unique_ptr<DKIM_LIB, LibCloser> lib(dkim_init(nullptr, nullptr));
  if (!lib) return Fail(ErrorCode::kUnavailable, "libopendkim cannot be started");
  uint64_t fixed = static_cast<uint64_t>(std::max<int64_t>(
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count(), 1));
  unsigned bits = kDkimKeyBitsMin, timeout = kDnsTimeoutS;
  dkim_options(lib.get(), DKIM_OP_SETOPT, DKIM_OPTS_FIXEDTIME, &fixed, sizeof fixed);
  dkim_options(lib.get(), DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits, sizeof bits);
  dkim_options(lib.get(), DKIM_OP_SETOPT, DKIM_OPTS_TIMEOUT, &timeout, sizeof timeout);
  if (keys != nullptr && dkim_set_key_lookup(lib.get(), FindKey) != DKIM_STAT_OK) {
    return Fail(ErrorCode::kInternal, "libopendkim takes no keys of ours");
  }
  DKIM_STAT status = DKIM_STAT_OK;
  const std::unique_ptr<DKIM, HandleCloser> handle(
      dkim_verify(lib.get(), reinterpret_cast<const unsigned char*>("mail"), nullptr, &status));
  if (!handle) return Fail(ErrorCode::kUnavailable, "libopendkim: no memory");
  if (keys != nullptr) dkim_set_user_context(handle.get(), const_cast<DkimKeys*>(keys));
  const auto refused = [&](DKIM_STAT why) {
    return Fail(why == DKIM_STAT_KEYFAIL || why == DKIM_STAT_CBTRYAGAIN ? ErrorCode::kUnavailable
                                                                        : ErrorCode::kForbidden,
                StrCat("mail: its signature does not hold (", dkim_getresultstr(why), ")"));
  };
  for (const MailHeader& header : mail.headers) {
    std::string copy(header.whole);
    status = dkim_header(handle.get(), reinterpret_cast<unsigned char*>(copy.data()), copy.size());
    if (status != DKIM_STAT_OK) return refused(status);
  }
  status = dkim_eoh(handle.get());
  if (status == DKIM_STAT_OK && !mail.body.empty()) {
    std::string copy(mail.body);
    status = dkim_body(handle.get(), reinterpret_cast<unsigned char*>(copy.data()), copy.size());
    std::fill(copy.begin(), copy.end(), '\0');
  }
  bool test_key = false;
  const DKIM_STAT ended = dkim_eom(handle.get(), &test_key);
  DKIM_SIGINFO** signatures = nullptr;
  int count = 0;
  if (dkim_getsiglist(handle.get(), &signatures, &count) != DKIM_STAT_OK || count == 0) {
    return refused(status != DKIM_STAT_OK ? status : ended);
  }
  std::vector<std::string> domains;
  std::string why;
  for (int i = 0; i < count; ++i) {
    const std::string domain = Lower(TextOf(dkim_sig_getdomain(signatures[i])));
    if (const std::string wrong = WrongWith(signatures[i], mail); !wrong.empty()) {
      why += StrCat(why.empty() ? "" : "; ", domain.substr(0, 100), ": ", wrong);
    } else {
      domains.push_back(domain);
    }
  }
  if (!domains.empty()) return domains;
  if (ended == DKIM_STAT_KEYFAIL) return refused(ended);
  return Fail(ErrorCode::kForbidden, StrCat("mail: no signature is good enough (", why, ")"));
}

}  // namespace kaopu
