// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Real saved pages with hand-made labels, where this machine has them (KAOPU_SHARED_PAGES, else
// ../shared/pages beside the repository): raw HTML through the cold path and the adapters, against
// what a person read off the page. The pages are other people's and not part of the project.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/limits.h"
#include "page/cold/html_snapshot.h"
#include "page/cold/page_address.h"
#include "page/page_reader.h"
#include "page/price.h"
#include "page/url.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

fs::path Folder() {
  const char* told = std::getenv("KAOPU_SHARED_PAGES");
  return told != nullptr ? fs::path(told) : fs::path(KAOPU_SOURCE_DIR) / "../shared/pages";
}

// Right answers out of those asked for, with the failures by name.
struct Rate {
  int right = 0;
  int asked = 0;
  std::string missed;

  void Add(bool good, const std::string& what) {
    ++asked;
    right += good ? 1 : 0;
    if (!good) missed += "\n  " + what;
  }
  double value() const { return asked == 0 ? 0 : static_cast<double>(right) / asked; }
};

using Rates = std::map<std::string, Rate>;

std::string Text(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string WithoutSpace(std::string text) {
  for (const std::string_view space : {" ", "\n", "\t", "\u00a0", "\u3000"}) {
    for (size_t at = text.find(space); at != std::string::npos; at = text.find(space, at))
      text.erase(at, space.size());
  }
  return text;
}

// The seller key that a label stands for; empty where the platform's sellers have no id of its own.
std::string LabelledKey(const Json& label, const Json& fields) {
  static const std::map<std::string, std::string> prefixes = {
      {"taobao", "taobao"}, {"tmall", "taobao"},  {"jd", "jd"},     {"aliexpress", "aliexpress"},
      {"ebay", "ebay"},     {"amazon", "amazon"}, {"etsy", "etsy"}, {"mercari", "mercari"},
      {"1688", "1688"}};
  const std::string platform = Text(label, "platform");
  const auto prefix = prefixes.find(platform);
  const std::string id = Text(fields, platform == "jd" ? "shop_id" : "seller_id");
  if (prefix == prefixes.end() || id.empty()) return {};
  const bool own =
      (platform == "jd" &&
       (id == "0" || Json(fields.value("extra", Json::object())).value("isSelf", false))) ||
      (platform == "amazon" && id == "ATVPDKIKX0DER");
  return prefix->second + ":" + (own ? "self" : id);
}

void ComparePrice(const Json& fields, const Facts& facts, const std::string& name, Rates& rates) {
  const bool priced = fields.contains("price") && fields["price"].is_number();
  const std::string currency = Text(fields, "currency");
  const auto digits = MinorDigits(currency);
  const int64_t want =
      priced && digits ? std::llround(fields["price"].get<double>() * std::pow(10, *digits)) : 0;
  const bool got = facts.item && facts.item->price;
  const bool same = got && priced && facts.item->price->amount_minor == want &&
                    facts.item->price->currency == currency;
  rates["price"].Add(priced ? same : !got, name);
  if (got) rates["price stated is right"].Add(same, name + ": " + facts.item->price->text);
}

// What a promise says, its words apart; "within N" begins at nothing or at 0.
bool SamePromise(const Json& want, const Promise& got) {
  const auto hours = [&](const char* field) {
    const auto found = want.find(field);
    return found != want.end() && found->is_number() ? found->get<double>() : 0.0;
  };
  return PromiseKindName(got.kind) == Text(want, "kind") &&
         got.min_hours.value_or(0) == hours("min_hours") &&
         got.max_hours.value_or(0) == hours("max_hours") &&
         got.business_days == want.value("business_days", false);
}

// Labelled ratings under the names that labels give them.
void CompareSignals(const Json& ratings, const Facts& facts, const std::string& name,
                    Rates& rates) {
  static const std::map<std::string, std::string> names = {{"描述", "description_score"},
                                                           {"描述相符", "description_score"},
                                                           {"服务", "service_score"},
                                                           {"服务态度", "service_score"},
                                                           {"物流", "logistics_score"},
                                                           {"发货速度", "logistics_score"},
                                                           {"stars", "rating"},
                                                           {"ratings", "rating_count"},
                                                           {"review_count", "rating_count"},
                                                           {"feedback_score", "rating_count"},
                                                           {"positive", "positive_ratio"},
                                                           {"positive_rate", "positive_ratio"}};
  for (const auto& [field, value] : ratings.items()) {
    const auto known = names.find(field);
    if (known == names.end()) continue;
    const double want =
        value.is_number() ? value.get<double>() : std::atof(value.get<std::string>().c_str()) / 100;
    const bool good = std::ranges::any_of(facts.signals, [&](const Signal& signal) {
      return signal.name == known->second && signal.value &&
             std::abs(*signal.value - want) <= (known->second == "rating" ? 0.05 : 1e-6);
    });
    rates["signals"].Add(good, name + ": " + field);
  }
}

void CompareProduct(const Json& label, const Facts& facts, const std::string& name, Rates& rates) {
  const Json fields = label.value("fields", Json::object());
  const Seller seller = facts.seller.value_or(Seller{});
  if (const std::string key = LabelledKey(label, fields); !key.empty()) {
    rates["seller key"].Add(seller.key == key,
                            name + ": " + seller.key.value_or("none") + ", not " + key);
    rates["seller name"].Add(
        Text(fields, "seller_name").empty() ||
            WithoutSpace(seller.name.value_or("")) == WithoutSpace(Text(fields, "seller_name")),
        name + ": " + seller.name.value_or("none"));
  }
  const std::string title = facts.item ? facts.item->title.value_or("") : "";
  rates["title"].Add(WithoutSpace(title) == WithoutSpace(Text(fields, "title")),
                     name + ": " + title);
  ComparePrice(fields, facts, name, rates);
  for (const Json& want : fields.value("shipping_promises", Json::array())) {
    const bool good = std::ranges::any_of(
        facts.promises, [&](const Promise& got) { return SamePromise(want, got); });
    rates["promises"].Add(good, name + ": " + Text(want, "text"));
  }
  if (fields.contains("ratings") && fields["ratings"].is_object()) {
    CompareSignals(fields["ratings"], facts, name, rates);
  }
}

void ComparePage(const Json& label, const Facts& facts, Rates& rates) {
  const std::string name = Text(label, "file");
  const std::string kind = Text(label, "page_kind");
  if (kind == "product page") {
    rates["kind"].Add(facts.page_kind == PageKind::kProduct,
                      name + ": " + std::string(PageKindName(facts.page_kind)));
    CompareProduct(label, facts, name, rates);
    return;
  }
  rates["never a product"].Add(facts.page_kind != PageKind::kProduct && !facts.item, name);
  if (kind == "order list") {
    rates["orders"].Add(!facts.orders.empty() && facts.orders[0].order_id, name);
  } else if (Text(label, "kind_detail").find("Robot") != std::string::npos) {
    rates["challenge"].Add(facts.page_kind == PageKind::kChallenge, name);
  }
}

TEST(LabelledPages, AreReadAsLabelled) {
  const auto text = ReadFile(Folder() / "labels.json", 16 << 20);
  if (!text)
    GTEST_SKIP() << "no labelled pages here: " << text.error().message
                 << " (KAOPU_SHARED_PAGES names their folder)";
  const auto labels = ParseJson(*text, "labels.json");
  ASSERT_TRUE(labels) << labels.error().message;
  const auto reader = PageReader::Load(fs::path(KAOPU_SOURCE_DIR) / "host/data");
  ASSERT_TRUE(reader) << reader.error().message;
  const TimeMs now = *ParseTime("2026-11-23T22:00:00Z");

  Rates rates;
  for (const Json& label : *labels) {
    const auto bytes = ReadFile(Folder() / Text(label, "file"), kHtmlBytesMax);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const std::string html = DecodeHtml(*bytes);
    std::string url = Text(label, "url");
    if (url.starts_with("//")) url = "https:" + url;
    if (url.empty())
      url = GuessAddress(
          html, [&](std::string_view host) { return reader->Plan(host)["plan"].is_object(); });
    const auto parts = ParseUrl(UnwrapArchive(url));
    const Json plan = reader->Plan(parts ? parts->host : "");
    const Json& chosen = plan["plan"].is_object() ? plan["plan"] : plan["generic"];
    const auto page = HtmlToPageInput(html, url, chosen.value("snapshot", Json::object()));
    ASSERT_TRUE(page) << Text(label, "file") << ": " << page.error().message;
    const auto facts = reader->Read(*page, now);
    ASSERT_TRUE(facts) << Text(label, "file") << ": " << facts.error().message;
    ComparePage(label, *facts, rates);
  }

  const std::map<std::string, double> least = {
      {"kind", 0.87},    {"never a product", 1.0}, {"challenge", 1.0},
      {"orders", 0.75},  {"seller key", 0.95},     {"seller name", 0.95},
      {"title", 0.85},   {"price", 0.85},          {"price stated is right", 0.95},
      {"promises", 0.8}, {"signals", 0.9}};
  for (const auto& [what, rate] : rates) {
    std::printf("%-22s %3d of %3d\n", what.c_str(), rate.right, rate.asked);
    EXPECT_GE(rate.value(), least.at(what)) << what << rate.missed;
  }
}

}  // namespace
}  // namespace kaopu
