// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu report attach-proof`: an order's mail is shown to an attester, once, and its word goes
// with the report. The one command that sends what is not the registry's to have.
#include "cli/commands/attach_proof.h"

#include <sodium.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/str_cat.h"
#include "cli/commands/own_record.h"
#include "cli/commands/registry_text.h"
#include "cli/commands/report_text.h"
#include "cli/table.h"
#include "pool/net/prove.h"
#include "pool/net/secret_service.h"

namespace kaopu {
namespace {

constexpr std::chrono::seconds kPatience{60};  // for a keyring to be unlocked

struct Options {
  int64_t report_id = 0;
  std::string mail, attester;
  std::optional<std::string> proxy;
  bool yes = false;
  bool json = false;
};

// Wiped when it goes.
struct Mail {
  std::string bytes;
  ~Mail() { sodium_memzero(bytes.data(), bytes.size()); }
};

std::string ToldText(const pool::ProofDraft& draft, const pool::KnownAttester& attester,
                     size_t mail_bytes, const Options& options, const Words& words) {
  std::string text = TerminalSafe(words.Say("cli_prove_title", {{"seller", draft.report.seller},
                                                                {"attester", attester.key.name},
                                                                {"address", attester.address}})) +
                     "\n";
  for (const std::string& line :
       {words.Say("cli_prove_sends",
                  {{"file", options.mail}, {"size", BytesText(mail_bytes, words)}}),
        words.Say("cli_prove_sees"), words.Say("cli_prove_keeps"),
        words.Say("cli_prove_says", {{"week", draft.report.week.ToText()}}),
        words.Say("cli_prove_only"), words.Say("cli_prove_together")}) {
    text += StrCat("- ", TerminalSafe(line), "\n");
  }
  text += words.Say(draft.row.report_id == 0 ? "cli_prove_again" : "cli_prove_waiting") + "\n";
  return StrCat(text, "  ", TerminalSafe(draft.row.report), "\n");
}

// What was kept, as `report list` gives it.
Expected<Json> KeptJson(ActionContext& actions, int64_t report_id) {
  Expected<Json> reply = RunAction(actions, "report_list", {{"op", "report_list"}});
  if (!reply) return reply;
  for (Json& report : (*reply)["reports"]) {
    if (report["report_id"] == report_id) return std::move(report);
  }
  return Fail(ErrorCode::kNotFound, StrCat("no report ", report_id));
}

// The report with its proof, kept; nullopt where the shopper does not want it.
Expected<std::optional<ReportRecord>> Attach(CommandContext& context, ActionContext& actions,
                                             const Options& options) {
  const TimeMs now = context.clock.Now();
  auto draft = pool::DraftProof(actions.store, options.report_id, now);
  if (!draft) return std::unexpected(draft.error());
  const auto registry = pool::ReadRegistry(actions.home, draft->row.registry_id);
  if (!registry) return std::unexpected(registry.error());
  Mail mail;
  auto bytes = pool::ReadOrderMail(options.mail);
  if (!bytes) return std::unexpected(bytes.error());
  mail.bytes = std::move(*bytes);
  if (!options.yes && (options.json || !context.is_terminal)) {
    return Fail(ErrorCode::kBadRequest,
                "nobody is there to agree; add --yes if the attester may see the whole mail");
  }
  const auto proxy = ProxyOf(options.proxy, registry->settings.proxy);
  if (!proxy) return std::unexpected(proxy.error());
  const auto client = RegistryClient(*proxy);
  if (!client) return std::unexpected(client.error());
  const auto accepted = pool::AcceptedAttesters(**client, actions.home, *registry);
  if (!accepted) return std::unexpected(accepted.error());
  const auto attester = pool::FindAttester(**client, options.attester, *proxy, *accepted);
  if (!attester) return std::unexpected(attester.error());
  const Words& words = context.words();
  if (!options.json) {
    context.out << ToldText(*draft, *attester, mail.bytes.size(), options, words) << std::flush;
  }
  if (!options.yes && !Agrees(context, words.Say("cli_prove_ask"))) return std::nullopt;

  const auto keyring = pool::DesktopKeyring(kPatience);
  pool::ReporterKey key(actions.home, keyring.get());
  const auto seed = key.FindOrMake();
  if (!seed) return std::unexpected(seed.error());
  const auto order =
      pool::EvaluateOrder(*registry, **client, actions.store, key, context.clock, {}, draft->row);
  if (!order) return std::unexpected(order.error());
  const report::ProofRequest request =
      pool::MakeProofRequest(*registry, *order, *seed, draft->report);
  auto proof = pool::AskAttester(**client, *attester, request, mail.bytes);
  if (!proof) return std::unexpected(proof.error());
  const auto fits = pool::CheckProof(*proof, attester->key, request, order->nullifier);
  if (!fits) return std::unexpected(fits.error());
  draft->row.proof = std::move(*proof);
  draft->row.proof_by = attester->key.name;
  auto kept = actions.store.PutReport(std::move(draft->row), now);
  if (!kept) return std::unexpected(kept.error());
  return std::move(*kept);
}

void Run(CommandContext& context, const Options& options) {
  const Expected<ActionContext*> actions = context.Actions();
  if (!actions) return context.Fail(actions.error());
  const auto kept = Attach(context, **actions, options);
  const Words& words = context.words();
  if (!kept) {
    context.Fail(kept.error());
    const ErrorCode code = kept.error().code;
    if (code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout ||
        code == ErrorCode::kLimit) {
      context.err << words.Say("cli_prove_later") << '\n';
    }
    return;
  }
  if (!*kept) {
    context.out << words.Say("cli_prove_not_sent") << '\n';
    return;
  }
  if (options.json) {
    const auto report = KeptJson(**actions, (*kept)->report_id);
    if (!report) return context.Fail(report.error());
    context.out << DumpJson({{"report", *report}}, 1) << '\n';
    return;
  }
  context.out << words.Say("cli_prove_done", {{"id", (*kept)->report_id}}) << '\n';
}

}  // namespace

void AddAttachProof(Command report, CommandContext& context) {
  auto options = std::make_shared<Options>();
  Command command = report.AddCommand(
      "attach-proof", "Have the order's mail prove a report, so that it counts for more");
  command.AddOption("ID", options->report_id, "Number from `kaopu report list`")
      .Required()
      .TypeName("INT");
  command
      .AddOption("MAIL_FILE", options->mail,
                 "The platform's order mail, saved as it came (.eml), headers and all")
      .Required()
      .TypeName("FILE");
  command
      .AddOption("--attester", options->attester,
                 "Who is to look at the mail: address, or name of its key; needed where the "
                 "registry takes the word of several")
      .TypeName("URL|NAME");
  command.AddOption("--proxy", options->proxy,
                    "Through this proxy this time, such as socks5h://127.0.0.1:9050 for Tor; "
                    "none = directly");
  command.AddFlag("--yes", options->yes, "Agree to send the mail without being asked");
  command.AddFlag("--json", options->json, "Print one JSON value");
  command.Footer(
      "The attester sees the whole mail, once, in its memory; what it keeps is shown before you "
      "are "
      "asked.\n"
      "The proof goes out with the next `kaopu sync`; a report that was sent already is said once "
      "more with it.\n"
      "Examples:\n"
      "  kaopu report attach-proof 3 order.eml\n"
      "  kaopu report attach-proof 3 order.eml --attester https://attester.example.org");
  command.Callback([options, &context] { Run(context, *options); });
}

}  // namespace kaopu
