// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a shopper does outside the page: press Kaopu's toolbar button, open a private window, allow the extension there.
import { inFirefox } from './firefox_view.mjs';
import { sleep } from './view.mjs';

const idOf = (session) => session.base.split('/')[2];
const firefoxPolicy = (session) => `const policy = WebExtensionPolicy.getByHostname(${JSON.stringify(idOf(session))});`;

/** The switch "allow in private windows" of the browser's own extension page. The browser restarts the extension for it. */
export async function allowPrivateWindows(session) {
  if (session.browser === 'firefox') {
    await inFirefox(session.instance, `${firefoxPolicy(session)}
      const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
      const { AddonManager } = ChromeUtils.importESModule('resource://gre/modules/AddonManager.sys.mjs');
      await ExtensionPermissions.add(policy.id, { permissions: ['internal:privateBrowsingAllowed'], origins: [] });
      await (await AddonManager.getAddonByID(policy.id)).reload();`);
    return;
  }
  const page = await session.instance.newPage();
  await page.goto('chrome://extensions');
  await page.evaluate(async (extensionId) => {
    await chrome.developerPrivate.updateProfileConfiguration({ inDeveloperMode: true }); // else the restart disables an unpacked one
    await chrome.developerPrivate.updateExtensionConfiguration({ extensionId, incognitoAccess: true });
    for (;;) {
      const { state, incognitoAccess } = await chrome.developerPrivate.getExtensionInfo(extensionId);
      if (state === 'ENABLED' && incognitoAccess.isActive) return;
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }, idOf(session));
  await page.close();
}

/**
 * A private window that shows this address; closing the view closes it.
 * @param {any} session @param {any} own a page of the extension @param {string} url one that no other tab shows
 */
export async function openPrivateWindow(session, own, url) {
  if (session.browser === 'firefox') {
    await inFirefox(session.instance, `
      const { BrowserWindowTracker } = ChromeUtils.importESModule('resource:///modules/BrowserWindowTracker.sys.mjs');
      const opened = await BrowserWindowTracker.promiseOpenWindow({ private: true });
      opened.openTrustedLinkIn(${JSON.stringify(url)}, 'current');`);
  } else {
    await own.eval((address) => chrome.windows.create({ incognito: true, url: address }), url);
  }
  const view = await session.viewOf(url);
  await view.until(() => view.eval(() => document.readyState === 'complete'), 'the page in the private window');
  return view;
}

/** Presses Kaopu's toolbar button on a tab, as the browser does it for a mouse: the popup drops down and gets activeTab. */
export async function pressToolbar(session, view) {
  await view.page.bringToFront();
  if (session.browser === 'firefox') {
    await inFirefox(session.instance, `${firefoxPolicy(session)}
      const { ExtensionParent } = ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs');
      await ExtensionParent.apiManager.global.browserActionFor(policy.extension).triggerAction(Services.wm.getMostRecentWindow('navigator:browser'));`);
    return;
  }
  const client = await session.instance.target().createCDPSession();
  const url = view.page.url();
  const { targetInfos } = await client.send('Target.getTargets', { filter: [{ type: 'tab' }] });
  await client.send('Extensions.triggerAction', { id: idOf(session), targetId: targetInfos.find((target) => target.url === url).targetId });
  await client.detach();
}

/** Runs `fn(document, ...args)` in the popup that is down and gives its answer, once that is true enough. */
export async function inPopup(session, fn, ...args) {
  for (const end = Date.now() + 15000; Date.now() < end; await sleep(50)) {
    const answer = await popupOnce(session, fn, args).catch(() => null);
    if (answer) return answer;
  }
  throw new Error(`the popup never came to ${String(fn).slice(0, 200)}`);
}

async function popupOnce(session, fn, args) {
  const call = `(${fn})(DOCUMENT, ...${JSON.stringify(args)})`;
  if (session.browser === 'chromium') {
    const target = session.instance.targets().find((one) => one.url() === `${session.base}pages/popup.html`);
    if (!target) return null;
    const client = await target.createCDPSession();
    const { result } = await client.send('Runtime.evaluate', { expression: call.replace('DOCUMENT', 'document'), returnByValue: true });
    await client.detach();
    return result.value;
  }
  const script = `data:,${encodeURIComponent(`sendAsyncMessage('kaopu-test', JSON.stringify(${call.replace('DOCUMENT', 'content.document')} ?? null))`)}`;
  return JSON.parse(await inFirefox(session.instance, `
    const popup = Services.wm.getMostRecentWindow('navigator:browser').document.querySelector('.webextension-popup-browser');
    if (!popup) return 'null';
    return new Promise((resolve) => {
      const heard = ({ data }) => { popup.messageManager.removeMessageListener('kaopu-test', heard); resolve(data); };
      popup.messageManager.addMessageListener('kaopu-test', heard);
      popup.messageManager.loadFrameScript(${JSON.stringify(script)}, false);
      setTimeout(() => resolve('null'), 2000);
    });`));
}
