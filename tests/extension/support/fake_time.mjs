// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Time that stands still until told to move: replaces setTimeout and clearTimeout, and serves as `now`.

export class FakeTime {
  #now = 0;
  #next = 1;
  #timers = new Map();
  #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };

  constructor() {
    globalThis.setTimeout = /** @type {any} */ (
      (call, ms = 0) => {
        this.#timers.set(this.#next, { at: this.#now + ms, call });
        return this.#next++;
      }
    );
    globalThis.clearTimeout = (id) => void this.#timers.delete(id);
  }

  now = () => this.#now;

  /** Lets promises settle, then moves on, calling what falls due. */
  async advance(ms) {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      const [id, timer] = due;
      this.#timers.delete(id);
      this.#now = timer.at;
      timer.call();
      await settle();
    }
    this.#now = end;
  }

  restore() {
    Object.assign(globalThis, this.#real);
  }
}

/** Until no promise of ours is waiting for another. */
export async function settle() {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
