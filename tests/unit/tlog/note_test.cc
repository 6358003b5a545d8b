// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/note.h"

#include <gtest/gtest.h>

#include <string>

namespace kaopu::tlog {
namespace {

constexpr char kText[] = "shop.example/log\n3\nhello\n";

SignerKey NewKey(std::string_view name, KeyKind kind = KeyKind::kEd25519) {
  auto key = SignerKey::Generate(name, kind);
  EXPECT_TRUE(key);
  return std::move(*key);
}

// The example of the specification (c2sp.org/signed-note, "Example").
TEST(Note, verifies_the_specifications_example) {
  const auto key =
      VerifierKey::Parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  ASSERT_TRUE(key) << key.error().message;
  const auto note = Note::Parse(
      "This is an example message.\n\n"
      "\xE2\x80\x94 example.com/foo "
      "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj"
      "OBH3mFXmRKuwHjG1Yu72IneyaQM=\n");
  ASSERT_TRUE(note) << note.error().message;
  EXPECT_EQ(note->text, "This is an example message.\n");
  const auto verified = VerifyNote(*note, {&*key, 1});
  ASSERT_TRUE(verified) << verified.error().message;
  ASSERT_EQ(verified->size(), 1u);
  EXPECT_EQ(verified->front().name, "example.com/foo");
}

TEST(Note, keys_survive_being_written_down) {
  for (const KeyKind kind : {KeyKind::kEd25519, KeyKind::kCosignature}) {
    const SignerKey key = NewKey("registry.example/log", kind);
    const auto again = SignerKey::Parse(key.ToText());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->verifier().ToText(), key.verifier().ToText());
    const auto verifier = VerifierKey::Parse(key.verifier().ToText());
    ASSERT_TRUE(verifier) << verifier.error().message;
    EXPECT_EQ(verifier->ToText(), key.verifier().ToText());
  }
}

TEST(Note, a_changed_text_or_a_forged_line_refuses_the_whole_note) {
  const SignerKey log = NewKey("log.example");
  const SignerKey other = NewKey("log.example");
  const std::string line = log.SignatureLine(kText, 0);
  const auto changed = Note::Parse(std::string("x") + kText + "\n" + line);
  ASSERT_TRUE(changed);
  EXPECT_FALSE(VerifyNote(*changed, {&log.verifier(), 1}));

  // Same name, another key: not ours, so not counted, and no reason to refuse.
  const auto stranger = Note::Parse(std::string(kText) + "\n" + other.SignatureLine(kText, 0));
  ASSERT_TRUE(stranger);
  const auto verified = VerifyNote(*stranger, {&log.verifier(), 1});
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->empty());
}

TEST(Note, a_cosignature_signs_its_time) {
  const SignerKey witness = NewKey("witness.example", KeyKind::kCosignature);
  std::string note_text = std::string(kText) + "\n" + witness.SignatureLine(kText, 1764000000);
  auto note = Note::Parse(note_text);
  ASSERT_TRUE(note);
  const auto verified = VerifyNote(*note, {&witness.verifier(), 1});
  ASSERT_TRUE(verified) << verified.error().message;
  ASSERT_EQ(verified->size(), 1u);
  EXPECT_EQ(verified->front().time_s, 1764000000u);
  note->signatures[0].bytes[7] ^= 1;  // one second later
  EXPECT_FALSE(VerifyNote(*note, {&witness.verifier(), 1}));
}

TEST(Note, one_key_that_signs_twice_counts_once) {
  const SignerKey log = NewKey("log.example");
  const std::string line = log.SignatureLine(kText, 0);
  const auto note = Note::Parse(std::string(kText) + "\n" + line + line);
  ASSERT_TRUE(note);
  const auto verified = VerifyNote(*note, {&log.verifier(), 1});
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->size(), 1u);
}

TEST(Note, the_text_may_hold_empty_lines) {
  const SignerKey log = NewKey("log.example");
  const std::string text = "a\n\nb\n";
  const auto note = Note::Parse(text + "\n" + log.SignatureLine(text, 0));
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, text);
  EXPECT_TRUE(VerifyNote(*note, {&log.verifier(), 1}));
}

TEST(Note, what_is_no_note_is_refused) {
  const SignerKey log = NewKey("log.example");
  const std::string line = log.SignatureLine(kText, 0);
  const std::string good = std::string(kText) + "\n" + line;
  ASSERT_TRUE(Note::Parse(good));
  for (const std::string& bad : {
           std::string(), std::string(kText), std::string(kText) + "\n",
           good.substr(0, good.size() - 1),       // no line end
           std::string(kText) + line,             // no empty line
           "\x01" + good,                         // control character
           "\xC3(" + good,                        // not UTF-8
           good + "junk\n",                       //
           good + "\xE2\x80\x94 a+b AAAAAAAA\n",  // a name with a plus
           good + "\xE2\x80\x94 name AAAA\n",     // no signature after the id
           good + "\xE2\x80\x94 name AAAAAAA\n",  // not base64
       }) {
    EXPECT_FALSE(Note::Parse(bad)) << bad;
  }
  std::string many = good;
  for (size_t i = 0; i < kNoteSignaturesMax; ++i) many += line;
  EXPECT_FALSE(Note::Parse(many));
}

TEST(Note, keys_that_are_wrong_say_why) {
  const std::string good = NewKey("log.example").verifier().ToText();
  std::string other_id = good;
  char& digit = other_id[std::string_view("log.example+").size()];
  digit = digit == '0' ? '1' : '0';
  for (const std::string& bad :
       {std::string("log.example"), std::string("+00000000+AA=="), "x" + good, other_id,
        std::string("log.example+0000000g+AA=="), good + "A"}) {
    const auto key = VerifierKey::Parse(bad);
    ASSERT_FALSE(key) << bad;
    EXPECT_EQ(key.error().code, ErrorCode::kBadRequest);
  }
  EXPECT_FALSE(SignerKey::Parse(good));
  EXPECT_FALSE(SignerKey::Generate("two words", KeyKind::kEd25519));
  EXPECT_FALSE(SignerKey::Generate("", KeyKind::kEd25519));
}

}  // namespace
}  // namespace kaopu::tlog
