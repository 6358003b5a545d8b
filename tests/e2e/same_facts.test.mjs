// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A saved page gives the same facts whether a browser parsed it or the command line did: the snapshot that the content script
// takes of the page in this browser (scripts off, all it asks for refused, served in the encoding it is in) against the file
// through the cold path, fact by fact.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { noPages, savedPages, savedPagesSite } from '../support/saved_pages.mjs';
import { programs, root, startSession } from '../support/session.mjs';
import { browser } from './world.mjs';

const now = '2026-11-23T22:00:00Z';
// Page -> what may differ, and why.
const known = /** @type {Record<string, {fields: string[], why: string}>} */ ({});

const pages = savedPages();
const site = savedPagesSite(pages);
const code = ['namespace.js', 'xml.js', 'writer.js', 'snapshot.js'].map((name) => readFileSync(path.join(root, 'extension/content', name), 'utf8')).join('\n');
if (noPages) test('the same facts of saved pages', { skip: noPages }, () => {});

let session;
let view;
let cold;
let plans;
before(async () => {
  if (noPages) return;
  session = await startSession({ browser, sites: [site], extension: null, host: null });
  view = await session.view();
  plans = await plansOf([...new Set(pages.map(({ url }) => new URL(url).hostname))]);
  const list = path.join(session.folder, 'list.jsonl');
  writeFileSync(list, pages.map(({ file, url, charset }, id) => JSON.stringify({ id, file, url, content_type: `text/html; charset=${charset}` })).join('\n'));
  cold = kaopu('page', '--batch', list).trim().split('\n').map((line) => JSON.parse(line));
});
after(async () => { await session?.close(); });

function kaopu(...words) {
  return execFileSync(path.join(programs, 'kaopu'), [...words, '--now', now], { env: session.env, encoding: 'utf8', maxBuffer: 1 << 27 });
}

/** What the host says matters on these hosts. Its input stays open until all is answered: at its end it has no time left. @param {string[]} hosts @returns {Promise<Map<string, any>>} */
async function plansOf(hosts) {
  const host = spawn(path.join(programs, 'kaopu-host'), ['chrome-extension://test/'], { env: session.env, stdio: ['pipe', 'pipe', 'ignore'] });
  for (const [i, name] of hosts.entries()) {
    const body = Buffer.from(JSON.stringify({ v: 1, id: i + 1, op: 'plan', host: name }));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    host.stdin.write(Buffer.concat([head, body]));
  }
  const found = new Map();
  let got = Buffer.alloc(0);
  for await (const piece of host.stdout) {
    got = Buffer.concat([got, piece]);
    while (got.length >= 4 && got.length >= 4 + got.readUInt32LE()) {
      const reply = JSON.parse(got.subarray(4, 4 + got.readUInt32LE()).toString('utf8'));
      found.set(hosts[reply.id - 1], (reply.plan ?? reply.generic).snapshot);
      got = got.subarray(4 + got.readUInt32LE());
    }
    if (found.size === hosts.length) host.stdin.end();
  }
  return found;
}

/** Paths at which two values differ. @param {any} a @param {any} b @param {string} at @returns {string[]} */
function differences(a, b, at = '') {
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object') {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => differences(a[key], b[key], at ? `${at}.${key}` : key));
  }
  return Object.is(a, b) ? [] : [`${at}: ${JSON.stringify(a)} in the browser, ${JSON.stringify(b)} from the file`];
}

for (const [index, page] of pages.entries()) {
  test(`${path.basename(page.file)}: the same facts`, { timeout: 120000 }, async (context) => {
    site.show(page);
    const plan = plans.get(new URL(page.url).hostname);
    assert.ok(plan, 'no plan');
    await view.page.goto('about:blank');
    await view.page.goto(page.url, { waitUntil: 'domcontentloaded', timeout: 90000 });
    const take = () => view.eval((text, wanted) => new Function(`${text};return kaopu`)().snapshot.take(document, wanted), code, plan);
    const { snapshot } = await view.until(take, 'the snapshot', 60000);
    const file = path.join(session.folder, 'snapshot.xml');
    writeFileSync(file, snapshot);
    const hot = JSON.parse(kaopu('page', '--snapshot', file, '--url', page.url, '--json'));
    const allowed = known[path.basename(page.file, '.html')] ?? { fields: [], why: '' };
    const found = differences(hot, cold[index].facts);
    const open = found.filter((one) => !allowed.fields.some((field) => one.startsWith(field)));
    for (const one of found.filter((line) => !open.includes(line))) context.diagnostic(`${one} (${allowed.why})`);
    assert.deepEqual(open, []);
  });
}
