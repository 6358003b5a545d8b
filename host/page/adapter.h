// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// An adapter file, compiled (host/docs/adapters.md says what each part means).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "page/buy_box.h"
#include "page/condition.h"
#include "page/document.h"
#include "page/pattern.h"
#include "page/rule.h"
#include "page/state_blobs.h"

namespace kaopu {

struct BlockSource {
  std::optional<CssSelector> css;
  std::optional<Rule> xpath;  // only its query is used
  std::string state_root;
  ValuePath state_path;
  std::string label;
};

using FieldRules = std::map<std::string, std::vector<Rule>, std::less<>>;

struct RepeatedFields {
  BlockSource block;
  KindSet kinds = kAnyKind;
  FieldRules fields;
};

struct SignalRules {
  std::optional<BlockSource> block;
  KindSet kinds = kAnyKind;
  std::string fixed_name;  // or, inside a block,
  std::vector<Rule> name;
  std::vector<Rule> value, text, relative;
  std::optional<double> scale_max;
};

struct SellerKeyRule {
  std::string prefix;
  bool from_shop_id = false;
  Pattern pattern;  // whole id
  bool lower = false;
  std::string self;
  std::map<std::string, std::string> aliases;  // seller field -> what stands before it
};

struct HostLocale {
  std::string host;
  std::string currency;
  std::string lang;
};

struct Adapter {
  std::string id, platform, family, checked_on;
  std::string key_prefix;  // of its sellers' keys; "" where they have none
  bool key_lower = false;
  int64_t version = 0;
  Json names;
  std::vector<std::string> hosts;
  std::string currency, lang;
  std::vector<HostLocale> host_locales;
  std::vector<KindRule> kinds;
  Json plan;  // the answer of op `plan`, as it is sent
  std::vector<HtmlField> html_fields;
  StateBlobs::Places literals;
  std::optional<SellerKeyRule> seller_key;
  std::set<std::string, std::less<>> generic;
  std::map<PageKind, std::vector<std::string>> expects;
  FieldRules fields;
  std::vector<SignalRules> signals;
  std::vector<RepeatedFields> sellers, orders;

  // generic.json only.
  std::set<std::string, std::less<>> marketplaces, shop_hosts;
  std::vector<KindRule> store;
  std::optional<BuyBoxRules> buy_box;
  std::optional<Condition> gone;  // generic.json: a page's words for a product no longer there
};

// `file` names the adapter in errors. kDamaged names file, field and reason. `head_only` reads
// names, hosts and plan and leaves the rules.
Expected<std::unique_ptr<Adapter>> ParseAdapter(const Json& json, const std::string& file,
                                                bool head_only = false);

}  // namespace kaopu
