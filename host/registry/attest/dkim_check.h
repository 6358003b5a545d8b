// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The one place that calls libopendkim: which of a mail's signatures say that the whole mail, as
// it is read here, was sent by a domain.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "registry/attest/order_mail.h"

namespace kaopu {

// Public keys by `SELECTOR._domainkey.DOMAIN`, each the text of its DNS record.
using DkimKeys = std::map<std::string, std::string, std::less<>>;
// Lines `NAME RECORD`; empty ones and those that begin with `#` are passed over. kBadRequest names
// the line.
Expected<DkimKeys> ParseDkimKeys(std::string_view text);

inline constexpr unsigned kDkimKeyBitsMin = 1024;

// The signing domains, in lower case, whose signature holds and is good enough: over the whole
// body (no `l=`), SHA-256, a key of 1024 bits at least that is not marked for tests, valid at
// `now`, over every header field that is read here (From, Date, Subject, Content-Type,
// Content-Transfer-Encoding, each at most once in the mail). `keys`: instead of DNS. kBadRequest
// and kForbidden say why there is none; kUnavailable: the key could not be asked for.
Expected<std::vector<std::string>> SigningDomains(const OrderMail& mail, const DkimKeys* keys,
                                                  TimeMs now);

}  // namespace kaopu
