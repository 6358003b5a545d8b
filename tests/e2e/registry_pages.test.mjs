// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's own pages, from a running registry that was told of orders: whole in both languages and every way of seeing,
// nothing asked of anybody else, no seller's name told to the registry, and a reply shown as text.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { noViolations } from '../support/axe.mjs';
import { faultsIn, seeAs } from '../support/looks.mjs';
import { startRegistry } from '../support/registry.mjs';
import { startSession } from '../support/session.mjs';
import { browser, tabTest } from './world.mjs';

const at = 'http://registry.kaopu-demo.test';
const reply = 'We had a fire. <b>All</b> refunded. 仓库失火，已全额退款。';

let registry; let session;
/** What the pages' own server answers. */
const site = async (url) => {
  if (url.host !== 'registry.kaopu-demo.test') return null;
  const answer = await fetch(`http://127.0.0.1:${registry.port}${url.pathname}${url.search}`);
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: Buffer.from(await answer.arrayBuffer()) };
};

before(async () => {
  registry = await startRegistry({ title: 'Fair & <Shops> 靠谱' });
  registry.tell('45', '3', '30');
  registry.run('reply', '--seller', 'taobao:100001', '--text', reply, '--shown-by', 'token on the shop page');
  registry.run('publish');
  session = await startSession({ browser, sites: [site], host: null, extension: null });
});
after(async () => {
  await session?.close();
  await registry?.close();
});
const it = (name, body) => tabTest(() => session, name, { timeout: 90000 }, body);

const pages = ['index.html', 'verify.html', 'contribute.html', 'seller.html#taobao%3A100001'];
const sellerShown = (view) => view.until(() => view.eval(() => document.querySelector('#seller svg') !== null && !document.querySelector('[aria-busy]')), 'the seller');

for (const [language, ways] of /** @type {const} */ ([['', ['plain', 'dark', 'contrast', 'text', 'narrow']], ['zh/', ['plain', 'narrow']]])) {
  it(`every page${language && ' in Chinese'}, however it is looked at`, async (view) => {
    for (const page of pages) {
      for (const way of ways) {
        await seeAs(session, view, way);
        await view.goto('about:blank');
        await view.goto(`${at}/${language}${page}`);
        if (page.startsWith('seller')) await sellerShown(view);
        const name = `registry-${language ? 'zh-' : ''}${page.split('.')[0]}-${way}-${browser}`;
        await view.screenshot(name);
        // Wide tables have a region of their own that is scrolled.
        assert.deepEqual(await view.page.evaluate(`(${faultsIn})([document]).filter((fault) => !/^(cut|spills) across: div.wide|outside the window: (table|caption|thead|tbody|tr|th|td|a|code)\\./.test(fault))`), [], name);
        assert.ok(await view.eval(() => document.documentElement.scrollWidth <= innerWidth + 1), `${name}: the page itself is scrolled across`);
        if (way === 'plain' || way === 'dark') await noViolations(view);
      }
    }
    await seeAs(session, view, 'plain');
  });
}

it('a seller is looked up by name, nobody is told which', async (view) => {
  const asked = session.web.served.length;
  await view.goto(`${at}/seller.html`);
  await view.page.type('#key', 'taobao:100001');
  await view.key('Enter');
  await sellerShown(view);
  const text = await view.eval(() => document.querySelector('#seller').innerText);
  assert.ok(text.includes(reply), text); // as text: its mark-up is seen
  assert.equal(await view.eval(() => document.querySelector('#seller b')), null);
  const facts = JSON.parse(readFileSync(path.join(registry.data, 'public/pages/sellers/0/all.json'), 'utf8'))['taobao:100001'];
  assert.ok(text.includes(`${facts.enrolled} were told of before`), text);
  await view.eval(() => { location.hash = 'ebay%3Anobody'; });
  await view.until(() => view.eval(() => /Nothing is known here/.test(document.querySelector('#seller').innerText)), 'the answer');
  for (const { url, method } of session.web.served.slice(asked)) {
    assert.equal(method, 'GET');
    assert.ok(!/100001|nobody/.test(url), url);
  }
});

it('asks nobody else, and says so to the browser', async (view) => {
  await view.goto(`${at}/`);
  assert.equal(await view.eval(() => document.querySelector('footer').innerText.startsWith('Fair & <Shops> 靠谱')), true);
  const links = await view.eval(() => [...document.querySelectorAll('a')].map((one) => one.href));
  for (const link of links) {
    assert.ok(link.startsWith(`${at}/`), link);
    assert.equal((await site(new URL(link)))?.status, 200, link);
  }
  const stopped = await view.eval(() => new Promise((done) => {
    addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
    document.body.append(Object.assign(document.createElement('img'), { src: 'http://elsewhere.kaopu-demo.test/x.png' }));
  }));
  assert.match(stopped, /img-src/);
  assert.deepEqual(session.web.refused.filter((url) => url.includes('kaopu-demo.test') && !url.endsWith('/favicon.ico')), []);
  assert.deepEqual(session.web.served.map(({ url }) => new URL(url).host).filter((host) => host !== 'registry.kaopu-demo.test'), []);
});
