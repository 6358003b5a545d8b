// node prepare.mjs KAOPU PAGES OUT: what the benchmarks send, from saved pages through the cold path. check_page requests, one a line
// (snapshots.jsonl, grow-*.jsonl, hostile-*.jsonl); for single steps (page_bench.cc) the same without an op (steps-*.jsonl).
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hostileHtml, hostileSnapshots } from './hostile.mjs';

const [kaopu, pages, out] = process.argv.slice(2);

function pageList() {
  const labels = path.join(pages, 'labels.json');
  if (existsSync(labels)) {
    return JSON.parse(readFileSync(labels, 'utf8')).map((row) => ({
      file: path.join(pages, row.file),
      url: row.url?.startsWith('http') ? row.url : row.url ? `https:${row.url}` : 'https://shop.example/p/1',
    }));
  }
  const own = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../host/data/adapters/cases');
  return readdirSync(own).filter((name) => name.endsWith('.html'))
    .map((name) => ({ file: path.join(own, name), url: 'https://shop.example/p/1' }));
}

function request(id, url, snapshot) {
  return JSON.stringify({ v: 1, id, op: 'check_page', url, title: '', lang: '', snapshot_version: 1, snapshot, cut: false });
}

const write = (name, lines) => writeFileSync(path.join(out, name), `${lines.join('\n')}\n`);
const step = (url, rest) => JSON.stringify({ url, ...rest });

const lines = [];
const steps = [];
const rawSteps = [];
const sizes = [];
let smallest = null;
for (const page of pageList()) {
  const snapshot = execFileSync(kaopu, ['page', page.file, '--url', page.url, '--print-snapshot'], { encoding: 'utf8', maxBuffer: 1 << 26 }).trimEnd();
  lines.push(request(lines.length + 1, page.url, snapshot));
  steps.push(step(page.url, { snapshot }));
  rawSteps.push(step(page.url, { file: page.file }));
  sizes.push(Buffer.byteLength(snapshot));
  if (!smallest && sizes.at(-1) > 8000 && sizes.at(-1) < 30000) smallest = { url: page.url, snapshot };
}
write('snapshots.jsonl', lines);
write('steps-snapshot.jsonl', steps);
write('steps-raw.jsonl', rawSteps);
sizes.sort((a, b) => a - b);
console.log(`${sizes.length} pages from ${existsSync(path.join(pages, 'labels.json')) ? 'the shared set' : "the project's own cases"}: `
  + `snapshots median ${Math.round(sizes[sizes.length >> 1] / 1024)} KiB, largest ${Math.round(sizes.at(-1) / 1024)} KiB`);

const base = smallest ?? { url: 'https://shop.example/p/1', snapshot: '<page v="1"><head/><data/><body><p>nothing</p></body></page>' };
const [, before, body, after] = base.snapshot.match(/^([\s\S]*?<body[^>]*>)([\s\S]*)(<\/body>[\s\S]*)$/);
for (const kib of [32, 64, 128, 256, 500]) {
  const times = Math.max(1, Math.floor((kib * 1024 - before.length - after.length) / Math.max(1, Buffer.byteLength(body))));
  const grown = before + body.repeat(times).replaceAll('</body><body>', '') + after;
  write(`grow-${kib}.jsonl`, [request(1, base.url, grown)]);
  write(`steps-grow-${kib}.jsonl`, [step(base.url, { snapshot: grown })]);
}

// Raw pages that grow: the largest saved page's body over and over.
const raw = pageList().map((page) => ({ ...page, text: readFileSync(page.file, 'utf8') })).sort((a, b) => b.text.length - a.text.length)[0];
const inside = raw.text.slice(0, 100_000).replace(/<\/?(?:html|head|body)[^>]*>/gi, '').replace(/<(script|style|textarea|title)\b[\s\S]*?(?:<\/\1>|$)/gi, '');
for (const kb of [100, 500, 1000, 3000, 10000]) {
  const file = path.join(out, `grow-${kb}.html`);
  writeFileSync(file, `<html><body>${inside.repeat(Math.ceil((kb * 1000) / Buffer.byteLength(inside)))}`.slice(0, kb * 1000));
  write(`steps-raw-${kb}.jsonl`, [step('https://shop.example/p/1', { file })]);
}
Object.entries(hostileSnapshots()).forEach(([name, snapshot]) => write(`hostile-snapshot-${name.replaceAll(' ', '_')}.jsonl`, [request(1, 'https://shop.example/p/1', snapshot)]));
Object.entries(hostileHtml()).forEach(([name, html]) => {
  const file = path.join(out, `hostile-${name.replaceAll(' ', '_')}.html`);
  writeFileSync(file, html);
  write(`hostile-raw-${name.replaceAll(' ', '_')}.jsonl`, [step('https://shop.example/p/1', { file })]);
});
