// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What popup, settings and first-run page may ask.
import { browser } from "../lib/browser.js";
import { loadShops, matchesOf, siteOf } from "../lib/shops.js";
import { grantedFamilies, revokedFamilies, serveTab } from "./families.js";
import { fetchRange, previewRange } from "./ranges.js";
import { changeSettings, failure, forgetEverything, line, state } from "./state.js";
import { refreshAll, resultOfTab } from "./shopping.js";

/** Operations of the host that our pages may use, with the time each may take in ms. */
const HOST_OPS = /** @type {const} */ ({
  hello: 1500,
  outcome_add: 2000,
  outcome_list: 1000,
  outcome_edit: 2000,
  outcome_remove: 2000,
  outcome_undo: 2000,
  order_add: 2000,
  order_set: 2000,
  order_undo: 2000,
  order_list: 1000,
  order_show: 1000,
  settings_get: 1000,
  settings_set: 2000,
  why: 1000,
  report_preview: 1000,
  report_add: 2000,
  report_list: 1000,
  report_withdraw: 2000,
  pool_status: 1000,
  pool_sync: 2000,
  data_export: 10_000,
  data_delete: 10_000,
});

/** After these every verdict may be another. */
const CHANGES_VERDICTS = ["outcome_add", "outcome_edit", "outcome_remove", "outcome_undo", "order_add", "order_set", "order_undo", "settings_set"];

/** Everything a page needs to draw itself. @param {{tab_id?: unknown}} message */
async function overview(message) {
  const { session, settings, words } = await state();
  const tab = typeof message.tab_id === "number" ? session.tab(message.tab_id) : undefined;
  const [granted, revoked, allowedIncognito] = await Promise.all([
    grantedFamilies(),
    revokedFamilies(settings.families),
    browser.extension.isAllowedIncognitoAccess(),
  ]);
  const sites = settings.families.filter((id) => siteOf(id) !== null && !revoked.includes(id));
  return {
    language: words.language,
    settings,
    granted: [...granted, ...sites],
    revoked,
    private_windows_allowed: allowedIncognito,
    page: tab ? { url: tab.url, result: resultOfTab(tab) } : null,
    allowed: session.allowed,
    problems: session.problems(),
  };
}

/** @param {{op?: unknown, fields?: any, again?: unknown}} message */
async function askHost(message) {
  const { op } = message;
  if (typeof op !== "string" || !Object.hasOwn(HOST_OPS, op)) return { status: "error", code: "forbidden", detail: "" };
  // Somebody pressed a button: that is worth a try, however often the host was silent just now.
  if (message.again === true || CHANGES_VERDICTS.includes(op)) line.retryNow();
  try {
    const timeoutMs = HOST_OPS[/** @type {keyof typeof HOST_OPS} */ (op)];
    const reply = op === "hello" ? await greetHost() : await line.request(op, message.fields ?? {}, { timeoutMs });
    // A host that is there again may have something to say of the pages that are open.
    if (CHANGES_VERDICTS.includes(op) || (op === "hello" && message.again === true)) await refreshAll();
    return { status: "ok", code: "", reply };
  } catch (error) {
    return failure(error);
  }
}

/** Who the host is, asked so that "ok" means it answers now. It may be a newer one, so its plans are asked for again. */
async function greetHost() {
  await line.request("settings_get", {}, { timeoutMs: HOST_OPS.hello });
  (await state()).session.forgetPlans();
  return line.hello;
}

/** @param {{host?: unknown, on?: unknown}} message */
async function pause({ host, on }) {
  if (typeof host !== "string" || host === "") return { ok: false };
  const { settings } = await state();
  const others = settings.paused.filter((paused) => paused !== host);
  await changeSettings({ paused: on === true ? [...others, host] : others });
  await refreshAll();
  return { ok: true };
}

/** Language and private windows; the host is told the language, so that the command line speaks it too. @param {any} message */
async function changeOwnSettings({ changes }) {
  const { language, private_windows } = changes ?? {};
  await changeSettings({
    ...(typeof language === "string" ? { language } : {}),
    ...(typeof private_windows === "boolean" ? { private_windows } : {}),
  });
  if (typeof language === "string") await line.request("settings_set", { settings: { language } }).catch(() => {});
  await refreshAll();
  return { ok: true };
}

/** Turning a family off is said first, so that the loss of its grant is no surprise. @param {{id?: unknown}} message */
async function familyOff({ id }) {
  const { settings } = await state();
  await changeSettings({ families: settings.families.filter((family) => family !== id) });
  return { ok: true, origins: matchesOf(await loadShops(), String(id)) };
}

/** A family or site whose grant the shopper just gave. @param {{id?: unknown}} message */
async function familyOn({ id }) {
  const { settings } = await state();
  if (typeof id !== "string") return { ok: false };
  await changeSettings({ families: [...settings.families, id] });
  return { ok: true };
}

/** One look at the page the shopper is on (activeTab), without a lasting grant. @param {{tab_id?: unknown}} message */
async function lookOnce({ tab_id }) {
  return { ok: typeof tab_id === "number" && (await serveTab(tab_id)) };
}

/** All data: the host's, then ours. Grants stay the browser's; the page gives them back. @param {{confirm?: unknown}} message */
async function deleteEverything({ confirm }) {
  if (confirm !== "delete everything") return { status: "error", code: "bad_request", detail: "" };
  const host = await askHost({ op: "data_delete", fields: { confirm } });
  if (host.status !== "ok" && host.status !== "no_host") return host;
  await forgetEverything();
  await refreshAll();
  return host;
}

/** @type {Record<string, (message: any) => Promise<unknown>>} */
export const OWN_PAGE_ANSWERS = {
  overview,
  host: askHost,
  pause,
  settings: changeOwnSettings,
  family_on: familyOn,
  family_off: familyOff,
  look_once: lookOnce,
  range_preview: previewRange,
  range_fetch: fetchRange,
  delete_everything: deleteEverything,
};
