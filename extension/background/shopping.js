// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a shop page may ask: what to look at here (plan), what is known of this seller (check), and to remember that the
// shopper went on. The browser says which page asks; what the message claims about that is only compared.
import { line, failure, state } from "./state.js";
import { showInToolbar } from "./toolbar.js";
import { browser } from "../lib/browser.js";

const CONTENT_WORDS = ["verdict_", "badge_", "dialog_", "reason_", "advice_", "error_", "why_"];
const SNAPSHOT_CHARS_MAX = 600_000;
const LATE_KEPT_MS = 5000;
const ORDERS_KEPT = 20;
const FAILED = ["timeout", "error"]; // for a reason that may pass
const RANK = ["unknown", "dependable", "watch_out", "danger"];

/** Answers that came after their time was up, for the check that a refresh brings. @type {Map<string, {reply: any, at: number}>} */
const late = new Map();

/**
 * @typedef {{tab: chrome.tabs.Tab & {id: number}, frameId: number, url: string}} ShopSender a sender that messages.js vetted
 */

/** The local day, for "today": `YYYY-MM-DD`. @param {Date} [now] */
export function localDay(now = new Date()) {
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** @param {import("./settings.js").Settings} settings @param {ShopSender} sender */
function gates(settings, sender) {
  const hosts = [sender.url, sender.tab.url].map((url) => (url ? new URL(url).hostname : ""));
  return {
    enabled: !sender.tab.incognito || settings.private_windows,
    paused: settings.paused.some((host) => hosts.includes(host)),
  };
}

/** @param {any} message @param {ShopSender} sender */
export async function plan(message, sender) {
  const { session, settings, words } = await state();
  const host = new URL(sender.url).hostname;
  const gate = gates(settings, sender);
  if (gate.enabled) noteVisit(session, sender, sameOrigin(message.url, sender.url) ? message.url : sender.url);
  else session.setTab(sender.tab.id, nothingOf(sender)); // its number alone, to be told when the setting changes
  session.forgetOtherDays(localDay());
  const { failed, ...known } = gate.enabled && !gate.paused ? await planFor(session, host, sender.tab.incognito) : { plan: null, generic: null };
  if (gate.enabled && sender.frameId === 0) notePlan(session, sender, failed);
  if (known.plan) line.warmUp(); // a shop: its page will be asked about in a moment
  return {
    ...known,
    ...gate,
    words: known.plan || (known.generic && sender.frameId === 0) ? words.subset(CONTENT_WORDS) : {},
    language: words.tag,
    known_danger: { sellers: session.dangerousSellers() },
    allowed_today: session.allowedOn(localDay()),
  };
}

/** @param {import("./session.js").Session} session @param {string} host @param {boolean} privately which hosts were seen is not remembered then @returns {Promise<import("./session.js").HostPlan & {failed?: ReturnType<typeof failure>}>} */
async function planFor(session, host, privately) {
  const known = session.plan(host);
  if (known) return known;
  try {
    const reply = await line.request("plan", { host });
    const plan = { plan: reply.plan ?? null, generic: reply.generic ?? null };
    if (!privately) session.setPlan(host, plan);
    return plan;
  } catch (error) {
    return { plan: null, generic: null, failed: failure(error) }; // no shop is slowed by our absence; the popup says it
  }
}

/** What the popup says of a page that was never read because the host did not even say what to look at; gone once it does. @param {import("./session.js").Session} session @param {ShopSender} sender @param {ReturnType<typeof failure>} [failed] */
function notePlan(session, sender, failed) {
  if (failed) return record(session, sender, sender.url, failed);
  const tab = session.tab(sender.tab.id);
  const noted = tab?.frames[sender.frameId];
  if (!tab || !noted || noted.reply || noted.status === "ok") return;
  const { [sender.frameId]: _gone, ...frames } = tab.frames;
  session.setTab(sender.tab.id, { ...tab, frames });
}

/** @param {any} message @param {ShopSender} sender */
export async function check(message, sender) {
  const { session, settings } = await state();
  const { enabled, paused } = gates(settings, sender);
  const request = enabled && !paused ? checkRequest(message, sender) : null;
  if (!request) return { status: "error", code: "bad_request" };
  noteVisit(session, sender, request.url);
  const result = await askHost(request, sender);
  record(session, sender, request.url, result);
  return result;
}

/** A page that shows a field for a secret is not read, or no more since that field came: the popup says so. @param {any} message @param {ShopSender} sender */
export async function unread({ url }, sender) {
  const { session, settings } = await state();
  const { enabled, paused } = gates(settings, sender);
  if (!enabled || paused || !sameOrigin(url, sender.url)) return { ok: false };
  noteVisit(session, sender, url);
  const frame = session.tab(sender.tab.id)?.frames[sender.frameId];
  if (frame?.reply) record(session, sender, url, { ...frame, stopped: true });
  else record(session, sender, url, { status: "private", code: "" });
  return { ok: true };
}

/** The request for the host, or null where the message is not what a content script of ours sends. @param {any} message @param {ShopSender} sender */
function checkRequest(message, sender) {
  const { url, title, lang, snapshot, cut, snapshot_version } = message;
  const texts = [url, title, lang, snapshot].every((text) => typeof text === "string");
  if (!texts || snapshot.length > SNAPSHOT_CHARS_MAX || !Number.isInteger(snapshot_version)) return null;
  if (!sameOrigin(url, sender.url)) return null;
  return { url, title: title.slice(0, 1000), lang: lang.slice(0, 50), snapshot, cut: cut === true, snapshot_version, private: sender.tab.incognito === true };
}

/** A page's script may have changed the address since the browser told us, but never the origin. @param {unknown} claimed @param {string} told */
function sameOrigin(claimed, told) {
  return typeof claimed === "string" && URL.canParse(claimed) && new URL(claimed).origin === new URL(told).origin;
}

/** @param {{url: string}} request @param {ShopSender} sender */
async function askHost(request, sender) {
  const page = `${sender.tab.id} ${sender.frameId} ${request.url}`;
  const kept = late.get(page);
  late.delete(page);
  if (kept && Date.now() - kept.at < LATE_KEPT_MS) return { status: "ok", code: "", reply: kept.reply };
  const onLate = (/** @type {any} */ reply) => {
    late.clear();
    late.set(page, { reply: answerOf(reply), at: Date.now() });
    refreshTab(sender.tab.id, sender.frameId);
  };
  try {
    return { status: "ok", code: "", reply: answerOf(await line.request("check_page", request, { onLate })) };
  } catch (error) {
    const { status, code } = failure(error);
    return { status, code };
  }
}

/** The reply without its envelope. @param {any} reply */
export function answerOf(reply) {
  const { v: _v, id: _id, ok: _ok, ...answer } = reply;
  return answer;
}

/**
 * @param {import("./session.js").Session} session @param {ShopSender} sender @param {string} url
 * @param {{status: string, code: string, reply?: any, stopped?: boolean}} result `stopped`: a field for a secret came after that reply
 */
function record(session, sender, url, result) {
  if (!countsForTab(sender)) return;
  const tab = session.tab(sender.tab.id) ?? nothingOf(sender);
  const before = tab.frames[sender.frameId];
  // What was found of this page stands while the host is silent: the badge shows it too, and forms in the popup hang on it.
  const reply = result.reply ? kept(result.reply) : FAILED.includes(result.status) && before?.url === url ? before.reply : null;
  if (result.reply && !sender.tab.incognito) session.noteSellers([{ seller: reply.seller, verdict: reply.verdict }, ...(reply.sellers ?? [])]);
  const frames = { ...tab.frames, [sender.frameId]: { url, status: result.status, code: result.code, reply, ...(result.stopped ? { stopped: true } : {}) } };
  session.setTab(sender.tab.id, { ...tab, frames });
  void showTab(sender.tab.id); // the page does not wait for the toolbar
}

/**
 * A frame counts for its tab only where the page around it is also one that we were let into: a shop's frame in some
 * other page (an advertisement) does not give that page a verdict.
 * @param {ShopSender} sender
 */
function countsForTab(sender) {
  return sender.frameId === 0 || typeof sender.tab.url === "string";
}

/** What the popup needs later, bounded. @param {any} reply */
function kept(reply) {
  const { where: _where, orders = [], ...facts } = reply.facts ?? {};
  return { ...reply, facts: { ...facts, orders: orders.slice(0, ORDERS_KEPT) } };
}

/** What is remembered of a tab before anything is known of its page. @param {ShopSender} sender @returns {import("./session.js").TabRecord} */
const nothingOf = ({ tab }) => ({ url: "", frames: {}, privately: tab.incognito === true });

/** @param {import("./session.js").Session} session @param {ShopSender} sender @param {string} url */
function noteVisit(session, sender, url) {
  const tab = session.tab(sender.tab.id);
  if (sender.frameId !== 0) {
    if (!tab) session.setTab(sender.tab.id, nothingOf(sender));
  } else if (tab?.url !== url) {
    session.setTab(sender.tab.id, { ...nothingOf(sender), url });
  }
}

/**
 * The result that speaks for a tab: the worst verdict, the top page's where two are alike.
 * @param {import("./session.js").TabRecord|undefined} tab @returns {import("./session.js").FrameResult|null}
 */
export function resultOfTab(tab) {
  const rank = (/** @type {import("./session.js").FrameResult} */ result) => RANK.indexOf(result.reply?.verdict ?? "");
  return Object.values(tab?.frames ?? {}).reduce(
    (best, result) => (best === null || rank(result) > rank(best) ? result : best),
    /** @type {import("./session.js").FrameResult|null} */ (null),
  );
}

/** @param {number} tabId */
async function showTab(tabId) {
  const { session, words } = await state();
  const reply = resultOfTab(session.tab(tabId))?.reply;
  const isShop = reply && reply.facts?.platform !== "none";
  await showInToolbar(tabId, { verdict: isShop ? reply.verdict : null, sellerName: reply?.seller?.name ?? null }, words);
}

/**
 * Only of a seller that this page was answered about, or that was found dangerous before.
 * @param {any} message @param {ShopSender} sender
 */
export async function wentOn({ seller_key: key, seller_name: name }, sender) {
  const { session } = await state();
  const reply = session.tab(sender.tab.id)?.frames[sender.frameId]?.reply;
  const shown = [reply?.seller, ...(reply?.sellers ?? []).map((/** @type {any} */ entry) => entry.seller)];
  const known = typeof key === "string"
    ? [...shown, ...session.dangerousSellers()].some((seller) => seller?.key === key)
    : typeof name === "string" && name !== "" && shown.some((seller) => seller && typeof seller.key !== "string" && seller.name === name);
  if (known) session.allow(localDay(), key ?? `${new URL(sender.url).hostname} ${name}`, sender.tab.incognito);
  return { ok: known };
}

/** The page of a tab changed its address, by loading or by script. @param {number} tabId @param {string} url */
export async function navigated(tabId, url) {
  const { session, settings } = await state();
  const tab = session.tab(tabId);
  if (!tab || tab.url === url || (tab.privately && !settings.private_windows)) return;
  session.setTab(tabId, { ...tab, url, frames: {} });
  await showTab(tabId);
  await tell(tabId, { type: "navigated", url }, 0);
}

/** @param {number} tabId @param {number} [frameId] */
export function refreshTab(tabId, frameId) {
  return tell(tabId, { type: "refresh" }, frameId);
}

/** Something that verdicts depend on changed: every page we spoke to asks again. */
export async function refreshAll() {
  const { session } = await state();
  await Promise.all(session.tabIds().map((tabId) => refreshTab(tabId)));
}

/** @param {number} tabId @param {object} message @param {number} [frameId] all frames when absent */
async function tell(tabId, message, frameId) {
  try {
    await browser.tabs.sendMessage(tabId, message, frameId === undefined ? {} : { frameId });
  } catch {
    // No script of ours there (any more).
  }
}
