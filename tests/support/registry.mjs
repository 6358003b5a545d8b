// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A running registry of the test's own, on a port of this machine.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { programs, root } from './session.mjs';

/** @param {{title: string}} about */
export async function startRegistry({ title }) {
  const env = { ...process.env, KAOPU_DATA: path.join(root, 'host/data') };
  const program = path.join(programs, 'kaopu-registry');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kaopu-registry-'));
  const data = path.join(folder, 'registry');
  /** A command over its data. @param {string} command @param {string[]} words */
  const run = (command, ...words) => execFileSync(program, [command, '--data', data, ...words], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('init', '--name', 'registry.example/log', '--title', title, '--work-bits', '0');
  let server; let port = 0;
  /** At the same port when it was stopped before. */
  const start = async () => {
    server = spawn(program, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--publish-minutes', '0'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const line of createInterface({ input: server.stderr })) {
      const event = JSON.parse(line);
      if (event.event === 'listening') { port = event.port; break; }
    }
    server.stderr.resume();
  };
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  };
  await start();
  return {
    data, port, run, start, stop,
    key: JSON.parse(readFileSync(path.join(data, 'public/registry.json'), 'utf8')).log_key,
    /** Made-up orders, told as shoppers do. @param {string[]} words REPORTS SELLERS BAD_PERCENT PLATFORM */
    tell: (...words) => execFileSync(path.join(programs, 'support/send_reports'), [`http://127.0.0.1:${port}`, ...words]),
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
