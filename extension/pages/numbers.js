// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Every number behind a verdict, asked for only when the shopper opens it.
import { fill, h, say } from "../lib/dom.js";
import { askHost } from "./ask.js";

/** @typedef {import("../lib/words.js").Words} Words */

/** @param {Words} words @param {string} sellerKey */
export function numbersCard(words, sellerKey) {
  const place = h("div", {});
  const details = h("details", { class: "card" }, h("summary", {}, say(words, "popup_numbers")), place);
  details.addEventListener("toggle", async () => {
    if (place.childElementCount === 0) fill(place, await numbersOf(words, sellerKey));
  });
  return details;
}

/** @param {Words} words @param {string} sellerKey */
async function numbersOf(words, sellerKey) {
  const answer = await askHost("why", { seller_key: sellerKey });
  const lines = answer.reply?.explanation?.lines;
  if (!Array.isArray(lines)) return h("p", {}, say(words, "error_host_title"));
  return h("table", { class: "numbers small" }, h("tbody", {}, ...lines.map((line) => row(words, line))));
}

/** @param {Words} words @param {any} line */
function row(words, { key, value, formula, note, source_keys }) {
  const sources = Array.isArray(source_keys) ? source_keys.map((source) => words.say(source)).join(" · ") : "";
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      say(words, key, { value }),
      formula ? h("div", { class: "soft", dir: "ltr" }, String(formula)) : null,
      note?.key ? h("div", { class: "soft" }, say(words, note.key, note.args ?? {})) : null,
      h("div", { class: "soft" }, sources),
    ),
    h("td", {}, typeof value === "number" ? words.precise(value) : String(value ?? "")),
  );
}
