// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Opens one of our pages; the popup as a page of its own where the browser does not let us drop it down.
import { browser } from "../lib/browser.js";

/** @param {{what?: unknown}} message @param {chrome.runtime.MessageSender} sender */
export async function openPage(message, sender) {
  if (message.what === "options") await browser.runtime.openOptionsPage();
  else if (message.what === "welcome") await openTab("pages/welcome.html");
  else if (message.what === "popup") await openPopup(sender.tab);
  else return { ok: false };
  return { ok: true };
}

/** @param {chrome.tabs.Tab|undefined} tab */
async function openPopup(tab) {
  try {
    await browser.action.openPopup(tab?.windowId === undefined ? {} : { windowId: tab.windowId });
  } catch {
    await openTab(`pages/popup.html${tab?.id === undefined ? "" : `?tab=${tab.id}`}`);
  }
}

/** @param {string} path */
export function openTab(path) {
  return browser.tabs.create({ url: browser.runtime.getURL(path) });
}
