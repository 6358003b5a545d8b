// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/ratings_csv.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/csv.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr size_t kFields = 4;

enum class LineRead { kLine, kEnd, kTooLong };

// As std::getline, with an end to how much is taken in. A carriage return at the end is dropped.
LineRead ReadLine(std::istream& in, std::string& line) {
  std::array<char, kRatingLineBytesMax + 2> buffer;
  in.getline(buffer.data(), buffer.size());
  const auto count = in.gcount();
  if (in.fail() && count == 0) return LineRead::kEnd;
  if (in.fail()) return LineRead::kTooLong;
  line.assign(buffer.data(), static_cast<size_t>(in.eof() ? count : count - 1));
  if (line.ends_with('\r')) line.pop_back();
  return line.size() > kRatingLineBytesMax ? LineRead::kTooLong : LineRead::kLine;
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<double> ParseNumber(std::string_view text) {
  text = Trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

bool LooksLikeHeading(const std::vector<std::string>& fields) {
  if (fields.size() < kFields) return false;
  const std::string_view score = Trimmed(fields[2]);
  return !score.empty() && (score[0] | 0x20) >= 'a' && (score[0] | 0x20) <= 'z' &&
         !ParseNumber(score) && !ParseNumber(fields[3]);
}

// Seconds since 1970 that a date of the years 0001 to 9999 can have.
constexpr double kTimeMin = -62'135'596'800, kTimeMax = 253'402'300'799;

Expected<Rating> ParseRating(const std::vector<std::string>& fields) {
  if (fields.size() != kFields) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(fields.size(), " fields, not the 4 of rater,ratee,score,unix_time"));
  }
  Rating rating{.rater = std::string(Trimmed(fields[0])), .ratee = std::string(Trimmed(fields[1]))};
  if (rating.rater.empty()) return Fail(ErrorCode::kBadRequest, "the rater is empty");
  if (rating.ratee.empty()) return Fail(ErrorCode::kBadRequest, "the ratee is empty");
  const auto score = ParseNumber(fields[2]);
  if (!score || *score < -1 || *score > 1) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("score \"", fields[2], "\" is not a number from -1 to 1"));
  }
  const auto time = ParseNumber(fields[3]);
  if (!time || *time < kTimeMin || *time > kTimeMax) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("unix_time \"", fields[3], "\" is not a time in seconds since 1970"));
  }
  rating.score = *score;
  rating.unix_time = static_cast<int64_t>(*time);
  return rating;
}

}  // namespace

Expected<RatingsRead> ReadRatings(std::istream& in, std::string_view what,
                                  const std::function<void(const Rating&)>& take) {
  RatingsRead read;
  std::string text;
  int64_t last_time = INT64_MIN;
  const auto fail = [&](int64_t line, std::string_view why) {
    return Fail(ErrorCode::kBadRequest, StrCat(what, ", line ", line, ": ", why));
  };
  for (int64_t line = 1;; ++line) {
    const LineRead got = ReadLine(in, text);
    if (got == LineRead::kTooLong) {
      return fail(line, StrCat("longer than ", kRatingLineBytesMax, " bytes"));
    }
    if (got == LineRead::kEnd) break;
    if (line == 1 && text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
    if (Trimmed(text).empty()) continue;
    const auto fields = SplitCsvFields(text);
    if (!fields) return fail(line, "a quoted field is not closed, or text follows its end");
    if (line == 1 && LooksLikeHeading(*fields)) continue;
    const auto rating = ParseRating(*fields);
    if (!rating) return fail(line, rating.error().message);
    if (rating->unix_time < last_time && read.out_of_order_line == 0) read.out_of_order_line = line;
    last_time = rating->unix_time;
    ++read.ratings;
    take(*rating);
  }
  if (in.bad()) return Fail(ErrorCode::kUnavailable, StrCat(what, ": cannot be read to its end"));
  return read;
}

}  // namespace kaopu
