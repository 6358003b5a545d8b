// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The program that browsers start: answers frames on standard input and output, confined, without
// any network code; a second process, forked before, runs `kaopu sync` when the shopper asks for it
// (launcher.h). Its arguments (an origin, the path of a manifest) are only labels that any
// process could give: they are not looked at.
#include <malloc.h>

#include <cstdio>
#include <string_view>

#include "base/clock.h"
#include "base/files.h"
#include "messaging/host_loop.h"
#include "messaging/launcher.h"
#include "messaging/service.h"

namespace {

// A second heap for the reader thread would cost memory and bring nothing: requests are answered
// one at a time.
void UseOneHeap() {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
#endif
}

template <typename T>
std::optional<T> Present(const kaopu::Expected<T>& value) {
  return value ? std::optional(*value) : std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::printf("kaopu-host %s (protocol %d to %d)\n", KAOPU_VERSION, kaopu::kProtocolMin,
                kaopu::kProtocolMax);
    return 0;
  }
  UseOneHeap();
  const auto output = kaopu::TakeStandardOutput();
  if (!output) {
    std::fprintf(stderr, "kaopu-host: %s\n", output.error().message.c_str());
    return kaopu::ExitCodeFor(output.error().code);
  }
  const auto program = kaopu::ProgramPath();
  kaopu::Launcher launcher(program ? program->parent_path() / "kaopu" : "");
  const kaopu::SystemClock clock;
  kaopu::Engine engine(kaopu::FindEngineFolders(), clock);
  engine.SetLauncher([&launcher](const kaopu::SyncAsk& ask) { return launcher.Ask(ask); });
  const auto& folders = engine.folders();
  kaopu::Service service(engine,
                         kaopu::EnterSandbox({Present(folders.data), Present(folders.home)}));
  kaopu::Channel channel(/*in=*/0, *output);
  kaopu::RunHost(
      channel,
      {.answer = [&](kaopu::Request request) { return service.Answer(std::move(request)); },
       .warm_up = [&] { service.WarmUp(); }});
}
