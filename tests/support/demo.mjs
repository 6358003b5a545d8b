// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// node demo.mjs zh|en yes|no: the demonstration of host/try, after everything is built. "yes" opens a window.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { demoShop } from './demo_shop.mjs';
import { root, startSession } from './session.mjs';
import { dialogText, waitForBadge, waitForDialog } from './kaopu_ui.mjs';

const [language = 'en', window = 'no'] = process.argv.slice(2);
const say = (text) => console.log(`        ${text}`);
const shop = language === 'zh' ? 'http://zh.kaopu-demo.test' : 'http://shop.kaopu-demo.test';
const seller = 'kaopu-demo:1001';
const day = (back) => new Date(Date.now() - back * 86400000).toISOString().slice(0, 10);

/** What the shopper went through with this seller. */
const record = [
  ['never_shipped', '--placed', day(120), '--promised', day(118)],
  ['late', '--placed', day(90), '--promised', day(88), '--shipped', day(69)],
  ['never_shipped', '--placed', day(60), '--promised', day(58)],
  ['late', '--placed', day(40), '--promised', day(38), '--shipped', day(24)],
  ['on_time', '--placed', day(200), '--promised', day(198), '--shipped', day(199)],
];

function nextStep() {
  console.log('\nNext: tests/run runs every test; README.md says how to use Kaopu every day.');
}

async function main() {
  const session = await startSession({
    browser: 'chromium', sites: [demoShop()], headless: window !== 'yes', language: language === 'zh' ? 'zh-CN' : 'en-US',
    extension: path.join(root, 'build/demo-extension/test-chromium'),
  });
  const closed = new Promise((resolve) => { session.instance.once('disconnected', resolve); });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await session.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => { stop().finally(() => process.exit(0)); });
  try {
    say('a throw-away browser profile, home and KAOPU_HOME are made; the shop runs on this computer alone');
    for (const [outcome, ...dates] of record) session.kaopu('outcome', 'add', seller, outcome, ...dates);
    say(`${record.length} earlier orders with the seller were written down: kaopu outcome add ${seller} ...`);

    const view = await session.view(`${shop}/item/101`);
    const badge = await waitForBadge(view);
    say(`product page ${shop}/item/101 is open; Kaopu's badge says: ${badge}`);
    await view.press('.buy-now');
    await waitForDialog(view);
    say('"buy" was pressed; Kaopu held the click and asks:');
    console.log(`\n${(await dialogText(view)).split('\n').map((line) => `            ${line}`).join('\n')}\n`);
    const folder = path.join(root, 'build/demo');
    mkdirSync(folder, { recursive: true });
    const picture = path.join(folder, `warning-${language}.png`);
    await view.page.bringToFront();
    await view.page.screenshot({ path: picture });
    say(`picture of it: ${picture}`);
    say(`the same in the terminal: kaopu check ${seller}`);
    console.log(`\n${session.kaopu('--lang', language === 'zh' ? 'zh_CN' : 'en', 'check', seller).trimEnd().split('\n').map((line) => `            ${line}`).join('\n')}`);
    if (window === 'yes') {
      say('the window is yours now: go on, go back, look around. Close it (or press Ctrl-C here) to end; nothing stays behind');
      await closed;
    }
    nextStep();
  } finally {
    await stop();
  }
}

main().catch((error) => {
  console.error(`\nThe demonstration stopped: ${error.message}`);
  console.error('Next: run "tests/run e2e --browser chromium" to see which part is broken; "build/release/kaopu doctor" looks at the host.');
  process.exit(1);
});
