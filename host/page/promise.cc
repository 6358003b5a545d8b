// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise.h"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "page/chars.h"
#include "page/promise_judge.h"
#include "page/promise_lexer.h"
#include "page/promise_time.h"
#include "page/promise_words.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kTextBytesMax = 2000;
constexpr size_t kPieceCharsMax = 200;
constexpr size_t kCompensationCharsMax = 60;

// The language that most words of the text belong to; what the caller says weighs as two words.
int LanguageOfTokens(const std::vector<PromiseToken>& tokens, const PromiseWords& words,
                     std::string_view lang) {
  std::array<int, 32> votes{};
  for (const PromiseToken& token : tokens) {
    if (token.word == nullptr) continue;
    for (uint32_t bits = token.word->languages; bits != 0; bits &= bits - 1) {
      votes[static_cast<size_t>(std::countr_zero(bits))] +=
          std::popcount(token.word->languages) == 1 ? 3 : 1;
    }
  }
  const int said = words.LanguageIndex(lang);
  if (said >= 0) votes[static_cast<size_t>(said)] += 2;
  const auto best = std::max_element(votes.begin(), votes.end());
  return *best == 0 ? said : static_cast<int>(best - votes.begin());
}

// English writes the month first in America alone.
DateOrder DateOrderOf(const PromiseWords& words, int language, std::string_view lang) {
  if (language < 0) return DateOrder::kDayFirst;
  const PromiseLanguage& found = words.languages()[static_cast<size_t>(language)];
  if (found.tag == "en" && lang.starts_with("en") && lang.size() >= 5) {
    const std::string region = ToLowerAscii(lang.substr(3, 2));
    return region == "us" || region == "ph" || region == "ca" ? DateOrder::kMonthFirst
                                                              : DateOrder::kDayFirst;
  }
  return found.date_order;
}

// The clause that says what is paid when the promise breaks, in the text's own spelling.
std::optional<std::string> CompensationIn(std::string_view text, const FoldedText& folded,
                                          const std::vector<PromiseToken>& tokens) {
  using Kind = PromiseToken::Kind;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].Is(WordRole::kCompensation)) continue;
    size_t first = i;
    size_t last = i;
    const auto joins = [&](size_t left, size_t right) {
      const PromiseToken& a = tokens[left];
      const PromiseToken& b = tokens[right];
      for (const PromiseToken* token : {&a, &b}) {
        if (token->Is(Kind::kEnd) || token->Is(Kind::kComma) || token->Is(Kind::kNumber) ||
            token->IsUnit())
          return false;
      }
      const bool ascii = static_cast<unsigned char>(folded.text[a.end - 1]) < 0x80;
      return ascii || b.begin == a.end;  // without spaces between words a space divides
    };
    while (first > 0 && joins(first - 1, first)) --first;
    while (last + 1 < tokens.size() && joins(last, last + 1)) ++last;
    const size_t begin = folded.origin[tokens[first].begin];
    const size_t end = folded.origin[tokens[last].end];
    return FoldSpace(CutUtf8(text.substr(begin, end - begin), kCompensationCharsMax * 3));
  }
  return std::nullopt;
}

}  // namespace

struct PromiseReader::Impl {
  struct File {
    std::string name;
    std::string text;
  };
  std::vector<File> files;
  std::once_flag once;
  PromiseWords words;  // by Words() alone
  std::optional<Error> error;

  const PromiseWords& Words() {
    std::call_once(once, [this] {
      for (const File& file : files) {
        auto json = ParseJson(file.text, file.name);
        if (!json) {
          error = Error{ErrorCode::kDamaged, json.error().message};
        } else if (auto added = words.Add(*json, file.name); !added) {
          error = added.error();
        }
        if (error) break;
      }
      if (error) words = PromiseWords();  // half a vocabulary would read wrongly
      words.Finish();
      files = {};
    });
    return words;
  }
};

PromiseReader::PromiseReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PromiseReader::PromiseReader(PromiseReader&&) noexcept = default;
PromiseReader& PromiseReader::operator=(PromiseReader&&) noexcept = default;
PromiseReader::~PromiseReader() = default;

Expected<PromiseReader> PromiseReader::Load(const std::filesystem::path& dir) {
  auto impl = std::make_unique<Impl>();
  auto files = ListFiles(dir, ".json");
  if (!files) return std::unexpected(files.error());
  for (const auto& path : *files) {
    std::string name = path.filename().string();
    if (name.ends_with(".schema.json")) continue;
    auto text = ReadFile(path, kDataFileBytesMax);
    if (!text) return std::unexpected(text.error());
    impl->files.push_back({std::move(name), *std::move(text)});
  }
  return PromiseReader(std::move(impl));
}

Expected<void> PromiseReader::Prepare() const {
  impl_->Words();
  if (impl_->error) return std::unexpected(*impl_->error);
  return {};
}

Promise PromiseReader::Read(std::string_view text, std::string_view lang, std::optional<TimeMs> now,
                            std::optional<PromiseKind> bare_as) const {
  text = CutUtf8(text, kTextBytesMax);
  Promise promise;
  promise.text = FoldSpace(text);
  const PromiseWords& words = impl_->Words();
  const FoldedText folded = FoldForWords(text);
  const auto tokens = LexPromise(folded.text, words);
  const int language = LanguageOfTokens(tokens, words, lang);
  const auto spans = FindTimes(tokens, DateOrderOf(words, language, lang));
  if (spans.empty()) return promise;
  const bool bare_is_ship =
      language < 0 || words.languages()[static_cast<size_t>(language)].bare_is_ship;
  const JudgedPromise judged = JudgePromise(tokens, spans, bare_is_ship, now, bare_as);
  promise.kind = judged.kind;
  if (!judged.span) return promise;
  promise.min_hours = judged.span->min_hours;
  promise.max_hours = judged.span->max_hours;
  promise.business_days = judged.business_days;
  if (judged.span->HasDate()) {
    // A first day alone ("from 10 January") tells of no last one; of two days both are said.
    const bool from_then = std::any_of(tokens.begin(), tokens.end(), [](const PromiseToken& token) {
      return token.Is(WordRole::kFromThen);
    });
    const bool open = (judged.span->not_earlier || (from_then && judged.span->from->day != 0)) &&
                      judged.span->OneDate();
    if (!open) promise.latest = ResolveDay(*judged.span->to, now, true);
    if (!judged.span->not_later || !judged.span->OneDate())
      promise.earliest = ResolveDay(*judged.span->from, now, false);
    if (promise.earliest && promise.latest && *promise.earliest > *promise.latest)
      promise.earliest.reset();
  }
  promise.compensation = CompensationIn(text, folded, tokens);
  return promise;
}

std::vector<std::string> PromiseReader::FindCandidates(std::string_view text,
                                                       std::string_view lang) const {
  static_cast<void>(lang);  // the words of all languages are looked for: pages mix them
  std::vector<std::string> found;
  ForEachCandidate(text, [&](const std::string& piece) {
    found.push_back(piece);
    return true;
  });
  return found;
}

namespace {

// Whether a sentence may end with the byte: what decides is looked at only then.
constexpr std::array<bool, 256> kMayEnd = [] {
  std::array<bool, 256> table{};
  for (const unsigned char c : {'\n', '!', '?', '|', '.'}) table[c] = true;
  for (const int lead : {0xE2, 0xE3, 0xEF}) table[static_cast<size_t>(lead)] = true;
  return table;
}();

}  // namespace

void PromiseReader::ForEachCandidate(std::string_view text, const Visit& visit) const {
  const PromiseWords& words = impl_->Words();
  std::string folded;
  // False = enough.
  const auto consider = [&](std::string_view piece) {
    piece = TrimAscii(piece);
    if (piece.size() < 6 || piece.size() > kPieceCharsMax * 4) return true;
    FoldForWords(piece, folded);
    if (!words.SpeakOfCarriage(folded)) return true;
    const auto tokens = LexPromise(folded, words);
    const bool about_shipping =
        std::any_of(tokens.begin(), tokens.end(), [](const PromiseToken& token) {
          return token.Is(WordRole::kShip) || token.Is(WordRole::kDeliver) ||
                 token.Is(WordRole::kCarriage) || token.Is(WordRole::kPresale);
        });
    if (!about_shipping || FindTimes(tokens, DateOrder::kDayFirst).empty()) return true;
    std::string clean = FoldSpace(piece);
    size_t chars = 0;
    size_t end = 0;
    while (end < clean.size() && chars <= kPieceCharsMax) {
      size_t length = 1;
      CharAt(clean, end, &length);
      end += ++chars > kPieceCharsMax ? 0 : length;
    }
    clean.resize(end);
    return visit(clean);
  };
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    size_t length = 1;
    bool ends = false;
    if (kMayEnd[lead]) {
      const uint32_t cp = CharAt(text, at, &length);
      const size_t next = at + length;
      const bool dot_ends = cp == '.' && next < text.size() && text[next] == ' ' &&
                            at > begin + 20 &&
                            !(at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9') &&
                            !(next + 1 < text.size() && text[next + 1] >= '0' &&
                              text[next + 1] <= '9');  // "by Oct. 28"
      ends = cp == '\n' || cp == '!' || cp == '?' || cp == '|' || cp == 0x3002 || cp == 0xFF01 ||
             cp == 0xFF1F || cp == 0xFF1B || cp == 0x2022 || dot_ends;
    } else if (lead >= 0x80) {
      CharAt(text, at, &length);
    }
    at += length;
    if (!ends && at - begin < kPieceCharsMax * 3) continue;
    if (!consider(text.substr(begin, at - begin))) return;
    begin = at;
  }
  consider(text.substr(begin));
}

std::vector<CheckFailure> CheckPromiseData(const std::filesystem::path& dir) {
  std::vector<CheckFailure> failures;
  const auto reader = PromiseReader::Load(dir);
  if (!reader) return {{dir.string(), reader.error().message}};
  if (const auto ready = reader->Prepare(); !ready) return {{dir.string(), ready.error().message}};
  const auto files = ListFiles(dir / "cases", ".json");
  if (!files) return {{dir.string(), files.error().message}};
  for (const auto& path : *files) {
    const std::string name = "promises/cases/" + path.filename().string();
    const auto text = ReadFile(path, kDataFileBytesMax);
    const auto json = text ? ParseJson(*text, name) : Expected<Json>(std::unexpected(text.error()));
    if (!json || !json->is_array()) {
      failures.push_back({name, json ? "must be a list of cases" : json.error().message});
      continue;
    }
    for (const Json& wanted : *json) {
      const auto phrase = GetString(wanted, "text");
      if (!phrase || !*phrase) {
        failures.push_back({name, "a case without text"});
        continue;
      }
      const auto lang = GetString(wanted, "lang");
      const auto now = GetString(wanted, "now");
      const Promise read = reader->Read(**phrase, lang && *lang ? **lang : "",
                                        now && *now ? ParseTime(**now) : std::nullopt);
      const Json got = ToJson(read);
      for (const char* field : {"kind", "min_hours", "max_hours", "business_days", "earliest",
                                "latest", "compensation"}) {
        if (!wanted.contains(field)) continue;
        // "within N" has no lower bound: null and 0 say the same.
        const bool zero = std::string_view(field) == "min_hours" && wanted[field] == 0 &&
                          got.value(field, Json()).is_null();
        if (!zero && wanted[field] != got.value(field, Json())) {
          failures.push_back(
              {name, StrCat("\"", **phrase, "\": ", field, " must be ", DumpJson(wanted[field]),
                            ", is ", DumpJson(got.value(field, Json())))});
        }
      }
    }
  }
  return failures;
}

}  // namespace kaopu
