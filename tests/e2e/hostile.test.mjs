// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Pages that mean harm: nothing of theirs runs in our part, nothing leaks, nothing hangs, and the next page works.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { demoShop } from '../support/demo_shop.mjs';
import { hostilePages, hostileSite } from '../support/hostile_pages.mjs';
import { answer, look, pressText, saysText, tabOf, waitForBadge, waitForDialog, word } from '../support/kaopu_ui.mjs';
import { programs, startSession } from '../support/session.mjs';
import { sleep } from '../support/view.mjs';
import { browser, seed, sellerWith, tabTest } from './world.mjs';

const at = 'http://hostile.kaopu-demo.test';
let session;
let heard; // every byte the extension said to the host
before(async () => {
  session = await startSession({ browser, sites: [hostileSite, demoShop()] });
  heard = path.join(session.folder, 'heard');
  const wrapper = path.join(session.folder, 'host-that-writes-down');
  writeFileSync(wrapper, `#!/bin/bash\nexec "${programs}/kaopu-host" "$@" < <(tee -a "${heard}")\n`);
  chmodSync(wrapper, 0o755);
  session.setHost(wrapper);
  // The first-run page has already met the host itself: end that one, and let the pause before the next try pass.
  for (const pid of session.hostPids()) process.kill(pid, 'SIGKILL');
  await sleep(1500);
  seed(session, 'kaopu-demo:6001', 'danger');
  seed(session, 'kaopu-demo:1002', 'dependable');
});
after(async () => { await session?.close(); });
const it = (name, body, options = {}) => tabTest(() => session, name, { timeout: 120000, ...options }, body);


/** Whether anything of the page runs, in the page or in what we show. */
async function nothingRan(view, name) {
  assert.equal(await view.eval(() => window.pwned ?? null), null, `${name}: something ran`);
  const inUi = await view.ui((roots) => roots.flatMap((top) => [...top.querySelectorAll('script, img, iframe, a, object, embed, [onerror], [onload], [onclick]')].map((one) => one.outerHTML)));
  assert.deepEqual(inUi, [], `${name}: markup of the page in our part`);
}

const heavy = ['big', 'deep', 'attributes', 'long'];
for (const name of Object.keys(hostilePages).filter((one) => !one.startsWith('password'))) {
  it(`hostile page "${name}": judged or left alone, nothing runs, nothing hangs`, async (view) => {
    await view.goto(`${at}/${name}`);
    if (['deep', 'names'].includes(name)) await view.until(() => view.eval(() => window.built === true), 'the page to build itself', 60000);
    // May be left alone: what a page cut off by itself does not show, or one that changes its address without an end.
    const quiet = ['wrecker', 'long'].includes(name);
    const badge = await waitForBadge(view, undefined, heavy.includes(name) ? 20000 : quiet ? 4000 : 10000).catch((error) => { if (quiet) return null; throw error; });
    if (badge && name !== 'pollution' && name !== 'long') assert.ok(badge.startsWith(word('verdict_danger')), `${name}: ${badge.slice(0, 60)}`);
    await nothingRan(view, name);
    await sleep(name === 'impostor' ? 1500 : 100);
    assert.equal((await look(view)).dialog, null, 'only the shopper asks');
    if (!heavy.includes(name)) await view.screenshot(`hostile-${name}-${browser}`);
    if (!quiet && name !== 'clobbering') {
      await view.press('.buy-now');
      const dialog = await waitForDialog(view, 15000);
      assert.ok(dialog.text.length < 6000, 'long words are cut');
      await sleep(name === 'impostor' ? 1500 : 0);
      assert.ok((await look(view)).dialog, 'no press of the page answers for the shopper');
      assert.equal(await view.eval(() => window.bought ?? 0), 0);
      if (!heavy.includes(name)) await view.screenshot(`hostile-dialog-${name}-${browser}`);
      await view.key('Escape');
    }
    await nothingRan(view, name);
    const answered = Date.now();
    await view.eval(() => 1);
    assert.ok(Date.now() - answered < 2000, 'the page still answers');
  });
}

it('a page that throws our element out again and again is not fought for ever', async (view) => {
  await view.goto(`${at}/wrecker`);
  await sleep(2500);
  const first = await view.eval(() => window.wrecked ?? 0);
  await sleep(1500);
  assert.equal(await view.eval(() => window.wrecked ?? 0), first, 'it stopped');
});

it('the popup shows a hostile page\'s words as words', async (view) => {
  await view.goto(`${at}/markup`);
  await waitForBadge(view);
  const own = await session.extensionPage('pages/welcome.html');
  await own.gotoExtension(`${session.base}pages/popup.html?tab=${await tabOf(own, view.page.url())}`);
  await saysText(own, 'onerror=');
  assert.equal(await own.eval(() => window.pwned ?? null), null);
  assert.equal(await own.eval(() => document.querySelectorAll('img[src=x], svg[onload], a[href^="javascript"]').length), 0);
  await pressText(own, word('popup_how_title'));
  await own.screenshot(`popup-hostile-${browser}`);
  await own.close();
});

it('a store that claims to be another shop\'s seller gets no credit for that seller', async (view) => {
  await view.goto('http://forger.kaopu-store.test/');
  const text = await waitForBadge(view);
  assert.ok(text.startsWith(word('verdict_unknown')), text);
  const own = await session.extensionPage('pages/welcome.html');
  const tab = await tabOf(own, view.page.url());
  const overview = await own.eval((tab_id) => chrome.runtime.sendMessage({ type: 'overview', tab_id }), tab);
  await own.close();
  const key = overview.page.result.reply.seller?.key ?? null;
  assert.ok(key === null || key === 'web:kaopu-store.test', `seller ${key}`);
});

it('what the shopper types, and cookies, never reach the host; what the shop says does', async (view) => {
  const seller = sellerWith(session, 'unknown');
  await view.goto(`http://shop.kaopu-demo.test/checkout/address?item=101:${seller}`);
  await view.eval(() => { document.cookie = 'session=COOKIE-4711'; });
  await view.press('input[name=name]');
  await view.page.keyboard.type('TYPED-4711');
  await view.eval(() => { document.querySelector('input[name=street]').setAttribute('value', 'ATTRIBUTE-4711'); document.querySelector('main').append(document.createElement('hr')); });
  await sleep(1500);
  await view.goto(`http://shop.kaopu-demo.test/item/101:${seller}`);
  await waitForBadge(view);
  const said = readFileSync(heard, 'utf8');
  assert.ok(said.includes(`/seller/${seller}`), 'the page was read');
  for (const secret of ['TYPED-4711', 'ATTRIBUTE-4711', 'COOKIE-4711']) assert.ok(!said.includes(secret), `${secret} was told to the host`);
});

for (const name of Object.keys(hostilePages).filter((one) => one.startsWith('password'))) {
  it(`a page with a password field is never read, and the popup says why (${name})`, async (view) => {
    await view.goto(`http://shop.kaopu-demo.test/item/102:990077`);
    await waitForBadge(view);
    await view.goto(`${at}/${name}`);
    const own = await session.extensionPage('pages/welcome.html');
    try {
      await own.gotoExtension(`${session.base}pages/popup.html?tab=${await own.until(() => tabOf(own, view.page.url()), 'the tab')}`);
      await saysText(own, word('popup_secret'));
      await own.screenshot(`popup-${name}-${browser}`);
    } finally {
      await own.close();
    }
    assert.ok(!readFileSync(heard, 'utf8').includes('PRIVATE-PAGE-4711'));
    assert.deepEqual((await look(view)).badges, []);
  });
}

it('a password field that comes late stops the reading, which the popup says, and the verdict stands; once it is gone the page is read again', async (view) => {
  await view.goto(`http://shop.kaopu-demo.test/item/101:${sellerWith(session, 'danger')}?way=button`);
  await waitForBadge(view, word('verdict_danger'));
  const own = await session.extensionPage('pages/welcome.html');
  const tab = await own.until(() => tabOf(own, view.page.url()), 'the tab');
  await view.page.bringToFront();
  const stopped = async () => (await own.eval((tab_id) => chrome.runtime.sendMessage({ type: 'overview', tab_id }), tab)).page.result.stopped === true;
  try {
    await view.eval(() => document.querySelector('main').insertAdjacentHTML('beforeend', '<form id="late"><p>PRIVATE-LATE-4711</p><input type="password"></form>'));
    await own.until(stopped, 'the reading to stop');
    await view.press('.buy-now');
    await waitForDialog(view);
    await answer(view, 'dialog_back');
    await own.gotoExtension(`${session.base}pages/popup.html?tab=${tab}`);
    await saysText(own, word('popup_secret_late'));
    await saysText(own, word('verdict_danger'));
    await own.screenshot(`popup-password-late-${browser}`);
    assert.ok(!readFileSync(heard, 'utf8').includes('PRIVATE-LATE-4711'));
    await view.page.bringToFront();
    await view.eval(() => document.getElementById('late').remove());
    await own.until(async () => !(await stopped()), 'the page to be read again');
  } finally {
    await own.close();
  }
});

it('a page cannot find out that Kaopu is there, by files of the extension', async (view) => {
  await view.goto('http://shop.kaopu-demo.test/item/102');
  await waitForBadge(view);
  const found = await view.eval(async (base) => {
    const load = (file) => new Promise((resolve) => { const image = new Image(); image.onload = () => resolve(file); image.onerror = () => resolve(null); image.src = base + file; });
    return (await Promise.all(['icons/kaopu-16.png', 'icons/kaopu-48.png'].map(load))).filter(Boolean);
  }, session.base);
  assert.deepEqual(found, []);
});

it('after all of them an ordinary page works, with one host, and no request left the machine for a page', async (view) => {
  await view.goto(`http://shop.kaopu-demo.test/item/101:${sellerWith(session, 'danger')}`);
  await waitForBadge(view, word('verdict_danger'));
  assert.ok(session.hostPids().length <= 2, 'the host and the wrapper that writes down'); 
  const strange = session.web.refused.filter((url) => !/^https?:\/\/([a-z0-9-]+\.)*(google|googleapis|gstatic|gvt1|mozilla|firefox|mozilla-ohttp)\.(com|org|net)[:/]/.test(url));
  assert.deepEqual(strange.filter((url) => !/favicon|\/x$/.test(url)), []);
});
