// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The host is away, forbidden, dead, silent, talks nonsense, is too old or too new: the shop works as if Kaopu were not
// there, within the time a shopper would notice, and popup and first-run page say the right words.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { demoShop } from '../support/demo_shop.mjs';
import { look, saysText, staysQuiet, tabOf, waitForBadge, waitForDialog, word } from '../support/kaopu_ui.mjs';
import { programs, root, startSession } from '../support/session.mjs';
import { sleep } from '../support/view.mjs';
import { browser, sellerWith, tabTest } from './world.mjs';

const faultHost = path.join(root, 'build/dev/support/fault_host');
const realHost = path.join(programs, 'kaopu-host');
const at = 'http://shop.kaopu-demo.test';
let session;
let copy; // the fault host of this run, with its own file that names the fault
before(async () => {
  session = await startSession({ browser, sites: [demoShop()], host: null });
  copy = path.join(session.folder, 'fault_host');
  copyFileSync(faultHost, copy);
  chmodSync(copy, 0o755);
});
after(async () => { await session?.close(); });
const it = (name, body, options = {}) => tabTest(() => session, name, { timeout: 90000, ...options }, body);

/** Ends the line to the host that is there now, so that the next request starts the one the manifest names. */
async function cutLine() {
  for (const pid of session.hostPids()) {
    try { process.kill(pid, 'SIGKILL'); } catch { /* ended by itself */ }
  }
  await sleep(200);
}

/** "Check again", as the first-run page does it: earlier failures are forgotten. */
async function ask(page) {
  return page.eval(() => chrome.runtime.sendMessage({ type: 'host', op: 'hello', again: true }));
}

/** What a shopper at this moment gets: the shop works, nothing asks, the words are right. */
async function shopWorksAndWordsAre(view, key, setUp) {
  const own = await session.extensionPage('pages/welcome.html');
  try {
    await setUp();
    await cutLine();
    await ask(own);
    await own.gotoExtension(`${session.base}pages/welcome.html`);
    await saysText(own, word(`${key}_title`), 20000);
    await saysText(own, word(`${key}_text`));
    if (key === 'error_no_host') await own.screenshot(`welcome-no-host-${browser}`);
    await view.page.bringToFront();
    await view.goto(`${at}/item/101:${sellerWith(session, 'danger')}?way=button`);
    await view.press('.buy-now');
    await view.until(() => view.eval(() => window.shop.bought === 1), 'the order', 2000);
    assert.equal(await view.eval(() => window.shop.events.some((event) => event.prevented)), false);
    assert.ok(await staysQuiet(view));
    assert.ok((await look(view)).badges.every((badge) => !['danger', 'watch_out', 'dependable'].some((verdict) => badge.text.startsWith(word(`verdict_${verdict}`)))));
  } finally {
    await own.close();
  }
}

const fault = (text) => () => {
  session.setHost(copy);
  writeFileSync(`${copy}.fault`, `${text}\n`);
};

it('no host at all: first-run words with the one command', async (view) => {
  await shopWorksAndWordsAre(view, 'error_no_host', () => session.setHost(null));
  const own = await session.extensionPage('pages/welcome.html');
  await saysText(own, 'kaopu install');
  await own.close();
});

it('manifest allows another extension only', (view) => shopWorksAndWordsAre(view, 'error_no_host', () => session.setHost(realHost, { forbidden: true })));
it('manifest names a program that is not there', (view) => shopWorksAndWordsAre(view, 'error_no_host', () => session.setHost('/nonexistent/kaopu-host')));

// fault -> words on the first-run page. What can and cannot be told apart: native-messaging's own errors name no reason.
const faults = {
  crash: 'error_host', exit0: 'error_host', exit3: 'error_host', start_crash: 'error_host', close: 'error_host', torn: 'error_host',
  garbage: 'error_host', wrong_id: 'error_host', no_id: 'error_host', not_ok: 'error_host', too_large: 'error_host', invalid_utf8: 'error_host',
  // Chromium drops it and says nothing; Firefox says the same as of a program that is not there.
  invalid_json: browser === 'chromium' ? 'error_timeout' : 'error_no_host',
  hang: 'error_timeout', deaf: 'error_timeout',
  old: 'error_old_host', new: 'error_old_extension',
};
for (const [name, key] of Object.entries(faults)) it(`host: ${name}`, (view) => shopWorksAndWordsAre(view, key, fault(name)));

for (const name of ['hang@check_page', 'crash@check_page', 'garbage@check_page', 'internal@check_page', 'damaged@check_page']) {
  it(`host: ${name} (the greeting was good): the shop works and the popup says what is wrong`, async (view) => {
    const own = await session.extensionPage('pages/welcome.html');
    session.setHost(realHost);
    await cutLine();
    assert.equal((await ask(own)).status, 'ok');
    await view.page.bringToFront();
    await view.goto(`${at}/item/101:${sellerWith(session, 'unknown')}?way=button`);
    await waitForBadge(view, word('verdict_unknown')); // what to look at here is known now
    fault(name)();
    await cutLine();
    await ask(own);
    await view.goto(`${at}/item/101:${sellerWith(session, 'danger')}?way=button`);
    await view.press('.buy-now');
    await view.until(() => view.eval(() => window.shop.bought === 1), 'the order', 5000);
    await own.until(() => tabOf(own, view.page.url()), 'the tab');
    await own.gotoExtension(`${session.base}pages/popup.html?tab=${await tabOf(own, view.page.url())}`);
    await saysText(own, word(name.startsWith('hang') ? 'error_timeout_title' : 'error_host_title'));
    await own.close();
  });
}

it('killed while idle: the next page starts it again', async (view) => {
  session.setHost(realHost);
  rmSync(`${copy}.fault`, { force: true });
  await cutLine();
  const own = await session.extensionPage('pages/welcome.html');
  assert.equal((await ask(own)).status, 'ok');
  await own.close();
  await view.page.bringToFront();
  const seller = sellerWith(session, 'danger');
  await view.goto(`${at}/item/101:${seller}?way=button`);
  await waitForBadge(view, word('verdict_danger'));
  const [pid, ...others] = session.hostPids();
  assert.deepEqual(others, [], 'one host, not one a page');
  process.kill(pid, 'SIGKILL');
  await view.until(async () => !session.hostPids().includes(pid), 'its end');
  await sleep(1500); // the pause before the first new try
  await view.goto(`${at}/item/101:${seller}?way=button`);
  await waitForBadge(view, word('verdict_danger'));
  assert.notEqual(session.hostPids()[0], pid);
});

/** Opens the item and presses "buy" where it was last time, as soon as the document is there: before there can be an answer. */
async function pressAtOnce(view, url, at) {
  await view.page.goto(url, { waitUntil: 'domcontentloaded' });
  await view.page.mouse.click(at.x, at.y);
}

const placeOf = (view) => view.eval(() => { const box = document.querySelector('.buy-now').getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; });

it('a press before the answer, at a seller found dangerous before: asked about when the answer comes; let through once when none comes', async (view) => {
  session.setHost(realHost);
  const own = await session.extensionPage('pages/welcome.html');
  await cutLine();
  assert.equal((await ask(own)).status, 'ok');
  await view.page.bringToFront();
  const url = `${at}/item/101:${sellerWith(session, 'danger')}?way=button`;
  await view.goto(url);
  await waitForBadge(view, word('verdict_danger'));
  const button = await placeOf(view);
  await pressAtOnce(view, url, button);
  await waitForDialog(view);
  assert.equal(await view.eval(() => window.shop.bought), 0);
  fault('slow=4000@check_page')();
  await cutLine();
  await ask(own);
  await view.page.bringToFront();
  await pressAtOnce(view, url, button);
  await view.until(() => view.eval(() => window.shop.bought === 1), 'the order', 4000);
  assert.ok(await staysQuiet(view, 1000));
  assert.equal(await view.eval(() => window.shop.bought), 1, 'once');
  await own.close();
});
