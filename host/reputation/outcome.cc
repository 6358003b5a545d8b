// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/outcome.h"

#include <array>
#include <utility>

namespace kaopu {
namespace {

// WIRE, DISK
constexpr std::array<std::pair<OutcomeKind, std::string_view>, 7> kNames = {{
    {OutcomeKind::kOnTime, "on_time"},
    {OutcomeKind::kLate, "late"},
    {OutcomeKind::kNeverShipped, "never_shipped"},
    {OutcomeKind::kFakeShipment, "fake_shipment"},
    {OutcomeKind::kSellerCancelled, "seller_cancelled"},
    {OutcomeKind::kOpen, "open"},
    {OutcomeKind::kBuyerCancelled, "buyer_cancelled"},
}};

}  // namespace

std::string_view OutcomeKindName(OutcomeKind kind) {
  for (const auto& [known, name] : kNames) {
    if (known == kind) return name;
  }
  return "open";
}

std::optional<OutcomeKind> ParseOutcomeKind(std::string_view name) {
  for (const auto& [kind, known] : kNames) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

bool IsCensored(OutcomeKind kind) {
  return kind == OutcomeKind::kOpen || kind == OutcomeKind::kBuyerCancelled;
}

bool IsNever(OutcomeKind kind) {
  return kind == OutcomeKind::kNeverShipped || kind == OutcomeKind::kFakeShipment ||
         kind == OutcomeKind::kSellerCancelled;
}

bool IsBad(OutcomeKind kind) { return kind == OutcomeKind::kLate || IsNever(kind); }

}  // namespace kaopu
