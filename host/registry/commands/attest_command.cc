// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry attest`: proofs of purchase from order mails, and an organisation's own word.
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <iterator>
#include <memory>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "registry/attest/attester.h"
#include "registry/commands/attest_command.h"
#include "registry/commands/listening.h"
#include "registry/http/http_server.h"
#include "registry/serve/event_log.h"
#include "tlog/digest.h"

namespace kaopu {
namespace {

constexpr size_t kKeysFileBytesMax = 4 * 1024 * 1024;
constexpr size_t kRegistryFileBytesMax = 64 * 1024;
// The mail in base64 beside the request.
constexpr size_t kProofBodyBytesMax =
    (kMailBytesMax + 2) / 3 * 4 + 2 * report::kProofRequestBytesMax;

struct AttestFlags {
  std::string data, name, registry, request, keys, order;
  ListenFlags listening{"127.0.0.1:8788", 1, 10};
};

// A mail must not come to lie on a disk: neither by a crash nor for a debugger.
void KeepInMemory() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

Expected<std::unique_ptr<Attester>> OpenAttester(const AttestFlags& flags) {
  const auto data = DataFolder();
  if (!data) return std::unexpected(data.error());
  auto attester = Attester::Open(flags.data, *data);
  if (!attester || flags.keys.empty()) return attester;
  const auto text = ReadFile(flags.keys, kKeysFileBytesMax);
  if (!text) return std::unexpected(text.error());
  auto keys = ParseDkimKeys(*text);
  if (!keys) return std::unexpected(keys.error());
  (*attester)->UseKeys(std::move(*keys));
  return attester;
}

void Init(const AttestFlags& flags, RegistryContext& context) {
  const auto registry = ReadFile(flags.registry, kRegistryFileBytesMax);
  if (!registry) return context.Fail(registry.error());
  if (const auto made = Attester::Create(flags.data, flags.name, *registry); !made) {
    return context.Fail(made.error());
  }
  const auto attester = OpenAttester(flags);
  if (!attester) return context.Fail(attester.error());
  context.out << "Attester " << flags.name << " is ready in " << flags.data << ", for the registry "
              << (*attester)->origin()
              << ".\n\nThe registry's operator accepts it with this line in registry.toml (or "
                 "--accept-voucher, for an organisation's own word):\n  accept-attester = \""
              << (*attester)->key().ToText() << "\"\n\nWhat shoppers are told:\n\n"
              << (*attester)->About();
}

void About(const AttestFlags& flags, RegistryContext& context) {
  const auto attester = OpenAttester(flags);
  if (!attester) return context.Fail(attester.error());
  context.out << (*attester)->About() << "\nKey: " << (*attester)->key().ToText() << '\n';
}

void Once(const AttestFlags& flags, RegistryContext& context) {
  KeepInMemory();
  const auto attester = OpenAttester(flags);
  if (!attester) return context.Fail(attester.error());
  const auto request = ReadFile(flags.request, report::kProofRequestBytesMax);
  if (!request) return context.Fail(request.error());
  std::string mail(kMailBytesMax + 1, '\0');
  context.in.read(mail.data(), static_cast<std::streamsize>(mail.size()));
  mail.resize(static_cast<size_t>(context.in.gcount()));
  const auto proof = (*attester)->AttestMail(*request, mail, context.clock.Now());
  sodium_memzero(mail.data(), mail.size());
  if (!proof) return context.Fail(proof.error());
  context.out << *proof;
}

void Vouch(const AttestFlags& flags, RegistryContext& context) {
  const auto attester = OpenAttester(flags);
  if (!attester) return context.Fail(attester.error());
  const auto request = ReadFile(flags.request, report::kProofRequestBytesMax);
  if (!request) return context.Fail(request.error());
  const auto proof = (*attester)->Vouch(*request, flags.order);
  if (!proof) return context.Fail(proof.error());
  context.out << *proof;
}

// `{"v":1,"request","mail"}` -> `{"v":1,"proof"}`
Expected<Json> ProveOverHttp(Attester& attester, const std::string& body, TimeMs now) {
  auto root = ParseJson(body, "request", 4);
  if (!root) return std::unexpected(root.error());
  if (!root->is_object()) return Fail(ErrorCode::kBadRequest, "request: no JSON object");
  for (const auto& [name, value] : root->items()) {
    if (name != "v" && name != "request" && name != "mail") {
      return Fail(ErrorCode::kBadRequest, StrCat("request: unknown field ", name.substr(0, 40)));
    }
  }
  const auto version = GetInt(*root, "v");
  if (!version || !*version || **version != 1) {
    return Fail(ErrorCode::kBadRequest, "v: this side reads version 1");
  }
  const auto request = RequireString(*root, "request");
  if (!request) return std::unexpected(request.error());
  const auto found = root->find("mail");
  if (found == root->end() || !found->is_string()) {
    return Fail(ErrorCode::kBadRequest, "mail: base64 is required");
  }
  std::string& text = found->get_ref<std::string&>();
  auto mail = tlog::FromBase64(text);
  sodium_memzero(text.data(), text.size());
  if (!mail) return Fail(ErrorCode::kBadRequest, "mail: no base64");
  auto proof = attester.AttestMail(*request, *mail, now);
  sodium_memzero(mail->data(), mail->size());
  if (!proof) return std::unexpected(proof.error());
  return Json{{"v", 1}, {"proof", std::move(*proof)}};
}

void Serve(const AttestFlags& flags, RegistryContext& context) {
  KeepInMemory();
  auto attester = OpenAttester(flags);
  if (!attester) return context.Fail(attester.error());
  EventLog events(context.err, context.clock);
  Attester& ours = **attester;
  std::vector<HttpRoute> routes;
  routes.push_back({.name = "proofs",
                    .method = "POST",
                    .path = "/v1/proofs",
                    .body_bytes_max = kProofBodyBytesMax,
                    .per_s = flags.listening.rate,
                    .burst = flags.listening.rate_burst,
                    .handle = [&](ServedRequest request, HttpAnswer answer) {
                      auto done = ProveOverHttp(ours, request.body, context.clock.Now());
                      sodium_memzero(request.body.data(), request.body.size());
                      answer(done ? JsonReply(*done) : ErrorReply(done.error()));
                    }});
  routes.push_back({.name = "about",
                    .method = "GET",
                    .path = "/",
                    .handle = [&](ServedRequest, HttpAnswer answer) {
                      answer({.type = "text/plain; charset=utf-8", .body = ours.About()});
                    }});
  routes.push_back({.name = "health",
                    .method = "GET",
                    .path = "/health",
                    .handle = [&](ServedRequest, HttpAnswer answer) {
                      answer(JsonReply({{"status", "ok"}, {"key", ours.key().ToText()}}));
                    }});
  ServeUntilStopped(flags.listening, HttpServerOptions{}, std::move(routes), events,
                    {{"origin", ours.origin()}}, context);
}

}  // namespace

void AddAttestCommand(Command app, RegistryContext& context) {
  auto flags = std::make_shared<AttestFlags>();
  Command attest = app.AddCommand(
      "attest",
      "Proofs of purchase: say, with an own key, that a platform's signed mail shows an order");
  attest.NeedCommand();
  const auto data = [&](Command command) {
    command.AddOption("--data", flags->data, "The attester's folder").Required().TypeName("DIR");
    return command;
  };
  const auto keys = [&](Command command) {
    command
        .AddOption("--keys", flags->keys,
                   "DKIM keys from this file instead of DNS: lines of "
                   "SELECTOR._domainkey.DOMAIN and the record")
        .TypeName("FILE");
  };
  const auto request = [&](Command command) {
    command
        .AddOption("--request", flags->request,
                   "What the shopper hands in beside it (host/docs/registry_api.md)")
        .Required()
        .TypeName("FILE");
  };
  Command init = data(attest.AddCommand("init", "Make an attester's folder and its key"));
  init.AddOption("--name", flags->name, "Name of its key, for ever: a host name you own")
      .Required();
  init.AddOption("--registry", flags->registry,
                 "The registry's registry.json, from a place you trust")
      .Required()
      .TypeName("FILE");
  init.Callback([flags, &context] { Init(*flags, context); });
  Command about = data(attest.AddCommand("about", "What it sees and keeps, and its key"));
  about.Callback([flags, &context] { About(*flags, context); });
  Command once = data(attest.AddCommand(
      "once", "One mail from standard input, looked at in memory; the proof to standard output"));
  request(once);
  keys(once);
  once.Footer(
      "Example:\n  kaopu-registry attest once --data DIR --request request.json < order.eml");
  once.Callback([flags, &context] { Once(*flags, context); });
  Command vouch = data(attest.AddCommand(
      "vouch",
      "An organisation's own word for an order that it knows; the proof to standard output"));
  request(vouch);
  vouch.AddOption("--order", flags->order, "The order's number, as the platform writes it")
      .Required();
  vouch.Callback([flags, &context] { Vouch(*flags, context); });
  Command serve = data(attest.AddCommand("serve", "The same for mails sent over HTTP"));
  keys(serve);
  flags->listening.AddListenTo(serve);
  flags->listening.AddRateTo(serve, "Mails");
  serve.Footer(
      "TLS is a web server's in front of it, which must not log or buffer bodies to disk "
      "(nginx: client_body_in_file_only off, client_body_buffer_size 2m).");
  serve.Callback([flags, &context] { Serve(*flags, context); });
}

}  // namespace kaopu
