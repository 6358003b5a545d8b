// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry witness`: cosigns the heads of logs that go on from what was seen of them before.
#include <memory>
#include <string>

#include "base/str_cat.h"
#include "registry/commands/commands.h"
#include "registry/commands/listening.h"
#include "registry/http/http_server.h"
#include "registry/http/registry_metrics.h"
#include "registry/serve/event_log.h"
#include "registry/witness/witness.h"
#include "tlog/witness.h"

namespace kaopu {
namespace {

struct WitnessCommandFlags {
  std::string data, name, log, origin;
  ListenFlags listening{"127.0.0.1:8789", 10, 100};
};

void ShowLogs(const Witness& witness, RegistryContext& context) {
  const auto logs = witness.Logs();
  if (!logs) return context.Fail(logs.error());
  if (logs->empty()) {
    context.out << "\nIt follows no log yet. Next: kaopu-registry witness add --data DIR KEY\n";
    return;
  }
  context.out << "\nLogs:\n";
  for (const FollowedLog& log : *logs) {
    context.out << "  " << log.origin;
    if (log.note.empty()) {
      context.out << ": no checkpoint was cosigned yet";
    } else {
      context.out << ": " << log.size << " entries were cosigned last";
    }
    context.out << (log.keys.empty() ? "; dropped\n" : "\n");
    for (const tlog::VerifierKey& key : log.keys) context.out << "    " << key.ToText() << '\n';
  }
}

void ShowKey(const Witness& witness, RegistryContext& context) {
  const std::string key = witness.key().ToText();
  context.out << witness.About() << "\nKey: " << key
              << "\n\nShoppers: kaopu registry set REGISTRY --witness " << key
              << "\nThe registry's operator, in registry.toml:\n  witness = "
                 "\"https://THE-ADDRESS-OF-THIS-WITNESS="
              << key << "\"\n";
}

void Init(const WitnessCommandFlags& flags, RegistryContext& context) {
  if (const auto made = Witness::Create(flags.data, flags.name); !made) {
    return context.Fail(made.error());
  }
  const auto witness = Witness::Open(flags.data);
  if (!witness) return context.Fail(witness.error());
  context.out << "Witness " << flags.name << " is ready in " << flags.data << ".\n\n";
  ShowKey(**witness, context);
  ShowLogs(**witness, context);
}

void About(const WitnessCommandFlags& flags, RegistryContext& context) {
  const auto witness = Witness::Open(flags.data);
  if (!witness) return context.Fail(witness.error());
  ShowKey(**witness, context);
  ShowLogs(**witness, context);
}

void Add(const WitnessCommandFlags& flags, RegistryContext& context) {
  const auto key = tlog::VerifierKey::Parse(flags.log);
  if (!key) return context.Fail({key.error().code, StrCat("KEY: ", key.error().message)});
  const auto witness = Witness::Open(flags.data);
  if (!witness) return context.Fail(witness.error());
  const std::string origin = flags.origin.empty() ? key->name : flags.origin;
  if (const auto added = (*witness)->Follow(*key, origin); !added) {
    return context.Fail(added.error());
  }
  context.out << "The log " << origin << " is followed, by a running `witness serve` too.\n";
}

void Drop(const WitnessCommandFlags& flags, RegistryContext& context) {
  const auto witness = Witness::Open(flags.data);
  if (!witness) return context.Fail(witness.error());
  if (const auto dropped = (*witness)->Drop(flags.origin); !dropped) {
    return context.Fail(dropped.error());
  }
  context.out << "The log " << flags.origin
              << " is cosigned no more. What was seen of it is kept: added again, it is followed "
                 "from there.\n";
}

void Serve(const WitnessCommandFlags& flags, RegistryContext& context) {
  const auto opened = Witness::Open(flags.data);
  if (!opened) return context.Fail(opened.error());
  const Witness& witness = **opened;
  HttpServerOptions http;
  EventLog events(context.err, context.clock);
  RegistryMetrics metrics;
  http.on_reply = [&](const HttpRoute& route, int status, std::chrono::microseconds took) {
    metrics.Count(route.name, status, took);
  };
  std::vector<HttpRoute> routes;
  routes.push_back({.name = "add-checkpoint",
                    .method = "POST",
                    .path = tlog::kAddCheckpointPath,
                    .body_bytes_max = tlog::kAddCheckpointBytesMax,
                    .per_s = flags.listening.rate,
                    .burst = flags.listening.rate_burst,
                    .handle = [&](ServedRequest request, const HttpAnswer& answer) {
                      HttpReply reply = witness.AddCheckpoint(request.body, context.clock.Now());
                      // Signed by the log and no continuation: people should look into it.
                      if (reply.status == 422 || reply.status >= 500) {
                        events.Write(reply.status == 422 ? "warning" : "error", "not_cosigned",
                                     {{"status", reply.status}, {"answer", reply.body}});
                      }
                      answer(std::move(reply));
                    }});
  routes.push_back(
      {.name = "about",
       .method = "GET",
       .path = "/",
       .handle = [&](const ServedRequest&, const HttpAnswer& answer) {
         answer({.type = "text/plain; charset=utf-8",
                 .body = StrCat(witness.About(), "\nKey: ", witness.key().ToText(), "\n")});
       }});
  routes.push_back({.name = "health",
                    .method = "GET",
                    .path = "/health",
                    .handle = [&](const ServedRequest&, const HttpAnswer& answer) {
                      const auto logs = witness.Logs();
                      answer(logs ? JsonReply({{"status", "ok"},
                                               {"key", witness.key().ToText()},
                                               {"logs", logs->size()}})
                                  : ErrorReply({ErrorCode::kUnavailable, logs.error().message}));
                    }});
  routes.push_back({.name = "metrics",
                    .method = "GET",
                    .path = "/metrics",
                    .handle = [&](const ServedRequest&, const HttpAnswer& answer) {
                      const auto logs = witness.Logs();
                      if (!logs) return answer(ErrorReply(logs.error()));
                      for (const FollowedLog& log : *logs) {
                        metrics.Set("cosigned_entries", "Entries of the last head cosigned.", "log",
                                    log.origin, log.size);
                      }
                      answer({.type = "text/plain; version=0.0.4; charset=utf-8",
                              .body = metrics.Text(),
                              .headers = {{"Cache-Control", "no-store"}}});
                    }});
  routes.push_back({.name = "checkpoint",
                    .method = "GET",
                    .per_s = flags.listening.rate,
                    .burst = flags.listening.rate_burst,
                    .handle = [&](const ServedRequest& request, const HttpAnswer& answer) {
                      answer(witness.Checkpoint(request.path));
                    }});
  ServeUntilStopped(flags.listening, std::move(http), std::move(routes), events,
                    {{"witness", witness.key().name}}, context);
}

}  // namespace

void AddWitnessCommand(Command app, RegistryContext& context) {
  auto flags = std::make_shared<WitnessCommandFlags>();
  Command witness = app.AddCommand(
      "witness", "Cosign the heads of public logs, so that nobody is shown another history");
  witness.NeedCommand();
  const auto data = [&](const char* name, const char* what) {
    Command command = witness.AddCommand(name, what);
    command.AddOption("--data", flags->data, "The witness's folder").Required().TypeName("DIR");
    return command;
  };
  Command init = data("init", "Make a witness's folder and its key");
  init.AddOption("--name", flags->name, "Name of its key, for ever: a host name you own")
      .Required();
  init.Callback([flags, &context] { Init(*flags, context); });
  Command add = data("add", "Follow a log, or take another key of one");
  add.AddOption("KEY", flags->log, "The log's key, NAME+ID+KEY, from a place you trust").Required();
  add.AddOption("--origin", flags->origin,
                "First line of its checkpoints, where it is not the key's name");
  add.Callback([flags, &context] { Add(*flags, context); });
  Command drop = data("drop", "Cosign a log no more");
  drop.AddOption("ORIGIN", flags->origin, "As `about` shows it").Required();
  drop.Callback([flags, &context] { Drop(*flags, context); });
  Command about = data("about", "Its key, for shoppers and operators, and the logs it follows");
  about.Callback([flags, &context] { About(*flags, context); });
  Command serve =
      data("serve", "Answer logs that ask for cosignatures (c2sp.org/tlog-witness), until stopped");
  flags->listening.AddListenTo(serve);
  flags->listening.AddRateTo(serve, "Requests");
  serve.Footer(
      "Never run it from an older copy of its folder: it would cosign two histories of one log. "
      "TLS is a web server's in front of it, which sets X-Real-IP.");
  serve.Callback([flags, &context] { Serve(*flags, context); });
}

}  // namespace kaopu
