// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// From reports in the store to what shoppers download, and back by the audit.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "index/seller_index.h"
#include "index/update/delta.h"
#include "made_registry.h"
#include "registry/audit/registry_audit.h"
#include "registry/pages/seller_facts.h"
#include "registry/record/public_files.h"

namespace kaopu {
namespace {

using Told = MadeRegistry::Told;
using report::WeightClass;

Expected<RegistryAudit> Audit(const MadeRegistry& registry, bool signatures = false) {
  const tlog::ReadLogFile read = [&](const std::string& path, size_t bytes_max) {
    return ReadFile(registry.root() / path, bytes_max);
  };
  return AuditRegistry(
      read, {.key = registry.log_key.verifier(), .signatures = signatures, .threads = 2});
}

std::vector<Told> Orders(const std::string& seller, int good, int bad, int days_ago = 20) {
  std::vector<Told> told;
  for (int i = 0; i < good; ++i) told.push_back({.seller = seller, .days_ago = days_ago + i % 3});
  for (int i = 0; i < bad; ++i) {
    told.push_back(
        {.seller = seller, .outcome = OutcomeKind::kNeverShipped, .days_ago = days_ago + i % 3});
  }
  return told;
}

Manifest ManifestOf(const MadeRegistry& registry) {
  return MadeRegistry::Must(Manifest::Parse(registry.Bytes(kManifestPath)));
}

std::optional<index::SellerAnswer> Look(const MadeRegistry& registry, const std::string& seller) {
  const std::string folder = StrCat("index/", ManifestOf(registry).index.publish, "/");
  const auto index = MadeRegistry::Must(index::SellerIndex::Open(
      registry.root() / (folder + "sellers.kpi"), registry.root() / (folder + "details.kpi")));
  return MadeRegistry::Must(index.Find(
      seller,
      std::chrono::floor<std::chrono::days>(registry.clock.Now()).time_since_epoch().count() *
          kMinutesADay));
}

TEST(Publish, GivesWhatTheAuditFindsAgain) {
  MadeRegistry registry;
  registry.Tell(Orders("taobao:1", 30, 0));
  registry.Tell(Orders("taobao:2", 2, 9));
  const auto published = registry.Publish();
  ASSERT_TRUE(published) << published.error().message;
  EXPECT_EQ(published->publish, 1u);
  EXPECT_EQ(published->released, 41u);
  EXPECT_EQ(published->index.sellers, 2u);
  EXPECT_EQ(published->index.details, 2u);
  const auto audit = Audit(registry);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->contents, 41u);
  EXPECT_EQ(audit->publish, 1u);
  EXPECT_FALSE(audit->by_digest_alone);
  EXPECT_LT(Look(registry, "taobao:1")->risk.bad, Look(registry, "taobao:2")->risk.bad);
  EXPECT_EQ(Look(registry, "taobao:2")->detail->never, 9u);
}

TEST(Publish, ReleasesFiveTogetherOrAfterTwoWeeks) {
  MadeRegistry registry;
  registry.Tell(Orders("taobao:1", 5, 0));
  registry.Tell(Orders("taobao:2", 4, 0));
  registry.Tell({{.seller = "taobao:1", .duplicate = true}});
  EXPECT_EQ(registry.Publish()->released, 5u);
  EXPECT_FALSE(Look(registry, "taobao:2"));
  EXPECT_EQ(registry.Publish()->publish, 0u);
  registry.clock.Advance(std::chrono::hours(24 * 15));
  const auto later = registry.Publish();
  EXPECT_EQ(later->released, 4u);
  EXPECT_EQ(later->duplicates, 1u);
  EXPECT_TRUE(Look(registry, "taobao:2"));
  const auto audit = Audit(registry);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->removed, 1u);
  EXPECT_EQ(audit->waiting, 0u);
}

TEST(Publish, NothingNewPublishesNothing) {
  MadeRegistry registry;
  EXPECT_EQ(registry.Publish()->publish, 1u);  // a new registry's index says that nothing is known
  EXPECT_TRUE(Audit(registry)) << Audit(registry).error().message;
  EXPECT_EQ(registry.Publish()->publish, 0u);
  registry.Tell(Orders("taobao:1", 6, 0));
  EXPECT_EQ(registry.Publish()->publish, 2u);
  EXPECT_TRUE(Audit(registry)) << Audit(registry).error().message;
  const std::string manifest = registry.Bytes(kManifestPath);
  EXPECT_EQ(registry.Publish()->publish, 0u);
  EXPECT_EQ(registry.Bytes(kManifestPath), manifest);
}

TEST(Publish, RemovedContentsAreGoneFromTheNext) {
  MadeRegistry registry;
  registry.Tell(Orders("taobao:1", 40, 0));
  const auto bad = registry.Tell(Orders("taobao:2", 0, 8));
  ASSERT_TRUE(registry.Publish());
  ASSERT_TRUE(Look(registry, "taobao:2"));
  for (const uint64_t entry : bad) registry.Remove(entry, "withdrawn");
  const auto second = registry.Publish();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->publish, 2u);
  EXPECT_FALSE(Look(registry, "taobao:2"));
  EXPECT_EQ(registry.Bytes(report::ContentPath(bad.front())).find("never_shipped"),
            std::string::npos);
  EXPECT_TRUE(Audit(registry)) << Audit(registry).error().message;
}

TEST(Publish, ARemovalSinceLeavesTheDigests) {
  MadeRegistry registry;
  const auto told = registry.Tell(Orders("taobao:1", 9, 0));
  ASSERT_TRUE(registry.Publish());
  registry.Remove(told[3], "court order");
  ASSERT_TRUE(registry.log->Integrate(*registry.store->Size()));
  const auto audit = Audit(registry);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_TRUE(audit->by_digest_alone);
  EXPECT_EQ(audit->left_over, 1u);  // until the next publish takes it out
}

TEST(Publish, ALaterWordTakesTheEarlierOnesPlace) {
  MadeRegistry registry;
  const auto told = registry.Tell(Orders("taobao:1", 6, 1));
  ASSERT_TRUE(registry.Publish());
  EXPECT_EQ(Look(registry, "taobao:1")->detail->never, 1u);
  registry.Tell({{.outcome = OutcomeKind::kLate, .replaces = told.back()}});
  registry.clock.Advance(std::chrono::hours(24 * 15));
  ASSERT_TRUE(registry.Publish());
  EXPECT_EQ(Look(registry, "taobao:1")->detail->never, 0u);
  EXPECT_EQ(Look(registry, "taobao:1")->detail->windows[2].all, 7u);
  EXPECT_TRUE(Audit(registry));
}

TEST(Publish, AnUntouchedSellerKeepsItsRowAndDeltasLeadToTheNewest) {
  MadeRegistry registry;
  for (int seller = 0; seller < 300; ++seller) {
    registry.Tell(Orders(StrCat("taobao:", seller), 5 + seller % 7, seller % 5));
  }
  ASSERT_TRUE(registry.Publish());
  const auto row = [&](const std::string& seller) {
    const auto answer = Look(registry, seller);
    return answer->evidence.counts;
  };
  const auto before = row("taobao:7");
  std::filesystem::copy_file(registry.root() / "index/1/sellers.kpi", registry.folder / "mine");
  registry.Tell(Orders("taobao:8", 0, 6));
  ASSERT_TRUE(registry.Publish());
  EXPECT_EQ(row("taobao:7")[kLong].good, before[kLong].good);
  registry.Tell(Orders("taobao:9", 7, 0));
  ASSERT_TRUE(registry.Publish());
  const Manifest manifest = ManifestOf(registry);
  ASSERT_EQ(manifest.deltas.size(), 4u);
  std::vector<std::filesystem::path> chain;
  for (const Manifest::Delta& delta : manifest.deltas) {
    if (delta.file.kind == "sellers") chain.push_back(registry.root() / delta.file.path);
  }
  const auto applied =
      index::ApplyChain(registry.folder / "mine", chain, manifest.index.files[0].sha256);
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(registry.Bytes("../mine"), registry.Bytes("index/3/sellers.kpi"));
  EXPECT_EQ(Audit(registry)->older_checked, 2u);
}

TEST(Publish, OldFilesGo) {
  MadeRegistry registry;
  PublishOptions options = registry.Options();
  options.deltas_kept = 4;
  options.full_kept = 2;
  for (int i = 0; i < 6; ++i) {
    registry.Tell(Orders(StrCat("taobao:", i), 5, 0));
    ASSERT_TRUE(registry.Publish(options));
  }
  EXPECT_FALSE(std::filesystem::exists(registry.root() / "index/2"));
  EXPECT_TRUE(std::filesystem::exists(registry.root() / "index/3/sellers.delta"));
  EXPECT_FALSE(std::filesystem::exists(registry.root() / "index/4/sellers.kpi"));
  EXPECT_TRUE(std::filesystem::exists(registry.root() / "index/5/sellers.kpi"));
  EXPECT_EQ(ManifestOf(registry).deltas.size(), 8u);
  const auto audit = Audit(registry);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->older_checked + audit->older_gone, 5u);
}

TEST(Publish, TheSameReportsGiveTheSameIndex) {
  // Salts differ, so the bytes are compared through the audit of another process's computing: here
  // by computing twice from one epoch.
  MadeRegistry registry;
  registry.Tell(Orders("taobao:1", 12, 3));
  registry.Tell(Orders("jd:2", 4, 4));
  ASSERT_TRUE(registry.Publish());
  const std::string once = registry.Bytes("index/1/sellers.kpi");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Audit(registry));
  EXPECT_EQ(registry.Bytes("index/1/sellers.kpi"), once);
}

TEST(Publish, WritesPagesThatHoldNoMarkOfATemplateAndEachSellersGroup) {
  MadeRegistry registry;
  registry.Tell(Orders("taobao:1", 6, 2));
  registry.AppendOperator("reply", {{"seller", "taobao:1"},
                                    {"text", "<b>Sorry</b> & thanks"},
                                    {"on", "2026-09-04"},
                                    {"shown_by", "token on the shop's page"}});
  PublishOptions options = registry.Options();
  options.pages = std::filesystem::path(KAOPU_SOURCE_DIR) / "host/data/registry_pages";
  const auto published = registry.Publish(options);
  ASSERT_TRUE(published) << published.error().message;
  EXPECT_EQ(published->pages_error, "");
  for (const char* name : {"index.html", "seller.html", "verify.html", "contribute.html"}) {
    for (const std::string folder : {"", "zh/"}) {
      const std::string page = registry.Bytes(folder + name);
      EXPECT_NE(page.find("</html>"), std::string::npos) << folder << name;
      EXPECT_EQ(page.find("{{"), std::string::npos) << folder << name;
      EXPECT_NE(page.find("Content-Security-Policy"), std::string::npos);
    }
  }
  EXPECT_NE(registry.Bytes("index.html").find(registry.log_key.verifier().name), std::string::npos);
  const auto group = ParseJson(registry.Bytes("pages/sellers/0/all.json"), "group");
  ASSERT_TRUE(group);
  const Json& facts = (*group)["taobao:1"];
  EXPECT_EQ(facts["windows"][2], Json({8, 2}));
  EXPECT_EQ(facts["never"], 2);
  EXPECT_EQ(facts["replies"][0]["text"], "<b>Sorry</b> & thanks");
  EXPECT_EQ(facts["bad"].size(), 3u);
  // Nothing new, nothing touched; a reply alone is new.
  EXPECT_EQ(registry.Publish(options)->publish, 0u);
  registry.AppendOperator("reply", {{"seller", "jd:9"}, {"text", "Hello"}});
  EXPECT_EQ(registry.Publish(options)->publish, 2u);
  EXPECT_NE(registry.Bytes("pages/sellers/0/all.json").find("jd:9"), std::string::npos);
  EXPECT_TRUE(Audit(registry));
}

TEST(SellerPages, GroupsAreThoseThatTheBrowserFinds) {
  // FNV-1a of "a" is e40c292c, of "foobar" bf9cf968 (Fowler, Noll, Vo: test vectors).
  EXPECT_EQ(SellerBucket("a", 4), "e40c");
  EXPECT_EQ(SellerBucket("foobar", 6), "bf9cf9");
  EXPECT_EQ(SellerBucket("foobar", 0), "all");
  EXPECT_EQ(BucketDigits(256), 0);
  EXPECT_EQ(BucketDigits(257), 1);
  EXPECT_EQ(BucketDigits(1'000'000), 3);
}

struct CutOff {};

TEST(Publish, CutOffAnywhereTheLastStaysWholeAndTheNextGoesOn) {
  for (const std::string cut : {"release", "contents", "epoch", "index", "delta", "ranges", "log",
                                "checkpoint", "manifest"}) {
    SCOPED_TRACE(cut);
    MadeRegistry registry;
    registry.Tell(Orders("taobao:1", 9, 1));
    PublishOptions in_ranges = registry.Options();
    in_ranges.range_bits = 2;
    ASSERT_TRUE(registry.Publish(in_ranges));
    const auto told = registry.Tell(Orders("taobao:2", 1, 9));
    registry.Remove(registry.Tell(Orders("taobao:1", 1, 0)).front(), "withdrawn");
    PublishOptions options = registry.Options();
    options.before = [&](std::string_view step) {
      if (step == cut) throw CutOff{};
    };
    EXPECT_THROW((void)registry.Publish(options), CutOff);
    // Another program, or the same after a restart, with the log integrated by whoever served.
    registry.log = registry.NewLog();
    ASSERT_TRUE(registry.log->Integrate(*registry.store->Size()));
    EXPECT_EQ(ManifestOf(registry).index.publish, 1u);
    const auto between = Audit(registry);
    EXPECT_TRUE(between) << between.error().message;
    const auto next = registry.Publish();
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(ManifestOf(registry).index.publish, 2u);
    EXPECT_TRUE(Look(registry, "taobao:2"));
    const auto audit = Audit(registry);
    ASSERT_TRUE(audit) << audit.error().message;
    EXPECT_EQ(audit->publish, 2u);
    EXPECT_EQ(audit->left_over, 0u);
    EXPECT_EQ(registry.Publish()->publish, 0u);
  }
}

TEST(Publish, InRangesOnlyWhereItsOperatorSaysSo) {
  MadeRegistry registry;
  registry.Tell(Orders("taobao:1", 30, 0));
  ASSERT_TRUE(registry.Publish());
  EXPECT_FALSE(ManifestOf(registry).index.ranges);
  EXPECT_FALSE(std::filesystem::exists(registry.root() / "index/1/ranges.kpr"));

  // Said once, with nothing else new; then it stays so until it is taken back.
  PublishOptions options = registry.Options();
  options.range_bits = 4;
  const auto cut = registry.Publish(options);
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(cut->publish, 2u);
  ASSERT_TRUE(cut->ranges);
  EXPECT_EQ(cut->ranges->Ranges(), 16u);
  EXPECT_EQ(registry.Bytes("index/2/ranges.kpr").size(), cut->ranges->FileBytes());
  EXPECT_EQ(registry.Publish(options)->publish, 0u);
  EXPECT_EQ(registry.Publish()->publish, 0u);
  registry.Tell(Orders("taobao:2", 6, 0));
  EXPECT_EQ(registry.Publish()->publish, 3u);
  const auto named = ManifestOf(registry).index.ranges;
  ASSERT_TRUE(named);
  EXPECT_EQ(named->cut.bits, 4u);
  EXPECT_EQ(named->cut.sellers, 2u);
  const auto audit = Audit(registry);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->ranges, 16u);
  EXPECT_EQ(audit->older_checked, 2u);
  options.range_bits = 0;
  EXPECT_EQ(registry.Publish(options)->publish, 4u);
  EXPECT_FALSE(ManifestOf(registry).index.ranges);
  EXPECT_EQ(Audit(registry)->ranges, 0u);
}

TEST(Publish, RangesGoWithTheWholeFiles) {
  MadeRegistry registry;
  PublishOptions options = registry.Options();
  options.full_kept = 2;
  options.range_bits = 3;
  for (int i = 0; i < 4; ++i) {
    registry.Tell(Orders(StrCat("taobao:", i), 5, 0));
    ASSERT_TRUE(registry.Publish(options));
  }
  for (const int publish : {1, 2, 3, 4}) {
    EXPECT_EQ(std::filesystem::exists(registry.root() / StrCat("index/", publish, "/ranges.kpr")),
              publish > 2);
  }
  EXPECT_TRUE(Audit(registry));
}

TEST(Publish, TheAuditNamesTheRangeThatDiffers) {
  MadeRegistry registry;
  registry.Tell(Orders("taobao:1", 30, 0));
  registry.Tell(Orders("taobao:2", 5, 5));
  PublishOptions options = registry.Options();
  options.range_bits = 3;
  ASSERT_TRUE(registry.Publish(options));
  const std::string name = "index/1/ranges.kpr", good = registry.Bytes(name);
  const index::CutIndex cut = ManifestOf(registry).index.ranges->cut;
  const auto found = [&](const std::string& bytes) {
    MadeRegistry::Must(WriteFileAtomic(registry.root() / name, bytes));
    const auto audit = Audit(registry);
    EXPECT_FALSE(audit);
    return audit ? "" : audit.error().message;
  };
  const auto with = [&](uint64_t at) {
    std::string bytes = good;
    bytes[at] ^= 1;
    return found(bytes);
  };
  const uint64_t five = cut.OffsetOf(5);
  EXPECT_NE(with(five + 20).find(": range 5, sellers, byte 20"), std::string::npos);
  EXPECT_NE(with(five + cut.sellers_bytes).find(": range 5, details"), std::string::npos);
  EXPECT_NE(with(five + cut.ContentBytes() + 40).find(": range 5, proof"), std::string::npos);
  EXPECT_NE(found(good.substr(0, good.size() - 1)).find("range 7, proof"), std::string::npos);
  EXPECT_NE(found(good + "x").find("the log says"), std::string::npos);
  std::filesystem::remove(registry.root() / name);
  EXPECT_EQ(Audit(registry).error().code, ErrorCode::kNotFound);
  // One that is not the newest any more is held against its own root.
  MadeRegistry::Must(WriteFileAtomic(registry.root() / name, good));
  registry.Tell(Orders("taobao:3", 6, 0));
  ASSERT_TRUE(registry.Publish());
  ASSERT_TRUE(Audit(registry));
  EXPECT_NE(with(five + 20).find("index/1/ranges.kpr: range 5"), std::string::npos);
}

class Tampered : public testing::Test {
 protected:
  Tampered() {
    std::vector<Told> told = Orders("taobao:1", 9, 2);
    for (Told& one : told) one.sign = true;
    entries_ = registry_.Tell(told);
    registry_.Tell(Orders("taobao:2", 9, 0));
    MadeRegistry::Must(registry_.Publish());
    MadeRegistry::Must(Audit(registry_));
  }
  void Write(const std::string& name, const std::string& bytes) {
    MadeRegistry::Must(WriteFileAtomic(registry_.root() / name, bytes));
  }
  void Replace(const std::string& name, std::string_view from, std::string_view to) {
    std::string bytes = registry_.Bytes(name);
    const size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos);
    Write(name, bytes.replace(at, from.size(), to));
  }
  void ExpectFound(std::string_view named, bool signatures = false) {
    const auto audit = Audit(registry_, signatures);
    ASSERT_FALSE(audit);
    EXPECT_EQ(audit.error().code, ErrorCode::kDamaged);
    EXPECT_NE(audit.error().message.find(named), std::string::npos) << audit.error().message;
  }
  std::string ContentName() const { return report::ContentPath(entries_.front()); }

  MadeRegistry registry_;
  std::vector<uint64_t> entries_;
};

TEST_F(Tampered, ContentChanged) {
  Replace(ContentName(), "never_shipped", "on_time");
  ExpectFound(StrCat("entry ", entries_[9], ": content and salt"));
}
TEST_F(Tampered, ContentMissing) {
  std::string bytes = registry_.Bytes(ContentName());
  Write(ContentName(), bytes.substr(bytes.find('\n') + 1));
  ExpectFound(StrCat("entry ", entries_[0], ": its content is missing"));
}
TEST_F(Tampered, ContentFileMissing) {
  std::filesystem::remove(registry_.root() / ContentName());
  ExpectFound("its content is missing");
}
TEST_F(Tampered, IndexByteFlipped) {
  std::string bytes = registry_.Bytes("index/1/sellers.kpi");
  bytes[4096 + 30] ^= 4;
  Write("index/1/sellers.kpi", bytes);
  ExpectFound("index/1/sellers.kpi");
  ExpectFound("first at byte 4126");
}
TEST_F(Tampered, EntryTakenOutOfTheLog) {
  const std::string name = "tile/entries/000.p/" + StrCat(*registry_.store->Size());
  std::string bytes = registry_.Bytes(name);
  const size_t second = 2 + static_cast<size_t>(static_cast<uint8_t>(bytes[0])) * 256 +
                        static_cast<uint8_t>(bytes[1]);
  Write(name, bytes.erase(second, 35));
  ExpectFound(name);
}
TEST_F(Tampered, AnotherKeyInRegistryJson) {
  const auto other =
      MadeRegistry::Must(tlog::SignerKey::Generate(MadeRegistry::kOrigin, tlog::KeyKind::kEd25519));
  Replace("registry.json", registry_.log_key.verifier().ToText(), other.verifier().ToText());
  ExpectFound("registry.json");
}
TEST_F(Tampered, SignaturesAreForged) {
  // The second seller's reports are not signed at all.
  EXPECT_TRUE(Audit(registry_));
  ExpectFound("its signature is not by the key it names", true);
}
TEST_F(Tampered, AnIndexThatTheContentsDoNotGive) {
  // The operator logs and signs an index of its own making.
  std::string bytes = registry_.Bytes("index/1/sellers.kpi");
  bytes[4096 + 25] ^= 1;
  std::filesystem::create_directories(registry_.root() / "index/2");
  Write("index/2/sellers.kpi", bytes);
  Write("index/2/details.kpi", registry_.Bytes("index/1/details.kpi"));
  uint64_t number = 0;
  std::string epoch_body;
  MadeRegistry::Must(registry_.store->EachEntry(
      0, *registry_.store->Size(), [&](uint64_t, std::string_view entry) {
        const auto read = report::ReadOperatorEntry(entry, registry_.operator_key.verifier());
        if (read && read->what == "epoch") epoch_body = DumpJson(read->body);
      }));
  Json epoch = *ParseJson(epoch_body, "epoch");
  epoch["publish"] = 2;
  registry_.AppendOperator("epoch", epoch);
  IndexEntry index{.publish = 2};
  for (const char* kind : {"sellers", "details"}) {
    const std::string name = StrCat("index/2/", kind, ".kpi"), file = registry_.Bytes(name);
    index.files.push_back({name, kind, file.size(), tlog::Sha256({file})});
  }
  number = registry_.AppendOperator("index", index.Body());
  const uint64_t size = *registry_.store->Size();
  MadeRegistry::Must(registry_.log->Integrate(size));
  Manifest manifest = ManifestOf(registry_);
  manifest.index = index;
  manifest.proof = MadeRegistry::Must(registry_.log->Receipt(number, size));
  MadeRegistry::Must(registry_.store->EachEntry(
      number, number + 1, [&](uint64_t, std::string_view entry) { manifest.entry = entry; }));
  Write(kManifestPath, manifest.ToText());
  ExpectFound("index/2/sellers.kpi: is not what the log and the contents give");
}

}  // namespace
}  // namespace kaopu
