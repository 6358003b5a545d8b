// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Kaopu's badge and dialog as a shopper meets them: by words, roles, focus and presses of real mouse and keys. Words come
// from the extension's own _locales, so a test fails where a message is missing.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './session.mjs';
import { sleep } from './view.mjs';

const tables = Object.fromEntries(['en', 'zh_CN'].map((language) => [language,
  JSON.parse(readFileSync(path.join(root, 'extension/_locales', language, 'messages.json'), 'utf8'))]));

/** A message's text, arguments left as $NAME$. @param {string} key */
export function word(key, language = 'en') {
  const entry = tables[language][key];
  if (!entry) throw new Error(`no message ${key} in _locales/${language}`);
  return entry.message;
}

/** What Kaopu shows in the page now: badges, the panel, the question, shields. */
export function look(view) {
  return view.ui((roots) => {
    const seen = (element) => {
      const box = element.getBoundingClientRect();
      return { text: element.innerText.trim(), x: box.x + box.width / 2, y: box.y + box.height / 2, left: box.left, top: box.top, width: box.width, height: box.height };
    };
    const out = { badges: [], panel: null, dialog: null, shields: [], notes: [] };
    for (const top of roots) {
      for (const badge of top.querySelectorAll('button.badge')) if (badge.checkVisibility()) out.badges.push(seen(badge));
      const panel = top.querySelector('.panel:popover-open');
      if (panel) out.panel = { ...seen(panel), buttons: [...panel.querySelectorAll('button')].map(seen), focused: panel.contains(top.activeElement) };
      const dialog = top.querySelector('dialog:modal');
      if (dialog) {
        out.dialog = { ...seen(dialog), title: dialog.querySelector('h2').innerText.trim(), focused: top.activeElement?.innerText?.trim() ?? null,
          buttons: [...dialog.querySelectorAll('button')].map((button) => ({ ...seen(button), disabled: button.disabled })) };
      }
      for (const shield of top.querySelectorAll('.shield')) if (shield.checkVisibility()) out.shields.push(seen(shield));
      for (const note of top.querySelectorAll('[role=status], [role=alert], .note')) if (note.checkVisibility() && note.innerText.trim()) out.notes.push(note.innerText.trim());
    }
    return out;
  });
}

/** Waits for a badge; gives its words. */
export async function waitForBadge(view, text = undefined, ms = 10000) {
  return view.until(async () => {
    const found = (await look(view)).badges[0]?.text;
    return found && (text === undefined || found.startsWith(text)) ? found : null;
  }, text === undefined ? 'a badge' : `a badge that says "${text}"`, ms);
}

/** Waits for the question and until both its answers can be given. */
export async function waitForDialog(view, ms = 10000) {
  return view.until(async () => {
    const { dialog } = await look(view);
    return dialog && dialog.buttons.every((button) => !button.disabled) ? dialog : null;
  }, 'the question before paying', ms);
}

export const dialogText = async (view) => (await look(view)).dialog?.text ?? '';

/** Presses one of the dialog's buttons with the mouse and waits until the dialog is gone. @param {'dialog_back'|'dialog_on'} key */
export async function answer(view, key, language = 'en') {
  const dialog = await waitForDialog(view);
  const button = dialog.buttons.find((one) => one.text === word(key, language));
  if (!button) throw new Error(`the dialog has no button "${word(key, language)}", only ${dialog.buttons.map((one) => one.text).join(', ')}`);
  await view.page.mouse.click(button.x, button.y);
  await waitUntilClosed(view);
}

export const waitUntilClosed = (view) => view.until(async () => (await look(view)).dialog === null, 'the question to be gone');

/** True when no question comes up for a while. */
export async function staysQuiet(view, ms = 600) {
  await sleep(ms);
  return (await look(view)).dialog === null;
}

/**
 * The button, link or summary of one of our own pages that says exactly this, pressed with the mouse once it stands still. On a
 * busy machine something may still come in above it and move it away from the mouse: then it is pressed where it stands now.
 */
export async function pressText(view, text) {
  for (let tries = 3; tries > 0; tries -= 1) {
    const at = await view.until(() => view.eval(async (wanted) => {
      const place = () => {
        const all = [...document.querySelectorAll('button, summary, label, a, [role=button]')];
        const found = all.find((one) => one.innerText.trim() === wanted && one.checkVisibility() && !one.disabled);
        if (!found) return null;
        found.scrollIntoView({ block: 'center' });
        const box = found.getBoundingClientRect();
        return { found, x: box.x + box.width / 2, y: box.y + box.height / 2 };
      };
      const first = place();
      await new Promise((resolve) => { setTimeout(resolve, 150); });
      const second = place();
      if (!first || !second || first.x !== second.x || first.y !== second.y) return null;
      document.documentElement.dataset.pressed = 'no';
      second.found.addEventListener('pointerdown', () => { document.documentElement.dataset.pressed = 'yes'; }, { once: true });
      return { x: second.x, y: second.y };
    }, text), `something to press that says "${text}"`);
    await view.page.mouse.click(at.x, at.y);
    const missed = await view.eval(() => document.documentElement.dataset.pressed === 'no').catch(() => false); // gone: it was met
    if (!missed) return;
  }
  throw new Error(`"${text}" did not stand still to be pressed`);
}

/** Waits until one of our own pages says this. */
export const saysText = (view, text, ms = undefined) => view.until(() => view.eval((wanted) => document.body.innerText.includes(wanted), text), `"${text}" on the page`, ms);

/** The browser's number for the tab of a page, asked by one of our own pages. */
export const tabOf = (own, url) => own.eval(async (wanted) => (await chrome.tabs.query({})).find((tab) => tab.url === wanted)?.id ?? null, url);
