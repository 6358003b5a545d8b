// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Settings. How to warn is the host's; where to look, in which words, and what is kept here are ours.
import { browser } from "../lib/browser.js";
import { byId, fill, foreign, h, say } from "../lib/dom.js";
import { loadShops, matchesOf } from "../lib/shops.js";
import { minorDigits } from "../lib/words.js";
import { ask, askHost } from "./ask.js";
import { anyShopSwitch, familyList } from "./families.js";
import { confirmed, failed, hostProblem, setUpPage } from "./frame.js";
import { drawSharing } from "./sharing.js";

/** @typedef {import("../lib/words.js").Words} Words */
/** @type {{words: Words, shops: import("../lib/shops.js").Shops, overview: any}} */
let page;

const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));

async function start() {
  const [overview, shops] = await Promise.all([ask("overview"), loadShops()]);
  page = { overview, shops, words: await setUpPage(overview.language, "options_title") };
  drawOwn();
  byId("caution").addEventListener("change", saveWarnings);
  byId("threshold").addEventListener("change", saveWarnings);
  byId("language").addEventListener("change", async () => {
    await ask("settings", { changes: { language: input("language").value } });
    location.reload();
  });
  byId("private").addEventListener("change", async () => {
    await ask("settings", { changes: { private_windows: input("private").checked } });
    saidSaved();
  });
  byId("export").addEventListener("click", exportData);
  byId("delete").addEventListener("click", deleteData);
  await drawHost(false);
}

async function redraw() {
  page.overview = await ask("overview");
  drawOwn();
}

/** What the extension itself keeps. */
function drawOwn() {
  const { words, overview } = page;
  const context = { ...page, onChange: redraw };
  fill(byId("families"), familyList(context));
  fill(byId("any"), anyShopSwitch(context));
  fill(byId("paused"), pausedList(words, overview.settings.paused));
  input("language").value = overview.settings.language;
  input("private").checked = overview.settings.private_windows;
  fill(byId("private-note"), say(words, overview.private_windows_allowed ? "options_private_allowed" : "options_private_browser"));
  const problems = overview.problems.map((/** @type {any} */ one) => `${new Date(one.at).toISOString()} ${one.kind}: ${one.detail}`);
  byId("problems").textContent = problems.join("\n") || "–";
}

/** @param {Words} words @param {string[]} hosts */
function pausedList(words, hosts) {
  if (hosts.length === 0) return h("p", { class: "soft" }, say(words, "options_paused_none"));
  const items = hosts.map((host) => {
    const resume = () => ask("pause", { host, on: false }).then(redraw);
    const label = words.say("options_resume_site", { host });
    return h("li", { class: "row spread entry" }, foreign(host), h("button", { type: "button", class: "link", "aria-label": label, onclick: resume }, say(words, "options_resume")));
  });
  return h("ul", {}, ...items);
}

/** What the host keeps, or why it cannot be asked. @param {boolean} again */
async function drawHost(again) {
  const answer = await askHost("settings_get", {}, { again });
  const reached = answer.status === "ok";
  fill(byId("host"), reached ? null : hostProblem(page.words, answer, () => drawHost(true)));
  for (const id of ["caution", "threshold"]) /** @type {HTMLFieldSetElement} */ (byId(id)).disabled = !reached;
  if (reached) showWarnings(answer.reply.settings);
  await drawSharing(page.words, byId("sharing"), (message) => fill(byId("said"), message));
}

/** @param {any} settings */
function showWarnings({ caution, ask_above }) {
  for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=caution]"))) {
    radio.checked = radio.value === caution;
  }
  input("amount").value = ask_above ? String(ask_above.amount_minor / 10 ** minorDigits(ask_above.currency)) : "";
  input("currency").value = ask_above?.currency ?? "";
}

async function saveWarnings() {
  const caution = /** @type {HTMLInputElement|null} */ (document.querySelector("input[name=caution]:checked"))?.value ?? "normal";
  const threshold = readThreshold();
  if (threshold === undefined) return;
  const answer = await askHost("settings_set", { settings: { caution, ask_above: threshold } });
  if (answer.status === "ok") saidSaved();
  else fill(byId("said"), failed(page.words, "popup_not_saved", answer));
}

/** @returns {{amount_minor: number, currency: string}|null|undefined} null: none wanted; undefined: not complete yet */
function readThreshold() {
  const amount = input("amount");
  const currency = input("currency").value.toUpperCase();
  if (amount.value === "" && amount.validity.valid) return null;
  if (!amount.validity.valid || !/^[A-Z]{3}$/.test(currency)) return undefined;
  return { amount_minor: Math.round(Number(amount.value) * 10 ** minorDigits(currency)), currency };
}

function saidSaved() {
  byId("said").textContent = page.words.say("options_saved");
}

/** One JSON file: what the host keeps and what the extension keeps. */
async function exportData() {
  const host = await askHost("data_export");
  if (host.status !== "ok") {
    fill(byId("host"), hostProblem(page.words, host, () => drawHost(true)));
    return;
  }
  const { settings, allowed } = await ask("overview");
  const extension = { settings, went_on_with: allowed };
  const blob = new Blob([JSON.stringify({ host: host.reply.data, extension }, null, 1)], { type: "application/json" });
  const href = URL.createObjectURL(blob);
  h("a", { href, download: "kaopu-data.json" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
  byId("said").textContent = page.words.say("options_exported");
}

async function deleteData() {
  const { words, overview, shops } = page;
  if (!(await confirmed(words, "options_delete_all", { danger: true }))) return;
  const answer = await ask("delete_everything", { confirm: "delete everything" });
  if (answer.status !== "ok" && answer.status !== "no_host") {
    fill(byId("said"), failed(words, "popup_not_saved", answer));
    return;
  }
  const origins = overview.granted.flatMap((/** @type {string} */ id) => matchesOf(shops, id));
  if (origins.length > 0) await browser.permissions.remove({ origins }).catch(() => {});
  await redraw();
  byId("said").textContent = words.say(answer.status === "ok" ? "options_deleted" : "options_deleted_here_only");
  byId("said").scrollIntoView();
}

start();
