// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The line to kaopu-host: one native port, opened when somebody asks, closed after a minute of silence.
//
// Every promise settles: with the reply, or with a HostError, at the latest when its time is up. A host that hangs,
// dies or talks nonsense costs one error and a pause before the next try; it never costs the caller more than its timeout.

export const PROTOCOL_MIN = 1;
export const PROTOCOL_MAX = 1;

/** Time a request may take, in ms: the first of its kind on a line includes starting the program and reading its data. */
export const FIRST_REPLY_MS = 1500;
export const WARM_REPLY_MS = 300;
export const LATE_REPLY_MS = 10_000;
export const IDLE_MS = 60_000;
/** Pause before the next try after the first, second, third... failure in a row. */
export const BACKOFF_MS = [1000, 5000, 30_000];

/**
 * Why there is no answer.
 *  no_host        nothing by that name can be started (not installed, not allowed, not executable)
 *  died           it was running and is not any more
 *  protocol       what it sent is no reply
 *  timeout        it did not answer in time
 *  old_host       it speaks only older protocols than we do
 *  old_extension  it speaks only newer ones
 *  refused        it answered with an error; `code` says which
 * @typedef {"no_host"|"died"|"protocol"|"timeout"|"old_host"|"old_extension"|"refused"} HostErrorKind
 */

export class HostError extends Error {
  /** @param {HostErrorKind} kind @param {string} [code] the host's own code when it refused @param {string} [detail] for the log only */
  constructor(kind, code = kind, detail = "") {
    super(detail || kind);
    this.kind = kind;
    this.code = code;
  }
}

/**
 * What a disconnect means. The texts differ between browsers and Firefox often gives none, so what was heard on the
 * line decides first; the text only tells "was started and died" from "could not be started" where it can.
 * @param {boolean} heard whether this line ever brought a reply
 * @param {string|undefined} text the browser's reason
 * @returns {HostErrorKind}
 */
export function classifyDisconnect(heard, text) {
  if (text && /communicating with the native|exceeds the limit/i.test(text)) return "protocol";
  if (heard || !text || /has exited/i.test(text)) return "died";
  return "no_host";
}

/**
 * @typedef {object} NativePort
 * @property {(message: object) => void} postMessage
 * @property {() => void} disconnect
 * @property {{addListener: (f: (message: any) => void) => void}} onMessage
 * @property {{addListener: (f: (port: any) => void) => void}} onDisconnect
 * @property {{message?: string}|null} [error] Firefox's reason
 */

/**
 * @typedef {object} Pending
 * @property {string} op
 * @property {(reply: any) => void} resolve
 * @property {(error: HostError) => void} reject
 * @property {any} timer
 * @property {((reply: any) => void)|undefined} onLate
 * @property {boolean} late its promise has been rejected; a reply is only of use to onLate
 */

export class HostLine {
  #connect;
  #lastError;
  #version;
  #now;
  #log;
  /** @type {NativePort|null} */ #port = null;
  /** @type {Promise<any>|null} */ #greeting = null;
  /** @type {Map<number, Pending>} */ #pending = new Map();
  #nextId = 1;
  #heard = false;
  /** @type {Set<string>} operations that this line has answered */ #warm = new Set();
  #silences = 0; // timeouts in a row without a word in between
  #failures = 0;
  #retryAt = 0;
  /** @type {HostError|null} */ #failure = null;
  /** @type {any} */ #idleTimer = null;
  /** @type {any} */ #hello = null;

  /**
   * @param {object} parts
   * @param {() => NativePort} parts.connect opens the port; may throw
   * @param {() => string|undefined} [parts.lastError] Chromium's runtime.lastError, read in onDisconnect
   * @param {string} parts.version our version, told to the host
   * @param {() => number} [parts.now]
   * @param {(kind: string, detail: string) => void} [parts.log]
   */
  constructor({ connect, lastError = () => undefined, version, now = Date.now, log = () => {} }) {
    this.#connect = connect;
    this.#lastError = lastError;
    this.#version = version;
    this.#now = now;
    this.#log = log;
  }

  /** The host's greeting on the open line (version, protocol range, capabilities, data), else null. */
  get hello() {
    return this.#hello;
  }

  /** Forgets earlier failures, so that the next request tries at once: "check again". */
  retryNow() {
    this.#failures = 0;
    this.#retryAt = 0;
    this.#failure = null;
  }

  /**
   * @param {string} op
   * @param {object} [fields]
   * @param {{timeoutMs?: number, onLate?: (reply: any) => void}} [options] `timeoutMs` replaces the warm limit (the first
   *   request of its kind on a line has at least FIRST_REPLY_MS, connecting included); `onLate` gets a good reply that came too late for the promise.
   * @returns {Promise<any>} the reply, or a HostError
   */
  async request(op, fields = {}, { timeoutMs = WARM_REPLY_MS, onLate } = {}) {
    const started = this.#now();
    await this.#open();
    const budget = this.#warm.has(op) ? timeoutMs : Math.max(timeoutMs, FIRST_REPLY_MS - (this.#now() - started));
    return this.#send(op, fields, budget, onLate);
  }

  /** Opens the line where it is not open, for a request that is about to come. Failures are that request's to tell. */
  warmUp() {
    if (!this.#port) this.#open().catch(() => {});
  }

  /** Closes the line; what is still waited for is rejected. */
  close() {
    this.#drop(new HostError("died", "died", "closed by us"), false);
  }

  /** @returns {Promise<any>} settles when the line is open and both sides understand each other */
  #open() {
    if (this.#greeting) return this.#greeting;
    if (this.#now() < this.#retryAt && this.#failure) return Promise.reject(this.#failure);
    const greeting = this.#greet();
    this.#greeting = greeting;
    greeting.catch(() => {
      if (this.#greeting === greeting) this.#greeting = null;
    });
    return greeting;
  }

  async #greet() {
    /** @type {NativePort} */
    let port;
    try {
      port = this.#connect();
    } catch (error) {
      throw this.#drop(new HostError("no_host", "no_host", String(error)), true);
    }
    this.#port = port;
    this.#heard = false;
    port.onMessage.addListener((message) => this.#port === port && this.#receive(message));
    port.onDisconnect.addListener((closed) => {
      const text = closed?.error?.message ?? port.error?.message ?? this.#lastError();
      if (this.#port !== port) return;
      this.#drop(new HostError(classifyDisconnect(this.#heard, text), undefined, text), true);
    });
    const range = { protocol_min: PROTOCOL_MIN, protocol_max: PROTOCOL_MAX };
    let hello;
    try {
      hello = await this.#send("hello", { client: "extension", version: this.#version, ...range }, FIRST_REPLY_MS);
    } catch (error) {
      const problem = /** @type {HostError} */ (error);
      if (this.#port !== port) throw problem; // the line is gone and its end was counted
      const old = problem.kind === "refused" && problem.code === "unsupported";
      throw this.#drop(old ? new HostError("old_host") : problem, true);
    }
    const skew = versionSkew(hello);
    if (skew) throw this.#drop(new HostError(skew, skew, `host protocol ${hello.protocol_min}..${hello.protocol_max}`), true);
    this.#hello = hello;
    return hello;
  }

  /**
   * @param {string} op @param {object} fields @param {number} timeoutMs @param {((reply: any) => void)} [onLate]
   * @returns {Promise<any>}
   */
  #send(op, fields, timeoutMs, onLate) {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const timer = setTimeout(() => this.#expire(id), timeoutMs);
      this.#pending.set(id, { op, resolve, reject, timer, onLate, late: false });
      clearTimeout(this.#idleTimer);
      try {
        if (!this.#port) throw new Error("no port");
        this.#port.postMessage({ ...fields, v: PROTOCOL_MAX, id, op });
      } catch (error) {
        this.#drop(new HostError("died", "died", String(error)), true);
      }
    });
  }

  /** @param {number} id */
  #expire(id) {
    const request = this.#pending.get(id);
    if (!request) return;
    const timeout = new HostError("timeout");
    if (request.late) {
      this.#drop(timeout, true);
      return;
    }
    request.late = true;
    request.reject(timeout);
    this.#silences += 1;
    this.#log("timeout", `no reply in time, ${this.#silences} in a row`);
    if (this.#silences >= 2 && this.#hello) this.#drop(timeout, true);
    else request.timer = setTimeout(() => this.#expire(id), LATE_REPLY_MS);
  }

  /** @param {any} message */
  #receive(message) {
    const isReply = typeof message === "object" && message !== null && typeof message.ok === "boolean";
    const request = isReply ? this.#pending.get(message.id) : undefined;
    if (!request) {
      this.#drop(new HostError("protocol", "protocol", "a message that answers nothing"), true);
      return;
    }
    this.#heard = true;
    this.#silences = 0;
    this.#warm.add(request.op);
    if (this.#hello) this.#failures = 0;
    this.#pending.delete(message.id);
    clearTimeout(request.timer);
    this.#rest();
    if (request.late) {
      if (message.ok) request.onLate?.(message);
    } else if (message.ok) {
      request.resolve(message);
    } else {
      const { code, message: detail } = message.error ?? {};
      request.reject(new HostError("refused", String(code ?? "internal"), String(detail ?? "").slice(0, 500)));
    }
  }

  /** Starts the idle clock when nothing is waited for. */
  #rest() {
    clearTimeout(this.#idleTimer);
    if (this.#pending.size === 0) this.#idleTimer = setTimeout(() => this.close(), IDLE_MS);
  }

  /**
   * Ends the line and rejects everything that waits.
   * @param {HostError} error @param {boolean} failed whether to wait before the next try
   * @returns {HostError} the error, to throw
   */
  #drop(error, failed) {
    const port = this.#port;
    const waiting = [...this.#pending.values()];
    this.#port = null;
    this.#greeting = null;
    this.#hello = null;
    this.#silences = 0;
    this.#warm.clear();
    this.#pending.clear();
    clearTimeout(this.#idleTimer);
    if (failed) {
      const pause = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)] ?? 0;
      this.#failures += 1;
      this.#retryAt = this.#now() + pause;
      this.#failure = error;
      this.#log(error.kind, error.message);
    }
    for (const request of waiting) {
      clearTimeout(request.timer);
      request.reject(error);
    }
    try {
      port?.disconnect();
    } catch {
      // Already gone.
    }
    return error;
  }
}

/**
 * Which side is too old, by the ranges both state.
 * @param {any} hello
 * @returns {HostErrorKind|null}
 */
export function versionSkew(hello) {
  const { protocol_min: min, protocol_max: max } = hello;
  if (!Number.isInteger(min) || !Number.isInteger(max)) return "protocol";
  if (max < PROTOCOL_MIN) return "old_host";
  if (min > PROTOCOL_MAX) return "old_extension";
  return null;
}
