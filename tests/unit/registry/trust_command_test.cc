// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>

#include "registry/registry_command.h"

namespace kaopu {
namespace {

struct Ran {
  int code;
  std::string out, err;
};

Ran RunProgram(std::initializer_list<const char*> arguments, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  const FakeClock clock(TimeMs{});
  RegistryContext context{in, out, err, clock};
  std::vector<const char*> argv = {"kaopu-registry"};
  argv.insert(argv.end(), arguments);
  const int code = RunRegistryCommandLine(static_cast<int>(argv.size()), argv.data(), context);
  return {code, out.str(), err.str()};
}

TEST(TrustCommand, EveryRaterOnceInOrderOfAppearance) {
  const Ran ran =
      RunProgram({"trust", "--ratings", "-"},
                 "rater,ratee,score,unix_time\nz,a,1,10\na,b,-1,11\nz,b,0.5,12\n\"c,d\",z,0,13\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  std::istringstream lines(ran.out);
  std::vector<std::string> raters;
  for (std::string line; std::getline(lines, line);)
    raters.push_back(line.substr(0, line.rfind(',')));
  EXPECT_EQ(raters, (std::vector<std::string>{"rater", "z", "a", "\"c,d\""}));
}

TEST(TrustCommand, FindingsNameTheRingAndItsTargets) {
  std::string ratings;
  for (int target = 0; target < 3; ++target) {
    for (const char* member : {"ann", "bob", "cy"}) {
      ratings += std::string(member) + ",shop" + std::to_string(target) + ",-1," +
                 std::to_string(1'600'000'000 + target * 2'592'000) + "\n";
    }
  }
  const std::string file = testing::TempDir() + "kaopu_findings.csv";
  const Ran ran = RunProgram({"trust", "--ratings", "-", "--findings", file.c_str()}, ratings);
  EXPECT_EQ(ran.code, 0) << ran.err;
  std::ifstream written(file);
  const std::string text((std::istreambuf_iterator<char>(written)), {});
  EXPECT_EQ(text,
            "kind,reporters,targets,from,to,reports,usual\n"
            "ring,ann bob cy,shop0 shop1 shop2,,,,\n");
  std::remove(file.c_str());
}

TEST(TrustCommand, FindingsThatCannotBeWrittenAreSaid) {
  const Ran ran =
      RunProgram({"trust", "--ratings", "-", "--findings", "/nonexistent/f.csv"}, "a,b,1,10\n");
  EXPECT_EQ(ran.code, 5);
  EXPECT_NE(ran.err.find("/nonexistent/f.csv"), std::string::npos);
  EXPECT_EQ(ran.out, "");
}

TEST(TrustCommand, EmptyInputGivesAHeadingAlone) {
  const Ran ran = RunProgram({"trust", "--ratings", "-"}, "");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "rater,reliability\n");
}

TEST(TrustCommand, BadInputSaysTheLineAndGivesNoResult) {
  const Ran ran = RunProgram({"trust", "--ratings", "-"}, "a,b,1,10\na,b,7,11\n");
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "kaopu-registry: standard input, line 2: score \"7\" is not a number from -1 to 1\n");
}

TEST(TrustCommand, ExitCodesOfUsageAndAMissingFile) {
  EXPECT_EQ(RunProgram({"trust"}).code, 2);
  EXPECT_EQ(RunProgram({}).code, 2);
  EXPECT_EQ(RunProgram({"trust", "--ratings", "/no/such/file.csv"}).code, 4);
  EXPECT_EQ(RunProgram({"trust", "--help"}).code, 0);
  EXPECT_EQ(RunProgram({"--version"}).out, "kaopu-registry " KAOPU_VERSION "\n");
}

TEST(TrustCommand, WarnsOfRatingsOutOfOrder) {
  const Ran ran = RunProgram({"trust", "--ratings", "-"}, "a,b,1,10\nc,b,1,9\n");
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.err.find("line 2: older than the line before it"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace kaopu
