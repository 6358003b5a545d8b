// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// node tests/bench/browser.mjs [chromium|firefox] [ROUNDS] [TRACED ROUNDS]: how long a page waits for Kaopu's badge and how long Kaopu ever keeps
// the page's main thread to itself. Real saved product pages where there are any, else the demonstration shop. Needs what
// `tests/run e2e` builds, and echo_host (cmake --build --preset dev --target echo_host) for the floor. On a busy machine:
// nice -n -10 node tests/bench/browser.mjs. PAGES (a regular expression) takes some of the saved pages. LINE_MBIT (a number)
// sends them compressed over a line of so many Mbit/s, as shops do; without it a whole page is there at once, as from this disk.
//
//   start    the browser's own domInteractive: the page is parsed, nothing that waits for it has run. Nothing can be known of the
//            whole page before; what Kaopu does between parsing and this (the plan, the line to the host) it does while the page loads.
//   badge    Kaopu's element stands in the page; painted: the first frame after that was drawn
//   gap      the longest time the page's main thread did not answer itself, from the start to 300 ms after the badge, and in
//            the same page without Kaopu to 600 ms after the start. The page's own work is in both.
//   floor    the same pages with an extension that only sends an empty message to an echo program and shows an empty badge
//            (peers/floor): what the browser alone takes
//   ours     Chromium only, in rounds of their own (tracing costs time): the longest time that calls of our script took within one
//            task of the page's main thread, wall and CPU time, layout that they made the browser do included
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
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
    setTimeout(() => { seen.start = performance.getEntriesByType('navigation')[0]?.domInteractive || seen.start; });
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

/** The same answers, compressed, in parts that arrive as over a line. @param {import('../support/web.mjs').Site} site @param {number} mbit a second @returns {import('../support/web.mjs').Site} */
function overLine(site, mbit) {
  const PART = 8 * 1024;
  return (url, request) => {
    const answer = /** @type {any} */ (site(url, request));
    if (!answer) return null;
    const bytes = gzipSync(answer.body, { level: 6 });
    async function* arriving() {
      const begin = performance.now();
      for (let sent = 0; sent < bytes.length; sent += PART) {
        await sleep(Math.max(0, begin + ((sent + PART) * 8) / (mbit * 1000) - performance.now()));
        yield bytes.subarray(sent, sent + PART);
      }
    }
    return { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, body: arriving() };
  };
}

const sorted = (list) => [...list].sort((a, b) => a - b);
const at = (list, share) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))];
const ms = (value) => (value === undefined ? '      -' : value.toFixed(1).padStart(7));

/** The longest that the content script kept the main thread in one task of a trace. */
function longestOfOurs(trace) {
  const events = JSON.parse(Buffer.from(trace).toString('utf8')).traceEvents.filter(({ ph }) => ph === 'X');
  const isOurs = ({ args }) => {
    const url = args?.data?.url ?? args?.data?.fileName ?? '';
    return url.startsWith('chrome-extension://') && url.includes('/content/');
  };
  const within = (inner, outer) => inner !== outer && inner.pid === outer.pid && inner.tid === outer.tid && outer.ts <= inner.ts && inner.ts + inner.dur <= outer.ts + outer.dur;
  const calls = events.filter(isOurs);
  const outermost = calls.filter((call) => !calls.some((other) => within(call, other) && other.dur > call.dur));
  const tasks = events.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask');
  const longest = { wall: 0, cpu: 0 };
  for (const task of tasks) {
    const inside = outermost.filter((call) => within(call, task));
    longest.wall = Math.max(longest.wall, inside.reduce((sum, { dur }) => sum + dur / 1000, 0));
    longest.cpu = Math.max(longest.cpu, inside.reduce((sum, { tdur }) => sum + (tdur ?? 0) / 1000, 0));
  }
  return longest;
}

/** The floor's extension, with the identity that the host's manifest lets in. @param {string} browser @returns {string} its folder */
function floorExtension(browser) {
  const { key, browser_specific_settings } = JSON.parse(readFileSync(path.join(kaopuExtension(browser), 'manifest.json'), 'utf8'));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kaopu-floor-'));
  cpSync(path.join(root, 'tests/bench/peers/floor'), folder, { recursive: true });
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify({
    manifest_version: 3, name: 'floor', version: '1', key, browser_specific_settings, permissions: ['nativeMessaging'], host_permissions: ['*://*/*'],
    background: browser === 'chromium' ? { service_worker: 'background.js' } : { scripts: ['background.js'] },
    content_scripts: [{ matches: ['*://*/*'], js: ['content.js'], run_at: 'document_start' }],
  }));
  return folder;
}

/** Why a page shows no badge, as the extension itself knows it. @param {any} own a page of the extension, null where it has none @param {any} view */
async function whyNone(own, view) {
  const overview = await own?.eval(async (url) => {
    const tab = (await chrome.tabs.query({})).find((one) => one.url === url);
    return tab ? chrome.runtime.sendMessage({ type: 'overview', tab_id: tab.id }) : null;
  }, view.page.url());
  const { result } = overview?.page ?? {};
  if (!overview) return 'badge not in time';
  if (!overview.page) return 'the extension never heard of the page';
  const fields = await view.eval(() => [...document.querySelectorAll('input[type=password]')].filter((one) => one.checkVisibility()).length);
  if (!result) return fields > 0 ? 'not read: a password field is on the screen' : 'not read: no plan for it, or nothing in it says shop';
  if (result.status !== 'ok') return `not judged: ${result.status} ${result.code}`;
  return `judged a page of kind ${result.reply.facts.page_kind}, platform ${result.reply.facts.platform}; badge not in time`;
}

const kaopuExtension = (browser) => path.join(root, 'build/extension-any', `test-${browser}`);
const echoHost = path.join(root, 'build/dev/bench/echo_host');

/** @param {string} browser @param {'bare'|'floor'|'kaopu'} what @param {{url: string, name: string, show: () => void}[]} pages @param {any} served */
async function run(browser, what, pages, served) {
  const withKaopu = what !== 'bare';
  const extension = { bare: () => null, floor: () => floorExtension(browser), kaopu: () => kaopuExtension(browser) }[what]();
  const session = await startSession({ browser, sites: [served, demoShop()], extension, ...(what === 'floor' ? { host: echoHost } : {}) });
  const rows = new Map(pages.map(({ name }) => [name, { badge: [], painted: [], gap: [], ours: [], missing: [], silent: false }]));
  try {
    const own = what === 'kaopu' ? await session.extensionPage('pages/welcome.html') : null;
    const view = await session.view();
    await view.page.evaluateOnNewDocument(watch, withKaopu);
    const traced = what === 'kaopu' && browser === 'chromium' ? traceRounds : 0;
    for (let round = 0; round <= rounds + traced; round += 1) { // the first starts the host and fills the caches
      for (const page of pages) {
        if (rows.get(page.name).silent) continue; // a page that is not read (an open log-in form) shows none in any round
        page.show();
        const tracing = round > rounds;
        if (tracing) await view.page.tracing.start({ categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'] });
        const row = rows.get(page.name);
        const failed = await view.page.goto(page.url, { waitUntil: 'domcontentloaded', timeout: 60000 }).then(() => null, (error) => `did not load: ${error.message}`);
        const seen = failed ? null : await view.until(() => view.eval(() => globalThis.kaopuBench?.done && globalThis.kaopuBench), page.name, 6000).catch(() => null);
        if (!seen) row.missing.push(failed ?? await whyNone(own, view).catch((error) => error.message));
        if (round === 0 && !seen) row.silent = true;
        if (tracing) row.ours.push(longestOfOurs(await view.page.tracing.stop()));
        else if (round > 0 && seen) for (const [key, value] of Object.entries({ badge: seen.badge - seen.start, painted: seen.painted - seen.start, gap: seen.gap })) row[key].push(value);
        await view.page.goto('about:blank');
      }
    }
  } finally {
    await session.close();
    if (what === 'floor') rmSync(extension, { recursive: true, force: true });
  }
  return rows;
}

const wanted = new RegExp(process.env.PAGES ?? '');
const saved = savedPages().filter(({ kind, id }) => kind === 'product page' && wanted.test(id));
const site = savedPagesSite(saved);
const lineMbit = Number(process.env.LINE_MBIT ?? 0);
const served = lineMbit > 0 ? overLine(site, lineMbit) : site;
const pages = saved.length > 0 ? saved.map((page) => ({ url: page.url, name: page.id, show: () => site.show(page) }))
  : ['button', 'checkout', 'wallet'].map((way) => ({ url: `http://shop.kaopu-demo.test/item/101?way=${way}`, name: `demo ${way}`, show: () => {} }));

for (const browser of browsers) {
  const bare = await run(browser, 'bare', pages, served);
  const floor = existsSync(echoHost) ? await run(browser, 'floor', pages, served) : null;
  if (!floor) console.log('without the floor: cmake --build --preset dev --target echo_host');
  const mine = await run(browser, 'kaopu', pages, served);
  console.log(`\n${browser}: ms from the parsed page (${lineMbit > 0 ? `arriving at ${lineMbit} Mbit/s` : 'there at once'}), ${rounds} rounds a page; medians, "ours" the worst of ${traceRounds}`);
  console.log(`  ${''.padEnd(32)}   badge painted   floor     gap without    more    ours     cpu`);
  const floorOf = (name) => (floor?.get(name).badge.length ? at(floor.get(name).badge, 0.5) : undefined);
  const all = { badge: [], painted: [], floor: [], more: [], wall: [], cpu: [] };
  for (const { name } of pages) {
    const [row, without] = [mine.get(name), bare.get(name)];
    if (row.badge.length === 0) {
      console.log(`  ${name.padEnd(32)}   no badge: ${[...new Set(row.missing)].join('; ')}`);
      continue;
    }
    const more = at(row.gap, 0.5) - at(without.gap, 0.5);
    const [wall, cpu] = ['wall', 'cpu'].map((key) => (row.ours.length > 0 ? Math.max(...row.ours.map((one) => one[key])) : undefined));
    console.log(`  ${name.padEnd(32)} ${[at(row.badge, 0.5), at(row.painted, 0.5), floorOf(name), at(row.gap, 0.5), at(without.gap, 0.5), more, wall, cpu].map(ms).join(' ')}`);
    all.badge.push(...row.badge);
    all.painted.push(...row.painted);
    all.floor.push(...(floor?.get(name).badge ?? []));
    all.more.push(more);
    if (wall !== undefined) { all.wall.push(wall); all.cpu.push(cpu); }
  }
  const line = (list) => `p50 ${ms(at(list, 0.5))}  p99 ${ms(at(list, 0.99))}  worst ${ms(at(list, 1))}`;
  console.log(`  badge    ${line(all.badge)}\n  painted  ${line(all.painted)}\n${all.floor.length > 0 ? `  floor    ${line(all.floor)}\n` : ''}  longer gap than without Kaopu, by page  ${line(all.more)}`);
  if (all.wall.length > 0) console.log(`  longest of ours in a task, by page  wall ${line(all.wall)}\n                                      cpu  ${line(all.cpu)}`);
  const loads = [...mine.values()].reduce((sum, row) => sum + row.badge.length, 0);
  for (const [name, { missing, badge }] of mine) if (badge.length > 0 && missing.length > 0) console.log(`  ${name}: none in ${missing.length} of the loads: ${[...new Set(missing)].join('; ')}`);
  console.log(`  ${loads} of ${[...mine.values()].filter(({ silent }) => !silent).length * rounds} loads showed a badge`);
}
