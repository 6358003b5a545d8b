// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/reporter_trust.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace kaopu {
namespace {

using Word = ReporterTrust::Word;
constexpr int64_t kDay = 86'400;

struct Report {
  PersonIndex reporter, target;
  Word word;
  int64_t at_s;
};

ReporterTrust Judge(const std::vector<Report>& reports) {
  ReporterTrust trust;
  for (const Report& report : reports) {
    trust.Add(report.reporter, report.target, report.word, report.at_s);
  }
  return trust;
}

// Twenty sellers, of whom every fourth is bad, known by forty honest reporters.
std::vector<Report> HonestWorld() {
  std::vector<Report> reports;
  std::mt19937 random(5);
  for (int i = 0; i < 1200; ++i) {
    const PersonIndex seller = 1000 + random() % 20;
    reports.push_back({static_cast<PersonIndex>(random() % 40), seller,
                       seller % 4 == 0 ? Word::kBad : Word::kGood, i * kDay / 4});
  }
  return reports;
}

TEST(ReporterTrust, ANewcomerHasThePriorOfANewcomer) {
  ReporterTrust trust;
  EXPECT_EQ(trust.ReliabilityOf(7), 600'000);
  trust.Add(7, 8, Word::kGood, 0);
  EXPECT_EQ(trust.ReliabilityOf(7), 600'000) << "nobody else spoke of this target";
  trust.Add(9, 8, Word::kNothing, 0);
  EXPECT_EQ(trust.ReliabilityOf(9), 600'000);
}

TEST(ReporterTrust, HonestReportersRiseAndLiarsFall) {
  std::vector<Report> reports = HonestWorld();
  const int64_t end = reports.back().at_s;
  for (PersonIndex i = 0; i < 10; ++i) {
    reports.push_back({500, 1000 + i, i % 4 == 0 ? Word::kGood : Word::kBad, end + i * kDay});
  }
  const ReporterTrust trust = Judge(reports);
  for (PersonIndex honest = 0; honest < 40; ++honest)
    EXPECT_GT(trust.ReliabilityOf(honest), 700'000);
  EXPECT_LT(trust.ReliabilityOf(500), 350'000);
}

TEST(ReporterTrust, WhatComesAfterCountsToo) {
  ReporterTrust trust;
  trust.Add(1, 100, Word::kGood, 0);  // both are the first to speak
  trust.Add(2, 200, Word::kGood, 0);
  for (PersonIndex i = 10; i < 18; ++i) {
    trust.Add(i, 100, Word::kGood, i * kDay);
    trust.Add(i, 200, Word::kBad, i * kDay);
  }
  EXPECT_GT(trust.ReliabilityOf(1), 600'000);
  EXPECT_LT(trust.ReliabilityOf(2), 600'000);
}

TEST(ReporterTrust, NothingReceivedEnters) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<Report> reports;
    for (int i = 0; i < 60; ++i) {
      reports.push_back({static_cast<PersonIndex>(random() % 8),
                         static_cast<PersonIndex>(random() % 8),
                         random() % 3 == 0 ? Word::kBad : Word::kGood, i * kDay});
    }
    const PersonIndex person = random() % 8;
    std::vector<Report> changed;
    for (Report report : reports) {
      if (report.target == person && report.reporter != person) {
        if (random() % 2 == 0) continue;
        report.word = Word::kBad;
      }
      changed.push_back(report);
    }
    EXPECT_EQ(Judge(reports).ReliabilityOf(person), Judge(changed).ReliabilityOf(person));
  }
}

TEST(ReporterTrust, RepeatingOneselfEarnsNothing) {
  std::vector<Report> once = HonestWorld();
  const int64_t end = once.back().at_s;
  once.push_back({600, 1001, Word::kGood, end});
  std::vector<Report> often = once;
  for (int i = 0; i < 500; ++i) often.push_back({600, 1001, Word::kGood, end});
  EXPECT_EQ(Judge(once).ReliabilityOf(600), Judge(often).ReliabilityOf(600));
  // Nor does it move what others are judged by.
  often.push_back({601, 1001, Word::kBad, end});
  once.push_back({601, 1001, Word::kBad, end});
  EXPECT_EQ(Judge(once).ReliabilityOf(601), Judge(often).ReliabilityOf(601));
}

TEST(ReporterTrust, AChangeOfMindReplacesTheFirstWord) {
  const std::vector<Report> straight = {{1, 9, Word::kBad, 0}, {3, 9, Word::kBad, kDay}};
  const std::vector<Report> turned = {
      {1, 9, Word::kGood, 0}, {1, 9, Word::kBad, 0}, {3, 9, Word::kBad, kDay}};
  EXPECT_EQ(Judge(straight).ReliabilityOf(3), Judge(turned).ReliabilityOf(3));
}

TEST(ReporterTrust, SpeakingOfOneselfCountsForNothing) {
  ReporterTrust trust;
  for (int i = 0; i < 100; ++i) trust.Add(4, 4, Word::kGood, i * kDay);
  EXPECT_EQ(trust.ReliabilityOf(4), 600'000);
}

TEST(ReporterTrust, AProofIsAgreementAndIsCounted) {
  ReporterTrust trust;
  trust.Add(1, 2, Word::kBad, 0);
  trust.AddProof(1);
  EXPECT_GT(trust.ReliabilityOf(1), 600'000);
  EXPECT_EQ(trust.ProofsOf(1), 1);
  EXPECT_EQ(trust.ProofsOf(99), 0);
}

TEST(ReporterTrust, AlwaysBetweenNothingAndOne) {
  std::mt19937 random(3);
  ReporterTrust trust;
  for (int i = 0; i < 20'000; ++i) {
    trust.Add(random() % 50, random() % 500, random() % 2 ? Word::kGood : Word::kBad,
              static_cast<int64_t>(random()) * 100 - 62'135'596'800);
  }
  for (PersonIndex i = 0; i < 50; ++i) {
    EXPECT_GE(trust.ReliabilityOf(i), 0);
    EXPECT_LE(trust.ReliabilityOf(i), kOne);
  }
}

}  // namespace
}  // namespace kaopu
