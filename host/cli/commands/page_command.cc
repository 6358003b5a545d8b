// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu page`: the facts of a saved page, one or many.
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/page_input.h"
#include "page/cold/declared_prefixes.h"
#include "page/cold/html_snapshot.h"
#include "page/document.h"
#include "page/structured_view.h"
#include "page/url.h"

namespace kaopu {
namespace {

struct Options {
  std::string file;
  std::string url;
  std::string batch;
  std::string snapshot;
  std::string now;
  std::string content_type;
  bool explain = false;
  bool structured = false;
  bool print_snapshot = false;
  bool json = false;
};

Expected<TimeMs> TimeOf(const std::string& text, const Clock& clock) {
  if (text.empty()) return clock.Now();
  const auto time = ParseTime(text);
  if (!time)
    return Fail(ErrorCode::kBadRequest,
                StrCat("time \"", text, "\": expected e.g. 2026-11-23T22:00:00Z"));
  return *time;
}

Json ExplainJson(const std::vector<ExplainLine>& lines) {
  Json list = Json::array();
  for (const ExplainLine& line : lines) {
    list.push_back({{"field", line.field},
                    {"rule", line.rule},
                    {"value", line.value},
                    {"taken", line.taken},
                    {"note", line.note}});
  }
  return list;
}

void PrintExplain(const std::vector<ExplainLine>& lines, std::ostream& out) {
  std::string field;
  for (const ExplainLine& line : lines) {
    if (line.field != field) out << (field = line.field) << '\n';
    out << (line.taken ? "  * " : "    ") << line.rule;
    if (!line.value.empty()) out << "\n        = " << TerminalSafe(line.value);
    if (!line.note.empty()) out << "\n        " << TerminalSafe(line.note);
    out << '\n';
  }
}

struct OnePage {
  PageInput input;
  Prefixes prefixes;  // with --structured: those that the page declares
};

Expected<OnePage> ReadOnePage(const Options& options, const PageReader& pages,
                              CommandContext& context) {
  auto bytes = ReadInput(options.snapshot.empty() ? options.file : options.snapshot, context);
  if (!bytes) return std::unexpected(bytes.error());
  if (!options.snapshot.empty()) return OnePage{{options.url, {}, {}, std::move(*bytes)}, {}};
  auto input = InputOf(pages, *bytes, options.url, options.content_type);
  if (!input) return std::unexpected(input.error());
  OnePage page{std::move(*input), {}};
  if (options.structured) {
    page.prefixes = DeclaredPrefixes(DecodeHtml(*bytes, options.content_type));
  }
  return page;
}

// What the structured data of a page says, before any fact is made of it.
Expected<Json> StructuredOf(const Options& options, OnePage page) {
  auto document = Document::Parse(std::move(page.input.snapshot));
  if (!document) return std::unexpected(document.error());
  (*document)->BuildIndex();
  return StructuredJson(**document, ParseUrl(options.url), page.prefixes);
}

Expected<void> RunOne(const Options& options, CommandContext& context) {
  auto pages = context.Pages();
  if (!pages) return std::unexpected(pages.error());
  auto now = TimeOf(options.now, context.clock);
  if (!now) return std::unexpected(now.error());
  auto page = ReadOnePage(options, **pages, context);
  if (!page) return std::unexpected(page.error());
  if (options.print_snapshot) {
    context.out << page->input.snapshot << '\n';
    return {};
  }
  if (options.structured) {
    auto structured = StructuredOf(options, std::move(*page));
    if (!structured) return std::unexpected(structured.error());
    context.out << DumpJson(*structured, options.json ? -1 : 1) << '\n';
    return {};
  }
  std::vector<ExplainLine> lines;
  auto facts = (*pages)->Read(page->input, *now, options.explain ? &lines : nullptr);
  if (!facts) return std::unexpected(facts.error());
  if (!options.explain) {
    context.out << DumpJson(ToJson(*facts), options.json ? -1 : 1) << '\n';
  } else if (options.json) {
    context.out << DumpJson({{"facts", ToJson(*facts)},
                             {"explain", ExplainJson(lines)},
                             {"notes", facts->notes}})
                << '\n';
  } else {
    PrintExplain(lines, context.out);
    for (const std::string& note : facts->notes)
      context.out << "note: " << TerminalSafe(note) << '\n';
    context.out << DumpJson(ToJson(*facts), 1) << '\n';
  }
  return {};
}

// A file named by a list: as seen from here, else from the list's own folder.
std::filesystem::path FileOf(const std::string& name, const std::filesystem::path& list) {
  std::error_code ec;
  const std::filesystem::path file(name);
  if (file.is_absolute() || list == "-" || std::filesystem::exists(file, ec)) return file;
  return list.parent_path() / file;
}

Expected<Json> BatchLine(const Json& line, const Options& options, const PageReader& pages,
                         TimeMs now) {
  if (!line.is_object())
    return Fail(ErrorCode::kBadRequest,
                "a line of the list must be an object with id, file and url");
  auto file = RequireString(line, "file");
  if (!file) return std::unexpected(file.error());
  auto url = GetString(line, "url");
  if (!url) return std::unexpected(url.error());
  auto type = GetString(line, "content_type");
  if (!type) return std::unexpected(type.error());
  auto bytes = ReadFile(FileOf(*file, options.batch), kHtmlBytesMax);
  if (!bytes) return std::unexpected(bytes.error());
  auto input = InputOf(pages, *bytes, url->value_or(""), type->value_or(""));
  if (!input) return std::unexpected(input.error());
  auto facts = pages.Read(std::move(*input), now);
  if (!facts) return std::unexpected(facts.error());
  return ToJson(*facts);
}

Expected<void> RunBatch(const Options& options, CommandContext& context) {
  auto pages = context.Pages();
  if (!pages) return std::unexpected(pages.error());
  auto now = TimeOf(options.now, context.clock);
  if (!now) return std::unexpected(now.error());
  std::ifstream file;
  if (options.batch != "-") {
    file.open(options.batch);
    if (!file) return Fail(ErrorCode::kNotFound, StrCat("cannot open the list ", options.batch));
  }
  std::istream& in = options.batch == "-" ? context.in : file;
  for (std::string text; std::getline(in, text);) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto line = ParseJson(text, "line of the list");
    Json reply = Json::object();
    if (line && line->is_object() && line->contains("id")) reply["id"] = (*line)["id"];
    auto facts = line ? BatchLine(*line, options, **pages, *now)
                      : Expected<Json>(std::unexpected(line.error()));
    if (facts) {
      reply["facts"] = std::move(*facts);
    } else {
      reply["error"] = {{"code", ErrorCodeName(facts.error().code)},
                        {"message", facts.error().message}};
    }
    context.out << DumpJson(reply) << '\n';
  }
  return {};
}

}  // namespace

void AddPageCommand(Command app, CommandContext& context) {
  auto options = std::make_shared<Options>();
  Command command =
      app.AddCommand("page", "Read the facts off a saved page: seller, price, promises, orders");
  Option file =
      command.AddOption("FILE", options->file, "Saved page (HTML), or - for standard input");
  Option url =
      command.AddOption("--url", options->url,
                        "Address that the page was saved from; else what the page says of itself");
  Option batch = command.AddOption("--batch", options->batch,
                                   "Many pages: lines {\"id\",\"file\",\"url\"}, one line "
                                   "{\"id\",\"facts\"} out for each; - for standard input");
  Option snapshot = command.AddOption("--snapshot", options->snapshot,
                                      "Read a snapshot as the extension sends it (XML)");
  Option explain = command.AddFlag("--explain", options->explain,
                                   "Show every rule that was tried and what it gave");
  command
      .AddFlag("--print-snapshot", options->print_snapshot,
               "Print the snapshot that the extension would send, instead of the facts")
      .Excludes(batch);
  Option structured =
      command.AddFlag("--structured", options->structured,
                      "Print the page's JSON-LD, microdata, Open Graph and RDFa Lite as they "
                      "were read, in extruct's form, instead of the facts");
  structured.Excludes(batch).Excludes(explain);
  command.AddOption("--content-type", options->content_type,
                    "HTTP content type that the page came with");
  command.AddOption("--now", options->now,
                    "Time that dates without a year are read at (default: the clock)");
  command.AddFlag("--json", options->json, "One line of JSON");
  batch.Excludes(file).Excludes(url).Excludes(snapshot).Excludes(explain);
  snapshot.Excludes(file);
  command.Footer(
      "Examples:\n"
      "  kaopu page saved.html --url https://item.jd.com/100.html\n"
      "  kaopu page --batch list.jsonl > facts.jsonl");
  command.Callback(
      [options, &context] {
        const auto done =
            options->batch.empty() ? RunOne(*options, context) : RunBatch(*options, context);
        if (!done) context.Fail(done.error());
      },
      [options] {
        const bool named =
            !options->file.empty() || !options->batch.empty() || !options->snapshot.empty();
        return named ? "" : "FILE: name a saved page, or use --batch or --snapshot";
      });
}

}  // namespace kaopu
