// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry trust`: the judgement of reporters alone, over any ratings.
#include <fstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/str_cat.h"
#include "registry/commands/commands.h"
#include "registry/trust/ratings_csv.h"
#include "registry/trust/reporter_trust.h"

namespace kaopu {
namespace {

class People {
 public:
  PersonIndex IndexOf(const std::string& name) {
    return numbers_.try_emplace(name, static_cast<PersonIndex>(numbers_.size())).first->second;
  }

 private:
  std::unordered_map<std::string, PersonIndex> numbers_;
};

void WriteReliability(std::ostream& out, Micro value) {
  out << value / kOne << '.' << ZeroPadded(value % kOne, 6);
}

void RunTrust(RegistryContext& context, const std::string& path) {
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
  });
  if (!read) return context.Fail(read.error());
  if (read->out_of_order_line != 0) {
    context.Note(StrCat(what, ", line ", read->out_of_order_line,
                        ": older than the line before it; what was known \"before\" a rating is "
                        "taken from the order of the lines"));
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

void AddTrustCommand(CLI::App& app, RegistryContext& context) {
  CLI::App* command =
      app.add_subcommand("trust", "How far each rater's word can be relied on, from ratings alone");
  auto path = std::make_shared<std::string>();
  command->add_option("--ratings", *path, "CSV file (- = standard input)")
      ->required()
      ->type_name("FILE.csv");
  command->footer(
      "In:  rater,ratee,score,unix_time   score -1..1, in order of time; a heading line is fine\n"
      "Out: rater,reliability             0..1, every rater of the input once\n"
      "A rater is judged by the ratings given, never by those received: does the word agree with "
      "what others said of the same ratee before and soon after, and since when is the rater here. "
      "One about whom nothing can be told gets 0.6.\n"
      "Example:\n  kaopu-registry trust --ratings ratings.csv > reliability.csv");
  command->callback([&context, path] { RunTrust(context, *path); });
}

}  // namespace kaopu
