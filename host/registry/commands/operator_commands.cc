// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry remove` and `reply`: what an operator does by hand. Each is an entry of the log,
// signed, before it takes effect.
#include <sodium.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "registry/commands/commands.h"
#include "registry/commands/database_option.h"
#include "registry/folder/public_contents.h"
#include "registry/folder/registry_folder.h"
#include "report/seal/log_entry.h"
#include "tlog/text_lines.h"

namespace kaopu {
namespace {

constexpr size_t kReasonBytesMax = 500, kReplyBytesMax = 4000, kSellerBytesMax = 200;

struct RemoveOptions {
  std::string data, database, reason;
  uint64_t entry = 0;
};

struct ReplyOptions {
  std::string data, database, seller, text, file, shown_by;
  bool token = false;
};

// Text for people in an entry: UTF-8, no control characters but line ends.
Expected<void> CheckText(std::string_view what, std::string_view text, size_t bytes_max) {
  if (text.empty() || text.size() > bytes_max || !tlog::IsNoteText(text)) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(what, ": 1 to ", bytes_max, " bytes of UTF-8 without control characters"));
  }
  return {};
}

// Appends what `write` does, and brings the log's files up to it. Gives the entry's number.
Expected<uint64_t> WriteLogged(const RegistryFolder& folder,
                               const std::function<Expected<uint64_t>(RegistryBatch&)>& write) {
  const auto store = folder.OpenStore();
  if (!store) return std::unexpected(store.error());
  uint64_t number = 0;
  const auto written = (*store)->Write([&](RegistryBatch& batch) -> Expected<void> {
    const auto at = write(batch);
    if (!at) return std::unexpected(at.error());
    number = *at;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  const auto size = (*store)->Size();
  if (!size) return std::unexpected(size.error());
  const auto log = folder.OpenLog(**store);
  if (auto ok = log->Integrate(*size); !ok) return std::unexpected(ok.error());
  return number;
}

std::string Today(const RegistryContext& context) {
  return FormatDate(std::chrono::floor<std::chrono::days>(context.clock.Now()));
}

Expected<uint64_t> Remove(const RemoveOptions& options, RegistryContext& context) {
  if (auto ok = CheckText("--reason", options.reason, kReasonBytesMax); !ok) {
    return std::unexpected(ok.error());
  }
  const auto folder = RegistryFolder::Open(options.data, options.database);
  if (!folder) return std::unexpected(folder.error());
  // A publish under way may be writing the very file: it ends first.
  const auto lock = FileLock::Take(folder->PublishLock());
  if (!lock) return std::unexpected(lock.error());
  const report::OperatorEntry entry{
      "removal", {{"entry", options.entry}, {"reason", options.reason}, {"on", Today(context)}}};
  const auto removal = WriteLogged(*folder, [&](RegistryBatch& batch) -> Expected<uint64_t> {
    const auto report = batch.FindReport(options.entry);
    if (!report) return std::unexpected(report.error());
    if (!*report) {
      return Fail(ErrorCode::kNotFound, StrCat("entry ", options.entry, " is no report"));
    }
    if ((*report)->removal) {
      return Fail(ErrorCode::kConflict,
                  StrCat("entry ", options.entry, " was removed before, by entry ",
                         *(*report)->removal, ": ", (*report)->removed_reason));
    }
    const auto number =
        batch.Append(entry.ToEntry(folder->keys().operator_key), context.clock.Now());
    if (!number) return number;
    if (auto gone = batch.Remove(options.entry, *number, options.reason); !gone) {
      return std::unexpected(gone.error());
    }
    return number;
  });
  if (!removal) return removal;
  if (auto ok = RemovePublicContent(folder->Public(), options.entry); !ok) {
    return std::unexpected(ok.error());
  }
  return removal;
}

// What a seller puts on the shop's page: by it the operator sees that who asks controls the shop.
// Drawn from a secret of the registry, so nothing has to be remembered.
std::string TokenOf(const RegistryKeys& keys, std::string_view seller) {
  const std::string text = StrCat("kaopu-seller-token-1\n", seller);
  std::array<uint8_t, crypto_auth_hmacsha256_BYTES> mac;
  static_assert(crypto_auth_hmacsha256_KEYBYTES == 32);
  crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                         keys.challenge.data());
  return StrCat("kaopu-", HexOf(std::span(mac).first(16)));
}

Expected<void> CheckSeller(const std::string& seller) {
  const size_t colon = seller.find(':');
  if (colon == 0 || colon == std::string::npos || colon + 1 == seller.size() ||
      seller.size() > kSellerBytesMax || seller.find(' ') != std::string::npos) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--seller: \"", seller, "\" is no seller key: platform:id"));
  }
  return {};
}

void Reply(const ReplyOptions& options, RegistryContext& context) {
  if (auto ok = CheckSeller(options.seller); !ok) return context.Fail(ok.error());
  const auto folder = RegistryFolder::Open(options.data, options.database);
  if (!folder) return context.Fail(folder.error());
  if (options.token) {
    context.out << TokenOf(folder->keys(), options.seller) << '\n';
    return;
  }
  std::string text = options.text;
  if (!options.file.empty()) {
    auto read = ReadFile(options.file, kReplyBytesMax + 1);
    if (!read) return context.Fail(read.error());
    text = std::move(*read);
  }
  while (text.ends_with('\n')) text.pop_back();
  if (auto ok = CheckText("--text", text, kReplyBytesMax); !ok) return context.Fail(ok.error());
  if (auto ok = CheckText("--shown-by", options.shown_by, kReasonBytesMax); !ok) {
    return context.Fail(ok.error());
  }
  const report::OperatorEntry entry{"reply",
                                    {{"seller", options.seller},
                                     {"text", text},
                                     {"shown_by", options.shown_by},
                                     {"on", Today(context)}}};
  const auto number = WriteLogged(*folder, [&](RegistryBatch& batch) {
    return batch.Append(entry.ToEntry(folder->keys().operator_key), context.clock.Now());
  });
  if (!number) return context.Fail(number.error());
  context.out << "Reply of " << options.seller << " is entry " << *number
              << " of the log; its page shows it from the next publish on.\n";
}

}  // namespace

void AddRemoveCommand(Command app, RegistryContext& context) {
  auto options = std::make_shared<RemoveOptions>();
  Command remove = app.AddCommand(
      "remove", "Remove a report's content for good; the removal and its reason are logged");
  remove.AddOption("--data", options->data, "The registry's folder").Required().TypeName("DIR");
  AddDatabaseOption(remove, options->database);
  remove.AddOption("--entry", options->entry, "Its number in the log").Required();
  remove.AddOption("--reason", options->reason, "Why; public, signed, for ever").Required();
  remove.Footer(
      "Content and salt are deleted, what the log keeps tells nothing of it. Indexes from the next "
      "publish on do not hold it. The reason must name no person.");
  remove.Callback([options, &context] {
    const auto removal = Remove(*options, context);
    if (!removal) return context.Fail(removal.error());
    context.out << "The content of entry " << options->entry << " is gone; entry " << *removal
                << " of the log says so and why.\n";
  });
}

void AddReplyCommand(Command app, RegistryContext& context) {
  auto options = std::make_shared<ReplyOptions>();
  Command reply = app.AddCommand(
      "reply",
      "Put a seller's reply into the log and on its page, once control of the shop is shown");
  reply.AddOption("--data", options->data, "The registry's folder").Required().TypeName("DIR");
  AddDatabaseOption(reply, options->database);
  reply.AddOption("--seller", options->seller, "Seller key: platform:id").Required();
  Option token = reply.AddFlag("--token", options->token,
                               "Print the token that this seller puts on its shop page, or as "
                               "/.well-known/kaopu.txt on its domain; nothing is logged");
  Option text = reply.AddOption("--text", options->text, "The reply, as the seller wrote it");
  Option file = reply.AddOption("--file", options->file, "The same, from a file");
  reply.AddOption("--shown-by", options->shown_by,
                  "How control of the shop was shown: where the token was seen, and when");
  text.Excludes(file).Excludes(token);
  file.Excludes(token);
  reply.Footer(
      "Look for the token yourself, where only the shop's owner can write, before you log a reply. "
      "It is the same whenever asked for.");
  reply.Callback([options, &context] { Reply(*options, context); });
}

}  // namespace kaopu
