// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/witness/ask_witnesses.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include "base/files.h"
#include "base/str_cat.h"
#include "tlog/checkpoint.h"
#include "tlog/text_lines.h"
#include "tlog/tiles.h"
#include "tlog/witness.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr int kTries = 3;  // the second with the size that the first was told
constexpr size_t kQuotedBytesMax = 200;

struct Head {
  std::string note;
  tlog::Checkpoint checkpoint;
};

class Asker {
 public:
  Asker(const fs::path& root, const tlog::VerifierKey& log, const Head& head,
        const WitnessAddress& witness, std::chrono::milliseconds time_max)
      : root_(root), log_(log), head_(head), witness_(witness), time_max_(time_max) {}

  Expected<void> Run(HttpClient& client) const {
    uint64_t old_size = LastSize();
    for (int tried = 0; tried < kTries; ++tried) {
      if (old_size > head_.checkpoint.size) {
        return Fail(ErrorCode::kConflict,
                    StrCat("it has cosigned ", old_size, " entries of this log, which has ",
                           head_.checkpoint.size,
                           ": an older copy of the registry is in place. Put the newer one back"));
      }
      const auto response = Ask(client, old_size);
      if (!response) return std::unexpected(response.error());
      if (response->status == 200) return Keep(response->body);
      if (response->status != 409) return Refused(*response);
      const std::string_view body = response->body;
      const auto size =
          body.ends_with('\n') ? tlog::ParseDecimal(body.substr(0, body.size() - 1)) : std::nullopt;
      if (!size) {
        return Fail(ErrorCode::kDamaged, "it answered with status 409 and no size of the log");
      }
      old_size = *size;
    }
    return Fail(ErrorCode::kUnavailable, "each time it names another size of the log");
  }

 private:
  // What it cosigned last, as far as is known here; it knows better.
  uint64_t LastSize() const {
    const auto note = ReadFile(root_ / tlog::CosignedPath(witness_.key), tlog::kNoteBytesMax);
    if (!note) return 0;
    const auto last = tlog::VerifyCheckpoint(*note, log_);
    return last ? std::min(last->checkpoint.size, head_.checkpoint.size) : 0;
  }

  Expected<HttpResponse> Ask(HttpClient& client, uint64_t old_size) const {
    tlog::AddCheckpoint request{old_size, {}, head_.note};
    if (old_size > 0 && old_size < head_.checkpoint.size) {
      tlog::TileReader tiles([this](const std::string& path,
                                    size_t bytes_max) { return ReadFile(root_ / path, bytes_max); },
                             head_.checkpoint.size);
      auto proof = tlog::ConsistencyProof(tiles, old_size, head_.checkpoint.size);
      if (!proof) return std::unexpected(proof.error());
      request.proof = std::move(*proof);
    }
    return client.Send({.url = StrCat(witness_.url, tlog::kAddCheckpointPath),
                        .body = request.ToText(),
                        .body_type = "text/plain; charset=utf-8",
                        .bytes_max = tlog::kCosignatureAnswerBytesMax,
                        .time_max = time_max_});
  }

  Expected<void> Refused(const HttpResponse& response) const {
    const ErrorCode code = response.status == 422   ? ErrorCode::kConflict
                           : response.status == 403 ? ErrorCode::kForbidden
                           : response.status == 404 ? ErrorCode::kNotFound
                                                    : ErrorCode::kUnavailable;
    const std::string_view hint =
        response.status == 404
            ? "; it may not follow this log: its operator adds it with `witness add`"
            : "";
    return Fail(code, StrCat("it answered with status ", response.status, hint, ": ",
                             response.body.substr(0, kQuotedBytesMax)));
  }

  Expected<void> Keep(const std::string& answer) const {
    const auto note = tlog::TakeCosignature(head_.note, answer, log_, witness_.key);
    if (!note) return Fail(ErrorCode::kDamaged, StrCat("its answer: ", note.error().message));
    const fs::path path = root_ / tlog::CosignedPath(witness_.key);
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) {
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot make ", path.parent_path().string(), ": ", error.message()));
    }
    return WriteFileAtomic(path, *note, 0644);
  }

  const fs::path& root_;
  const tlog::VerifierKey& log_;
  const Head& head_;
  const WitnessAddress& witness_;
  const std::chrono::milliseconds time_max_;
};

}  // namespace

Expected<WitnessAddress> WitnessAddress::Parse(std::string_view text) {
  const size_t split = text.find('=');
  if (split == std::string_view::npos) {
    return Fail(ErrorCode::kBadRequest, StrCat("--witness \"", text, "\": must be URL=KEY"));
  }
  WitnessAddress witness{std::string(text.substr(0, split)), {}};
  while (witness.url.ends_with('/')) witness.url.pop_back();
  if (!witness.url.starts_with("https://") && !witness.url.starts_with("http://")) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--witness: \"", witness.url, "\" is no address with https://"));
  }
  auto key = tlog::VerifierKey::Parse(text.substr(split + 1));
  if (!key) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--witness ", witness.url, ": ", key.error().message));
  }
  if (key->kind != tlog::KeyKind::kCosignature) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--witness ", witness.url, ": ", key->name, " is no witness's key"));
  }
  witness.key = std::move(*key);
  return witness;
}

Expected<std::vector<WitnessAnswer>> AskWitnesses(const fs::path& root,
                                                  const tlog::VerifierKey& log,
                                                  const WitnessOptions& options,
                                                  const MakeClient& make_client) {
  std::vector<WitnessAnswer> answers;
  if (options.witnesses.empty()) return answers;
  Head head;
  auto note = ReadFile(root / "checkpoint", tlog::kNoteBytesMax);
  if (!note) return std::unexpected(note.error());
  auto verified = tlog::VerifyCheckpoint(*note, log);
  if (!verified) return Fail(ErrorCode::kDamaged, verified.error().message);
  head = {std::move(*note), std::move(verified->checkpoint)};
  for (const WitnessAddress& witness : options.witnesses) {
    answers.push_back({witness.key.name, head.checkpoint.size, {}});
  }
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] {
      const Asker asker(root, log, head, options.witnesses[i], options.time_max);
      auto client = make_client();
      const Expected<void> asked =
          client ? asker.Run(**client) : Expected<void>(std::unexpected(client.error()));
      if (!asked) answers[i].problem = asked.error();
    });
  }
  threads.clear();  // joins
  return answers;
}

Expected<void> CheckRequired(std::span<const WitnessAnswer> answers, unsigned required) {
  const auto cosigned = static_cast<unsigned>(
      std::ranges::count_if(answers, [](const WitnessAnswer& one) { return !one.problem; }));
  if (cosigned >= required) return {};
  return Fail(ErrorCode::kUnavailable,
              StrCat(cosigned, " of ", answers.size(), " witnesses cosigned the log's head, ",
                     required, " are required: the publish before stays in place until they do"));
}

}  // namespace kaopu
