// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu data check`: is every rule file what its schema says, does it load, and does it read its
// own cases as it claims to?
#include <filesystem>
#include <memory>
#include <set>

#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/json_schema.h"
#include "cli/policy_subjects.h"
#include "messaging/policy_file.h"
#include "page/adapter_cases.h"
#include "page/cold/html_snapshot.h"
#include "page/promise.h"
#include "page/terms.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

struct Part {
  std::string name;
  int checked = 0;  // files or cases
  std::string unit;
  std::vector<std::string> failures;
};

Part OneError(std::string name, const Error& error) {
  return {std::move(name), 0, "", {error.message}};
}

Expected<Json> LoadJson(const fs::path& path) {
  auto text = ReadFile(path, kDataFileBytesMax);
  if (!text) return std::unexpected(text.error());
  auto json = ParseJson(*text, path.filename().string());
  if (!json) return Fail(ErrorCode::kDamaged, json.error().message);
  return json;
}

// Every file of a folder against its own schema, X.schema.json for X.json, else the folder's first.
void CheckFolder(const fs::path& folder, const fs::path& common_schema, Part& part) {
  const std::string where = folder.filename().string() + "/";
  const auto files = ListFiles(folder, ".json");
  if (!files) return;
  for (const fs::path& file : *files) {
    const std::string name = file.filename().string();
    if (name.ends_with(".schema.json")) continue;
    ++part.checked;
    fs::path schema_path = file;
    schema_path.replace_extension(".schema.json");
    std::error_code ec;
    const auto schema = LoadJson(fs::exists(schema_path, ec) ? schema_path : common_schema);
    if (!schema) {
      part.failures.push_back(where + schema.error().message);
      continue;
    }
    const auto json = LoadJson(file);
    const auto violations = json
                                ? SchemaViolations(*schema, *json)
                                : Expected<std::vector<std::string>>(std::unexpected(json.error()));
    if (!violations) {
      part.failures.push_back(StrCat(where, name, ": ", violations.error().message));
      continue;
    }
    for (const std::string& violation : *violations)
      part.failures.push_back(StrCat(where, name, ": ", violation));
  }
}

Part CheckSchemas(const fs::path& data) {
  Part part{"schemas", 0, "files", {}};
  std::error_code ec;
  std::set<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(data, ec)) {
    if (entry.is_directory(ec)) folders.insert(entry.path());
  }
  for (const fs::path& folder : folders) {
    const auto schemas = ListFiles(folder, ".schema.json");
    if (schemas && !schemas->empty()) CheckFolder(folder, schemas->front(), part);
  }
  return part;
}

Part CheckAdapters(const fs::path& data) {
  auto pages = PageReader::Load(data);
  if (!pages) return OneError("adapters", pages.error());
  const auto report =
      CheckAdapterCases(*pages, data, [](std::string_view html, std::string url, const Json& plan) {
        return HtmlToPageInput(DecodeHtml(html), std::move(url), plan);
      });
  if (!report) return OneError("adapters", report.error());
  Part part{"adapters", report->cases, "cases", {}};
  for (const CaseFailure& failure : report->failures) {
    std::string line =
        StrCat("adapters/", failure.file.empty() ? failure.adapter + ".json" : failure.file, ": ");
    line += failure.path.empty()
                ? failure.actual
                : StrCat(failure.path, ": expected ", failure.expected, ", got ", failure.actual);
    part.failures.push_back(std::move(line));
  }
  for (const std::string& adapter : report->without_cases)
    part.failures.push_back(StrCat("adapters/", adapter, ".json: brings no cases"));
  return part;
}

Part CheckPromises(const fs::path& data) {
  const auto files = ListFiles(data / "promises", ".json");
  if (!files) return OneError("promises", files.error());
  Part part{"promises", static_cast<int>(files->size()), "files", {}};
  for (const CheckFailure& failure : CheckPromiseData(data / "promises"))
    part.failures.push_back(StrCat(failure.file, ": ", failure.message));
  return part;
}

Part CheckTerms(const fs::path& data) {
  const auto files = ListFiles(data / "terms", ".json");
  const auto terms = TermsReader::Load(data / "terms");
  if (!terms) return OneError("terms", terms.error());
  return {"terms", files ? static_cast<int>(files->size()) : 0, "files", terms->Check()};
}

// The policy loads, and says of its own cases what they say of it.
Part CheckPolicy(const fs::path& data) {
  const auto policy = LoadPolicy(data);
  if (!policy) return OneError("policy", policy.error());
  const auto cases = ReadPolicyCases(data);
  if (!cases) return OneError("policy", cases.error());
  Part part{"policy", static_cast<int>(cases->size()), "cases", {}};
  for (const PolicySubject& one : *cases) {
    const Verdict verdict = one.JudgeBy(*policy).verdict;
    if (verdict == one.expected) continue;
    part.failures.push_back(StrCat("policy/cases: \"", one.name, "\": expected ",
                                   VerdictName(*one.expected), ", got ", VerdictName(verdict)));
  }
  return part;
}

void Print(const std::vector<Part>& parts, const Words& words, std::ostream& out) {
  for (const Part& part : parts) {
    if (part.failures.empty()) {
      out << words.Of(StrCat(part.name, ": ", part.checked, " ", part.unit, ", all well")) << '\n';
      continue;
    }
    out << words.Of(StrCat(part.name, ": ", part.failures.size(), " wrong")) << '\n';
    for (const std::string& failure : part.failures) out << "  " << TerminalSafe(failure) << '\n';
  }
}

Json ToJson(const fs::path& data, const std::vector<Part>& parts, bool ok) {
  Json list = Json::array();
  for (const Part& part : parts)
    list.push_back({{"part", part.name}, {"checked", part.checked}, {"failures", part.failures}});
  return {{"data", data.string()}, {"ok", ok}, {"parts", list}};
}

void Check(const std::string& folder, bool json, CommandContext& context) {
  fs::path data = folder;
  if (folder.empty()) {
    const auto found = DataFolder();
    if (!found) return context.Fail(found.error());
    data = *found;
  }
  std::error_code ec;
  if (!fs::is_directory(data, ec))
    return context.Fail({ErrorCode::kNotFound, StrCat(data.string(), " is not a folder")});
  const std::vector<Part> parts = {CheckSchemas(data), CheckAdapters(data), CheckPromises(data),
                                   CheckTerms(data), CheckPolicy(data)};
  bool ok = true;
  for (const Part& part : parts) ok = ok && part.failures.empty();
  if (json) {
    context.out << DumpJson(ToJson(data, parts, ok)) << '\n';
  } else {
    context.out << data.string() << '\n';
    Print(parts, context.words(), context.out);
  }
  if (!ok) context.exit_code = ExitCodeFor(ErrorCode::kDamaged);
}

}  // namespace

void AddDataCommand(Command app, CommandContext& context) {
  struct Options {
    std::string folder;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  Command command =
      app.AddCommand("data", "The rules (check, diff) and what is kept about you (export, delete)");
  command.NeedCommand();
  command.Footer("Examples:\n  kaopu data check\n  kaopu data export my-data.json");
  Command check = command.AddCommand(
      "check", "Check every rule file against its schema and its own cases (exit 6 on damage)");
  check.AddOption("DIR", options->folder, "Data folder; default: the one in use");
  check.AddFlag("--json", options->json, "One line of JSON");
  check.Footer("Examples:\n  kaopu data check\n  kaopu data check my-rules --json");
  check.Callback([options, &context] { Check(options->folder, options->json, context); });
  AddDataDiffCommand(command, context);
  AddMyDataCommands(command, context);
}

}  // namespace kaopu
