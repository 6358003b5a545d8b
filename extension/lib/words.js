// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What people read: messages of _locales in the language the shopper chose, which browser.i18n cannot give (it always
// takes the browser's). `$NAME$` in a message is replaced by the argument of that name; what comes from a page is put
// into its own <bdi>, so that its direction cannot spill into our sentence.
import { browser } from "./browser.js";

export const LANGUAGES = /** @type {const} */ (["en", "zh_CN"]);
/** @typedef {typeof LANGUAGES[number]} Language */
/** @typedef {Record<string, unknown>} Args */

/**
 * The language to speak: the chosen one, or with "auto" the first of the browser's that we have, else English.
 * @param {string|undefined} chosen "auto" or a language
 * @param {readonly string[]} preferred as in "zh-TW", "en-GB", the best first
 * @returns {Language}
 */
export function pickLanguage(chosen, preferred) {
  const byPrefix = (/** @type {string} */ tag) => LANGUAGES.find((language) => language.slice(0, 2) === tag.slice(0, 2).toLowerCase());
  const nearest = preferred.map(byPrefix).find((language) => language !== undefined);
  return LANGUAGES.find((language) => language === chosen) ?? nearest ?? "en";
}

/**
 * Chrome's message format to a flat table.
 * @param {any} messages content of a messages.json
 * @returns {Record<string, string>}
 */
export function flatten(messages) {
  return Object.fromEntries(Object.entries(messages).map(([key, entry]) => [key, String(entry.message)]));
}

/**
 * @param {Language} language
 * @returns {Promise<Record<string, string>>}
 */
async function readTable(language) {
  const response = await fetch(browser.runtime.getURL(`_locales/${language}/messages.json`));
  return flatten(await response.json());
}

/**
 * @param {string|undefined} chosen "auto" or a language
 * @returns {Promise<Words>}
 */
export async function loadWords(chosen) {
  const language = pickLanguage(chosen, [...navigator.languages, browser.i18n.getUILanguage()]);
  const english = readTable("en");
  const own = language === "en" ? {} : await readTable(language);
  return new Words(language, { ...(await english), ...own });
}

/**
 * Text from outside as it may stand among ours: no control characters, and none that turn the direction of what follows.
 * @param {string} text
 */
export function tame(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, " ");
}

/** A piece of a worded message: our own text, or an argument's. @typedef {{text: string, foreign: boolean}} Piece */

export class Words {
  #table;
  #number;
  #precise;
  #ratio;
  #date;

  /** @param {Language} language @param {Record<string, string>} table */
  constructor(language, table) {
    this.language = language;
    /** BCP 47, for `lang` attributes and Intl. */
    this.tag = language.replace("_", "-");
    this.#table = table;
    this.#number = new Intl.NumberFormat(this.tag, { maximumFractionDigits: 1 });
    this.#precise = new Intl.NumberFormat(this.tag, { maximumFractionDigits: 3 });
    this.#ratio = new Intl.NumberFormat(this.tag, { style: "percent", maximumFractionDigits: 0 });
    this.#date = new Intl.DateTimeFormat(this.tag, { dateStyle: "medium", timeZone: "UTC" });
  }

  /** @param {string} key */
  has(key) {
    return Object.hasOwn(this.#table, key);
  }

  /** Messages whose key has one of the prefixes. @param {readonly string[]} prefixes @returns {Record<string, string>} */
  subset(prefixes) {
    const wanted = Object.entries(this.#table).filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix)));
    return Object.fromEntries(wanted);
  }

  /**
   * The message in pieces. An unknown key is said as itself, a missing argument as nothing.
   * @param {string} key
   * @param {Args} [args] names in lower case
   * @returns {Piece[]}
   */
  pieces(key, args = {}) {
    const message = this.has(key) ? /** @type {string} */ (this.#table[key]) : key;
    return message
      .split(/(\$\$|\$[A-Za-z0-9_@]+\$)/)
      .map((part, index) => {
        if (index % 2 === 0) return { text: part, foreign: false };
        if (part === "$$") return { text: "$", foreign: false };
        const name = part.slice(1, -1).toLowerCase();
        const value = Object.hasOwn(args, name) ? args[name] : "";
        return { text: this.value(name, value), foreign: typeof value === "string" };
      })
      .filter((piece) => piece.text !== "");
  }

  /** The message as plain text, for attributes and titles. @param {string} key @param {Args} [args] */
  say(key, args) {
    return this.pieces(key, args).map((piece) => piece.text).join("");
  }

  /**
   * One argument as text: numbers and ISO dates the way this language writes them; `..._ratio` as percent.
   * @param {string} name @param {unknown} value @returns {string}
   */
  value(name, value) {
    if (typeof value === "number") return (name.endsWith("_ratio") ? this.#ratio : this.#number).format(value);
    const text = tame(String(value ?? ""));
    return /^\d{4}-\d{2}-\d{2}$/.test(text) ? this.date(text) : text;
  }

  /** A number of an explanation, with three decimals. @param {number} value */
  precise(value) {
    return this.#precise.format(value);
  }

  /** @param {string} iso `YYYY-MM-DD` */
  date(iso) {
    const time = Date.parse(`${iso}T00:00:00Z`);
    return Number.isNaN(time) ? iso : this.#date.format(time);
  }

  /** @param {number} amountMinor @param {string} currency ISO 4217 */
  money(amountMinor, currency) {
    try {
      const format = new Intl.NumberFormat(this.tag, { style: "currency", currency });
      return format.format(amountMinor / 10 ** minorDigits(currency));
    } catch {
      return `${amountMinor} ${currency}`;
    }
  }
}

/** Decimals of a currency: 2 for CNY, 0 for JPY. @param {string} currency */
export function minorDigits(currency) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}
