// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Where Kaopu looks and where not, in real windows: private ones (off, twice over, until the shopper turns them on; nothing
// of them is kept), and one look at a page of a shop that is not turned on.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { allowPrivateWindows, inPopup, openPrivateWindow, pressToolbar } from '../support/browser_ui.mjs';
import { demoShop } from '../support/demo_shop.mjs';
import { answer, look, pressText, saysText, staysQuiet, waitForBadge, waitForDialog, word } from '../support/kaopu_ui.mjs';
import { programs, startSession } from '../support/session.mjs';
import { browser, sellerWith, tabTest } from './world.mjs';

const offer = JSON.stringify({ '@context': 'https://schema.org', '@type': 'Product', name: 'Brass lamp', offers: { '@type': 'Offer', price: '49.00', priceCurrency: 'USD', seller: { '@type': 'Organization', name: 'Lamp Corner' } } });
/** A store of its own that no adapter knows and nobody turned on. */
const store = (url) => (url.hostname.endsWith('.example') ? { body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Brass lamp</title><script type="application/ld+json">${offer}</script></head>
  <body><main><h1>Brass lamp</h1><p>$49.00</p><p>Ships within 3 days</p><button id="add-to-cart">Add to cart</button></main></body></html>` } : null);

let session;
let heard; // every byte the extension said to the host
before(async () => {
  session = await startSession({ browser, sites: [demoShop(), store], host: null });
  heard = path.join(session.folder, 'heard');
  const wrapper = path.join(session.folder, 'host-that-writes-down');
  writeFileSync(wrapper, `#!/bin/bash\nexec "${programs}/kaopu-host" "$@" < <(tee -a "${heard}")\n`);
  chmodSync(wrapper, 0o755);
  session.setHost(wrapper);
  const own = await settingsPage();
  await own.eval(() => chrome.runtime.sendMessage({ type: 'host', op: 'hello', again: true }));
  await own.close();
});
after(async () => { await session?.close(); });

const heardOf = (text) => existsSync(heard) && readFileSync(heard).includes(text);
const bought = (view) => view.eval(() => window.shop.bought);

/** Our settings in a tab of an ordinary window: Firefox opens tabs in the newest window, so this comes before a private one. */
async function settingsPage() {
  const own = await session.extensionPage('pages/options.html');
  await saysText(own, word('options_title'));
  return own;
}

/** All that is kept: by the browser, by the program as it exports it, and every byte of its folder. */
async function kept(own) {
  const [local, memory] = await own.eval(async () => [JSON.stringify(await chrome.storage.local.get()), JSON.stringify(await chrome.storage.session.get())]);
  const files = readdirSync(session.kaopuHome, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const bytes = Buffer.concat(files.map((file) => readFileSync(path.join(file.parentPath ?? file.path, file.name))));
  return { local, memory, data: session.kaopu('data', 'export', '-').replace(/"exported_at\w*": .*/, ''), bytes };
}

/** Nothing of Kaopu in the page, and the shop works. */
async function leftAlone(view, host, own) {
  await view.press('.buy-now');
  await view.until(async () => await bought(view) === 1, 'the order without a question');
  assert.ok(await staysQuiet(view));
  assert.deepEqual((await look(view)).badges, []);
  assert.equal(heardOf(host), false, 'the program was not asked');
  const { local, memory, bytes } = await kept(own);
  for (const place of [local, memory, bytes]) assert.equal(place.includes(host), false, 'nothing is noted');
}

test('private windows: kept out by the browser, then by the own setting; on when the shopper says so; nothing is kept', { timeout: 120000 }, async (context) => {
  const seller = sellerWith(session, 'danger');
  const page = (host) => `http://${host}/item/101:${seller}?way=button`;

  await context.test('not allowed by the browser', async () => {
    const own = await settingsPage();
    await saysText(own, word('options_private_browser'));
    const view = await openPrivateWindow(session, own, page('private-one.kaopu-demo.test'));
    await leftAlone(view, 'private-one', own);
    await view.close();
    await own.close();
  });

  await context.test('allowed by the browser, not turned on here; then turned on, then off, while the page is open', async () => {
    await allowPrivateWindows(session);
    const host = 'private-two.kaopu-demo.test';
    const options = await settingsPage();
    await saysText(options, word('options_private_allowed'));
    const view = await openPrivateWindow(session, options, page(host));
    await leftAlone(view, host, options);
    await pressToolbar(session, view);
    await inPopup(session, (document, text) => document.body.innerText.includes(text), word('popup_private_off'));
    const before = await kept(options);
    await options.page.bringToFront();
    await pressText(options, word('options_private'));
    await saysText(options, word('options_saved'));
    await view.page.bringToFront();
    await waitForBadge(view, word('verdict_danger'));
    await view.press('.buy-now');
    await waitForDialog(view);
    await answer(view, 'dialog_on');
    await view.until(async () => await bought(view) === 2, 'the order');
    assert.equal(heardOf(host), true);
    await options.page.bringToFront();
    await pressText(options, word('options_private'));
    await view.page.bringToFront();
    await view.until(async () => (await look(view)).badges.length === 0, 'the badge to go');
    await view.close();
    await options.page.bringToFront();
    await options.until(() => options.eval(async () => !(await chrome.storage.session.get())['allowed']), 'the go-on to be forgotten');
    const afterwards = await kept(options);
    await options.close();
    for (const place of ['local', 'memory', 'bytes']) assert.equal(afterwards[place].includes(host), false, `the host in ${place}`);
    for (const place of ['local', 'memory']) assert.equal(afterwards[place].includes(seller), false, `the seller in ${place}`);
    assert.equal(afterwards.data, before.data);
  });
});

tabTest(() => session, 'one look at a page of a shop that is not turned on', {}, async (view) => {
  const url = 'http://corner.lamps.example/brass-lamp';
  await view.goto(url);
  await pressToolbar(session, view);
  const words = await inPopup(session, (document) => document.querySelector('#verdict .card')?.innerText);
  assert.ok(words.includes(word('popup_not_watched').replace('$HOST$', 'corner.lamps.example')), words);
  assert.deepEqual((await look(view)).badges, []);
  assert.equal(heardOf('lamps.example'), false, 'the program was not asked before');
  await inPopup(session, (document, text) => {
    const button = [...document.querySelectorAll('button')].find((one) => one.innerText === text);
    button?.click();
    return button !== undefined;
  }, word('popup_look_once'));
  await waitForBadge(view, word('verdict_unknown'));
  await inPopup(session, (document) => document.querySelector('#verdict-title') !== null);
  await view.goto('http://corner.lamps.example/another-lamp');
  assert.ok(await staysQuiet(view, 1000));
  assert.deepEqual((await look(view)).badges, [], 'that page only');
  const own = await settingsPage();
  const { origins } = await own.eval(() => chrome.permissions.getAll());
  await own.close();
  assert.deepEqual(origins.filter((origin) => origin.includes('example')), [], 'no lasting permission');
});
