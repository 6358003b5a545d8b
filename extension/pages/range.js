// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Asking a registry, whose index is taken in parts, for the part with the page's seller: says first what that shows the
// registry, asks, fetches, and tells how it went. One part at a time.
import { fill, h, say } from "../lib/dom.js";
import { ask } from "./ask.js";
import { commandLine, confirmed, failed, quoted } from "./frame.js";

/** @typedef {import("../lib/words.js").Words} Words */
/** A registry that has a part to ask for. @typedef {{id: string, name: string, ask_for: string}} Registry */

/** Each part's place, so that one that is at work outlasts a redraw. @type {Map<string, HTMLElement>} */
const places = new Map();

/** @param {Words} words @param {number} tabId @param {Registry} registry @param {(message: import("../lib/dom.js").Child) => void} told when it is here */
export function rangeAsk(words, tabId, registry, told) {
  const id = `${tabId} ${registry.id} ${registry.ask_for}`;
  const place = places.get(id) ?? h("div", { class: "stack" });
  if (!places.has(id)) drawAsk(words, tabId, registry, place, told);
  places.set(id, place);
  return place;
}

/** The button, beneath what is to say. @param {Words} words @param {number} tabId @param {Registry} registry @param {HTMLElement} place @param {(message: import("../lib/dom.js").Child) => void} told @param {...import("../lib/dom.js").Child} said */
function drawAsk(words, tabId, registry, place, told, ...said) {
  const { id: registry_id, name } = registry;
  const again = (/** @type {import("../lib/dom.js").Child[]} */ ...more) => drawAsk(words, tabId, registry, place, told, ...more);
  const begin = async () => {
    const preview = await ask("range_preview", { tab_id: tabId, registry_id });
    if (preview.status !== "ok") return again(h("p", { class: "overdue" }, failed(words, "range_not_asked", preview)));
    const agreed = await confirmed(words, "range", { args: { registry: name }, text: reveals(words, preview.reply) });
    if (!agreed) return button.focus();
    fill(place, h("p", { class: "small" }, say(words, "range_fetching", { registry: name })), h("progress", { "aria-label": words.say("range_fetching", { registry: name }) }));
    const answer = await ask("range_fetch", { tab_id: tabId, registry_id });
    if (answer.reply?.here) {
      fill(place);
      return told(words.say("range_here", { registry: name }));
    }
    again(h("div", { class: "overdue" }, ...whyNot(words, registry, answer)));
  };
  const button = h("button", { type: "button", onclick: begin }, say(words, "range_ask", { registry: name }));
  fill(place, h("div", { role: "status" }, ...said), h("div", { class: "row" }, button));
}

/** What the registry would see. @param {Words} words @param {any} preview */
function reveals(words, { registry, fetched, fresh, ranges, sellers }) {
  const args = { registry: registry.name, fetched, fresh, ranges, sellers };
  if (fresh === 0) return [h("p", {}, say(words, "range_covered", args))];
  return [
    h("p", {}, say(words, ranges === null ? "range_first" : "range_fresh", args)),
    typeof sellers === "number" ? h("p", {}, say(words, "range_sellers", args)) : null,
    h("p", {}, say(words, "range_untold")),
    h("p", { class: "soft small" }, say(words, "range_kept")),
  ];
}

/** The host's exit codes that mean something to a shopper. */
const ENDS = /** @type {Record<number, string>} */ ({ 5: "range_away", 6: "range_wrong" });

/** @param {Words} words @param {Registry} registry @param {import("./ask.js").HostAnswer} answer */
function whyNot(words, { id, name, ask_for }, answer) {
  if (answer.status !== "ok") return [h("p", {}, failed(words, "range_not_asked", answer))];
  const { state, exit_code } = answer.reply;
  const args = { registry: name };
  if (state === "busy") return [h("p", {}, say(words, "range_busy"))];
  if (state === "ended" && ENDS[exit_code]) return [h("p", {}, say(words, ENDS[exit_code], args))];
  return [h("p", {}, say(words, state === "ended" ? "range_failed" : "range_by_hand", args)), commandLine(words, `kaopu sync --registry ${id} --range ${quoted(ask_for)}`)];
}
