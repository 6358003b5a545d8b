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

const code = ['namespace.js', 'xml.js', 'snapshot.js'].map((name) => readFileSync(path.join(root, 'extension/content', name), 'utf8')).join('\n');
const all = vectors();
const site = (url) => (url.hostname === 'vectors.kaopu-plain.test' ? { body: all[Number(url.pathname.slice(1))].html } : null);
let session;
before(async () => { session = await startSession({ browser, sites: [site], extension: null, host: null }); });
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
