// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Pages that mean harm, as a site: hostile.kaopu-demo.test/<name>. Each looks to the adapter like a product page, so that
// its worst reaches every part: snapshot, host, badge, dialog, popup. `window.pwned` is set by anything that runs.

const run = 'window.pwned=1';
const marks = `<img src=x onerror="${run}"><svg onload="${run}"></svg>"'><script>${run}</script>{{constructor.constructor('${run}')()}}$NAME$ \${${run}} javascript:${run}`;
const rtl = '\u202Etfihs\u202D \u2066left\u2069 \u200Fright \u202Eunclosed \u2067';

const text = (value) => value.replace(/[&<>"]/g, (mark) => `&#${mark.codePointAt(0)};`);

/** A product page whose fields are given as HTML. */
function product({ title = 'Lamp', name = 'Seller', price = 'US$ 20.00', ships = 'Ships within 48 hours', href = '/seller/6001', extra = '', head = '', attributes = '' }) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body ${attributes}><main><div class="product"><h1>${title}</h1>
<p><a class="seller" href="${href}">${name}</a></p><p class="price">${price}</p><p class="ships">${ships}</p>
<div class="actions"><button class="buy-now" onclick="window.bought = (window.bought || 0) + 1">Buy now</button></div></div>${extra}</main></body></html>`;
}

/** Builds with the DOM's own calls what no HTML can say; the button works as soon as `window.built` is set. */
const script = (code) => `<script>addEventListener('DOMContentLoaded', () => { ${code}; window.built = true; });</script>`;

export const hostilePages = {
  markup: () => product({ title: text(marks), name: text(marks), price: `US$ 20.00 ${text(marks)}`, ships: text(`Ships within 48 hours ${marks}`), attributes: `data-x="${text(marks)}"`,
    head: `<meta name="description" content="${text(marks)}"><script type="application/ld+json">{"@type":"Product","name":${JSON.stringify(marks).replaceAll('</', '<\\/')}}</script>` }),
  rtl: () => product({ title: rtl, name: rtl, ships: `Ships within 48 hours ${rtl}` }),
  long: () => product({ title: 'x'.repeat(1_000_000), name: 'n'.repeat(1_000_000), ships: `Ships within 48 hours ${'y'.repeat(1_000_000)}` }),
  big: () => product({ extra: `<p>A paragraph among very many, with <b>some</b> <i>inline</i> markup. ${'A sentence or two of text in it. '.repeat(14)}</p>`.repeat(20_000) }),
  deep: () => product({ extra: '<div id="pit" hidden></div>', head: script(`let at = document.getElementById('pit'); for (let i = 0; i < 400; i += 1) { const top = document.createElement('div'); let end = top; for (let j = 1; j < 250; j += 1) { const next = document.createElement('div'); end.append(next); end = next; } at.append(top); at = end; } at.textContent = 'bottom'`) }),
  attributes: () => product({ extra: `<div id="many" ${Array.from({ length: 100_000 }, (_, i) => `data-a${i}="${i}"`).join(' ')}></div>` }),
  names: () => product({ extra: '<a:b<c" x"y=1 @click="z" :bind=1 =q>odd</a:b<c"><x\u0001y>ctrl</x\u0001y><p xml:lang="e" xmlns="q" 0=1 é=2>&#1;&#11;&#65534;</p>',
    head: script(`const p = document.createElement('p'); p.textContent = 'nul\\u0001\\u0008\\u000b\\uffff\\ufffe\\ud800 lone \\udc00]]>'; p.setAttribute('data-x', '\\u0000\\u001f\\ud83d'); document.querySelector('main').append(p)`) }),
  pollution: () => product({ head: `<script>
Object.prototype.verdict = 'dependable'; Object.prototype.key = 'kaopu-demo:1002'; Object.prototype.seller = {key: 'kaopu-demo:1002'};
Array.prototype.push = Array.prototype.map = Array.prototype.filter = String.prototype.replace = function () { ${run}; return []; };
Element.prototype.attachShadow = function (init) { ${run}; throw new Error('no'); };
JSON.stringify = Node.prototype.appendChild = Element.prototype.append = EventTarget.prototype.addEventListener = function () { throw new Error('no'); };
globalThis.chrome = globalThis.browser = {runtime: {sendMessage() { ${run}; }, connect() { ${run}; }}};</script>` }),
  clobbering: () => product({ extra: `<form id="attributes" name="body"><input name="attributes"><input name="childNodes"><input name="nodeName"><input name="parentNode"><input name="textContent">
<input name="getAttribute"><input name="querySelectorAll"><input name="matches"><input name="localName"><input name="firstChild"><input name="nextSibling"><input name="shadowRoot"><input name="tagName">
<button class="buy-now" id="second" type="button">Buy now</button></form><img name="documentElement"><img name="head"><img name="createElement"><a id="chrome"></a><a id="browser"></a>` }),
  impostor: () => product({ extra: '<kaopu-overlay><dialog open class="dependable">Dependable</dialog></kaopu-overlay>', head: `<script>
const click = () => { for (const host of document.querySelectorAll('*')) if (/^kaopu-/.test(host.localName)) { for (const type of ['pointerdown', 'click']) host.dispatchEvent(new MouseEvent(type, {bubbles: true, composed: true, clientX: 5, clientY: 5})); host.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, composed: true})); } };
setInterval(click, 20);
addEventListener('message', (event) => { if (JSON.stringify(event.data ?? '').includes('kaopu')) ${run}; });</script>` }),
  wrecker: () => product({ head: `<script>new MutationObserver((changes) => { for (const change of changes) for (const node of change.addedNodes) if (/^kaopu-/.test(node.localName)) { window.wrecked = (window.wrecked || 0) + 1; node.remove(); } }).observe(document, {childList: true, subtree: true});</script>` }),
  password: () => product({ title: 'PRIVATE-PAGE-4711', extra: '<form><label>Password <input type="password" name="p"></label></form>' }),
  'password-shadow': () => product({ title: 'PRIVATE-PAGE-4711-shadow', extra: '<log-in><template shadowrootmode="closed"><label>Password <input type="password"></label></template></log-in>' }),
  churn: () => product({ extra: '<p id="tick"></p>', head: `<script>setInterval(() => { history.replaceState({}, '', '/churn?' + Math.random()); document.getElementById('tick').textContent = Math.random(); document.title = 'Lamp ' + Math.random(); }, 50);</script>` }),
};

/** A store of its own that claims to be another shop's well-known seller. */
const forged = `<!doctype html><html><head><meta charset="utf-8"><title>Lamp</title><link rel="canonical" href="http://shop.kaopu-demo.test/item/102"><meta property="og:type" content="product"><meta property="og:url" content="http://shop.kaopu-demo.test/item/102">
<script type="application/ld+json">{"@context":"https://schema.org","@type":"Product","name":"Lamp","offers":{"@type":"Offer","price":"20","priceCurrency":"USD","seller":{"@type":"Organization","@id":"kaopu-demo:1002","name":"Harbour Tea House","url":"http://shop.kaopu-demo.test/seller/1002","identifier":"kaopu-demo:1002"}}}</script></head>
<body><main><div class="product"><h1>Lamp</h1><p><a class="seller" href="http://shop.kaopu-demo.test/seller/1002">Harbour Tea House</a></p><p class="price">US$ 20.00</p><button class="buy-now">Buy now</button></div></main></body></html>`;

/** @type {import('./web.mjs').Site} */
export function hostileSite(url) {
  if (url.hostname === 'forger.kaopu-store.test') return { body: forged };
  if (url.hostname !== 'hostile.kaopu-demo.test') return null;
  const name = url.pathname.slice(1);
  return Object.hasOwn(hostilePages, name) ? { body: hostilePages[name]() } : { status: 404, body: 'no such page' };
}
