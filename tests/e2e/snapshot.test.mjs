// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The snapshot vectors on documents that a real browser parsed: the same script as in shop pages, run in the page itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { vectors } from '../extension/support/content_page.mjs';
import { root, startSession } from '../support/session.mjs';
import { browser, tabTest } from './world.mjs';

const code = ['namespace.js', 'xml.js', 'writer.js', 'snapshot.js'].map((name) => readFileSync(path.join(root, 'extension/content', name), 'utf8')).join('\n');
const all = vectors();
const codeAhead = readFileSync(path.join(root, 'extension/content/ahead.js'), 'utf8');
const arrivals = new Map();
const vectorSite = (url) => (url.hostname === 'vectors.kaopu-plain.test' ? { body: all[Number(url.pathname.slice(1))].html } : null);

/** A page that comes in parts, the next one when a part before it was read; each part changes what came before. */
const block = (id) => `<section id="${id}">${'<div class="a b">text &amp; more <b>x</b></div>'.repeat(12)}<input name="q"></section>`;
const script = (text) => `<script>{${text}}</script>`;
const parts = [
  `<!doctype html><title>parts</title><body>${block('a')}${block('b')}${block('c')}<p>`,
  `</p>${script("document.querySelector('#a div').className = 'changed'; document.querySelector('#b b').append('longer')")}${block('d')}<p>`,
  `</p>${script("const host = document.querySelector('#c div'); host.attachShadow({ mode: 'open' }).append('in the shadow'); document.querySelector('#d').append(document.querySelector('#a b'))")}${block('e')}<p>`,
  `</p><main>${block('f')}</main>${block('g')}<p>`,
  `</p>${script("document.querySelector('#g').prepend(document.createElement('iframe')); document.querySelector('#f div').firstChild.data = 'other'")}${block('h')}<p>end</p>`,
];
const partsSite = (url) => {
  if (url.hostname !== 'parts.kaopu-plain.test') return null;
  const load = url.searchParams.get('load');
  if (url.pathname === '/next') {
    arrivals.get(load)?.();
    return { body: '' };
  }
  return { body: (async function* () {
    for (const part of parts) {
      const asked = new Promise((resolve) => { arrivals.set(load, resolve); });
      yield part;
      if (part !== parts.at(-1)) await asked;
    }
  })() };
};
let session;
before(async () => { session = await startSession({ browser, sites: [vectorSite, partsSite], extension: null, host: null }); });
after(async () => { await session?.close(); });

for (const [index, { name, plan, xml, raw_only, browser_differs }] of all.entries()) {
  tabTest(() => session, `snapshot: ${name}`, { skip: raw_only ?? browser_differs }, async (view) => {
    await view.page.goto(`http://vectors.kaopu-plain.test/${index}`, { waitUntil: 'domcontentloaded' });
    // A vector with a refresh navigates away under the first try.
    const take = () => view.eval((text, wanted) => new Function(`${text};return kaopu`)().snapshot.take(document, wanted), code, plan);
    const { snapshot, cut } = await view.until(take, 'the snapshot');
    assert.ok(snapshot === xml, `got ${snapshot.slice(0, 300)}\nnot ${xml.slice(0, 300)}`);
    assert.equal(cut, xml.includes('<cut'));
  });
}

/** In the page, before any of its own. @param {string} text @param {string[]} awaited an element of each part */
function readAhead(text, awaited) {
  if (location.hostname !== 'parts.kaopu-plain.test') return;
  const kaopu = new Function(`${text};return kaopu`)();
  const seen = { used: 0, ahead: '', whole: '', done: false };
  globalThis.kaopuSeen = seen;
  const loading = () => document.readyState === 'loading';
  const reading = kaopu.ahead.read(document, {}, { stopped: () => !loading(), isSecret: () => false });
  const left = [...awaited];
  const timer = setInterval(() => {
    const element = document.getElementById(left[0]);
    if (!element || !reading.written(element, () => {})) return;
    left.shift();
    if (left.length === 0) clearInterval(timer);
    void fetch(`/next${location.search}`);
  }, 5);
  document.addEventListener('readystatechange', async () => {
    if (document.readyState !== 'interactive') return;
    const written = (element) => {
      const piece = reading.written(element, () => {});
      seen.used += piece ? 1 : 0;
      return piece;
    };
    const takes = [kaopu.snapshot.take(document, {}, { sliceMs: 1e9, written, begins: reading.look }), kaopu.snapshot.take(document, {}, { sliceMs: 1e9 })];
    [seen.ahead, seen.whole] = (await Promise.all(takes)).map(({ snapshot }) => snapshot);
    seen.done = true;
  });
}

let loads = 0;
tabTest(() => session, 'snapshot: read ahead while the page comes in parts and changes what came before', {}, async (view) => {
  await view.page.evaluateOnNewDocument(readAhead, `${code}\n${codeAhead}`, ['c', 'd', 'e', 'g']);
  loads += 1;
  await view.page.goto(`http://parts.kaopu-plain.test/?load=${loads}`, { waitUntil: 'domcontentloaded' });
  const seen = await view.until(() => view.eval(() => globalThis.kaopuSeen?.done && globalThis.kaopuSeen), 'both readings');
  assert.equal(seen.ahead, seen.whole);
  for (const wanted of ['changed', 'in the shadow', 'longer', 'other', 'inlined', '<p>end</p>']) assert.ok(seen.whole.includes(wanted), wanted);
  assert.ok(seen.used >= 1, `${seen.used} pieces used`);
});
