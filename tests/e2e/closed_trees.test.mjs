// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Closed shadow trees, which a browser may take long to tell of: what they show counts, wherever they hang and whenever they came.
import { after, before } from 'node:test';
import { waitForBadge, word } from '../support/kaopu_ui.mjs';
import { startSession } from '../support/session.mjs';
import { browser, sellerWith, tabTest } from './world.mjs';

/** A product page of the demonstration shop whose seller's name stands in a closed tree: of an empty element, of one with children of its own, or of one that gets it only later. */
const closedSite = (url) => {
  if (url.hostname !== 'closed.kaopu-demo.test') return null;
  const [, how, seller] = url.pathname.split('/');
  const host = how === 'empty' ? '<div id="host"></div>' : '<div id="host"><i>sold by</i></div>';
  const open = `document.getElementById('host').attachShadow({ mode: 'closed' }).innerHTML = '<slot></slot><p><a class="seller" href="/seller/${seller}">Seller</a></p>'`;
  return { body: `<!doctype html><title>Lamp</title><main><div class="product" data-item-id="101"><h1>Lamp</h1><p class="price">US$ 48.00</p><p class="ships">Ships within 48 hours</p>${host}
<div class="actions"><button class="buy-now" type="button">Buy now</button></div></div></main><script>${how === 'later' ? `addEventListener('load', () => setTimeout(() => { ${open}; document.querySelector('h1').append(' 2'); }, 300))` : open}</script>` };
};

let session;
before(async () => { session = await startSession({ browser, sites: [closedSite] }); });
after(async () => { await session?.close(); });

for (const how of ['empty', 'filled', 'later']) {
  tabTest(() => session, `what a closed tree shows counts: ${how}`, {}, async (view) => {
    const seller = sellerWith(session, 'danger');
    await view.goto(`http://closed.kaopu-demo.test/${how}/${seller}`);
    await waitForBadge(view, word('verdict_danger'), 30000);
  });
}
