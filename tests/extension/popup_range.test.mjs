// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Asking a registry for the part of its data with the page's seller: what is said before, that only the shopper's own press
// is a yes, only what the page's check named is asked for, and how each end is told.
import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { JSDOM } from "jsdom";
import { table } from "./support/content_page.mjs";
import { installFakeBrowser, own, ownSender, shopSender } from "./support/fake_browser.mjs";

const SHOP = "https://item.shop.example/1.html";
const CHECK = { type: "check", url: SHOP, title: "Lamp", lang: "en", snapshot: "<page v=\"1\"/>", cut: false, snapshot_version: 1 };
const away = { id: "00000000000000fa", name: "Fair", as_of: "2026-12-24", age_days: 2, reports: [], on_this_disk: false, ask_for: "jd:1" };
const here = { ...away, id: "00000000000000fb", on_this_disk: true, ask_for: null };

/** What the host answers; each test turns these. */
let fetchState; let runs; let comes; let preview;
const host = ({ op }) => {
  const pooled = (registry) => ({ registries: [registry, here], left_out: [] });
  if (op === "check_page") return { verdict: "unknown", seller: { key: "jd:1", name: "Lamp" }, reasons: [], sellers: [], facts: { platform: "jd" }, pooled: pooled(away) };
  if (op === "check_seller") return { pooled: pooled({ ...away, on_this_disk: comes }) };
  if (op === "range_preview") return preview;
  if (op === "range_fetch") return fetchState === "refused" ? { error: { code: "conflict", message: "of it no ranges are taken" } } : { state: Array.isArray(fetchState) ? fetchState.shift() : fetchState };
  if (op === "pool_status") return { registries: [], timer: false, run: runs.length > 1 ? runs.shift() : runs[0] };
  return op === "hello" ? undefined : { plan: null, generic: {}, settings: {} };
};
const world = installFakeBrowser({ host });
const page = new JSDOM("<body></body>").window;
globalThis.document ??= page.document;
page.HTMLDialogElement.prototype.showModal = () => {};
page.HTMLDialogElement.prototype.close = () => {};
// What listens to an element, so that a press can be a trusted one.
const heard = new WeakMap();
const { addEventListener } = page.EventTarget.prototype;
page.EventTarget.prototype.addEventListener = function listen(type, f, ...more) {
  if (type === "click") heard.set(this, f);
  return addEventListener.call(this, type, f, ...more);
};
const { Words } = await import("../../extension/lib/words.js");
const { answer } = await import("../../extension/background/messages.js");
const { forgetEverything, line, state } = await import("../../extension/background/state.js");
const { rangeAsk } = await import("../../extension/pages/range.js");
const { sharedCard } = await import("../../extension/pages/shared.js");

const fromPage = (message) => answer(message, ownSender, own);
globalThis.chrome.runtime.sendMessage = /** @type {any} */ (fromPage);
const asked = (op) => world.requests.filter((request) => request.op === op);
const range = (type, message = {}) => fromPage({ type, tab_id: 7, registry_id: away.id, ...message });

after(() => line.close());
beforeEach(async () => {
  [fetchState, runs, comes] = ["running", [{ running: false, exit_code: 0 }], true];
  preview = { registry: { id: away.id, name: "Fair" }, seller_key: "jd:1", fetched: 32, fresh: 4, ranges: 4096, sellers: 12 };
  line.close();
  line.retryNow();
  await forgetEverything();
  await answer(CHECK, shopSender(SHOP), own);
  [world.requests.length, world.sent.length] = [0, 0];
});

describe("the background", () => {
  it("asks for what the page's check named, once it has ended tells how, and has the page checked again", async () => {
    runs = [{ running: true, exit_code: null }, { running: false, exit_code: 0 }];
    assert.deepEqual(await range("range_fetch", { seller_key: "jd:999" }), { status: "ok", code: "", reply: { state: "ended", exit_code: 0, here: true } });
    assert.deepEqual(asked("range_fetch").map(({ registry_id, seller_key }) => [registry_id, seller_key]), [[away.id, "jd:1"]]);
    assert.equal(asked("pool_status").length, 2);
    assert.deepEqual(world.sent, [{ tabId: 7, message: { type: "refresh" } }]);
  });

  it("asks for nothing else: no other tab, no registry that has it here, none that the page was not answered about", async () => {
    for (const message of [{ tab_id: 8 }, { tab_id: "7" }, { tab_id: undefined }, { registry_id: here.id }, { registry_id: "00000000000000ff" }, { registry_id: undefined }]) {
      for (const type of ["range_preview", "range_fetch"]) assert.equal((await range(type, message)).code, "not_found", JSON.stringify(message));
    }
    for (const op of ["range_preview", "range_fetch"]) assert.equal((await fromPage({ type: "host", op, fields: { registry_id: away.id, seller_key: "jd:999" } })).code, "forbidden");
    for (const type of ["range_preview", "range_fetch"]) assert.equal(answer({ type, tab_id: 7, registry_id: away.id }, shopSender(SHOP), own), null);
    assert.deepEqual([...asked("range_preview"), ...asked("range_fetch")], []);
  });

  it("waits through the seconds in which nothing new is started", async () => {
    fetchState = ["busy", "running"];
    assert.equal((await range("range_fetch")).reply.here, true);
    assert.equal(asked("range_fetch").length, 2);
  });

  it("asks for nothing from a private window", async () => {
    const { session } = await state();
    session.setTab(7, { ...session.tab(7), privately: true });
    assert.equal((await range("range_fetch")).code, "not_found");
    assert.deepEqual(asked("range_fetch"), []);
  });
});

describe("the popup", () => {
  const tick = () => new Promise((resolve) => { setTimeout(resolve, 5); });
  const until = async (holds) => {
    for (let i = 0; i < 2400 && !holds(); i += 1) await tick();
    assert.ok(holds(), document.body.textContent);
  };
  const press = (button, isTrusted = true) => heard.get(button)({ isTrusted, type: "click" });
  const dialog = () => document.querySelector("dialog");
  let next = 100;
  /** A place of its own for each: places outlast a redraw. */
  async function shown(language = "en") {
    const words = new Words(/** @type {any} */ (language), table(language));
    const tabId = next++;
    const { session } = await state();
    session.setTab(tabId, session.tab(7));
    const told = [];
    const draw = () => sharedCard(words, { pooled: { registries: [away, here], left_out: [] } }, (registry) => rangeAsk(words, tabId, registry, (message) => told.push(message)));
    const card = draw();
    document.body.replaceChildren(card);
    return { told, card, draw, button: () => card.querySelector("button:not(.quiet)") };
  }
  async function agreed(view) {
    press(view.button());
    await until(dialog);
    const [no, yes] = dialog().querySelectorAll("button");
    return { no, yes };
  }

  it("has one button, at the registry that has something to ask for", async () => {
    const { card } = await shown();
    assert.deepEqual([...card.querySelectorAll("button")].map((button) => button.textContent), ["Ask Fair for it …"]);
    assert.equal(card.querySelectorAll("li")[1].querySelector("button"), null);
  });

  for (const language of ["en", "zh_CN"]) {
    it(`says first what asking shows; no is no (${language})`, async () => {
      const view = await shown(language);
      const { no } = await agreed(view);
      const text = dialog().textContent;
      assert.match(text, language === "en" ? /Fair will see .* 4 of its 4,096 parts .* the others of 32\. .* about 12 sellers/ : /Fair 会看到：.* 4,096 部分数据中以前没取过的 4 部分，此外照旧取 32 部分中的其余/);
      assert.match(text, language === "en" ? /which seller, it is not told/ : /它不会得知/);
      assert.doesNotMatch(text, /\$|range_/);
      press(no);
      await until(() => !dialog());
      assert.deepEqual(asked("range_fetch"), []);
    });
  }

  it("says it otherwise where nothing was fetched yet, and where nothing new shows", async () => {
    preview = { ...preview, fresh: 32, ranges: null, sellers: null };
    const first = await agreed(await shown());
    assert.match(dialog().textContent, /up to 32 parts of its data, now and at later syncs/);
    press(first.no);
    preview = { ...preview, fresh: 0, ranges: 4096 };
    const covered = await agreed(await shown());
    assert.match(dialog().textContent, /asking shows it nothing new/);
    press(covered.no);
  });

  it("a press that is not the shopper's is no yes", async () => {
    const view = await shown();
    const { no, yes } = await agreed(view);
    press(yes, false);
    yes.click();
    await tick();
    assert.ok(dialog());
    press(no);
    assert.deepEqual(asked("range_fetch"), []);
  });

  it("shows that it is at work, through a redraw, and tells that it is here", async () => {
    const view = await shown();
    const { yes } = await agreed(view);
    press(yes);
    await until(() => view.card.querySelector("progress"));
    assert.equal(view.button(), null);
    assert.ok(view.draw().querySelector("progress"));
    await until(() => view.told.length > 0);
    assert.deepEqual(view.told, ["What Fair knows of this seller is on this computer now."]);
  });

  const ends = [
    ["not reached", () => { [runs, comes] = [[{ running: false, exit_code: 5 }], false]; }, /could not be reached.*Try again/, null],
    ["contradicts itself", () => { [runs, comes] = [[{ running: false, exit_code: 6 }], false]; }, /contradicts itself.*settings/, null],
    ["refused by the sync", () => { [runs, comes] = [[{ running: false, exit_code: 3 }], false]; }, /it says why/, "kaopu sync --registry 00000000000000fa --range jd:1"],
    ["ended well, and nothing came", () => { comes = false; }, /Nothing came from Fair/, "kaopu sync --registry 00000000000000fa --range jd:1"],
    ["a host started anew", () => { [runs, comes] = [[null], false]; }, /Nothing came from Fair/, "kaopu sync --registry 00000000000000fa --range jd:1"],
    ["another at work", () => { fetchState = "busy"; }, /Another sync.*few seconds/, null],
    ["nothing to run it", () => { fetchState = "none"; }, /could not be started from here/, "kaopu sync --registry 00000000000000fa --range jd:1"],
    ["refused by the host", () => { fetchState = "refused"; }, /^Not asked: /, null],
  ];
  for (const [name, turn, said, command] of ends) {
    it(`tells what to do next: ${name}`, async () => {
      turn();
      const view = await shown();
      const { yes } = await agreed(view);
      press(yes);
      await until(() => view.card.querySelector(".overdue"));
      assert.match(view.card.querySelector(".overdue").textContent, said);
      assert.equal(view.card.querySelector("code")?.textContent ?? null, command);
      assert.ok([...view.card.querySelectorAll("button")].some((button) => button.textContent === "Ask Fair for it …"));
      assert.deepEqual(view.told, []);
    });
  }
});
