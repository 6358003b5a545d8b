// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/adapter.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr std::array<std::string_view, 13> kFields = {"seller.id",
                                                      "seller.shop_id",
                                                      "seller.name",
                                                      "seller.url",
                                                      "seller.self_operated",
                                                      "item.id",
                                                      "item.title",
                                                      "item.price",
                                                      "page.time",
                                                      "promises",
                                                      "promises.compensation",
                                                      "payment.escrow",
                                                      "payment.methods"};
constexpr std::array<std::string_view, 10> kBlockFields = {
    "id",       "shop_id",   "name",   "url",   "self_operated",
    "order_id", "placed_at", "status", "total", "title"};
constexpr std::array<std::string_view, 10> kSignals = {
    "logistics_score", "service_score", "description_score", "positive_ratio", "rating",
    "rating_count",    "shop_age_days", "on_time_ratio",     "ships_in_hours", "badge"};

std::unexpected<Error> Damaged(const std::string& place, std::string_view why) {
  return Fail(ErrorCode::kDamaged, StrCat(place, ": ", why));
}

// Keeps the first error; a section that failed leaves the rest unread.
class Loader {
 public:
  Loader(const Json& json, const std::string& file) : json_(json), file_(file) {}

  Expected<std::unique_ptr<Adapter>> Run(bool head_only) {
    if (!json_.is_object()) return Damaged(file_, "must be an object");
    if (head_only) {
      if (auto ok = Head(); !ok) return std::unexpected(ok.error());
      if (auto ok = Plan(); !ok) return std::unexpected(ok.error());
      return std::move(out_);
    }
    for (auto section :
         {&Loader::Head, &Loader::Locale, &Loader::Snapshot, &Loader::Keys, &Loader::Kinds,
          &Loader::Fields, &Loader::Signals, &Loader::Repeated, &Loader::Expects, &Loader::Plan}) {
      if (auto ok = (this->*section)(); !ok) return std::unexpected(ok.error());
    }
    return std::move(out_);
  }

 private:
  std::string At(std::string_view field) const { return StrCat(file_, ": ", field); }

  Expected<std::string> Required(const char* field) const {
    const auto it = json_.find(field);
    if (it == json_.end() || !it->is_string() || it->get_ref<const std::string&>().empty()) {
      return Damaged(At(field), "must be a string that is not empty");
    }
    return it->get<std::string>();
  }

  // The member if it is there and has the wanted type; nullptr if absent.
  Expected<const Json*> Optional(const char* field, Json::value_t type) const {
    const auto it = json_.find(field);
    if (it == json_.end()) return nullptr;
    if (it->type() != type) return Damaged(At(field), "has the wrong type");
    return &*it;
  }

  Expected<void> Head() {
    const std::array<std::pair<const char*, std::string*>, 4> texts = {
        {{"id", &out_->id},
         {"platform", &out_->platform},
         {"family", &out_->family},
         {"checked_on", &out_->checked_on}}};
    for (const auto& [field, target] : texts) {
      auto text = Required(field);
      if (!text) return std::unexpected(text.error());
      *target = std::move(*text);
    }
    if (!ParseDate(out_->checked_on)) return Damaged(At("checked_on"), "must be YYYY-MM-DD");
    if (auto source = Required("source"); !source) return std::unexpected(source.error());
    if (!json_.contains("version") || !json_["version"].is_number_unsigned()) {
      return Damaged(At("version"), "must be a positive integer");
    }
    out_->version = json_["version"].get<int64_t>();
    auto names = Optional("names", Json::value_t::object);
    if (!names) return std::unexpected(names.error());
    if (*names == nullptr) return Damaged(At("names"), "is missing");
    out_->names = **names;
    auto key = Optional("seller_key", Json::value_t::object);
    if (!key) return std::unexpected(key.error());
    if (*key != nullptr) {
      const std::string prefix = TextOf(**key, "prefix");
      out_->key_prefix = prefix.empty() ? out_->platform : prefix;
      out_->key_lower = (*key)->value("lower", false);
    }
    if (auto ok = StringList("hosts", out_->hosts); !ok) return ok;
    std::vector<std::string> marketplaces;
    if (auto ok = StringList("marketplaces", marketplaces); !ok) return ok;
    out_->marketplaces.insert(marketplaces.begin(), marketplaces.end());
    std::vector<std::string> shop_hosts;
    if (auto ok = StringList("shop_hosts", shop_hosts); !ok) return ok;
    out_->shop_hosts.insert(shop_hosts.begin(), shop_hosts.end());
    std::vector<std::string> generic;
    if (auto ok = StringList("generic", generic); !ok) return ok;
    out_->generic.insert(generic.begin(), generic.end());
    return {};
  }

  Expected<void> StringList(const char* field, std::vector<std::string>& target) const {
    auto list = Optional(field, Json::value_t::array);
    if (!list) return std::unexpected(list.error());
    if (*list == nullptr) return {};
    for (const Json& item : **list) {
      if (!item.is_string()) return Damaged(At(field), "must be a list of strings");
      target.push_back(item.get<std::string>());
    }
    return {};
  }

  static std::string TextOf(const Json& object, const char* field) {
    const auto it = object.find(field);
    return it != object.end() && it->is_string() ? it->get<std::string>() : "";
  }

  Expected<void> Locale() {
    auto locale = Optional("locale", Json::value_t::object);
    if (!locale) return std::unexpected(locale.error());
    if (*locale == nullptr) return {};
    out_->currency = TextOf(**locale, "currency");
    out_->lang = TextOf(**locale, "lang");
    const auto hosts = (*locale)->find("hosts");
    if (hosts == (*locale)->end()) return {};
    for (const Json& row : *hosts) {
      if (!row.is_object() || TextOf(row, "host").empty()) {
        return Damaged(At("locale.hosts"), "each entry needs a host");
      }
      out_->host_locales.push_back(
          {TextOf(row, "host"), TextOf(row, "currency"), TextOf(row, "lang")});
    }
    return {};
  }

  Expected<void> Snapshot() {
    auto snapshot = Optional("snapshot", Json::value_t::object);
    if (!snapshot) return std::unexpected(snapshot.error());
    if (*snapshot != nullptr && (*snapshot)->contains("keep")) {
      for (const Json& keep : (**snapshot)["keep"]) {
        if (!keep.is_object()) return Damaged(At("snapshot.keep"), "each entry must be an object");
        if (!keep.value("html", false)) continue;
        out_->html_fields.push_back(
            {TextOf(keep, "tag"), TextOf(keep, "id"), TextOf(keep, "name"), TextOf(keep, "class")});
      }
    }
    auto literals = Optional("literals", Json::value_t::object);
    if (!literals) return std::unexpected(literals.error());
    if (*literals == nullptr) return {};
    for (const auto& [name, place] : (*literals)->items()) {
      const std::string at = At("literals." + name);
      if (!place.is_object()) return Damaged(at, "must be an object");
      auto start = CompilePattern(TextOf(place, "start"), at + ".start");
      if (!start) return std::unexpected(start.error());
      if (TextOf(place, "script").empty() || TextOf(place, "start").empty()) {
        return Damaged(at, "needs script and start");
      }
      out_->literals.emplace(name, LiteralPlace{TextOf(place, "script"), std::move(*start)});
    }
    return {};
  }

  Expected<void> Keys() {
    auto key = Optional("seller_key", Json::value_t::object);
    if (!key) return std::unexpected(key.error());
    if (*key == nullptr) return {};
    const Json& json = **key;
    SellerKeyRule rule;
    rule.prefix = out_->key_prefix;
    const std::string from = TextOf(json, "from");
    if (from != "id" && from != "shop_id") {
      return Damaged(At("seller_key.from"), "must be id or shop_id");
    }
    rule.from_shop_id = from == "shop_id";
    if (!TextOf(json, "pattern").empty()) {
      auto pattern = CompilePattern(TextOf(json, "pattern"), At("seller_key.pattern"));
      if (!pattern) return std::unexpected(pattern.error());
      rule.pattern = std::move(*pattern);
    }
    rule.lower = out_->key_lower;
    rule.self = TextOf(json, "self");
    if (json.contains("aliases")) {
      for (const auto& [field, prefix] : json["aliases"].items()) {
        if (!prefix.is_string()) return Damaged(At("seller_key.aliases"), "must hold strings");
        rule.aliases.emplace(field, prefix.get<std::string>());
      }
    }
    out_->seller_key = std::move(rule);
    return {};
  }

  Expected<void> Kinds() {
    if (!json_.contains("kinds")) return Damaged(At("kinds"), "is missing");
    auto kinds = ParseKindRules(json_["kinds"], At("kinds"));
    if (!kinds) return std::unexpected(kinds.error());
    out_->kinds = std::move(*kinds);
    if (json_.contains("buy_box")) {
      auto buy_box = ParseBuyBoxRules(json_["buy_box"], At("buy_box"));
      if (!buy_box) return std::unexpected(buy_box.error());
      out_->buy_box = std::move(*buy_box);
    }
    if (json_.contains("gone")) {
      auto gone = Condition::Parse(json_["gone"], At("gone"));
      if (!gone) return std::unexpected(gone.error());
      out_->gone = std::move(*gone);
    }
    if (!json_.contains("store")) return {};
    Json store = json_["store"];
    if (!store.is_array()) return Damaged(At("store"), "must be a list");
    for (Json& entry : store) {
      if (!entry.is_object()) return Damaged(At("store"), "each entry must be an object");
      entry["kind"] = "other";
    }
    auto rules = ParseKindRules(store, At("store"));
    if (!rules) return std::unexpected(rules.error());
    out_->store = std::move(*rules);
    return {};
  }

  template <size_t N>
  Expected<void> RulesOf(const Json& json, const std::string& place,
                         const std::array<std::string_view, N>& known, FieldRules& target) const {
    if (!json.is_object()) return Damaged(place, "must be an object");
    for (const auto& [field, rules] : json.items()) {
      const std::string at = StrCat(place, ".", field);
      if (std::ranges::find(known, field) == known.end()) return Damaged(at, "no such field");
      auto parsed = ParseRules(rules, at);
      if (!parsed) return std::unexpected(parsed.error());
      target.emplace(field, std::move(*parsed));
    }
    return {};
  }

  Expected<void> Fields() {
    if (!json_.contains("fields")) return Damaged(At("fields"), "is missing");
    return RulesOf(json_["fields"], At("fields"), kFields, out_->fields);
  }

  Expected<BlockSource> Block(const Json& json, const std::string& place) const {
    if (!json.is_object() || json.size() != 1 || !json.begin().value().is_string()) {
      return Damaged(place, "a block is one of css, xpath, state");
    }
    BlockSource block;
    const std::string key = json.begin().key();
    const std::string spec = json.begin().value().get<std::string>();
    block.label = StrCat(key, ":", spec);
    if (key == "css") {
      auto css = CssSelector::Parse(spec);
      if (!css) return Damaged(place, css.error().message);
      block.css = std::move(*css);
      return block;
    }
    auto rule = ParseRule(json, place);
    if (!rule) return std::unexpected(rule.error());
    if (key == "xpath") {
      if (rule->xpath.return_type() != pugi::xpath_type_node_set) {
        return Damaged(place, "a block's XPath must select elements");
      }
      block.xpath = std::move(*rule);
    } else if (key == "state") {
      block.state_root = rule->root;
      block.state_path = std::move(rule->path);
    } else {
      return Damaged(place, "a block is one of css, xpath, state");
    }
    return block;
  }

  Expected<void> Signals() {
    auto list = Optional("signals", Json::value_t::array);
    if (!list) return std::unexpected(list.error());
    if (*list == nullptr) return {};
    for (const Json& item : **list) {
      if (auto ok = Signal(item, StrCat(At("signals"), "[", out_->signals.size(), "]")); !ok) {
        return ok;
      }
    }
    return {};
  }

  Expected<void> Signal(const Json& json, const std::string& place) {
    if (!json.is_object() || !json.contains("name")) return Damaged(place, "needs a name");
    SignalRules rules;
    if (json["name"].is_string()) {
      rules.fixed_name = json["name"].get<std::string>();
      if (std::ranges::find(kSignals, rules.fixed_name) == kSignals.end()) {
        return Damaged(place + ".name", "no such signal");
      }
    }
    const std::array<std::pair<const char*, std::vector<Rule>*>, 4> parts = {
        {{"name", &rules.name},
         {"value", &rules.value},
         {"text", &rules.text},
         {"relative", &rules.relative}}};
    for (const auto& [field, target] : parts) {
      if (!json.contains(field) || json[field].is_string()) continue;
      auto parsed = ParseRules(json[field], StrCat(place, ".", field));
      if (!parsed) return std::unexpected(parsed.error());
      *target = std::move(*parsed);
    }
    if (json.contains("block")) {
      auto block = Block(json["block"], place + ".block");
      if (!block) return std::unexpected(block.error());
      rules.block = std::move(*block);
    }
    if (json.contains("kinds")) {
      auto kinds = ParseKinds(json["kinds"], place + ".kinds");
      if (!kinds) return std::unexpected(kinds.error());
      rules.kinds = *kinds;
    }
    if (json.contains("scale_max") && json["scale_max"].is_number()) {
      rules.scale_max = json["scale_max"].get<double>();
    }
    out_->signals.push_back(std::move(rules));
    return {};
  }

  Expected<void> Repeated() {
    const std::array<std::pair<const char*, std::vector<RepeatedFields>*>, 2> lists = {
        {{"sellers", &out_->sellers}, {"orders", &out_->orders}}};
    for (const auto& [name, target] : lists) {
      auto list = Optional(name, Json::value_t::array);
      if (!list) return std::unexpected(list.error());
      if (*list == nullptr) continue;
      for (const Json& item : **list) {
        const std::string place = StrCat(At(name), "[", target->size(), "]");
        if (!item.is_object() || !item.contains("block") || !item.contains("fields")) {
          return Damaged(place, "needs block and fields");
        }
        RepeatedFields repeated;
        auto block = Block(item["block"], place + ".block");
        if (!block) return std::unexpected(block.error());
        repeated.block = std::move(*block);
        if (item.contains("kinds")) {
          auto kinds = ParseKinds(item["kinds"], place + ".kinds");
          if (!kinds) return std::unexpected(kinds.error());
          repeated.kinds = *kinds;
        }
        auto ok = RulesOf(item["fields"], place + ".fields", kBlockFields, repeated.fields);
        if (!ok) return ok;
        target->push_back(std::move(repeated));
      }
    }
    return {};
  }

  Expected<void> Expects() {
    out_->expects[PageKind::kProduct] = {"seller.key", "item.title", "item.price"};
    auto expects = Optional("expects", Json::value_t::object);
    if (!expects) return std::unexpected(expects.error());
    if (*expects == nullptr) return {};
    for (const auto& [name, fields] : (*expects)->items()) {
      const std::string place = At("expects." + name);
      auto kind = ParseKind(Json(name), place);
      if (!kind) return std::unexpected(kind.error());
      if (!fields.is_array()) return Damaged(place, "must be a list of fields");
      auto& target = out_->expects[*kind];
      target.clear();
      for (const Json& field : fields) {
        if (!field.is_string()) return Damaged(place, "must be a list of fields");
        target.push_back(field.get<std::string>());
      }
    }
    return {};
  }

  // `snapshot`, `buttons` and `badge` as protocol.md has them: what only the host reads is taken
  // out.
  Expected<void> Plan() {
    const Json none = Json::object();
    const Json& given = json_.contains("snapshot") ? json_["snapshot"] : none;
    Json keep = given.value("keep", Json::array());
    for (Json& entry : keep) entry.erase("html");
    const Json snapshot = {{"state", given.value("state", Json::array())},
                           {"keep", std::move(keep)},
                           {"main", given.value("main", Json::array())}};
    Json buttons = json_.value("buttons", Json::array());
    if (!buttons.is_array()) return Damaged(At("buttons"), "must be a list");
    for (Json& button : buttons) {
      if (!button.is_object()) return Damaged(At("buttons"), "each entry must be an object");
      for (const char* list : {"css", "texts"}) {
        if (!button.contains(list)) button[list] = Json::array();
      }
    }
    Json badge = json_.value("badge", Json::object());
    if (!badge.contains("near")) badge["near"] = Json::array();
    out_->plan = {{"adapter", out_->id},      {"platform", out_->platform},
                  {"family", out_->family},   {"checked_on", out_->checked_on},
                  {"snapshot", snapshot},     {"buttons", std::move(buttons)},
                  {"badge", std::move(badge)}};
    return {};
  }

  const Json& json_;
  const std::string& file_;
  std::unique_ptr<Adapter> out_ = std::make_unique<Adapter>();
};

}  // namespace

Expected<std::unique_ptr<Adapter>> ParseAdapter(const Json& json, const std::string& file,
                                                bool head_only) {
  try {
    return Loader(json, file).Run(head_only);
  } catch (const Json::exception& e) {
    return Damaged(file, StrCat("a member has the wrong type (JSON error ", e.id, ")"));
  }
}

}  // namespace kaopu
