// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A shopper's visit asks nobody: the host runs in a namespace without any network and under strace, the badge still says what
// the shared database knows, the purchase is held, and not one call that touches a network or starts a program is seen.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { demoShop } from '../support/demo_shop.mjs';
import { answer, waitForBadge, waitForDialog, word } from '../support/kaopu_ui.mjs';
import { programs, startSession } from '../support/session.mjs';
import { orders, putIndex } from '../support/shared_index.mjs';
import { browser, tabTest } from './world.mjs';

const apart = process.getuid?.() === 0 ? ['unshare', '-n', '--'] : ['unshare', '-rn', '--'];
const tried = spawnSync(apart[0], [...apart.slice(1), 'strace', '-f', '-qq', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
const cannot = tried.status === 0 ? null : `no network namespace or no strace here: ${(tried.error?.message ?? tried.stderr).trim()}`;

const folder = mkdtempSync(path.join(os.tmpdir(), 'kaopu-zero-'));
const log = path.join(folder, 'calls');
const host = path.join(folder, 'kaopu-host');
writeFileSync(host, `#!/bin/sh\nexec ${apart.join(' ')} strace -f -qq -s 4096 -o '${log}.'$$ -e trace=%network,execve,execveat,io_uring_setup,openat '${path.join(programs, 'kaopu-host')}' "$@"\n`);
chmodSync(host, 0o755);

let session;
before(async () => {
  if (cannot) return;
  session = await startSession({ browser, sites: [demoShop()], host });
  putIndex(session.kaopuHome, { id: '00000000000000fa', name: 'Fair Shops', origin: 'fair.example/log' }, { 'kaopu-demo:910001': [...orders('never_shipped', 12), ...orders('on_time', 12)] });
});
after(async () => {
  await session?.close();
  rmSync(folder, { recursive: true, force: true });
});

if (cannot) {
  test('a visit opens no socket', { skip: cannot }, () => {});
} else {
  tabTest(() => session, 'a visit opens no socket', { timeout: 120000 }, async (view) => {
    await view.goto('http://shop.kaopu-demo.test/item/101:910001?way=button');
    await waitForBadge(view, word('verdict_danger'), 60000);
    await view.press('.buy-now');
    await waitForDialog(view);
    await answer(view, 'dialog_on');
    await view.until(async () => await view.eval(() => window.shop.bought) === 1, 'the order');
    const calls = readdirSync(folder).filter((name) => name.startsWith('calls.')).map((name) => readFileSync(path.join(folder, name), 'utf8')).join('').split('\n').filter(Boolean);
    // It did look: the index was opened, under the eyes of strace.
    assert.ok(calls.some((line) => line.includes('sellers.kpi') && /= \d+$/.test(line)), 'the index was opened');
    const opened = calls.filter((line) => !/\bopenat\(/.test(line));
    const started = opened.filter((line) => /\bexecve\(/.test(line));
    const others = opened.filter((line) => !/\bexecve\(/.test(line) && /\b[a-z_0-9]+\(/.test(line));
    assert.deepEqual(others, []);
    for (const line of started) assert.ok(line.includes(`execve("${path.join(programs, 'kaopu-host')}"`), line);
  });
}
