// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the background must remember while the browser runs and no longer: storage.session, which lives in memory, outlasts
// the worker and is closed to content scripts. One owner, so reads come from a mirror and every change is written through.
// One thing outlasts the browser, until the day is over: whom the shopper went on with today (storage.local), because "not
// asked again today" is a promise. What happens in private windows stays in memory.
import { browser } from "../lib/browser.js";

const PLANS_MAX = 200;
const DANGEROUS_MAX = 500;
const ALLOWED_MAX = 200;
const PROBLEMS_MAX = 32;

/**
 * @typedef {{plan: object|null, generic: object|null}} HostPlan
 * @typedef {{url: string, status: string, code: string, reply: any, stopped?: boolean}} FrameResult status as told to the content script; `stopped`: the page is not read any more, for a field for a secret
 * @typedef {{url: string, frames: Record<string, FrameResult>, privately: boolean}} TabRecord url of the top page, "" while unknown
 * @typedef {{at: number, kind: string, detail: string}} Problem
 * @typedef {{day: string, keys: string[]}} Allowed keys: a seller's key, or for one without a key "host name"
 */

/** @type {Allowed} */
const NOBODY = { day: "", keys: [] };

export class Session {
  /** @type {Record<string, HostPlan>} */ #plans;
  /** @type {Record<string, string>} seller key -> name */ #dangerous;
  /** @type {Allowed} */ #allowed;
  /** @type {Allowed} in private windows */ #allowedPrivately;
  /** @type {Problem[]} */ #problems;
  /** @type {Map<number, TabRecord>} */ #tabs = new Map();

  /** @param {Record<string, any>} stored @param {Allowed} [allowed] as kept on disk */
  constructor(stored, allowed = NOBODY) {
    this.#plans = stored.plans ?? {};
    this.#dangerous = stored.dangerous ?? {};
    this.#allowed = allowed;
    this.#allowedPrivately = stored.allowed ?? NOBODY;
    this.#problems = stored.problems ?? [];
    for (const [key, value] of Object.entries(stored)) {
      if (key.startsWith("tab:")) this.#tabs.set(Number(key.slice(4)), value);
    }
  }

  static async open() {
    const [stored, { allowed }] = await Promise.all([browser.storage.session.get(), browser.storage.local.get("allowed")]);
    return new Session(stored, readAllowed(allowed));
  }

  /** @param {Record<string, unknown>} change */
  #write(change) {
    browser.storage.session.set(change).catch((error) => console.warn("session/set", error));
  }

  /** @param {string} host @returns {HostPlan|undefined} */
  plan(host) {
    return Object.hasOwn(this.#plans, host) ? this.#plans[host] : undefined;
  }

  /** @param {string} host @param {HostPlan} plan */
  setPlan(host, plan) {
    this.#plans = lastEntries({ ...this.#plans, [host]: plan }, PLANS_MAX);
    this.#write({ plans: this.#plans });
  }

  forgetPlans() {
    this.#plans = {};
    this.#write({ plans: {} });
  }

  /** Sellers found dangerous in this browser session. @returns {{key: string, name: string}[]} */
  dangerousSellers() {
    return Object.entries(this.#dangerous).map(([key, name]) => ({ key, name }));
  }

  /** @param {{seller: any, verdict: string}[]} sellers judged just now */
  noteSellers(sellers) {
    const dangerous = { ...this.#dangerous };
    for (const { seller, verdict } of sellers) {
      if (typeof seller?.key !== "string") continue;
      delete dangerous[seller.key];
      if (verdict === "danger") dangerous[seller.key] = String(seller.name ?? "");
    }
    this.#dangerous = lastEntries(dangerous, DANGEROUS_MAX);
    this.#write({ dangerous: this.#dangerous });
  }

  /** Sellers the shopper went on with. @param {string} day today, local @returns {string[]} */
  allowedOn(day) {
    return [this.#allowed, this.#allowedPrivately].flatMap((allowed) => (allowed.day === day ? allowed.keys : []));
  }

  /** What of it is on disk, for the shopper's export. @returns {Allowed} */
  get allowed() {
    return this.#allowed;
  }

  /** @param {string} day @param {string} key @param {boolean} privately in a private window: not on disk */
  allow(day, key, privately) {
    const before = privately ? this.#allowedPrivately : this.#allowed;
    const others = before.day === day ? before.keys.filter((known) => known !== key) : [];
    const allowed = { day, keys: [...others, key].slice(-ALLOWED_MAX) };
    if (privately) {
      this.#allowedPrivately = allowed;
      this.#write({ allowed });
    } else {
      this.#allowed = allowed;
      browser.storage.local.set({ allowed }).catch((error) => console.warn("local/set", error));
    }
  }

  /** Yesterday's go-ons are nobody's business any more. @param {string} day today, local */
  forgetOtherDays(day) {
    if (this.#allowed.day === day || this.#allowed.day === "") return;
    this.#allowed = NOBODY;
    browser.storage.local.remove("allowed").catch((error) => console.warn("local/remove", error));
  }

  /** @param {number} id @returns {TabRecord|undefined} */
  tab(id) {
    return this.#tabs.get(id);
  }

  /** @returns {number[]} */
  tabIds() {
    return [...this.#tabs.keys()];
  }

  /** @param {number} id @param {TabRecord} record */
  setTab(id, record) {
    this.#tabs.set(id, record);
    this.#write({ [`tab:${id}`]: record });
  }

  /** @param {number} id */
  forgetTab(id) {
    const record = this.#tabs.get(id);
    if (!this.#tabs.delete(id)) return;
    const keys = [`tab:${id}`];
    if (record?.privately && ![...this.#tabs.values()].some(({ privately }) => privately)) {
      this.#allowedPrivately = NOBODY; // the last private tab takes everything of its kind along
      keys.push("allowed");
    }
    browser.storage.session.remove(keys).catch((error) => console.warn("session/remove", error));
  }

  /** The last things that went wrong, oldest first. */
  problems() {
    return this.#problems;
  }

  /** @param {string} kind @param {string} detail */
  addProblem(kind, detail) {
    this.#problems = [...this.#problems, { at: Date.now(), kind, detail: detail.slice(0, 300) }].slice(-PROBLEMS_MAX);
    this.#write({ problems: this.#problems });
  }

  async clear() {
    this.#plans = {};
    this.#dangerous = {};
    this.#allowed = NOBODY;
    this.#allowedPrivately = NOBODY;
    this.#problems = [];
    this.#tabs.clear();
    await Promise.all([browser.storage.session.clear(), browser.storage.local.remove("allowed")]);
  }
}

/** @param {any} stored anything @returns {Allowed} */
function readAllowed(stored) {
  if (typeof stored?.day !== "string" || !Array.isArray(stored.keys)) return NOBODY;
  return { day: stored.day, keys: stored.keys.filter((/** @type {unknown} */ key) => typeof key === "string").slice(-ALLOWED_MAX) };
}

/** @template T @param {Record<string, T>} record @param {number} count @returns {Record<string, T>} */
function lastEntries(record, count) {
  return Object.fromEntries(Object.entries(record).slice(-count));
}
