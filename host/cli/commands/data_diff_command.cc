// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu data diff OLD NEW`: which verdicts move when one policy takes the place of another.
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <memory>
#include <sstream>

#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/policy_subjects.h"
#include "cli/table.h"
#include "messaging/actions/history.h"
#include "messaging/actions/wire.h"
#include "messaging/policy_file.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMovedShown = 20;  // of one part, to people; --json gives all

struct Options {
  std::string before, after, events;
  bool json = false;
};

// A policy file, or a data folder.
Expected<Policy> ReadPolicy(const std::string& path) {
  std::error_code ec;
  if (fs::is_directory(path, ec)) return LoadPolicy(path);
  const Expected<std::string> text = ReadFile(path, kDataFileBytesMax);
  if (!text) return std::unexpected(text.error());
  return ParsePolicy(*text, path);
}

struct Side {
  Verdict verdict = Verdict::kUnknown;
  Micro loss = 0;
};
Side SideOf(const Judgement& judgement) { return {judgement.verdict, judgement.assessment.loss}; }

struct Part {
  std::string name;  // own cases events
  size_t judged = 0;
  struct Moved {
    std::string name;
    Side before, after;
  };
  std::vector<Moved> moved;
};

Part Compare(std::string name, const std::vector<PolicySubject>& subjects, const Policy& before,
             const Policy& after) {
  Part part{std::move(name), subjects.size(), {}};
  for (const PolicySubject& subject : subjects) {
    const Side was = SideOf(subject.JudgeBy(before)), is = SideOf(subject.JudgeBy(after));
    if (was.verdict != is.verdict) part.moved.push_back({subject.name, was, is});
  }
  return part;
}

Expected<std::vector<Part>> PartsOf(CommandContext& context, const Options& options,
                                    const Policy& before, const Policy& after) {
  std::vector<Part> parts;
  const Expected<ActionContext*> actions = context.Actions();
  if (!actions) return std::unexpected(actions.error());
  const auto own = OwnSubjects(**actions);
  if (!own) return std::unexpected(own.error());
  parts.push_back(Compare("own", *own, before, after));
  const Expected<fs::path> data = DataFolder();
  if (!data) return std::unexpected(data.error());
  const auto cases = ReadPolicyCases(*data);
  if (!cases) return std::unexpected(cases.error());
  parts.push_back(Compare("cases", *cases, before, after));
  if (options.events.empty()) return parts;
  std::ifstream file;
  if (options.events != "-") {
    file.open(options.events, std::ios::binary);
    if (!file) return Fail(ErrorCode::kNotFound, StrCat(options.events, ": cannot be opened"));
  }
  const Expected<Settings> settings = (*actions)->store.GetSettings();
  if (!settings) return std::unexpected(settings.error());
  const auto events = StreamSubjects(options.events == "-" ? context.in : file, settings->caution);
  if (!events)
    return Fail(events.error().code, StrCat(options.events, ": ", events.error().message));
  parts.push_back(Compare("events", *events, before, after));
  return parts;
}

Json ToJson(const Policy& policy) {
  return {{"version", policy.version}, {"published_on", policy.published_on}};
}
Json ToJson(const Side& side) {
  return {{"verdict", VerdictName(side.verdict)}, {"loss", AsDouble(side.loss)}};
}
Json ToJson(const std::vector<Part>& parts) {
  Json list = Json::array();
  for (const Part& part : parts) {
    Json moved = Json::array();
    for (const Part::Moved& one : part.moved)
      moved.push_back(
          {{"name", one.name}, {"old", ToJson(one.before)}, {"new", ToJson(one.after)}});
    list.push_back({{"part", part.name}, {"judged", part.judged}, {"moved", std::move(moved)}});
  }
  return list;
}

std::string LossCell(Micro loss) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::fixed << std::setprecision(3) << AsDouble(loss);
  return text.str();
}

void Print(const std::vector<Part>& parts, const Policy& before, const Policy& after,
           CommandContext& context) {
  const Words& words = context.words();
  const auto say_verdict = [&](Verdict verdict) {
    return words.Say(StrCat("verdict_", VerdictName(verdict)));
  };
  context.out << words.Say("cli_diff_title", {{"old", before.version},
                                              {"old_date", before.published_on},
                                              {"new", after.version},
                                              {"new_date", after.published_on}})
              << '\n';
  for (const Part& part : parts) {
    context.out << words.Say(StrCat("cli_diff_", part.name),
                             {{"moved", part.moved.size()}, {"judged", part.judged}})
                << '\n';
    Table table({words.Say("cli_head_judged"), words.Say("cli_head_old"), words.Say("cli_head_new"),
                 words.Say("cli_head_old_loss"), words.Say("cli_head_new_loss")});
    for (size_t i = 0; i < std::min(part.moved.size(), kMovedShown); ++i) {
      const Part::Moved& one = part.moved[i];
      table.Add({one.name, say_verdict(one.before.verdict), say_verdict(one.after.verdict),
                 LossCell(one.before.loss), LossCell(one.after.loss)});
    }
    if (!table.empty()) context.out << table.Print();
    if (part.moved.size() > kMovedShown) {
      context.out << words.Say("cli_diff_more", {{"more", part.moved.size() - kMovedShown}})
                  << '\n';
    }
  }
}

void Diff(const Options& options, CommandContext& context) {
  const Expected<Policy> before = ReadPolicy(options.before);
  if (!before) return context.Fail(before.error());
  const Expected<Policy> after = ReadPolicy(options.after);
  if (!after) return context.Fail(after.error());
  const Expected<std::vector<Part>> parts = PartsOf(context, options, *before, *after);
  if (!parts) return context.Fail(parts.error());
  if (!options.json) return Print(*parts, *before, *after, context);
  context.out << DumpJson(
                     {{"old", ToJson(*before)}, {"new", ToJson(*after)}, {"parts", ToJson(*parts)}})
              << '\n';
}

}  // namespace

void AddDataDiffCommand(Command data, CommandContext& context) {
  auto options = std::make_shared<Options>();
  Command diff =
      data.AddCommand("diff", "Which verdicts move when one policy takes the place of another");
  diff.AddOption("OLD", options->before, "Policy file, or data folder").Required();
  diff.AddOption("NEW", options->after, "Policy file, or data folder").Required();
  diff.AddOption("--events", options->events,
                 "Also judge the sellers of this stream (JSON lines as for backtest; - is "
                 "standard input)");
  diff.AddFlag("--json", options->json, "One line of JSON, with every verdict that moves");
  diff.Footer(
      "Judged: every seller of your own record, and the cases that come with the policy. Exit code "
      "0 whether verdicts move or not.\n"
      "Example:\n  kaopu data diff old.json new.json --events events.jsonl");
  diff.Callback([options, &context] { Diff(*options, context); });
}

}  // namespace kaopu
