// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A tab of Firefox, over WebDriver BiDi. Closed shadow roots are handed out when a node is asked for with its shadow tree;
// functions get them in a sandbox beside page and extension.
import { View, uiHosts } from './view.mjs';

const sandbox = 'kaopu-test';

/** A BiDi remote value as a plain one. */
function plain(remote) {
  if (remote === undefined || remote.type === 'undefined' || remote.type === 'null') return null;
  if (remote.type === 'array') return remote.value.map(plain);
  if (remote.type === 'object') return Object.fromEntries(remote.value.map(([key, value]) => [key, plain(value)]));
  return remote.value;
}

/** Runs `body` (of an async function, `window` being a browser window) with the browser's own rights. @param {any} instance @param {string} body */
export async function inFirefox({ connection }, body) {
  const { result: { contexts: [{ context }] } } = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  const { result } = await connection.send('script.evaluate', { target: { context }, awaitPromise: true, expression: `(async () => { ${body} })()` });
  if (result.type === 'exception') throw new Error(result.exceptionDetails.text);
  return plain(result.result);
}

export class FirefoxView extends View {
  #bidi;
  #context;

  static async open(instance) {
    return FirefoxView.of(instance, await instance.newPage());
  }

  /** @param {any} instance @param {any} page one that is there */
  static async of(instance, page) {
    const view = new FirefoxView(page);
    view.#bidi = instance.connection;
    view.#context = page.mainFrame()._id;
    return view;
  }

  async #call(fn, args, options = {}) {
    const { result } = await this.#bidi.send('script.callFunction', {
      functionDeclaration: fn, arguments: args, awaitPromise: true, target: { context: this.#context, sandbox }, ...options,
    });
    if (result.type === 'exception') throw new Error(result.exceptionDetails.text);
    return result.result;
  }

  /** The browser ends a page's process for one of its own: its "loaded" event never comes, so we look. */
  async gotoExtension(url) {
    await this.#bidi.send('browsingContext.navigate', { context: this.#context, url, wait: 'none' });
    await this.until(async () => {
      const { result } = await this.#bidi.send('script.evaluate', {
        expression: 'location.href + " " + document.readyState', target: { context: this.#context }, awaitPromise: false,
      });
      return result.result?.value === `${url} complete`;
    }, 'the extension page to load');
  }

  async ui(fn, ...args) {
    const found = await this.#call(`() => Array.from(document.querySelectorAll(${JSON.stringify(uiHosts)}))`, [],
      { serializationOptions: { maxDomDepth: 1, includeShadowTree: 'all' }, resultOwnership: 'none' });
    const roots = found.value.map((host) => host.value.shadowRoot).filter(Boolean);
    const out = await this.#call(`(args, ...roots) => Promise.resolve((${fn})(roots, ...JSON.parse(args))).then((value) => JSON.stringify(value ?? null))`,
      [{ type: 'string', value: JSON.stringify(args) }, ...roots.map((shadow) => ({ sharedId: shadow.sharedId }))]);
    return JSON.parse(plain(out));
  }
}
