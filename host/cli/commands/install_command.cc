// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu install` and `kaopu uninstall`: two directions of one act, so one set of options.
#include <algorithm>
#include <memory>
#include <random>

#include "base/files.h"
#include "base/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/installer.h"
#include "cli/native_manifest.h"
#include "cli/sync_timer.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> browsers;
  bool all = false;
  bool dry_run = false;
  bool system_wide = false;
  bool json = false;
  bool with_sync = false;
  std::vector<std::string> extension_ids;
  std::string host;
  std::string folder;
};

// What was done, and which of the browsers meant are shut in.
struct Done {
  std::vector<InstallStep> steps;
  std::vector<Browser> sandboxed;
  std::string timer;  // WIRE (--json): written removed failed; "" = not spoken of
  std::optional<Error> timer_error;
  bool timer_offered = false;  // it is not on, nor asked for
  std::string cron;            // the line to use where systemd does not run the timer
};

Expected<SyncTimer> TimerOfUser() {
  const auto machine = ThisMachine();
  if (!machine) return std::unexpected(machine.error());
  const auto home = HomeFolder();
  if (!home) return std::unexpected(home.error());
  return SyncTimer(*machine, *home);
}

void SetUpTimer(const Options& options, Done& done) {
  const auto timer = TimerOfUser();
  const auto program = ProgramPath();
  Expected<void> set_up = timer && program
                              ? Expected<void>()
                              : std::unexpected(timer ? program.error() : timer.error());
  if (set_up) set_up = CheckTimerCanName(*program);
  if (set_up) set_up = CheckTimerCanName(timer->home());
  const bool nameable = set_up.has_value();
  if (set_up && !options.dry_run) set_up = timer->SetUp(*program);
  done.timer = set_up ? "written" : "failed";
  if (set_up) return;
  done.timer_error = set_up.error();
  if (nameable) done.cron = SyncCronLine(*program, timer->home(), std::random_device()() % 60);
}

void RemoveTimer(const Options& options, Done& done) {
  const auto timer = TimerOfUser();
  if (!timer) return;  // no home, no timer
  if (options.dry_run) {
    if (timer->State() != SyncTimerState::kNone) done.timer = "removed";
    return;
  }
  const auto removed = timer->Remove();
  if (!removed) {
    done.timer = "failed";
    done.timer_error = removed.error();
  } else if (*removed) {
    done.timer = "removed";
  }
}

struct Chosen {
  std::vector<InstallTarget> targets;
  std::vector<Browser> sandboxed;
};

std::string Joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

// The browsers meant: those named, or all, or those found here.
Expected<std::vector<Browser>> Choose(const Options& options, std::vector<Browser> known) {
  for (const std::string& id : options.browsers) {
    if (std::ranges::find(known, id, &Browser::id) == known.end()) {
      std::vector<std::string> ids;
      for (const Browser& browser : known) ids.push_back(browser.id);
      return Fail(ErrorCode::kNotFound,
                  StrCat("no browser is known as ", id, "; known: ", Joined(ids)));
    }
  }
  std::erase_if(known, [&](const Browser& browser) {
    if (!options.browsers.empty()) {
      return std::ranges::find(options.browsers, browser.id) == options.browsers.end();
    }
    return !options.all && !browser.found && browser.sandboxed.empty();
  });
  return known;
}

Expected<Chosen> TargetsFor(const Options& options, const fs::path& manifests) {
  const auto machine = ThisMachine();
  if (!machine) return std::unexpected(machine.error());
  auto known = LoadBrowsers(manifests, *machine);
  if (!known) return std::unexpected(known.error());
  auto chosen = Choose(options, std::move(*known));
  if (!chosen) return std::unexpected(chosen.error());
  Chosen result;
  for (const Browser& browser : *chosen) {
    if (!browser.sandboxed.empty()) result.sandboxed.push_back(browser);
  }
  if (options.folder.empty()) {
    result.targets = TargetsOf(*chosen, options.system_wide);
    return result;
  }
  if (chosen->size() != 1) {
    return Fail(ErrorCode::kBadRequest,
                "--folder needs exactly one --browser, whose kind of manifest it gets");
  }
  result.targets = {{{chosen->front().name}, chosen->front().family, fs::absolute(options.folder)}};
  return result;
}

Expected<fs::path> HostProgram(const Options& options) {
  fs::path host = options.host;
  if (host.empty()) {
    const auto program = ProgramPath();
    if (!program) return std::unexpected(program.error());
    host = program->parent_path() / "kaopu-host";
  }
  std::error_code ec;
  const fs::path absolute = fs::canonical(host, ec);
  if (ec) return Fail(ErrorCode::kNotFound, StrCat("there is no ", host.string()));
  return absolute;
}

Expected<Done> RunInstall(const Options& options) {
  const auto manifests = ManifestsFolder();
  if (!manifests) return std::unexpected(manifests.error());
  auto chosen = TargetsFor(options, *manifests);
  if (!chosen) return std::unexpected(chosen.error());
  const auto host = HostProgram(options);
  if (!host) return std::unexpected(host.error());
  const auto home = HomeFolder();
  if (!home) return std::unexpected(home.error());
  auto ids = OwnExtensionIds(*manifests);
  if (!ids) return std::unexpected(ids.error());
  for (const std::string& id : options.extension_ids) {
    if (auto added = AddExtensionId(id, *ids); !added) return std::unexpected(added.error());
  }
  Installer installer(*home / "installed.json", options.dry_run);
  Done done{{}, std::move(chosen->sandboxed)};
  for (const InstallTarget& target : chosen->targets) {
    const auto text = ComposeManifest(*manifests, target.family, *host, *ids);
    if (!text) return std::unexpected(text.error());
    done.steps.push_back(installer.Install(target, *text));
  }
  if (options.with_sync) {
    SetUpTimer(options, done);
  } else if (!options.system_wide) {
    const auto timer = TimerOfUser();
    done.timer_offered = timer && timer->State() != SyncTimerState::kOn;
  }
  return done;
}

// Without --browser, every place there is: a browser that went away must not leave its manifest
// here. A folder that browsers share stays as long as another one that is found here looks there.
Expected<Done> RunUninstall(Options options) {
  const auto manifests = ManifestsFolder();
  if (!manifests) return std::unexpected(manifests.error());
  options.all = options.browsers.empty();
  auto chosen = TargetsFor(options, *manifests);
  if (!chosen) return std::unexpected(chosen.error());
  const auto home = HomeFolder();
  if (!home) return std::unexpected(home.error());
  if (!options.all && options.folder.empty()) {
    const auto machine = ThisMachine();
    auto known = machine ? LoadBrowsers(*manifests, *machine) : std::unexpected(machine.error());
    if (!known) return std::unexpected(known.error());
    std::erase_if(*known, [&](const Browser& browser) {
      return !browser.found ||
             std::ranges::find(options.browsers, browser.id) != options.browsers.end();
    });
    const auto kept = TargetsOf(*known, options.system_wide);
    std::erase_if(chosen->targets, [&](const InstallTarget& target) {
      return std::ranges::find(kept, target.folder, &InstallTarget::folder) != kept.end();
    });
  }
  Installer installer(*home / "installed.json", options.dry_run);
  Done done;
  for (const InstallTarget& target : chosen->targets) {
    done.steps.push_back(installer.Uninstall(target));
  }
  // Without a browser named, nothing is to be left behind.
  if (options.all && !options.system_wide && options.folder.empty()) RemoveTimer(options, done);
  return done;
}

// One line a step; "absent" ones go unsaid.
void Say(const Done& done, const Options& options, bool install, CommandContext& context) {
  const Words& words = context.words();
  size_t said = 0;
  for (const InstallStep& step : done.steps) {
    if (step.action == "absent") continue;
    const bool changes = step.action != "unchanged" && step.action != "failed";
    const std::string key =
        "doctor_step_" + std::string(options.dry_run && changes ? "would_" : "") + step.action;
    (step.action == "failed" ? context.err : context.out)
        << words.Say(key, {{"browser", Joined(step.target.browsers)},
                           {"file", step.file.string()},
                           {"error", step.error}})
        << '\n';
    ++said;
  }
  for (const Browser& browser : done.sandboxed) {
    for (const SandboxedBrowser& package : browser.sandboxed) {
      context.out << words.Say(package.say, {{"browser", browser.name}}) << '\n';
    }
  }
  if (said == 0) {
    context.out << words.Say(install ? "doctor_install_no_browser" : "doctor_uninstall_nothing")
                << '\n';
  } else if (install && !options.dry_run) {
    context.out << words.Say("doctor_install_next") << '\n';
    const auto folder = ExtensionFolder();
    const auto packages = folder ? ListFiles(*folder, ".zip") : std::unexpected(folder.error());
    if (packages && !packages->empty()) {
      context.out << words.Say("doctor_install_extension", {{"folder", folder->string()}}) << '\n';
    }
  }
}

void SayTimer(const Done& done, const Options& options, CommandContext& context) {
  const Words& words = context.words();
  if (done.timer_error) {
    context.Fail(*done.timer_error);
    if (done.cron.empty()) return;
    context.err << words.Of("Without it, this line does the same; `crontab -e` takes it:") << '\n'
                << "  " << done.cron << '\n';
    return;
  }
  if (done.timer_offered)
    context.out << words.Of(
                       "To have `kaopu sync` run by itself, which fetches what the registries you "
                       "chose publish and sends the reports you agreed to: kaopu install "
                       "--with-sync")
                << '\n';
  if (done.timer.empty()) return;
  const std::string_view text =
      done.timer == "removed"
          ? (options.dry_run ? "The timer of `kaopu sync` would be removed."
                             : "The timer of `kaopu sync` was removed.")
          : (options.dry_run
                 ? "`kaopu sync` would run by itself, four times a day at times spread over hours."
                 : "`kaopu sync` runs by itself now, four times a day at times spread over hours: "
                   "it "
                   "fetches what the registries you chose publish, and sends the reports you "
                   "agreed "
                   "to. Undo: kaopu uninstall");
  context.out << words.Of(text) << '\n';
}

void Finish(const Expected<Done>& done, const Options& options, bool install,
            CommandContext& context) {
  if (!done) return context.Fail(done.error());
  if (options.json) {
    Json steps = Json::array();
    for (const InstallStep& step : done->steps) steps.push_back(ToJson(step));
    Json out = {{"dry_run", options.dry_run}, {"steps", steps}};
    if (!done->timer.empty()) {
      out["timer"] = {{"action", done->timer}};
      if (done->timer_error) out["timer"]["error"] = done->timer_error->message;
      if (!done->cron.empty()) out["timer"]["cron"] = done->cron;
    }
    context.out << DumpJson(out, 1) << '\n';
  } else {
    Say(*done, options, install, context);
    SayTimer(*done, options, context);
  }
  const bool failed = std::ranges::any_of(
      done->steps, [](const InstallStep& step) { return step.action == "failed"; });
  if (failed || done->timer_error) context.exit_code = ExitCodeFor(ErrorCode::kUnavailable);
}

std::shared_ptr<Options> AddOptions(Command command) {
  auto options = std::make_shared<Options>();
  Option browser = command.AddOption("--browser", options->browsers,
                                     "Only this browser: chrome chromium edge brave vivaldi opera "
                                     "firefox librewolf waterfox (may be repeated)");
  command.AddFlag("--all", options->all, "Every browser known, found on this machine or not")
      .Excludes(browser);
  command.AddFlag("--dry-run", options->dry_run, "Say what would be done, change nothing");
  command.AddFlag("--system", options->system_wide, "For all users of this machine (needs root)");
  command.AddOption("--folder", options->folder,
                    "This folder instead of the browser's own, as for a --user-data-dir of your "
                    "own; needs --browser");
  command.AddFlag("--json", options->json, "Print one JSON value");
  return options;
}

}  // namespace

void AddInstallCommand(Command app, CommandContext& context) {
  Command command = app.AddCommand(
      "install",
      "Connect browsers to Kaopu: write native-host manifests for the browsers found here");
  auto options = AddOptions(command);
  command.AddOption("--extension-id", options->extension_ids,
                    "Let this extension use Kaopu too, beside the project's own (may be repeated)");
  command
      .AddFlag("--with-sync", options->with_sync,
               "Also have `kaopu sync` run by itself, four times a day, by a timer of your own")
      .Excludes(*command.Find("--system"));
  command.AddOption("--host", options->host,
                    "Program that browsers start; default: kaopu-host beside this program");
  command.Footer(
      "Run it again after moving or updating Kaopu: it heals paths.\n"
      "Examples:\n"
      "  kaopu install\n"
      "  kaopu install --with-sync\n"
      "  kaopu install --browser firefox --dry-run\n"
      "  sudo kaopu install --system --all");
  command.Callback([options, &context] { Finish(RunInstall(*options), *options, true, context); });
}

void AddUninstallCommand(Command app, CommandContext& context) {
  Command command = app.AddCommand(
      "uninstall", "Disconnect browsers: remove what `kaopu install` wrote, and nothing else");
  auto options = AddOptions(command);
  command.Footer(
      "Your own record of sellers and orders stays; delete it with the extension's settings or by "
      "removing KAOPU_HOME.\n"
      "Example:\n"
      "  kaopu uninstall");
  command.Callback(
      [options, &context] { Finish(RunUninstall(*options), *options, false, context); });
}

}  // namespace kaopu
