// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Popup, settings and first-run page: own experience changes the verdict at once and can be taken back; caution, pause and
// revoked permission do what they say.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { demoShop } from '../support/demo_shop.mjs';
import { inFirefox } from '../support/firefox_view.mjs';
import { look, pressText, saysText, staysQuiet, tabOf, waitForBadge, waitForDialog, word } from '../support/kaopu_ui.mjs';
import { startSession } from '../support/session.mjs';
import { browser, sellerWith, tabTest } from './world.mjs';

const at = 'http://shop.kaopu-demo.test';
let session;
before(async () => { session = await startSession({ browser, sites: [demoShop()] }); });
after(async () => { await session?.close(); });
const it = (name, body, options = {}) => tabTest(() => session, name, options, body);

const bought = (view) => view.eval(() => window.shop.bought);

/** The popup of the shop's tab, as a page beside it. */
async function popupOf(view) {
  const own = await session.extensionPage('pages/options.html');
  const tab = await tabOf(own, view.page.url());
  await own.gotoExtension(`${session.base}pages/popup.html?tab=${tab}`);
  return own;
}

it('own experience told in the popup changes badge and hold at once, and undo takes it back', async (view) => {
  const seller = sellerWith(session, 'unknown');
  await view.goto(`${at}/item/101:${seller}?way=button`);
  await waitForBadge(view, word('verdict_unknown'));
  const popup = await popupOf(view);
  try {
    await saysText(popup, `Seller ${seller}`);
    for (let order = 0; order < 3; order += 1) {
      if (order === 0) await pressText(popup, word('popup_how_title'));
      await pressText(popup, word('popup_answer_never_shipped'));
      await pressText(popup, word('popup_save'));
      await popup.until(async () => JSON.parse(session.kaopu('outcome', 'list', `kaopu-demo:${seller}`, '--json')).outcomes.length === order + 1, 'the record');
    }
    await saysText(popup, word('popup_saved'));
    await popup.screenshot(`popup-${browser}`);
    await view.page.bringToFront();
    await waitForBadge(view, word('verdict_danger'));
    await view.press('.buy-now');
    await waitForDialog(view);
    assert.equal(await bought(view), 0);
    await view.key('Escape');
    await popup.page.bringToFront();
    for (let order = 3; order > 0; order -= 1) {
      await pressText(popup, word('popup_undo'));
      await popup.until(async () => JSON.parse(session.kaopu('outcome', 'list', `kaopu-demo:${seller}`, '--json')).outcomes.length === order - 1, 'the undo');
    }
    await view.page.bringToFront();
    await waitForBadge(view, word('verdict_unknown'));
    await view.press('.buy-now');
    await view.until(async () => await bought(view) === 1, 'the order without a question');
  } finally {
    await popup.close();
  }
});

it('what the command line records shows at the next look', async (view) => {
  const seller = sellerWith(session, 'unknown');
  await view.goto(`${at}/item/101:${seller}`);
  await waitForBadge(view, word('verdict_unknown'));
  for (let order = 0; order < 3; order += 1) session.kaopu('outcome', 'add', `kaopu-demo:${seller}`, 'never_shipped');
  await view.goto(`${at}/item/101:${seller}`);
  await waitForBadge(view, word('verdict_danger'));
});

it('the popup pauses Kaopu on a site and resumes it', async (view) => {
  const seller = sellerWith(session, 'danger');
  await view.goto(`http://paused.kaopu-demo.test/item/101:${seller}?way=button`);
  await waitForBadge(view, word('verdict_danger'));
  const popup = await popupOf(view);
  try {
    await pressText(popup, word('popup_pause'));
    await saysText(popup, word('popup_paused'));
    await view.page.bringToFront();
    await view.until(async () => (await look(view)).badges.length === 0, 'the badge to go');
    await view.press('.buy-now');
    await view.until(async () => await bought(view) === 1, 'the order');
    assert.ok(await staysQuiet(view));
    await popup.page.bringToFront();
    await pressText(popup, word('popup_resume'));
    await view.page.bringToFront();
    await waitForBadge(view, word('verdict_danger'));
  } finally {
    await popup.close();
  }
});

it('caution set in the settings moves the line', async (view) => {
  const options = await session.extensionPage('pages/options.html');
  const { settings } = JSON.parse(session.kaopu('settings', 'get', '--json'));
  try {
    assert.equal(settings.caution, 'normal');
    await saysText(options, word('options_caution_high'));
    await pressText(options, word('options_caution_high'));
    await saysText(options, word('options_saved'));
    await options.screenshot(`options-${browser}`);
    const again = await session.extensionPage('pages/options.html');
    await again.until(() => again.eval(() => document.querySelector('input[name=caution][value=high]').checked), 'the setting to be kept');
    await again.close();
  } finally {
    await pressText(options, word('options_caution_normal'));
    await options.close();
  }
});

it('the first-run page finds the host and names the shops', async () => {
  const welcome = await session.extensionPage('pages/welcome.html');
  try {
    await saysText(welcome, word('welcome_host_ok').split('$')[0]);
    await saysText(welcome, 'Taobao');
    await welcome.screenshot(`welcome-${browser}`);
  } finally {
    await welcome.close();
  }
});

/** Takes the site permission away, as a shopper can in the browser's own settings; gives it back. */
async function setAllowed(allowed) {
  if (browser === 'chromium') {
    const page = await session.instance.newPage();
    await page.goto('chrome://extensions');
    await page.evaluate((extensionId, hostAccess) => chrome.developerPrivate.updateExtensionConfiguration({ extensionId, hostAccess }),
      session.base.split('/')[2], allowed ? 'ON_ALL_SITES' : 'ON_CLICK');
    await page.close();
    return;
  }
  await inFirefox(session.instance, `
    const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
    const policy = WebExtensionPolicy.getByHostname(${JSON.stringify(session.base.split('/')[2])});
    const origins = ['*://*.kaopu-demo.test/*', '*://*.kaopu-store.test/*'];
    await ExtensionPermissions.${allowed ? 'add' : 'remove'}(policy.id, { origins, permissions: [] }, policy.extension);`);
}

it('a permission taken back: the page is left alone and the popup says so', async (view) => {
  const seller = sellerWith(session, 'danger');
  const options = await session.extensionPage('pages/options.html');
  await options.eval(() => chrome.runtime.sendMessage({ type: 'family_on', id: 'kaopu-demo' }));
  await options.close();
  await setAllowed(false);
  try {
    await view.goto(`${at}/item/101:${seller}?way=button`);
    await view.press('.buy-now');
    await view.until(async () => await bought(view) === 1, 'the order');
    assert.ok(await staysQuiet(view));
    assert.deepEqual((await look(view)).badges, []);
    const popup = await session.extensionPage('pages/popup.html');
    await saysText(popup, word('popup_revoked_text'));
    await popup.screenshot(`popup-revoked-${browser}`);
    await popup.close();
  } finally {
    await setAllowed(true);
  }
  await view.goto(`${at}/item/101:${seller}?way=button`);
  await waitForBadge(view, word('verdict_danger'));
});
