// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "temp_home.h"

namespace kaopu {
namespace {

constexpr TimeMs kNow{std::chrono::milliseconds{1'780'000'000'000}};
const SellerRecord kSeller = {"taobao:134583372", "小明数码", {"taobao:shop:64592671"}};

OutcomeRecord Late(int days) {
  OutcomeRecord outcome;
  outcome.outcome = OutcomeKind::kLate;
  outcome.days_late = days;
  outcome.order_id = "2026-1";
  outcome.placed_at = ParseDate("2026-10-01");
  outcome.promised_by = ParseDate("2026-10-03");
  outcome.delivered_at = ParseDate("2026-10-09");
  outcome.item_title = "耳机";
  outcome.item_price = Money{14900, "CNY"};
  outcome.note = "said \"tomorrow\" five times; 1' OR '1'='1";
  return outcome;
}

OrderRecord Order(std::string id) {
  OrderRecord order;
  order.order_id = std::move(id);
  order.seller_key = kSeller.seller_key;
  order.status = OrderStatus::kPaid;
  order.placed_at = ParseDate("2026-11-01");
  order.promised_by = ParseDate("2026-11-05");
  order.item_price = Money{4500, "JPY"};
  return order;
}

class StoreTest : public testing::Test {
 protected:
  Store Open() {
    Expected<Store> store = Store::Open(home_.path());
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }
  SellerHistory History(const Store& store, std::vector<std::string> keys) {
    return store.HistoryOf(keys).value();
  }

  TempHome home_;
};

TEST_F(StoreTest, ALicenceLinksSellersAndNeverMakesThemOne) {
  Store store = Open();
  const std::vector<std::string> licence = {"licence:91330100MA2ABCDE1R"};
  ASSERT_TRUE(store.AddOutcome({"taobao:1", "old shop", licence}, Late(3), kNow));
  OutcomeRecord other = Late(1);
  other.order_id = "2026-2";
  ASSERT_TRUE(store.AddOutcome({"jd:2", "new shop", licence}, other, kNow));
  EXPECT_EQ(History(store, {"taobao:1"}).outcomes.size(), 1u);
  EXPECT_EQ(History(store, {"jd:2"}).outcomes.size(), 1u);
  EXPECT_TRUE(History(store, licence).outcomes.empty());

  const auto linked = [&](std::vector<std::string> keys, std::vector<std::string> licences) {
    std::vector<std::string> found;
    const std::vector<SellerRecord> sellers = store.SellersWithLicence(keys, licences).value();
    for (const SellerRecord& seller : sellers) found.push_back(seller.seller_key);
    return found;
  };
  EXPECT_EQ(linked({"taobao:3"}, licence), (std::vector<std::string>{"jd:2", "taobao:1"}));
  EXPECT_EQ(linked({"jd:2"}, {}), std::vector<std::string>{"taobao:1"});
  EXPECT_TRUE(linked({"taobao:3"}, {}).empty());
  ASSERT_TRUE(store.DeleteAll());
  EXPECT_TRUE(linked({"taobao:3"}, licence).empty());
}

TEST_F(StoreTest, LacksOfAnAdapterAreCountedInARow) {
  Store store = Open();
  const std::vector<std::string> fields = {"seller.key", "item.price"};
  ASSERT_TRUE(store.NoteLacks("jd/product", {}));
  EXPECT_TRUE(store.Lacks()->empty());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(store.NoteLacks("jd/product", fields));
  ASSERT_TRUE(store.NoteLacks("tmall/product", {{"item.title"}}));
  const std::vector<AdapterLack> lacks = store.Lacks().value();
  ASSERT_EQ(lacks.size(), 2u);
  EXPECT_EQ(lacks[0].fields, fields);
  EXPECT_EQ(lacks[0].pages, kLacksMax);
  ASSERT_TRUE(store.NoteLacks("jd/product", {}));
  EXPECT_EQ(store.Lacks()->size(), 1u);
}

TEST_F(StoreTest, FolderAndFilesAreTheShoppersAlone) {
  const Store store = Open();
  ASSERT_TRUE(store.GetSettings());
  struct stat info {};
  ASSERT_EQ(stat(home_.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  for (const auto& entry : std::filesystem::directory_iterator(home_.path())) {
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(StoreTest, AnUnknownSellerHasAnEmptyHistory) {
  const Store store = Open();
  const SellerHistory history = History(store, {"jd:1000"});
  EXPECT_EQ(history.seller_key, "jd:1000");
  EXPECT_TRUE(history.outcomes.empty());
  EXPECT_TRUE(store.Sellers()->empty());
}

TEST_F(StoreTest, AnOutcomeComesBackAsItWasGiven) {
  {
    Store store = Open();
    ASSERT_TRUE(store.AddOutcome(kSeller, Late(4), kNow));
  }
  const Store store = Open();
  const SellerHistory history = History(store, {kSeller.seller_key});
  ASSERT_EQ(history.outcomes.size(), 1u);
  EXPECT_EQ(history.name, "小明数码");
  const OutcomeRecord& outcome = history.outcomes[0];
  EXPECT_EQ(outcome.outcome, OutcomeKind::kLate);
  EXPECT_EQ(outcome.days_late, 4);
  EXPECT_EQ(outcome.order_id, "2026-1");
  EXPECT_EQ(outcome.placed_at, ParseDate("2026-10-01"));
  EXPECT_EQ(outcome.shipped_at, std::nullopt);
  EXPECT_EQ(outcome.item_price, (Money{14900, "CNY"}));
  EXPECT_EQ(outcome.note, "said \"tomorrow\" five times; 1' OR '1'='1");
  EXPECT_EQ(outcome.recorded_at, kNow);
}

TEST_F(StoreTest, AliasesLeadToTheSameSeller) {
  Store store = Open();
  ASSERT_TRUE(store.AddOutcome(kSeller, Late(4), kNow));
  EXPECT_EQ(History(store, {"taobao:shop:64592671"}).seller_key, kSeller.seller_key);
  // The same seller met again under another key joins; nothing is counted twice.
  ASSERT_TRUE(
      store.AddOutcome({"taobao:999", std::nullopt, {"taobao:shop:64592671"}}, Late(1), kNow));
  EXPECT_EQ(
      History(store, {"taobao:999", kSeller.seller_key, "taobao:shop:64592671"}).outcomes.size(),
      2u);
  EXPECT_EQ(store.Sellers()->size(), 1u);
  // An alias that is another seller's own key stays that seller's.
  ASSERT_TRUE(store.AddOutcome({"taobao:5", "other", {}}, Late(2), kNow));
  ASSERT_TRUE(store.AddOutcome({kSeller.seller_key, std::nullopt, {"taobao:5"}}, Late(3), kNow));
  EXPECT_EQ(History(store, {"taobao:5"}).name, "other");
  EXPECT_EQ(History(store, {"taobao:5", kSeller.seller_key}).outcomes.size(), 4u);
}

TEST_F(StoreTest, EditsAndRemovalsAreUndoneOneByOne) {
  Store store = Open();
  OutcomeRecord outcome = store.AddOutcome(kSeller, Late(4), kNow).value();
  const int64_t id = outcome.outcome_id;
  outcome.outcome = OutcomeKind::kNeverShipped;
  outcome.days_late.reset();
  outcome.note.reset();
  ASSERT_TRUE(store.EditOutcome(outcome, kNow));
  ASSERT_TRUE(store.RemoveOutcome(id, kNow));
  EXPECT_EQ(store.GetOutcome(id).error().code, ErrorCode::kNotFound);

  UndoneOutcome undone = store.UndoOutcome(id).value();
  EXPECT_EQ(undone.action, "remove");
  EXPECT_EQ(undone.now->outcome, OutcomeKind::kNeverShipped);
  undone = store.UndoOutcome(std::nullopt).value();
  EXPECT_EQ(undone.action, "edit");
  EXPECT_EQ(undone.now->days_late, 4);
  EXPECT_EQ(undone.now->note, Late(4).note);
  EXPECT_EQ(undone.now->item_price, (Money{14900, "CNY"}));
  undone = store.UndoOutcome(id).value();
  EXPECT_EQ(undone.action, "add");
  EXPECT_EQ(undone.now, std::nullopt);
  EXPECT_EQ(store.UndoOutcome(std::nullopt).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store.Sellers()->empty());  // nothing of the seller is left
}

TEST_F(StoreTest, UndoOfOneOutcomeLeavesLaterOnesAlone) {
  Store store = Open();
  const int64_t first = store.AddOutcome(kSeller, Late(1), kNow)->outcome_id;
  const int64_t second = store.AddOutcome(kSeller, Late(2), kNow)->outcome_id;
  ASSERT_TRUE(store.UndoOutcome(first));
  EXPECT_FALSE(store.GetOutcome(first));
  EXPECT_TRUE(store.GetOutcome(second));
  EXPECT_GT(store.AddOutcome(kSeller, Late(3), kNow)->outcome_id,
            second);  // ids are never given twice
}

TEST_F(StoreTest, OrdersAreKeptEditedAndUndone) {
  Store store = Open();
  ASSERT_TRUE(store.AddOrder(kSeller, Order("A-1"), kNow));
  const Expected<OrderRecord> again =
      store.AddOrder({"jd:7", std::nullopt, {}}, Order("A-1"), kNow);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  EXPECT_EQ(store.Sellers()->size(), 1u);  // the refused one left nothing
  OrderRecord order = store.GetOrder("A-1").value();
  order.status = OrderStatus::kShipped;
  order.promised_by.reset();
  ASSERT_TRUE(store.EditOrder(order, kNow));
  EXPECT_EQ(store.GetOrder("A-1")->status, OrderStatus::kShipped);
  const UndoneOrder undone = store.UndoOrder("A-1").value();
  EXPECT_EQ(undone.action, "edit");
  EXPECT_EQ(undone.now->status, OrderStatus::kPaid);
  EXPECT_EQ(undone.now->promised_by, ParseDate("2026-11-05"));
  EXPECT_EQ(store.Orders(kSeller.seller_key, 10)->size(), 1u);
  EXPECT_EQ(store.Orders("jd:7", 10)->size(), 0u);
  EXPECT_EQ(store.GetOrder("A-2").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store.EditOrder(Order("A-2"), kNow).error().code, ErrorCode::kNotFound);
}

TEST_F(StoreTest, SettingsRoundTrip) {
  Store store = Open();
  EXPECT_EQ(store.GetSettings()->caution, Caution::kNormal);
  EXPECT_EQ(store.GetSettings()->ask_above, std::nullopt);
  ASSERT_TRUE(store.PutSettings({Caution::kHigh, Money{50'000, "CNY"}, "zh_CN"}));
  const Settings settings = Open().GetSettings().value();
  EXPECT_EQ(settings.caution, Caution::kHigh);
  EXPECT_EQ(settings.ask_above, (Money{50'000, "CNY"}));
  EXPECT_EQ(settings.language, "zh_CN");
}

TEST_F(StoreTest, DeleteAllLeavesNoTraceInTheFiles) {
  Store store = Open();
  OutcomeRecord outcome = Late(3);
  outcome.note = "XYZZY-SECRET-NOTE";
  ASSERT_TRUE(store.AddOutcome(kSeller, outcome, kNow));
  ASSERT_TRUE(store.AddOrder(kSeller, Order("XYZZY-SECRET-NOTE"), kNow));
  const DeletedCounts counts = store.DeleteAll().value();
  EXPECT_EQ(counts.outcomes, 1);
  EXPECT_EQ(counts.orders, 1);
  EXPECT_EQ(counts.sellers, 1);
  EXPECT_EQ(counts.changes, 2);
  EXPECT_TRUE(store.Sellers()->empty());
  for (const auto& entry : std::filesystem::directory_iterator(home_.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(bytes.find("XYZZY"), std::string::npos) << entry.path();
  }
  EXPECT_TRUE(store.AddOutcome(kSeller, outcome, kNow));
}

TEST_F(StoreTest, TheJournalIsBounded) {
  Store store = Open();
  OrderRecord order = store.AddOrder(kSeller, Order("A-1"), kNow).value();
  for (int i = 0; i < 1100; ++i) ASSERT_TRUE(store.EditOrder(order, kNow));
  EXPECT_EQ(store.Changes()->size(), 1000u);
}

TEST_F(StoreTest, TwoConnectionsSeeEachOther) {
  Store one = Open(), two = Open();
  ASSERT_TRUE(one.AddOutcome(kSeller, Late(1), kNow));
  EXPECT_EQ(two.Outcomes(std::nullopt, 10)->size(), 1u);
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([this] {
      Store store = Open();
      for (int i = 0; i < 25; ++i) EXPECT_TRUE(store.AddOutcome(kSeller, Late(2), kNow));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(one.Outcomes(std::nullopt, 1000)->size(), 51u);
  EXPECT_EQ(one.Sellers()->size(), 1u);
}

TEST_F(StoreTest, ManyOpenTheSameNewFileAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this] {
      const Expected<Store> store = Store::Open(home_.path());
      EXPECT_TRUE(store) << store.error().message;
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(StoreTest, ALinkInThePlaceOfTheFileIsNotFollowed) {
  std::filesystem::create_directories(home_.path());
  std::filesystem::create_symlink(home_.path() / "elsewhere", home_.path() / "kaopu.db");
  const Expected<Store> store = Store::Open(home_.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(home_.path() / "elsewhere"));
}

TEST_F(StoreTest, AHomeReachedThroughALinkIsFine) {
  std::filesystem::create_directories(home_.path().parent_path() / "real");
  std::filesystem::create_directory_symlink("real", home_.path());
  EXPECT_TRUE(Open().AddOutcome(kSeller, Late(1), kNow));
}

TEST_F(StoreTest, AFolderThatCannotBeMadeIsSaid) {
  const Expected<Store> store = Store::Open("/proc/kaopu-cannot-be-here");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace kaopu
