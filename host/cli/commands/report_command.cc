// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu report preview|new|enrol|revise|attach-proof|withdraw|list` and `kaopu outbox`: what the
// shopper shares of own orders. Nothing is sent here; `kaopu sync` sends.
#include <algorithm>
#include <memory>
#include <optional>

#include "base/str_cat.h"
#include "cli/commands/attach_proof.h"
#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"
#include "cli/commands/registry_text.h"
#include "cli/commands/report_text.h"
#include "cli/commands/sending.h"

namespace kaopu {
namespace {

struct Options {
  RequestOptions fields;
  std::vector<std::string> registries;
  bool enrol = false;
  bool yes = false;
  bool json = false;
  bool send = false;  // outbox
  std::optional<std::string> proxy;
};

constexpr char kFooterNothingSent[] =
    "Nothing is sent by this command: `kaopu sync` sends what waits in the outbox.\n";

Command AddCommand(Command report, const char* name, const char* help,
                   std::shared_ptr<Options>& options) {
  Command command = report.AddCommand(name, help);
  options = std::make_shared<Options>();
  command.AddFlag("--json", options->json, "Print one JSON value");
  return command;
}

void AddOrder(Command command, Options& options, bool ended) {
  options.fields.Text(command, "--seller", "seller_key",
                      "Seller, such as jd:12345 or web:example.com");
  if (ended) {
    options.fields.Text(command, "--outcome", "outcome",
                        "on_time, late, never_shipped, fake_shipment or seller_cancelled");
  }
  options.fields.Text(command, "--placed", "placed_at", "Day of the order, YYYY-MM-DD");
  options.fields.Text(command, "--promised", "promised_by",
                      "Last day on which it should have shipped");
  if (ended) {
    options.fields.Text(command, "--shipped", "shipped_at", "Day of the first carrier scan");
    options.fields.Text(command, "--known", "known_at",
                        "Day on which the outcome was known; default: what the dates say");
    options.fields.Whole(command, "--days-late", "days_late",
                         "Days from the promised date to shipment (late only)");
  }
  options.fields.Price(command, "--price", "value",
                       "What it cost, such as \"149.00 CNY\"; a coarse band of it is told");
  options.fields.Text(command, "--order", "order_id",
                      "Order number: one on record tells the rest. It is never sent as it is");
  if (ended) {
    options.fields.Whole(command, "--outcome-id", "outcome_id",
                         "A recorded outcome: its number from `kaopu outcome list`");
  }
}

void AddConsent(Command command, Options& options, bool several) {
  if (several) {
    command.AddOption("--registry", options.registries,
                      "To this registry, by id or name (may be repeated); needed where several "
                      "are known");
  }
  command.AddFlag("--yes", options.yes,
                  "Agree to these bytes without being asked; --json does not ask either");
}

Expected<Json> RequestOf(const Options& options, std::string_view op) {
  Expected<Json> request = options.fields.Request(op);
  if (request && options.enrol) (*request)["enrol"] = true;
  return request;
}

Expected<Json> Run(CommandContext& context, const Expected<Json>& request) {
  if (!request) return request;
  const Expected<ActionContext*> actions = context.Actions();
  if (!actions) return std::unexpected(actions.error());
  return RunAction(**actions, request->at("op").get_ref<const std::string&>(), *request);
}

// Those named, or the one there is.
Expected<Json> ChooseRegistries(const Options& options, const Json& known) {
  Json ids = Json::array();
  std::string names;
  for (const Json& registry : known) {
    names += StrCat(names.empty() ? "" : ", ", CellOf(registry["id"]), " (",
                    CellOf(registry["name"]), ")");
  }
  for (const std::string& wanted : options.registries) {
    const auto found = std::ranges::find_if(known, [&](const Json& registry) {
      return CellOf(registry["id"]) == wanted || CellOf(registry["name"]) == wanted ||
             CellOf(registry["origin"]) == wanted;
    });
    if (found == known.end()) {
      return Fail(ErrorCode::kNotFound,
                  names.empty()
                      ? StrCat("no registry is known as \"", wanted, "\"")
                      : StrCat("no registry is known as \"", wanted, "\"; there is: ", names));
    }
    ids.push_back((*found)["id"]);
  }
  if (ids.empty() && known.size() == 1) ids.push_back(known.front()["id"]);
  if (ids.empty() && known.size() > 1) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("which registry? name one with --registry; there is: ", names));
  }
  return ids;  // none known: the action says what to do
}

// To whom it goes, in words.
std::string RecipientText(const Json& preview, const Json& ids, const Words& words) {
  std::string text;
  for (const Json& registry : preview["registries"]) {
    if (std::ranges::find(ids, registry["id"]) == ids.end()) continue;
    text += StrCat(text.empty() ? "" : ", ", CellOf(registry["name"]), " (",
                   CellOf(registry["origin"]), ")");
  }
  return StrCat(words.Say("report_to"), ": ", TerminalSafe(text), "\n");
}

// Whether a report that waited with a proof now waits with other words, for which it is none.
bool LostItsProof(const Json& earlier, const Json& reply) {
  const Json now = reply.contains("report") ? Json::array({reply["report"]}) : reply["reports"];
  return std::ranges::any_of(earlier, [&](const Json& before) {
    return !before["proof_by"].is_null() && std::ranges::any_of(now, [&](const Json& after) {
      return after["report_id"] == before["report_id"] && after["proof_by"].is_null();
    });
  });
}

// Looks, shows, asks, and does what was agreed to by `op` (report_add, report_revise).
void Share(CommandContext& context, const Options& options, std::string_view op) {
  Expected<Json> request = RequestOf(options, "report_preview");
  const Expected<Json> preview = Run(context, request);
  if (!preview) return context.Fail(preview.error());
  const bool to_named = op == "report_add";
  Json ids = Json::array();
  if (to_named) {
    Expected<Json> chosen = ChooseRegistries(options, (*preview)["registries"]);
    if (!chosen) return context.Fail(chosen.error());
    ids = std::move(*chosen);
  }
  const Words& words = context.words();
  if (!options.json) {
    context.out << PreviewText(*preview, words);
    if (!ids.empty()) context.out << RecipientText(*preview, ids, words);
    if (!options.yes && !(to_named && ids.empty())) {
      if (!context.is_terminal) {
        return context.Fail({ErrorCode::kBadRequest,
                             "nobody is there to agree; add --yes if you agree to these bytes"});
      }
      if (!Agrees(context, words.Say("cli_report_ask"))) {
        context.out << words.Say("cli_report_not_noted") << '\n';
        return;
      }
    }
  }
  (*request)["op"] = op;
  (*request)["text"] = (*preview)["report"];
  if (to_named) (*request)["registry_ids"] = ids;
  Expected<Json> reply = Run(context, request);
  if (!reply) return context.Fail(reply.error());
  if (options.json) {
    (*reply)["text"] = (*preview)["report"];
    (*reply)["reveals"] = (*preview)["reveals"];
    context.out << DumpJson(*reply, 1) << '\n';
    return;
  }
  context.out << words.Say("report_queued") << '\n';
  if (LostItsProof((*preview)["earlier"], *reply)) {
    context.out << words.Say("cli_prove_dropped") << '\n';
  }
}

void AddPreview(Command report, CommandContext& context) {
  std::shared_ptr<Options> options;
  Command command =
      AddCommand(report, "preview",
                 "Show what a report would tell, and its exact bytes; nothing is kept", options);
  AddOrder(command, *options, true);
  command.AddFlag("--enrol", options->enrol, "Of an order that is still open");
  command.Footer(
      "Example:\n  kaopu report preview --seller jd:12345 --outcome late --placed 2026-10-01 "
      "--promised 2026-10-03 --shipped 2026-10-09");
  command.Callback([options, &context] {
    RunAndSay(context, RequestOf(*options, "report_preview"), options->json, PreviewText);
  });
}

void AddNew(Command report, CommandContext& context) {
  std::shared_ptr<Options> options;
  Command command =
      AddCommand(report, "new",
                 "Share how an order ended: shows the exact bytes, asks, and queues them", options);
  AddOrder(command, *options, true);
  AddConsent(command, *options, true);
  command.Footer(StrCat(kFooterNothingSent,
                        "Examples:\n"
                        "  kaopu report new --outcome-id 3\n"
                        "  kaopu report new --seller jd:12345 --outcome never_shipped --placed "
                        "2026-10-01 --promised 2026-10-03 --order 900010002000"));
  command.Callback([options, &context] { Share(context, *options, "report_add"); });
}

void AddEnrol(Command report, CommandContext& context) {
  std::shared_ptr<Options> options;
  Command command = AddCommand(
      report, "enrol",
      "Tell of an open order, and later how it ended: whatever that is, it counts for more",
      options);
  options->enrol = true;
  AddOrder(command, *options, false);
  AddConsent(command, *options, true);
  command.Footer(StrCat(kFooterNothingSent,
                        "Examples:\n"
                        "  kaopu report enrol --order 900010002000\n"
                        "  kaopu report enrol --seller jd:12345 --placed 2026-11-01 --promised "
                        "2026-11-03"));
  command.Callback([options, &context] { Share(context, *options, "report_add"); });
}

void AddRevise(Command report, CommandContext& context) {
  std::shared_ptr<Options> options;
  Command command = AddCommand(
      report, "revise", "Say anew how a reported order went: it did ship after all", options);
  options->fields.Whole(command, "ID", "report_id", "Number from `kaopu report list`").Required();
  AddOrder(command, *options, true);
  AddConsent(command, *options, false);
  command.Footer(StrCat("Without an outcome of its own it takes what is on record by now.\n",
                        kFooterNothingSent,
                        "Examples:\n"
                        "  kaopu report revise 3\n"
                        "  kaopu report revise 3 --outcome late --placed 2026-10-01 --days-late "
                        "9"));
  command.Callback([options, &context] { Share(context, *options, "report_revise"); });
}

void AddWithdraw(Command report, CommandContext& context) {
  std::shared_ptr<Options> options;
  Command command = AddCommand(report, "withdraw",
                               "Take back all that was said of an order at that registry", options);
  options->fields.Whole(command, "ID", "report_id", "Number from `kaopu report list`").Required();
  command.Footer(
      "What never left is gone at once; a registry that has it deletes the content with the next "
      "sync.\n"
      "Example:\n  kaopu report withdraw 3");
  command.Callback([options, &context] {
    RunAndSay(context, options->fields.Request("report_withdraw"), options->json,
              [](const Json&, const Words& words) {
                return StrCat(words.Say("report_withdrawn_said"), "\n",
                              words.Say("report_withdraw_text"), "\n");
              });
  });
}

void AddList(Command report, CommandContext& context) {
  std::shared_ptr<Options> options;
  Command command =
      AddCommand(report, "list", "Show what you shared and where it stands, newest first", options);
  command.Footer("Example:\n  kaopu report list");
  command.Callback([options, &context] {
    RunAndSay(context, options->fields.Request("report_list"), options->json,
              [](const Json& reply, const Words& words) {
                const std::string table = ReportTable(reply["reports"], words);
                return table.empty() ? words.Say("cli_report_none") + "\n" : table;
              });
  });
}

// To every registry, without following any.
void SendOutbox(CommandContext& context, const Options& options) {
  auto sending = Sending::Open(context, true);
  if (!sending) return context.Fail(sending.error());
  const Expected<ActionContext*> actions = context.Actions();
  if (!actions) return context.Fail(actions.error());
  for (const pool::Registry& registry : pool::ListRegistries((*actions)->home)) {
    const auto proxy = ProxyOf(options.proxy, registry.settings.proxy);
    if (!proxy) return context.Fail(proxy.error());
    const auto client = RegistryClient(*proxy);
    if (!client) return context.Fail(client.error());
    if (const auto sent = (*sending)->partner().Before(registry, **client); !sent) {
      context.Fail(sent.error());
    }
  }
  if (options.json) {
    context.out << DumpJson((*sending)->ToJson(), 1) << '\n';
    return;
  }
  const std::string text = (*sending)->Text(context.words());
  if (text.empty() && context.exit_code != 0) return;  // said already
  context.out << (text.empty() ? context.words().Say("cli_outbox_empty") + "\n" : text);
}

void ShowOutbox(CommandContext& context, const Options& options) {
  Expected<Json> reply = Run(context, Json{{"op", "report_list"}});
  if (!reply) return context.Fail(reply.error());
  Json waiting = Json::array();
  for (Json& report : (*reply)["reports"]) {
    if (IsOnItsWay(report)) waiting.push_back(std::move(report));
  }
  if (options.json) {
    context.out << DumpJson({{"reports", std::move(waiting)}}, 1) << '\n';
    return;
  }
  const std::string text = OutboxText(waiting, context.clock.Now(), context.words());
  context.out << (text.empty() ? context.words().Say("cli_outbox_empty") + "\n" : text);
}

}  // namespace

void AddReportCommand(Command app, CommandContext& context) {
  Command report =
      app.AddCommand("report", "Share how your orders went with the shared databases you chose");
  report.NeedCommand();
  report.Footer(
      "Examples:\n"
      "  kaopu report new --outcome-id 3\n"
      "  kaopu report list\n"
      "  kaopu report withdraw 3");
  AddPreview(report, context);
  AddNew(report, context);
  AddEnrol(report, context);
  AddRevise(report, context);
  AddAttachProof(report, context);
  AddWithdraw(report, context);
  AddList(report, context);
}

void AddOutboxCommand(Command app, CommandContext& context) {
  auto options = std::make_shared<Options>();
  Command command = app.AddCommand("outbox", "Show the reports that wait to be sent or taken back");
  command.AddFlag("--json", options->json, "Print one JSON value");
  Option send = command.AddFlag("--send", options->send,
                                "Send now what waits, and fetch nothing; `kaopu sync` does both");
  command
      .AddOption("--proxy", options->proxy,
                 "Through this proxy this time, such as socks5h://127.0.0.1:9050 for Tor; none = "
                 "directly")
      .Needs(send);
  command.Footer("Examples:\n  kaopu outbox\n  kaopu outbox --send");
  command.Callback([options, &context] {
    options->send ? SendOutbox(context, *options) : ShowOutbox(context, *options);
  });
}

}  // namespace kaopu
