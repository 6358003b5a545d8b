// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The host's promises to browsers, on a real process over real pipes. The loop, the frames and the
// protocol are those of kaopu-host; the operations are scripted (tests/support/scripted_host.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/limits.h"
#include "messaging/host_loop.h"
#include "support/child.h"

namespace kaopu::testing {
namespace {

const std::string kHost = KAOPU_BINARY_DIR "/support/scripted_host";

std::string EchoRequest(int64_t id, const std::string& text = "hi") {
  return Json{{"v", 1}, {"id", id}, {"op", "echo"}, {"text", text}}.dump();
}

Json Parse(const std::optional<std::string>& body) {
  return body ? Json::parse(*body, nullptr, false) : Json("no reply");
}

Json ErrorOf(const Json& reply) {
  return {reply.value("id", Json("absent")),
          reply.value("/error/code"_json_pointer, Json("no error"))};
}

int Code(HostExit exit) { return static_cast<int>(exit); }

// Whether the host is alive, in step and answering.
void ExpectAlive(Child& host, int64_t id) {
  ASSERT_TRUE(host.SendFrame(EchoRequest(id, "alive")));
  const Json reply = Parse(host.Receive());
  EXPECT_EQ(reply.value("id", Json()), id) << reply;
  EXPECT_EQ(reply.value("text", Json()), "alive") << reply;
}

TEST(HostLoop, EverySplitPointOfAStream) {
  const std::string stream = EncodeFrame(EchoRequest(1)) + EncodeFrame(EchoRequest(2, "你好"));
  Child host({kHost});
  for (size_t split = 0; split <= stream.size(); ++split) {
    ASSERT_TRUE(host.Send(stream.substr(0, split)));
    if (split % 7 == 0) std::this_thread::sleep_for(Millis(1));
    ASSERT_TRUE(host.Send(stream.substr(split)));
    ASSERT_EQ(Parse(host.Receive())["id"], 1) << "split at " << split;
    ASSERT_EQ(Parse(host.Receive())["text"], "你好") << "split at " << split;
  }
}

TEST(HostLoop, EveryTruncationEndsWithItsOwnCodeAndAnswersWhatWasWhole) {
  const std::string first = EncodeFrame(EchoRequest(1));
  const std::string stream = first + EncodeFrame(EchoRequest(2));
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    SCOPED_TRACE(cut);
    Child host({kHost});
    ASSERT_TRUE(host.Send(stream.substr(0, cut)));
    host.CloseInput();
    const bool torn = cut != 0 && cut != first.size() && cut != stream.size();
    const size_t whole = (cut >= first.size()) + (cut == stream.size());
    for (size_t i = 1; i <= whole; ++i) EXPECT_EQ(Parse(host.Receive())["id"], i);
    EXPECT_EQ(host.Receive(), std::nullopt);
    EXPECT_EQ(host.Wait(), Code(torn ? HostExit::kTornFrame : HostExit::kDone));
  }
}

struct BadBody {
  const char* name;
  std::string body;
  Json id;
  const char* code;
};

class HostLoopBadBody : public ::testing::TestWithParam<BadBody> {};

TEST_P(HostLoopBadBody, GetsACodedReplyAndTheHostLives) {
  Child host({kHost});
  ASSERT_TRUE(host.SendFrame(GetParam().body));
  const Json reply = Parse(host.Receive());
  EXPECT_EQ(ErrorOf(reply), (Json{GetParam().id, GetParam().code})) << reply;
  EXPECT_EQ(reply.value("ok", Json()), false);
  EXPECT_EQ(reply.value("v", Json()), 1);
  EXPECT_FALSE(reply.value("/error/message"_json_pointer, std::string()).empty());
  ExpectAlive(host, 77);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, HostLoopBadBody,
    ::testing::Values(
        BadBody{"empty", "", nullptr, "bad_request"}, BadBody{"space", " ", nullptr, "bad_request"},
        BadBody{"no_json", "{\"v\":1,", nullptr, "bad_request"},
        BadBody{"trailing", "{\"v\":1,\"id\":5,\"op\":\"echo\"}x", nullptr, "bad_request"},
        BadBody{"not_utf8", "{\"v\":1,\"id\":5,\"op\":\"\xff\"}", nullptr, "bad_request"},
        BadBody{"surrogate", "{\"v\":1,\"id\":5,\"op\":\"\xed\xa0\x80\"}", nullptr, "bad_request"},
        BadBody{"nul", std::string("\0", 1), nullptr, "bad_request"},
        BadBody{"array", "[1]", nullptr, "bad_request"},
        BadBody{"string", "\"hello\"", nullptr, "bad_request"},
        BadBody{"null", "null", nullptr, "bad_request"},
        BadBody{"deep", std::string(100'000, '['), nullptr, "bad_request"},
        BadBody{"no_id", R"({"v":1,"op":"echo"})", nullptr, "bad_request"},
        BadBody{"id_string", R"({"v":1,"id":"5","op":"echo"})", nullptr, "bad_request"},
        BadBody{"id_zero", R"({"v":1,"id":0,"op":"echo"})", nullptr, "bad_request"},
        BadBody{"id_negative", R"({"v":1,"id":-5,"op":"echo"})", nullptr, "bad_request"},
        BadBody{"id_fraction", R"({"v":1,"id":1.5,"op":"echo"})", nullptr, "bad_request"},
        BadBody{"id_too_large", R"({"v":1,"id":9007199254740992,"op":"echo"})", nullptr,
                "bad_request"},
        BadBody{"id_overflow", R"({"v":1,"id":18446744073709551615,"op":"echo"})", nullptr,
                "bad_request"},
        BadBody{"no_version", R"({"id":5,"op":"echo"})", 5, "bad_request"},
        BadBody{"version_text", R"({"v":"1","id":5,"op":"echo"})", 5, "bad_request"},
        BadBody{"version_old", R"({"v":0,"id":5,"op":"echo"})", 5, "unsupported"},
        BadBody{"version_new", R"({"v":2,"id":5,"op":"echo"})", 5, "unsupported"},
        BadBody{"no_op", R"({"v":1,"id":5})", 5, "bad_request"},
        BadBody{"op_number", R"({"v":1,"id":5,"op":7})", 5, "bad_request"},
        BadBody{"op_unknown", R"({"v":1,"id":5,"op":"nothing"})", 5, "unsupported"},
        BadBody{"op_throws", R"({"v":1,"id":5,"op":"throw"})", 5, "internal"},
        BadBody{"result_no_object", R"({"v":1,"id":5,"op":"list"})", 5, "internal"}),
    [](const auto& info) { return info.param.name; });

TEST(HostLoop, LargestIdIsKept) {
  Child host({kHost});
  ExpectAlive(host, kRequestIdMax);
}

TEST(HostLoop, LengthsAroundTheLimit) {
  Child host({kHost});
  const size_t rest = EchoRequest(1, "").size();
  ASSERT_TRUE(host.SendFrame(EchoRequest(1, std::string(kFrameBytesMax - rest, 'x'))));
  EXPECT_EQ(Parse(host.Receive())["text"].get<std::string>().size(), kFrameBytesMax - rest);
  for (const size_t size : {kFrameBytesMax + 1, 3 * kFrameBytesMax, kFrameSkipBytesMax}) {
    SCOPED_TRACE(size);
    ASSERT_TRUE(host.SendFrame(std::string(size, ' ')));
    const Json reply = Parse(host.Receive());
    EXPECT_EQ(ErrorOf(reply), (Json{nullptr, "too_large"})) << reply;
    ExpectAlive(host, 2);
  }
}

TEST(HostLoop, LengthNoBrowserSendsEndsTheHost) {
  for (const uint32_t length :
       {uint32_t{kFrameSkipBytesMax + 1}, uint32_t{0x7fffffff}, uint32_t{0xffffffff}}) {
    SCOPED_TRACE(length);
    Child host({kHost});
    std::string header(4, '\0');
    std::memcpy(header.data(), &length, 4);
    ASSERT_TRUE(host.Send(EncodeFrame(EchoRequest(1)) + header));
    EXPECT_EQ(Parse(host.Receive())["id"], 1);
    EXPECT_EQ(host.Wait(), Code(HostExit::kOverlongFrame));
  }
}

TEST(HostLoop, ReplyIsNeverOverTheBrowsersLimit) {
  Child host({kHost});
  const size_t rest = Json{{"v", 1}, {"id", 1}, {"ok", true}, {"text", ""}}.dump().size();
  const auto ask = [&](size_t bytes) {
    EXPECT_TRUE(host.SendFrame(Json{{"v", 1}, {"id", 1}, {"op", "big"}, {"bytes", bytes}}.dump()));
    return host.Receive().value_or("");
  };
  EXPECT_EQ(ask(kFrameBytesMax - rest).size(), kFrameBytesMax);
  EXPECT_EQ(ErrorOf(Parse(ask(kFrameBytesMax - rest + 1))), (Json{1, "too_large"}));
  ExpectAlive(host, 3);
}

TEST(HostLoop, StrayPrintsNeverEnterTheStream) {
  TempFolder folder;
  Child host({kHost}, {}, folder.path() / "stderr");
  ASSERT_TRUE(host.SendFrame(R"({"v":1,"id":1,"op":"print"})"));
  EXPECT_EQ(Parse(host.Receive())["printed"], true);
  ExpectAlive(host, 2);
  EXPECT_THAT(std::filesystem::file_size(folder.path() / "stderr"), ::testing::Gt(10));
}

TEST(HostLoop, RequestsAreAnsweredInOrder) {
  Child host({kHost});
  std::string stream;
  for (int id = 1; id <= 50; ++id) stream += EncodeFrame(EchoRequest(id));
  ASSERT_TRUE(host.Send(stream));
  for (int id = 1; id <= 50; ++id) EXPECT_EQ(Parse(host.Receive())["id"], id);
}

TEST(HostLoop, MoreThanMayWaitIsRefusedAtOnce) {
  Child host({kHost, "2000", "250", "2"});
  ASSERT_TRUE(host.SendFrame(R"({"v":1,"id":1,"op":"sleep","ms":400})"));
  std::this_thread::sleep_for(Millis(100));
  for (int id = 2; id <= 5; ++id) ASSERT_TRUE(host.SendFrame(EchoRequest(id)));
  EXPECT_EQ(ErrorOf(Parse(host.Receive())), (Json{4, "limit"}));
  EXPECT_EQ(ErrorOf(Parse(host.Receive())), (Json{5, "limit"}));
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(Parse(host.Receive())["id"], id);
  ExpectAlive(host, 6);
}

TEST(HostLoop, HungRequestIsAnsweredAndTheHostEnds) {
  for (const char* request :
       {R"({"v":1,"id":9,"op":"spin"})", R"({"v":1,"id":9,"op":"sleep","ms":60000})"}) {
    Child host({kHost, "300"});
    ASSERT_TRUE(host.SendFrame(EchoRequest(8)));
    EXPECT_EQ(Parse(host.Receive())["id"], 8);
    ASSERT_TRUE(host.SendFrame(request));
    EXPECT_EQ(ErrorOf(Parse(host.Receive())), (Json{9, "timeout"}));
    EXPECT_EQ(host.Receive(), std::nullopt);
    EXPECT_EQ(host.Wait(Millis(1000)), Code(HostExit::kHung));
  }
}

TEST(HostLoop, SlowButInTimeIsNoHang) {
  Child host({kHost, "600"});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(host.SendFrame(R"({"v":1,"id":9,"op":"sleep","ms":300})"));
    EXPECT_EQ(Parse(host.Receive())["slept"], 300);
  }
  std::this_thread::sleep_for(Millis(700));  // idle time does not count
  ExpectAlive(host, 10);
}

TEST(HostLoop, EndOfInputEndsABusyHostWithin300Ms) {
  for (const char* request :
       {R"({"v":1,"id":1,"op":"spin"})", R"({"v":1,"id":1,"op":"sleep","ms":60000})"}) {
    Child host({kHost, "60000"});
    ASSERT_TRUE(host.SendFrame(request));
    std::this_thread::sleep_for(Millis(50));
    host.CloseInput();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(host.Wait(Millis(2000)), Code(HostExit::kDone));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, Millis(300));
  }
}

TEST(HostLoop, RequestsReadWholeAreAnsweredAfterEndOfInput) {
  Child host({kHost});
  ASSERT_TRUE(host.Send(EncodeFrame(R"({"v":1,"id":1,"op":"sleep","ms":100})") +
                        EncodeFrame(EchoRequest(2)) + EncodeFrame(EchoRequest(3))));
  host.CloseInput();
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(Parse(host.Receive())["id"], id);
  EXPECT_EQ(host.Wait(), Code(HostExit::kDone));
}

TEST(HostLoop, BrowserThatStoppedReadingEndsTheHostWithoutASignal) {
  Child host({kHost});
  ExpectAlive(host, 1);
  host.CloseOutput();
  ASSERT_TRUE(host.SendFrame(EchoRequest(2)));
  EXPECT_EQ(host.Wait(), Code(HostExit::kOutputClosed));
}

TEST(HostLoop, EndOfInputEndsAHostWhoseReplyNobodyReads) {
  Child host({kHost});
  ASSERT_TRUE(host.SendFrame(R"({"v":1,"id":1,"op":"big","bytes":1000000})"));
  std::this_thread::sleep_for(Millis(100));
  host.CloseInput();
  EXPECT_EQ(host.Wait(Millis(1000)), Code(HostExit::kDone));
}

TEST(HostLoop, ArgumentsAreNeverOpened) {
  TempFolder folder;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"chrome-extension://dgffciggemplhgpaeeeljjlcmpblmhmd/"},
        std::vector<std::string>{folder.path() / "missing.json", "kaopu@kaopu.github.io"}}) {
    std::vector<std::string> command = {KAOPU_BINARY_DIR "/kaopu-host"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Child host(command, {{"KAOPU_HOME", folder.path() / "home"}});
    ASSERT_TRUE(host.SendFrame(R"({"v":1,"id":1,"op":"hello"})"));
    EXPECT_EQ(Parse(host.Receive())["ok"], true);
    host.CloseInput();
    EXPECT_EQ(host.Wait(), 0);
  }
}

}  // namespace
}  // namespace kaopu::testing
