// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry export` and `import`: reports as a data set (host/docs/exchange_format.md).
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "registry/audit/registry_audit.h"
#include "registry/commands/commands.h"
#include "registry/commands/database_option.h"
#include "registry/exchange/export_reports.h"
#include "registry/exchange/import_reports.h"
#include "registry/exchange/report_lines.h"
#include "registry/fetch/http_reader.h"
#include "registry/folder/registry_folder.h"
#include "tlog/text_lines.h"

namespace kaopu {
namespace {

struct ExportChoice {
  std::string data, from, key, out;
  bool csv = false;
};

struct ImportChoice {
  std::string data, database, file, source, weight_class = "pool", signer;
  bool whole = false, dry_run = false, json = false;
};

Expected<std::optional<tlog::VerifierKey>> KeyOf(std::string_view option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto key = tlog::VerifierKey::Parse(text);
  if (!key) return Fail(ErrorCode::kBadRequest, StrCat(option, ": ", key.error().message));
  return std::move(*key);
}

Expected<std::string> Export(const ExportChoice& choice, RegistryContext& context) {
  std::optional<RegistryFolder> folder;
  if (!choice.data.empty()) {
    auto opened = RegistryFolder::Open(choice.data);
    if (!opened) return std::unexpected(opened.error());
    folder = std::move(*opened);
  }
  const auto read = ReaderOf(folder ? folder->Public().string() : choice.from);
  if (!read) return std::unexpected(read.error());
  auto key = KeyOf("--key", choice.key);
  if (!key) return std::unexpected(key.error());
  if (folder && !*key) *key = folder->keys().log.verifier();
  const auto audit =
      AuditRegistry(*read, {.key = std::move(*key),
                            .threads = std::max(1u, std::thread::hardware_concurrency()),
                            .progress = [&](std::string_view text) { context.Note(text); }});
  if (!audit) return std::unexpected(audit.error());
  std::ostringstream out;
  ExchangeHeader header;
  if (choice.csv) WriteCsvHeading(out);
  const auto done = ExportReports(*read, *audit,
                                  {.begin =
                                       [&](const ExchangeHeader& begun) {
                                         header = begun;
                                         if (!choice.csv) out << HeaderLine(header) << '\n';
                                       },
                                   .report =
                                       [&](const ExchangedReport& report) {
                                         if (choice.csv) return WriteCsvReport(out, report);
                                         out << ReportLine(report) << '\n';
                                       }});
  if (!done) return std::unexpected(done.error());
  std::string text = std::move(out).str();
  if (folder && !choice.csv) {
    text += NoteLine(header, tlog::Sha256({text}), folder->keys().operator_key) + "\n";
  }
  context.Note(StrCat(header.reports, " reports of ", header.source, ", publish ", header.publish,
                      ", as of ", FormatDate(*header.as_of)));
  return text;
}

void RunExport(const ExportChoice& choice, RegistryContext& context) {
  const auto text = Export(choice, context);
  if (!text) return context.Fail(text.error());
  if (choice.out.empty()) {
    context.out << *text;
  } else if (auto written = WriteFileAtomic(choice.out, *text, 0644); !written) {
    context.Fail(written.error());
  }
}

struct Done {
  Imported imported;
  ImportOptions options;
};

Expected<Done> Import(const ImportChoice& choice, RegistryContext& context) {
  const auto signer = KeyOf("--signer", choice.signer);
  if (!signer) return std::unexpected(signer.error());
  const auto folder = RegistryFolder::Open(choice.data, choice.database);
  if (!folder) return std::unexpected(folder.error());
  const auto text = ReadFile(choice.file, kExchangeFileBytesMax);
  if (!text) return std::unexpected(text.error());
  const auto file = ParseExchange(*text, *signer);
  if (!file) return Fail(file.error().code, StrCat(choice.file, ": ", file.error().message));
  Done done;
  ImportOptions& options = done.options;
  options.source = choice.source;
  if (file->header) {
    if (!choice.source.empty() && choice.source != file->header->source) {
      return Fail(ErrorCode::kBadRequest, StrCat("--source ", choice.source,
                                                 ", but the file is of ", file->header->source));
    }
    options.source = file->header->source;
  }
  if (options.source.empty() || options.source.size() > 200 || !tlog::IsNoteText(options.source)) {
    return Fail(ErrorCode::kBadRequest,
                "--source: the file does not say whose words these are: a name of 1 to 200 bytes, "
                "the same for every file of theirs");
  }
  if (options.source == folder->identity().origin) {
    return Fail(ErrorCode::kBadRequest, "these are this registry's own reports");
  }
  if (file->is_signed) options.signed_by = choice.signer;
  if (choice.weight_class == "source") {
    if (!file->is_signed) {
      return Fail(ErrorCode::kBadRequest,
                  "--class source: a file whose signature was checked (--signer) alone");
    }
    options.weight_class.reset();
  } else {
    options.weight_class = choice.weight_class == "trusted"    ? report::WeightClass::kTrusted
                           : choice.weight_class == "newcomer" ? report::WeightClass::kNewcomer
                                                               : report::WeightClass::kPool;
  }
  options.whole = choice.whole;
  options.dry_run = choice.dry_run;
  options.progress = [&](std::string_view progress) { context.Note(progress); };
  auto imported = ImportReports(*folder, *file, options, context.clock);
  if (!imported) return Fail(imported.error().code, imported.error().message);
  done.imported = *imported;
  return done;
}

void RunImport(const ImportChoice& choice, RegistryContext& context) {
  const auto done = Import(choice, context);
  if (!done) return context.Fail(done.error());
  const Imported& imported = done->imported;
  if (choice.json) {
    context.out << DumpJson({{"source", done->options.source},
                             {"signed", !done->options.signed_by.empty()},
                             {"dry_run", choice.dry_run},
                             {"added", imported.added},
                             {"revised", imported.revised},
                             {"same", imported.same},
                             {"told_by_others", imported.told},
                             {"removed_before", imported.gone},
                             {"removed", imported.removed}})
                << '\n';
    return;
  }
  context.out << (choice.dry_run ? "Nothing was written. It would be, from " : "From ")
              << done->options.source << ": " << imported.added << " reports added, "
              << imported.revised << " revised, " << imported.same << " known already, "
              << imported.told << " of orders that shoppers have told of, " << imported.gone
              << " removed here before, " << imported.removed << " removed now.\n";
}

}  // namespace

void AddExportCommand(Command app, RegistryContext& context) {
  auto choice = std::make_shared<ExportChoice>();
  Command command = app.AddCommand(
      "export", "The published reports as a data set: JSON lines, signed, or a table");
  Option data =
      command.AddOption("--data", choice->data, "The registry's folder: signed by its operator")
          .TypeName("DIR");
  Option from = command.AddOption("--from", choice->from,
                                  "Folder or http(s) address of anybody's public files");
  data.Excludes(from);
  command.AddOption("--key", choice->key, "The log's public key, as for `audit`");
  command.AddFlag("--csv", choice->csv, "A table with a heading; never signed");
  command.AddOption("--out", choice->out, "File to write (standard output, if not given)");
  command.Footer(
      "Everything is audited first. Each order stands there once, with the last word on it; what "
      "waits or was removed is not there.\n"
      "Example:\n  kaopu-registry export --from https://registry.example/ --csv --out reports.csv");
  command.Callback([choice, &context] {
    if (choice->data.empty() == choice->from.empty()) {
      return context.Fail({ErrorCode::kBadRequest, "one of --data and --from is needed"});
    }
    RunExport(*choice, context);
  });
}

void AddImportCommand(Command app, RegistryContext& context) {
  auto choice = std::make_shared<ImportChoice>();
  Command command = app.AddCommand(
      "import",
      "Take in reports of another registry or an organisation; which are whose is logged");
  command.AddOption("--data", choice->data, "The registry's folder").Required().TypeName("DIR");
  AddDatabaseOption(command, choice->database);
  command.AddOption("FILE", choice->file, "JSON lines as `export` writes them, or a CSV table")
      .Required();
  command.AddOption("--source", choice->source,
                    "Whose words these are, where the file does not say so; public");
  command.AddOption("--signer", choice->signer,
                    "Public key that must have signed the file: NAME+ID+KEY, of a registry the "
                    "operator_key in its registry.json");
  command
      .AddOption("--class", choice->weight_class,
                 "How they count: trusted, newcomer, pool (unproven words), or source: as the "
                 "signed file judges each")
      .OneOf({"trusted", "newcomer", "pool", "source"})
      .ShowDefault();
  command.AddFlag("--whole", choice->whole,
                  "The file is all that the source has: what came from it before and is no longer "
                  "there is removed, with a logged reason");
  command.AddFlag("--dry-run", choice->dry_run, "Write nothing, say what would be");
  command.AddFlag("--json", choice->json, "Print one JSON object");
  command.Footer(
      "The same file again adds nothing; a later one revises what it tells more of. Orders with "
      "the "
      "platform's number (order_id) count once, whoever tells of them; the number is not kept.\n"
      "Example:\n  kaopu-registry import --data /var/lib/kaopu-registry cases.csv --source "
      "consumers.example --class trusted");
  command.Callback([choice, &context] { RunImport(*choice, context); });
}

}  // namespace kaopu
