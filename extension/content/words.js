// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Messages in pages: what lib/words.js is to the extension's own pages, for classic scripts. The table comes with the plan.

/** @typedef {ReturnType<typeof kaopuWords>} KaopuWords */
function kaopuWords() {
  /** @typedef {{text: string, foreign: boolean}} Piece our own text, or an argument's */

  /** @param {Wording} wording @param {string} name @param {unknown} value @returns {string} */
  function shown(wording, name, value) {
    const text = String(value ?? "");
    if (typeof value === "number") {
      const style = name.endsWith("_ratio") ? { style: /** @type {const} */ ("percent"), maximumFractionDigits: 0 } : { maximumFractionDigits: 1 };
      return new Intl.NumberFormat(wording.language, style).format(value);
    }
    const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
    return Number.isNaN(time) ? text : new Intl.DateTimeFormat(wording.language, { dateStyle: "medium", timeZone: "UTC" }).format(time);
  }

  /**
   * The message in pieces. An unknown key is said as itself, a missing argument as nothing.
   * @param {Wording} wording @param {string} key @param {Record<string, unknown>} [args] names in lower case
   * @returns {Piece[]}
   */
  function pieces(wording, key, args = {}) {
    const message = Object.hasOwn(wording.table, key) ? String(wording.table[key]) : key;
    return message
      .split(/(\$\$|\$[A-Za-z0-9_@]+\$)/)
      .map((part, index) => {
        if (index % 2 === 0) return { text: part, foreign: false };
        if (part === "$$") return { text: "$", foreign: false };
        const name = part.slice(1, -1).toLowerCase();
        const value = Object.hasOwn(args, name) ? args[name] : "";
        return { text: shown(wording, name, value), foreign: typeof value === "string" };
      })
      .filter((piece) => piece.text !== "");
  }

  return {
    pieces,

    /** As plain text, for attributes. @param {Wording} wording @param {string} key @param {Record<string, unknown>} [args] */
    say: (wording, key, args) => pieces(wording, key, args).map((piece) => piece.text).join(""),

    /** @param {Wording} wording @param {any} price {amount_minor, currency} or null @returns {string} "" where it cannot be said */
    money(wording, price) {
      if (!Number.isSafeInteger(price?.amount_minor)) return "";
      try {
        const format = new Intl.NumberFormat(wording.language, { style: "currency", currency: price.currency });
        return format.format(price.amount_minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
      } catch {
        return "";
      }
    },
  };
}
kaopu.words ??= kaopuWords();
