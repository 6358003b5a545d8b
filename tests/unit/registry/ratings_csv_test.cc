// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/ratings_csv.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "base/csv.h"

namespace kaopu {
namespace {

struct Result {
  std::vector<Rating> ratings;
  Expected<RatingsRead> read;
};

Result Read(const std::string& text) {
  std::istringstream in(text);
  std::vector<Rating> ratings;
  auto read = ReadRatings(in, "file", [&](const Rating& rating) { ratings.push_back(rating); });
  return {std::move(ratings), std::move(read)};
}

TEST(RatingsCsv, ReadsWithAndWithoutHeading) {
  for (const std::string heading : {"", "rater,ratee,score,unix_time\n",
                                    "\xef\xbb\xbf"
                                    "a,b,score,t\r\n"}) {
    const Result result =
        Read(heading + "6,2,0.4,1289241911\r\n\nx,\"y, \"\"z\"\"\",-1,1289241941.7");
    ASSERT_TRUE(result.read) << result.read.error().message;
    EXPECT_EQ(result.read->ratings, 2);
    EXPECT_EQ(result.read->out_of_order_line, 0);
    ASSERT_EQ(result.ratings.size(), 2u);
    EXPECT_EQ(result.ratings[0].rater, "6");
    EXPECT_DOUBLE_EQ(result.ratings[0].score, 0.4);
    EXPECT_EQ(result.ratings[1].ratee, "y, \"z\"");
    EXPECT_EQ(result.ratings[1].unix_time, 1289241941);
  }
}

TEST(RatingsCsv, SaysWhichLineIsWrongAndWhy) {
  const std::pair<std::string, std::string> cases[] = {
      {"a,b,1,5\na,b,1.01,6\n", "file, line 2: score \"1.01\" is not a number from -1 to 1"},
      {"a,b,1,5\n\na,b,good,6\n", "file, line 3: score \"good\" is not a number from -1 to 1"},
      {"a,b,nan,5\n", "file, line 1: score \"nan\" is not a number from -1 to 1"},
      {"a,b,1\n", "file, line 1: 3 fields, not the 4 of rater,ratee,score,unix_time"},
      {"a,b,1,2,3\n", "file, line 1: 5 fields, not the 4 of rater,ratee,score,unix_time"},
      {",b,1,2\n", "file, line 1: the rater is empty"},
      {"a, ,1,2\n", "file, line 1: the ratee is empty"},
      {"a,b,1,\n", "file, line 1: unix_time \"\" is not a time in seconds since 1970"},
      {"a,b,1,1e300\n", "file, line 1: unix_time \"1e300\" is not a time in seconds since 1970"},
      {"a,\"b,1,2\n", "file, line 1: a quoted field is not closed, or text follows its end"},
      {"a,b,1,2\n" + std::string(kRatingLineBytesMax + 1, 'x'),
       "file, line 2: longer than 4096 bytes"},
  };
  for (const auto& [text, message] : cases) {
    const Result result = Read(text);
    ASSERT_FALSE(result.read) << text;
    EXPECT_EQ(result.read.error().code, ErrorCode::kBadRequest);
    EXPECT_EQ(result.read.error().message, message);
  }
}

TEST(RatingsCsv, TellsOfTheFirstLineOutOfOrder) {
  const Result result = Read("a,b,1,5\na,c,1,9\na,d,1,8\na,e,1,7\n");
  ASSERT_TRUE(result.read);
  EXPECT_EQ(result.read->out_of_order_line, 3);
}

TEST(RatingsCsv, ALineMayBeAsLongAsTheLimit) {
  const std::string name(kRatingLineBytesMax - 6, 'n');
  const Result result = Read(name + ",b,1,5\n" + name + ",b,1,5");
  ASSERT_TRUE(result.read) << result.read.error().message;
  EXPECT_EQ(result.read->ratings, 2);
}

TEST(RatingsCsv, WritesFieldsThatReadBack) {
  std::ostringstream out;
  for (const std::string field : {"plain", "a,b", "say \"x\""}) {
    WriteCsvField(out, field);
    out << ';';
  }
  EXPECT_EQ(out.str(), "plain;\"a,b\";\"say \"\"x\"\"\";");
}

}  // namespace
}  // namespace kaopu
