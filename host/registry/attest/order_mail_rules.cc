// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/attest/order_mail_rules.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr size_t kOrdersMax = 16;

Expected<std::shared_ptr<const re2::RE2>> Compile(const Json& text, const std::string& where,
                                                  int groups) {
  if (!text.is_string()) return Fail(ErrorCode::kDamaged, StrCat(where, ": must be a pattern"));
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingUTF8);
  auto pattern = std::make_shared<const RE2>(text.get_ref<const std::string&>(), options);
  if (!pattern->ok()) return Fail(ErrorCode::kDamaged, StrCat(where, ": ", pattern->error()));
  if (groups >= 0 && pattern->NumberOfCapturingGroups() != groups) {
    return Fail(ErrorCode::kDamaged, StrCat(where, ": must have ", groups, " group"));
  }
  return pattern;
}

// What the patterns find, each once.
std::vector<std::string> FindAll(const std::vector<std::shared_ptr<const re2::RE2>>& patterns,
                                 std::string_view text, bool lower) {
  std::vector<std::string> found;
  for (const auto& pattern : patterns) {
    re2::StringPiece rest(text.data(), text.size()), one;
    while (found.size() <= kOrdersMax && RE2::FindAndConsume(&rest, *pattern, &one)) {
      std::string value(one.data(), one.size());
      if (lower) {
        for (char& c : value) {
          if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
      }
      if (std::ranges::find(found, value) == found.end()) found.push_back(std::move(value));
    }
  }
  return found;
}

// Links in HTML write `&` so.
std::string WithoutAmp(std::string_view text) {
  constexpr std::string_view kAmp = "&amp;";
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t next = std::min(text.find(kAmp, at), text.size());
    out += text.substr(at, next - at);
    if (next < text.size()) out += '&';
    at = next < text.size() ? next + kAmp.size() : next;
  }
  return out;
}

}  // namespace

Expected<OrderMailRules> OrderMailRules::Load(const std::filesystem::path& data) {
  const auto path = data / "attest" / "order_mails.json";
  const auto text = ReadFile(path, kDataFileBytesMax);
  if (!text) return std::unexpected(text.error());
  return Parse(*text, path.string());
}

Expected<OrderMailRules> OrderMailRules::Parse(std::string_view text, std::string_view what) {
  const auto root = ParseJson(text, what, 8);
  if (!root) return Fail(ErrorCode::kDamaged, root.error().message);
  const auto damaged = [&](std::string_view why) {
    return Fail(ErrorCode::kDamaged, StrCat(what, ": ", why));
  };
  if (!root->is_object() || !root->contains("platforms") || !(*root)["platforms"].is_object()) {
    return damaged("platforms must be an object");
  }
  OrderMailRules out;
  for (const auto& [platform, json] : (*root)["platforms"].items()) {
    const std::string where = StrCat(what, ": platforms/", platform);
    if (!json.is_object() || !json.contains("from")) return damaged(where + " has no \"from\"");
    Rules rules;
    auto from = Compile(json["from"], where + "/from", 0);
    if (!from) return std::unexpected(from.error());
    rules.from = std::move(*from);
    if (json.contains("subject")) {
      auto subject = Compile(json["subject"], where + "/subject", -1);
      if (!subject) return std::unexpected(subject.error());
      rules.subject = std::move(*subject);
    }
    for (const auto& [name, list] :
         {std::pair("order", &rules.order), std::pair("seller", &rules.seller)}) {
      if (!json.contains(name) || !json[name].is_array() || json[name].empty()) {
        return damaged(StrCat(where, "/", name, " must be a list of patterns"));
      }
      for (const Json& one : json[name]) {
        auto pattern = Compile(one, StrCat(where, "/", name), 1);
        if (!pattern) return std::unexpected(pattern.error());
        list->push_back(std::move(*pattern));
      }
    }
    const auto lower = GetBool(json, "seller_lower");
    if (!lower) return damaged(StrCat(where, "/seller_lower must be true or false"));
    rules.seller_lower = lower->value_or(false);
    out.platforms_[platform] = std::move(rules);
  }
  return out;
}

Expected<MailOrders> OrderMailRules::Read(const OrderMail& mail, std::string_view platform) const {
  const auto refuse = [&](std::string why) {
    return Fail(ErrorCode::kForbidden, StrCat("mail: ", std::move(why)));
  };
  const auto found = platforms_.find(platform);
  if (found == platforms_.end()) {
    return Fail(ErrorCode::kUnsupported,
                StrCat("seller: order mails of ", platform, " are not read yet"));
  }
  const Rules& rules = found->second;
  const auto from = mail.FromAddress();
  if (!from || !RE2::FullMatch(*from, *rules.from)) {
    return refuse(StrCat("its sender does not send order mails for ", platform));
  }
  if (rules.subject) {
    const auto subject = mail.Value("Subject");
    if (!subject || !RE2::PartialMatch(*subject, *rules.subject)) {
      return refuse("its subject is not that of an order's confirmation");
    }
  }
  auto text = mail.Text();
  if (!text) return std::unexpected(text.error());
  const std::string plain = WithoutAmp(*text);
  MailOrders out;
  out.order_ids = FindAll(rules.order, plain, false);
  if (out.order_ids.empty()) return refuse("no order number in it");
  if (out.order_ids.size() > kOrdersMax) {
    return refuse(StrCat("more than ", kOrdersMax, " order numbers in it"));
  }
  const std::vector<std::string> sellers = FindAll(rules.seller, plain, rules.seller_lower);
  if (sellers.empty()) return refuse("it does not name the seller in a way that can be told");
  if (sellers.size() > 1) return refuse("more than one seller in it: which one cannot be told");
  out.seller = StrCat(platform, ":", sellers.front());
  return out;
}

}  // namespace kaopu
