// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu data export|delete`: all that is kept about the shopper, out or gone.
#include <filesystem>
#include <memory>

#include "base/files.h"
#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"
#include "pool/net/secret_service.h"

namespace kaopu {
namespace {

struct Options {
  std::string out;
  bool yes = false;
  bool json = false;
};

void Export(CommandContext& context, const Options& options) {
  const Expected<ActionContext*> actions = context.Actions();
  if (!actions) return context.Fail(actions.error());
  const Expected<Json> reply = RunAction(**actions, "data_export", Json::object());
  if (!reply) return context.Fail(reply.error());
  const std::string text = DumpJson((*reply)["data"], 1) + "\n";
  if (options.out.empty() || options.out == "-") {
    context.out << text;
    return;
  }
  if (Expected<void> written = WriteFileAtomic(std::filesystem::absolute(options.out), text);
      !written) {
    context.Fail(written.error());
  }
}

// The host deletes the file alone; what lies in the desktop's keyring goes from here.
void RemoveKey(CommandContext& context) {
  const Expected<std::filesystem::path> home = HomeFolder();
  const auto keyring = pool::DesktopKeyring(std::chrono::seconds(60));
  if (!home || !keyring) return;
  if (const auto gone = pool::ReporterKey(*home, keyring.get()).Remove(); !gone) {
    context.Fail(gone.error());
  }
}

}  // namespace

void AddMyDataCommands(Command data, CommandContext& context) {
  auto options = std::make_shared<Options>();
  Command save = data.AddCommand("export", "Print or save all that Kaopu keeps about you, as JSON");
  save.AddOption("FILE", options->out, "File to write (mode 0600); default: standard output");
  save.Footer("Example:\n  kaopu data export my-data.json");
  save.Callback([options, &context] { Export(context, *options); });

  Command erase = data.AddCommand(
      "delete",
      "Delete all that Kaopu keeps about you: orders, outcomes, settings, reports and the key they "
      "are signed with");
  erase.AddFlag("--yes", options->yes, "Do it; there is no undo");
  erase.AddFlag("--json", options->json, "Print one JSON value");
  erase.Footer("Example:\n  kaopu data delete --yes");
  erase.Callback([options, &context] {
    if (!options->yes) {
      return context.Fail(
          {ErrorCode::kBadRequest, context.words().Say("cli_data_delete_needs_yes")});
    }
    RunAndSay(context, Json{{"op", "data_delete"}, {"confirm", "delete everything"}}, options->json,
              [](const Json& reply, const Words& words) {
                return words.Say("cli_data_deleted", reply["deleted"]) + "\n";
              });
    if (context.exit_code == 0) RemoveKey(context);
  });
}

}  // namespace kaopu
