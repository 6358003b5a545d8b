// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which shops there are: shops.json, made by the packager from the adapters, so that adding a platform touches no script.
import { browser } from "./browser.js";

/**
 * @typedef {{id: string, names: Record<string, string>, matches: string[]}} Family shops that are allowed together
 * @typedef {{families: Family[], content_scripts: string[]}} Shops
 */

/** Every shop there is; asked for apart. */
export const ANY = "any";
export const ANY_MATCHES = ["*://*/*"];
const SITE = "site:";

/** @returns {Promise<Shops>} */
export async function loadShops() {
  return (await fetch(browser.runtime.getURL("shops.json"))).json();
}

/** A single host as a family of its own. @param {string} host */
export function siteFamily(host) {
  return SITE + host;
}

/** The host name of a site family, else null. @param {string} id */
export function siteOf(id) {
  return id.startsWith(SITE) ? id.slice(SITE.length) : null;
}

/**
 * Match patterns of a family, none for one that is not known any more.
 * @param {Shops} shops @param {string} id @returns {string[]}
 */
export function matchesOf(shops, id) {
  if (id === ANY) return ANY_MATCHES;
  const host = siteOf(id);
  if (host !== null) return /^[a-z0-9.-]{1,253}$/.test(host) ? [`*://${host}/*`] : [];
  return shops.families.find((family) => family.id === id)?.matches ?? [];
}

/** The family a host name belongs to. @param {Shops} shops @param {string} host @returns {Family|undefined} */
export function familyOfHost(shops, host) {
  return shops.families.find((family) => family.matches.some((pattern) => hostMatches(pattern, host)));
}

/** @param {string} pattern `*://host/*` or `*://*.host/*` @param {string} host */
function hostMatches(pattern, host) {
  const wanted = pattern.replace(/^[^:]+:\/\//, "").replace(/\/.*$/, "");
  if (!wanted.startsWith("*.")) return wanted === host;
  return host === wanted.slice(2) || host.endsWith(wanted.slice(1));
}
