// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu sync`: the registries' newest indexes onto this disk.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "base/files.h"
#include "base/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"
#include "cli/commands/registry_text.h"
#include "cli/commands/sending.h"
#include "messaging/actions/seller_key.h"
#include "pool/net/choose.h"
#include "pool/net/registry_address.h"
#include "pool/net/sync.h"

namespace kaopu {
namespace {

struct Options {
  std::string registry;
  std::string key;
  std::optional<std::string> proxy;
  std::string range;  // a seller's key
  bool yes = false;
  bool quiet = false;
  bool json = false;
};

// The registry that --registry names; one that is not known yet is added by its address and key.
Expected<std::string> OnlyOne(CommandContext& context, const std::filesystem::path& home,
                              const Options& options) {
  if (options.registry.empty()) return std::string();
  if (options.key.empty()) {
    const auto known = pool::FindRegistry(home, options.registry);
    if (known) return known->id;
    if (known.error().code == ErrorCode::kNotFound &&
        options.registry.find("://") != std::string::npos) {
      return Fail(ErrorCode::kNotFound, StrCat("no registry is known at ", options.registry,
                                               "; give its key with --key to add it"));
    }
    return std::unexpected(known.error());
  }
  if (const auto key = tlog::VerifierKey::Parse(options.key); !key) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--key: this is no key of a registry: ", key.error().message));
  }
  pool::RegistrySettings settings;
  const auto known = pool::ReadRegistry(home, pool::RegistryIdOf(options.key));
  if (known) settings = known->settings;
  if (!known && known.error().code != ErrorCode::kNotFound) return std::unexpected(known.error());
  const auto proxy = ProxyOf(options.proxy, settings.proxy);
  if (!proxy) return std::unexpected(proxy.error());
  const auto address = pool::RegistryAddress(options.registry, *proxy);
  if (!address) return std::unexpected(address.error());
  if (known && known->info.url == *address) return known->id;
  const auto client = RegistryClient(*proxy);
  if (!client) return std::unexpected(client.error());
  const auto offer = pool::AskRegistry(**client, *address, options.key, settings);
  if (!offer) return std::unexpected(offer.error());
  const auto kept = pool::KeepRegistry(home, *offer, settings, context.clock);
  if (!kept) return std::unexpected(kept.error());
  return kept->id;
}

// Where ranges are first drawn, those of sellers with own orders are among them: so they show in no
// comparison with an earlier sync.
std::vector<std::string> OwnSellers(CommandContext& context) {
  constexpr int64_t kOrders = 200;
  std::vector<std::string> sellers;
  const auto actions = context.Actions();
  const auto orders = actions ? (*actions)->store.Orders(std::nullopt, kOrders)
                              : Expected<std::vector<OrderRecord>>();
  if (!orders) return sellers;  // none are drawn for them then
  for (const OrderRecord& order : *orders) {
    if (std::ranges::find(sellers, order.seller_key) == sellers.end()) {
      sellers.push_back(order.seller_key);
    }
  }
  std::ranges::reverse(sellers);
  return sellers;
}

// The seller whose range is asked for, as pages name it; some registry must be one whose ranges are
// taken.
Expected<std::string> RangeSeller(CommandContext& context, const std::filesystem::path& home,
                                  const Options& options, const std::string& only) {
  const auto pages = context.Pages();
  if (!pages) return std::unexpected(pages.error());
  auto key = NormalSellerKey(options.range, (*pages)->KeyPlatforms());
  if (!key) return Fail(key.error().code, StrCat("--range: ", key.error().message));
  const auto registries = pool::ListRegistries(home);
  const auto takes_ranges = [&](const pool::Registry& one) {
    return (only.empty() || one.id == only) && one.settings.ranges != pool::RangeUse::kOff;
  };
  if (std::ranges::none_of(registries, takes_ranges)) {
    return Fail(ErrorCode::kNotFound,
                "--range: of no registry are ranges taken; the whole index answers for every "
                "seller. To take ranges: kaopu registry set REGISTRY --ranges asked");
  }
  if (!options.yes && (options.json || !context.is_terminal)) {
    return Fail(ErrorCode::kBadRequest,
                "nobody is there to agree to what --range reveals; add --yes");
  }
  return key;
}

// Says what asking reveals, and whether the shopper agrees.
bool AgreesToRange(CommandContext& context, const pool::Registry& registry,
                   const pool::RangeQuestion& question, bool yes) {
  const Words& words = context.words();
  const Json args = {{"registry", TerminalSafe(registry.info.name)},
                     {"seller", TerminalSafe(question.seller)},
                     {"ranges", question.ranges},
                     {"sellers", question.sellers},
                     {"fetched", question.fetched},
                     {"fresh", question.fresh}};
  const bool first = question.fresh == question.fetched;
  if (context.is_terminal) context.err << "\r\033[K";
  context.err << words.Say(question.fresh == 0 ? "cli_sync_range_covered"
                           : first             ? "cli_sync_range_first"
                                               : "cli_sync_range_fresh",
                           args)
              << '\n';
  if (yes || question.fresh == 0) return true;
  if (Agrees(context, "Ask for it? y/N")) return true;
  context.out << words.Of("Nothing new was asked for.") << '\n';
  return false;
}

void Sync(CommandContext& context, const Options& options) {
  const auto home = HomeFolder();
  if (!home) return context.Fail(home.error());
  pool::SyncOptions sync;
  if (options.proxy) {
    auto proxy = ProxyOf(options.proxy, {});
    if (!proxy) return context.Fail(proxy.error());
    sync.proxy = std::move(*proxy);
  }
  const auto only = OnlyOne(context, *home, options);
  if (!only) return context.Fail(only.error());
  sync.only = *only;
  sync.make_client = RegistryClient;
  sync.follow.own_sellers = OwnSellers(context);
  if (!options.range.empty()) {
    auto seller = RangeSeller(context, *home, options, *only);
    if (!seller) return context.Fail(seller.error());
    sync.follow.range_seller = std::move(*seller);
    sync.follow.agree = [&](const pool::Registry& registry, const pool::RangeQuestion& question) {
      return AgreesToRange(context, registry, question, options.yes);
    };
  }
  const Words& words = context.words();
  const bool shows = !options.quiet && isatty(STDERR_FILENO) != 0;
  std::string name;
  bool shown = false;
  if (shows) {
    sync.begin = [&](const pool::Registry& registry) {
      name = TerminalSafe(registry.info.name);
      context.err << '\r' << name << " ..." << std::flush;
      shown = true;
    };
    uint64_t last = 101;
    sync.follow.progress = [&, last](const pool::FetchProgress& now) mutable {
      const uint64_t percent = now.of == 0 ? 100 : now.done * 100 / now.of;
      if (percent == last) return;
      last = percent;
      context.err << '\r' << name << ": " << now.what << ' ' << BytesText(now.done, words) << " / "
                  << BytesText(now.of, words) << ", " << percent << " %   " << std::flush;
      shown = true;
    };
  }
  // What waits is sent first; receipts are looked after once the log was followed.
  std::unique_ptr<Sending> sending;
  if (!pool::RegistryIds(*home).empty()) {
    auto opened = Sending::Open(context, false);
    if (!opened) {
      context.Fail(opened.error());  // indexes come all the same
    } else {
      sending = std::move(*opened);
      sync.partner = &sending->partner();
    }
  }
  const auto synced = pool::SyncRegistries(*home, context.clock, sync);
  if (shown) context.err << "\r\033[K" << std::flush;
  if (!synced) return context.Fail(synced.error());
  int exit_code = context.exit_code;
  for (const pool::SyncedRegistry& one : *synced) {
    // Damage above absence.
    if (one.registry.state.alarm) exit_code = ExitCodeFor(ErrorCode::kDamaged);
    for (const Error& problem : one.problems) {
      const int code = ExitCodeFor(problem.code);
      if (exit_code == 0 || code > exit_code) exit_code = code;
    }
  }
  if (options.json) {
    Json list = Json::array();
    for (const pool::SyncedRegistry& one : *synced) list.push_back(SyncedJson(one));
    context.out << DumpJson({{"registries", std::move(list)},
                             {"outbox", sending ? sending->ToJson() : Json(nullptr)}})
                << '\n';
  } else {
    if (sending && !options.quiet) context.out << sending->Text(words);
    for (const pool::SyncedRegistry& one : *synced) {
      const bool wrong = one.registry.state.alarm || !one.problems.empty();
      if (!options.quiet || wrong) {
        (wrong ? context.err : context.out) << SyncedText(one, words);
      }
    }
    if (synced->empty() && !options.quiet) {
      context.out << words.Of("No registry is known. Next: kaopu registry add URL --key KEY")
                  << '\n';
    }
  }
  context.exit_code = exit_code;
}

}  // namespace

void AddSyncCommand(Command app, CommandContext& context) {
  Command sync = app.AddCommand(
      "sync", "Fetch what the shared databases published since the last time, and check it");
  auto options = std::make_shared<Options>();
  sync.AddOption("--registry", options->registry,
                 "Only this one: id, name or address; a new address needs --key");
  sync.AddOption("--key", options->key, "Key of its log, as NAME+ID+KEY");
  sync.AddOption("--proxy", options->proxy,
                 "Through this proxy this time, such as socks5h://127.0.0.1:9050 for Tor; none = "
                 "directly");
  Option range = sync.AddOption(
      "--range", options->range,
      "Also fetch what is known of this seller, where ranges are taken (kaopu registry set R "
      "--ranges asked|scheduled): says first what asking reveals, and asks");
  sync.AddFlag("--yes", options->yes, "Agree to what --range reveals").Needs(range);
  sync.AddFlag("--quiet", options->quiet, "Say only what is wrong");
  sync.AddFlag("--json", options->json, "Print one JSON value");
  sync.Footer(
      "Every registry gets the same questions from everybody: which sellers you look at is never "
      "among them. Only where you take ranges does it see which of them you fetch, wanted or drawn "
      "by lot.\n"
      "Exit code 6: a registry contradicts itself; the last good index stays in use. 5: not "
      "reached; the next sync goes on.\n"
      "Examples:\n"
      "  kaopu sync\n"
      "  kaopu sync --registry https://registry.example --key registry.example+1a2b3c4d+AQID...\n"
      "  kaopu sync --range taobao:12345");
  sync.Callback([options, &context] { Sync(context, *options); });
}

}  // namespace kaopu
