// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shared database at the shopper's: what others told is in badge, question, popup and settings, with its source and age,
// and holds a purchase; an order is shared only after its exact bytes were shown and agreed to, and can be taken back.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { noViolations } from '../support/axe.mjs';
import { demoShop } from '../support/demo_shop.mjs';
import { answer, look, pressText, saysText, tabOf, waitForBadge, waitForDialog, word } from '../support/kaopu_ui.mjs';
import { faultsIn } from '../support/looks.mjs';
import { startRegistry } from '../support/registry.mjs';
import { outputFolder, startSession } from '../support/session.mjs';
import { dayBefore, orders, putIndex } from '../support/shared_index.mjs';
import { browser, tabTest } from './world.mjs';

const at = 'http://shop.kaopu-demo.test';
const fair = { id: '00000000000000fa', name: 'مجلس المتسوقين Fair Shops', origin: 'fair.example/log', asOfDaysAgo: 2 };
const sellers = {
  'kaopu-demo:910001': [...orders('never_shipped', 12), ...orders('on_time', 24, { ship_days: 2 })], // a danger
  'kaopu-demo:910002': [...orders('late', 12, { days_late: 5, ship_days: 9 }), ...orders('on_time', 26, { ship_days: 1 })], // to be watched
  'kaopu-demo:910003': orders('never_shipped', 2), // few words: watched, never a danger
  'kaopu-demo:910004': orders('on_time', 60, { ship_days: 1 }), // dependable
};
let session;
before(async () => {
  session = await startSession({ browser, sites: [demoShop()] });
  putIndex(session.kaopuHome, fair, sellers);
});
after(async () => { await session?.close(); });
const it = (name, body, options = {}) => tabTest(() => session, name, { timeout: 90000, ...options }, body);

const open = async (view, seller, verdict) => {
  await view.goto(`${at}/item/101:${seller}?way=button`);
  await waitForBadge(view, word(`verdict_${verdict}`), 30000);
};
const bought = (view) => view.eval(() => window.shop.bought);

async function popupOf(view, width = 0) {
  const own = await session.extensionPage('pages/options.html');
  const tab = await tabOf(own, view.page.url());
  if (width > 0) await own.page.setViewport({ width, height: 800 });
  await own.gotoExtension(`${session.base}pages/popup.html?tab=${tab}`);
  return own;
}

async function speak(language) {
  const own = await session.extensionPage('pages/options.html');
  await own.until(() => own.eval((chosen) => chrome.runtime.sendMessage({ type: 'settings', changes: { language: chosen } }), language), 'the language');
  await own.close();
}

for (const [seller, verdict] of [['910001', 'danger'], ['910002', 'watch_out'], ['910003', 'watch_out'], ['910004', 'dependable'], ['910005', 'unknown']]) {
  it(`what others told makes ${seller} ${verdict}, with registry and age`, async (view) => {
    await open(view, seller, verdict);
    const [badge] = (await look(view)).badges;
    await view.page.mouse.click(badge.x, badge.y);
    const panel = await view.until(async () => (await look(view)).panel, 'the panel');
    assert.ok(panel.text.includes('Fair Shops'), panel.text);
    assert.match(panel.text, /2 days old/);
    if (seller === '910001') assert.match(panel.text, /12 of 36 orders late or never in the 365 days/);
    if (seller === '910003') assert.match(panel.text, /fewer than five orders/);
    if (seller === '910005') assert.match(panel.text, /nothing about this seller/);
  });
}

it('a purchase from a seller others warn of is held; going on buys once', async (view) => {
  await open(view, '910001', 'danger');
  await view.press('.buy-now');
  const dialog = await waitForDialog(view);
  assert.match(dialog.text, /orders shared by shoppers never shipped in the 365 days/);
  assert.match(dialog.text, /Fair Shops/);
  assert.equal(await bought(view), 0);
  await view.screenshot(`shared-dialog-${browser}`);
  await answer(view, 'dialog_on');
  await view.until(async () => await bought(view) === 1, 'the order');
});

for (const language of ['en', 'zh_CN']) {
  it(`popup: what others told, drawn and in numbers, 320 pixels wide (${language})`, async (view) => {
    await speak(language);
    try {
      await view.goto(`${at}/item/101:910002?way=button`);
      await waitForBadge(view, word('verdict_watch_out', language), 30000);
      const popup = await popupOf(view, 320);
      try {
        await saysText(popup, word('badge_shared_title', language));
        await saysText(popup, word('popup_plot_shared_days', language));
        await saysText(popup, word('popup_plot_shared_months', language));
        await popup.eval(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
        await popup.until(() => popup.eval(() => document.querySelectorAll('table.numbers tr').length > 20), 'the numbers');
        await popup.page.screenshot({ path: `${outputFolder}/shared-popup-${language}-${browser}.png`, fullPage: true });
        assert.deepEqual(await popup.page.evaluate(`(${faultsIn})([document])`), []);
        await noViolations(popup);
      } finally {
        await popup.close();
      }
    } finally {
      await speak('en');
    }
  });
}

let nextSeller = 910011;
const reportsOf = async (own) => (await own.eval(() => chrome.runtime.sendMessage({ type: 'host', op: 'report_list', fields: {} }))).reply?.reports ?? [];

for (const language of ['en', 'zh_CN']) {
  it(`an order is shared after its bytes were shown, and taken back (${language})`, async (view) => {
    const seller = String(nextSeller++); // its own each time: an order told twice is another verdict
    session.kaopu('outcome', 'add', `kaopu-demo:${seller}`, 'late', '--placed', dayBefore(20), '--promised', dayBefore(18), '--shipped', dayBefore(10));
    await speak(language);
    try {
      await view.goto(`${at}/item/101:${seller}?way=button`);
      await waitForBadge(view, word('verdict_watch_out', language), 30000);
      const popup = await popupOf(view, 320);
      try {
        // No is no.
        await pressText(popup, word('report_this', language));
        await saysText(popup, word('report_title', language));
        await pressText(popup, word('options_cancel', language));
        assert.deepEqual((await reportsOf(popup)).filter((report) => report.seller_key.endsWith(seller)), []);
        await pressText(popup, word('report_this', language));
        await saysText(popup, word('report_reveals_seller', language));
        const shown = await popup.eval(() => document.querySelector('dialog.report pre').textContent);
        assert.ok(shown.includes(`"kaopu-demo:${seller}"`) && shown.includes('"late"'), shown);
        await popup.page.screenshot({ path: `${outputFolder}/shared-report-${language}-${browser}.png` });
        assert.deepEqual(await popup.page.evaluate(`(${faultsIn})([document])`), []);
        await noViolations(popup);
        await pressText(popup, word('report_agree', language));
        await saysText(popup, word('report_state_waiting', language));
        const [report] = (await reportsOf(popup)).filter((one) => one.seller_key.endsWith(seller));
        assert.equal(report.text, shown);
        assert.deepEqual([report.state, report.registry.id, report.entry], ['waiting', fair.id, null]);
        await pressText(popup, word('report_withdraw', language));
        await pressText(popup, word('report_withdraw_yes', language));
        await saysText(popup, word('report_state_withdrawn', language));
        await popup.page.screenshot({ path: `${outputFolder}/shared-withdrawn-${language}-${browser}.png`, fullPage: true });
      } finally {
        await popup.close();
      }
    } finally {
      await speak('en');
    }
  });
}

it('settings: the databases with their age, the command that adds one, what was shared', async () => {
  session.kaopu('registry', 'set', fair.id, '--trust', '40');
  for (const language of ['en', 'zh_CN']) {
    await speak(language);
    const own = await session.extensionPage('pages/options.html');
    try {
      await saysText(own, 'Fair Shops');
      await saysText(own, word('sharing_trust', language).replace('$TRUST$', '40'));
      await saysText(own, word('sharing_sync', language));
      await pressText(own, word('sharing_add', language));
      await own.eval(() => {
        document.querySelector('input[name=registry_url]').value = 'https://shared.example/';
        document.querySelector('input[name=registry_key]').value = "a'b+c";
      });
      await pressText(own, word('sharing_add_show', language));
      await saysText(own, "https://shared.example/ --key 'a'\\''b+c'");
      await own.page.screenshot({ path: `${outputFolder}/shared-settings-${language}-${browser}.png`, fullPage: true });
      await noViolations(own);
    } finally {
      await own.close();
      await speak('en');
    }
  }
  session.kaopu('registry', 'set', fair.id, '--trust', '100');
});

it('a registry taken in parts is asked for the page\'s seller, after it was said what that shows, and the page is judged anew', async (view) => {
  const registry = await startRegistry({ title: 'Parts & Shops' });
  try {
    registry.tell('80', '2', '0', 'kaopu-demo');
    registry.run('publish', '--range-bits', '12');
    session.kaopu('registry', 'add', `http://127.0.0.1:${registry.port}`, '--key', registry.key, '--ranges', 'asked');
    const id = JSON.parse(session.kaopu('registry', 'list', '--json')).registries.find(({ name }) => name === 'Parts & Shops').id;
    const ask = (key, language) => word(key, language).replace('$REGISTRY$', 'Parts & Shops');
    for (const [seller, language, first] of /** @type {const} */ ([['100000', 'en', true], ['100001', 'zh_CN', false]])) {
      await speak(language);
      await view.goto(`${at}/item/101:${seller}?way=button`);
      await waitForBadge(view, word('verdict_unknown', language), 30000);
      const panelSays = async (text) => {
        const [badge] = (await look(view)).badges;
        await view.page.mouse.click(badge.x, badge.y);
        const panel = await view.until(async () => (await look(view)).panel, 'the panel');
        assert.ok(panel.text.includes(text), panel.text);
        await view.page.mouse.click(badge.x, badge.y);
        await view.until(async () => !(await look(view)).panel, 'no panel');
      };
      await panelSays(word('badge_shared_ask', language));
      const popup = await popupOf(view, 320);
      try {
        // No is no.
        await pressText(popup, ask('range_ask', language));
        await saysText(popup, ask('range_title', language));
        await saysText(popup, word('range_untold', language));
        await popup.page.screenshot({ path: `${outputFolder}/shared-range-asks-${language}-${browser}.png` });
        assert.deepEqual(await popup.page.evaluate(`(${faultsIn})([document])`), []);
        await noViolations(popup);
        await pressText(popup, word('options_cancel', language));
        await pressText(popup, ask('range_ask', language));
        if (first) {
          await registry.stop();
          await pressText(popup, word('range_yes', language));
          await saysText(popup, ask('range_fetching', language));
          await saysText(popup, ask('range_away', language), 30000);
          await popup.page.screenshot({ path: `${outputFolder}/shared-range-away-${language}-${browser}.png`, fullPage: true });
          await registry.start();
          await pressText(popup, ask('range_ask', language));
        }
        await pressText(popup, word('range_yes', language));
        await saysText(popup, ask('range_here', language), 30000);
        const counts = language === 'en' ? '0 of 40 orders late or never' : '40 单中有 0 单发货晚了或没发货';
        await saysText(popup, counts);
        await popup.page.screenshot({ path: `${outputFolder}/shared-range-here-${language}-${browser}.png`, fullPage: true });
        await noViolations(popup);
        await view.page.bringToFront();
        await panelSays(counts);
      } finally {
        await popup.close();
      }
    }
    await speak('en');
    const own = await session.extensionPage('pages/options.html');
    try {
      await saysText(own, word('sharing_ranges_asked'));
    } finally {
      await own.close();
    }
    const { wanted } = JSON.parse(readFileSync(path.join(session.kaopuHome, 'pool', id, 'ranges.json'), 'utf8'));
    assert.deepEqual(wanted.map((one) => one.seller).sort(), ['kaopu-demo:100000', 'kaopu-demo:100001']);
  } finally {
    await speak('en');
    for (const one of JSON.parse(session.kaopu('registry', 'list', '--json')).registries.filter(({ name }) => name === 'Parts & Shops')) session.kaopu('registry', 'remove', one.id, '--yes');
    await registry.close();
  }
}, { timeout: 150000 });

it('a damaged index is left out and named, and the rest goes on', async (view) => {
  const broken = { id: '00000000000000fb', name: 'Broken Shelf', origin: 'broken.example/log' };
  putIndex(session.kaopuHome, broken, sellers);
  appendFileSync(path.join(session.kaopuHome, 'pool', broken.id, 'sellers.kpi'), 'more');
  await open(view, '910001', 'danger');
  const popup = await popupOf(view);
  try {
    await saysText(popup, word('badge_shared_left_out').replace('$REGISTRY$', 'Broken Shelf'));
    assert.match(session.kaopu('check', 'kaopu-demo:910001'), /A shared database could not be used/);
  } finally {
    await popup.close();
  }
});
