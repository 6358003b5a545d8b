// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A seller's page. The seller's key stands behind the `#` of the address, which browsers send to nobody; what is fetched is the
// file of a whole group of sellers. Everything of a seller is set as text, nothing as HTML.

/** @typedef {{last: string|null, windows: [number, number][], never: number, late: number[], months: [number, number][],
 *  ship: [number, number]|null, enrolled: number, afterwards: [number, number], unproven: number, open: number,
 *  bad: [number, number, number]|null, replies: {on: string, text: string, shown_by: string}[]}} Facts */

const zh = document.documentElement.lang.startsWith('zh');
/** @param {string} en @param {string} chinese */
const say = (en, chinese) => (zh ? chinese : en);
const here = new URL(document.body.dataset.root ?? './', location.href);

/** FNV-1a, 32 bits, of the key's UTF-8 bytes. @param {string} key @param {number} digits */
export function bucketOf(key, digits) {
  if (digits === 0) return 'all';
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0').slice(0, digits);
}

/** @param {string} name @param {Record<string, string|number>} [attributes] @param {...(Node|string)} children */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** @param {string} name @param {Record<string, string|number>} attributes @param {...(Node|string)} children */
function drawn(name, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** @param {string} caption @param {string[]} heads @param {(string|number)[][]} rows */
function table(caption, heads, rows) {
  const cell = (/** @type {string|number} */ value, /** @type {number} */ i) => (i === 0
    ? element('th', { scope: 'row' }, String(value)) : element('td', { class: 'number' }, String(value)));
  return element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption }, element('table', {}, element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads.map((head, i) => element('th', { scope: 'col', ...(i > 0 ? { class: 'number' } : {}) }, head)))),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map(cell))))));
}

/** The twelve months that end with that of `last`. @param {string} last */
export function monthNames(last) {
  const [year, month] = last.split('-').map(Number);
  return Array.from({ length: 12 }, (_, i) => {
    const count = year * 12 + month - 1 - 11 + i;
    return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
  });
}

/** @param {Facts} facts @param {string[]} names */
function history(facts, names) {
  const most = Math.max(1, ...facts.months.map(([all]) => all));
  const wide = 46; const high = 120;
  const bars = facts.months.flatMap(([all, bad], i) => {
    const whole = Math.round((all / most) * high); const part = all === 0 ? 0 : Math.max(bad > 0 ? 2 : 0, Math.round((bad / all) * whole));
    const x = 4 + i * wide;
    return [drawn('rect', { class: 'bar-good', x, y: 10 + high - whole, width: wide - 12, height: Math.max(0, whole - part) }),
      drawn('rect', { class: 'bar-bad', x, y: 10 + high - part, width: wide - 12, height: part }),
      drawn('text', { class: 'label', x: x + (wide - 12) / 2, y: high + 26, 'text-anchor': 'middle' }, names[i].slice(i === 0 || names[i].endsWith('-01') ? 2 : 5))];
  });
  const svg = drawn('svg', { viewBox: `0 0 ${wide * 12} ${high + 32}`, role: 'img', 'aria-label': say('Reports by month; the table below says the same', '每月报告数；下表内容相同') },
    ...bars, drawn('line', { class: 'axis', x1: 0, y1: high + 10.5, x2: wide * 12, y2: high + 10.5 }));
  const key = element('p', { class: 'key soft' }, element('span', {}, element('i', { class: 'good' }), say('on time', '按时')),
    element('span', {}, element('i', { class: 'bad' }), say('late or never shipped', '延迟或未发货')));
  return [svg, key, table(say('Reports by month', '每月报告'), [say('month', '月份'), say('reports', '报告'), say('bad', '不良')],
    facts.months.map(([all, bad], i) => [names[i], all, bad]))];
}

const percent = (/** @type {number} */ thousandths) => `${(thousandths / 10).toFixed(1)} %`;

/** @param {string} key @param {Facts} facts */
export function draw(key, facts) {
  const parts = [element('h2', {}, key)];
  if (facts.bad) {
    const [mean, low, high] = facts.bad;
    parts.push(element('p', {}, say(
      `Of orders placed now, ${percent(mean)} are expected to be late or never shipped; with 90 % certainty between ${percent(low)} and ${percent(high)}.`,
      `现在下单，预计 ${percent(mean)} 会延迟或不发货；九成把握在 ${percent(low)} 到 ${percent(high)} 之间。`)));
  } else {
    parts.push(element('p', {}, say('No rate can be given: too little is known that a rate may be taken from.', '无法给出比例：可用于计算比例的信息太少。')));
  }
  if (facts.last) {
    parts.push(element('p', { class: 'soft' }, say(`Counts as of the last report, ${facts.last}.`, `以下计数截至最近一次报告：${facts.last}。`)));
    parts.push(table(say('Decided orders reported', '已有结果的订单报告'), [say('within', '期间'), say('reports', '报告'), say('bad', '不良')],
      [30, 90, 365].map((days, i) => [say(`${days} days`, `${days} 天`), ...facts.windows[i]])));
    parts.push(element('h2', {}, say('How late, within 365 days', '365 天内的延迟')), table(say('Bad orders by kind', '不良订单分类'), [say('kind', '类别'), say('orders', '订单')],
      [[say('1-2 days late', '晚 1-2 天'), facts.late[0]], [say('3-7 days late', '晚 3-7 天'), facts.late[1]], [say('8-14 days late', '晚 8-14 天'), facts.late[2]],
        [say('15 days late or more', '晚 15 天以上'), facts.late[3]], [say('never shipped', '从未发货'), facts.never]]));
    if (facts.ship) {
      parts.push(element('p', {}, say(`From order to the carrier's first scan: half within ${facts.ship[0]} days, nine in ten within ${facts.ship[1]} days.`,
        `从下单到快递首次扫描：一半在 ${facts.ship[0]} 天内，九成在 ${facts.ship[1]} 天内。`)));
    }
    parts.push(element('h2', {}, say('Twelve months', '十二个月')), ...history(facts, monthNames(facts.last)));
  }
  parts.push(element('h2', {}, say('Where this comes from', '数据来源')), element('ul', {},
    element('li', {}, say(`${facts.enrolled} were told of before anybody knew how they would end: rates come from these.`, `${facts.enrolled} 份在结果未知时就已登记：比例由此得出。`)),
    element('li', {}, say(`${facts.afterwards[0] + facts.afterwards[1]} were told of afterwards, ${facts.afterwards[1]} of them complaints. People tell of failures more readily, so these weigh less, and without the others nothing.`,
      `${facts.afterwards[0] + facts.afterwards[1]} 份是事后报告，其中 ${facts.afterwards[1]} 份是投诉。人们更愿意报告失败，因此权重较低；没有前一类时不计。`)),
    element('li', {}, say(`${facts.unproven} words come without a proof of purchase by people not yet known; all of them together weigh little.`, `${facts.unproven} 份没有购买证明且报告者尚无信誉；合计权重很低。`)),
    element('li', {}, say(`${facts.open} orders are still open.`, `${facts.open} 个订单尚无结果。`))));
  parts.push(element('h2', {}, say("The seller's replies", '卖家回应')));
  if (facts.replies.length === 0) parts.push(element('p', {}, say('None.', '无。')));
  for (const reply of facts.replies) {
    parts.push(element('blockquote', {}, reply.text),
      element('p', { class: 'soft' }, `${reply.on}${reply.shown_by ? ` · ${say('control of the shop shown by', '店铺控制权证明方式：')} ${reply.shown_by}` : ''}`));
  }
  return parts;
}

async function show() {
  const place = /** @type {HTMLElement} */ (document.querySelector('#seller'));
  const key = decodeURIComponent(location.hash.slice(1)).trim();
  /** @type {HTMLInputElement} */ (document.querySelector('#key')).value = key;
  if (key === '') { place.replaceChildren(); return; }
  place.setAttribute('aria-busy', 'true');
  try {
    const status = await (await fetch(new URL('pages/status.json', here), { cache: 'no-cache' })).json();
    const reply = await fetch(new URL(`pages/sellers/${status.bucket_digits}/${bucketOf(key, status.bucket_digits)}.json`, here), { cache: 'no-cache' });
    if (!reply.ok && reply.status !== 404) throw new Error(String(reply.status));
    const group = reply.ok ? await reply.json() : {};
    const facts = Object.hasOwn(group, key) ? group[key] : null;
    place.replaceChildren(...(facts ? draw(key, facts) : [element('h2', {}, key), element('p', {}, say(
      'Nothing is known here of this seller. That is no praise and no blame: nobody has reported enough yet, or the key is written differently.',
      '这里没有该卖家的信息。这既不是好评也不是差评：可能还没有足够的报告，或编号写法不同。'))]));
  } catch {
    place.replaceChildren(element('p', {}, say('The file could not be read. Try again in a moment.', '文件读取失败，请稍后再试。')));
  }
  place.removeAttribute('aria-busy');
}

if (document.querySelector('#seller')) {
  document.querySelector('form')?.addEventListener('submit', (event) => {
    event.preventDefault();
    location.hash = encodeURIComponent(/** @type {HTMLInputElement} */ (document.querySelector('#key')).value.trim());
  });
  addEventListener('hashchange', show);
  show();
}
