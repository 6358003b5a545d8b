// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a page lifts into the browser's top layer lies over everything else, and a modal dialog keeps the rest of the document
// from being pressed: covers, badge and question are in front of it all the same, and what the page opened stays open.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { demoShop } from '../support/demo_shop.mjs';
import { answer, look, waitForBadge, waitForDialog, waitUntilClosed, word } from '../support/kaopu_ui.mjs';
import { startSession } from '../support/session.mjs';
import { browser, sellerWith, tabTest } from './world.mjs';

const shop = demoShop();
/** The demonstration shop; on one host all that can be bought stands in the dialog alone. */
const quick = async (url, request) => {
  const answer = await shop(url, request);
  return url.hostname === 'quick.kaopu-demo.test' && typeof answer?.body === 'string' ? { ...answer, body: answer.body.replace('class="actions"', '').replace(/<dialog id="lifted">(.*?)<\/dialog>/s, '<dialog id="lifted" style="width: 30em"><div class="actions" style="display: block">$1</div></dialog>') } : answer;
};
let session;
before(async () => { session = await startSession({ browser, sites: [quick] }); });
after(async () => { await session?.close(); });
const it = (name, body, options = {}) => tabTest(() => session, name, options, body);

const paid = () => shop.orders.filter(({ how }) => how === 'wallet').length;
const isLifted = (view) => view.eval(() => document.querySelector('#lifted').matches(':modal, :popover-open'));

/** The item's page with what it opens open. */
async function openLifted(view, way, verdict = 'danger') {
  await view.goto(`http://shop.kaopu-demo.test/item/101:${sellerWith(session, verdict)}?way=${way}`);
  await waitForBadge(view, word(`verdict_${verdict}`));
  await view.press('#open');
  await view.until(() => isLifted(view), 'the page to open it');
}

/** The cover over the frame, once it lies where the frame is. */
const covered = (view) => view.until(async () => {
  const { shields: [shield] } = await look(view);
  const frame = await view.eval(() => { const { left, top, width } = document.querySelector('iframe.wallet').getBoundingClientRect(); return { left, top, width }; });
  return shield && frame.width > 0 && Math.abs(shield.left - frame.left) < 2 && Math.abs(shield.top - frame.top) < 2 && Math.abs(shield.width - frame.width) < 3;
}, 'the cover over the frame');

for (const way of ['modal', 'popover']) {
  it(`an express payment in a ${way} is covered, in front of it`, async (view) => {
    await openLifted(view, way);
    await covered(view);
    const before = paid();
    await view.press('iframe.wallet');
    await waitForDialog(view);
    await view.screenshot(`top-layer-question-${way}-${browser}`);
    await answer(view, 'dialog_back');
    assert.equal(paid(), before, 'gone back');
    if (!(await isLifted(view))) await view.press('#open'); // a question closes popovers of the kind that any press beside them closes
    await covered(view);
    await view.screenshot(`top-layer-cover-${way}-${browser}`);
    await view.press('iframe.wallet');
    await answer(view, 'dialog_on');
    await view.until(async () => (await look(view)).notes.includes(word('dialog_note_again')), 'the note');
    await view.screenshot(`top-layer-note-${way}-${browser}`);
    if (!(await isLifted(view))) await view.press('#open');
    await view.until(async () => (await look(view)).shields.length === 0, 'the cover to go');
    await view.press('iframe.wallet');
    await view.until(() => paid() > before, 'the payment');
  });

  it(`the question about a button in a ${way} is in front, takes keys and presses, and going on buys once`, async (view) => {
    await openLifted(view, way);
    await view.press('#lifted .buy-now');
    const dialog = await waitForDialog(view);
    assert.equal(dialog.focused, word('dialog_back'));
    assert.equal(await view.eval(() => window.shop.bought), 0);
    await view.key('Escape');
    await waitUntilClosed(view);
    if (way === 'modal') assert.ok(await isLifted(view), 'Escape answered the question alone');
    else if (!(await isLifted(view))) await view.press('#open');
    await view.press('#lifted .buy-now');
    await answer(view, 'dialog_on');
    await view.until(() => view.eval(() => window.shop.bought === 1), 'the order');
  });
}

it('the badge follows the buy button into a dialog, and back to the window when it closes', async (view) => {
  await view.goto(`http://quick.kaopu-demo.test/item/101:${sellerWith(session, 'danger')}?way=modal`);
  await waitForBadge(view, word('verdict_danger'));
  await view.eval(() => document.querySelector('#lifted').showModal());
  const beside = async () => {
    const { badges: [badge] } = await look(view);
    const { left, right, top, bottom } = await view.eval(() => document.querySelector('#lifted').getBoundingClientRect().toJSON());
    return badge && badge.left > left && badge.left + badge.width < right && badge.top > top && badge.top + badge.height < bottom && badge;
  };
  const badge = await view.until(beside, 'the badge in the dialog');
  await view.screenshot(`top-layer-badge-${browser}`);
  await view.page.mouse.click(badge.x, badge.y);
  await view.until(async () => (await look(view)).panel, 'the panel');
  await view.key('Escape');
  await view.until(async () => (await look(view)).panel === null, 'the panel to close');
  await view.eval(() => document.querySelector('#lifted').close());
  await view.until(async () => !(await beside()) && (await look(view)).badges.length === 1, 'the badge to leave it');
});

it('nothing of ours stands in a page\'s dialog where there is nothing to ask', async (view) => {
  await openLifted(view, 'modal', 'dependable');
  const before = paid();
  await view.press('iframe.wallet');
  await view.until(() => paid() > before, 'the payment');
  assert.equal(await view.eval(() => document.querySelector('#lifted kaopu-overlay')), null);
});
