// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry publish`: one publish, as `serve` does it on its own clock.
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/str_cat.h"
#include "registry/commands/commands.h"
#include "registry/commands/config_file.h"
#include "registry/commands/database_option.h"
#include "registry/commands/witness_options.h"
#include "registry/folder/registry_folder.h"
#include "registry/publish/publish_folder.h"

namespace kaopu {
namespace {

struct Options {
  std::string data, database;
  WitnessFlags witnesses;
  std::optional<unsigned> range_bits;
  bool json = false;
};

Expected<Published> Publish(const Options& options, RegistryContext& context) {
  const auto folder = RegistryFolder::Open(options.data, options.database);
  if (!folder) return std::unexpected(folder.error());
  auto witnesses = options.witnesses.Read();
  if (!witnesses) return std::unexpected(witnesses.error());
  const Witnessing witnessing{
      std::move(*witnesses), [&](const WitnessAnswer& answer) {
        if (!answer.problem) return;
        context.Note(StrCat("not cosigned by ", answer.witness, ": ", answer.problem->message));
      }};
  return PublishFolder(
      *folder, context.clock, [&](std::string_view text) { context.Note(text); }, {}, witnessing,
      options.range_bits);
}

void Run(Command command, const Options& options, RegistryContext& context) {
  if (const auto read = ReadConfig(command, "", options.data, true); !read) {
    return context.Fail(read.error());
  }
  const auto published = Publish(options, context);
  if (!published) return context.Fail(published.error());
  if (!published->pages_error.empty()) {
    context.Note(
        StrCat("the index is published, the pages for people are not: ", published->pages_error));
  }
  const auto& cut = published->ranges;
  if (options.json) {
    Json ranges = nullptr;
    if (cut) {
      ranges = {{"bits", cut->bits},
                {"ranges", cut->Ranges()},
                {"bytes_each", cut->SlotBytes()},
                {"bytes", cut->FileBytes()}};
    }
    context.out << DumpJson({{"publish",
                              published->publish == 0 ? Json(nullptr) : Json(published->publish)},
                             {"as_of", FormatDate(published->as_of)},
                             {"released", published->released},
                             {"duplicates_removed", published->duplicates},
                             {"contents", published->contents},
                             {"sellers", published->index.sellers},
                             {"details", published->index.details},
                             {"bytes", published->bytes},
                             {"delta_bytes", published->delta_bytes},
                             {"ranges", std::move(ranges)}})
                << '\n';
  } else if (published->publish == 0) {
    context.out << "Nothing new since the last publish: nothing was published.\n";
  } else {
    context.out << "Publish " << published->publish << ", as of " << FormatDate(published->as_of)
                << ": " << published->released << " contents released, " << published->contents
                << " weighed, " << published->index.sellers << " sellers, "
                << published->index.details << " with details; " << published->bytes
                << " bytes whole, " << published->delta_bytes
                << " as deltas from the one before.\n";
    if (cut) {
      context.out << "In ranges: " << cut->Ranges() << " of " << cut->SlotBytes()
                  << " bytes each, of about " << cut->sellers / cut->Ranges() << " sellers, "
                  << cut->FileBytes() << " bytes in all.\n";
    }
  }
}

}  // namespace

void AddPublishCommand(Command app, RegistryContext& context) {
  auto options = std::make_shared<Options>();
  Command publish = app.AddCommand(
      "publish", "Release what has waited, compute the index from the log, put it in place");
  publish.AddOption("--data", options->data, "The registry's folder").Required().TypeName("DIR");
  AddDatabaseOption(publish, options->database);
  options->witnesses.AddTo(publish);
  publish
      .AddOption("--range-bits", options->range_bits,
                 "Also cut the index into 2^BITS ranges, from this publish on; 0 = no more. Not "
                 "given: as the publish before (at first: not cut)")
      .InRange(0U, index::kPrefixBitsMax);
  publish.AddFlag("--json", options->json, "Print one JSON object");
  publish.Footer(
      "Reports on a seller are released together once five wait, or the oldest has waited 14 days. "
      "Cut off at any point, the last publish stays whole and the next run goes on. `serve` does "
      "the same on its own clock, and goes on cutting ranges where the publish before did. "
      "Witnesses are also those that registry.toml in --data names.\n"
      "Ranges are for shoppers without room for the whole index: all are padded to one size and "
      "lie in one file, of which they fetch parts. Each should hold some hundred sellers, so that "
      "asking for one says little: fewer bits are more privacy, and more bytes for them.");
  publish.Callback([options, publish, &context] { Run(publish, *options, context); });
}

}  // namespace kaopu
