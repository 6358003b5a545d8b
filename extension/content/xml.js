// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Text of a page made fit for the snapshot: cleaned, folded, escaped, counted in bytes of UTF-8. Pure.

/** @typedef {ReturnType<typeof kaopuXml>} KaopuXml */
function kaopuXml() {
  const VALUE_BYTES_MAX = 4096;
  const CHUNK = 32_768;
  const SUSPECT = /[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/; // a quick look before the exact one
  const FORBIDDEN = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
  const FORBIDDEN_ALL = new RegExp(FORBIDDEN.source, "gu");
  // What is written as it is: nothing to drop, to fold or to escape. (A surrogate is looked at more closely.)
  const NOT_PLAIN_VALUE = /[^ !#-%'-;=?-\ud7ff\ue000-\ufffd]/;
  const NOT_PLAIN_TEXT = /[^ !-%'-;=?-\ud7ff\ue000-\ufffd]| {2}/;
  const ENCODED_AT_ONCE = 8192; // units: the browser copies what it is given, all of it, before it encodes what there is room for
  const ENCODED = new Uint8Array(3 * (ENCODED_AT_ONCE + 1));
  const encoder = new TextEncoder();
  const ENTITIES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" });

  /** @param {string} text @returns {number} bytes as UTF-8; `text` has no lone surrogate */
  function bytesOf(text) {
    if (!/[^\x00-\x7f]/.test(text)) return text.length;
    let bytes = 0;
    for (let at = 0; at < text.length; ) {
      const part = piece(text, at, ENCODED_AT_ONCE);
      at += part.length;
      bytes += encoder.encodeInto(part, ENCODED).written;
    }
    return bytes;
  }

  /** Without what XML 1.0 does not allow. @param {string} text */
  const clean = (text) => (SUSPECT.test(text) && FORBIDDEN.test(text) ? text.replace(FORBIDDEN_ALL, "") : text);

  /** White space runs become one space. @param {string} text */
  const fold = (text) => (/[\t\n\f\r]| {2}/.test(text) ? text.replace(/[ \t\n\f\r]+/g, " ") : text);

  /** @param {string} text */
  const escape = (text) => (/[&<>]/.test(text) ? text.replace(/[&<>]/g, (mark) => ENTITIES[mark] ?? "") : text);

  /** @param {string} text @param {number} max @returns {string} the longest start of at most `max` bytes that ends at a character */
  function cut(text, max) {
    if (text.length * 3 <= max || bytesOf(text) <= max) return text;
    let [bytes, end] = [0, 0];
    while (end < text.length) {
      const point = /** @type {number} */ (text.codePointAt(end));
      const size = point > 0xffff ? 4 : point > 0x7ff ? 3 : point > 0x7f ? 2 : 1;
      if (bytes + size > max) break;
      bytes += size;
      end += point > 0xffff ? 2 : 1;
    }
    return text.slice(0, end);
  }

  /** A piece of `text` from `start`, not ending inside a character. @param {string} text @param {number} start @param {number} size */
  function piece(text, start, size) {
    const end = start + size;
    const splits = end < text.length && text.charCodeAt(end - 1) >= 0xd800 && text.charCodeAt(end - 1) <= 0xdbff;
    return text.slice(start, splits ? end + 1 : end);
  }

  /** Cleaned and cut, of a text of any length. @param {string} raw @param {(text: string) => string} prepare */
  function shortened(raw, prepare) {
    let text = "";
    for (let at = 0; at < raw.length && text.length <= VALUE_BYTES_MAX; ) {
      const part = piece(raw, at, 2 * VALUE_BYTES_MAX);
      at += part.length;
      text += clean(prepare(part));
    }
    return cut(text, VALUE_BYTES_MAX);
  }

  return {
    bytesOf,
    clean,
    escape,

    /** An attribute as written, with the space before it. @param {string} name @param {string} value */
    attribute(name, value) {
      if (value.length * 3 <= VALUE_BYTES_MAX && !NOT_PLAIN_VALUE.test(value)) return ` ${name}="${value}"`;
      const text = shortened(value, (part) => part).replace(/[\t\n\r]/g, " ");
      return ` ${name}="${/[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (mark) => ENTITIES[mark] ?? "") : text}"`;
    },

    /** The text of a title. @param {string} raw */
    title: (raw) => escape(cut(fold(shortened(raw, fold)), VALUE_BYTES_MAX)),

    /** Whether a text should be read in pieces. @param {string} raw */
    isLong: (raw) => raw.length > CHUNK,

    /** A text node as written that is not long. @param {string} raw */
    short: (raw) => (NOT_PLAIN_TEXT.test(raw) ? escape(clean(fold(raw))) : raw),

    /**
     * A text node or script as written. Long ones are read in pieces and given up as soon as they cannot fit.
     * Yields between pieces, so that the caller may rest.
     * @param {string} raw @param {boolean} folds @param {number} bytesMax
     * @returns {Generator<void, string|null, void>} null: longer than `bytesMax`
     */
    *written(raw, folds, bytesMax) {
      if (raw.length <= CHUNK) {
        const text = escape(clean(folds ? fold(raw) : raw));
        return bytesOf(text) <= bytesMax ? text : null;
      }
      const parts = [];
      let [bytes, spaced] = [0, false];
      for (let at = 0; at < raw.length; ) {
        const part = piece(raw, at, CHUNK);
        at += part.length;
        const folded = folds ? fold(part) : part;
        const text = escape(clean(folds && spaced && folded.startsWith(" ") ? folded.slice(1) : folded));
        spaced = folded.endsWith(" ");
        bytes += bytesOf(text);
        if (bytes > bytesMax) return null;
        parts.push(text);
        yield;
      }
      return parts.join("");
    },
  };
}
kaopu.xml ??= kaopuXml();
