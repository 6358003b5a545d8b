// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the popup says and draws of what other shoppers shared: whose numbers they are, where own orders are few, and nothing
// where there is no registry.
import assert from "node:assert/strict";
import { it } from "node:test";
import { JSDOM } from "jsdom";
import { table } from "./support/content_page.mjs";
import { installFakeBrowser } from "./support/fake_browser.mjs";

installFakeBrowser();
globalThis.document ??= new JSDOM("<body></body>").window.document;
const { Words } = await import("../../extension/lib/words.js");
const { plotsCard } = await import("../../extension/pages/plots.js");
const { heaviestCounted, sharedCard } = await import("../../extension/pages/shared.js");

const words = (language = "en") => new Words(/** @type {any} */ (language), table(language));
const months = Array.from({ length: 12 }, (_, i) => ({ month: `2026-${String(i + 1).padStart(2, "0")}`, volume: i === 11 ? 7 : 0, bad: i === 11 ? 2 : 0 }));
const counted = (all, bad) => ({ windows: [{ days: 30, all, bad }, { days: 90, all, bad }, { days: 365, all, bad }], never: 1, late_shares: [0, 1, 0, 0], days_to_ship: { median: 1.5, p90: 6 }, months });
const report = (all, bad) => ({ last_on: "2026-12-20", weights: { on_time: all - bad, late: bad, never: 0 }, bad: { mean: 0.1, low: 0.05, high: 0.2 }, counted: all === 0 ? null : counted(all, bad) });
const registry = (name, ...reports) => ({ id: name, name, origin: `${name}.example`, as_of: "2026-12-24", age_days: 2, old: false, sellers: 9, reports });

it("each registry's word with its age, side by side", () => {
  const card = sharedCard(words(), { pooled: { registries: [registry("A", report(40, 6)), registry("B"), registry("C", report(0, 0))], left_out: [{ id: "D", name: "D", message: "page 3 is not whole" }] } });
  const lines = [...card.querySelectorAll("li")].map((line) => line.textContent);
  assert.equal(lines.length, 4);
  assert.match(lines[0], /^A: 6 of 40 orders late or never in the 365 days up to Dec 20, 2026 \(by weight between 5% and 20%\)\. As of Dec 24, 2026, 2 days old\. Never shipped: 1\.$/);
  assert.match(lines[1], /^B: nothing about this seller\./);
  assert.match(lines[2], /^C: fewer than five orders; between 5% and 20%/);
  assert.match(lines[3], /^D: .*cannot be used.*page 3 is not whole$/);
});

it("a part of its data that is not on this computer is not the same as no reports", () => {
  for (const language of ["en", "zh_CN"]) {
    const card = sharedCard(words(language), { pooled: { registries: [{ ...registry("B"), on_this_disk: false }, { ...registry("C"), on_this_disk: true }], left_out: [] } });
    const [there, none] = [...card.querySelectorAll("li")].map((line) => line.textContent);
    assert.match(there, language === "en" ? /^B: the part of its data with this seller is not on this computer\./ : /^B：包含这家的那部分数据不在这台电脑上/);
    assert.match(none, language === "en" ? /^C: nothing about this seller\./ : /^C：没有这家的数据/);
  }
});

it("no registry, no card", () => {
  for (const pooled of [undefined, {}, { registries: [], left_out: [] }]) assert.equal(sharedCard(words(), { pooled }), null);
  assert.equal(plotsCard(words(), { history: {}, pooled: { registries: [registry("B")] } }), null);
});

it("draws others' orders where own ones are few, marked as theirs, with a table", () => {
  const pooled = { registries: [registry("Small", report(6, 0)), registry("Big", report(40, 6))] };
  assert.equal(heaviestCounted({ pooled }).registry.name, "Big");
  const card = plotsCard(words(), { history: {}, pooled, facts: { promises: [{ kind: "ship", max_hours: 72 }] } });
  const [days, year] = card.querySelectorAll("figure");
  assert.match(days.textContent, /Orders of other shoppers, from Big, as of Dec 24, 2026, last report Dec 20, 2026/);
  assert.deepEqual([...days.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("th, td:not(.bar)")].map((cell) => cell.textContent)), [["half within", "1.5", "3"], ["nine of ten within", "6", "3"]]);
  const widths = (fill) => [...days.querySelectorAll(`rect[fill${fill}]`)].map((rect) => rect.getAttribute("width"));
  assert.deepEqual([widths("=currentColor"), widths("^=url")], [["25.00%", "50.00%"], ["50.00%"]]);
  assert.deepEqual([...year.querySelectorAll("tbody td")].map((cell) => cell.textContent), ["100%", "29%"]);
  const heights = [...year.querySelectorAll(".drawing rect")].map((rect) => Number(rect.getAttribute("height")));
  assert.ok(Math.abs(heights[0] / heights[1] - 5 / 2) < 0.01, String(heights));
});

it("own orders, once there are enough, stand alone", () => {
  const shipped = Array.from({ length: 5 }, () => ({ placed_at: "2026-12-01", days: 2, promised_days: 2 }));
  const own = months.map((month, i) => ({ month: month.month, on_time: i === 11 ? 5 : 0, late: 0, never: 0 }));
  const card = plotsCard(words("zh_CN"), { history: { shipped, months: own }, pooled: { registries: [registry("Big", report(40, 6))] } });
  assert.equal(card.querySelectorAll("figure").length, 2);
  assert.doesNotMatch(card.textContent, /其他买家/);
});
