// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The extension's own settings, kept in storage.local. Caution and the value threshold are the host's, because it judges.
import { browser } from "../lib/browser.js";

/**
 * @typedef {object} Settings
 * @property {string} language "auto" or a language of lib/words.js
 * @property {boolean} private_windows whether private windows are checked, where the browser lets us into them at all
 * @property {string[]} paused host names on which Kaopu stays silent
 * @property {string[]} families shop families the shopper turned on; one that is not granted any more was revoked
 */

/** @type {Readonly<Settings>} */
export const DEFAULTS = Object.freeze({ language: "auto", private_windows: false, paused: [], families: [] });

/** @param {any} stored anything @returns {Settings} with what is not understood at its default */
export function readSettings(stored) {
  const texts = (/** @type {unknown} */ list) =>
    Array.isArray(list) ? [...new Set(list.filter((text) => typeof text === "string" && text.length <= 300))] : [];
  return {
    language: ["auto", "en", "zh_CN"].includes(stored?.language) ? stored.language : DEFAULTS.language,
    private_windows: stored?.private_windows === true,
    paused: texts(stored?.paused).sort(),
    families: texts(stored?.families).sort(),
  };
}

/** @returns {Promise<Settings>} */
export async function loadSettings() {
  return readSettings((await browser.storage.local.get("settings")).settings);
}

/** @param {Settings} settings @returns {Promise<Settings>} as stored */
export async function saveSettings(settings) {
  const clean = readSettings(settings);
  await browser.storage.local.set({ settings: clean });
  return clean;
}
