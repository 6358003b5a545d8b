// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Real saved shop pages at their real addresses: the badge appears, says the same as the command line says of the file, a
// dangerous seller's buy button is held where there is one to press, and nothing is asked of the network.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { answer, look, tabOf, waitForBadge, waitForDialog, word } from '../support/kaopu_ui.mjs';
import { noPages, savedPages, savedPagesSite } from '../support/saved_pages.mjs';
import { root, startSession } from '../support/session.mjs';
import { sleep } from '../support/view.mjs';
import { browser, seed, tabTest } from './world.mjs';

// One page a platform and a few stores of their own; KAOPU_ALL_PAGES=1 takes all that have an address.
const perPlatform = process.env.KAOPU_ALL_PAGES ? Infinity : { generic: 3 };
const pages = (() => {
  const taken = new Map();
  return savedPages().filter(({ kind, platform }) => {
    const count = taken.get(platform) ?? 0;
    taken.set(platform, count + 1);
    return kind === 'product page' && count < (perPlatform === Infinity ? Infinity : perPlatform[platform] ?? 1);
  });
})();
if (noPages) test('real saved pages', { skip: noPages }, () => {});

const site = savedPagesSite(pages);
let session;
before(async () => {
  if (noPages) return;
  session = await startSession({ browser, sites: [site], extension: path.join(root, 'build/extension-any', `test-${browser}`) });
});
after(async () => { await session?.close(); });

/** What the extension heard of the host about the page in the tab. */
async function heardOf(own, url) {
  const tab = await tabOf(own, url);
  const { page } = await own.eval((tab_id) => chrome.runtime.sendMessage({ type: 'overview', tab_id }), tab);
  return page?.result?.reply ?? null;
}

/** Selectors of the buy and cart buttons, from the adapter. */
function buttonsOf(platform) {
  const file = path.join(root, 'host/data/adapters', `${existsSync(path.join(root, 'host/data/adapters', `${platform}.json`)) ? platform : 'generic'}.json`);
  return JSON.parse(readFileSync(file, 'utf8')).buttons.filter((rule) => ['buy', 'cart'].includes(rule.role)).flatMap((rule) => rule.css ?? []);
}

for (const page of pages) {
  tabTest(() => session, `${page.id}: ${new URL(page.url).hostname}`, { timeout: 120000 }, async (view, context) => {
    site.show(page);
    // A page whose log-in form stands open (these are without their styles) is never read.
    await view.goto(page.url);
    if (await view.eval(() => [...document.querySelectorAll('input[type=password]')].some((one) => one.getBoundingClientRect().width > 1 && one.checkVisibility()))) {
      context.diagnostic(`${page.id}: shows a password field`);
      await sleep(1500);
      assert.deepEqual((await look(view)).badges, []);
      return;
    }
    const cold = JSON.parse(session.kaopu('page', page.file, '--url', page.url));
    const own = await session.extensionPage('pages/welcome.html');
    try {
      await view.page.bringToFront();
      const reply = await own.until(() => heardOf(own, view.page.url()), 'the check', 20000);
      for (const field of ['page_kind', 'platform']) assert.equal(reply.facts[field], cold[field], field);
      assert.equal(reply.facts.seller?.key ?? null, cold.seller?.key ?? null, 'seller.key');
      assert.equal(reply.facts.item?.price?.amount_minor ?? null, cold.item?.price?.amount_minor ?? null, 'item.price');
      if (page.kind === 'product page') assert.equal(reply.facts.page_kind, 'product');
      await waitForBadge(view);
      await view.screenshot(`saved-${page.id}-${browser}`);
      if (!cold.seller?.key) {
        context.diagnostic(`${page.id}: no seller key on this page, so nothing to be asked about`);
        return;
      }
      seed(session, cold.seller.key, 'danger');
      await view.goto(page.url);
      await waitForBadge(view, word('verdict_danger'), 20000);
      const button = await view.eval((selectors) => {
        for (const css of selectors) {
          let found = null;
          const pressable = (one) => {
            one.scrollIntoView({ block: 'center' });
            const box = one.getBoundingClientRect();
            return box.width > 0 && one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
          };
          try { found = [...document.querySelectorAll(css)].find((one) => one.checkVisibility({ visibilityProperty: true }) && pressable(one)); } catch { /* a selector of the snapshot only */ }
          if (found) { found.setAttribute('data-pressed-by-test', '1'); return css; }
        }
        return null;
      }, buttonsOf(page.platform));
      if (!button) {
        context.diagnostic(`${page.id}: no visible buy or cart button in the saved page`);
        return;
      }
      await view.press('[data-pressed-by-test]');
      await waitForDialog(view);
      await view.screenshot(`saved-dialog-${page.id}-${browser}`);
      await answer(view, 'dialog_back');
      assert.equal((await look(view)).dialog, null);
    } finally {
      await own.close();
    }
  });
}
