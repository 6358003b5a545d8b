// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What other shoppers shared of the page's seller: each registry's word with its age, side by side.
import { h, say } from "../lib/dom.js";

/** @typedef {import("../lib/words.js").Words} Words */

/** The word of the registry that knows most of the seller, where it was counted. @param {any} reply @returns {{registry: any, report: any}|null} */
export function heaviestCounted(reply) {
  const all = (reply.pooled?.registries ?? []).flatMap((/** @type {any} */ registry) => (registry.reports ?? []).map((/** @type {any} */ report) => ({ registry, report })));
  const counted = all.filter((/** @type {any} */ { report }) => report.counted);
  const year = (/** @type {any} */ { report }) => report.counted.windows.at(-1)?.all ?? 0;
  return counted.reduce((/** @type {any} */ most, /** @type {any} */ one) => (most === null || year(one) > year(most) ? one : most), null);
}

/** Nothing where there is no registry. @param {Words} words @param {any} reply @param {(registry: any) => Node} [askFor] what asks for a part that is not here */
export function sharedCard(words, reply, askFor) {
  const { registries = [], left_out = [] } = reply.pooled ?? {};
  if (registries.length + left_out.length === 0) return null;
  const items = registries.flatMap((/** @type {any} */ registry) => {
    const from = { registry: registry.name, as_of: registry.as_of, age: registry.age_days };
    const ask = askFor && registry.on_this_disk === false && typeof registry.ask_for === "string" ? askFor(registry) : null;
    if ((registry.reports ?? []).length === 0) return [h("li", { class: "stack" }, h("p", { class: "soft" }, say(words, registry.on_this_disk === false ? "badge_shared_not_here" : "badge_shared_none", from)), ask)];
    return registry.reports.map((/** @type {any} */ report) => h("li", {}, say(words, ...sharedLine(report, from)), neverLine(words, report)));
  });
  const broken = left_out.map((/** @type {any} */ one) => h("li", { class: "overdue" }, say(words, "badge_shared_left_out", { registry: one.name }), h("p", { class: "soft small", lang: "en" }, h("bdi", {}, String(one.message)))));
  return h("section", { class: "card", "aria-labelledby": "shared-title" }, h("h2", { id: "shared-title" }, say(words, "badge_shared_title")), h("ul", { class: "stack" }, ...items, ...broken));
}

/** @param {any} report @param {import("../lib/words.js").Args} from @returns {[string, import("../lib/words.js").Args]} */
function sharedLine({ counted, bad, last_on }, from) {
  const year = counted?.windows?.at(-1);
  if (!year) return ["badge_shared_few", { ...from, low_ratio: bad?.low, high_ratio: bad?.high }];
  return ["badge_shared_counts", { ...from, bad: year.bad, total: year.all, days: year.days, until: last_on, low_ratio: bad?.low, high_ratio: bad?.high }];
}

/** @param {Words} words @param {any} report */
function neverLine(words, { counted }) {
  return counted?.never > 0 ? h("span", {}, " ", say(words, "popup_shared_never", { never: counted.never })) : null;
}
