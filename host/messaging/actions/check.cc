// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// plan, check_page, check_seller: page -> facts -> own history and shared reports -> estimate ->
// verdict. Looking at a page writes nothing but that an adapter found less than it should (counts,
// nothing of the page).
#include <algorithm>
#include <cmath>

#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/history.h"
#include "messaging/actions/pooled.h"
#include "messaging/actions/wire.h"

namespace kaopu {
namespace {

constexpr int kSnapshotVersion = 1;  // WIRE
constexpr size_t kSellersMax = 200;  // of one cart

// Numbers off a page are whatever the page likes.
std::optional<Micro> MicroOfNumber(double value) {
  if (!std::isfinite(value) || value < 0 || value > 1e6) return std::nullopt;
  return std::llround(value * static_cast<double>(kOne));
}

PageSignal SignalOf(const Signal& signal) {
  PageSignal out{
      .name = signal.name, .value = std::nullopt, .below_average = signal.relative == "below"};
  if (!signal.value) return out;
  const bool score = signal.name.ends_with("_score") || signal.name == "rating";
  const bool share = score || signal.name.ends_with("_ratio");
  double value = *signal.value;
  if (score && signal.scale_max && *signal.scale_max > 0) {
    value /= *signal.scale_max;
  } else if (score) {
    return out;  // of an unknown scale
  }
  if (!share || value <= 1) out.value = MicroOfNumber(value);
  return out;
}

// The longest time until shipping that the page speaks of.
void ReadPromises(const Facts& facts, Date today, PageEvidence& page) {
  for (const Promise& promise : facts.promises) {
    if (promise.kind != PromiseKind::kShip && promise.kind != PromiseKind::kPresale) continue;
    page.presale |= promise.kind == PromiseKind::kPresale;
    std::optional<Micro> hours;
    if (promise.max_hours) {
      hours = MicroOfNumber(*promise.max_hours);
    } else if (promise.latest) {
      hours = MicroOfNumber(static_cast<double>((*promise.latest - today).count()) * 24);
    }
    if (hours) page.promise_hours = std::max(page.promise_hours.value_or(0), *hours / kOne);
  }
}

PageEvidence EvidenceOf(const Facts& facts, Date today, bool alone) {
  PageEvidence page;
  if (alone) {  // signals and promises of a cart are of nobody in particular
    for (const Signal& signal : facts.signals) page.signals.push_back(SignalOf(signal));
    ReadPromises(facts, today, page);
  }
  page.off_platform = facts.payment.off_platform;
  page.escrow = facts.payment.escrow;
  page.unfair_terms = static_cast<int>(std::min<size_t>(facts.terms.size(), 1000));
  return page;
}

struct Judged {
  Seller seller;
  OwnEvidence own;
  pool::Answers pooled;
  Judgement judgement;
};

struct Asked {
  const Policy& policy;
  PageEvidence page;
  std::optional<Money> value;
  Settings settings;
  Date today;
};

Expected<Judged> JudgeSeller(const ActionContext& context, const Seller& seller,
                             const Asked& asked) {
  Judged judged;
  judged.seller = seller;
  if (seller.key) {
    const std::vector<std::string> keys = TrustedKeys(*seller.key, seller.aliases);
    Expected<OwnEvidence> own = ReadOwnEvidence(context.store, keys, asked.today);
    if (!own) return std::unexpected(own.error());
    judged.own = std::move(*own);
    judged.pooled = context.pool.Find(keys, context.clock.Now());
  }
  const std::vector<PooledReports> pooled = judged.pooled.Reports();
  judged.judgement = Judge(asked.policy, {.own = judged.own.outcomes,
                                          .overdue = judged.own.overdue,
                                          .pooled = pooled,
                                          .page = asked.page,
                                          .value = asked.value,
                                          .self_operated = seller.self_operated,
                                          .caution = asked.settings.caution,
                                          .today = asked.today});
  if (seller.key) {
    Expected<std::vector<Reason>> linked =
        ReasonsFromLicences(context.store, *seller.key, seller.aliases);
    if (!linked) return std::unexpected(linked.error());
    std::vector<Reason>& reasons = judged.judgement.reasons;
    reasons.insert(reasons.begin(), linked->begin(), linked->end());
    if (auto reason = ReasonNotHere(judged.pooled)) {
      reasons.insert(reasons.begin() + static_cast<std::ptrdiff_t>(linked->size()),
                     std::move(*reason));
    }
    const auto most = static_cast<size_t>(asked.policy.reasons_max);
    if (reasons.size() > most) reasons.resize(most);
  } else {  // there is nobody to have a history with
    std::vector<Reason>& reasons = judged.judgement.reasons;
    std::erase_if(reasons, [](const Reason& reason) { return reason.key == "reason_no_history"; });
    reasons.insert(
        reasons.begin() + (judged.judgement.verdict == Verdict::kUnknown ? 0 : reasons.size()),
        Reason{.key = "reason_no_seller", .args = {}});
    if (reasons.size() > static_cast<size_t>(asked.policy.reasons_max)) reasons.pop_back();
  }
  return judged;
}

// Danger always asks; watch_out asks above the shopper's own value. Amounts of different currencies
// are not compared.
Json HoldJson(Verdict verdict, const Asked& asked) {
  const std::optional<Money>& above = asked.settings.ask_above;
  const bool dear = above && asked.value && above->currency == asked.value->currency &&
                    asked.value->amount_minor >= above->amount_minor;
  Json why = nullptr;
  if (verdict == Verdict::kDanger) why = "danger";
  if (verdict == Verdict::kWatchOut && dear) why = "watch_out_value";
  const bool ask = !why.is_null();
  Json roles = Json::array();
  if (ask) roles = {"buy", "cart", "checkout", "place_order", "wallet"};
  return {{"ask", ask}, {"roles", std::move(roles)}, {"why", std::move(why)}};
}

Json SellerJson(const Judged& judged) {
  Json seller = ToJson(judged.seller);
  if (seller["name"].is_null() && judged.own.history.name)
    seller["name"] = *judged.own.history.name;
  return seller;
}

// The reply without `facts` and `stale`; `judged` is not empty, the worst of it speaks for the
// page.
Json VerdictJson(const std::vector<Judged>& judged, const Asked& asked) {
  const Judged* worst = &judged.front();
  Json sellers = Json::array();
  for (const Judged& one : judged) {
    if (IsWorse(one.judgement.verdict, worst->judgement.verdict)) worst = &one;
    sellers.push_back({{"seller", SellerJson(one)},
                       {"verdict", VerdictName(one.judgement.verdict)},
                       {"reasons", ToJson(one.judgement.reasons)}});
  }
  const Judgement& judgement = worst->judgement;
  return {{"verdict", VerdictName(judgement.verdict)},
          {"seller", SellerJson(*worst)},
          {"reasons", ToJson(judgement.reasons)},
          {"advice", ToJson(judgement.advice)},
          {"hold", HoldJson(judgement.verdict, asked)},
          {"sellers", std::move(sellers)},
          {"history", HistoryJson(worst->own, asked.today)},
          {"pooled", PooledJson(asked.policy, worst->pooled, asked.today)},
          {"estimate", ToJson(judgement.assessment)}};
}

// A page on which nothing can be bought from anybody: no verdict, and nothing to say about it.
Json NothingToJudge(const Asked& asked) {
  return {{"verdict", VerdictName(Verdict::kUnknown)},
          {"seller", nullptr},
          {"reasons", Json::array()},
          {"advice", Json::array()},
          {"hold", HoldJson(Verdict::kUnknown, asked)},
          {"sellers", Json::array()},
          {"history", HistoryJson({}, asked.today)},
          {"pooled", PooledJson(asked.policy, {}, asked.today)},
          {"estimate", ToJson(Assess(asked.policy, asked.today, {}, {}, 0, false))}};
}

bool SellsSomething(PageKind kind) {
  return kind == PageKind::kProduct || kind == PageKind::kShop || kind == PageKind::kCart ||
         kind == PageKind::kCheckout;
}

// How many pages of this kind in a row lacked something the adapter expects; 0 when this one did
// not. A store that cannot be written to is no reason to keep the verdict back.
int64_t CountLacks(const ActionContext& context, const Facts& facts) {
  constexpr std::string_view kMissing = "missing: ";
  if (facts.page_kind == PageKind::kChallenge || facts.platform == "none") return 0;
  std::vector<std::string> fields;
  for (const std::string& note : facts.notes) {
    if (note.starts_with(kMissing)) fields.push_back(note.substr(kMissing.size()));
  }
  const std::string adapter = StrCat(facts.platform, "/", PageKindName(facts.page_kind));
  if (!context.store.NoteLacks(adapter, fields) || fields.empty()) return 0;
  const Expected<std::vector<AdapterLack>> lacks = context.store.Lacks();
  if (!lacks) return 0;
  const auto lack = std::ranges::find(*lacks, adapter, &AdapterLack::adapter);
  return lack == lacks->end() ? 0 : lack->pages;
}

// Takes the snapshot out of the request: it may have half a megabyte.
Expected<PageInput> ReadPageInput(Json& request) {
  const auto text = [&](std::string_view field) { return GetString(request, field); };
  const Expected<std::string> url = RequireString(request, "url");
  if (!url) return std::unexpected(url.error());
  const auto snapshot = request.find("snapshot");
  if (snapshot == request.end() || !snapshot->is_string()) {
    return std::unexpected(RequireString(request, "snapshot").error());
  }
  const Expected<std::optional<std::string>> title = text("title"), lang = text("lang");
  if (!title) return std::unexpected(title.error());
  if (!lang) return std::unexpected(lang.error());
  const Expected<std::optional<int64_t>> version = GetInt(request, "snapshot_version");
  if (!version) return std::unexpected(version.error());
  if (version->value_or(kSnapshotVersion) != kSnapshotVersion) {
    return Fail(ErrorCode::kUnsupported, StrCat("snapshot_version: ", **version,
                                                "; this host reads version ", kSnapshotVersion));
  }
  return PageInput{*url, title->value_or(""), lang->value_or(""),
                   std::move(snapshot->get_ref<std::string&>())};
}

}  // namespace

Expected<Json> RunPlan(ActionContext& context, Json& request) {
  const Expected<std::string> host = RequireString(request, "host");
  if (!host) return std::unexpected(host.error());
  const Expected<const PageReader*> pages = context.rules.Pages();
  if (!pages) return std::unexpected(pages.error());
  return (*pages)->Plan(*host);
}

Expected<Json> RunCheckPage(ActionContext& context, Json& request) {
  Expected<PageInput> input = ReadPageInput(request);
  if (!input) return std::unexpected(input.error());
  const Expected<std::optional<bool>> privately = GetBool(request, "private");
  if (!privately) return std::unexpected(privately.error());
  const Expected<const PageReader*> pages = context.rules.Pages();
  if (!pages) return std::unexpected(pages.error());
  const Expected<const Policy*> policy = context.rules.GetPolicy();
  if (!policy) return std::unexpected(policy.error());
  // A rule file that broke would only leave things unread; the shopper is told instead.
  if (const Expected<void> ready = (*pages)->Prepare(); !ready)
    return std::unexpected(Rules::Advised(ready.error()));
  const Expected<Facts> facts = (*pages)->Read(std::move(*input), context.clock.Now());
  if (!facts && facts.error().code == ErrorCode::kDamaged)
    return std::unexpected(Rules::Advised(facts.error()));
  if (!facts) return std::unexpected(facts.error());
  Expected<Settings> settings = context.store.GetSettings();
  if (!settings) return std::unexpected(settings.error());

  std::vector<Seller> sellers = facts->sellers;
  if (facts->seller && sellers.empty()) sellers.push_back(*facts->seller);
  if (sellers.empty() && SellsSomething(facts->page_kind)) sellers.emplace_back();
  if (sellers.size() > kSellersMax) sellers.resize(kSellersMax);
  if (facts->page_kind == PageKind::kChallenge || facts->platform == "none") sellers.clear();

  Asked asked{.policy = **policy,
              .page = EvidenceOf(*facts, Today(context), sellers.size() == 1),
              .value = std::nullopt,
              .settings = std::move(*settings),
              .today = Today(context)};
  if (facts->item && facts->item->price) {
    asked.value = Money{facts->item->price->amount_minor, facts->item->price->currency};
  }
  std::vector<Judged> judged;
  for (const Seller& seller : sellers) {
    Expected<Judged> one = JudgeSeller(context, seller, asked);
    if (!one) return std::unexpected(one.error());
    judged.push_back(std::move(*one));
  }
  Json reply = judged.empty() ? NothingToJudge(asked) : VerdictJson(judged, asked);
  if (!judged.empty() && facts->seller == std::nullopt && facts->sellers.empty()) {
    reply["seller"] = nullptr;
    reply["sellers"] = Json::array();
  }
  reply["stale"] = facts->notes;
  reply["stale_pages"] = privately->value_or(false) ? 0 : CountLacks(context, *facts);
  reply["facts"] = ToJson(*facts);
  if (privately->value_or(false)) {  // what is asked for would stay on the disk
    for (Json& one : reply["pooled"]["registries"]) one["ask_for"] = nullptr;
  }
  return reply;
}

Expected<Json> RunCheckSeller(ActionContext& context, Json& request) {
  Fields fields(request, context);
  Seller seller;
  seller.key = fields.RequiredSellerKey("seller_key");
  if (fields.error()) return std::unexpected(*fields.error());
  Expected<Settings> settings = context.store.GetSettings();
  if (!settings) return std::unexpected(settings.error());
  const Expected<const Policy*> policy = context.rules.GetPolicy();
  if (!policy) return std::unexpected(policy.error());
  seller.self_operated = seller.key->ends_with(":self");  // CONTRACT: the platform selling itself
  const Asked asked{.policy = **policy,
                    .page = {},
                    .value = std::nullopt,
                    .settings = std::move(*settings),
                    .today = Today(context)};
  Expected<Judged> judged = JudgeSeller(context, seller, asked);
  if (!judged) return std::unexpected(judged.error());
  std::vector<Judged> one;
  one.push_back(std::move(*judged));
  Json reply = VerdictJson(one, asked);
  reply["stale"] = Json::array();
  reply["stale_pages"] = 0;
  reply["facts"] = nullptr;
  return reply;
}

}  // namespace kaopu
