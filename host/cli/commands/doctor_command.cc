// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu doctor`: looks at every link from browser to host and says the one thing to do.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "base/str_cat.h"
#include "cli/browsers.h"
#include "cli/commands/commands.h"
#include "cli/host_probe.h"
#include "cli/native_manifest.h"
#include "cli/sync_timer.h"
#include "messaging/rules.h"
#include "pool/look_up.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPageBytes = 4096;  // what the smallest change of a database needs

struct Place {
  fs::path file;
  bool system_wide = false;
  ManifestFinding finding;
};

struct Patient {
  Browser browser;
  std::vector<Place> places;  // as the browser looks: the user's first

  // What the browser makes of it: it takes the first manifest that is there, good or bad.
  const Place* Taken() const {
    const auto there = std::ranges::find_if(
        places, [](const Place& place) { return place.finding.state != ManifestState::kMissing; });
    return there == places.end() ? nullptr : &*there;
  }
  bool Connected() const {
    const Place* taken = Taken();
    return taken != nullptr && taken->finding.state >= ManifestState::kOtherHost;
  }
};

struct Report {
  fs::path host;
  Expected<HostProbe> probe = Fail(ErrorCode::kInternal, "");
  Expected<void> home_writable;
  Expected<void> database;
  Expected<void> rules;               // whether pages can be read and judged
  std::vector<std::string> left_out;  // broken rule files that the rest works without
  pool::Answers pool;                 // shared databases, and those that cannot be used
  SyncTimerState timer = SyncTimerState::kNone;
  std::vector<AdapterLack> stale;  // adapters whose pages keep lacking what they used to have
  fs::path home;
  std::vector<Patient> patients;
  std::string next;  // key of _locales: the one thing to do, or that all is well
  Json next_args = Json::object();
  bool ok = false;
};

Patient Examine(const Browser& browser, const fs::path& host, const ExtensionIds& ids) {
  Patient patient{browser, {}};
  const auto look = [&](const std::vector<fs::path>& folders, bool system_wide) {
    for (const fs::path& folder : folders) {
      const fs::path file = folder / ManifestFileName();
      patient.places.push_back(
          {file, system_wide, InspectManifest(file, browser.family, host, ids)});
    }
  };
  look(browser.user_folders, false);
  look(browser.system_folders, true);
  return patient;
}

// What a browser of the family would put on the command line.
std::vector<std::string> BrowserArguments(BrowserFamily family, const ExtensionIds& ids) {
  if (family == BrowserFamily::kFirefox) return {"/" + ManifestFileName(), ids.gecko.front()};
  return {StrCat("chrome-extension://", ids.chromium.front(), "/")};
}

// The host makes the folder where there is none; what cannot be written there is a record lost.
Expected<void> CheckHome(const Expected<fs::path>& home) {
  if (!home) return std::unexpected(home.error());
  const fs::path file = *home / "doctor.test";
  std::error_code ec;
  if (auto written = WriteFileAtomic(file, std::string(kPageBytes, ' ')); !written) {
    fs::remove(file, ec);
    return written;
  }
  fs::remove(file, ec);
  const fs::path database = *home / "kaopu.db";
  if (fs::exists(database, ec) && access(database.c_str(), W_OK) != 0) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot write ", database.string(), ": ", std::strerror(errno)));
  }
  return {};
}

// Every rule file, also those that a small page does not ask for.
Expected<void> CheckRules(std::vector<std::string>& left_out) {
  const auto data = DataFolder();
  if (!data) return std::unexpected(Rules::Advised(data.error()));
  if (auto pages = PageReader::Load(*data, PageReader::Compile::kWhenNeeded); !pages) {
    return std::unexpected(Rules::Advised(pages.error()));
  } else {
    left_out = pages->LeftOut();
  }
  if (!left_out.empty()) return {};
  const auto pages = PageReader::Load(*data);
  if (!pages) return std::unexpected(Rules::Advised(pages.error()));
  if (auto ready = pages->Prepare(); !ready) return std::unexpected(Rules::Advised(ready.error()));
  return {};
}

// Only a store that is there is opened: looking must not create one.
Expected<void> CheckDatabase(const fs::path& home, std::vector<AdapterLack>& stale) {
  std::error_code ec;
  if (!fs::exists(home / "kaopu.db", ec)) return {};
  auto store = Store::Open(home);
  if (!store) return std::unexpected(store.error());
  if (auto sound = store->Check(); !sound) return sound;
  auto lacks = store->Lacks();
  if (!lacks) return std::unexpected(lacks.error());
  std::erase_if(*lacks, [](const AdapterLack& lack) { return lack.pages < kLacksStale; });
  stale = std::move(*lacks);
  return {};
}

// The first thing that stands in the way, nearest to the host first: mending a browser is no use
// while the host is broken.
void Conclude(Report& report) {
  const auto say = [&](const char* key, Json args = Json::object()) {
    report.next = key;
    report.next_args = std::move(args);
  };
  if (!report.probe) {
    return say("doctor_next_host", {{"error", report.probe.error().message}});
  }
  const Json& data = report.probe->hello.value("data", Json());
  if (!data.is_object() || data.value("adapters", Json::array()).empty()) {
    return say("doctor_next_data");
  }
  if (!report.home_writable) {
    return say("doctor_next_home",
               {{"folder", report.home.string()}, {"error", report.home_writable.error().message}});
  }
  if (!report.database)
    return say("doctor_next_database", {{"error", report.database.error().message}});
  if (!report.rules) return say("doctor_next_rules", {{"error", report.rules.error().message}});
  if (!report.left_out.empty()) {
    std::string files;
    for (const std::string& file : report.left_out)
      files += (files.empty() ? "" : ", ") + file.substr(0, file.find(':'));
    return say("doctor_next_left_out", {{"files", files}});
  }
  if (report.patients.empty()) return say("doctor_next_no_browser");
  for (const Patient& patient : report.patients) {
    if (patient.Connected() || !patient.browser.found) continue;
    const Place* taken = patient.Taken();
    if (taken != nullptr && taken->system_wide) {
      return say("doctor_next_install_system", {{"browser", patient.browser.name}});
    }
    return say("doctor_next_install", {{"browser", patient.browser.name}});
  }
  for (const Patient& patient : report.patients) {
    if (patient.browser.found || patient.browser.sandboxed.empty()) continue;
    return say(patient.browser.sandboxed.front().say.c_str(), {{"browser", patient.browser.name}});
  }
  report.ok = true;
  say("doctor_next_nothing");
}

Expected<Report> Examine() {
  Report report;
  const auto manifests = ManifestsFolder();
  if (!manifests) return std::unexpected(manifests.error());
  const auto machine = ThisMachine();
  if (!machine) return std::unexpected(machine.error());
  const auto browsers = LoadBrowsers(*manifests, *machine);
  if (!browsers) return std::unexpected(browsers.error());
  const auto ids = OwnExtensionIds(*manifests);
  if (!ids) return std::unexpected(ids.error());
  const auto program = ProgramPath();
  if (!program) return std::unexpected(program.error());
  report.host = program->parent_path() / "kaopu-host";
  report.probe = ProbeHost(report.host, BrowserArguments(BrowserFamily::kChromium, *ids));
  if (report.probe) {  // the other family's arguments must not matter
    if (auto other = ProbeHost(report.host, BrowserArguments(BrowserFamily::kFirefox, *ids));
        !other) {
      report.probe = std::unexpected(other.error());
    }
  }
  const auto home = HomeFolder();
  if (home) report.home = *home;
  report.home_writable = CheckHome(home);
  if (home) report.database = CheckDatabase(*home, report.stale);
  if (report.database && report.probe) report.database = report.probe->record;
  if (home) report.pool = pool::LookUp(*home).Find({}, SystemClock().Now());
  if (const auto machine = ThisMachine(); home && machine)
    report.timer = SyncTimer(*machine, *home).State();
  report.rules = CheckRules(report.left_out);
  if (report.rules && report.database && report.probe) report.rules = report.probe->verdict;
  for (const Browser& browser : *browsers) {
    Patient patient = Examine(browser, report.host, *ids);
    if (browser.found || !browser.sandboxed.empty()) report.patients.push_back(std::move(patient));
  }
  Conclude(report);
  return report;
}

Json ToJson(const Report& report, const Words& words) {
  Json browsers = Json::array();
  for (const Patient& patient : report.patients) {
    Json places = Json::array();
    for (const Place& place : patient.places) {
      places.push_back({{"file", place.file.string()},
                        {"system", place.system_wide},
                        {"state", ManifestStateName(place.finding.state)},
                        {"detail", place.finding.detail}});
    }
    Json sandboxed = Json::array();
    for (const SandboxedBrowser& entry : patient.browser.sandboxed) sandboxed.push_back(entry.kind);
    browsers.push_back({{"id", patient.browser.id},
                        {"name", patient.browser.name},
                        {"found", patient.browser.found},
                        {"connected", patient.Connected()},
                        {"sandboxed", sandboxed},
                        {"manifests", places}});
  }
  Json host = {{"path", report.host.string()}, {"ok", report.probe.has_value()}};
  if (report.probe) {
    for (const char* field : {"version", "protocol_min", "protocol_max", "sandbox", "data"}) {
      host[field] = report.probe->hello.value(field, Json());
    }
    host["start_ms"] = static_cast<double>(report.probe->time_taken.count()) / 1000;
  } else {
    host["error"] = report.probe.error().message;
  }
  Json database = {{"folder", report.home.string()},
                   {"ok", report.home_writable.has_value() && report.database.has_value()}};
  if (!report.database) database["error"] = report.database.error().message;
  if (!report.home_writable) database["error"] = report.home_writable.error().message;
  Json rules = {{"ok", report.rules.has_value() && report.left_out.empty()},
                {"left_out", report.left_out}};
  if (!report.rules) rules["error"] = report.rules.error().message;
  Json stale = Json::array();
  for (const AdapterLack& lack : report.stale) {
    stale.push_back({{"adapter", lack.adapter}, {"fields", lack.fields}, {"pages", lack.pages}});
  }
  Json registries = Json::array(), pool_left_out = Json::array();
  for (const pool::Answer& answer : report.pool.registries) {
    registries.push_back({{"id", answer.source.id},
                          {"name", answer.source.name},
                          {"as_of", FormatDate(answer.source.as_of)},
                          {"sellers", answer.source.sellers}});
  }
  for (const pool::LeftOut& one : report.pool.left_out) {
    pool_left_out.push_back({{"id", one.id}, {"name", one.name}, {"error", one.error.message}});
  }
  return {{"ok", report.ok},
          {"pool", {{"registries", registries}, {"left_out", pool_left_out}}},
          {"timer", report.timer == SyncTimerState::kOn    ? "on"
                    : report.timer == SyncTimerState::kOff ? "off"
                                                           : "none"},
          {"stale", std::move(stale)},
          {"next", {{"key", report.next}, {"text", words.Say(report.next, report.next_args)}}},
          {"host", host},
          {"database", database},
          {"rules", rules},
          {"browsers", browsers}};
}

std::string OldestRules(const Json& data) {
  std::string oldest;
  for (const Json& adapter : data.value("adapters", Json::array())) {
    const std::string date = adapter.value("checked_on", "");
    if (!date.empty() && (oldest.empty() || date < oldest)) oldest = date;
  }
  return oldest;
}

void SayHost(const Report& report, const Words& words, std::ostream& out) {
  if (!report.probe) {
    out << words.Say("doctor_host_bad", {{"error", report.probe.error().message}}) << '\n';
    return;
  }
  const Json& hello = report.probe->hello;
  out << words.Say("doctor_host_good", {{"path", report.host.string()},
                                        {"version", hello.value("version", "?")},
                                        {"ms", (report.probe->time_taken.count() + 500) / 1000}})
      << '\n';
  const Json sandbox = hello.value("sandbox", Json::object());
  const bool calls = sandbox.value("seccomp", false);
  const bool files = sandbox.value("landlock", false);
  out << words.Say(calls && files ? "doctor_sandbox_full"
                   : calls        ? "doctor_sandbox_no_files"
                                  : "doctor_sandbox_none",
                   {{"note", sandbox.value("note", "")}})
      << '\n';
  const Json data = hello.value("data", Json::object());
  if (data.is_object() && !data.value("adapters", Json::array()).empty()) {
    out << words.Say("doctor_data",
                     {{"count", data["adapters"].size()}, {"oldest", OldestRules(data)}})
        << '\n';
  }
}

void SayRecordAndRules(const Report& report, const Words& words, std::ostream& out) {
  const Expected<void>& record = report.home_writable ? report.database : report.home_writable;
  out << (record ? words.Say("doctor_database_good", {{"folder", report.home.string()}})
                 : words.Say("doctor_database_bad", {{"error", record.error().message}}))
      << '\n';
  if (!report.rules)
    out << words.Say("doctor_rules_bad", {{"error", report.rules.error().message}}) << '\n';
  for (const std::string& file : report.left_out)
    out << words.Say("doctor_rules_left_out", {{"file", file}}) << '\n';
}

// Where no registry is followed there is nothing to run.
void SayTimer(const Report& report, const Words& words, std::ostream& out) {
  if (report.pool.registries.empty() && report.pool.left_out.empty() &&
      report.timer == SyncTimerState::kNone) {
    return;
  }
  out << words.Of(report.timer == SyncTimerState::kOn
                      ? "`kaopu sync` runs by itself, four times a day."
                  : report.timer == SyncTimerState::kOff
                      ? "`kaopu sync` does not run by itself: its timer is off. On again: kaopu "
                        "install --with-sync"
                      : "`kaopu sync` does not run by itself. To have it do so: kaopu install "
                        "--with-sync")
      << '\n';
}

void SayPool(const pool::Answers& pool, const Words& words, std::ostream& out) {
  const Date today = std::chrono::floor<std::chrono::days>(SystemClock().Now());
  for (const pool::Answer& answer : pool.registries) {
    out << words.Say("doctor_pool", {{"registry", answer.source.name},
                                     {"sellers", answer.source.sellers},
                                     {"as_of", FormatDate(answer.source.as_of)},
                                     {"age", (today - answer.source.as_of).count()}})
        << '\n';
  }
  for (const pool::LeftOut& one : pool.left_out) {
    out << words.Say("doctor_pool_bad", {{"registry", one.name}, {"error", one.error.message}})
        << '\n';
  }
}

void SayBrowsers(const Report& report, const Words& words, std::ostream& out) {
  for (const Patient& patient : report.patients) {
    const Json name = {{"browser", patient.browser.name}};
    const Place* taken = patient.Taken();
    const std::string state(
        ManifestStateName(taken ? taken->finding.state : ManifestState::kMissing));
    if (patient.browser.found || taken != nullptr) {
      out << words.Say("doctor_manifest_" + state, {{"browser", patient.browser.name},
                                                    {"file", taken ? taken->file.string() : ""},
                                                    {"detail", taken ? taken->finding.detail : ""}})
          << '\n';
    }
    for (const SandboxedBrowser& entry : patient.browser.sandboxed)
      out << words.Say(entry.say, name) << '\n';
  }
}

void Run(CommandContext& context, bool json) {
  const auto report = Examine();
  if (!report) return context.Fail(report.error());
  const Words& words = context.words();
  if (json) {
    context.out << DumpJson(ToJson(*report, words), 1) << '\n';
  } else {
    SayHost(*report, words, context.out);
    SayRecordAndRules(*report, words, context.out);
    SayPool(report->pool, words, context.out);
    SayTimer(*report, words, context.out);
    for (const AdapterLack& lack : report->stale) {
      std::string fields;
      for (const std::string& field : lack.fields) fields += (fields.empty() ? "" : ", ") + field;
      context.out << words.Say("doctor_rules_stale",
                               {{"shop", lack.adapter}, {"count", lack.pages}, {"fields", fields}})
                  << '\n';
    }
    SayBrowsers(*report, words, context.out);
    context.out << '\n' << words.Say(report->next, report->next_args) << '\n';
  }
  if (!report->ok) context.exit_code = ExitCodeFor(ErrorCode::kUnavailable);
}

}  // namespace

void AddDoctorCommand(Command app, CommandContext& context) {
  Command command = app.AddCommand(
      "doctor", "Find out why a browser cannot reach Kaopu, and what to do about it");
  auto json = std::make_shared<bool>(false);
  command.AddFlag("--json", *json, "Print one JSON value");
  command.Footer(
      "Starts the host as a browser would and looks at every manifest. Exit code 0: all is well.\n"
      "Example:\n"
      "  kaopu doctor");
  command.Callback([json, &context] { Run(context, *json); });
}

}  // namespace kaopu
