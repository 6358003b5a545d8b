// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/page_reader.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "page/adapter.h"
#include "page/document.h"
#include "page/extract.h"
#include "page/generic.h"
#include "page/licence.h"
#include "page/page_context.h"
#include "page/promise.h"
#include "page/terms.h"
#include "page/text.h"
#include "page/url.h"

namespace kaopu {
namespace {

constexpr std::string_view kGenericId = "generic";

// An adapter file: its head at once, its rules when they are first needed.
class Slot {
 public:
  static Expected<std::unique_ptr<Slot>> Load(const std::filesystem::path& path) {
    auto text = ReadFile(path, kDataFileBytesMax);
    if (!text) return std::unexpected(text.error());
    auto slot = std::make_unique<Slot>();
    slot->file_ = "adapters/" + path.filename().string();
    auto json = ParseJson(*text, slot->file_);
    if (!json) return Fail(ErrorCode::kDamaged, json.error().message);
    auto head = ParseAdapter(*json, slot->file_, true);
    if (!head) return std::unexpected(head.error());
    if (path.stem() != (*head)->id) {
      return Fail(ErrorCode::kDamaged, StrCat(slot->file_, ": id must be the file's name"));
    }
    slot->head_ = std::move(*head);
    slot->text_ = std::move(*text);
    return slot;
  }

  const Adapter& head() const { return *head_; }

  // Safe to call from several threads. The same error each time for rules that do not compile.
  Expected<const Adapter*> Compiled() const {
    std::call_once(once_, [&] {
      const auto json = ParseJson(text_, file_);
      auto adapter = json ? ParseAdapter(*json, file_) : std::unexpected(json.error());
      if (adapter) {
        adapter_ = std::move(*adapter);
      } else {
        error_ = adapter.error();
      }
      text_ = {};
    });
    if (adapter_ == nullptr) return std::unexpected(error_);
    return adapter_.get();
  }

 private:
  std::string file_;
  std::unique_ptr<Adapter> head_;
  mutable std::string text_;  // until compiled: a fifth of what it takes parsed
  mutable std::once_flag once_;
  mutable std::unique_ptr<Adapter> adapter_;
  mutable Error error_;
};

const HostLocale* LocaleOf(const Adapter& adapter, std::string_view host) {
  const HostLocale* best = nullptr;
  for (const HostLocale& row : adapter.host_locales) {
    if (HostMatches(row.host, host) && (best == nullptr || row.host.size() > best->host.size())) {
      best = &row;
    }
  }
  return best;
}

// The platform's currency and language on this host. A store without an adapter is known by its
// country's domain, then by the region in the page's language or by a language that one country
// speaks; a domain of the whole world (.com) says something only about pages in English.
void SetLocale(const Adapter& adapter, const PageInput& input, PageContext& page) {
  page.currency = adapter.currency;
  page.lang = input.lang.empty() ? page.document.lang() : input.lang;
  std::string lang = adapter.lang;
  const HostLocale* by_host = page.url ? LocaleOf(adapter, page.url->host) : nullptr;
  if (adapter.id == kGenericId && (by_host == nullptr || by_host->lang.empty())) {
    const std::string page_lang = ToLowerAscii(page.lang);
    const std::string primary = page_lang.substr(0, page_lang.find_first_of("-_"));
    const bool of_a_country =
        by_host != nullptr && by_host->host.size() == std::string_view("*.xx").size();
    if (!of_a_country) {
      const HostLocale* by_lang = nullptr;
      if (page_lang.size() == primary.size() + 3) {
        by_lang = LocaleOf(adapter, "region." + page_lang.substr(primary.size() + 1));
      }
      if (by_lang == nullptr && !primary.empty()) {
        by_lang = LocaleOf(adapter, "region.lang-" + primary);
      }
      if (by_lang != nullptr || !(primary.empty() || primary == "en")) by_host = by_lang;
    }
  }
  if (by_host != nullptr) {
    if (!by_host->currency.empty()) page.currency = by_host->currency;
    if (!by_host->lang.empty()) lang = by_host->lang;
  }
  if (page.lang.empty()) page.lang = lang;
}

// A captcha page, whatever the site.
const KindRule* Challenge(const Adapter& generic, PageContext& page) {
  for (const KindRule& rule : generic.kinds) {
    if (rule.kind == PageKind::kChallenge && rule.Holds(page)) return &rule;
  }
  return nullptr;
}

}  // namespace

struct PageReader::Impl {
  Impl(PromiseReader promises_in, TermsReader terms_in)
      : promises(std::move(promises_in)), terms(std::move(terms_in)) {}

  PromiseReader promises;
  TermsReader terms;
  std::vector<std::unique_ptr<Slot>> slots;  // by file name, generic among them
  const Slot* generic_slot = nullptr;
  std::vector<std::string> left_out;
  // Host pattern without `*.` -> adapters that name it; looked up label by label from the whole
  // host on.
  std::map<std::string, const Slot*, std::less<>> exact_hosts, wild_hosts;

  const Slot* SlotFor(std::string_view host) const;
  void ReadWithAdapter(const Adapter& adapter, const Adapter& generic, PageContext& page,
                       Facts& facts) const;
  void ReadGeneric(const Adapter& generic, PageContext& page, Facts& facts) const;
  void ReadTerms(const PageContext& page, Facts& facts) const;
};

const Slot* PageReader::Impl::SlotFor(std::string_view host) const {
  if (const auto it = exact_hosts.find(host); it != exact_hosts.end()) return it->second;
  while (!host.empty()) {
    if (const auto it = wild_hosts.find(host); it != wild_hosts.end()) return it->second;
    const size_t dot = host.find('.');
    if (dot == std::string_view::npos) break;
    host.remove_prefix(dot + 1);
  }
  return nullptr;
}

Expected<PageReader> PageReader::Load(const std::filesystem::path& data, Compile compile) {
  auto promises = PromiseReader::Load(data / "promises");
  if (!promises) return std::unexpected(promises.error());
  auto terms = TermsReader::Load(data / "terms");
  if (!terms) return std::unexpected(terms.error());
  auto files = ListFiles(data / "adapters", ".json");
  if (!files) return std::unexpected(files.error());
  auto impl = std::make_unique<Impl>(std::move(*promises), std::move(*terms));
  for (const auto& file : *files) {
    if (file.filename().string().ends_with(".schema.json")) continue;
    auto read = Slot::Load(file);
    if (!read && compile == Compile::kWhenNeeded && file.stem() != kGenericId) {
      impl->left_out.push_back(read.error().message);
      continue;
    }
    if (!read) return std::unexpected(read.error());
    const Slot* const slot = impl->slots.emplace_back(std::move(*read)).get();
    if (compile == Compile::kAll) {
      if (auto ok = slot->Compiled(); !ok) return std::unexpected(ok.error());
    }
    const Adapter* const loaded = &slot->head();
    if (loaded->id == kGenericId) {
      impl->generic_slot = slot;
      continue;
    }
    for (const std::string& host : loaded->hosts) {
      const bool wild = host.starts_with("*.");
      auto& table = wild ? impl->wild_hosts : impl->exact_hosts;
      const auto [it, added] = table.emplace(wild ? host.substr(2) : host, slot);
      if (!added) {
        return Fail(ErrorCode::kDamaged, StrCat("adapters/", loaded->id, ".json: host ", host,
                                                " belongs to ", it->second->head().id, " already"));
      }
    }
  }
  if (impl->generic_slot == nullptr) {
    return Fail(ErrorCode::kDamaged, "adapters/generic.json is missing");
  }
  return PageReader(std::move(impl));
}

PageReader::PageReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PageReader::PageReader(PageReader&&) noexcept = default;
PageReader& PageReader::operator=(PageReader&&) noexcept = default;
PageReader::~PageReader() = default;

Expected<void> PageReader::Prepare() const {
  if (auto terms = impl_->terms.Prepare(); !terms) return terms;
  if (auto words = impl_->promises.Prepare(); !words) return words;
  if (auto rules = impl_->generic_slot->Compiled(); !rules) return std::unexpected(rules.error());
  return {};
}

Json PageReader::Plan(std::string_view host) const {
  const Slot* slot = impl_->SlotFor(ToLowerAscii(host));
  return {{"plan", slot == nullptr ? Json(nullptr) : slot->head().plan},
          {"generic", impl_->generic_slot->head().plan}};
}

// A licence number that the page of one seller prints is another name of that seller, on every
// platform the same.
void ReadLicence(const PageContext& page, Facts& facts) {
  const bool of_seller = page.kind == PageKind::kProduct || page.kind == PageKind::kShop;
  if (!of_seller || !facts.seller || !facts.seller->key || facts.seller->self_operated) return;
  if (const auto licence = FindLicence(page.document.VisibleText())) {
    facts.seller->aliases.push_back(StrCat(kLicencePrefix, *licence));
    facts.where.emplace("seller.licence", "text");
  }
}

// A product's address is not yet a product: one that shows neither name nor price, or says that it
// is not there any more and shows no price, is none.
void DropGoneProduct(const Adapter& generic, PageContext& page, Facts& facts) {
  if (page.kind != PageKind::kProduct || HasFact(facts, "item.price")) return;
  const bool says_nothing = !HasFact(facts, "item.title") && !HasFact(facts, "seller.name");
  if (!says_nothing && !(generic.gone && generic.gone->Holds(page))) return;
  facts = {.platform = facts.platform, .notes = std::move(facts.notes)};
  page.kind = PageKind::kOther;
}

void PageReader::Impl::ReadTerms(const PageContext& page, Facts& facts) const {
  TermsReader::Marks marks = terms.Read(page.document.VisibleText());
  std::ranges::move(marks.terms, std::back_inserter(facts.terms));
  facts.payment.off_platform = marks.off_platform;
}

void PageReader::Impl::ReadWithAdapter(const Adapter& adapter, const Adapter& generic,
                                       PageContext& page, Facts& facts) const {
  facts.platform = adapter.platform;
  const KindRule* kind = Challenge(generic, page);
  if (kind == nullptr) kind = FirstKind(adapter.kinds, page);
  if (kind != nullptr) facts.page_kind = page.kind = kind->kind;
  if (page.kind == PageKind::kChallenge) return;
  ExtractFacts(adapter, promises, page, facts);
  if (page.kind == PageKind::kProduct && !adapter.generic.empty()) {
    FillFromStructuredData(
        promises, page, [&](std::string_view field) { return adapter.generic.contains(field); },
        facts);
  }
  DropGoneProduct(generic, page, facts);
  ReadTerms(page, facts);
  ReadLicence(page, facts);
  if (const auto expected = adapter.expects.find(page.kind); expected != adapter.expects.end()) {
    for (const std::string& field : expected->second) {
      if (!HasFact(facts, field)) page.Note("missing: " + field);
    }
  }
}

void PageReader::Impl::ReadGeneric(const Adapter& generic, PageContext& page, Facts& facts) const {
  if (Challenge(generic, page) != nullptr) {
    facts.page_kind = page.kind = PageKind::kChallenge;
    return;
  }
  if (FirstKind(generic.store, page) == nullptr) return;  // no shop at all
  facts.platform = generic.platform;
  if (const KindRule* kind = FirstKind(generic.kinds, page)) {
    facts.page_kind = page.kind = kind->kind;
  }
  FillStoreSeller(generic, page, facts);
  ExtractFacts(generic, promises, page, facts);
  if (page.kind == PageKind::kProduct) {
    FillFromStructuredData(
        promises, page, [](std::string_view) { return true; }, facts);
  }
  DropGoneProduct(generic, page, facts);
  for (Order& order : facts.orders) {
    if (!order.seller) order.seller = facts.seller;
  }
  if ((page.kind == PageKind::kCart || page.kind == PageKind::kCheckout) && facts.seller) {
    facts.sellers.push_back(*facts.seller);
  }
  ReadTerms(page, facts);
  ReadLicence(page, facts);
}

Expected<Facts> PageReader::Read(PageInput input, TimeMs now, std::vector<ExplainLine>* explain,
                                 uint64_t* steps) const {
  auto parsed = Document::Parse(std::move(input.snapshot));
  if (!parsed) return std::unexpected(parsed.error());
  Document& document = **parsed;
  const std::string_view url = UnwrapArchive(TrimAscii(input.url));
  std::optional<Url> parts = ParseUrl(url);
  std::string url_text(url);
  if (!parts && url.empty()) {
    // A saved file without an address: what the page calls its own is all there is.
    for (pugi::xml_node link : document.head().children("link")) {
      if (std::string_view(link.attribute("rel").value()).find("canonical") !=
          std::string_view::npos) {
        url_text = UnwrapArchive(link.attribute("href").value());
        parts = ParseUrl(url_text);
        break;
      }
    }
    if (!parts) {
      url_text = UnwrapArchive(document.Meta("og:url"));
      parts = ParseUrl(url_text);
    }
  }
  const Slot* slot = parts ? impl_->SlotFor(parts->host) : nullptr;
  const auto generic = impl_->generic_slot->Compiled();
  if (!generic) return std::unexpected(generic.error());
  const auto chosen = slot == nullptr ? generic : slot->Compiled();
  if (!chosen) return std::unexpected(chosen.error());
  const Adapter& rules = **chosen;
  document.ExpandHtml(rules.html_fields);
  document.BuildIndex();

  Facts facts;
  PageContext page(document, rules.literals);
  page.url_text = std::move(url_text);
  page.url = std::move(parts);
  page.title = input.title.empty() ? document.Title() : FoldSpace(input.title);
  page.now = now;
  page.notes = &facts.notes;
  page.explain = explain;
  if ((*generic)->buy_box) page.shop_words = &*(*generic)->buy_box;
  page.seek_buy_box = slot == nullptr;
  SetLocale(rules, input, page);
  if (slot == nullptr) {
    impl_->ReadGeneric(rules, page, facts);
  } else {
    impl_->ReadWithAdapter(rules, **generic, page, facts);
  }
  if (document.work().spent()) {
    page.Note(StrCat("limit: work: this page takes more than ", WorkBudget::kStepsMax,
                     " steps to read; what was not read by then is missing"));
  }
  if (steps != nullptr) *steps = document.work().steps();
  return facts;
}

const std::vector<std::string>& PageReader::LeftOut() const { return impl_->left_out; }

Json PageReader::DataVersions() const {
  Json list = Json::array();
  for (const auto& slot : impl_->slots) {
    const Adapter* const adapter = &slot->head();
    list.push_back({{"id", adapter->id},
                    {"version", adapter->version},
                    {"checked_on", adapter->checked_on},
                    {"hosts", adapter->hosts}});
  }
  return list;
}

std::vector<KeyPlatform> PageReader::KeyPlatforms() const {
  std::vector<KeyPlatform> platforms;
  for (const auto& slot : impl_->slots) {
    const Adapter& adapter = slot->head();
    if (adapter.key_prefix.empty()) continue;
    platforms.push_back({adapter.platform, adapter.key_prefix, adapter.key_lower});
  }
  return platforms;
}

Json PageReader::Families() const {
  std::map<std::string, Json> families;
  for (const auto& slot : impl_->slots) {
    if (slot.get() == impl_->generic_slot) continue;
    const Adapter* const adapter = &slot->head();
    Json& family = families[adapter->family];
    if (family.is_null()) {
      family = {{"family", adapter->family},
                {"names", adapter->names},
                {"platforms", Json::array()},
                {"matches", Json::array()}};
    } else if (adapter->id == adapter->family) {
      family["names"] = adapter->names;
    }
    family["platforms"].push_back(adapter->platform);
    for (const std::string& host : adapter->hosts) {
      family["matches"].push_back(StrCat("*://", host, "/*"));
    }
  }
  Json list = Json::array();
  for (auto& [name, family] : families) list.push_back(std::move(family));
  return list;
}

}  // namespace kaopu
