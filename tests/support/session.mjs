// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One throw-away world: a browser with the extension, the host's manifest, a home, a KAOPU_HOME, data with the demonstration
// shop's adapter, and the web that web.mjs answers. Nothing of the user's own browser or home is read or written.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { ChromiumView } from './chromium_view.mjs';
import { FirefoxView } from './firefox_view.mjs';
import { sleep } from './view.mjs';
import { startWeb } from './web.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const outputFolder = process.env.KAOPU_TEST_OUTPUT ?? path.join(root, 'build/test-output');
const hostName = 'io.github.kaopu.host';
const ids = JSON.parse(readFileSync(path.join(root, 'manifests/extension_key.json'), 'utf8'));
const geckoUuid = '5a1f0e6c-9d5e-4c0b-8f7a-6b1a4d0c2e11';

export const programs = process.env.KAOPU_PROGRAMS ?? path.join(root, 'build/dev');
/** The copy whose manifest reaches the test shops. */
export const testExtension = (browser) => path.join(root, 'build/extension', `test-${browser}`);

export function browserProgram(browser) {
  const [first, ...others] = browser === 'chromium'
    ? ['/usr/lib/chromium/chromium', '/usr/bin/chromium'] : ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
  return [first, ...others].find((file) => existsSync(file)) ?? first;
}

/** The shipped data (or $KAOPU_TEST_DATA) with the demonstration shop's adapter beside it. @param {string} folder to be made */
function makeData(folder) {
  cpSync(process.env.KAOPU_TEST_DATA ?? path.join(root, 'host/data'), folder, { recursive: true });
  cpSync(path.join(root, 'tests/pages/demo/adapters'), path.join(folder, 'adapters'), { recursive: true });
}

/** @param {string} browser @param {string} program absolute path @param {{forbidden?: boolean}} [how] */
export function hostManifest(browser, program, { forbidden = false } = {}) {
  const base = { name: hostName, description: 'Kaopu', path: program, type: 'stdio' };
  return JSON.stringify(browser === 'chromium'
    ? { ...base, allowed_origins: [`chrome-extension://${forbidden ? 'a'.repeat(32) : ids.chromium_id}/`] }
    : { ...base, allowed_extensions: [forbidden ? 'someone@else.example' : ids.gecko_id] });
}

/** Pids of processes that have our throw-away KAOPU_HOME in their environment: hosts a browser left behind. */
function pidsOf(kaopuHome) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`KAOPU_HOME=${kaopuHome}`);
    } catch {
      return false;
    }
  }).map(Number);
}

/**
 * @param {object} wanted
 * @param {'chromium'|'firefox'} wanted.browser
 * @param {import('./web.mjs').Site[]} wanted.sites
 * @param {string|null} [wanted.host] program the manifest names; null = no manifest at all
 * @param {string|null} [wanted.extension] folder of the unpacked extension; null = none
 * @param {boolean} [wanted.headless]
 * @param {string} [wanted.language] of the browser, where it can be set (Chromium)
 * @param {string[]} [wanted.args]
 */
export async function startSession({ browser, sites, host = path.join(programs, 'kaopu-host'), extension, headless = true, language = 'en-US', args = [] }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kaopu-'));
  const home = path.join(folder, 'home');
  const profile = path.join(folder, 'profile');
  const kaopuHome = path.join(folder, 'kaopu-home');
  const data = path.join(folder, 'data');
  for (const dir of [home, profile]) mkdirSync(dir, { recursive: true });
  makeData(data);
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: path.join(home, '.config'), XDG_CACHE_HOME: path.join(home, '.cache'),
    KAOPU_HOME: kaopuHome, KAOPU_DATA: data, LANGUAGE: language.replace('-', '_') };
  delete env.XDG_DATA_HOME;
  const manifestDir = browser === 'chromium' ? path.join(profile, 'NativeMessagingHosts') : path.join(home, '.mozilla/native-messaging-hosts');
  mkdirSync(manifestDir, { recursive: true });
  const manifestFile = path.join(manifestDir, `${hostName}.json`);
  const setHost = (program, how) => {
    if (program === null) rmSync(manifestFile, { force: true });
    else writeFileSync(manifestFile, hostManifest(browser, program, how));
  };
  setHost(host);

  const web = await startWeb(sites);
  let instance;
  try {
    instance = await puppeteer.launch(browser === 'chromium' ? {
      browser: 'chrome', executablePath: browserProgram(browser), userDataDir: profile, headless, timeout: 120000, pipe: true, enableExtensions: true,
      acceptInsecureCerts: true, env, defaultViewport: null,
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), `--proxy-server=${web.proxy}`, '--proxy-bypass-list=<-loopback>', '--window-size=1200,900',
        `--lang=${language}`, `--accept-lang=${language}`, '--no-first-run', '--no-default-browser-check', '--disable-sync', '--password-store=basic', '--disable-dev-shm-usage', '--disable-gpu',
        '--disable-background-networking', '--disable-component-update', ...args],
    } : {
      browser: 'firefox', executablePath: browserProgram(browser), userDataDir: profile, headless, timeout: 120000, acceptInsecureCerts: true, env, defaultViewport: null,
      args: ['--remote-allow-system-access', '--width=1200', '--height=900', ...args],
      extraPrefsFirefox: { ...firefoxPrefs, 'network.proxy.http_port': web.port, 'network.proxy.ssl_port': web.port },
    });
    const id = extension === null ? null : await instance.installExtension(extension ?? testExtension(browser));
    if (browser === 'chromium' && id !== null && id !== ids.chromium_id) throw new Error(`the extension got id ${id}, not ${ids.chromium_id}`);
  } catch (error) {
    await instance?.close().catch(() => {});
    await web.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
  const base = browser === 'chromium' ? `chrome-extension://${ids.chromium_id}/` : `moz-extension://${geckoUuid}/`;
  const View = browser === 'chromium' ? ChromiumView : FirefoxView;
  if (extension !== null) await closeFirstRunPage(instance, `${base}pages/welcome.html`);
  return {
    browser, instance, web, folder, home, kaopuHome, data, profile, base, env, setHost,
    /** A new tab. */
    async view(url) {
      const view = await View.open(instance);
      if (url) await view.goto(url);
      return view;
    },
    /** A tab or window that opened by itself, once it shows this. @param {string} url @param {(page: any) => boolean} [wanted] */
    async viewOf(url, wanted = () => true) {
      for (const end = Date.now() + 15000; Date.now() < end; await sleep(50)) {
        const page = (await instance.pages(true)).find((one) => one.url().startsWith(url) && wanted(one));
        if (page) return View.of(instance, page);
      }
      throw new Error(`no tab shows ${url}`);
    },
    /** A page of the extension in a tab of its own. @param {string} where as in `pages/popup.html` */
    extensionPage: (where) => View.open(instance).then(async (view) => { await view.gotoExtension(base + where); return view; }),
    /** Runs the command line on this world's KAOPU_HOME. @param {string[]} words */
    kaopu(...words) {
      return execFileSync(path.join(programs, 'kaopu'), words, { env: { ...env, LC_ALL: 'C.UTF-8' }, encoding: 'utf8' });
    },
    hostPids: () => pidsOf(kaopuHome).filter((pid) => {
      // Not the launcher, which is a fork of the host and ends with it.
      try { return /host/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]) && !readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('kaopu-launch'); } catch { return false; }
    }),
    /** Whether the browser itself is gone. */
    ended: () => !instance.connected,
    /** Closes every tab but the first: what a test that failed left open. */
    async closeTabs() {
      for (const page of (await instance.pages()).slice(1)) await page.close().catch(() => {});
    },
    async close() {
      const hurry = setTimeout(() => instance.process()?.kill('SIGKILL'), 10000);
      await instance.close().catch(() => {});
      clearTimeout(hurry);
      for (const pid of pidsOf(kaopuHome)) {
        try { process.kill(pid, 'SIGKILL'); } catch { /* gone already */ }
      }
      await web.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** The page that opens by itself after an installation would take the foreground from the first test at some moment of its own. */
async function closeFirstRunPage(instance, url) {
  for (const end = Date.now() + 10000; Date.now() < end;) {
    const page = (await instance.pages()).find((one) => one.url() === url);
    if (page) {
      await page.close();
      return;
    }
    await sleep(50);
  }
}

const firefoxPrefs = {
  'network.proxy.type': 1, 'network.proxy.http': '127.0.0.1', 'network.proxy.ssl': '127.0.0.1', 'network.proxy.no_proxies_on': '',
  'network.proxy.allow_hijacking_localhost': true,
  'extensions.webextensions.uuids': JSON.stringify({ [ids.gecko_id]: geckoUuid }),
  'services.settings.server': 'data:,', 'app.normandy.enabled': false, 'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false, 'privacy.reduceTimerPrecision': false, 'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false, 'datareporting.policy.dataSubmissionEnabled': false,
};

/** Whether a program can be started at all. @param {string} program */
export const runs = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
