// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// axe-core over everything a shopper sees: badge, panel and question as they stand in the page (copied out of their closed
// shadow root with their styles), popup, settings and first-run page, in both languages and with and without a host.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { noViolations } from '../support/axe.mjs';
import { demoShop } from '../support/demo_shop.mjs';
import { look, tabOf, waitForBadge, waitForDialog } from '../support/kaopu_ui.mjs';
import { startSession } from '../support/session.mjs';
import { sleep } from '../support/view.mjs';
import { browser, sellerWith, tabTest } from './world.mjs';

const blank = (url) => (url.hostname === 'blank.kaopu-demo.test' ? { body: '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>copy</title></head><body><main><h1>Copy</h1></main></body></html>' } : null);
let session;
before(async () => { session = await startSession({ browser, sites: [blank, demoShop()] }); });
after(async () => { await session?.close(); });
const it = (name, body, options = {}) => tabTest(() => session, name, { timeout: 90000, ...options }, body);

/** Our part of the shop's page, with its styles: some versions of Firefox show a content script no adopted sheets, and ours are an element then. */
const copyOf = (view) => view.ui((roots) => roots.map((top) => ({
  html: top.innerHTML, css: Array.from(top.adoptedStyleSheets ?? []).flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join('\n') })));

/** Sets a copy up in an empty page, opens what was open there, and looks. */
async function lookAtCopy(copies, name) {
  assert.equal(copies.length, 1);
  const view = await session.view('http://blank.kaopu-demo.test/');
  try {
    await view.eval(({ html, css }) => {
      const host = document.createElement('div');
      const top = host.attachShadow({ mode: 'open' });
      top.innerHTML = html;
      const style = document.createElement('style');
      style.textContent = css;
      top.prepend(style);
      document.querySelector('main').append(host);
      for (const dialog of top.querySelectorAll('dialog[open]')) { dialog.removeAttribute('open'); dialog.showModal(); }
      for (const panel of top.querySelectorAll('[popover]')) panel.showPopover();
    }, copies[0]);
    await sleep(300);
    await view.screenshot(`axe-${name}-${browser}`);
    await noViolations(view);
  } finally {
    await view.close();
  }
}

for (const verdict of ['danger', 'watch_out', 'dependable', 'unknown']) {
  it(`badge and panel: ${verdict}`, async (view) => {
    await view.goto(`http://shop.kaopu-demo.test/item/101:${sellerWith(session, verdict)}`);
    await waitForBadge(view);
    const [badge] = (await look(view)).badges;
    await view.page.mouse.click(badge.x, badge.y);
    await view.until(async () => (await look(view)).panel, 'the panel');
    await lookAtCopy(await copyOf(view), `panel-${verdict}`);
  });
}

it('the question before paying', async (view) => {
  await view.goto(`http://shop.kaopu-demo.test/item/101:${sellerWith(session, 'danger')}?way=button`);
  await waitForBadge(view);
  await view.press('.buy-now');
  await waitForDialog(view);
  await lookAtCopy(await copyOf(view), 'dialog');
});

async function ownPage(where, name) {
  const own = await session.extensionPage(where);
  try {
    await own.until(() => own.eval(() => document.querySelector('main')?.innerText.length > 20), 'the page to draw itself');
    await sleep(400);
    await own.screenshot(`axe-${name}-${browser}`);
    await noViolations(own);
  } finally {
    await own.close();
  }
}

it('first-run page', () => ownPage('pages/welcome.html', 'welcome'));
it('settings', () => ownPage('pages/options.html', 'options'));
it('popup with every form open', async (view) => {
  await view.goto(`http://shop.kaopu-demo.test/item/101:${sellerWith(session, 'danger')}`);
  await waitForBadge(view);
  const own = await session.extensionPage('pages/welcome.html');
  try {
    await own.gotoExtension(`${session.base}pages/popup.html?tab=${await tabOf(own, view.page.url())}`);
    await own.until(() => own.eval(() => document.querySelectorAll('#forms details').length > 0), 'the forms');
    await own.eval(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
    await own.screenshot(`axe-popup-${browser}`);
    await noViolations(own);
  } finally {
    await own.close();
  }
});

it('first-run page without a host, in Chinese', async () => {
  session.setHost(null);
  for (const pid of session.hostPids()) process.kill(pid, 'SIGKILL');
  const own = await session.extensionPage('pages/welcome.html');
  await own.eval(() => chrome.runtime.sendMessage({ type: 'settings', changes: { language: 'zh_CN' } }));
  await own.close();
  await ownPage('pages/welcome.html', 'welcome-zh');
});
