// node prepare.mjs KAOPU PAGES OUT: check_page requests for the benchmark, one a line, from saved pages through the cold path.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

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

const lines = [];
const sizes = [];
let smallest = null;
for (const page of pageList()) {
  const snapshot = execFileSync(kaopu, ['page', page.file, '--url', page.url, '--print-snapshot'], { encoding: 'utf8', maxBuffer: 1 << 26 }).trimEnd();
  lines.push(request(lines.length + 1, page.url, snapshot));
  sizes.push(Buffer.byteLength(snapshot));
  if (!smallest && sizes.at(-1) > 8000 && sizes.at(-1) < 30000) smallest = { url: page.url, snapshot };
}
writeFileSync(path.join(out, 'snapshots.jsonl'), `${lines.join('\n')}\n`);
sizes.sort((a, b) => a - b);
console.log(`${sizes.length} pages from ${existsSync(path.join(pages, 'labels.json')) ? 'the shared set' : "the project's own cases"}: `
  + `snapshots median ${Math.round(sizes[sizes.length >> 1] / 1024)} KiB, largest ${Math.round(sizes.at(-1) / 1024)} KiB`);

const base = smallest ?? { url: 'https://shop.example/p/1', snapshot: '<page v="1"><head/><data/><body><p>nothing</p></body></page>' };
const [, before, body, after] = base.snapshot.match(/^([\s\S]*?<body[^>]*>)([\s\S]*)(<\/body>[\s\S]*)$/);
for (const kib of [32, 64, 128, 256, 500]) {
  const times = Math.max(1, Math.floor((kib * 1024 - before.length - after.length) / Math.max(1, Buffer.byteLength(body))));
  writeFileSync(path.join(out, `grow-${kib}.jsonl`), `${request(1, base.url, before + body.repeat(times).replaceAll('</body><body>', '') + after)}\n`);
}
