// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry tlog` and `audit --log-only` as their users call them. Other people's vectors are
// read where this machine has them (KAOPU_SHARED_VECTORS, else ../shared/vectors).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/files.h"
#include "base/json.h"
#include "registry/registry_command.h"
#include "support/child.h"
#include "tlog/log_proof.h"
#include "tlog/tiles.h"

namespace kaopu {
namespace {

struct Result {
  int code = 0;
  std::string out;
  std::string err;
};

Result RunProgram(std::vector<std::string> arguments, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const SystemClock clock;
  RegistryContext context{in, out, err, clock};
  std::vector<const char*> argv = {"kaopu-registry"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  const int code = RunRegistryCommandLine(static_cast<int>(argv.size()), argv.data(), context);
  return {code, out.str(), err.str()};
}

std::vector<Json> Lines(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(Json::parse(line, nullptr, false));
  return lines;
}

std::string Base64(const tlog::Digest& digest) { return tlog::ToBase64(tlog::AsText(digest)); }

TEST(TlogCommand, says_for_each_line_whether_it_holds_and_why_not) {
  const tlog::Digest left = tlog::LeafHash("a");
  const tlog::Digest right = tlog::LeafHash("b");
  const Json good = {{"leafIdx", 0},
                     {"treeSize", 2},
                     {"leafHash", Base64(left)},
                     {"root", Base64(tlog::NodeHash(left, right))},
                     {"proof", {Base64(right)}}};
  Json bad = good;
  bad["leafIdx"] = 1;
  const Result result =
      RunProgram({"tlog", "inclusion"}, good.dump() + "\n" + bad.dump() + "\nno json\n[]\n{}\n");
  EXPECT_EQ(result.code, 0);
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0], (Json{{"ok", true}, {"reason", nullptr}}));
  for (size_t i = 1; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i]["ok"], false) << i;
    EXPECT_FALSE(lines[i].value("reason", "").empty()) << i;
  }
}

TEST(TlogCommand, a_receipt_is_checked_against_its_entry_and_key) {
  const auto key = tlog::SignerKey::Generate("log.example", tlog::KeyKind::kEd25519);
  const tlog::Checkpoint head{"log.example", 1, tlog::LeafHash("entry"), {}};
  const tlog::LogProof proof{
      std::nullopt, 0, {}, head.ToText() + "\n" + key->SignatureLine(head.ToText(), 0)};
  Json line = {{"proof", proof.ToText()},
               {"vkey", key->verifier().ToText()},
               {"leaf", tlog::ToBase64("entry")}};
  Json other = line;
  other["leaf"] = tlog::ToBase64("another");
  const auto lines =
      Lines(RunProgram({"tlog", "proof"}, line.dump() + "\n" + other.dump() + "\n").out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["ok"], true) << lines[0];
  EXPECT_EQ(lines[0]["origin"], "log.example");
  EXPECT_EQ(lines[1]["ok"], false);
}

TEST(TlogCommand, other_implementations_vectors) {
  const char* told = std::getenv("KAOPU_SHARED_VECTORS");
  const std::filesystem::path folder =
      told != nullptr ? told : std::filesystem::path(KAOPU_SOURCE_DIR) / "../shared/vectors";
  const auto text = ReadFile(folder / "merkle.json", 16 << 20);
  if (!text) GTEST_SKIP() << "no Merkle vectors at " << folder << " (set KAOPU_SHARED_VECTORS)";
  const Json vectors = Json::parse(*text);
  for (const char* kind : {"inclusion", "consistency"}) {
    std::string input;
    for (const Json& row : vectors[kind]) input += row.dump() + "\n";
    const auto lines = Lines(RunProgram({"tlog", kind}, input).out);
    ASSERT_EQ(lines.size(), vectors[kind].size());
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_NE(lines[i]["ok"], vectors[kind][i]["wantErr"])
          << kind << " " << vectors[kind][i]["name"] << ": " << lines[i];
    }
  }
}

class AuditCommand : public ::testing::Test {
 protected:
  // A log of 258 entries: one full tile, one partial, one above.
  void SetUp() override {
    std::vector<std::string> entries;
    std::vector<tlog::Digest> leaves;
    tlog::TreeEdge edge;
    tlog::TreeEdge first;
    for (int i = 0; i < 258; ++i) {
      entries.push_back("entry " + std::to_string(i));
      leaves.push_back(tlog::LeafHash(entries.back()));
      edge.Append(leaves.back());
      if (i < 256) first.Append(leaves.back());
    }
    const std::span<const std::string> all = entries;
    const std::span<const tlog::Digest> hashes = leaves;
    Write(tlog::BundlePath(0, 256), *tlog::WriteBundle(all.first(256)));
    Write(tlog::BundlePath(1, 2), *tlog::WriteBundle(all.last(2)));
    Write(tlog::TilePath(0, 0, 256), tlog::WriteTile(hashes.first(256)));
    Write(tlog::TilePath(0, 1, 2), tlog::WriteTile(hashes.last(2)));
    const tlog::Digest above = first.Root();
    Write(tlog::TilePath(1, 0, 1), tlog::WriteTile({&above, 1}));
    const std::string head = tlog::Checkpoint{"log.example", 258, edge.Root(), {}}.ToText();
    Write("checkpoint", head + "\n" + key_.SignatureLine(head, 0));
  }

  void Write(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((temp_.path() / name).parent_path());
    ASSERT_TRUE(WriteFileAtomic(temp_.path() / name, bytes));
  }
  std::string Read(const std::string& name) { return *ReadFile(temp_.path() / name, 1 << 20); }
  Result Audit() {
    return RunProgram({"audit", "--log-only", "--json", "--from", temp_.path().string(), "--key",
                       key_.verifier().ToText()});
  }

  testing::TempFolder temp_;
  tlog::SignerKey key_ = *tlog::SignerKey::Generate("log.example", tlog::KeyKind::kEd25519);
};

TEST_F(AuditCommand, a_whole_log_is_found_whole) {
  const Result result = Audit();
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out)["size"], 258);
}

TEST_F(AuditCommand, the_first_file_that_differs_is_named) {
  for (const char* name : {"tile/entries/000", "tile/entries/001.p/2", "tile/0/000",
                           "tile/0/001.p/2", "tile/1/000.p/1"}) {
    const std::string good = Read(name);
    std::string bad = good;
    bad.back() ^= 1;
    Write(name, bad);
    const Result result = Audit();
    EXPECT_EQ(result.code, 6) << name;
    // A changed entry shows where its hash does not fit: in the leaf tile beside it.
    const std::string tile = std::string(name).replace(0, 12, "tile/0");
    EXPECT_TRUE(result.err.find(name) != std::string::npos ||
                result.err.find(tile) != std::string::npos)
        << name << ": " << result.err;
    Write(name, good);
  }
  EXPECT_EQ(Audit().code, 0);
}

TEST_F(AuditCommand, a_missing_file_is_not_found_and_another_key_is_no_proof) {
  std::filesystem::remove(temp_.path() / "tile/1/000.p/1");
  EXPECT_EQ(Audit().code, 4);
  const auto other = tlog::SignerKey::Generate("log.example", tlog::KeyKind::kEd25519);
  const Result result = RunProgram({"audit", "--log-only", "--from", temp_.path().string(), "--key",
                                    other->verifier().ToText()});
  EXPECT_EQ(result.code, 6) << result.err;
}

TEST_F(AuditCommand, a_shorter_log_under_the_same_tiles_still_checks) {
  // An older checkpoint: its partial tiles are gone, the full ones are there.
  tlog::TreeEdge edge;
  for (int i = 0; i < 100; ++i) edge.Append(tlog::LeafHash("entry " + std::to_string(i)));
  const std::string head = tlog::Checkpoint{"log.example", 100, edge.Root(), {}}.ToText();
  Write("checkpoint", head + "\n" + key_.SignatureLine(head, 0));
  EXPECT_EQ(Audit().code, 0);
}

}  // namespace
}  // namespace kaopu
