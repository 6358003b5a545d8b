// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Where the content scripts run: exactly where the browser says we may. The granted origins are the truth; what the
// shopper turned on is only remembered to notice that a grant was taken back.
import { browser } from "../lib/browser.js";
import { ANY, loadShops, matchesOf, siteFamily } from "../lib/shops.js";

const SCRIPT_ID = "kaopu";

/** Match patterns of web pages that the browser grants us now. @returns {Promise<string[]>} */
export async function grantedOrigins() {
  const { origins = [] } = await browser.permissions.getAll();
  return origins.filter((origin) => /^(<all_urls>$|(\*|https?):\/\/)/.test(origin)).sort();
}

/** Makes the registered content scripts fit the grants; both survive a browser restart. */
export async function syncScripts() {
  const matches = await grantedOrigins();
  const [registered] = await browser.scripting.getRegisteredContentScripts({ ids: [SCRIPT_ID] });
  if (matches.length === 0) {
    if (registered) await browser.scripting.unregisterContentScripts({ ids: [SCRIPT_ID] });
    return;
  }
  const { content_scripts } = await loadShops();
  /** @type {chrome.scripting.RegisteredContentScript} */
  const script = { id: SCRIPT_ID, js: content_scripts, matches, runAt: "document_start", allFrames: true, persistAcrossSessions: true };
  if (registered) await browser.scripting.updateContentScripts([script]);
  else await browser.scripting.registerContentScripts([script]);
}

/** Pages that were open before we were allowed in are served at once. @param {string[]} origins */
export async function serveOpenTabs(origins) {
  const tabs = origins.length > 0 ? await browser.tabs.query({ url: origins }) : [];
  await Promise.all(tabs.map((tab) => (tab.id === undefined || tab.discarded ? undefined : serveTab(tab.id))));
}

/** @param {number} tabId @returns {Promise<boolean>} whether the page could be reached */
export async function serveTab(tabId) {
  const { content_scripts: files } = await loadShops();
  try {
    await browser.scripting.executeScript({ target: { tabId, allFrames: true }, files, injectImmediately: true });
    return true;
  } catch {
    return false; // a page that no extension may touch, or one that is gone
  }
}

/** Families whose every origin is granted. @returns {Promise<string[]>} */
export async function grantedFamilies() {
  const shops = await loadShops();
  const granted = await Promise.all(
    [ANY, ...shops.families.map((family) => family.id)].map(async (id) => ((await isGranted(matchesOf(shops, id))) ? id : null)),
  );
  const families = granted.filter((id) => id !== null);
  return families.includes(ANY) ? [ANY] : families;
}

/** The families that a new grant completes, and single sites in it. @param {string[]} origins @returns {Promise<string[]>} */
export async function familiesIn(origins) {
  const shops = await loadShops();
  const known = new Set(shops.families.flatMap((family) => family.matches));
  const hosts = origins.filter((origin) => !known.has(origin)).map((origin) => /^\*:\/\/([a-z0-9.-]+)\/\*$/.exec(origin)?.[1]);
  return [...(await grantedFamilies()), ...hosts.flatMap((host) => (host ? [siteFamily(host)] : []))];
}

/** Families and sites that were turned on and are not allowed any more. @param {string[]} wanted @returns {Promise<string[]>} */
export async function revokedFamilies(wanted) {
  const shops = await loadShops();
  const revoked = [];
  for (const id of wanted) {
    const origins = matchesOf(shops, id);
    if (origins.length > 0 && !(await isGranted(origins))) revoked.push(id);
  }
  return revoked;
}

/** @param {string[]} origins */
function isGranted(origins) {
  return origins.length === 0 ? Promise.resolve(false) : browser.permissions.contains({ origins });
}
