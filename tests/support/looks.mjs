// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How a shopper may see things: dark, forced colours, large text, zoomed, in a narrow window; and what is wrong with what
// stands there then.
import { inFirefox } from './firefox_view.mjs';

/** Ways of seeing. `media`: CSS media features; `size`: of the window in CSS pixels; `text`: the browser's own text size. */
export const ways = {
  plain: {},
  dark: { media: { 'prefers-color-scheme': 'dark' } },
  contrast: { media: { 'forced-colors': 'active', 'prefers-contrast': 'more' } },
  still: { media: { 'prefers-reduced-motion': 'reduce' } },
  zoom: { size: [640, 400] }, // a window of 1280 x 800 at 200 %
  text: { text: 32 }, // twice the usual 16 px
  narrow: { size: [320, 568] },
};

const clients = new WeakMap();

/** Makes a tab look at things this way. @param {any} session @param {any} view @param {keyof typeof ways} name */
export async function seeAs(session, view, name) {
  const { media = {}, size = null, text = 16 } = ways[name];
  if (session.browser === 'firefox') {
    await inFirefox(session.instance, `
      Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', ${media['prefers-color-scheme'] === 'dark' ? 0 : 1});
      Services.prefs.setIntPref('ui.prefersReducedMotion', ${media['prefers-reduced-motion'] ? 1 : 0});
      Services.prefs.setIntPref('font.size.variable.x-western', ${text}); Services.prefs.setIntPref('font.size.variable.zh-CN', ${text});`);
    await view.page.setViewport(size ? { width: size[0], height: size[1] } : { width: 1200, height: 800 });
    return;
  }
  if (!clients.has(view)) clients.set(view, await view.page.createCDPSession());
  const client = clients.get(view);
  await client.send('Emulation.setEmulatedMedia', { features: Object.entries(media).map(([key, value]) => ({ name: key, value })) });
  await client.send('Page.setFontSizes', { fontSizes: { standard: text, fixed: text - 3 } });
  if (size) await client.send('Emulation.setDeviceMetricsOverride', { width: size[0], height: size[1], deviceScaleFactor: 1, mobile: false });
  else await client.send('Emulation.clearDeviceMetricsOverride');
}

/**
 * What is cut off, spilt, outside the window or too small to hit. Runs in the page: uses nothing from outside.
 * @param {(ParentNode)[]} tops
 */
export function faultsIn(tops) {
  const found = [];
  const shown = (element) => `${element.localName}.${element.className}: ${(element.innerText || element.getAttribute('aria-label') || '').slice(0, 60)}`;
  for (const top of tops) {
    for (const element of top.querySelectorAll('*')) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.for-reader, svg, style, script, head')) continue;
      const box = element.getBoundingClientRect();
      const { display, overflowX, overflowY, textOverflow } = getComputedStyle(element);
      if (box.width === 0 || box.height === 0 || textOverflow === 'ellipsis' || getComputedStyle(element.parentElement ?? element).textOverflow === 'ellipsis') continue;
      if (box.left < -0.5 || box.right > innerWidth + 0.5) found.push(`outside the window: ${shown(element)}`);
      const block = !display.startsWith('inline') || display.includes('-');
      if (block && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) found.push(`${overflowX === 'visible' ? 'spills' : 'cut'} across: ${shown(element)}`);
      if (block && ['hidden', 'clip'].includes(overflowY) && element.scrollHeight > element.clientHeight + 1) found.push(`cut below: ${shown(element)}`);
      if (element.matches('button, summary, select, input:not([type=radio], [type=checkbox])') && (box.width < 24 || box.height < 24)) found.push(`hard to hit (${Math.round(box.width)} x ${Math.round(box.height)}): ${shown(element)}`);
    }
  }
  return found;
}
