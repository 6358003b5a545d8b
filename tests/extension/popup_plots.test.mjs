// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the popup draws of the shopper's own orders: lengths and shapes, the numbers beside them, nothing where nothing is known.
import assert from "node:assert/strict";
import { it } from "node:test";
import { JSDOM } from "jsdom";
import { table } from "./support/content_page.mjs";
import { installFakeBrowser } from "./support/fake_browser.mjs";

installFakeBrowser();
globalThis.document ??= new JSDOM("<body></body>").window.document;
const { Words } = await import("../../extension/lib/words.js");
const { plotsCard } = await import("../../extension/pages/plots.js");

const MONTHS = Array.from({ length: 12 }, (_, i) => ({ month: `2026-${String(i + 1).padStart(2, "0")}`, on_time: 0, late: 0, never: 0 }));
const draw = (history, estimate = {}, language = "en") => plotsCard(new Words(language, table(language)), { history, estimate });
const texts = (node, selector) => [...node.querySelectorAll(selector)].map((one) => one.textContent);
const widths = (row, fill) => [...row.querySelectorAll(`rect[fill${fill}]`)].map((rect) => rect.getAttribute("width"));

it("a bar up to the promise, stripes beyond it, a line where it stood, and the same in numbers", () => {
  const card = draw({ shipped: [{ placed_at: "2026-10-01", days: 8, promised_days: 2 }, { placed_at: "2026-10-20", days: 1, promised_days: 4 }, { placed_at: "2026-10-25", days: 4, promised_days: null }] },
    { days_to_ship: { median: { mean: 4, low: 1, high: 8 } } });
  const rows = [...card.querySelectorAll("tbody tr")];
  assert.deepEqual(rows.map((row) => [widths(row, "=currentColor"), widths(row, "^=url")]), [[["25.00%"], ["75.00%"]], [["12.50%"], []], [["50.00%"], []]]);
  assert.deepEqual(rows.map((row) => row.querySelector("line")?.getAttribute("x1")), ["25.00%", "50.00%", undefined]);
  assert.deepEqual(rows.map((row) => texts(row, "th, td:not(.bar)")), [["Oct 1, 2026", "8", "2"], ["Oct 20, 2026", "1", "4"], ["Oct 25, 2026", "4", "not known"]]);
  assert.match(card.textContent, /Half of the orders shipped within 4 days \(90\s% sure: between 1 and 8\)/);
  assert.equal(card.querySelectorAll("figure").length, 1);
  for (const svg of card.querySelectorAll("svg")) assert.equal(svg.getAttribute("aria-hidden"), "true");
});

it("on time above the line, late striped and never hollow below it, as high as they are many", () => {
  const months = MONTHS.map((month, i) => (i === 2 ? { ...month, on_time: 4 } : i === 11 ? { ...month, on_time: 1, late: 2, never: 1 } : month));
  const card = draw({ months }, { trend: "worse" });
  const box = (fill) => [...card.querySelectorAll(`.drawing rect[fill${fill}]`)].map((rect) => [Number(rect.getAttribute("y")), Number(rect.getAttribute("height"))]);
  const unit = 34 / 4;
  assert.deepEqual(box("=currentColor"), [[36 - 4 * unit, 4 * unit], [36 - unit, unit]]);
  assert.deepEqual(box("^=url"), [[36, 2 * unit]]);
  assert.deepEqual(box("=none"), [[36 + 2 * unit, unit]]);
  assert.deepEqual([...card.querySelectorAll("details tbody tr")].map((row) => texts(row, "th, td")), [["Mar 2026", "4", "0", "0"], ["Dec 2026", "1", "2", "1"]]);
  assert.match(card.textContent, /5 on time, 2 late, 1 never came\..*Getting worse/);
  assert.match(draw({ months }, { trend: "better" }, "zh_CN").textContent, /按时 5 笔，延迟 2 笔，没收到 1 笔。.*好转了/);
  assert.doesNotMatch(draw({ months }, { trend: "steady" }).textContent, /Getting worse|Recovering/);
});

it("nothing to draw: no card", () => {
  for (const history of [undefined, {}, { shipped: [], months: [] }, { months: MONTHS }]) assert.equal(draw(history), null);
});
