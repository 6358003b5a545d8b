// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A page in jsdom with the content scripts in it, and a background that the test plays. jsdom has no layout: every
// rendered element is given a box, so that what asks for one finds it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { JSDOM, VirtualConsole } from "jsdom";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const folder = path.join(root, "extension/content");
export const FILES = JSON.parse(readFileSync(path.join(folder, "files.json"), "utf8"));
const sources = new Map(FILES.map((name) => [name, readFileSync(path.join(folder, name), "utf8")]));

/** Messages of a language, flat. @param {string} language */
export function table(language) {
  const messages = JSON.parse(readFileSync(path.join(root, "extension/_locales", language, "messages.json"), "utf8"));
  return Object.fromEntries(Object.entries(messages).map(([key, { message }]) => [key, message]));
}

/** The vectors of the snapshot, with text in full. */
export function vectors() {
  const whole = (text) => (typeof text === "string" ? text : text.map((part) => (typeof part === "string" ? part
    : Array.from({ length: part.times }, (_, i) => part.repeat.replaceAll("{i}", String(i))).join(""))).join(""));
  const all = JSON.parse(readFileSync(path.join(root, "tests/vectors/snapshot.json"), "utf8"));
  return all.map((vector) => ({ ...vector, html: whole(vector.html), xml: whole(vector.xml) }));
}

/**
 * @param {string} html
 * @param {{url?: string, files?: string[], answer?: (message: any) => any}} [options] `files`: up to and with this one; `answer`: the background
 */
export function openPage(html, { url = "https://shop.example/item/1", files = FILES.filter((name) => name !== "main.js"), answer = () => null } = {}) {
  const dom = new JSDOM(html, { url, runScripts: "dangerously", pretendToBeVisual: true, virtualConsole: new VirtualConsole() });
  const { window } = dom;
  const asked = [];
  const listeners = [];
  Object.assign(window, { MessageChannel, TextEncoder, Uint8Array, 
    ResizeObserver: class { constructor(told) { this.told = told; } observe() { this.timer = setTimeout(() => this.told([]), 0); } disconnect() { clearTimeout(this.timer); } } });
  window.Element.prototype.getBoundingClientRect = function () {
    const none = this.closest("[hidden]") !== null;
    return { x: 0, y: 0, left: 0, top: 0, right: none ? 0 : 100, bottom: none ? 0 : 20, width: none ? 0 : 100, height: none ? 0 : 20 };
  };
  window.Document.prototype.elementFromPoint = () => null;
  window.HTMLDialogElement.prototype.showModal = function () { this.setAttribute("open", ""); };
  window.HTMLDialogElement.prototype.close = function () { this.removeAttribute("open"); };
  window.chrome = { runtime: {
    sendMessage: async (message) => { asked.push(message); return answer(message); },
    onMessage: { addListener: (listener) => listeners.push(listener) },
  } };
  for (const name of files) window.eval(/** @type {string} */ (sources.get(name)));
  return { window, document: window.document, kaopu: window.eval("kaopu"), asked, tell: (message) => listeners.forEach((listener) => listener(message)), close: () => window.close() };
}

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
