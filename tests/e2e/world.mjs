// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the end-to-end tests share: which browser, sellers with a record, screenshots of what went wrong.
import { test } from 'node:test';

export const browser = /** @type {'chromium'|'firefox'} */ (process.env.KAOPU_BROWSER ?? 'chromium');

let next = 700100;
/** A seller nobody has used yet, with its record seeded through the command line. @param {any} session @param {'danger'|'dependable'|'unknown'|'watch_out'} verdict */
export function sellerWith(session, verdict) {
  next += 1;
  seed(session, `kaopu-demo:${next}`, verdict);
  return String(next);
}

const records = {
  danger: ['never_shipped', 'never_shipped', 'late', 'never_shipped'],
  watch_out: ['on_time', 'late', 'on_time', 'late', 'on_time', 'on_time'],
  dependable: ['on_time', 'on_time', 'on_time', 'on_time', 'on_time', 'on_time'],
  unknown: [],
};

export function seed(session, key, verdict) {
  for (const outcome of records[verdict]) session.kaopu('outcome', 'add', key, outcome);
}

/**
 * A test with a tab of its own; the tab's picture is kept when it fails. Two browsers on a busy machine now and then lose a
 * tab or an event of their own: a test that fails is tried once more in a fresh tab, and when that passes the whole run ends
 * with a line "flaky" with the test's name and what went wrong. @param {() => any} session
 */
export function tabTest(session, name, options, body) {
  const { timeout = 60000, ...others } = options;
  test(name, { timeout: 2 * timeout + 20000, ...others }, async (context) => {
    try {
      await once(session(), name, timeout, body, context);
    } catch (error) {
      if (session()?.ended() ?? true) throw error;
      await session().closeTabs();
      try {
        await once(session(), name, timeout, body, context);
      } catch (again) {
        throw new Error(`${String(again?.message ?? again)} (and the first time: ${String(error?.message ?? error)})`, { cause: again });
      }
      context.diagnostic(`flaky: ${name}: ${String(error?.message ?? error).split('\n')[0]}`);
    }
  });
}

async function once(session, name, timeout, body, context) {
  const view = await session.view();
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`took more than ${timeout} ms`)), timeout); });
  try {
    await Promise.race([body(view, context), late]);
  } catch (error) {
    await view.screenshot(`failed-${browser}-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`).catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
    await view.close().catch(() => {});
  }
}
