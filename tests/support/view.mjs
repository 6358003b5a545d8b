// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a test does with a tab, whichever the browser: go, look, press, and look inside Kaopu's own closed shadow roots.
import { mkdirSync } from 'node:fs';
import path from 'node:path';

/** The element that holds all of Kaopu's own in a page. */
export const uiHosts = 'kaopu-overlay';

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export class View {
  constructor(page) {
    this.page = page;
  }

  async goto(url) {
    await this.page.goto(url, { waitUntil: 'load', timeout: 60000 });
  }

  /** Runs in the page itself. */
  eval(fn, ...args) {
    return this.page.evaluate(fn, ...args);
  }

  /** Runs `fn(roots, ...args)` beside the page, `roots` being the shadow roots of what Kaopu shows. Values cross as JSON. */
  async ui(_fn, ..._args) {
    throw new Error('each browser has its own');
  }

  async gotoExtension(_url) {
    throw new Error('each browser has its own');
  }

  /** Asks until the answer is true enough, and gives it. @param {() => Promise<any>} ask @param {string} what @param {number} [ms] */
  async until(ask, what, ms = 10000) {
    const end = Date.now() + ms;
    for (let last; ;) {
      try {
        const answer = await ask();
        if (answer) return answer;
        last = undefined;
      } catch (error) {
        last = error;
      }
      if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}${last ? `: ${last.message}` : ''}`);
      await sleep(25);
    }
  }

  /** A press of the main button where an element of the page stands, once it does: an address changes before its page is there. */
  async press(selector) {
    await this.until(() => this.page.evaluate((css) => document.querySelector(css) !== null && document.readyState !== 'loading', selector), `${selector} to press`);
    await this.page.evaluate((css) => document.querySelector(css).scrollIntoView({ block: 'center' }), selector);
    const at = await this.page.evaluate((css) => {
      const box = document.querySelector(css).getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    }, selector);
    await this.page.mouse.click(at.x, at.y);
  }

  async key(...names) {
    for (const name of names) await this.page.keyboard.press(name);
  }

  async screenshot(name) {
    const folder = process.env.KAOPU_TEST_OUTPUT ?? 'build/test-output';
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.png`);
    await this.page.bringToFront();
    await this.page.screenshot({ path: file });
    return file;
  }

  async close() {
    await this.page.close();
  }
}
