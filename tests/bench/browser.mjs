// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// node tests/bench/browser.mjs [chromium|firefox] [ROUNDS] [TRACED ROUNDS]: how long a page waits for Kaopu's badge and how long Kaopu ever keeps
// the page's main thread to itself. Real saved product pages where there are any, else the demonstration shop. Needs what
// `tests/run e2e` builds. On a busy machine: nice -n -10 node tests/bench/browser.mjs. PAGES (a regular
// expression) takes some of the saved pages.
//
//   start    the page's readyState becomes "interactive": everything is parsed, nothing that waits for it has run
//   badge    Kaopu's element stands in the page; painted: the first frame after that was drawn
//   gap      the longest time the page's main thread did not answer itself, from the start to 300 ms after the badge, and in
//            the same page without Kaopu to 600 ms after the start. The page's own work is in both.
//   ours     Chromium only, in rounds of their own (tracing costs time): the longest task of the page's main thread in which a
//            script of ours ran, wall and CPU time, layout that it made the browser do included
import path from 'node:path';
import { demoShop } from '../support/demo_shop.mjs';
import { savedPages, savedPagesSite } from '../support/saved_pages.mjs';
import { root, startSession } from '../support/session.mjs';
import { sleep } from '../support/view.mjs';

const browsers = process.argv[2] ? [process.argv[2]] : ['chromium', 'firefox'];
const rounds = Number(process.argv[3] ?? 5);
const traceRounds = Number(process.argv[4] ?? 1);

/** In the page. @param {boolean} withKaopu */
function watch(withKaopu) {
  if (window !== window.top) return;
  const seen = { start: 0, badge: 0, painted: 0, gap: 0, done: false };
  globalThis.kaopuBench = seen;
  const channel = new MessageChannel();
  let last = 0;
  channel.port1.onmessage = () => {
    const now = performance.now();
    if (last > 0) seen.gap = Math.max(seen.gap, now - last);
    last = now;
    seen.done = withKaopu ? seen.painted > 0 && now > seen.badge + 300 : now > seen.start + 600;
    if (!seen.done && now < seen.start + 6000) channel.port2.postMessage(0);
  };
  document.addEventListener('readystatechange', () => {
    if (seen.start > 0) return;
    seen.start = performance.now();
    const observer = new MutationObserver(() => {
      if (!document.querySelector('html > kaopu-overlay')) return;
      observer.disconnect();
      seen.badge = performance.now();
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => { seen.painted = performance.now(); };
        after.port2.postMessage(0);
      });
    });
    observer.observe(document.documentElement, { childList: true });
    channel.port2.postMessage(0);
  });
}

const sorted = (list) => [...list].sort((a, b) => a - b);
const at = (list, share) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))];
const ms = (value) => (value === undefined ? '      -' : value.toFixed(1).padStart(7));

/** The longest task of a trace in which a script of the extension ran. */
function longestOfOurs(trace) {
  const events = JSON.parse(Buffer.from(trace).toString('utf8')).traceEvents.filter(({ ph }) => ph === 'X');
  const longest = { wall: 0, cpu: 0 };
  const tasks = events.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask');
  for (const call of events) {
    const url = call.args?.data?.url ?? call.args?.data?.fileName ?? '';
    if (!url.startsWith('chrome-extension://') || !url.includes('/content/')) continue;
    for (const task of tasks) {
      if (task.pid !== call.pid || task.tid !== call.tid || task.ts > call.ts || task.ts + task.dur < call.ts) continue;
      longest.wall = Math.max(longest.wall, task.dur / 1000);
      longest.cpu = Math.max(longest.cpu, (task.tdur ?? 0) / 1000);
    }
  }
  return longest;
}

/** @param {string} browser @param {boolean} withKaopu @param {{url: string, name: string, show: () => void}[]} pages @param {any} site */
async function run(browser, withKaopu, pages, site) {
  const session = await startSession({ browser, sites: [site, demoShop()], extension: withKaopu ? path.join(root, 'build/extension-any', `test-${browser}`) : null });
  const rows = new Map(pages.map(({ name }) => [name, { badge: [], painted: [], gap: [], ours: [], missing: 0, silent: false }]));
  try {
    const view = await session.view();
    await view.page.evaluateOnNewDocument(watch, withKaopu);
    const traced = withKaopu && browser === 'chromium' ? traceRounds : 0;
    for (let round = 0; round <= rounds + traced; round += 1) { // the first starts the host and fills the caches
      for (const page of pages) {
        if (rows.get(page.name).silent) continue; // a page that is not read (an open log-in form) shows none in any round
        page.show();
        const tracing = round > rounds;
        if (tracing) await view.page.tracing.start({ categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'] });
        await view.page.goto(page.url, { waitUntil: 'domcontentloaded', timeout: 60000 });
        const seen = await view.until(() => view.eval(() => globalThis.kaopuBench?.done && globalThis.kaopuBench), page.name, 6000).catch(() => null);
        const row = rows.get(page.name);
        if (round === 0 && !seen) row.silent = true;
        if (tracing) row.ours.push(longestOfOurs(await view.page.tracing.stop()));
        else if (round > 0 && !seen) row.missing += 1;
        else if (round > 0) for (const [key, value] of Object.entries({ badge: seen.badge - seen.start, painted: seen.painted - seen.start, gap: seen.gap })) row[key].push(value);
        await view.page.goto('about:blank');
      }
    }
  } finally {
    await session.close();
  }
  return rows;
}

const wanted = new RegExp(process.env.PAGES ?? '');
const saved = savedPages().filter(({ kind, id }) => kind === 'product page' && wanted.test(id));
const site = savedPagesSite(saved);
const pages = saved.length > 0 ? saved.map((page) => ({ url: page.url, name: page.id, show: () => site.show(page) }))
  : ['button', 'checkout', 'wallet'].map((way) => ({ url: `http://shop.kaopu-demo.test/item/101?way=${way}`, name: `demo ${way}`, show: () => {} }));

for (const browser of browsers) {
  const [bare, mine] = [await run(browser, false, pages, site), await run(browser, true, pages, site)];
  console.log(`\n${browser}: ms from the parsed page, ${rounds} rounds a page; medians, "ours" the worst of ${traceRounds}`);
  console.log(`  ${''.padEnd(32)}   badge painted     gap without    more    ours     cpu`);
  const all = { badge: [], painted: [], more: [], wall: [], cpu: [] };
  for (const { name } of pages) {
    const [row, without] = [mine.get(name), bare.get(name)];
    if (row.badge.length === 0) {
      console.log(`  ${name.padEnd(32)}   no badge`);
      continue;
    }
    const more = at(row.gap, 0.5) - at(without.gap, 0.5);
    const [wall, cpu] = ['wall', 'cpu'].map((key) => (row.ours.length > 0 ? Math.max(...row.ours.map((one) => one[key])) : undefined));
    console.log(`  ${name.padEnd(32)} ${[at(row.badge, 0.5), at(row.painted, 0.5), at(row.gap, 0.5), at(without.gap, 0.5), more, wall, cpu].map(ms).join(' ')}`);
    all.badge.push(...row.badge);
    all.painted.push(...row.painted);
    all.more.push(more);
    if (wall !== undefined) { all.wall.push(wall); all.cpu.push(cpu); }
  }
  const line = (list) => `p50 ${ms(at(list, 0.5))}  p99 ${ms(at(list, 0.99))}  worst ${ms(at(list, 1))}`;
  console.log(`  badge    ${line(all.badge)}\n  painted  ${line(all.painted)}\n  longer gap than without Kaopu, by page  ${line(all.more)}`);
  if (all.wall.length > 0) console.log(`  longest task of ours, by page  wall ${line(all.wall)}\n                                 cpu  ${line(all.cpu)}`);
  const loads = [...mine.values()].reduce((sum, row) => sum + row.badge.length, 0);
  console.log(`  ${loads} of ${[...mine.values()].filter(({ silent }) => !silent).length * rounds} loads showed a badge`);
}
