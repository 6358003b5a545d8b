// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// node count.mjs tap|junit FILE: first line "PASSED FAILED SKIPPED", then one line for each skip with its reason.
import { readFileSync } from 'node:fs';

const [kind, file] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');

function fromTap() {
  const lines = [...text.matchAll(/^\s*(not ok|ok) \d+ - (.*?)(?: # (SKIP|TODO)\b ?(.*))?$/gm)]
    .map(([, result, name, mark, reason]) => ({ failed: result === 'not ok' && mark !== 'TODO', skipped: mark === 'SKIP', name, reason }));
  // `node --test FILE` wraps nothing when a file has tests; a file that dies on loading is one failed line.
  return lines;
}

function fromJunit() {
  return [...text.matchAll(/<testcase name="([^"]*)"[^>]*?status="(\w+)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(([, name, status, inner = '']) => ({
    failed: status === 'fail', skipped: status === 'notrun' || status === 'disabled' || /<skipped/.test(inner), name,
    reason: inner.match(/\.cc:\d+: Skipped\s*\n?([^\n&<]*)/)?.[1] || inner.match(/<skipped message="([^"]*)"/)?.[1] || 'not run',
  }));
}

const rows = kind === 'tap' ? fromTap() : fromJunit();
const skipped = rows.filter((row) => row.skipped && !row.failed);
const failed = rows.filter((row) => row.failed);
console.log(rows.length - failed.length - skipped.length, failed.length, skipped.length);
for (const row of skipped) console.log(`skipped: ${row.name} (${row.reason || 'no reason given'})`);
