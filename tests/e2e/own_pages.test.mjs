// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Popup, settings and first-run page: own experience changes the verdict at once and can be taken back; caution, pause and
// revoked permission do what they say.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { demoShop } from '../support/demo_shop.mjs';
import { inFirefox } from '../support/firefox_view.mjs';
import { look, pressText, saysText, staysQuiet, tabOf, waitForBadge, waitForDialog, word } from '../support/kaopu_ui.mjs';
import { startSession } from '../support/session.mjs';
import { browser, sellerWith, tabTest } from './world.mjs';

const at = 'http://shop.kaopu-demo.test';
let session;
/** The demonstration shop; one host of it shows no prices. */
const shop = demoShop();
const sites = [async (url, request) => {
  const answer = await shop(url, request);
  return url.hostname === 'odd.kaopu-demo.test' && typeof answer?.body === 'string' ? { ...answer, body: answer.body.replace(/<p class="price">.*?<\/p>/, '') } : answer;
}];
before(async () => { session = await startSession({ browser, sites }); });
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
      await popup.until(() => popup.eval((left) => document.querySelectorAll('#entries .entry').length === left
        && Number(document.querySelector('#verdict .counts dd')?.innerText ?? 0) === left, order - 1), `the popup to show ${order - 1} orders`);
    }
    await view.page.bringToFront();
    await waitForBadge(view, word('verdict_unknown'));
    await view.press('.buy-now');
    await view.until(async () => await bought(view) === 1, 'the order without a question');
  } catch (error) {
    await popup.screenshot(`failed-popup-${browser}`).catch(() => {});
    throw error;
  } finally {
    await popup.close();
  }
});

it('an order without a result is counted, and nothing says there is none', async (view) => {
  for (const status of ['paid', 'delivered']) {
    const seller = sellerWith(session, 'unknown');
    session.kaopu('order', 'add', `${status}-${seller}`, `kaopu-demo:${seller}`, '--status', status);
    await view.page.bringToFront();
    await view.goto(`${at}/item/101:${seller}?way=button`);
    await waitForBadge(view, word('verdict_unknown'));
    const popup = await popupOf(view);
    try {
      await saysText(popup, word('popup_history'));
      const said = await popup.eval(() => document.querySelector('#verdict').innerText);
      assert.ok([word('reason_no_history'), word('reason_only_open').split('$')[0]].some((reason) => said.includes(reason)), said);
      assert.doesNotMatch(said, /not recorded any order/i);
      await popup.screenshot(`popup-order-${status}-${browser}`);
    } finally {
      await popup.close();
    }
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

/** Makes the browser put downloads into a folder without a question. @param {string} folder */
async function downloadInto(folder) {
  if (browser === 'firefox') {
    await inFirefox(session.instance, `Services.prefs.setIntPref('browser.download.folderList', 2); Services.prefs.setBoolPref('browser.download.useDownloadDir', true);
      Services.prefs.setStringPref('browser.download.dir', ${JSON.stringify(folder)});`);
    return;
  }
  const client = await session.instance.target().createCDPSession(); // not detached: that would undo it
  await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
}

it('a page that lacks what this shop usually shows: the popup says which fields and what to do', async (view) => {
  await view.goto(`http://odd.kaopu-demo.test/item/101:${sellerWith(session, 'unknown')}?way=button`);
  await waitForBadge(view, word('verdict_unknown'));
  const popup = await popupOf(view);
  try {
    await pressText(popup, word('popup_stale_title'));
    await saysText(popup, 'Lantern Market (demonstration): item.price;');
    assert.equal(await popup.eval(() => document.body.innerText.includes('missing:')), false);
    await popup.screenshot(`popup-stale-${browser}`);
  } finally {
    await popup.close();
  }
});

it('all data is exported, then deleted: on this computer and in the browser', async (view) => {
  const seller = sellerWith(session, 'danger');
  const folder = mkdtempSync(path.join(session.folder, 'downloads-'));

  await downloadInto(folder);
  await view.goto(`${at}/item/101:${seller}?way=button`);
  await waitForBadge(view, word('verdict_danger'));
  const options = await session.extensionPage('pages/options.html');
  try {
    await options.until(() => options.eval(() => chrome.runtime.sendMessage({ type: 'pause', host: 'somewhere.example', on: true })), 'a paused site');
    await pressText(options, word('options_export'));
    await saysText(options, word('options_exported'));
    const file = path.join(folder, 'kaopu-data.json');
    const { host, extension } = await options.until(() => existsSync(file) && JSON.parse(readFileSync(file, 'utf8')), 'the file');
    assert.ok(host.outcomes.some((outcome) => outcome.seller_key === `kaopu-demo:${seller}`));
    assert.deepEqual(extension.settings.paused, ['somewhere.example']);
    await pressText(options, word('options_delete'));
    await saysText(options, word('options_delete_all_title'));
    await options.screenshot(`options-delete-${browser}`);
    await options.key('Escape');
    assert.ok(JSON.parse(session.kaopu('outcome', 'list', '--json')).outcomes.length > 0, 'Escape deletes nothing');
    await pressText(options, word('options_delete'));
    await pressText(options, word('options_delete_all_yes'));
    await saysText(options, word('options_deleted'));
    assert.deepEqual(JSON.parse(session.kaopu('outcome', 'list', '--json')).outcomes, []);
    assert.deepEqual(await options.eval(() => chrome.storage.local.get()), {});
    assert.ok(existsSync(file), 'what was exported stays');
  } finally {
    await options.close();
    await setAllowed(true); // Firefox gives back even what a test copy was granted from the start
  }
});
