// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The popup: what is known about the page in the tab beneath it, and what the shopper can do about it.
// As a page of its own it is given the tab: popup.html?tab=ID.
import { browser } from "../lib/browser.js";
import { byId, fill, foreign, h, say } from "../lib/dom.js";
import { ANY, ANY_MATCHES, familyOfHost, loadShops, matchesOf, siteFamily, siteOf } from "../lib/shops.js";
import { ask } from "./ask.js";
import { countsCard, entriesCard, entriesOf, orderForm, outcomeForm } from "./experience.js";
import { familyName, hostProblem, notice, setUpPage } from "./frame.js";
import { numbersCard } from "./numbers.js";
import { plotsCard } from "./plots.js";
import { rangeAsk } from "./range.js";
import { sharedCard } from "./shared.js";
import { promiseCard, reasonCards, sellerName, sellersCard, staleNotice, verdictCard } from "./verdict.js";

/** @typedef {import("../lib/words.js").Words} Words */
/** @typedef {{tabId: number, privately: boolean, host: string|null, words: Words, shops: import("../lib/shops.js").Shops, overview: any, entries?: string}} View `entries`: those that are drawn */

/** What a page's check can end with when nothing failed: an answer, or a page that is never read. */
const SETTLED = ["ok", "private"];

const regions = {
  notices: h("div", { class: "stack", id: "notices" }),
  verdict: h("div", { class: "stack", id: "verdict", "aria-live": "polite" }),
  entries: h("div", { class: "stack", id: "entries" }),
  said: h("p", { id: "said", role: "status", class: "saved", tabindex: "-1" }),
  forms: h("div", { class: "stack", id: "forms" }),
  site: h("div", { class: "row spread", id: "site-switch" }),
};

/** The tab the popup is about. */
async function subject() {
  const given = Number(new URLSearchParams(location.search).get("tab"));
  if (given) {
    document.documentElement.classList.add("in-tab");
    return browser.tabs.get(given).catch(() => undefined);
  }
  return (await browser.tabs.query({ active: true, currentWindow: true }))[0];
}

/** @param {string|undefined} url @returns {string|null} the host name of a web page */
function webHost(url) {
  return url !== undefined && /^https?:/.test(url) ? new URL(url).hostname : null;
}

async function start() {
  const tab = await subject();
  const tabId = tab?.id ?? -1;
  const [overview, shops] = await Promise.all([ask("overview", { tab_id: tabId }), loadShops()]);
  const words = await setUpPage(overview.language, "extension_name");
  const host = webHost(tab?.url ?? overview.page?.url);
  /** @type {View} */
  const view = { tabId, privately: tab?.incognito === true, host, words, shops, overview };
  fill(byId("site"), host ? foreign(host) : null);
  byId("open-options").addEventListener("click", openSettings);
  fill(byId("main"), ...Object.values(regions));
  draw(view);
  drawForms(view);
  browser.storage.session.onChanged.addListener((changes) => {
    if (`tab:${tabId}` in changes) redraw(view);
  });
}

/** @param {View} view */
async function redraw(view) {
  const [before, key] = [JSON.stringify(view.overview), keyOf(view)];
  view.overview = await ask("overview", { tab_id: view.tabId });
  if (JSON.stringify(view.overview) !== before) draw(view);
  else drawEntries(view);
  if (keyOf(view) !== key) drawForms(view);
}

/** @param {View} view */
function keyOf(view) {
  return view.overview.page?.result?.reply?.seller?.key ?? null;
}

/** @param {View} view */
function draw(view) {
  drawNotices(view);
  drawVerdict(view);
  drawEntries(view);
  drawSiteSwitch(view);
}

/** @param {View} view */
function isPaused({ host, overview }) {
  return host !== null && overview.settings.paused.includes(host);
}

/** Whether Kaopu spoke to this page, or may at any time. @param {View} view */
function isLookedAt({ host, overview, shops }) {
  if (overview.page) return true;
  const family = host === null ? undefined : familyOfHost(shops, host);
  return host !== null && [ANY, siteFamily(host), family?.id].some((id) => overview.granted.includes(id));
}

/** @param {View} view */
function drawNotices(view) {
  const { words, overview, shops } = view;
  const { result } = overview.page ?? {};
  const failed = result && !SETTLED.includes(result.status);
  const again = async () => {
    await ask("host", { op: "hello", again: true });
    await ask("look_once", { tab_id: view.tabId });
    redraw(view);
  };
  const revoked = overview.revoked.map((/** @type {string} */ id) => {
    const family = shops.families.find((one) => one.id === id);
    const shop = family ? familyName(words, family) : id === ANY ? words.say("options_any_shop") : (siteOf(id) ?? id);
    const turnOn = () => turnFamilyOn(view, id, matchesOf(shops, id));
    const giveUp = () => ask("family_off", { id }).then(() => redraw(view));
    return notice(
      words,
      "popup_revoked",
      { shop },
      h("div", { class: "row" }, h("button", { type: "button", class: "primary", onclick: turnOn }, say(words, "popup_allow_again")), h("button", { type: "button", onclick: giveUp }, say(words, "popup_leave_off"))),
    );
  });
  const stopped = result?.stopped && result.reply ? plain(words, "popup_secret_late") : null;
  fill(regions.notices, failed ? hostProblem(words, result, again) : null, stopped, revoked);
}

/** @param {View} view */
function drawVerdict(view) {
  const { words, overview } = view;
  const reply = overview.page?.result?.reply;
  const askFor = (/** @type {any} */ registry) => rangeAsk(words, view.tabId, registry, (message) => fill(regions.said, message));
  if (reply && reply.facts?.platform !== "none" && !isPaused(view)) {
    fill(regions.verdict, verdictCard(words, reply), reasonCards(words, reply), sellersCard(words, reply), promiseCard(words, reply), countsCard(words, reply.history), sharedCard(words, reply, askFor), plotsCard(words, reply), reply.seller?.key ? numbersCard(words, reply.seller.key) : null, staleNotice(words, reply, shopName(view)));
  } else {
    fill(regions.verdict, noVerdict(view));
  }
}

/** What the page's shop is called: its family, else its host. @param {View} view */
function shopName({ words, host, shops }) {
  const family = familyOfHost(shops, host ?? "");
  return family ? familyName(words, family) : (host ?? "");
}

/** Why there is nothing to say, and what would change that. @param {View} view */
function noVerdict(view) {
  const { words, host, overview, shops } = view;
  if (view.privately && !overview.settings.private_windows) return h("section", { class: "card" }, h("p", {}, say(words, "popup_private_off")), settingsButton(words));
  if (host === null) return plain(words, "popup_not_a_page");
  if (isPaused(view)) return plain(words, "popup_paused");
  const { status = "ok" } = overview.page?.result ?? {};
  if (status === "private") return plain(words, "popup_secret");
  if (!SETTLED.includes(status)) return null;
  const family = familyOfHost(shops, host);
  if (isLookedAt(view)) return plain(words, "popup_nothing");
  if (family) {
    const turnOn = () => turnFamilyOn(view, family.id, family.matches);
    const shop = familyName(words, family);
    const turn = h("button", { type: "button", class: "primary", onclick: turnOn }, say(words, "popup_turn_on", { shop }));
    const once = h("button", { type: "button", onclick: () => lookOnce(view) }, say(words, "popup_look_once"));
    return h("section", { class: "card" }, h("p", {}, say(words, "popup_family_off", { shop })), h("div", { class: "row" }, turn, once));
  }
  const always = () => turnFamilyOn(view, siteFamily(host), matchesOf(shops, siteFamily(host)));
  return h(
    "section",
    { class: "card" },
    h("p", {}, say(words, "popup_not_watched", { host })),
    h("div", { class: "row" }, h("button", { type: "button", class: "primary", onclick: () => lookOnce(view) }, say(words, "popup_look_once")), h("button", { type: "button", onclick: always }, say(words, "popup_always_here"))),
  );
}

const openSettings = () => ask("open", { what: "options" }).then(() => window.close());

/** @param {Words} words */
const settingsButton = (words) => h("button", { type: "button", class: "quiet", onclick: openSettings }, say(words, "popup_settings"));

/** @param {Words} words @param {string} key */
function plain(words, key) {
  return h("p", { class: "card" }, say(words, key));
}

/** @param {View} view */
async function lookOnce(view) {
  const { ok } = await ask("look_once", { tab_id: view.tabId });
  regions.said.textContent = ok ? "" : view.words.say("popup_cannot_look");
}

/** Must start inside the click: the browser asks the shopper only then. @param {View} view @param {string} id @param {string[]} origins */
async function turnFamilyOn(view, id, origins) {
  const granted = await browser.permissions.request({ origins: id === ANY ? ANY_MATCHES : origins });
  if (!granted) return;
  await ask("family_on", { id });
  redraw(view);
}

/** Entries that are as they were stay: a press in the middle, or a form with words in it, is not lost. @param {View} view */
async function drawEntries(view) {
  const seller = view.overview.page?.result?.reply?.seller;
  const all = seller?.key ? await entriesOf(seller.key) : null;
  const now = JSON.stringify([seller?.key, all]);
  if (keyOf(view) !== (seller?.key ?? null) || now === view.entries) return;
  view.entries = now;
  fill(regions.entries, all && entriesCard(context(view, seller), all));
}

/** @param {View} view @param {any} seller @returns {import("./experience.js").Context} */
function context(view, seller) {
  return {
    words: view.words,
    seller,
    facts: view.overview.page?.result?.reply?.facts,
    onChange: (message) => {
      fill(regions.said, message);
      drawEntries(view);
    },
  };
}

/** Forms about the page's seller; in a cart the shopper says which. @param {View} view */
function drawForms(view) {
  const { words } = view;
  const reply = view.overview.page?.result?.reply;
  const all = [reply?.seller, ...(reply?.sellers ?? []).map((/** @type {any} */ entry) => entry.seller)].filter((seller) => seller?.key);
  const sellers = [...new Map(all.map((seller) => [seller.key, seller])).values()];
  if (sellers.length === 0) {
    fill(regions.forms, reply?.seller ? h("p", { class: "soft small" }, say(words, "popup_no_key")) : null);
    return;
  }
  const forms = h("div", { class: "stack" });
  const show = (/** @type {any} */ seller) =>
    fill(
      forms,
      h("details", { class: "card" }, h("summary", {}, say(words, "popup_how_title")), h("p", { class: "soft small" }, say(words, "popup_stays_here")), outcomeForm(context(view, seller))),
      h("details", { class: "card" }, h("summary", {}, say(words, "popup_order_title")), orderForm(context(view, seller))),
    );
  const options = sellers.map((seller, index) => h("option", { value: String(index) }, sellerName(seller)));
  const choice = h("select", { onchange: (/** @type {any} */ event) => show(sellers[Number(event.target.value)]) }, ...options);
  fill(regions.forms, sellers.length > 1 ? h("label", { class: "field" }, h("span", {}, say(words, "popup_which_seller")), choice) : null, forms);
  show(sellers[0]);
}

/** @param {View} view */
function drawSiteSwitch(view) {
  const { words, host } = view;
  const paused = isPaused(view);
  if (host === null || (!paused && !isLookedAt(view))) {
    fill(regions.site);
    return;
  }
  const flip = () => ask("pause", { host, on: !paused }).then(() => redraw(view));
  fill(regions.site, h("button", { type: "button", class: "quiet", onclick: flip }, say(words, paused ? "popup_resume" : "popup_pause")));
}

start();
