// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry init`: a registry's folder with its keys.
#include <memory>
#include <string>

#include "base/json.h"
#include "registry/commands/commands.h"
#include "registry/commands/database_option.h"
#include "registry/folder/registry_folder.h"

namespace kaopu {
namespace {

struct InitOptions {
  std::string data, name, title, database;
  int work_bits = kWorkBitsDefault;
  bool json = false;
};

void Run(const InitOptions& options, RegistryContext& context) {
  const auto made = RegistryFolder::Create(
      options.data,
      {options.name, options.title.empty() ? options.name : options.title, options.work_bits},
      context.clock.Now(), options.database);
  if (!made) return context.Fail(made.error());
  const std::string key = made->keys().log.verifier().ToText();
  if (options.json) {
    context.out << DumpJson({{"origin", options.name},
                             {"log_key", key},
                             {"operator_key", made->keys().operator_key.verifier().ToText()},
                             {"data", options.data}})
                << '\n';
    return;
  }
  context.out << "Registry \"" << made->identity().name << "\" is ready in " << options.data
              << ".\n\n"
                 "Shoppers need its address and this key, from a place they trust (your web page, "
                 "say):\n  "
              << key
              << "\n\n"
                 "Keep a copy of "
              << options.data
              << "/keys where nobody else can read it: without these keys nobody can go on with "
                 "this registry, with them anybody can.\n"
                 "Next: kaopu-registry serve --data "
              << options.data << "\n";
}

}  // namespace

void AddInitCommand(Command app, RegistryContext& context) {
  auto options = std::make_shared<InitOptions>();
  Command init =
      app.AddCommand("init", "Make a registry's folder: keys, database, the log's first entry");
  init.AddOption("--data", options->data, "Folder to make; one that holds a registry is refused")
      .Required()
      .TypeName("DIR");
  AddDatabaseOption(init, options->database);
  init.AddOption("--name", options->name,
                 "Name for ever, of the log and its key: a host name you own, with a path if you "
                 "like, no spaces")
      .Required();
  init.AddOption("--title", options->title, "Name for people (the same, if not given)");
  init.AddOption("--work-bits", options->work_bits,
                 "Proof of work for one request: each bit doubles it; 18 = 0.15 s of one core")
      .ShowDefault();
  init.AddFlag("--json", options->json, "Print one JSON object");
  init.Footer(
      "Example:\n  kaopu-registry init --data /var/lib/kaopu-registry --name "
      "registry.example.org --title \"Example's shops\"\n"
      "A --database that is given is written into registry.toml: the other commands find it "
      "there.");
  init.Callback([options, &context] { Run(*options, context); });
}

}  // namespace kaopu
