// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The pages of the demonstration shop, "Lantern Market": words in, HTML out. Every way of buying that the extension has to
// understand is one entry of `buyWays`.

/** Which seller sells which item, unless the address says another. */
const sellerOf = { 101: '1001', 102: '1002', 103: '1003', 104: '1004', 105: '1004' };

const nameOf = (words, seller) => words.sellers[seller] ?? `Seller ${seller}`;

/** "101" or "101:2001" to item and seller. @param {string} text */
function lot(text) {
  const [id, seller] = text.split(':');
  return { id, seller: /^\d+$/.test(seller ?? '') ? seller : sellerOf[id] };
}

// Writes down every event on its way through the page, and what is bought, for tests to read.
const recorder = `
window.shop = {events: [], bought: 0, orders: []};
for (const type of ['pointerdown', 'mousedown', 'touchstart', 'click', 'keydown', 'submit', 'pointerup', 'mouseup', 'keyup']) {
  document.addEventListener(type, (event) => {
    shop.events.push({type, trusted: event.isTrusted, prevented: event.defaultPrevented, target: event.target.id || event.target.className || event.target.tagName});
  });
}
window.buy = async (item, how) => {
  shop.bought += 1; shop.orders.push(how);
  document.getElementById('placed').textContent = document.body.dataset.thanks;
  document.body.dataset.bought = shop.bought;
  await fetch('/api/buy?item=' + item + '&how=' + how, {method: 'POST'});
};
document.addEventListener('click', (event) => {
  const target = event.target.closest && event.target.closest('[data-buy]');
  if (!target) return;
  if (target.dataset.trusted && !event.isTrusted) return;
  event.preventDefault();
  buy(target.dataset.item, target.dataset.buy);
});
document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-buy-form]')) return;
  event.preventDefault();
  buy(event.target.dataset.item, 'submit:' + (event.submitter ? event.submitter.name : 'none'));
});`;

const expressElement = `
customElements.define('lantern-pay', class extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({mode: 'closed'});
    root.innerHTML = '<button style="font:inherit;font-weight:700;width:220px;height:48px;border:0;border-radius:10px;background:#22303c;color:#ffd98a">LanternPay</button>';
    root.firstChild.addEventListener('click', () => { buy(this.dataset.item, 'express'); });
  }
});`;

const spaScript = `
const routes = JSON.parse(document.getElementById('routes').textContent);
const show = () => {
  document.getElementById('app').innerHTML = routes[location.pathname] || routes['/spa/'];
  document.title = document.querySelector('#app h1').textContent;
};
document.addEventListener('click', (event) => {
  const link = event.target.closest && event.target.closest('a[data-route]');
  if (!link) return;
  event.preventDefault(); history.pushState({}, '', link.getAttribute('href') + location.search); setTimeout(show, 30);
});
addEventListener('popstate', show);
show();`;

export const escape = (text) => String(text).replace(/[&<>"]/g, (mark) => `&#${mark.codePointAt(0)};`);

/** @param {any} words @param {string} title @param {string} body @param {string} [head] */
export function page(words, title, body, head = '') {
  return `<!doctype html>
<html lang="${words.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)} - ${escape(words.market)}</title><link rel="stylesheet" href="/shop.css"><link rel="icon" href="data:,">
<script>${recorder}</script>${head}</head>
<body data-thanks="${escape(words.thanks)}"><p class="note">${escape(words.fiction)}</p>
<header class="top"><a class="brand" href="/"><span>◍</span> ${escape(words.market)}</a><nav><a href="/">${escape(words.home)}</a><a href="/cart">${escape(words.cart)}</a></nav></header>
<main>${body}<p id="placed" role="status"></p></main></body></html>`;
}

const lifted = (words, id) => `<p>${words.ships}</p><p><button type="button" class="buy-now" data-buy="lifted" data-item="${id}">${words.buy}</button></p>
<iframe class="wallet" title="Harbour Wallet" src="http://wallet.kaopu-demo.test/pay?item=${id}"></iframe><p><button type="button" id="close" onclick="this.closest('dialog')?.close()">×</button></p>`;

/** How the buy button of a product page works, by name: `/item/101?way=div`. */
const buyWays = {
  // An ordinary form that goes on to the checkout.
  checkout: (words, id, seller) => `<form action="/checkout/address"><input type="hidden" name="item" value="${id}:${seller}"><button class="buy-now">${words.buy}</button></form>
    <form action="/cart"><button class="add-to-cart" name="add" value="${id}:${seller}">${words.add}</button></form>`,
  button: (words, id) => `<button class="buy-now" data-buy="button" data-item="${id}"><span>${words.buy}</span></button>`,
  div: (words, id) => `<div class="button buy-now" data-buy="div" data-item="${id}"><b>${words.buy}</b></div>`,
  text: (words, id) => `<button class="quick x7f3" data-buy="text" data-item="${id}">${words.quick}</button>`,
  enter: (words, id) => `<form data-buy-form data-item="${id}"><label>${words.coupon}<input id="coupon" name="coupon"></label><button class="buy-now" name="go">${words.buy}</button></form>`,
  trusted: (words, id) => `<button class="buy-now" data-buy="trusted" data-trusted="1" data-item="${id}">${words.buy}</button>`,
  wallet: (words, id) => `<iframe class="wallet" title="Harbour Wallet" src="http://wallet.kaopu-demo.test/pay?item=${id}"></iframe>`,
  express: (words, id) => `<lantern-pay data-item="${id}"></lantern-pay>`,
  // In shadow trees: another company's frame in an open one, the shop's own button in a closed one that tells nobody what was pressed.
  tree: (words, id) => `<pay-box style="display:inline-block"><template shadowrootmode="open"><iframe class="wallet" style="display:block;width:230px;height:60px;border:0" title="Harbour Wallet" src="http://wallet.kaopu-demo.test/pay?item=${id}"></iframe></template></pay-box>`,
  closed: (words, id) => `<buy-box style="display:inline-block"><template shadowrootmode="closed"><button class="buy-now" style="display:block" onclick="buy('${id}', 'closed')">${words.buy}</button></template></buy-box>`,
  // Early press handlers: some shops act before there is a click.
  early: (words, id) => `<button class="buy-now" id="early" data-item="${id}" onpointerdown="buy(this.dataset.item, 'pointerdown')">${words.buy}</button>`,
  // What the page lifts into the browser's top layer: a modal dialog, a popover.
  modal: (words, id) => `<button type="button" id="open" onclick="document.getElementById('lifted').showModal()">${words.stock}</button><dialog id="lifted">${lifted(words, id)}</dialog>`,
  popover: (words, id) => `<button type="button" id="open" popovertarget="lifted">${words.stock}</button><div id="lifted" popover>${lifted(words, id)}</div>`,
  link: (words, id, seller) => `<a class="button buy-now" href="/checkout/address?item=${id}:${seller}">${words.buy}</a>`,
};

/** The part of a product page that the single-page shop shows too. */
function product(words, { id, seller }, way) {
  const [title, price] = words.items[id];
  return `<div class="product" data-item-id="${id}"><div class="picture"></div><div><h1>${escape(title)}</h1>
<p>${words.seller} <a class="seller" href="/seller/${seller}">${escape(nameOf(words, seller))}</a></p>
<p class="price">${escape(price)}</p><ul class="facts"><li class="ships">${words.ships}</li><li>${words.stock}</li><li>${words.escrow}</li></ul>
<div class="actions">${buyWays[way](words, id, seller)}</div></div></div>`;
}

export function productPage(words, text, way = 'checkout') {
  const { id, seller } = lot(text);
  if (!words.items[id] || !buyWays[way]) return null;
  return page(words, words.items[id][0], product(words, { id, seller }, way), way === 'express' ? `<script>${expressElement}</script>` : '');
}

export function homePage(words) {
  const cards = Object.keys(words.items).map((id) => `<a class="card" href="/item/${id}"><div class="picture"></div><b>${escape(words.items[id][0])}</b><br>
<span>${escape(words.items[id][1])}</span><br><small>${words.from} ${escape(nameOf(words, sellerOf[id]))}</small></a>`);
  return page(words, words.home, `<div class="grid">${cards.join('')}</div>`);
}

export function cartPage(words, texts) {
  const lots = texts.map(lot).filter(({ id }) => words.items[id]);
  if (lots.length === 0) return null;
  const rows = lots.map(({ id, seller }) => `<div class="panel cart-row"><a class="cart-seller" href="/seller/${seller}">${escape(nameOf(words, seller))}</a>
<table><tr><td>${escape(words.items[id][0])}</td><td class="price">${escape(words.items[id][1])}</td></tr></table></div>`);
  return page(words, words.cart, `<h1>${words.cart}</h1>${rows.join('')}
<form action="/checkout/address"><input type="hidden" name="item" value="${escape(texts[0])}"><button class="to-checkout primary">${words.checkout}</button></form>`);
}

const steps = ['address', 'delivery', 'payment'];
export function checkoutPage(words, step, text) {
  const at = steps.indexOf(step);
  const { id, seller } = lot(text);
  if (at < 0 || !words.items[id]) return null;
  const trail = steps.map((name) => `<li${name === step ? ' class="here"' : ''}>${words[name]}</li>`).join('');
  const fields = { address: `<label>${words.name}<input name="name" autocomplete="off"></label><label>${words.street}<input name="street" autocomplete="off"></label>`,
    delivery: `<p>${words.parcel}</p>`, payment: `<p>${words.escrow}</p>` }[step];
  const last = at === steps.length - 1;
  return page(words, words.checkout, `<h1>${words.checkout}</h1><ol class="steps">${trail}</ol>
<div class="panel order-part"><a class="order-seller" href="/seller/${seller}">${escape(nameOf(words, seller))}</a><table><tr><td>${escape(words.items[id][0])}</td><td class="price">${escape(words.items[id][1])}</td></tr></table></div>
<form class="panel" action="/checkout/${last ? 'done' : steps[at + 1]}"${last ? ' method="post"' : ''}><input type="hidden" name="item" value="${escape(text)}">${fields}
<button ${last ? 'id="place-order" class="primary"' : 'class="primary"'}>${last ? words.place : words.next}</button></form>`);
}

export const donePage = (words) => page(words, words.thanks, `<div class="panel"><h1 id="done">${words.thanks}</h1></div>`);

/** One document, many addresses: the product appears after history.pushState. */
export function spaPage(words, seller) {
  const list = `<h1>${words.home}</h1>${Object.keys(words.items).map((id) => `<p><a data-route id="open-${id}" href="/spa/item/${id}">${escape(words.items[id][0])}</a></p>`).join('')}`;
  const routes = { '/spa/': list };
  for (const id of Object.keys(words.items)) routes[`/spa/item/${id}`] = `<p><a data-route id="back" href="/spa/">${words.home}</a></p>${product(words, lot(seller ? `${id}:${seller}` : id), 'button')}`;
  return page(words, words.home, `<div id="app"></div><script type="application/json" id="routes">${JSON.stringify(routes).replace(/</g, '\\u003c')}</script><script>${spaScript}</script>`);
}

/** What stands in the wallet's frame, on a host of its own. */
export const walletPage = (id) => `<!doctype html><meta charset="utf-8"><title>wallet</title>
<button style="font:600 16px sans-serif;width:220px;height:50px;border:0;border-radius:10px;background:#0b5c8a;color:#fff" onclick="fetch('/api/buy?how=wallet&amp;item=${escape(id)}', {method: 'POST'})">Harbour Wallet</button>`;
