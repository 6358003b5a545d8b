// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The list of shop families with a switch each: on first-run page and in the settings.
import { browser } from "../lib/browser.js";
import { foreign, h, say } from "../lib/dom.js";
import { ANY, ANY_MATCHES, matchesOf, siteOf } from "../lib/shops.js";
import { ask } from "./ask.js";
import { familyName } from "./frame.js";

/** @typedef {import("../lib/words.js").Words} Words */
/** @typedef {{words: Words, shops: import("../lib/shops.js").Shops, overview: any, onChange: () => void}} Context */

/** @param {Context} context @returns {HTMLElement} */
export function familyList(context) {
  const { words, shops, overview } = context;
  const any = overview.granted.includes(ANY);
  const rows = shops.families.map((family) => row(context, family.id, familyName(words, family), family.matches, any || overview.granted.includes(family.id), any));
  const sites = overview.granted.flatMap((/** @type {string} */ id) => {
    const host = siteOf(id);
    return host === null ? [] : [row(context, id, foreign(host), matchesOf(shops, id), true, any)];
  });
  return h("ul", { class: "families" }, ...rows, ...sites);
}

/** The switch for every shop there is. @param {Context} context */
export function anyShopSwitch(context) {
  const { words, overview } = context;
  return h("ul", {}, row(context, ANY, say(words, "options_any_shop"), ANY_MATCHES, overview.granted.includes(ANY), false));
}

/**
 * @param {Context} context @param {string} id @param {import("../lib/dom.js").Child} name @param {string[]} origins
 * @param {boolean} on @param {boolean} covered "any shop" is on, so this switch has nothing to say
 */
function row(context, id, name, origins, on, covered) {
  const change = async (/** @type {any} */ event) => {
    if (event.target.checked) await turnOn(id, origins);
    else await turnOff(id, origins);
    context.onChange();
  };
  return h("li", {}, h("label", { class: "choice" }, h("input", { type: "checkbox", checked: on, disabled: covered, onchange: change }), h("span", {}, name)));
}

/** The request comes first, for it must start inside the click. @param {string} id @param {string[]} origins */
async function turnOn(id, origins) {
  if (await browser.permissions.request({ origins })) await ask("family_on", { id });
}

/** @param {string} id @param {string[]} origins */
async function turnOff(id, origins) {
  await ask("family_off", { id });
  await browser.permissions.remove({ origins });
}

/** All families of the list at once. @param {Context} context */
export async function turnAllOn({ shops, onChange }) {
  const origins = shops.families.flatMap((family) => family.matches);
  if (await browser.permissions.request({ origins })) {
    for (const { id } of shops.families) await ask("family_on", { id });
  }
  onChange();
}
