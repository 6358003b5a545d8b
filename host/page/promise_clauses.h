// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Who acts in a clause, and which of its times are the buyer's: "order within 3 hours", "orders
// placed before Nov 29", "after payment".
#pragma once

#include <vector>

#include "page/promise_lexer.h"
#include "page/promise_time.h"

namespace kaopu {

class PromiseClauses {
 public:
  // Both must outlive this.
  PromiseClauses(const std::vector<PromiseToken>& tokens, const std::vector<TimeSpan>& spans);

 protected:
  using Kind = PromiseToken::Kind;
  // A subject or an object stands at most so far from its verb: " will be ".
  static constexpr size_t kSubjectBytes = 20;

  bool IsEvent(size_t i) const;
  bool InSpan(size_t i) const;
  size_t SentenceBegin(size_t i) const;
  size_t SentenceEnd(size_t i) const;
  // "order within 3 hours", 今天下单, 2小时内付款: the buyer's deadline.
  bool IsCutOff(const TimeSpan& span) const;
  bool FollowedByShip(const TimeSpan& span) const;
  // Where "within", "about" and the like before the time begin.
  size_t LeadBegin(const TimeSpan& span) const;

  const std::vector<PromiseToken>& tokens_;
  const std::vector<TimeSpan>& spans_;
  std::vector<bool> inert_;          // by token: the event only starts a clock
  std::vector<size_t> back_starts_;  // 退货 in 收到退货后: the clock of a return

 private:
  // "after payment", "nach dem Versand": the event only starts the clock. "After receipt" alone is
  // the buyer's time to return; "after receipt of payment" is a start like any other.
  void MakeInertAfter(size_t after);
  // 付款成功后, ご注文確認後
  void MakeInertBefore(size_t suffix);
  // "avant 14h"
  bool IsTimeOfDay(const TimeSpan& span) const;
  // "Orders placed between Nov 27 and Nov 29 will ship on Dec 1", 12月1日前的订单12月5日发货: a
  // date beside the buyer's act is the buyer's, where the sentence tells another day after it.
  bool IsDayOfOrder(const TimeSpan& span) const;
  // Whether the clause is about a verb of shipping or delivery before `i`: "Your parcel is sent
  // today".
  bool IsOfVerb(size_t i) const;
  // "Spediamo in giornata gli ordini", "consegna oggi stesso ordinando": the seller's, whatever
  // stands behind.
  bool BelongsToVerb(size_t i) const;
  // Behind a time of day at `i` and what says before or after it: 17点以后, "14 Uhr".
  size_t AfterClock(size_t i) const;
  // สั่งวันนี้ ได้รับพรุ่งนี้: the time after it is the promised one.
  bool FollowedByTime(const TimeSpan& span, size_t end) const;
  // "Ships today if ordered within 2 hours": the buyer's hours, once the time was said.
  bool IsTimeLeft(const TimeSpan& span) const;
  // A verb of shipping right before the order, at most an article between.
  bool ShipsThe(size_t order) const;
};

}  // namespace kaopu
