#!/usr/bin/env node
// The peer of the check benchmark: a native-messaging host in node that reads the same snapshot with cheerio (htmlparser2, XML mode)
// and looks for the same fields: JSON-LD, microdata, OpenGraph, seller links, prices, promises by pattern, page kind by markers.
import { readFileSync } from 'node:fs';
import * as cheerio from 'cheerio';

const PROMISE = /(\d+)\s*(?:小时|天|hours?|days?|business days|Werktage|jours)[^。.;]{0,12}(?:发货|送达|ship|deliver|dispatch|Versand|livr)/gi;
const PRICE = /(?:[¥￥$€£]|US\s?\$|EUR|USD|CNY|RMB)\s?\d[\d.,]*/g;
const CHALLENGE = /captcha|robot check|are you a (?:human|robot)|滑动验证/i;
const TERMS = [/最终解释权/, /概不退换/, /no refunds?\b/i, /deemed (?:accepted|acceptance)/i, /加微信|私下转账|wire transfer only/i];
const SELECTORS = {
  sellerId: ['input[name=merchantID]', '#merchantID', '[data-seller-id]', '[data-shop-id]', 'meta[name=microscope-data]'],
  sellerName: ['#sellerProfileTriggerId', '.tb-shop-name a', 'a.slogo-shopname', '[itemprop=seller] [itemprop=name]', '[data-testid=ux-seller-section__item--seller] a'],
  price: ['.p-price .price', '#J_StrPrice .tb-rmb-num', '.tm-price', '#priceblock_ourprice', '.a-price .a-offscreen', '[itemprop=price]', 'meta[property="product:price:amount"]'],
  title: ['#productTitle', 'h1', 'meta[property="og:title"]', '[itemprop=name]'],
  ratings: ['.tb-shop-rate dl', '.shop-rate li', '#acrPopover', '[itemprop=ratingValue]'],
};

function extract($) {
  const facts = { jsonld: [], microdata: [], og: {}, fields: {}, promises: [], prices: [], terms: [] };
  $('script[type="application/ld+json"]').each((_, el) => {
    try {
      facts.jsonld.push(JSON.parse($(el).text()));
    } catch {
      // a broken block is no facts
    }
  });
  $('meta[property]').each((_, el) => { facts.og[$(el).attr('property')] = $(el).attr('content'); });
  $('[itemprop]').each((_, el) => facts.microdata.push([$(el).attr('itemprop'), $(el).attr('content') ?? $(el).text().trim().slice(0, 200)]));
  for (const [field, list] of Object.entries(SELECTORS)) {
    for (const selector of list) {
      const hit = $(selector).first();
      if (hit.length) {
        facts.fields[field] = hit.attr('content') ?? hit.attr('value') ?? hit.text().trim();
        break;
      }
    }
  }
  const text = $('body').text().replace(/\s+/g, ' ');
  facts.promises = text.match(PROMISE) ?? [];
  facts.prices = (text.match(PRICE) ?? []).slice(0, 50);
  facts.terms = TERMS.filter((term) => term.test(text)).map(String);
  facts.kind = CHALLENGE.test(text.slice(0, 5000)) ? 'challenge' : facts.fields.price ? 'product' : 'other';
  return facts;
}

// Without an op: how long each step took (page_bench.cc). Raw pages go through htmlparser2 too, the fastest that cheerio has.
function steps(request) {
  const bytes = request.file ? readFileSync(request.file) : null;
  const begin = performance.now();
  const $ = bytes
    ? cheerio.load(bytes.toString('utf8'), { xml: { xmlMode: false, decodeEntities: true } })
    : cheerio.load(request.snapshot, { xml: { xmlMode: true, decodeEntities: true } });
  const read = performance.now() - begin;
  extract($);
  return { bytes: bytes?.length ?? Buffer.byteLength(request.snapshot), read_ms: read, facts_ms: performance.now() - begin };
}

function answer(request) {
  if (request.op === 'hello') return { v: 1, id: request.id, ok: true, version: 'peer' };
  if (!request.op) return steps(request);
  const $ = cheerio.load(request.snapshot, { xml: { xmlMode: true, decodeEntities: true } });
  const facts = extract($);
  return { v: 1, id: request.id, ok: true, found: Object.keys(facts.fields).length, facts: { ...facts, microdata: facts.microdata.length } };
}

let pending = Buffer.alloc(0);
process.stdin.on('data', (chunk) => {
  pending = Buffer.concat([pending, chunk]);
  while (pending.length >= 4) {
    const size = pending.readUInt32LE(0);
    if (pending.length < 4 + size) return;
    const body = Buffer.from(JSON.stringify(answer(JSON.parse(pending.subarray(4, 4 + size).toString('utf8')))));
    pending = pending.subarray(4 + size);
    const header = Buffer.alloc(4);
    header.writeUInt32LE(body.length);
    process.stdout.write(Buffer.concat([header, body]));
  }
});
process.stdin.on('end', () => process.exit(0));
