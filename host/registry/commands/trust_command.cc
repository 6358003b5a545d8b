// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry trust`: the judgement of reporters alone, over any ratings.
#include <fstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/csv.h"
#include "base/str_cat.h"
#include "registry/commands/commands.h"
#include "registry/trust/collusion.h"
#include "registry/trust/ratings_csv.h"
#include "registry/trust/reporter_trust.h"

namespace kaopu {
namespace {

class People {
 public:
  PersonIndex IndexOf(const std::string& name) {
    const auto [found, is_new] =
        numbers_.try_emplace(name, static_cast<PersonIndex>(numbers_.size()));
    if (is_new) names_.push_back(&found->first);
    return found->second;
  }
  const std::string& NameOf(PersonIndex person) const { return *names_[person]; }

 private:
  std::unordered_map<std::string, PersonIndex> numbers_;
  std::vector<const std::string*> names_;
};

void WriteReliability(std::ostream& out, Micro value) {
  out << value / kOne << '.' << ZeroPadded(value % kOne, 6);
}

void WriteNames(std::ostream& out, const People& people, const std::vector<PersonIndex>& persons) {
  std::string names;
  for (const PersonIndex person : persons) {
    if (!names.empty()) names += ' ';
    names += people.NameOf(person);
  }
  WriteCsvField(out, names);
}

void WriteFindings(std::ostream& out, const People& people, const CollusionFinder& finder) {
  const auto day = [](int64_t days) { return FormatDate(Date{std::chrono::days(days)}); };
  out << "kind,reporters,targets,from,to,reports,usual\n";
  for (const Burst& burst : finder.Bursts()) {
    out << (burst.bad ? "burst_bad" : "burst_good") << ",,";
    WriteCsvField(out, people.NameOf(burst.target));
    out << ',' << day(burst.from_day) << ',' << day(burst.to_day) << ',' << burst.reports << ',';
    WriteReliability(out, burst.usual);
    out << '\n';
  }
  for (const Ring& ring : finder.Rings()) {
    out << "ring,";
    WriteNames(out, people, ring.reporters);
    out << ',';
    WriteNames(out, people, ring.targets);
    out << ",,,,\n";
  }
}

void RunTrust(RegistryContext& context, const std::string& path, const std::string& findings) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) {
      return context.Fail({ErrorCode::kNotFound, StrCat("cannot open \"", path, "\" to read")});
    }
  }
  const std::string what = path == "-" ? "standard input" : path;
  People people;
  ReporterTrust trust;
  CollusionFinder finder;
  std::vector<std::string> raters;  // in order of appearance
  std::vector<PersonIndex> rater_numbers;
  std::vector<bool> listed;
  const auto read = ReadRatings(path == "-" ? context.in : file, what, [&](const Rating& rating) {
    const PersonIndex rater = people.IndexOf(rating.rater);
    const PersonIndex ratee = people.IndexOf(rating.ratee);
    if (rater >= listed.size()) listed.resize(size_t{rater} + 1);
    if (!listed[rater]) {
      listed[rater] = true;
      raters.push_back(rating.rater);
      rater_numbers.push_back(rater);
    }
    using Word = ReporterTrust::Word;
    trust.Add(rater, ratee,
              rating.score > 0   ? Word::kGood
              : rating.score < 0 ? Word::kBad
                                 : Word::kNothing,
              rating.unix_time);
    if (!findings.empty() && rating.score != 0)
      finder.Add(rater, ratee, rating.score < 0, rating.unix_time);
  });
  if (!read) return context.Fail(read.error());
  if (read->out_of_order_line != 0) {
    context.Note(StrCat(what, ", line ", read->out_of_order_line,
                        ": older than the line before it; what was known \"before\" a rating is "
                        "taken from the order of the lines"));
  }
  if (!findings.empty()) {
    std::ofstream to(findings, std::ios::binary);
    WriteFindings(to, people, finder);
    to.close();
    if (!to)
      return context.Fail({ErrorCode::kUnavailable, StrCat("cannot write \"", findings, "\"")});
    context.Note(StrCat(findings, ": ", finder.Bursts().size(), " bursts, ", finder.Rings().size(),
                        " rings; each is something to look at, not a proof"));
  }
  context.out << "rater,reliability\n";
  for (size_t i = 0; i < raters.size(); ++i) {
    WriteCsvField(context.out, raters[i]);
    context.out << ',';
    WriteReliability(context.out, trust.ReliabilityOf(rater_numbers[i]));
    context.out << '\n';
  }
}

}  // namespace

void AddTrustCommand(Command app, RegistryContext& context) {
  Command command =
      app.AddCommand("trust", "How far each rater's word can be relied on, from ratings alone");
  auto path = std::make_shared<std::string>();
  command.AddOption("--ratings", *path, "CSV file (- = standard input)")
      .Required()
      .TypeName("FILE.csv");
  auto findings = std::make_shared<std::string>();
  command
      .AddOption("--findings", *findings, "also write the bursts and rings found to this CSV file")
      .TypeName("FILE.csv");
  command.Footer(
      "In:  rater,ratee,score,unix_time   score -1..1, in order of time; a heading line is fine\n"
      "Out: rater,reliability             0..1, every rater of the input once\n"
      "A rater is judged by the ratings given, never by those received: does the word agree with "
      "what others said of the same ratee before and soon after, and since when is the rater here. "
      "One about whom nothing can be told gets 0.6.\n"
      "Findings: kind,reporters,targets,from,to,reports,usual   bursts: the most reports within "
      "three "
      "days, and what is usual in three; rings: who says the same of the same targets together\n"
      "Example:\n  kaopu-registry trust --ratings ratings.csv > reliability.csv");
  command.Callback([&context, path, findings] { RunTrust(context, *path, *findings); });
}

}  // namespace kaopu
