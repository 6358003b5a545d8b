// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Who may ask the background for what, and what it answers a shop page, outside a browser.
import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { installFakeBrowser, own, ownSender, shopSender } from "./support/fake_browser.mjs";

const SHOP = "https://item.shop.example/1.html";
const CHECK = { type: "check", url: SHOP, title: "Lamp", lang: "en", snapshot: "<page v=\"1\"/>", cut: false, snapshot_version: 1 };
const seller = (key) => ({ key, name: `Name of ${key}` });
const verdictOf = (verdict, key = "jd:1") => ({ verdict, seller: seller(key), reasons: [], sellers: [{ seller: seller(key), verdict }], facts: { platform: "jd", orders: [], where: {} } });

let verdict = "danger";
let stays = false;
let nameless = false;
const host = ({ op }) => {
  if (stays && op === "check_page") return undefined;
  if (op === "plan") return { plan: { adapter: "jd" }, generic: {} };
  if (op === "check_page") return nameless ? { ...verdictOf(verdict), seller: { key: null, name: "Lamp Corner" }, sellers: [] } : verdictOf(verdict);
  if (op === "hello") return undefined;
  return { settings: {}, outcomes: [] };
};
const world = installFakeBrowser({ host, shops: { families: [{ id: "jd", names: { en: "JD" }, matches: ["*://*.jd.com/*"] }], content_scripts: ["content/main.js"] } });
const { answer, trustOf } = await import("../../extension/background/messages.js");
const { forgetEverything, line, state } = await import("../../extension/background/state.js");
const { localDay, navigated, resultOfTab } = await import("../../extension/background/shopping.js");
const { Session } = await import("../../extension/background/session.js");
const { syncScripts, familiesIn, revokedFamilies } = await import("../../extension/background/families.js");

const fromShop = (message, sender = shopSender(SHOP)) => answer(message, sender, own);
const fromPage = (message) => answer(message, ownSender, own);

after(() => line.close());
beforeEach(async () => {
  verdict = "danger";
  stays = false;
  nameless = false;
  world.sent.length = 0;
  line.close();
  line.retryNow();
  await forgetEverything();
});

describe("trust", () => {
  it("is by what the browser says of the sender", () => {
    const cases = [
      [ownSender, "own_page"],
      [{ ...ownSender, tab: { id: 3 }, frameId: 0 }, "own_page"],
      [shopSender(SHOP), "shop_page"],
      [{ ...shopSender(SHOP), id: "another" }, "stranger"],
      [{ ...ownSender, id: "another" }, "stranger"],
      [{ id: "own", url: SHOP }, "stranger"],
      [{ id: "own" }, "stranger"],
      [shopSender("file:///etc/passwd"), "stranger"],
      [shopSender("chrome-extension://own.evil.example/pages/popup.html"), "stranger"],
      [shopSender("https://evil.example/chrome-extension://own/pages/popup.html"), "shop_page"],
    ];
    for (const [sender, trust] of cases) assert.equal(trustOf(sender, own), trust, JSON.stringify(sender));
  });

  it("keeps settings, experience and data from pages", () => {
    for (const type of ["overview", "host", "pause", "settings", "family_on", "family_off", "look_once", "delete_everything"]) {
      assert.equal(fromShop({ type, op: "data_export", confirm: "delete everything" }), null, type);
    }
  });

  it("keeps what is said of a page from our own pages", () => {
    for (const type of ["plan", "check", "unread", "went_on"]) assert.equal(fromPage({ type }), null, type);
  });

  it("answers no unknown or inherited message", () => {
    for (const message of [null, undefined, 5, "plan", {}, { type: 5 }, { type: "toString" }, { type: "__proto__" }, { type: "constructor" }]) {
      assert.equal(fromShop(message), null);
      assert.equal(fromPage(message), null);
    }
  });

  it("lets our pages ask the host only for listed operations", async () => {
    for (const op of ["check_page", "plan", "toString", "shutdown", undefined]) {
      assert.equal((await fromPage({ type: "host", op })).code, "forbidden", String(op));
    }
    assert.equal((await fromPage({ type: "host", op: "outcome_list" })).status, "ok");
  });
});

describe("a shop page", () => {
  it("gets the plan of the host the browser names, asked for once", async () => {
    world.requests.length = 0;
    const plan = await fromShop({ type: "plan", host: "elsewhere.example", url: SHOP });
    assert.deepEqual([plan.plan.adapter, plan.enabled, plan.paused], ["jd", true, false]);
    assert.ok(plan.words.verdict_danger);
    assert.equal(Object.keys(plan.words).some((key) => /^(options|cli|welcome)_/.test(key)), false);
    await fromShop({ type: "plan", host: "elsewhere.example", url: SHOP });
    assert.deepEqual(world.requests.filter(({ op }) => op === "plan").map((request) => request.host), ["item.shop.example"]);
  });

  it("gets its verdict; the toolbar shows it; a dangerous seller is known for the session", async () => {
    const result = await fromShop(CHECK);
    assert.deepEqual([result.status, result.reply.verdict, "id" in result.reply], ["ok", "danger", false]);
    assert.equal(world.badges.get(7), "✕");
    const plan = await fromShop({ type: "plan", url: SHOP });
    assert.deepEqual(plan.known_danger.sellers, [{ key: "jd:1", name: "Name of jd:1" }]);
    verdict = "watch_out";
    await fromShop(CHECK);
    assert.equal(world.badges.get(7), "!");
    assert.deepEqual((await fromShop({ type: "plan", url: SHOP })).known_danger.sellers, []);
  });

  it("is refused when it claims another origin or sends no snapshot", async () => {
    world.requests.length = 0;
    for (const change of [{ url: "https://other.example/1.html" }, { url: "nonsense" }, { snapshot: 5 }, { snapshot: "x".repeat(700_000) }, { title: null }, { snapshot_version: "1" }]) {
      assert.equal((await fromShop({ ...CHECK, ...change })).code, "bad_request", Object.keys(change)[0]);
    }
    assert.deepEqual(world.requests, []);
  });

  it("is left alone in private windows, unless turned on, and while paused", async () => {
    const privately = shopSender(SHOP, { tabId: 9, incognito: true });
    world.requests.length = 0;
    assert.equal((await fromShop({ type: "plan", url: SHOP }, privately)).enabled, false);
    assert.equal((await fromShop(CHECK, privately)).status, "error");
    await navigated(9, `${SHOP}?again`);
    const rest = await world.storage.session.get();
    assert.deepEqual(rest["tab:9"], { url: "", frames: {}, privately: true }, "not even the address is noted");
    await fromPage({ type: "pause", host: "item.shop.example", on: true });
    assert.equal((await fromShop({ type: "plan", url: SHOP })).paused, true);
    assert.equal((await fromShop(CHECK)).status, "error");
    assert.deepEqual(world.requests, []);
    await fromPage({ type: "pause", host: "item.shop.example", on: false });
    await fromPage({ type: "settings", changes: { private_windows: true } });
    await (await state()).session.forgetPlans();
    const before = { local: await world.storage.local.get(), session: await world.storage.session.get() };
    assert.notEqual((await fromShop({ type: "plan", url: SHOP }, privately)).plan, null);
    assert.equal((await fromShop(CHECK, privately)).status, "ok");
    assert.equal(world.requests.findLast(({ op }) => op === "check_page").private, true);
    await fromShop({ type: "went_on", seller_key: "jd:1" }, privately);
    assert.deepEqual((await state()).session.allowedOn(localDay()), ["jd:1"]);
    await (await state()).session.forgetTab(9);
    const { "tab:9": _gone, ...session } = before.session;
    assert.deepEqual(await world.storage.session.get(), session, "with its last tab everything of a private visit is gone");
    assert.deepEqual(await world.storage.local.get(), before.local);
    assert.deepEqual((await fromShop({ type: "plan", url: SHOP })).known_danger.sellers, [], "nothing learnt in private is told elsewhere");
    assert.deepEqual((await state()).session.allowedOn(localDay()), []);
  });

  it("may go on only with a seller it was told about; that is remembered for the day", async () => {
    await fromShop(CHECK);
    await fromShop({ type: "went_on", seller_key: "jd:other" });
    await fromShop({ type: "went_on", seller_key: 5 });
    assert.deepEqual((await fromShop({ type: "plan", url: SHOP })).allowed_today, []);
    await fromShop({ type: "went_on", seller_key: "jd:1" });
    assert.deepEqual((await fromShop({ type: "plan", url: SHOP })).allowed_today, ["jd:1"]);
    const { session } = await state();
    assert.deepEqual(session.allowedOn(localDay(new Date(2001, 0, 2))), []);
  });

  it("remembers a seller without a key by host and name, and only one it was told about", async () => {
    nameless = true;
    await fromShop(CHECK);
    await fromShop({ type: "went_on", seller_key: null, seller_name: "Somebody else" });
    assert.deepEqual((await fromShop({ type: "plan", url: SHOP })).allowed_today, []);
    await fromShop({ type: "went_on", seller_key: null, seller_name: "Lamp Corner" });
    assert.deepEqual((await fromShop({ type: "plan", url: SHOP })).allowed_today, ["item.shop.example Lamp Corner"]);
  });

  it("keeps the day's go-ons over a restart of the browser, those of other days and of private windows not", async () => {
    const today = localDay();
    const { session } = await state();
    session.allow(today, "jd:1", false);
    session.allow(today, "jd:2", true);
    const restarted = async () => {
      await world.storage.session.clear();
      return Session.open();
    };
    const next = await restarted();
    assert.deepEqual(next.allowedOn(today), ["jd:1"]);
    assert.deepEqual(next.allowed, { day: today, keys: ["jd:1"] });
    next.forgetOtherDays("2001-01-02");
    assert.deepEqual((await restarted()).allowed.keys, []);
    session.allow(today, "jd:1", false);
    await forgetEverything();
    assert.deepEqual((await restarted()).allowed.keys, [], "deleted with everything else");
    await world.storage.local.set({ allowed: { day: 5, keys: "x" } });
    assert.deepEqual((await restarted()).allowed.keys, [], "nonsense on disk is nothing");
  });

  it("in a frame speaks for its tab only where the tab is a shop of ours too", async () => {
    const advertisement = { ...shopSender("https://ads.shop.example/", { tabId: 8, frameId: 3 }) };
    delete advertisement.tab.url;
    await fromShop({ ...CHECK, url: "https://ads.shop.example/" }, advertisement);
    assert.equal((await fromPage({ type: "overview", tab_id: 8 })).page.result, null);
    await fromShop({ ...CHECK }, shopSender(SHOP, { tabId: 8, frameId: 4 }));
    assert.equal((await fromPage({ type: "overview", tab_id: 8 })).page.result.reply.verdict, "danger");
  });

  it("is told when a script changes its address, once, and its verdict goes", async () => {
    await fromShop(CHECK);
    await navigated(7, `${SHOP}#next`);
    await navigated(7, `${SHOP}#next`);
    assert.deepEqual(world.sent, [{ tabId: 7, message: { type: "navigated", url: `${SHOP}#next` } }]);
    assert.equal((await fromPage({ type: "overview", tab_id: 7 })).page.result, null);
    assert.equal(world.badges.get(7), "");
    await navigated(99, SHOP);
    assert.equal(world.sent.length, 1, "a tab that never asked is not spoken to");
  });

  it("asks again when something changed that its verdict depends on", async () => {
    await fromShop(CHECK);
    await fromPage({ type: "host", op: "outcome_add", fields: {} });
    assert.deepEqual(world.sent.map(({ message }) => message.type), ["refresh"]);
    await fromPage({ type: "host", op: "outcome_list", fields: {} });
    assert.equal(world.sent.length, 1);
  });

  it("gets the worst of its frames' verdicts, in the same words when there is no answer", async () => {
    const result = (verdict) => ({ url: SHOP, status: "ok", code: "", reply: { verdict } });
    const failed = { url: SHOP, status: "no_host", code: "no_host", reply: null };
    assert.equal(resultOfTab({ url: SHOP, frames: { 0: result("dependable"), 3: result("danger"), 4: result("unknown") } }).reply.verdict, "danger");
    assert.equal(resultOfTab({ url: SHOP, frames: { 0: failed } }).status, "no_host");
    assert.equal(resultOfTab(undefined), null);
    stays = true;
    const unanswered = await fromShop(CHECK);
    assert.equal(unanswered.status, "timeout");
  });

  it("keeps what was found of it while the host is silent; another page does not get it", async () => {
    stays = false;
    line.retryNow();
    await fromShop(CHECK);
    stays = true;
    await fromShop(CHECK);
    const { result } = (await fromPage({ type: "overview", tab_id: 7 })).page;
    assert.deepEqual([result.status, typeof result.reply.verdict], ["timeout", "string"]);
    await fromShop({ ...CHECK, url: `${SHOP}?other` });
    assert.equal((await fromPage({ type: "overview", tab_id: 7 })).page.result.reply, null);
  });

  it("does not keep the shopper's own entries from being tried at once after a silence", async () => {
    stays = true;
    for (let silences = 0; silences < 2; silences += 1) assert.equal((await fromShop(CHECK)).status, "timeout");
    stays = false;
    assert.equal((await fromShop(CHECK)).status, "timeout", "the line pauses");
    assert.equal((await fromPage({ type: "host", op: "outcome_add", fields: {} })).status, "ok");
  });
});

describe("shop families", () => {
  it("run exactly where granted", async () => {
    await syncScripts();
    assert.deepEqual(world.scripts, []);
    world.granted = ["*://*.jd.com/*"];
    await syncScripts();
    const [script] = world.scripts;
    assert.deepEqual([script.matches, script.allFrames, script.runAt, script.persistAcrossSessions], [["*://*.jd.com/*"], true, "document_start", true]);
    world.granted = ["*://*.jd.com/*", "*://small.example/*"];
    await syncScripts();
    assert.deepEqual(world.scripts.map((one) => one.matches), [world.granted]);
    assert.deepEqual(await familiesIn(["*://small.example/*", "*://*.jd.com/*"]), ["jd", "site:small.example"]);
    world.granted = [];
    await syncScripts();
    assert.deepEqual(world.scripts, []);
  });

  it("are told as revoked when the browser took back what was turned on", async () => {
    assert.deepEqual(await revokedFamilies(["jd", "site:small.example", "gone", "site:not a host"]), ["jd", "site:small.example"]);
    await fromPage({ type: "family_on", id: "jd" });
    assert.deepEqual((await fromPage({ type: "overview" })).revoked, ["jd"]);
    const off = await fromPage({ type: "family_off", id: "jd" });
    assert.deepEqual(off.origins, ["*://*.jd.com/*"]);
    assert.deepEqual((await fromPage({ type: "overview" })).revoked, []);
  });
});

describe("deleting everything", () => {
  it("needs the words, and takes settings and session with it", async () => {
    await fromShop(CHECK);
    await fromPage({ type: "pause", host: "a.example", on: true });
    assert.equal((await fromPage({ type: "delete_everything" })).code, "bad_request");
    assert.deepEqual((await fromPage({ type: "overview" })).settings.paused, ["a.example"]);
    assert.equal((await fromPage({ type: "delete_everything", confirm: "delete everything" })).status, "ok");
    const after = await fromPage({ type: "overview", tab_id: 7 });
    assert.deepEqual([after.settings.paused, after.page], [[], null]);
    assert.deepEqual(await chrome.storage.session.get(), {});
  });
});
