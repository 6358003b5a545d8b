// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A shared database as `kaopu sync` leaves it on a shopper's disk, made by the registry's own program.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { programs } from './session.mjs';

/** `YYYY-MM-DD`, so many days before today. @param {number} days */
export const dayBefore = (days) => new Date(Date.now() - days * 86400000).toISOString().slice(0, 10);

/**
 * @param {string} kaopuHome
 * @param {{id: string, name: string, origin: string, asOfDaysAgo?: number}} about
 * @param {Record<string, {ago: number}[]>} sellers by key: lines of `kaopu-registry index build` without the seller; `ago`: days before the index's day
 */
export function putIndex(kaopuHome, { id, name, origin, asOfDaysAgo = 0 }, sellers) {
  const folder = path.join(kaopuHome, 'pool', id);
  mkdirSync(folder, { recursive: true });
  const lines = Object.entries(sellers).flatMap(([seller, outcomes]) => outcomes.map(({ ago, ...outcome }) => JSON.stringify({ seller, on: dayBefore(asOfDaysAgo + ago), ...outcome })));
  const input = path.join(folder, 'outcomes.jsonl');
  writeFileSync(input, `${lines.join('\n')}\n`);
  execFileSync(path.join(programs, 'kaopu-registry'), ['index', 'build', input, '--out', path.join(folder, 'sellers.kpi'), '--details', path.join(folder, 'details.kpi'),
    '--origin', origin, '--as-of', dayBefore(asOfDaysAgo)], { stdio: 'pipe' });
  writeFileSync(path.join(folder, 'registry.json'), JSON.stringify({ v: 1, origin, name, log_key: `${origin}+00000000+AAAA`, operator_key: 'operator+00000000+AAAA',
    nullifier_key: 'AAAA', work_bits: 0, policy: { trust: 1 }, api: '/v1', url: 'https://registry.kaopu-demo.test/' }));
  writeFileSync(path.join(folder, 'sync.json'), JSON.stringify({ v: 1, checked_at_ms: Date.now() - 3600000, publish: 1, as_of: dayBefore(asOfDaysAgo), entries: lines.length, sellers: Object.keys(sellers).length, alarm: null }));
}

/** So many orders of one kind, one every `every` days up to the day before the index's. @param {string} outcome @param {number} count @param {object} [more] */
export const orders = (outcome, count, more = {}, every = 3) => Array.from({ length: count }, (_, i) => ({ outcome, ago: 1 + (i * every) % 300, ...more }));
