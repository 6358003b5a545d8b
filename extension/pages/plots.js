// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shopper's own orders with a seller, drawn: days to ship against the promise, and the last twelve months; where these
// are few, what other shoppers shared, marked as theirs. Shapes say what colours would (solid, striped, hollow; above or below
// a line), and every number stands in a table as well. Drawings run from left to right or from right to left as the page does.
import { draw, h, say } from "../lib/dom.js";
import { heaviestCounted } from "./shared.js";

/** @typedef {import("../lib/words.js").Words} Words */
/** @typedef {{placed_at: string, days: number, promised_days: number|null}} Shipped */
/** @typedef {{month: string, on_time: number, late: number, never: number}} Month */

const STRIPES = "plot-stripes";
const BAR_PX = 12;
const HALF_PX = 36; // above and below the line of the months
const THIN_ORDERS = 5; // fewer own orders tell less than what others shared
const SEVENTHS = 7; // an index says months in sevenths

/** Both drawings, or null where no order has a date to draw. @param {Words} words @param {any} reply of the host */
export function plotsCard(words, reply) {
  const shipped = /** @type {Shipped[]} */ (reply.history?.shipped ?? []);
  const months = /** @type {Month[]} */ (reply.history?.months ?? []);
  const decided = months.reduce((so_far, month) => so_far + ordersOf(month), 0);
  const others = heaviestCounted(reply);
  const figures = [
    shipped.length > 0 ? daysFigure(words, shipped, reply.estimate?.days_to_ship) : null,
    others && shipped.length < THIN_ORDERS ? sharedDaysFigure(words, others, promisedDays(reply.facts)) : null,
    decided > 0 ? monthsFigure(words, months, reply.estimate?.trend) : null,
    others && decided < THIN_ORDERS ? sharedMonthsFigure(words, others) : null,
  ];
  if (figures.every((figure) => figure === null)) return null;
  return h("section", { class: "card plots", "aria-labelledby": "plots-title" }, h("h2", { id: "plots-title" }, say(words, "popup_plots")), stripes(), ...figures);
}

/** The pattern of what went late; in the colour of the text. */
function stripes() {
  const line = draw("path", { d: "M-1 1L1 -1M0 4L4 0M3 5L5 3", stroke: "currentColor", "stroke-width": 1.2 });
  return draw("svg", { class: "pattern", "aria-hidden": "true" }, draw("defs", {}, draw("pattern", { id: STRIPES, width: 4, height: 4, patternUnits: "userSpaceOnUse" }, line)));
}

/** @param {Record<string, any>} props */
const solid = (props) => draw("rect", { fill: "currentColor", ...props });
/** @param {Record<string, any>} props */
const striped = (props) => draw("rect", { fill: `url(#${STRIPES})`, stroke: "currentColor", ...props });
/** @param {Record<string, any>} props */
const hollow = (props) => draw("rect", { fill: "none", stroke: "currentColor", ...props });

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(2)}%`;

/** @param {Words} words @param {Shipped[]} shipped @param {any} estimate */
function daysFigure(words, shipped, estimate) {
  const most = Math.max(1, ...shipped.flatMap(({ days, promised_days }) => [days, promised_days ?? 0]));
  const { mean: median, low, high } = estimate?.median ?? {};
  return h(
    "figure",
    {},
    h("figcaption", {}, h("h3", {}, say(words, "popup_plot_days")), typeof median === "number" ? h("p", { class: "small" }, say(words, "popup_plot_days_half", { median, low, high })) : null, h("p", { class: "soft small" }, say(words, "popup_plot_days_key"))),
    h(
      "table",
      { class: "small" },
      h("thead", {}, h("tr", {}, head(words, "popup_plot_ordered"), h("td", { class: "bar" }), head(words, "popup_plot_days_taken"), head(words, "popup_plot_days_promised"))),
      h("tbody", {}, ...shipped.map((order) => daysRow(words, order, most))),
    ),
  );
}

/** @param {Words} words @param {string} key */
const head = (words, key) => h("th", { scope: "col", class: "soft" }, say(words, key));

/** @param {Words} words @param {Shipped} order @param {number} most days that the bar has room for */
const daysRow = (words, { placed_at, days, promised_days }, most) => daysBarRow(words, h("th", { scope: "row" }, words.date(placed_at)), days, promised_days, most);

/** @param {Words} words @param {HTMLElement} name of the row @param {number} days @param {number|null} promised @param {number} most days that the bar has room for */
function daysBarRow(words, name, days, promised, most) {
  const inTime = Math.min(days, promised ?? days);
  const line = promised === null ? null : draw("line", { x1: percent(promised / most), x2: percent(promised / most), y1: 0, y2: BAR_PX, stroke: "currentColor", "stroke-width": 2 });
  const bar = draw(
    "svg",
    { class: "drawing", height: BAR_PX, "aria-hidden": "true" },
    solid({ x: 0, y: 3, width: percent(inTime / most), height: BAR_PX - 6 }),
    days > inTime ? striped({ x: percent(inTime / most), y: 3, width: percent((days - inTime) / most), height: BAR_PX - 6 }) : null,
    line,
  );
  return h("tr", {}, name, h("td", { class: "bar" }, bar), h("td", {}, words.value("days", days)), h("td", {}, promised === null ? h("span", { class: "soft" }, say(words, "popup_plot_no_promise")) : words.value("days", promised)));
}

/** @param {Month} month */
const ordersOf = ({ on_time, late, never }) => on_time + late + never;

/** @param {Words} words @param {Month[]} months @param {unknown} trend */
function monthsFigure(words, months, trend) {
  const sum = (/** @type {(month: Month) => number} */ count) => months.reduce((so_far, month) => so_far + count(month), 0);
  const sums = { on_time: sum((month) => month.on_time), late: sum((month) => month.late), never: sum((month) => month.never) };
  return h(
    "figure",
    {},
    h(
      "figcaption",
      {},
      h("h3", {}, say(words, "popup_plot_months")),
      h("p", { class: "small" }, say(words, "popup_plot_months_sum", sums)),
      trend === "worse" || trend === "better" ? h("p", { class: "small" }, say(words, trend === "worse" ? "popup_plot_trend_worse" : "popup_plot_trend_better")) : null,
      h("p", { class: "soft small" }, say(words, "popup_plot_months_key")),
    ),
    monthsDrawing(months),
    h("div", { class: "months soft small", "aria-hidden": "true" }, ...months.map(({ month }) => h("span", {}, String(Number(month.slice(5)))))),
    monthsTable(words, months),
  );
}

/** @param {Month[]} months */
function monthsDrawing(months) {
  const most = Math.max(...months.flatMap(({ on_time, late, never }) => [on_time, late + never]));
  const unit = (HALF_PX - 2) / most;
  const columns = months.flatMap(({ on_time, late, never }, index) => {
    const at = { x: percent((index + 0.2) / months.length), width: percent(0.6 / months.length) };
    return [
      on_time > 0 ? solid({ ...at, y: HALF_PX - on_time * unit, height: on_time * unit }) : null,
      late > 0 ? striped({ ...at, y: HALF_PX, height: late * unit }) : null,
      never > 0 ? hollow({ ...at, y: HALF_PX + late * unit, height: never * unit }) : null,
    ];
  });
  const line = draw("line", { x1: 0, x2: "100%", y1: HALF_PX, y2: HALF_PX, stroke: "currentColor" });
  return draw("svg", { class: "drawing", height: 2 * HALF_PX, "aria-hidden": "true" }, ...columns, line);
}

/** Months with an order, in numbers. @param {Words} words @param {Month[]} months */
function monthsTable(words, months) {
  const name = new Intl.DateTimeFormat(words.tag, { year: "numeric", month: "short", timeZone: "UTC" });
  const rows = months
    .filter((month) => ordersOf(month) > 0)
    .map(({ month, on_time, late, never }) =>
      h("tr", {}, h("th", { scope: "row" }, name.format(Date.parse(`${month}-01T00:00:00Z`))), ...[on_time, late, never].map((count) => h("td", {}, words.value("count", count)))),
    );
  return h(
    "details",
    {},
    h("summary", { class: "small" }, say(words, "popup_plot_table")),
    h("table", { class: "small" }, h("thead", {}, h("tr", {}, ...["popup_plot_month", "popup_count_on_time", "popup_count_late", "popup_count_never"].map((key) => head(words, key)))), h("tbody", {}, ...rows)),
  );
}

/** @typedef {{registry: any, report: any}} Others */

/** Whose numbers these are. @param {Words} words @param {Others} others */
const whose = (words, { registry, report }) => h("p", { class: "soft small" }, say(words, "popup_plot_shared_whose", { registry: registry.name, as_of: registry.as_of, until: report.last_on }));

/** The page's shortest promise of shipping, in days. @param {any} facts @returns {number|null} */
function promisedDays(facts) {
  const hours = (facts?.promises ?? []).filter((/** @type {any} */ one) => one.kind === "ship" && one.max_hours > 0).map((/** @type {any} */ one) => one.max_hours);
  return hours.length > 0 ? Math.min(...hours) / 24 : null;
}

/** Half and nine in ten of the others' orders, against the page's promise. @param {Words} words @param {Others} others @param {number|null} promised */
function sharedDaysFigure(words, others, promised) {
  const { median, p90 } = others.report.counted.days_to_ship ?? {};
  if (typeof median !== "number" || typeof p90 !== "number") return null;
  const most = Math.max(1, p90, promised ?? 0);
  const rows = [["popup_plot_shared_half", median], ["popup_plot_shared_nine", p90]].map(([key, days]) =>
    daysBarRow(words, h("th", { scope: "row" }, say(words, String(key))), Number(days), promised, most),
  );
  return h(
    "figure",
    {},
    h("figcaption", {}, h("h3", {}, say(words, "popup_plot_shared_days")), whose(words, others), h("p", { class: "soft small" }, say(words, "popup_plot_days_key"))),
    h("table", { class: "small" }, h("thead", {}, h("tr", {}, head(words, "popup_plot_shared_orders"), h("td", { class: "bar" }), head(words, "popup_plot_days_taken"), head(words, "popup_plot_days_promised"))), h("tbody", {}, ...rows)),
  );
}

/** How full each month was and how much of it went badly: an index says both in sevenths. @param {Words} words @param {Others} others */
function sharedMonthsFigure(words, others) {
  const months = /** @type {{month: string, volume: number, bad: number}[]} */ (others.report.counted.months ?? []);
  if (!months.some(({ volume }) => volume > 0)) return null;
  const drawn = months.map(({ month, volume, bad }) => ({ month, on_time: volume * (1 - bad / SEVENTHS), late: (volume * bad) / SEVENTHS, never: 0 }));
  const name = new Intl.DateTimeFormat(words.tag, { year: "numeric", month: "short", timeZone: "UTC" });
  const rows = months
    .filter(({ volume }) => volume > 0)
    .map(({ month, volume, bad }) => h("tr", {}, h("th", { scope: "row" }, name.format(Date.parse(`${month}-01T00:00:00Z`))), ...[volume, bad].map((sevenths) => h("td", {}, words.value("share_ratio", sevenths / SEVENTHS)))));
  return h(
    "figure",
    {},
    h("figcaption", {}, h("h3", {}, say(words, "popup_plot_shared_months")), whose(words, others), h("p", { class: "soft small" }, say(words, "popup_plot_shared_months_key"))),
    monthsDrawing(drawn),
    h("div", { class: "months soft small", "aria-hidden": "true" }, ...months.map(({ month }) => h("span", {}, String(Number(month.slice(5)))))),
    h(
      "details",
      {},
      h("summary", { class: "small" }, say(words, "popup_plot_table")),
      h("table", { class: "small" }, h("thead", {}, h("tr", {}, ...["popup_plot_month", "popup_plot_shared_volume", "popup_plot_shared_bad"].map((key) => head(words, key)))), h("tbody", {}, ...rows)),
    ),
  );
}
