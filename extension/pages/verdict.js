// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the popup says about the page's seller. It words what the host found and decides nothing.
import { foreign, h, say } from "../lib/dom.js";
import { tame } from "../lib/words.js";

/** @typedef {import("../lib/words.js").Words} Words */

const MARKS = /** @type {Record<string, string>} */ ({ dependable: "✓", watch_out: "!", danger: "✕", unknown: "?" });
const WAYS = /** @type {Record<string, string>} */ ({ for: "+", against: "−", neutral: "•" });
const PROMISES_SHOWN = 3;

/** @param {string} verdict one of the four; anything else is not known */
function known(verdict) {
  return Object.hasOwn(MARKS, verdict) ? verdict : "unknown";
}

/** What to call a seller. @param {any} seller @returns {string|null} */
export function sellerName(seller) {
  const name = seller?.name ?? seller?.id ?? seller?.key;
  return typeof name === "string" ? tame(name) : null;
}

/** Verdict and seller. @param {Words} words @param {any} reply */
export function verdictCard(words, reply) {
  const verdict = known(reply.verdict);
  const name = sellerName(reply.seller);
  const n = reply.estimate?.effective_n;
  return h(
    "section",
    { class: `verdict ${verdict}`, "aria-labelledby": "verdict-title" },
    h("span", { class: "mark", "aria-hidden": "true" }, MARKS[verdict]),
    h("h2", { id: "verdict-title" }, say(words, `verdict_${verdict}`)),
    h(
      "p",
      { class: "seller" },
      name ? foreign(name) : say(words, "popup_seller_unread"),
      typeof n === "number" && n >= 1.5 ? h("span", { class: "soft small" }, " · ", say(words, "popup_evidence", { n: Math.round(n) })) : null,
    ),
  );
}

/** @typedef {{key: string, args?: any, direction?: string}} Point */

/** @param {Words} words @param {Point[]} points @param {string} titleKey @param {(point: Point) => Record<string, any>} lookOf class, mark, and words for readers */
function pointsCard(words, points, titleKey, lookOf) {
  if (points.length === 0) return null;
  const items = points.map((point) => {
    const { look, mark, said } = lookOf(point);
    return h("li", { class: look }, h("span", { class: "way", "aria-hidden": "true" }, mark), said ? h("span", { class: "for-reader" }, said, " ") : null, h("span", {}, say(words, point.key, point.args)));
  });
  return h("section", { class: "card" }, h("h2", {}, say(words, titleKey)), h("ul", { class: "points" }, ...items));
}

/** Which way a reason points, by shape and words too. @param {Words} words */
const wayOf = (words) => (/** @type {Point} */ { direction = "" }) => {
  const look = Object.hasOwn(WAYS, direction) ? direction : "neutral";
  return { look, mark: WAYS[look], said: words.say(`badge_way_${look}`) };
};

/** Why, and what would be safer. @param {Words} words @param {any} reply @returns {import("../lib/dom.js").Child[]} */
export function reasonCards(words, reply) {
  return [pointsCard(words, reply.reasons ?? [], "popup_reasons", wayOf(words)), pointsCard(words, reply.advice ?? [], "popup_advice", () => ({ look: "advice", mark: "→" }))];
}

/** What the page promises, in its own words. @param {Words} words @param {any} reply */
export function promiseCard(words, reply) {
  const promises = (reply.facts?.promises ?? []).slice(0, PROMISES_SHOWN);
  if (promises.length === 0) return null;
  const quotes = promises.map((/** @type {any} */ promise) =>
    h(
      "blockquote",
      {},
      foreign(String(promise.text).slice(0, 300)),
      promise.compensation ? h("span", { class: "soft" }, " · ", foreign(String(promise.compensation).slice(0, 100))) : null,
    ),
  );
  return h("section", { class: "card" }, h("h2", {}, say(words, "popup_promise")), ...quotes);
}

/** The other sellers of a cart. @param {Words} words @param {any} reply */
export function sellersCard(words, reply) {
  const sellers = reply.sellers ?? [];
  if (sellers.length < 2) return null;
  const items = sellers.map((/** @type {any} */ entry) =>
    h(
      "li",
      { class: "row spread entry" },
      foreign(sellerName(entry.seller) ?? words.say("popup_seller_unread")),
      h("span", {}, h("span", { "aria-hidden": "true" }, MARKS[known(entry.verdict)] ?? "", " "), say(words, `verdict_${known(entry.verdict)}`)),
    ),
  );
  return h("section", { class: "card" }, h("h2", {}, say(words, "popup_sellers")), h("ul", {}, ...items));
}

/** Fields that this shop's pages used to have: its adapter may be out of date. @param {Words} words @param {any} reply @param {string} shop its name */
export function staleNotice(words, reply, shop) {
  const notes = (reply.stale ?? []).filter((/** @type {unknown} */ field) => typeof field === "string");
  const fields = notes.map((/** @type {string} */ note) => note.replace(/^missing: /, ""));
  if (fields.length === 0) return null;
  const args = { shop, fields: fields.join(", "), count: Math.max(1, Number(reply.stale_pages) || 1) };
  return h("details", { class: "card" }, h("summary", {}, say(words, "popup_stale_title")), h("p", { class: "small" }, say(words, "popup_stale_text", args)));
}
