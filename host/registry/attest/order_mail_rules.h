// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// host/data/attest/order_mails.json: which mails of a platform tell of an order, and what in them
// is its number and its seller.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "registry/attest/order_mail.h"

namespace re2 {
class RE2;
}

namespace kaopu {

// What a mail names: each once, in the order of the text.
struct MailOrders {
  std::vector<std::string> order_ids;
  std::string seller;  // key, PLATFORM:SHOP
};

class OrderMailRules {
 public:
  // kNotFound; kDamaged naming file, field and what is wrong.
  static Expected<OrderMailRules> Load(const std::filesystem::path& data);
  static Expected<OrderMailRules> Parse(std::string_view text, std::string_view what);

  // kForbidden says what the mail lacks: it is no order mail of this platform, or does not name an
  // order and one seller alone.
  Expected<MailOrders> Read(const OrderMail& mail, std::string_view platform) const;

 private:
  using Pattern = std::shared_ptr<const re2::RE2>;
  struct Rules {
    Pattern from, subject;  // no subject: any
    std::vector<Pattern> order, seller;
    bool seller_lower = false;
  };
  std::map<std::string, Rules, std::less<>> platforms_;
};

}  // namespace kaopu
