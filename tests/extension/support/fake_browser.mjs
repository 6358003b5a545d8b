// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A browser of nothing but memory, enough for the background's modules outside one: storage, permissions, messages, tabs.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const extensionFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../extension");
const ROOT = "chrome-extension://own/";

/** A storage area that keeps copies, as a real one does. */
class Area {
  #data = {};
  async get(key) {
    return structuredClone(key === undefined ? this.#data : { [key]: this.#data[key] });
  }
  async set(changes) {
    Object.assign(this.#data, structuredClone(changes));
  }
  async remove(keys) {
    for (const key of [keys].flat()) delete this.#data[key];
  }
  async clear() {
    this.#data = {};
  }
}

/** Whether a pattern is granted: itself, or with everything. */
function covers(granted, pattern) {
  return granted.some((origin) => origin === pattern || origin === "*://*/*");
}

/**
 * Installs `globalThis.chrome`. Import modules of the extension only after it.
 * @param {{host?: (request: any) => any, shops?: object, granted?: string[]}} [options] host: reply to a request, or undefined to stay silent
 */
export function installFakeBrowser({ host, shops = { families: [], content_scripts: ["content/main.js"] }, granted = [] } = {}) {
  const world = { host, granted: [...granted], scripts: [], sent: [], badges: new Map(), opened: [], requests: [] };
  const event = () => ({ addListener() {} });
  world.storage = { local: new Area(), session: new Area() };
  globalThis.chrome = /** @type {any} */ ({
    runtime: {
      id: "own",
      getURL: (name) => ROOT + name,
      getManifest: () => ({ version: "0.1.0" }),
      connectNative: () => fakePort(world),
      openOptionsPage: async () => world.opened.push("options"),
    },
    i18n: { getUILanguage: () => "en-US" },
    extension: { isAllowedIncognitoAccess: async () => false },
    storage: world.storage,
    permissions: {
      getAll: async () => ({ permissions: [], origins: world.granted }),
      contains: async ({ origins }) => origins.every((origin) => covers(world.granted, origin)),
    },
    scripting: {
      getRegisteredContentScripts: async () => structuredClone(world.scripts),
      registerContentScripts: async (scripts) => void (world.scripts = structuredClone(scripts)),
      updateContentScripts: async (scripts) => void (world.scripts = structuredClone(scripts)),
      unregisterContentScripts: async () => void (world.scripts = []),
      executeScript: async () => [],
    },
    tabs: {
      query: async () => [],
      create: async ({ url }) => void world.opened.push(url),
      sendMessage: async (tabId, message) => void world.sent.push({ tabId, message }),
      onUpdated: event(),
    },
    action: {
      setBadgeText: async ({ tabId, text }) => void world.badges.set(tabId, text),
      setTitle: async () => {},
      setBadgeBackgroundColor: async () => {},
      setBadgeTextColor: async () => {},
    },
  });
  Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-US"] }, configurable: true });
  globalThis.fetch = /** @type {any} */ (
    async (url) => {
      const name = String(url).slice(ROOT.length);
      const text = name === "shops.json" ? JSON.stringify(shops) : fs.readFileSync(path.join(extensionFolder, name), "utf8");
      return { json: async () => JSON.parse(text) };
    }
  );
  return world;
}

/** A port whose host answers at once with what world.host says; hello is answered well unless it says otherwise. */
function fakePort(world) {
  let listener = () => {};
  return {
    onMessage: { addListener: (f) => (listener = f) },
    onDisconnect: { addListener() {} },
    disconnect() {},
    postMessage(request) {
      world.requests.push(request);
      const hello = { protocol_min: 1, protocol_max: 1, version: "0.1.0" };
      const reply = world.host?.(request) ?? (request.op === "hello" ? hello : undefined);
      if (reply) queueMicrotask(() => listener({ v: 1, id: request.id, ok: !reply.error, ...reply }));
    },
  };
}

/** What the browser says of a content script in tab 7. */
export function shopSender(url, { tabId = 7, frameId = 0, incognito = false, tabUrl = url } = {}) {
  return { id: "own", url, frameId, tab: { id: tabId, url: tabUrl, incognito } };
}

/** What the browser says of one of our own pages. */
export const ownSender = { id: "own", url: `${ROOT}pages/popup.html` };
export const own = { id: "own", root: ROOT };
