// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// node count.mjs tap|junit FILE: first line "PASSED FAILED SKIPPED", then one line for each skip with its reason, each
// failure with its first words, and each test that passed only when tried again ("# flaky: ...").
import { readFileSync } from 'node:fs';

const [kind, file] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');

function fromTap() {
  const found = [...text.matchAll(/^\s*(not ok|ok) \d+ - (.*?)(?: # (SKIP|TODO)\b ?(.*))?$/gm)];
  const lines = found.map(({ index, 0: { length }, 1: result, 2: name, 3: mark, 4: reason }, i) => ({
    failed: result === 'not ok' && mark !== 'TODO', skipped: mark === 'SKIP', name, reason,
    said: text.slice(index + length, found[i + 1]?.index).match(/^ *error: (?:\|-\n\s*)?(.*)$/m)?.[1],
  }));
  // `node --test FILE` wraps nothing when a file has tests; a file that dies on loading is one failed line.
  return lines;
}

function fromJunit() {
  return [...text.matchAll(/<testcase name="([^"]*)"[^>]*?status="(\w+)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(([, name, status, inner = '']) => ({
    failed: status === 'fail', skipped: status === 'notrun' || status === 'disabled' || /<skipped/.test(inner), name,
    said: inner.match(/^.*(?:Failure|ERROR|error:).*$/m)?.[0],
    reason: inner.match(/\.cc:\d+: Skipped\s*\n?([^\n&<]*)/)?.[1] || inner.match(/<skipped message="([^"]*)"/)?.[1] || 'not run',
  }));
}

const rows = kind === 'tap' ? fromTap() : fromJunit();
const skipped = rows.filter((row) => row.skipped && !row.failed);
const failed = rows.filter((row) => row.failed);
console.log(rows.length - failed.length - skipped.length, failed.length, skipped.length);
for (const row of failed) console.log(`failed: ${row.name}${row.said ? ` (${row.said})` : ''}`);
for (const [, line] of text.matchAll(/^\s*# (flaky: .*)$/gm)) console.log(line);
for (const row of skipped) console.log(`skipped: ${row.name} (${row.reason || 'no reason given'})`);
