// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <gtest/gtest.h>

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
