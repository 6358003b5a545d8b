// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Who may ask for what. Three tiers: any part of ours, a shop page's content script, our own pages. The sender is what
// the browser says it is; a message is never believed about that.
import { check, plan, unread, wentOn } from "./shopping.js";
import { OWN_PAGE_ANSWERS } from "./own_pages.js";
import { openPage } from "./open.js";

/** @typedef {"own_page"|"shop_page"|"stranger"} Trust */
/** @typedef {Record<string, (message: any, sender: any) => Promise<unknown>>} Answers */

/** Asked by any part of the extension. @type {Answers} */
const FROM_ANY_PART = { open: openPage };

/** Asked by the content script of a page: it lives in that page's process, so it gets nothing but answers about that page. @type {Answers} */
const FROM_SHOP_PAGE = { plan, check, unread, went_on: wentOn };

/** Asked by our own pages alone: settings, own experience, data. @type {Answers} */
const FROM_OWN_PAGE = OWN_PAGE_ANSWERS;

/**
 * @param {chrome.runtime.MessageSender} sender
 * @param {{id: string, root: string}} own our id and the address of our pages, with its slash
 * @returns {Trust}
 */
export function trustOf(sender, own) {
  if (sender.id !== own.id || typeof sender.url !== "string") return "stranger";
  if (sender.url.startsWith(own.root)) return "own_page";
  const inTab = Number.isInteger(sender.tab?.id) && Number.isInteger(sender.frameId);
  return inTab && /^https?:\/\//.test(sender.url) ? "shop_page" : "stranger";
}

/** @param {Trust} trust @param {unknown} type */
function answerer(trust, type) {
  if (typeof type !== "string" || trust === "stranger") return undefined;
  const own = trust === "own_page" ? FROM_OWN_PAGE : FROM_SHOP_PAGE;
  return [FROM_ANY_PART, own].find((table) => Object.hasOwn(table, type))?.[type];
}

/**
 * @param {any} message @param {chrome.runtime.MessageSender} sender @param {{id: string, root: string}} own
 * @returns {Promise<unknown>|null} null: not for us, or not for this sender to ask
 */
export function answer(message, sender, own) {
  const found = answerer(trustOf(sender, own), message?.type);
  return found ? found(message, sender) : null;
}
