// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What every part of the background shares: the line to the host and what is remembered. Loaded once a worker's life.
import { browser } from "../lib/browser.js";
import { HostError, HostLine } from "../lib/port.js";
import { loadWords } from "../lib/words.js";
import { Session } from "./session.js";
import { loadSettings, saveSettings } from "./settings.js";

export const HOST_NAME = "io.github.kaopu.host"; // WIRE

/**
 * @typedef {object} State
 * @property {Session} session
 * @property {import("./settings.js").Settings} settings
 * @property {import("../lib/words.js").Words} words
 */

/** @type {Promise<State>|null} */
let loaded = null;

/** @returns {Promise<State>} */
export function state() {
  loaded ??= load();
  return loaded;
}

async function load() {
  const [session, settings] = await Promise.all([Session.open(), loadSettings()]);
  return { session, settings, words: await loadWords(settings.language) };
}

/** @param {Partial<import("./settings.js").Settings>} changes @returns {Promise<State>} */
export async function changeSettings(changes) {
  const current = await state();
  current.settings = await saveSettings({ ...current.settings, ...changes });
  if (changes.language !== undefined) current.words = await loadWords(current.settings.language);
  return current;
}

/** Forgets settings and session. */
export async function forgetEverything() {
  const current = await state();
  await current.session.clear();
  await browser.storage.local.clear();
  loaded = null;
}

export const line = new HostLine({
  connect: () => /** @type {any} */ (browser.runtime.connectNative(HOST_NAME)),
  lastError: () => browser.runtime.lastError?.message,
  version: browser.runtime.getManifest().version,
  log: (kind, detail) => void state().then(({ session }) => session.addProblem(kind, detail)),
});

/**
 * A failed request in the words of the contract with content scripts and pages.
 * @param {unknown} error
 * @returns {{status: "no_host"|"timeout"|"error"|"old_host"|"old_extension", code: string, detail: string}}
 */
export function failure(error) {
  if (!(error instanceof HostError)) return { status: "error", code: "internal", detail: String(error) };
  const { kind, code, message: detail } = error;
  const status = kind === "died" || kind === "protocol" || kind === "refused" ? "error" : kind;
  return { status, code, detail };
}
