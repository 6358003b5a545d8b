// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Settings: the shared databases, how fresh they are, what is wrong with one, and the reports this shopper sent.
import { fill, foreign, h, say } from "../lib/dom.js";
import { askHost } from "./ask.js";
import { commandLine, quoted } from "./frame.js";
import { reportRow, reports } from "./report.js";

/** @typedef {import("../lib/words.js").Words} Words */

const REPORTS_SHOWN = 200;

/** Ways of taking an index that show which parts are fetched. */
const RANGES = ["asked", "scheduled"];

/** Draws itself into `place` and again after each change. @param {Words} words @param {HTMLElement} place @param {(message: import("../lib/dom.js").Child) => void} told */
export async function drawSharing(words, place, told) {
  const [status, sent] = await Promise.all([askHost("pool_status"), reports()]);
  const known = status.reply?.registries;
  if (!Array.isArray(known)) {
    fill(place, h("p", { class: "soft" }, say(words, "sharing_unknown")));
    return;
  }
  const redraw = (/** @type {import("../lib/dom.js").Child} */ message) => {
    told(message);
    drawSharing(words, place, told);
  };
  fill(
    place,
    known.length === 0 ? h("p", { class: "soft" }, say(words, "sharing_none")) : h("ul", { class: "registries" }, ...known.map((registry) => registryRow(words, registry))),
    known.length > 0 ? h("div", { class: "row" }, h("button", { type: "button", onclick: () => syncNow(words, redraw) }, say(words, "sharing_sync")), h("span", { class: "soft small" }, say(words, status.reply.timer ? "sharing_timer" : "sharing_no_timer"))) : null,
    known.length > 0 && !status.reply.timer ? commandLine(words, "kaopu install --with-sync") : null,
    addForm(words),
    sent.length > 0 ? [h("h3", {}, say(words, "sharing_reports")), h("ul", { id: "reports" }, ...sent.slice(0, REPORTS_SHOWN).map((report) => sentRow(words, report, redraw)))] : null,
  );
}

/** @param {Words} words @param {any} registry */
function registryRow(words, { name, origin, url, trust, ranges, as_of, sellers, checked_at_ms, alarm }) {
  const age = as_of ? Math.max(0, Math.floor((Date.now() - Date.parse(`${as_of}T00:00:00Z`)) / 86_400_000)) : 0;
  const checked = typeof checked_at_ms === "number" ? new Date(checked_at_ms).toISOString().slice(0, 10) : null;
  return h(
    "li",
    { class: "entry" },
    h("h3", {}, foreign(name)),
    h("p", { class: "soft small" }, foreign(origin), url ? [" · ", foreign(url)] : null),
    h("p", { class: "small" }, as_of ? say(words, "sharing_index", { as_of, age, sellers }) : say(words, "sharing_no_index"), checked ? [" ", say(words, "sharing_checked", { date: checked })] : null),
    typeof trust === "number" && trust !== 100 ? h("p", { class: "small" }, trust === 0 ? say(words, "sharing_trust_none") : say(words, "sharing_trust", { trust })) : null,
    RANGES.includes(ranges) ? h("p", { class: "small" }, say(words, `sharing_ranges_${ranges}`)) : null,
    alarm ? h("div", { class: "alarm", role: "alert" }, h("p", {}, say(words, "sharing_alarm"), " ", say(words, `sharing_alarm_${alarm.kind}`)), h("p", { class: "small", lang: "en" }, foreign(String(alarm.message)))) : null,
  );
}

/** @param {Words} words @param {any} report @param {(message: import("../lib/dom.js").Child) => void} redraw */
function sentRow(words, report, redraw) {
  const row = reportRow(words, report, redraw);
  row.prepend(h("p", { class: "small" }, say(words, "sharing_about"), " ", foreign(String(report.seller_key ?? ""))));
  return row;
}

/** @param {Words} words @param {(message: import("../lib/dom.js").Child) => void} redraw */
async function syncNow(words, redraw) {
  const answer = await askHost("pool_sync");
  redraw(words.say(answer.reply?.started ? "sharing_sync_started" : "sharing_sync_by_hand"));
}

/** The command that adds a registry: a key is checked where it is used, not here. @param {Words} words */
function addForm(words) {
  const place = h("div", { role: "status" });
  const input = (/** @type {string} */ name, /** @type {string} */ type) => /** @type {HTMLInputElement} */ (h("input", { name, type, required: true, autocomplete: "off", spellcheck: "false", dir: "ltr" }));
  const [url, key] = [input("registry_url", "url"), input("registry_key", "text")];
  const show = (/** @type {Event} */ event) => {
    event.preventDefault();
    fill(place, h("p", { class: "small" }, say(words, "sharing_add_run")), commandLine(words, `kaopu registry add ${quoted(url.value)} --key ${quoted(key.value)}`));
  };
  return h(
    "details",
    {},
    h("summary", {}, say(words, "sharing_add")),
    h(
      "form",
      { class: "stack", onsubmit: show },
      h("p", { class: "soft small" }, say(words, "sharing_add_text")),
      h("label", { class: "field" }, h("span", {}, say(words, "sharing_add_url")), url),
      h("label", { class: "field" }, h("span", {}, say(words, "sharing_add_key")), key),
      h("button", { type: "submit" }, say(words, "sharing_add_show")),
      place,
    ),
  );
}
