// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Real saved shop pages at their real addresses: as files, scripts off, everything else they ask for refused. The pages are
// other people's work and not in this tree; $KAOPU_SHARED_PAGES or ../shared/pages names them.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './session.mjs';

export const pagesFolder = process.env.KAOPU_SHARED_PAGES ?? path.join(root, '../shared/pages');
export const noPages = existsSync(path.join(pagesFolder, 'labels.json')) ? false : `no saved pages in ${pagesFolder}`;

/** @returns {{file: string, url: string, platform: string, kind: string, charset: string, fields: any, id: string}[]} those with an address of their own */
export function savedPages() {
  if (noPages) return [];
  return JSON.parse(readFileSync(path.join(pagesFolder, 'labels.json'), 'utf8')).filter((row) => row.url).map((row) => ({
    file: path.join(pagesFolder, row.file), id: row.source_id, url: new URL(row.url.startsWith('//') ? `https:${row.url}` : row.url.replaceAll('&amp;', '&')).href,
    platform: row.platform, kind: row.page_kind, charset: row.encoding_actual ?? 'utf-8', fields: row.fields,
  }));
}

/** @param {ReturnType<typeof savedPages>} pages @returns {import('./web.mjs').Site & {show: (page: any) => void}} one page at a time: two may share an address */
export function savedPagesSite(pages) {
  let current = pages[0];
  // Browsers ask for https first, whatever the address said when the page was saved.
  const place = (url) => url.host + url.pathname + url.search;
  const site = (url) => (current && place(url) === place(new URL(current.url)) ? {
    type: `text/html; charset=${current.charset}`, headers: { 'content-security-policy': "script-src 'none'" }, body: readFileSync(current.file),
  } : null);
  return Object.assign(site, { show: (page) => { current = page; } });
}
