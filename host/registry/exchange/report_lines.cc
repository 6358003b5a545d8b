// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/exchange/report_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/csv.h"
#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr const char* kFormat = "kaopu_reports";           // WIRE
constexpr std::string_view kNoteName = "kaopu-reports-1";  // WIRE
constexpr int kVersion = 1;
constexpr size_t kLineBytesMax = 4096, kOrderBytesMax = 200, kSourceBytesMax = 200;

// In the order of the columns.
enum class Kind { kText, kNumber, kFlag };
struct Column {
  std::string_view name;
  Kind kind;
};
constexpr Column kColumns[] = {
    {"order", Kind::kText},          {"seller", Kind::kText},
    {"week", Kind::kText},           {"outcome", Kind::kText},
    {"enrolled", Kind::kFlag},       {"promised_days", Kind::kNumber},
    {"shipped_days", Kind::kNumber}, {"known_days", Kind::kNumber},
    {"days_late", Kind::kNumber},    {"value", Kind::kText},
    {"revision", Kind::kNumber},     {"class", Kind::kText},
    {"weight", Kind::kNumber},
};
// May be given, are never written.
constexpr Column kOtherColumns[] = {{"order_id", Kind::kText}, {"placed", Kind::kText}};

const Column* FindColumn(std::string_view name) {
  if (const auto* one = std::ranges::find(kColumns, name, &Column::name);
      one != std::end(kColumns)) {
    return one;
  }
  const auto* other = std::ranges::find(kOtherColumns, name, &Column::name);
  return other != std::end(kOtherColumns) ? other : nullptr;
}

std::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kBadRequest, std::move(message));
}

Json FieldsOf(const ExchangedReport& one) {
  Json fields = ParseJson(one.report.ToText(), "report").value();
  fields.erase("v");
  fields["order"] = one.order;
  if (one.weight_class) {
    fields["class"] = report::WeightClassName(*one.weight_class);
    fields["weight"] = one.weight;
  }
  return fields;
}

std::optional<report::WeightClass> ClassOf(std::string_view name) {
  for (const auto one : {report::WeightClass::kTrusted, report::WeightClass::kNewcomer,
                         report::WeightClass::kPool}) {
    if (name == report::WeightClassName(one)) return one;
  }
  return std::nullopt;
}

// Takes a text off the fields.
Expected<std::optional<std::string>> TakeText(Json& fields, const char* name, size_t bytes_max) {
  auto text = GetString(fields, name);
  if (!text) return text;
  if (*text && ((*text)->empty() || (*text)->size() > bytes_max)) {
    return Wrong(StrCat(name, ": 1 to ", bytes_max, " bytes"));
  }
  fields.erase(name);
  return text;
}

Expected<ExchangedReport> ReportOf(Json fields) {
  for (const auto& [name, value] : fields.items()) {
    if (FindColumn(name) == nullptr && name != "v") {
      return Wrong(StrCat("\"", name.substr(0, 40), "\" is no field of a report"));
    }
  }
  ExchangedReport out;
  const auto order = TakeText(fields, "order", kOrderBytesMax),
             order_id = TakeText(fields, "order_id", kOrderBytesMax),
             weight_class = TakeText(fields, "class", kOrderBytesMax),
             placed = TakeText(fields, "placed", kOrderBytesMax);
  for (const auto* text : {&order, &order_id, &weight_class, &placed}) {
    if (!*text) return std::unexpected(text->error());
  }
  if (order->has_value() == order_id->has_value()) {
    return Wrong("order, order_id: one of them names the order");
  }
  out.order = order->value_or("");
  out.order_id = order_id->value_or("");
  if (*weight_class) {
    out.weight_class = ClassOf(**weight_class);
    if (!out.weight_class) return Wrong("class: trusted, newcomer or pool");
  }
  const auto weight = GetInt(fields, "weight");
  if (!weight) return std::unexpected(weight.error());
  out.weight = weight->value_or(kOne);
  if (out.weight < 0 || out.weight > kOne) return Wrong(StrCat("weight: 0 to ", kOne));
  fields.erase("weight");
  if (*placed) {
    const auto day = ParseDate(**placed);
    if (!day) return Wrong("placed: no date: YYYY-MM-DD");
    if (fields.contains("week")) return Wrong("placed, week: one of them");
    fields["week"] = report::IsoWeek::Of(*day).ToText();
  }
  // What may be left out.
  for (const auto& [name, value] :
       {std::pair<const char*, Json>{"v", report::kReportVersion},
        {"enrolled", false},
        {"revision", 0},
        {"value", report::ValueBandName(report::ValueBand::kUnknown)}}) {
    if (!fields.contains(name)) fields[name] = value;
  }
  auto report = report::Report::Parse(DumpJson(fields));
  if (!report) return std::unexpected(report.error());
  out.report = std::move(*report);
  return out;
}

Expected<Json> FieldsOfRow(const std::vector<const Column*>& columns,
                           const std::vector<std::string>& row) {
  if (row.size() != columns.size()) {
    return Wrong(StrCat(row.size(), " fields, not the ", columns.size(), " of the heading"));
  }
  Json fields = Json::object();
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string& text = row[i];
    if (text.empty()) continue;
    const std::string name(columns[i]->name);
    switch (columns[i]->kind) {
      case Kind::kText:
        fields[name] = text;
        break;
      case Kind::kFlag:
        if (text != "true" && text != "false" && text != "0" && text != "1") {
          return Wrong(StrCat(name, ": true or false"));
        }
        fields[name] = text == "true" || text == "1";
        break;
      case Kind::kNumber: {
        int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size()) {
          return Wrong(StrCat(name, ": a whole number"));
        }
        fields[name] = number;
      }
    }
  }
  return fields;
}

std::string NoteText(const ExchangeHeader& header, const tlog::Digest& digest) {
  return StrCat(kNoteName, "\n", header.source, "\n", header.reports, "\n",
                tlog::ToBase64(tlog::AsText(digest)), "\n");
}

Expected<ExchangeHeader> HeaderOf(const Json& fields) {
  const auto version = GetInt(fields, kFormat);
  if (!version) return std::unexpected(version.error());
  if (*version != kVersion) {
    return Fail(ErrorCode::kUnsupported, StrCat(kFormat, ": version ", version->value_or(0),
                                                "; this program reads version ", kVersion));
  }
  const auto source = RequireString(fields, "source");
  if (!source) return std::unexpected(source.error());
  if (source->empty() || source->size() > kSourceBytesMax ||
      std::ranges::any_of(*source, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return Wrong(StrCat("source: 1 to ", kSourceBytesMax, " bytes of text"));
  }
  ExchangeHeader header{.source = *source};
  for (const auto& [name, to] :
       {std::pair{"publish", &header.publish}, std::pair{"entries", &header.entries},
        std::pair{"reports", &header.reports}}) {
    const auto number = GetInt(fields, name);
    if (!number) return std::unexpected(number.error());
    if (number->value_or(0) < 0) return Wrong(StrCat(name, ": not negative"));
    *to = static_cast<uint64_t>(number->value_or(0));
  }
  const auto as_of = GetString(fields, "as_of");
  if (!as_of) return std::unexpected(as_of.error());
  if (*as_of) {
    header.as_of = ParseDate(**as_of);
    if (!header.as_of) return Wrong("as_of: no date: YYYY-MM-DD");
  }
  return header;
}

// Line by line, in one pass.
class Reader {
 public:
  Reader(std::string_view text, const std::optional<tlog::VerifierKey>& signer)
      : text_(text), signer_(signer) {}

  Expected<ExchangeFile> Run() {
    file_.sha256 = tlog::Sha256({text_});
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    const bool csv = at_ < text_.size() && text_[at_] != '{';
    if (csv && signer_) {
      return Fail(ErrorCode::kForbidden, "a table (CSV) carries no signature; JSON lines do");
    }
    while (at_ < text_.size()) {
      const size_t end = std::min(text_.find('\n', at_), text_.size());
      std::string_view line = text_.substr(at_, end - at_);
      ++number_;
      if (noted_) return At(Wrong("nothing may follow the signature"));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.size() > kLineBytesMax) {
        return At(Wrong(StrCat("longer than ", kLineBytesMax, " bytes")));
      }
      if (!line.empty()) {
        if (auto read = csv ? TakeRow(line) : TakeJson(line); !read) {
          return At(std::unexpected(std::move(read.error())));
        }
      }
      at_ = end + 1;
    }
    if (file_.header && !noted_ && file_.header->reports != file_.reports.size()) {
      return Fail(ErrorCode::kDamaged, StrCat("the file is not whole: ", file_.reports.size(),
                                              " reports of ", file_.header->reports));
    }
    if (signer_ && !file_.is_signed) {
      return Fail(ErrorCode::kForbidden, "the file is not signed, or was cut off before that");
    }
    return std::move(file_);
  }

 private:
  std::unexpected<Error> At(std::unexpected<Error> error) const {
    return Fail(error.error().code, StrCat("line ", number_, ": ", error.error().message));
  }

  Expected<void> Take(Json fields) {
    auto report = ReportOf(std::move(fields));
    if (!report) return std::unexpected(report.error());
    // The platform's number is one of that platform.
    const std::string_view seller = report->report.seller;
    const std::string name = report->order_id.empty() ? report->order
                                                      : StrCat(seller.substr(0, seller.find(':')),
                                                               "\n", report->order_id);
    if (!orders_.insert(name).second) return Wrong("the order stands in the file twice");
    file_.reports.push_back(std::move(*report));
    return {};
  }

  Expected<void> TakeRow(std::string_view line) {
    const auto row = SplitCsvFields(line);
    if (!row) return Wrong("a quoted field is not closed, or text follows its end");
    if (!columns_.empty()) {
      auto fields = FieldsOfRow(columns_, *row);
      return fields ? Take(std::move(*fields)) : std::unexpected(fields.error());
    }
    for (const std::string& name : *row) {
      const Column* column = FindColumn(name);
      if (column == nullptr || std::ranges::find(columns_, column) != columns_.end()) {
        return Wrong(StrCat("the heading's \"", name.substr(0, 40),
                            "\" is no field of a report, or stands there twice"));
      }
      columns_.push_back(column);
    }
    return {};
  }

  Expected<void> TakeJson(std::string_view line) {
    auto fields = ParseJson(line, "line", 4);
    if (!fields) return std::unexpected(fields.error());
    if (!fields->is_object()) return Wrong("no JSON object");
    if (fields->contains(kFormat)) {
      if (number_ != 1) return Wrong("the header is the first line");
      auto header = HeaderOf(*fields);
      if (!header) return std::unexpected(header.error());
      file_.header = std::move(*header);
      return {};
    }
    if (fields->contains("note")) return TakeNote(*fields);
    return Take(std::move(*fields));
  }

  Expected<void> TakeNote(const Json& fields) {
    noted_ = true;
    const auto text = RequireString(fields, "note");
    if (!text) return std::unexpected(text.error());
    const auto note = tlog::Note::Parse(*text);
    if (!note) return std::unexpected(note.error());
    if (!file_.header) return Wrong("a signed file begins with its header");
    const ExchangeHeader& header = *file_.header;
    if (header.reports != file_.reports.size() ||
        note->text != NoteText(header, tlog::Sha256({text_.substr(0, at_)}))) {
      return Fail(ErrorCode::kDamaged,
                  "what is signed is not this file: something was changed, or is missing");
    }
    if (!signer_) return {};
    const auto signatures = tlog::VerifyNote(*note, {&*signer_, 1});
    if (!signatures) return Fail(ErrorCode::kForbidden, signatures.error().message);
    if (signatures->empty()) {
      return Fail(ErrorCode::kForbidden,
                  StrCat("not signed by ", signer_->name, ", the key given"));
    }
    file_.is_signed = true;
    return {};
  }

  std::string_view text_;
  const std::optional<tlog::VerifierKey>& signer_;
  ExchangeFile file_;
  std::vector<const Column*> columns_;  // of a table, once its heading was read
  std::set<std::string, std::less<>> orders_;
  size_t at_ = 0;
  uint64_t number_ = 0;
  bool noted_ = false;
};

}  // namespace

std::string HeaderLine(const ExchangeHeader& header) {
  Json fields = {{kFormat, kVersion}, {"source", header.source}, {"reports", header.reports}};
  if (header.as_of) {
    fields["publish"] = header.publish;
    fields["entries"] = header.entries;
    fields["as_of"] = FormatDate(*header.as_of);
  }
  return DumpJson(fields);
}

std::string ReportLine(const ExchangedReport& report) { return DumpJson(FieldsOf(report)); }

std::string NoteLine(const ExchangeHeader& header, const tlog::Digest& digest,
                     const tlog::SignerKey& key) {
  const std::string text = NoteText(header, digest);
  return DumpJson(Json{{"note", StrCat(text, "\n", key.SignatureLine(text, 0))}});
}

void WriteCsvHeading(std::ostream& out) {
  for (const Column& column : kColumns) {
    out << (&column == kColumns ? "" : ",") << column.name;
  }
  out << '\n';
}

void WriteCsvReport(std::ostream& out, const ExchangedReport& report) {
  const Json fields = FieldsOf(report);
  for (const Column& column : kColumns) {
    if (&column != kColumns) out << ',';
    const auto found = fields.find(column.name);
    if (found == fields.end()) continue;
    WriteCsvField(out, found->is_string() ? found->get<std::string>() : DumpJson(*found));
  }
  out << '\n';
}

Expected<ExchangeFile> ParseExchange(std::string_view text,
                                     const std::optional<tlog::VerifierKey>& signer) {
  return Reader(text, signer).Run();
}

}  // namespace kaopu
