// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Building our own pages. Text only ever becomes text nodes; there is no way here from a string to markup.
import { tame } from "./words.js";

/** @typedef {Node|string|null|undefined|false} Leaf */
/** @typedef {Leaf|any[]} Child a leaf, or a list of children */

/**
 * An element. `props`: `class`, attributes by name (true = present, false/null = absent), `onclick`-like functions as listeners.
 * @param {string} tag @param {Record<string, any>} [props] @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  return build(document.createElement(tag), props, children);
}

/**
 * An element of a drawing, as `h` makes them.
 * @param {string} tag @param {Record<string, any>} [props] @param {...Child} children
 * @returns {SVGElement}
 */
export function draw(tag, props = {}, ...children) {
  return build(/** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", tag)), props, children);
}

/** @template {Element} E @param {E} element @param {Record<string, any>} props @param {Child[]} children @returns {E} */
function build(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

/** @param {Node} parent @param {Child[]} children */
function append(parent, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child) parent.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  }
}

/** Replaces what an element holds. @param {Element} element @param {...Child} children */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/**
 * A worded message; arguments from outside stand in a <bdi> of their own.
 * @param {import("./words.js").Words} words @param {string} key @param {import("./words.js").Args} [args]
 */
export function say(words, key, args) {
  const fragment = document.createDocumentFragment();
  append(fragment, words.pieces(key, args).map(({ text, foreign }) => (foreign ? h("bdi", {}, text) : text)));
  return fragment;
}

/** Text from a page, kept apart from its surroundings. @param {string} text */
export function foreign(text) {
  return h("bdi", {}, tame(text));
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element #${id}`);
  return element;
}
