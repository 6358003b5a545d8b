// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Everything a shopper sees, as shoppers see things: dark, forced colours, no motion, zoomed, large text, a narrow window, a
// page written from right to left, both languages. Nothing is cut, nothing leaves the window, keys reach every answer. The
// pictures (looks-*.png) are kept to be looked at.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { noViolations } from '../support/axe.mjs';
import { demoShop } from '../support/demo_shop.mjs';
import { look, saysText, tabOf, waitForBadge, waitForDialog, waitUntilClosed, word } from '../support/kaopu_ui.mjs';
import { faultsIn, seeAs } from '../support/looks.mjs';
import { outputFolder, startSession } from '../support/session.mjs';
import { browser, tabTest } from './world.mjs';

const sellers = { danger: '900001', watch_out: '900002', dependable: '900003', unknown: '900004' };
const records = {
  danger: ['never_shipped', 'fake_shipment', 'late', 'on_time'], watch_out: ['on_time', 'late', 'on_time', 'late', 'on_time', 'on_time'],
  dependable: ['on_time', 'on_time', 'on_time', 'on_time', 'on_time', 'on_time'], unknown: [],
};
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft & Sons of Little Lantern Street';

/** The demonstration shop, one host of it from right to left, one with a seller's name that is long. */
function shop() {
  const site = demoShop();
  return async (url, request) => {
    const answer = await site(url, request);
    if (typeof answer?.body !== 'string') return answer;
    const body = url.hostname.startsWith('rtl.') ? answer.body.replace('<html ', '<html dir="rtl" ') : answer.body;
    return { ...answer, body: url.hostname.startsWith('long.') ? body.replaceAll(/Seller 9\d+/g, LONG).replace('<body ', '<body style="overflow-wrap: anywhere" ') : body };
  };
}

/** Orders with dates, `days` before today: what the popup draws. */
const day = (days) => new Date(Date.now() - days * 86400000).toISOString().slice(0, 10);
const dated = [['on_time', 320, 2, 1], ['on_time', 200, 3, 3], ['on_time', 120, 3, 2], ['late', 70, 2, 5], ['late', 40, 3, 9]];

let session;
before(async () => {
  session = await startSession({ browser, sites: [shop()] });
  for (const [verdict, seller] of Object.entries(sellers)) {
    for (const outcome of records[verdict]) session.kaopu('outcome', 'add', `kaopu-demo:${seller}`, outcome, ...(outcome === 'late' ? ['--days-late', '6'] : []));
  }
  for (const [outcome, ago, promised, took] of dated) {
    session.kaopu('outcome', 'add', `kaopu-demo:${sellers.danger}`, outcome, '--placed', day(ago), '--promised', day(ago - promised), '--shipped', day(ago - took));
  }
});
after(async () => { await session?.close(); });
const it = (name, body, options = {}) => tabTest(() => session, name, { timeout: 120000, ...options }, body);

/** Firefox shows that its own rendering does no worse; Chromium is taken through everything. */
const waysOf = (names) => (browser === 'chromium' ? names : names.filter((name) => ['plain', 'narrow', 'text'].includes(name)));
const verdicts = browser === 'chromium' ? Object.keys(sellers) : ['danger', 'unknown'];
const address = (verdict, host = 'shop') => `http://${host}.kaopu-demo.test/item/105:${sellers[verdict]}?way=button`;

async function speak(language) {
  const own = await session.extensionPage('pages/options.html');
  await own.until(() => own.eval((chosen) => chrome.runtime.sendMessage({ type: 'settings', changes: { language: chosen } }), language), 'the language');
  await own.close();
}

async function seenInPage(view, name) {
  await view.screenshot(`looks-${name}-${browser}`);
  assert.deepEqual(await view.ui(faultsIn), [], name);
}

async function seenInOwnPage(own, name) {
  await own.page.screenshot({ path: `${outputFolder}/looks-${name}-${browser}.png`, fullPage: true });
  assert.deepEqual(await own.page.evaluate(`(${faultsIn})([document])`), [], name);
}

/** Scrolls to the badge and opens its panel where it has come to stand; a page still settling may move it from under the press. */
async function openPanel(view) {
  await view.eval(() => document.querySelector('.buy-now').scrollIntoView({ block: 'center' }));
  let before = '';
  await view.until(async () => {
    const { badges: [badge], panel } = await look(view);
    if (panel) return true;
    const still = JSON.stringify(badge) === before;
    before = JSON.stringify(badge);
    if (!badge || !still) return false;
    await view.page.mouse.click(badge.x, badge.y);
    return view.until(async () => (await look(view)).panel, 'the panel', 1500).catch(() => false);
  }, 'the panel', 20000);
  await standsStill(view);
}

const standsStill = (view) => view.until(() => view.ui(([top]) => top.getAnimations({ subtree: true }).every((one) => one.playState === 'finished')), 'it to stand still');

/** How many reasons point which way, each by a mark and by words for readers. */
const waysInPanel = (view) => view.ui(([top]) => {
  const count = {};
  for (const item of top.querySelectorAll('.panel .points li:is(.for, .against, .neutral)')) {
    if (item.querySelector('.way svg path') && item.querySelector('.for-reader').textContent.trim()) count[item.className] = (count[item.className] ?? 0) + 1;
  }
  return count;
});

async function panels(verdict, names, { host = 'shop', language = 'en', label = '' }, view) {
  await view.goto(address(verdict, host));
  await waitForBadge(view, word(`verdict_${verdict}`, language));
  for (const name of names) {
    await seeAs(session, view, name);
    await openPanel(view);
    await seenInPage(view, `panel-${verdict}${label}-${name}`);
    const way = { danger: 'against', watch_out: 'against', dependable: 'for', unknown: 'neutral' }[verdict];
    assert.ok((await waysInPanel(view))[way] >= 1, `a reason ${way}, marked so`);
    await view.key('Escape');
    await view.until(async () => !(await look(view)).panel, 'the panel to close');
  }
}

it('badge and panel of every verdict', async (view) => {
  for (const verdict of verdicts) await panels(verdict, waysOf(verdict === 'danger' ? ['plain', 'dark', 'contrast', 'zoom', 'text', 'narrow'] : ['plain']), {}, view);
});
it('badge and panel in a page from right to left, with a long name', async (view) => {
  await panels('dependable', waysOf(['plain', 'narrow']), { host: 'rtl', label: '-rtl' }, view);
  await panels('danger', waysOf(['plain', 'narrow']), { host: 'long', label: '-long' }, view);
});

/** The question under every way of seeing; keys go round both answers and each stands in the window when it has the focus. */
async function questions(view, names, { host = 'shop', language = 'en', label = '' } = {}) {
  await view.goto(address('danger', host));
  await waitForBadge(view, word('verdict_danger', language));
  for (const name of names) {
    await seeAs(session, view, name);
    await view.press('.buy-now');
    const dialog = await waitForDialog(view);
    assert.equal(dialog.focused, word('dialog_back', language));
    await standsStill(view);
    await seenInPage(view, `dialog${label}-${name}`);
    for (const key of ['dialog_on', 'dialog_back']) {
      await view.key('Tab');
      const { text, inside } = await view.ui(([top]) => {
        const box = top.activeElement.getBoundingClientRect();
        return { text: top.activeElement.innerText.trim(), inside: box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth };
      });
      assert.deepEqual([text, inside], [word(key, language), true], `${name}: ${key} has the focus and is in the window`);
    }
    await view.key('Escape');
    await waitUntilClosed(view);
  }
}
it('the question before paying', (view) => questions(view, waysOf(['plain', 'dark', 'contrast', 'still', 'zoom', 'text', 'narrow'])));
it('the question in a page from right to left, and about a long name', async (view) => {
  await questions(view, waysOf(['plain']), { host: 'rtl', label: '-rtl' });
  await questions(view, waysOf(['narrow']), { host: 'long', label: '-long' });
});
it('nothing moves for those who asked for that', async (view) => {
  await view.goto(address('danger'));
  await waitForBadge(view, word('verdict_danger'));
  await seeAs(session, view, 'still');
  await view.press('.buy-now');
  await waitForDialog(view);
  assert.equal(await view.ui(([top]) => getComputedStyle(top.querySelector('dialog')).animationName), 'none');
});

/** One of our own pages, whole. */
async function ownPage(where, label, names, { ready, language = 'en' }) {
  const own = await session.extensionPage(where);
  try {
    for (const name of names) {
      await own.gotoExtension(session.base + where);
      await seeAs(session, own, name);
      await ready(own);
      await seenInOwnPage(own, `${label}-${name}`);
      if (['plain', 'dark'].includes(name)) await noViolations(own);
    }
    assert.equal(await own.eval(() => document.documentElement.lang), language.replace('_', '-'));
  } finally {
    await own.close();
  }
}
const everyWay = ['plain', 'dark', 'contrast', 'zoom', 'text', 'narrow'];
const welcomeReady = (language) => (own) => saysText(own, word('welcome_host_ok', language).split('$')[0]);
const optionsReady = (own) => own.until(() => own.eval(() => !document.querySelector('#caution').disabled), 'the settings');

it('first-run page and settings', async () => {
  await ownPage('pages/welcome.html', 'welcome', waysOf(everyWay), { ready: welcomeReady('en') });
  await ownPage('pages/options.html', 'options', waysOf(['plain', 'dark', 'text', 'narrow']), { ready: optionsReady });
});

async function popup(view, verdict, label, names, language = 'en') {
  await view.goto(address(verdict));
  await waitForBadge(view, word(`verdict_${verdict}`, language));
  const own = await session.extensionPage('pages/options.html');
  const tab = await own.until(() => tabOf(own, view.page.url()), 'the tab');
  await own.close();
  await ownPage(`pages/popup.html?tab=${tab}`, label, names, { language, ready: async (page) => {
    await page.until(() => page.eval(() => document.querySelectorAll('#forms details').length === 2), 'the forms');
    await page.eval(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
    await page.until(() => page.eval(() => document.querySelectorAll('.numbers tr').length > 5), 'the numbers');
  } });
}
/** The days' rows as texts, and how many shapes of each kind stand in both drawings. */
const drawn = (page) => page.eval(() => ({
  rows: [...document.querySelectorAll('.plots figure:first-of-type tbody tr')].map((row) => [...row.children].slice(2).map((cell) => cell.innerText.trim()).join(' of ')),
  solid: document.querySelectorAll('.plots .drawing rect[fill=currentColor]').length,
  striped: document.querySelectorAll('.plots .drawing rect[fill^=url]').length,
  hollow: document.querySelectorAll('.plots .drawing rect[fill=none]').length,
  wide: Math.min(...[...document.querySelectorAll('.plots .drawing')].map((one) => one.getBoundingClientRect().width)),
}));

it('days to ship and the last months are drawn, also from right to left', async (view) => {
  await view.goto(address('danger'));
  await waitForBadge(view, word('verdict_danger'));
  const own = await session.extensionPage('pages/options.html');
  try {
    const tab = await own.until(() => tabOf(own, view.page.url()), 'the tab');
    for (const direction of ['ltr', 'rtl']) {
      await own.gotoExtension(`${session.base}pages/popup.html?tab=${tab}`);
      await own.until(() => own.eval(() => document.querySelectorAll('.plots .drawing').length > 1), 'the drawings');
      await own.eval((dir) => { document.documentElement.dir = dir; document.querySelector('.plots details').open = true; document.querySelector('.plots').scrollIntoView(); }, direction);
      await seenInOwnPage(own, `plots-${direction}`);
      const { rows, solid, striped, hollow, wide } = await drawn(own);
      assert.deepEqual(rows, ['1 of 2', '3 of 3', '2 of 3', '5 of 2', '9 of 3']);
      assert.ok(solid >= 5 && striped >= 3 && hollow >= 1 && wide > 60, JSON.stringify({ solid, striped, hollow, wide }));
      await noViolations(own);
    }
  } finally {
    await own.close();
  }
});

it('popup', async (view) => {
  await popup(view, 'danger', 'popup', waysOf(everyWay));
  await popup(view, 'unknown', 'popup-unknown', waysOf(['plain']));
});

it('all of it in Chinese', async (view) => {
  await speak('zh_CN');
  try {
    for (const verdict of verdicts) await panels(verdict, ['plain'], { host: 'zh', language: 'zh_CN', label: '-zh' }, view);
    await questions(view, browser === 'chromium' ? ['plain', 'narrow', 'text'] : ['narrow'], { host: 'zh', language: 'zh_CN', label: '-zh' });
    await ownPage('pages/welcome.html', 'welcome-zh', ['narrow'], { language: 'zh_CN', ready: welcomeReady('zh_CN') });
    await ownPage('pages/options.html', 'options-zh', ['narrow'], { language: 'zh_CN', ready: optionsReady });
    await popup(view, 'danger', 'popup-zh', ['plain'], 'zh_CN');
  } finally {
    await speak('auto');
  }
});
