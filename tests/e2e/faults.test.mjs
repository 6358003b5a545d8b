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
let endDocument = () => {}; // of the page that was asked for last with "unfinished"

/** The demonstration shop; with "unfinished" in the address a script at the document's end is long in coming. */
function slowShop() {
  const shop = demoShop();
  return (url, request) => {
    if (url.pathname === '/end.js') return new Promise((resolve) => { endDocument = () => resolve({ type: 'text/javascript', body: '' }); });
    const answer = shop(url, request);
    return url.searchParams.has('unfinished') ? { ...answer, body: answer.body.replace('</body>', '<script src="/end.js"></script></body>') } : answer;
  };
}

before(async () => {
  session = await startSession({ browser, sites: [slowShop()], host: null });
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

/** The popup of the page in view; opened before the page's request has failed it says so as soon as it has. */
async function popupSays(own, view, words) {
  await own.until(() => tabOf(own, view.page.url()), 'the tab');
  await own.gotoExtension(`${session.base}pages/popup.html?tab=${await tabOf(own, view.page.url())}`);
  await saysText(own, words, 20000);
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
    await popupSays(own, view, word(`${key}_title`));
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
    await popupSays(own, view, word(name.startsWith('hang') ? 'error_timeout_title' : 'error_host_title'));
    await own.close();
  });
}

it('a host that stands still for a while: the page asks again by itself, and the badge comes', async (view) => {
  session.setHost(realHost);
  rmSync(`${copy}.fault`, { force: true });
  await cutLine();
  const own = await session.extensionPage('pages/welcome.html');
  assert.equal((await ask(own)).status, 'ok');
  await view.page.bringToFront();
  const url = `${at}/item/101:${sellerWith(session, 'danger')}?way=button`;
  await view.goto(`${at}/item/101:${sellerWith(session, 'unknown')}?way=button`);
  await waitForBadge(view, word('verdict_unknown'));
  const stopped = session.hostPids();
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  const lastProblem = () => own.eval(async () => (await chrome.storage.session.get('problems')).problems?.at(-1)?.at ?? 0);
  // Two requests in a row without an answer end the line; nothing changes in the page that would be read again.
  for (const _ of [1, 2]) {
    const before = await lastProblem();
    await view.goto(url);
    await own.until(async () => await lastProblem() > before, 'the request to be given up');
  }
  await waitForBadge(view, word('verdict_danger'), 30000);
  assert.ok(session.hostPids().some((pid) => !stopped.includes(pid)), 'another host answered');
  await cutLine();
  await own.close();
});

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

/**
 * Opens an item whose document does not end yet, and presses "buy" once Kaopu knows what to hold there: the page is read when its
 * document has ended, so no answer can be there.
 */
async function pressBeforeTheAnswer(view, seller) {
  const opening = view.page.goto(`${at}/item/101:${seller}?way=button&unfinished`, { waitUntil: 'load' }).catch(() => {});
  const place = await view.until(() => view.eval((address) => {
    const button = location.pathname.endsWith(address) && document.readyState === 'loading' ? document.querySelector('.buy-now') : null;
    // What a held press looks like to the page; of a press that only begins nothing else comes.
    if (!button || button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, cancelable: true, composed: true }))) return null;
    const box = button.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }, `:${seller}`), '"buy" to be held');
  await view.page.mouse.click(place.x, place.y);
  return { bought: () => view.eval(() => window.shop.bought), end: async () => { endDocument(); await opening; } };
}

it('a press before the answer, at a seller found dangerous before: asked about when the answer comes; let through once when none comes', async (view) => {
  session.setHost(realHost);
  const own = await session.extensionPage('pages/welcome.html');
  await cutLine();
  assert.equal((await ask(own)).status, 'ok');
  await view.page.bringToFront();
  const seller = sellerWith(session, 'danger');
  await view.goto(`${at}/item/101:${seller}?way=button`);
  await waitForBadge(view, word('verdict_danger'));
  const first = await pressBeforeTheAnswer(view, seller);
  assert.equal(await first.bought(), 0);
  await first.end();
  await waitForDialog(view);
  assert.equal(await first.bought(), 0);
  fault('hang@check_page')();
  await cutLine();
  await ask(own);
  await view.page.bringToFront();
  const second = await pressBeforeTheAnswer(view, seller);
  await second.end();
  await view.until(async () => await second.bought() === 1, 'the order');
  assert.ok(await staysQuiet(view, 1000));
  assert.equal(await second.bought(), 1, 'once');
  await own.close();
});
