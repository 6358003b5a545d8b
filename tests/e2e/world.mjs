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

/** A test with a tab of its own; the tab's picture is kept when it fails. @param {() => any} session */
export function tabTest(session, name, options, body) {
  test(name, { timeout: 60000, ...options }, async (context) => {
    const view = await session().view();
    try {
      await body(view, context);
    } catch (error) {
      await view.screenshot(`failed-${browser}-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`).catch(() => {});
      throw error;
    } finally {
      await view.close().catch(() => {});
    }
  });
}
