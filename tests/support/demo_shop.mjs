// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The demonstration shop as a site for web.mjs. Hosts: any name below kaopu-demo.test; zh.kaopu-demo.test speaks Chinese,
// wallet.kaopu-demo.test is another company's payment frame.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cartPage, checkoutPage, donePage, homePage, productPage, spaPage, walletPage } from './demo_pages.mjs';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../pages/demo');
const words = JSON.parse(readFileSync(path.join(folder, 'words.json'), 'utf8'));

/** @returns {import('./web.mjs').Site & {orders: {item: string, how: string}[]}} */
export function demoShop() {
  const orders = [];
  /** @param {URL} url @param {{method: string, body: string}} request */
  const site = (url, request) => {
    if (!url.hostname.endsWith('.kaopu-demo.test')) return null;
    const say = url.hostname.startsWith('zh.') ? words.zh : words.en;
    const at = url.pathname;
    const item = url.searchParams.get('item') ?? new URLSearchParams(request.body).get('item') ?? '101';
    if (at === '/shop.css') return { type: 'text/css; charset=utf-8', body: readFileSync(path.join(folder, 'shop.css')) };
    if (at === '/api/buy' && request.method === 'POST') {
      orders.push({ item, how: url.searchParams.get('how') ?? '' });
      return { type: 'application/json', body: '{}' };
    }
    if (at === '/checkout/done' && request.method === 'POST') {
      orders.push({ item, how: 'checkout' });
      return { body: donePage(say) };
    }
    const html = htmlAt(say, url, at, item);
    return html ? { body: html } : { status: 404, body: 'no such page' };
  };
  return Object.assign(site, { orders });
}

function htmlAt(say, url, at, item) {
  if (url.hostname === 'wallet.kaopu-demo.test') return walletPage(item);
  if (at === '/') return homePage(say);
  if (at === '/cart') return cartPage(say, (url.searchParams.get('items') ?? url.searchParams.get('add') ?? '102,101,104').split(','));
  if (at.startsWith('/spa')) return spaPage(say, url.searchParams.get('seller') ?? undefined);
  const [, product] = at.match(/^\/item\/(\d+(?::\d+)?)$/) ?? [];
  if (product) return productPage(say, product, url.searchParams.get('way') ?? undefined);
  const [, step] = at.match(/^\/checkout\/(\w+)$/) ?? [];
  return step ? checkoutPage(say, step, item) : null;
}
