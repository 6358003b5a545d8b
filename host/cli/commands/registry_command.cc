// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu registry add|list|set|remove`: which shared databases are asked, and how far each is
// trusted.
#include <memory>
#include <optional>

#include "base/files.h"
#include "base/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"
#include "cli/commands/registry_text.h"
#include "pool/net/choose.h"
#include "pool/net/registry_address.h"

namespace kaopu {
namespace {

struct Options {
  std::string registry;  // address, or what it is known as
  std::string key;
  std::vector<std::string> witnesses;
  std::optional<std::string> proxy;
  std::optional<int> trust, mb_max;
  std::string ranges;
  bool no_witness = false;
  bool yes = false;
  bool json = false;
};

Expected<void> Apply(const Options& options, pool::RegistrySettings& settings) {
  auto proxy = ProxyOf(options.proxy, settings.proxy);
  if (!proxy) return std::unexpected(proxy.error());
  settings.proxy = std::move(*proxy);
  if (options.trust) settings.trust = *options.trust;
  if (options.mb_max) settings.index_mb_max = *options.mb_max;
  if (const auto use = pool::RangeUseOf(options.ranges)) settings.ranges = *use;
  if (options.no_witness) settings.witnesses.clear();
  for (const std::string& text : options.witnesses) {
    const auto key = tlog::VerifierKey::Parse(text);
    if (!key || key->kind != tlog::KeyKind::kCosignature) {
      return Fail(ErrorCode::kBadRequest,
                  StrCat("--witness: \"", text, "\" is no key of a witness"));
    }
    if (std::ranges::find(settings.witnesses, text) == settings.witnesses.end()) {
      settings.witnesses.push_back(text);
    }
  }
  if (settings.witnesses.size() > pool::kWitnessesMax) {
    return Fail(ErrorCode::kLimit, StrCat("--witness: at most ", pool::kWitnessesMax));
  }
  return {};
}

// Whatever is said of ranges, what was drawn and asked for before is forgotten.
Expected<void> BeginRanges(const std::filesystem::path& home, const std::string& id,
                           const Options& options) {
  return options.ranges.empty() ? Expected<void>() : pool::ForgetRanges(home, id);
}

void Say(CommandContext& context, const pool::Registry& registry, bool json) {
  if (json) {
    context.out << DumpJson(RegistryJson(registry)) << '\n';
  } else {
    context.out << RegistryText(registry, context.words());
  }
}

void Add(CommandContext& context, const Options& options) {
  const auto home = HomeFolder();
  if (!home) return context.Fail(home.error());
  pool::RegistrySettings settings;
  if (!options.key.empty()) {
    if (const auto key = tlog::VerifierKey::Parse(options.key); !key) {
      return context.Fail({ErrorCode::kBadRequest,
                           StrCat("--key: this is no key of a registry: ", key.error().message)});
    }
    // One that is known keeps what was chosen for it.
    if (const auto known = pool::ReadRegistry(*home, pool::RegistryIdOf(options.key))) {
      settings = known->settings;
    }
  }
  if (const auto applied = Apply(options, settings); !applied) return context.Fail(applied.error());
  const auto address = pool::RegistryAddress(options.registry, settings.proxy);
  if (!address) return context.Fail(address.error());
  if (options.key.empty() && (options.json || !context.is_terminal)) {
    return context.Fail(
        {ErrorCode::kBadRequest,
         "the registry's key is missing: get it from its operator by another way than this address "
         "and give it with --key"});
  }
  const auto client = RegistryClient(settings.proxy);
  if (!client) return context.Fail(client.error());
  const auto offer = pool::AskRegistry(**client, *address, options.key, settings);
  if (!offer) return context.Fail(offer.error());
  if (options.key.empty()) {
    const Words& words = context.words();
    context.out << words.Of(TerminalSafe(StrCat("This address names itself: ", offer->info.name)))
                << '\n'
                << words.Of("Its key:") << "\n  " << TerminalSafe(offer->info.log_key) << '\n'
                << words.Of(
                       "Compare it with the key that its operator gives by another way: a page, a "
                       "paper, a friend. Who gives you a false key can show you a false database.")
                << '\n';
    if (!Agrees(context, words.Of("Is it the same key? y/N"))) {
      context.out << words.Of("Nothing was added.") << '\n';
      return;
    }
  }
  const auto kept = pool::KeepRegistry(*home, *offer, settings, context.clock);
  if (!kept) return context.Fail(kept.error());
  if (const auto anew = BeginRanges(*home, kept->id, options); !anew) {
    return context.Fail(anew.error());
  }
  Say(context, *kept, options.json);
  if (!options.json && kept->state.publish == 0) {
    context.out << context.words().Of("Next: kaopu sync fetches its index.") << '\n';
  }
}

void List(CommandContext& context, const Options& options) {
  const auto home = HomeFolder();
  if (!home) return context.Fail(home.error());
  std::string problem;
  const auto registries = pool::ListRegistries(*home, &problem);
  if (options.json) {
    Json list = Json::array();
    for (const pool::Registry& one : registries) list.push_back(RegistryJson(one));
    context.out << DumpJson({{"registries", std::move(list)}}) << '\n';
  } else {
    for (const pool::Registry& one : registries) context.out << RegistryText(one, context.words());
    if (registries.empty() && problem.empty()) {
      context.out << context.words().Of(
                         "No registry is known. Next: kaopu registry add URL --key KEY")
                  << '\n';
    }
  }
  if (!problem.empty()) context.Fail({ErrorCode::kDamaged, problem});
}

void Set(CommandContext& context, const Options& options) {
  const auto home = HomeFolder();
  if (!home) return context.Fail(home.error());
  auto registry = pool::FindRegistry(*home, options.registry);
  if (!registry) return context.Fail(registry.error());
  if (const auto applied = Apply(options, registry->settings); !applied) {
    return context.Fail(applied.error());
  }
  if (const auto anew = BeginRanges(*home, registry->id, options); !anew) {
    return context.Fail(anew.error());
  }
  if (const auto kept = pool::SaveSettings(*home, registry->id, registry->settings); !kept) {
    return context.Fail(kept.error());
  }
  Say(context, *registry, options.json);
}

void Remove(CommandContext& context, const Options& options) {
  const auto home = HomeFolder();
  if (!home) return context.Fail(home.error());
  const auto registry = pool::FindRegistry(*home, options.registry);
  std::string id = options.registry;
  if (registry) {
    id = registry->id;
  } else if (registry.error().code != ErrorCode::kDamaged) {
    return context.Fail(registry.error());  // one that is damaged can still be removed, by its id
  }
  const std::string name = registry ? registry->info.name : id;
  if (!options.yes) {
    if (options.json || !context.is_terminal) {
      return context.Fail(
          {ErrorCode::kBadRequest, "nobody is there to agree; add --yes to remove the registry"});
    }
    if (!Agrees(context,
                context.words().Of(StrCat("Forget ", TerminalSafe(name),
                                          ", its index and what was seen of its log? y/N")))) {
      context.out << context.words().Of("Nothing was removed.") << '\n';
      return;
    }
  }
  if (const auto gone = pool::ForgetRegistry(*home, id); !gone) return context.Fail(gone.error());
  if (options.json) {
    context.out << DumpJson({{"removed", id}}) << '\n';
  } else {
    context.out << context.words().Of(TerminalSafe(StrCat("Removed: ", name))) << '\n';
  }
}

void AddSettingOptions(Command command, Options& options) {
  command
      .AddOption("--trust", options.trust, "How far its reports count, in per cent; 0 = not at all")
      .InRange(0, 100);
  command.AddOption("--witness", options.witnesses,
                    "Key of a witness that must have cosigned its log (may be repeated)");
  command.AddOption("--proxy", options.proxy,
                    "Always reach it through this proxy, such as socks5h://127.0.0.1:9050 for "
                    "Tor; none = directly");
  command
      .AddOption("--max-mb", options.mb_max,
                 "Fetch its index up to so many MB (200); a larger one is left alone")
      .InRange(1, pool::kIndexMbMax);
  command
      .AddOption("--ranges", options.ranges,
                 "In place of its whole index fetch ranges of it: scheduled = at every sync; asked "
                 "= at kaopu sync --range alone; off = the whole")
      .OneOf({"off", "asked", "scheduled"});
}

}  // namespace

void AddRegistryCommand(Command app, CommandContext& context) {
  Command registry =
      app.AddCommand("registry", "The shared databases: which are asked, how far each counts");
  registry.NeedCommand();
  registry.Footer(
      "A registry is known by its log's key, which you get from its operator by another way than "
      "its address.\n"
      "Examples:\n"
      "  kaopu registry add https://registry.example --key registry.example+1a2b3c4d+AQID...\n"
      "  kaopu registry list\n"
      "  kaopu registry set registry.example --trust 50");
  const auto below = [&](const char* name, const char* help, std::shared_ptr<Options>& options) {
    Command command = registry.AddCommand(name, help);
    options = std::make_shared<Options>();
    command.AddFlag("--json", options->json, "Print one JSON value");
    return command;
  };
  std::shared_ptr<Options> options;
  Command add = below("add", "Make a registry known, once its log's key was checked", options);
  add.AddOption("URL", options->registry, "Address: https://..., or a .onion service").Required();
  add.AddOption("--key", options->key, "Key of its log, as NAME+ID+KEY");
  AddSettingOptions(add, *options);
  add.Footer(
      "Without --key the key is shown and you are asked whether it is the right one.\n"
      "http is taken for this computer itself and for .onion services through a proxy alone.\n"
      "Added again with the same key, a registry only changes its address and settings.\n"
      "Example:\n"
      "  kaopu registry add https://registry.example --key registry.example+1a2b3c4d+AQID...");
  add.Callback([options, &context] { Add(context, *options); });

  Command list = below("list", "Show the registries, their indexes and alarms", options);
  list.Footer("Example:\n  kaopu registry list");
  list.Callback([options, &context] { List(context, *options); });

  Command set = below("set", "Change how a registry is asked and how far it counts", options);
  set.AddOption("REGISTRY", options->registry, "Its id, name or address").Required();
  AddSettingOptions(set, *options);
  set.AddFlag("--no-witness", options->no_witness, "Ask for no cosignatures any more");
  set.Footer(
      "Examples:\n"
      "  kaopu registry set registry.example --trust 50\n"
      "  kaopu registry set registry.example --proxy socks5h://127.0.0.1:9050");
  set.Callback([options, &context] { Set(context, *options); });

  Command remove = below("remove", "Forget a registry and its index", options);
  remove.AddOption("REGISTRY", options->registry, "Its id, name or address").Required();
  remove.AddFlag("--yes", options->yes, "Do it without being asked");
  remove.Footer(
      "Reports that were sent to it stay there; take them back before, with kaopu report "
      "withdraw.\n"
      "Example:\n  kaopu registry remove registry.example --yes");
  remove.Callback([options, &context] { Remove(context, *options); });
}

}  // namespace kaopu
