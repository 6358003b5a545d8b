// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry serve`: flags and config file to ServeOptions.
#include <memory>
#include <string>
#include <vector>

#include "base/str_cat.h"
#include "registry/commands/commands.h"
#include "registry/commands/config_file.h"
#include "registry/commands/database_option.h"
#include "registry/commands/listening.h"
#include "registry/commands/witness_options.h"
#include "registry/serve/serve.h"

namespace kaopu {
namespace {

struct Flags {
  std::string data, database, config;
  ListenFlags listening{"127.0.0.1:8787", 10, 100};
  unsigned threads = 2, connections = 2000, connections_per_prefix = 64;
  int request_timeout_s = 20, publish_minutes = 60;
  std::vector<std::string> attesters, vouchers;
  WitnessFlags witnesses;
  double usual_per_s = 500, file_rate = 100, file_rate_burst = 1000;
};

void Run(Command command, Flags& flags, RegistryContext& context) {
  if (const auto read = ReadConfig(command, flags.config, flags.data); !read) {
    return context.Fail(read.error());
  }
  ServeOptions options;
  auto witnesses = flags.witnesses.Read();
  if (!witnesses) return context.Fail(witnesses.error());
  options.witnesses = std::move(*witnesses);
  options.data = flags.data;
  if (const auto listen = flags.listening.Read(options.http); !listen) {
    return context.Fail(listen.error());
  }
  options.database = flags.database;
  options.http.threads = flags.threads;
  options.http.connections_max = flags.connections;
  options.http.connections_per_prefix_max = flags.connections_per_prefix;
  options.http.request_timeout = std::chrono::seconds(flags.request_timeout_s);
  options.rates = {flags.listening.rate, flags.listening.rate_burst, flags.file_rate,
                   flags.file_rate_burst};
  options.intake.usual_per_s = flags.usual_per_s;
  options.publish_every = std::chrono::minutes(flags.publish_minutes);
  options.intake.attester_keys = flags.attesters;
  options.voucher_keys = flags.vouchers;

  CatchStopSignals();
  const auto served = Serve(std::move(options), context.clock, context.err, IsStopAsked);
  if (!served) context.Fail(served.error());
}

}  // namespace

void AddServeCommand(Command app, RegistryContext& context) {
  auto flags = std::make_shared<Flags>();
  Command serve = app.AddCommand("serve", "Take in reports and publish, until stopped");
  serve.AddOption("--data", flags->data, "The registry's folder, made by init")
      .Required()
      .TypeName("DIR");
  flags->listening.AddListenTo(serve);
  AddDatabaseOption(serve, flags->database);
  serve
      .AddOption("--config", flags->config,
                 "File with these options as NAME = VALUE lines (default: registry.toml in "
                 "--data, if there); the command line wins")
      .TypeName("FILE");
  serve.AddOption("--threads", flags->threads, "Threads that read and check requests")
      .InRange(1, 256)
      .ShowDefault();
  serve.AddOption("--connections", flags->connections, "Open at once")
      .InRange(8, 100'000)
      .ShowDefault();
  serve
      .AddOption("--connections-per-prefix", flags->connections_per_prefix,
                 "Of one neighbourhood of addresses (IPv4 /24, IPv6 /48)")
      .InRange(1, 100'000)
      .ShowDefault();
  serve.AddOption("--request-timeout-s", flags->request_timeout_s, "For a whole request to arrive")
      .InRange(1, 3600)
      .ShowDefault();
  serve
      .AddOption("--usual-per-s", flags->usual_per_s,
                 "Challenges a second at the plain price; each doubling costs twice the work")
      .InRange(1.0, 1e6)
      .ShowDefault();
  flags->listening.AddRateTo(serve, "Requests");
  serve.AddOption("--file-rate", flags->file_rate, "The same for files")
      .InRange(0.0, 1e6)
      .ShowDefault();
  serve.AddOption("--file-rate-burst", flags->file_rate_burst, "And so many at once")
      .InRange(1.0, 1e6)
      .ShowDefault();
  serve
      .AddOption("--publish-minutes", flags->publish_minutes,
                 "Release contents and publish at the start and then so often; 0 = never by itself")
      .InRange(0, 100'000)
      .ShowDefault();
  serve
      .AddOption("--accept-attester", flags->attesters,
                 "Key of an attester whose proofs of purchase from order mails count; repeatable")
      .TypeName("KEY");
  serve
      .AddOption("--accept-voucher", flags->vouchers,
                 "Key of an organisation whose own word for an order counts; repeatable")
      .TypeName("KEY");
  flags->witnesses.AddTo(serve);
  serve.Footer(
      "Requests from this machine itself are not limited by rate; behind a web server on this "
      "machine the header X-Real-IP says who asks. Log: one JSON object a line, to stderr. SIGTERM "
      "answers what was asked, then ends.\n"
      "Example:\n  kaopu-registry serve --data /var/lib/kaopu-registry --listen 127.0.0.1:8787");
  serve.Callback([flags, serve, &context] { Run(serve, *flags, context); });
}

}  // namespace kaopu
