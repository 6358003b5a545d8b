// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Questions of our pages to the background.
import { browser } from "../lib/browser.js";

/**
 * @typedef {{status: string, code: string, detail?: string, reply?: any}} HostAnswer status "ok" or why there is no reply
 */

/** @param {string} type @param {object} [fields] @returns {Promise<any>} */
export function ask(type, fields = {}) {
  return browser.runtime.sendMessage({ ...fields, type });
}

/**
 * @param {string} op an operation of the host @param {object} [fields] @param {{again?: boolean}} [options] again: do not wait out an earlier failure
 * @returns {Promise<HostAnswer>}
 */
export function askHost(op, fields = {}, { again = false } = {}) {
  return ask("host", { op, fields, again });
}
