// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry index`: the shared database as files, made, looked at, compared, brought up to
// date and checked.
#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "index/seller_index.h"
#include "index/update/delta.h"
#include "registry/commands/commands.h"
#include "registry/publish/index_builder.h"
#include "registry/publish/outcome_lines.h"

namespace kaopu {
namespace {

using index::Header;
using index::IndexFile;

constexpr uint64_t kProgressEveryPages = 16 * 1024;

// One decimal, from a Fix that is not negative.
std::string OneDecimal(Fix value) {
  const Fix tenths = (value * 10 + kFixOne / 2) >> kFixBits;
  return StrCat(tenths / 10, '.', tenths % 10);
}
std::string Percent(Fix share) { return StrCat(OneDecimal(share * 100), " %"); }
double Number(Fix value) { return static_cast<double>(value) / static_cast<double>(kFixOne); }

std::string DigestText(const tlog::Digest& digest) { return tlog::ToBase64(tlog::AsText(digest)); }

Expected<std::optional<tlog::Digest>> DigestOption(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto digest = tlog::DigestFromBase64(text);
  if (!digest) {
    return Fail(ErrorCode::kBadRequest, StrCat("\"", text, "\" is no digest: 32 bytes in base64"));
  }
  return digest;
}

struct BuildOptions {
  std::string outcomes, out, details, like, origin = "local/index", shard, as_of, base, salt;
  uint64_t publish = 1;
};

Expected<Header> FrameOf(const BuildOptions& options, const Clock& clock) {
  Header frame;
  const auto day_of = [](std::string_view name, const std::string& text) -> Expected<Date> {
    const auto day = ParseDate(text);
    if (!day) {
      return Fail(ErrorCode::kBadRequest, StrCat(name, ": \"", text, "\" is no date: YYYY-MM-DD"));
    }
    return *day;
  };
  Date as_of = std::chrono::floor<std::chrono::days>(clock.Now());
  if (!options.as_of.empty()) {
    const auto day = day_of("--as-of", options.as_of);
    if (!day) return std::unexpected(day.error());
    as_of = *day;
  }
  const auto minute = int64_t{as_of.time_since_epoch().count()} * kMinutesADay;
  if (minute < 0 || minute > kMinuteMax) {
    return Fail(ErrorCode::kBadRequest, StrCat("as of ", FormatDate(as_of), " cannot be"));
  }
  if (!options.like.empty()) {
    const auto older = IndexFile::Open(options.like);
    if (!older) return std::unexpected(older.error());
    frame = older->header();
    frame.publish += 1;
  } else {
    frame.origin = options.origin;
    frame.shard = options.shard;
    frame.publish = options.publish;
    Date base = as_of - std::chrono::days(3 * 365);
    if (!options.base.empty()) {
      const auto day = day_of("--base", options.base);
      if (!day) return std::unexpected(day.error());
      base = *day;
    }
    frame.base_day = static_cast<uint32_t>(std::max<int64_t>(base.time_since_epoch().count(), 0));
    if (options.salt.empty()) {
      if (sodium_init() < 0) return Fail(ErrorCode::kInternal, "no random numbers here");
      randombytes_buf(frame.salt.data(), frame.salt.size());
    } else {
      if (!ReadHex(options.salt, frame.salt)) {
        return Fail(ErrorCode::kBadRequest, "--salt: 32 hexadecimal digits");
      }
    }
    for (size_t h = 0; h < kHalfLives; ++h) {
      frame.half_life[h] = static_cast<uint32_t>(kHalfLife[h]);
    }
    frame.weights = index::StandardWeights();
  }
  frame.epoch.at = minute;
  if (minute / kMinutesADay < frame.base_day) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("as of ", FormatDate(as_of), " is before the base day ",
                       FormatDate(Date{std::chrono::days{frame.base_day}})));
  }
  return frame;
}

void RunBuild(const BuildOptions& options, RegistryContext& context) {
  const auto frame = FrameOf(options, context.clock);
  if (!frame) return context.Fail(frame.error());
  std::ifstream file;
  if (options.outcomes != "-") {
    file.open(options.outcomes, std::ios::binary);
    if (!file) {
      return context.Fail(
          {ErrorCode::kNotFound, StrCat("cannot open \"", options.outcomes, "\" to read")});
    }
  }
  const std::string what = options.outcomes == "-" ? "standard input" : options.outcomes;
  std::vector<SharedOutcome> outcomes;
  const auto read =
      ReadOutcomeLines(options.outcomes == "-" ? context.in : file, what, [&](SharedOutcome&& one) {
        outcomes.push_back(std::move(one));
        if (outcomes.size() % 1'000'000 == 0) {
          context.Note(StrCat(outcomes.size(), " outcomes read"));
        }
      });
  if (!read) return context.Fail(read.error());
  const auto built = BuildIndex(std::move(outcomes), *frame, options.out, options.details);
  if (!built) return context.Fail(built.error());
  context.Note(StrCat(built->outcomes, " outcomes of ", built->sellers + built->too_light,
                      " sellers; left out: ", built->censored, " not decided, ", built->later,
                      " after the as-of day, ", built->too_light,
                      " sellers whose reports weigh nothing"));
  for (const std::string& path : {options.out, options.details}) {
    if (path.empty()) continue;
    const auto index = IndexFile::Open(path);
    if (!index) return context.Fail(index.error());
    context.out << path << ": " << index->header().count << ' '
                << index::KindName(index->header().kind) << ", " << index->bytes().size()
                << " bytes, sha256 " << DigestText(DigestOf(*index)) << '\n';
  }
}

Json HeaderJson(const IndexFile& file) {
  const Header& h = file.header();
  return {{"kind", index::KindName(h.kind)},
          {"origin", h.origin},
          {"shard", h.shard},
          {"publish", h.publish},
          {"as_of", FormatDate(h.AsOf())},
          {"base", FormatDate(Date{std::chrono::days{h.base_day}})},
          {"salt", HexOf(h.salt)},
          {"prefix_bits", h.layout.prefix_bits},
          {"prefix", h.layout.prefix},
          {"count", h.count},
          {"bytes", file.bytes().size()},
          {"sha256", DigestText(DigestOf(file))}};
}

struct ShowOptions {
  std::string file, seller, details, on;
  bool json = false;
};

void ShowFile(const ShowOptions& options, RegistryContext& context) {
  const auto file = IndexFile::Open(options.file);
  if (!file) return context.Fail(file.error());
  const Json facts = HeaderJson(*file);
  if (options.json) {
    context.out << DumpJson(facts) << '\n';
    return;
  }
  const Header& h = file->header();
  context.out << h.count << ' ' << facts["kind"].get<std::string>() << " of "
              << (h.shard.empty() ? "every platform" : h.shard) << ", from " << h.origin
              << ", publish " << h.publish << ", as of " << FormatDate(h.AsOf()) << '\n'
              << facts["bytes"] << " bytes, "
              << OneDecimal(h.count == 0 ? 0
                                         : FixDiv(static_cast<Fix>(file->bytes().size()),
                                                  static_cast<Fix>(h.count)))
              << " a seller; sha256 " << facts["sha256"].get<std::string>() << '\n'
              << "days from " << facts["base"].get<std::string>() << ", salt "
              << facts["salt"].get<std::string>() << '\n'
              << "expected of a seller nobody knows: " << Percent(h.epoch.prior_bad.back())
              << " go badly, " << Percent(h.epoch.prior_never.front()) << " never ship\n";
}

Json DetailJson(const Header& header, const index::SellerDetail& detail) {
  Json windows = Json::array(), months = Json::array();
  for (size_t i = 0; i < detail.windows.size(); ++i) {
    windows.push_back({{"days", index::kWindowDays[i]},
                       {"reports", detail.windows[i].all},
                       {"bad", detail.windows[i].bad}});
  }
  for (const auto& month : detail.months) {
    months.push_back({{"volume_sevenths", month.volume}, {"bad_sevenths", month.bad}});
  }
  const auto hours = [](uint32_t value) { return value == 0 ? Json(nullptr) : Json(value); };
  return {{"as_of", FormatDate(Date{std::chrono::days{header.base_day + detail.day}})},
          {"windows", windows},
          {"never_shipped_of_365_days", detail.never},
          {"late_fifteenths", detail.late},
          {"ship_hours_median", hours(detail.ship_hours_median)},
          {"ship_hours_p90", hours(detail.ship_hours_p90)},
          {"months", months}};
}

void ShowDetail(const index::SellerDetail& detail, std::ostream& out) {
  out << "reports by its last one:";
  for (size_t i = 0; i < detail.windows.size(); ++i) {
    out << (i == 0 ? " " : "; ") << index::kWindowDays[i] << " days " << detail.windows[i].all
        << ", " << detail.windows[i].bad << " bad";
  }
  out << " (" << detail.never << " never shipped)\n";
  if (detail.ship_hours_median != 0) {
    out << "shipped within " << detail.ship_hours_median << " hours in half of the orders, within "
        << detail.ship_hours_p90 << " in 9 of 10\n";
  }
  out << "months, oldest first, sevenths that went badly (. = no reports):";
  for (const auto& month : detail.months) {
    out << ' ';
    if (month.volume == 0) {
      out << '.';
    } else {
      out << int{month.bad};
    }
  }
  out << '\n';
}

void ShowSeller(const ShowOptions& options, RegistryContext& context) {
  std::optional<std::filesystem::path> details;
  if (!options.details.empty()) details = options.details;
  const auto file = index::SellerIndex::Open(options.file, details);
  if (!file) return context.Fail(file.error());
  Date day = std::chrono::floor<std::chrono::days>(context.clock.Now());
  if (!options.on.empty()) {
    const auto on = ParseDate(options.on);
    if (!on) {
      return context.Fail(
          {ErrorCode::kBadRequest, StrCat("--on: \"", options.on, "\" is no date: YYYY-MM-DD")});
    }
    day = *on;
  }
  const auto found =
      file->Find(options.seller, int64_t{day.time_since_epoch().count()} * kMinutesADay);
  if (!found) return context.Fail(found.error());
  if (!*found) {
    if (options.json) context.out << "null\n";
    return context.Fail({ErrorCode::kNotFound, StrCat("nothing is known of ", options.seller)});
  }
  const index::SellerAnswer& answer = **found;
  const Counts& known = answer.evidence.counts[kLong];
  const Risk& risk = answer.risk;
  const Span span = WilsonSpan(risk.rate, risk.weight + risk.prior);
  const std::string last = FormatDate(answer.evidence.last_on);
  if (options.json) {
    context.out << DumpJson({{"seller", options.seller},
                             {"origin", file->header().origin},
                             {"as_of", FormatDate(file->header().AsOf())},
                             {"last_report", last},
                             {"on_time_weight", Number(known.good)},
                             {"late_weight", Number(known.bad - answer.evidence.never)},
                             {"never_weight", Number(answer.evidence.never)},
                             {"bad",
                              {{"mean", Number(risk.bad)},
                               {"low", Number(span.low)},
                               {"high", Number(span.high)}}},
                             {"never", Number(risk.never)},
                             {"detail", answer.detail ? DetailJson(file->header(), *answer.detail)
                                                      : Json(nullptr)}})
                << '\n';
    return;
  }
  context.out << options.seller << ", by " << file->header().origin << " as of "
              << FormatDate(file->header().AsOf()) << "; last report " << last << '\n'
              << "orders, faded to " << FormatDate(day) << ": " << OneDecimal(known.good)
              << " on time, " << OneDecimal(known.bad - answer.evidence.never) << " late, "
              << OneDecimal(answer.evidence.never) << " never shipped\n"
              << "goes badly: " << Percent(risk.bad) << " (90 %: " << Percent(span.low) << " to "
              << Percent(span.high) << "); never ships: " << Percent(risk.never) << '\n';
  if (answer.detail) ShowDetail(*answer.detail, context.out);
}

struct DiffOptions {
  std::string from, to, out;
};

void RunDiff(const DiffOptions& options, RegistryContext& context) {
  const auto from = IndexFile::Open(options.from);
  if (!from) return context.Fail(from.error());
  const auto to = IndexFile::Open(options.to);
  if (!to) return context.Fail(to.error());
  index::DeltaCounts counts;
  const auto delta = index::MakeDelta(*from, *to, &counts);
  if (!delta) return context.Fail(delta.error());
  if (auto written = WriteFileAtomic(options.out, *delta, 0644); !written) {
    return context.Fail(written.error());
  }
  context.out << options.out << ": " << delta->size() << " bytes; " << counts.updated
              << " changed, " << counts.added << " new, " << counts.removed << " gone, "
              << counts.kept << " as they were\n";
}

struct ApplyOptions {
  std::string file, expected;
  std::vector<std::string> deltas;
};

void RunApply(const ApplyOptions& options, RegistryContext& context) {
  const auto expected = DigestOption(options.expected);
  if (!expected) return context.Fail(expected.error());
  const std::vector<std::filesystem::path> deltas(options.deltas.begin(), options.deltas.end());
  const auto applied =
      index::ApplyChain(options.file, deltas, *expected, [&](const index::ChainStep& step) {
        context.Note(StrCat(options.deltas[step.number - 1], ": ", step.counts.updated,
                            " changed, ", step.counts.added, " new, ", step.counts.removed,
                            " gone"));
      });
  if (!applied) return context.Fail(applied.error());
  const auto file = IndexFile::Open(options.file);
  if (!file) return context.Fail(file.error());
  context.out << options.file << ": "
              << (*applied == 0 ? "was up to date"
                                : StrCat(*applied, " of ", deltas.size(), " applied"))
              << ", publish " << file->header().publish << ", sha256 "
              << DigestText(DigestOf(*file)) << '\n';
}

struct VerifyOptions {
  std::string file, digest;
};

void RunVerify(const VerifyOptions& options, RegistryContext& context) {
  const auto wanted = DigestOption(options.digest);
  if (!wanted) return context.Fail(wanted.error());
  const auto file = IndexFile::Open(options.file);
  if (!file) return context.Fail(file.error());
  const auto verified = file->Verify([&](uint64_t done, uint64_t all) {
    if (done % kProgressEveryPages == 0) context.Note(StrCat(done, " of ", all, " pages checked"));
  });
  if (!verified) return context.Fail(verified.error());
  const tlog::Digest digest = DigestOf(*file);
  if (*wanted && **wanted != digest) {
    return context.Fail({ErrorCode::kDamaged, StrCat(options.file, ": its sha256 is ",
                                                     DigestText(digest), ", not the one given")});
  }
  context.out << options.file << ": whole, " << file->header().count << ' '
              << index::KindName(file->header().kind) << ", sha256 " << DigestText(digest) << '\n';
}

void AddBuild(Command app, RegistryContext& context) {
  auto options = std::make_shared<BuildOptions>();
  Command build = app.AddCommand("build", "Make an index from outcomes");
  build.AddOption("OUTCOMES", options->outcomes, "JSON lines (- = standard input)").Required();
  build.AddOption("--out", options->out, "The sellers' file to write").Required();
  build.AddOption("--details", options->details, "Also write the details' file");
  Option like = build.AddOption("--like", options->like,
                                "The publish before: origin, platform, base day and salt "
                                "are taken from it, the number rises");
  build.AddOption("--origin", options->origin, "Name of the registry's log").Excludes(like);
  build.AddOption("--platform", options->shard, "Sellers of this platform alone; default: every")
      .Excludes(like);
  build.AddOption("--publish", options->publish, "Publish number (default 1)").Excludes(like);
  build.AddOption("--base", options->base, "Base day (default: three years before the as-of day)")
      .Excludes(like);
  build.AddOption("--salt", options->salt, "32 hexadecimal digits (default: drawn)").Excludes(like);
  build.AddOption("--as-of", options->as_of, "Day of this publish (default: today, UTC)");
  build.Footer(
      "A line: {\"seller\":\"taobao:134583372\",\"on\":\"2026-11-02\",\"outcome\":\"late\","
      "\"days_late\":3,\"ship_days\":5,\"weight\":0.5}\n"
      "outcome: on_time late never_shipped fake_shipment seller_cancelled (open and "
      "buyer_cancelled "
      "are passed over). on: the day it was known. days_late, ship_days, weight (of the reporter's "
      "word, 0..1) may be absent. The same lines in any order give the same bytes.");
  build.Callback([options, &context] { RunBuild(*options, context); });
}

}  // namespace

void AddIndexCommand(Command app, RegistryContext& context) {
  Command command = app.AddCommand(
      "index", "The shared database as files: make, look at, compare, bring up to date, check");
  command.NeedCommand();
  command.Footer("The format: host/docs/index_format.md. Digests are SHA-256 in base64.");
  AddBuild(command, context);

  auto show = std::make_shared<ShowOptions>();
  Command shown = command.AddCommand("show", "What an index is, or what it says of a seller");
  shown.AddOption("FILE", show->file, "The sellers' file (or, without SELLER, any)").Required();
  shown.AddOption("SELLER", show->seller, "Seller key: platform:id");
  shown.AddOption("--details", show->details, "The details' file of the same publish");
  shown.AddOption("--on", show->on, "Faded to this day (default: today, UTC)");
  shown.AddFlag("--json", show->json, "Print one JSON value");
  shown.Callback([show, &context] {
    show->seller.empty() ? ShowFile(*show, context) : ShowSeller(*show, context);
  });

  auto diff = std::make_shared<DiffOptions>();
  Command compared = command.AddCommand("diff", "Make the delta from one publish to the next");
  compared.AddOption("OLD", diff->from, "The older file").Required();
  compared.AddOption("NEW", diff->to, "The newer file").Required();
  compared.AddOption("--out", diff->out, "The delta to write").Required();
  compared.Callback([diff, &context] { RunDiff(*diff, context); });

  auto apply = std::make_shared<ApplyOptions>();
  Command applied = command.AddCommand(
      "apply", "Bring an index up to date by deltas; cut off, the same call goes on");
  applied.AddOption("FILE", apply->file, "The index").Required();
  applied
      .AddOption("DELTA", apply->deltas,
                 "One or more, in order; those already in it are passed over")
      .Required();
  applied.AddOption("--expect", apply->expected, "Digest of the last publish; another is refused");
  applied.Callback([apply, &context] { RunApply(*apply, context); });

  auto verify = std::make_shared<VerifyOptions>();
  Command verified = command.AddCommand("verify", "Check every page and key of an index");
  verified.AddOption("FILE", verify->file, "The index").Required();
  verified.AddOption("--digest", verify->digest, "It must have this digest");
  verified.Callback([verify, &context] { RunVerify(*verify, context); });
}

}  // namespace kaopu
