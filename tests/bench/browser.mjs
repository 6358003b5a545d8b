// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// node tests/bench/browser.mjs [chromium|firefox] [ROUNDS]: time from a page's DOMContentLoaded to Kaopu's badge, and how long the
// page's main thread was ever kept from answering in that time, beside the same pages in a browser without Kaopu. Real saved
// pages where there are any, else the demonstration shop. Needs what `tests/run e2e` builds.
import path from 'node:path';
import { demoShop } from '../support/demo_shop.mjs';
import { savedPages, savedPagesSite } from '../support/saved_pages.mjs';
import { root, startSession } from '../support/session.mjs';
import { sleep } from '../support/view.mjs';

const [browsers = ['chromium', 'firefox'], rounds = 5] = [process.argv[2] ? [process.argv[2]] : undefined, process.argv[3] ? Number(process.argv[3]) : undefined];

/** In the page: writes down when the document was there, when our element came, and the longest time without an answer. */
function watch() {
  const seen = { ready: 0, badge: 0, gap: 0 };
  globalThis.kaopuBench = seen;
  const channel = new MessageChannel();
  let last = 0;
  channel.port1.onmessage = () => {
    const now = performance.now();
    if (last > 0) seen.gap = Math.max(seen.gap, now - last);
    last = now;
    if (seen.badge === 0 && now - seen.ready < 4000) channel.port2.postMessage(0);
  };
  document.addEventListener('DOMContentLoaded', () => {
    seen.ready = performance.now();
    new MutationObserver(() => {
      if (seen.badge === 0 && document.querySelector('html > kaopu-overlay')) seen.badge = performance.now();
    }).observe(document.documentElement, { childList: true });
    channel.port2.postMessage(0);
  }, { once: true });
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const ms = (value) => (value === undefined ? '    -' : value.toFixed(1).padStart(7));

/** @param {string} browser @param {boolean} withKaopu @param {{url: string, name: string, show: () => void}[]} pages @param {any} site */
async function run(browser, withKaopu, pages, site) {
  const session = await startSession({ browser, sites: [site, demoShop()], extension: withKaopu ? path.join(root, 'build/extension-any', `test-${browser}`) : null });
  const rows = new Map();
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const page of pages) {
        page.show();
        const view = await session.view();
        await view.page.evaluateOnNewDocument(watch);
        await view.goto(page.url);
        const seen = await view.until(async () => { const now = await view.eval(() => globalThis.kaopuBench); return (withKaopu ? now.badge > 0 : true) && now; }, 'the badge', 5000).catch(() => null);
        if (!withKaopu) await sleep(200);
        const last = seen && await view.eval(() => globalThis.kaopuBench);
        await view.close();
        if (round === 0 || !last) continue; // the first round starts the host and fills the caches
        const row = rows.get(page.name) ?? { badge: [], gap: [] };
        row.badge.push(last.badge - last.ready);
        row.gap.push(last.gap);
        rows.set(page.name, row);
      }
    }
  } finally {
    await session.close();
  }
  return rows;
}

const saved = savedPages().filter(({ kind }) => kind === 'product page');
const site = savedPagesSite(saved);
const pages = saved.length > 0 ? saved.map((page) => ({ url: page.url, name: page.id, show: () => site.show(page) }))
  : ['button', 'checkout', 'wallet'].map((way) => ({ url: `http://shop.kaopu-demo.test/item/101?way=${way}`, name: `demo ${way}`, show: () => {} }));

for (const browser of browsers) {
  const [mine, bare] = [await run(browser, true, pages, site), await run(browser, false, pages, site)];
  console.log(`\n${browser}: ms, ${rounds} rounds a page          badge p50    max   blocked with Kaopu   without`);
  for (const { name } of pages) {
    const row = mine.get(name);
    const sorted = (list) => [...(list ?? [])].sort((a, b) => a - b);
    console.log(`  ${name.padEnd(34)} ${ms(at(sorted(row?.badge), 0.5))} ${ms(at(sorted(row?.badge), 1))}   ${ms(at(sorted(row?.gap), 0.5))}            ${ms(at(sorted(bare.get(name)?.gap), 0.5))}`);
  }
  const all = [...mine.values()].flatMap((row) => row.badge).sort((a, b) => a - b);
  const gaps = [...mine.values()].flatMap((row) => row.gap).sort((a, b) => a - b);
  console.log(`  all pages: badge p50 ${ms(at(all, 0.5))}, p99 ${ms(at(all, 0.99))}; blocked p50 ${ms(at(gaps, 0.5))}, worst ${ms(at(gaps, 1))}; ${all.length} of ${pages.length * rounds} loads showed a badge`);
}
