// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/terms.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "page/chars.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kTextBytesMax = 512 * 1024;
constexpr size_t kClauseBytesMax = 200;
constexpr int64_t kPatternBytesMax = 1 << 20;  // of one pattern's automaton, which then begins anew
constexpr size_t kAtomBytesMin = 3;            // shorter ones are on every page
constexpr int kTriesMax = 64;                  // occurrences of one pattern that are looked at
// Between lines that need not be neighbours: white space in a pattern does not go beyond it.
constexpr std::string_view kLineEnd = "\n\x01\n";
constexpr std::string_view kOffPlatform = "off_platform";

re2::RE2::Options PatternOptions() {
  re2::RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(kPatternBytesMax);
  return options;
}

struct Rule {
  std::string file;
  std::string kind;
  std::string pattern;
  std::vector<std::string> with;  // the clause must hold each of these too, wherever in it
  std::string except;             // a clause that matches this is no mark: a warning, a denial
  std::vector<std::string> marked;
  std::vector<std::string> clean;
  std::vector<std::unique_ptr<re2::RE2>> with_re;
  std::unique_ptr<re2::RE2> except_re;

  // False if one of the clause's patterns does not compile.
  bool CompileClausePatterns() {
    for (const std::string& one : with)
      with_re.push_back(std::make_unique<re2::RE2>(one, PatternOptions()));
    if (!except.empty()) except_re = std::make_unique<re2::RE2>(except, PatternOptions());
    return std::ranges::all_of(with_re, [](const auto& re) { return re->ok(); }) &&
           (!except_re || except_re->ok());
  }

  bool MarksClause(std::string_view clause) const {
    const re2::StringPiece piece(clause.data(), clause.size());
    return std::ranges::all_of(
               with_re, [&](const auto& re) { return re2::RE2::PartialMatch(piece, *re); }) &&
           !(except_re && re2::RE2::PartialMatch(piece, *except_re));
  }
};

// Where a text holds which of a fixed list of strings, the case of ASCII letters aside.
class Atoms {
 public:
  static constexpr size_t kAtomsMax = 65535;

  // `atoms`: in lower case, each of kAtomBytesMin bytes or more.
  explicit Atoms(std::vector<std::string> atoms) : atoms_(std::move(atoms)) {
    for (const std::string& atom : atoms_) {
      uint16_t& first = first_[Slot(atom)];
      next_.push_back(first);
      first = static_cast<uint16_t>(next_.size());
    }
  }

  // The lines that hold any, in text order, and which: indexes into the list, ascending.
  struct Line {
    std::string_view text;
    std::set<int> atoms;
  };
  std::vector<Line> LinesWith(std::string_view text) const {
    std::string lower(text);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const std::string_view rest = lower;
    std::vector<Line> lines;
    size_t end = 0;  // of the last line in the list
    for (size_t at = 0; at + kAtomBytesMin <= rest.size(); ++at) {
      for (size_t i = first_[Slot(rest.substr(at))]; i != 0; i = next_[i - 1]) {
        if (!rest.substr(at).starts_with(atoms_[i - 1])) continue;
        if (at >= end) {
          const size_t begin = at == 0 ? 0 : rest.rfind('\n', at - 1) + 1;
          end = std::min(rest.find('\n', at), rest.size());
          lines.push_back({text.substr(begin, end - begin), {}});
        }
        lines.back().atoms.insert(static_cast<int>(i) - 1);
      }
    }
    return lines;
  }

 private:
  static constexpr int kSlotBits = 14;
  // Of the first three bytes.
  static size_t Slot(std::string_view text) {
    const auto byte = [&](size_t i) {
      return static_cast<uint32_t>(static_cast<unsigned char>(text[i]));
    };
    return ((byte(0) | byte(1) << 8 | byte(2) << 16) * uint32_t{0x9E3779B1}) >> (32 - kSlotBits);
  }
  std::vector<std::string> atoms_;
  // An atom of the slot, from 1; 0 where there is none. Then, by atom, another one of its slot.
  std::array<uint16_t, size_t{1} << kSlotBits> first_{};
  std::vector<uint16_t> next_;
};

// Ends of a clause, for the text shown and for what `except` looks at.
bool EndsClause(std::string_view text, size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  if (c == '\n' || c == '!' || c == '?' || c == ';') return true;
  if (c == '.') return at + 1 >= text.size() || text[at + 1] == ' ' || text[at + 1] == '\n';
  const std::string_view wide = text.substr(at, 3);
  return wide == "。" || wide == "！" || wide == "？" || wide == "；";
}

// The clause around [begin, end): back and forth to the nearest mark that ends one, never further
// than 200 bytes.
std::string_view ClauseAround(std::string_view text, size_t begin, size_t end) {
  size_t from = begin;
  while (from > 0 && begin - from < kClauseBytesMax && !EndsClause(text, from - 1)) --from;
  // Backing into the middle of "。" or another multi-byte character: move to the next character's
  // start.
  while (from < begin && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  if (const std::string_view wide = text.substr(from, 3); from < begin && EndsClause(text, from)) {
    from += static_cast<unsigned char>(wide[0]) < 0x80 ? 1 : 3;
  }
  size_t to = end;
  while (to < text.size() && to - end < kClauseBytesMax && !EndsClause(text, to)) ++to;
  return text.substr(std::min(from, begin), to - std::min(from, begin));
}

// "No refunds? We help you": nobody's terms. `clause` is a part of `text`.
bool IsAsked(std::string_view text, std::string_view clause) {
  const std::string_view rest =
      text.substr(static_cast<size_t>(clause.data() + clause.size() - text.data()));
  return rest.starts_with('?') || rest.starts_with("？");
}

Expected<std::vector<std::string>> Strings(const Json& object, std::string_view field) {
  std::vector<std::string> strings;
  const auto it = object.find(field);
  if (it == object.end()) return strings;
  if (!it->is_array()) return Fail(ErrorCode::kDamaged, std::string(field) + " is not a list");
  for (const Json& value : *it) {
    if (!value.is_string())
      return Fail(ErrorCode::kDamaged, std::string(field) + " holds something other than text");
    strings.push_back(value.get<std::string>());
  }
  return strings;
}

Expected<Rule> ReadRule(const Json& json, const std::string& file) {
  Rule rule;
  rule.file = file;
  auto with = Strings(json, "with");
  if (!with) return std::unexpected(with.error());
  rule.with = *std::move(with);
  for (const auto& [field, target] :
       {std::pair{"kind", &rule.kind}, std::pair{"pattern", &rule.pattern}}) {
    auto value = RequireString(json, field);
    if (!value) return std::unexpected(value.error());
    *target = *std::move(value);
  }
  if (auto source = RequireString(json, "source"); !source) return std::unexpected(source.error());
  auto except = GetString(json, "except");
  if (!except) return std::unexpected(except.error());
  rule.except = except->value_or("");
  const auto cases = json.find("cases");
  if (cases == json.end() || !cases->is_object())
    return Fail(ErrorCode::kDamaged, "a rule needs cases");
  auto marked = Strings(*cases, "marked");
  if (!marked) return std::unexpected(marked.error());
  auto clean = Strings(*cases, "clean");
  if (!clean) return std::unexpected(clean.error());
  rule.marked = *std::move(marked);
  rule.clean = *std::move(clean);
  return rule;
}

}  // namespace

struct TermsReader::Impl {
  std::vector<Rule> rules;
  // The patterns, each run only on a text that holds strings without which it cannot match (its
  // atoms): most pages hold those of a few. One automaton over all patterns knows no such bound;
  // its states are nearly the product of theirs, and building them took a third of a page's time.
  std::once_flag compiled;
  re2::FilteredRE2 patterns{static_cast<int>(kAtomBytesMin)};  // pattern i = rules[i]
  std::optional<Atoms> atoms;                                  // none if a pattern did not compile
  std::string broken;

  void Compile() {
    std::call_once(compiled, [this] {
      for (Rule& rule : rules) {
        int id = 0;
        if (patterns.Add(rule.pattern, PatternOptions(), &id) != re2::RE2::NoError ||
            !rule.CompileClausePatterns()) {
          broken = rule.file + ": " + rule.kind + ": pattern does not compile: " + rule.pattern;
          return;
        }
      }
      std::vector<std::string> strings;
      if (!rules.empty()) patterns.Compile(&strings);
      if (strings.size() > Atoms::kAtomsMax) {
        broken = "terms: too many words in the patterns";
        return;
      }
      atoms.emplace(std::move(strings));
    });
  }

  // By rule, the lines that it may mark, as a text: all that it does are among them. A clause ends
  // with its line, so that a pattern runs on no more than the lines that hold its words.
  std::map<int, std::string> Candidates(std::string_view text) const {
    std::map<int, std::string> candidates;
    if (!atoms || rules.empty()) return candidates;
    std::map<std::set<int>, std::vector<int>> rules_with;
    for (const auto& [line, held] : atoms->LinesWith(text)) {
      const auto [known, is_new] = rules_with.try_emplace(held);
      if (is_new) patterns.AllPotentials({held.begin(), held.end()}, &known->second);
      for (const int index : known->second) candidates[index].append(line).append(kLineEnd);
    }
    return candidates;
  }

  // The first clause that the rule marks; a view into the text.
  std::optional<std::string_view> FirstMark(int index, std::string_view text) const {
    const Rule& rule = rules[static_cast<size_t>(index)];
    const re2::RE2& pattern = patterns.GetRE2(index);
    size_t at = 0;
    for (int tries = 0; tries < kTriesMax && at < text.size(); ++tries) {
      re2::StringPiece match;
      if (!pattern.Match(re2::StringPiece(text.data(), text.size()), at, text.size(),
                         re2::RE2::UNANCHORED, &match, 1)) {
        return std::nullopt;
      }
      const auto begin = static_cast<size_t>(match.data() - text.data());
      const size_t end = begin + match.size();
      const std::string_view clause = ClauseAround(text, begin, end);
      if (rule.MarksClause(clause) && !IsAsked(text, clause)) return clause;
      at = std::max(end, begin + 1);
    }
    return std::nullopt;
  }
};

Expected<TermsReader> TermsReader::Load(const std::filesystem::path& dir) {
  auto files = ListFiles(dir, ".json");
  if (!files) return std::unexpected(files.error());
  auto impl = std::make_unique<Impl>();
  for (const auto& path : *files) {
    const std::string name = path.filename().string();
    if (name.ends_with(".schema.json")) continue;
    auto text = ReadFile(path, kDataFileBytesMax);
    if (!text) return std::unexpected(text.error());
    auto json = ParseJson(*text, name);
    if (!json) return Fail(ErrorCode::kDamaged, json.error().message);
    const auto rules = json->find("rules");
    if (rules == json->end() || !rules->is_array())
      return Fail(ErrorCode::kDamaged, name + ": no list of rules");
    for (size_t i = 0; i < rules->size(); ++i) {
      auto rule = ReadRule((*rules)[i], name);
      if (!rule) {
        return Fail(ErrorCode::kDamaged,
                    name + ": rule " + std::to_string(i + 1) + ": " + rule.error().message);
      }
      impl->rules.push_back(*std::move(rule));
    }
  }
  return TermsReader(std::move(impl));
}

TermsReader::Marks TermsReader::Read(std::string_view text) const {
  Marks marks;
  impl_->Compile();
  text = CutUtf8(text, kTextBytesMax);
  const std::string simple = SimplifyHan(text);
  const auto candidates = impl_->Candidates(simple);
  std::vector<std::pair<size_t, Term>> found;
  for (const auto& [index, lines] : candidates) {
    const Rule& rule = impl_->rules[static_cast<size_t>(index)];
    const auto mark = impl_->FirstMark(index, lines);
    if (!mark) continue;
    if (rule.kind == kOffPlatform) {
      marks.off_platform = true;
      continue;
    }
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&](const auto& term) { return term.second.kind == rule.kind; });
    if (known) continue;
    const size_t at = simple.find(*mark);
    const std::string_view as_written =
        at == std::string::npos ? *mark : text.substr(at, mark->size());
    found.emplace_back(at, Term{rule.kind, FoldSpace(CutUtf8(as_written, kClauseBytesMax))});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [at, term] : found) marks.terms.push_back(std::move(term));
  return marks;
}

Expected<void> TermsReader::Prepare() const {
  impl_->Compile();
  if (!impl_->broken.empty()) return Fail(ErrorCode::kDamaged, impl_->broken);
  return {};
}

std::vector<std::string> TermsReader::Check() const {
  if (const auto ready = Prepare(); !ready) return {ready.error().message};
  std::vector<std::string> wrong;
  for (size_t i = 0; i < impl_->rules.size(); ++i) {
    const Rule& rule = impl_->rules[i];
    const std::string place = rule.file + ": " + rule.kind + ": ";
    if (rule.marked.empty() || rule.clean.empty())
      wrong.push_back(place + "a rule needs marked and clean cases");
    // By the whole way that a page's text takes.
    const auto marks = [&](const std::string& text) {
      const auto candidates = impl_->Candidates(SimplifyHan(text));
      const auto lines = candidates.find(static_cast<int>(i));
      return lines != candidates.end() &&
             impl_->FirstMark(static_cast<int>(i), lines->second).has_value();
    };
    for (const std::string& text : rule.marked) {
      if (!marks(text)) wrong.push_back(place + "should be marked: " + text);
    }
    for (const std::string& text : rule.clean) {
      if (marks(text)) wrong.push_back(place + "should not be marked: " + text);
    }
  }
  return wrong;
}

TermsReader::TermsReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TermsReader::TermsReader(TermsReader&&) noexcept = default;
TermsReader& TermsReader::operator=(TermsReader&&) noexcept = default;
TermsReader::~TermsReader() = default;

}  // namespace kaopu
