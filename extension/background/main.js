// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The background: a worker in Chromium, an event page in Firefox; either may be stopped at any idle moment. All listeners
// are registered here, synchronously, and nothing is remembered outside state.js.
import { browser } from "../lib/browser.js";
import { familiesIn, grantedOrigins, serveOpenTabs, syncScripts } from "./families.js";
import { answer } from "./messages.js";
import { openTab } from "./open.js";
import { navigated, refreshAll } from "./shopping.js";
import { changeSettings, state } from "./state.js";

const own = { id: browser.runtime.id, root: browser.runtime.getURL("") };

browser.runtime.onMessage.addListener((message, sender, respond) => {
  const answering = answer(message, sender, own);
  if (!answering) return false;
  answering.then(respond, (error) => {
    note("message", error);
    respond({ status: "error", code: "internal" });
  });
  return true;
});

browser.runtime.onInstalled.addListener(({ reason }) => {
  attempt("installed", async () => {
    await syncScripts();
    await serveOpenTabs(await grantedOrigins()); // after an update too: the scripts of the version before are cut off
    if (reason === "install") await openTab("pages/welcome.html");
  });
});

browser.runtime.onStartup.addListener(() => attempt("startup", syncScripts));

browser.permissions.onAdded.addListener(({ origins = [] }) => {
  attempt("permissions", async () => {
    await syncScripts();
    const { settings } = await state();
    await changeSettings({ families: [...settings.families, ...(await familiesIn(origins))] });
    await serveOpenTabs(origins);
  });
});

browser.permissions.onRemoved.addListener(() => {
  attempt("permissions", async () => {
    await syncScripts();
    await refreshAll();
  });
});

// Also fires when a script changes the address; `url` is there only for pages we were let into.
browser.tabs.onUpdated.addListener((tabId, { url }) => {
  if (url !== undefined) attempt("navigated", () => navigated(tabId, url));
});

browser.tabs.onRemoved.addListener((tabId) => {
  attempt("closed", async () => (await state()).session.forgetTab(tabId));
});

/** @param {string} what @param {() => Promise<unknown>} work */
function attempt(what, work) {
  work().catch((error) => note(what, error));
}

/** @param {string} what @param {unknown} error */
async function note(what, error) {
  console.warn(what, error);
  (await state()).session.addProblem(what, String(error));
}
