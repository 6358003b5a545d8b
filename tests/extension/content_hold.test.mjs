// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which events are held, and that none is touched where there is nothing to ask. Presses are played, so none of them is
// trusted: what needs a real press stands in the end-to-end tests.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FILES, openPage, sleep, table } from "./support/content_page.mjs";

const BUTTONS = [
  { role: "buy", css: [".buy", ":::not a selector"], texts: ["Buy  now", "立即购买"] },
  { role: "place_order", css: ["#place"] },
  { role: "wallet", css: ["iframe.wallet"] },
];
const SHOP = `<body><button class="buy"><b>go</b></button><div id="plain"><span>立即购买</span></div><div id="wide">立即购买 ${"x".repeat(60)}</div>
  <form id="order"><input id="field"><input id="pick" type="checkbox"><button id="place">Order</button></form><form id="other"><input id="search"><button>Find</button></form>
  <iframe class="wallet"></iframe><a id="link" href="/x">no</a></body>`;
const seller = { key: "demo:1001", name: "Harbour" };
const reply = (verdict, ask = verdict === "danger") => ({
  verdict, seller, reasons: [], advice: [], sellers: [{ seller, verdict }], hold: { ask, roles: ["buy", "place_order", "wallet"], why: ask ? "danger" : null },
  facts: { page_kind: "product", platform: "demo", promises: [] }, history: {}, estimate: {}, stale: [],
});

/** A page with everything in it. @param {any} checkReply @param {any} [more] */
async function shop(checkReply, more = {}) {
  const page = openPage(SHOP, { files: FILES, answer: async ({ type }) => {
    if (type === "plan") return { plan: { snapshot: {}, buttons: BUTTONS, badge: {} }, generic: null, enabled: true, paused: false, language: "en", words: table("en"), known_danger: { sellers: [] }, allowed_today: [], ...more };
    if (type !== "check") return { ok: true };
    return typeof checkReply === "function" ? checkReply() : { status: "ok", reply: checkReply };
  } });
  const reads = !more.paused && more.enabled !== false;
  for (let i = 0; i < 200 && reads && !page.asked.some(({ type }) => type === "check"); i++) await sleep(20);
  await sleep(60);
  return page;
}

/** Whether the page hears an event, and whether it was cancelled. */
function fire(page, selector, type, init = {}) {
  const target = page.document.querySelector(selector);
  const Kind = type.startsWith("key") ? page.window.KeyboardEvent : type === "submit" ? page.window.SubmitEvent ?? page.window.Event : page.window.MouseEvent;
  const event = new Kind(type, { bubbles: true, cancelable: true, composed: true, ...init });
  let heard = false;
  const hear = () => { heard = true; };
  page.window.addEventListener(type, hear, { capture: true });
  target.dispatchEvent(event);
  page.window.removeEventListener(type, hear, { capture: true });
  return { heard, cancelled: event.defaultPrevented };
}
const touched = { heard: false, cancelled: true };
const untouched = { heard: true, cancelled: false };
const PRESSES = ["pointerdown", "pointerup", "mousedown", "mouseup", "click"];

describe("with danger", () => {
  it("holds presses on what the plan names by selector or by text, and nothing else", async () => {
    const page = await shop(reply("danger"));
    for (const type of PRESSES) {
      for (const selector of [".buy b", "#plain span", "#place"]) assert.deepEqual(fire(page, selector, type), touched, `${type} ${selector}`);
      for (const selector of ["#link", "#wide", "#pick", "#search"]) assert.equal(fire(page, selector, type).heard, true, `${type} ${selector}`);
    }
    assert.deepEqual(fire(page, ".buy", "mousedown", { button: 2 }), untouched, "the context menu is nobody's purchase");
    assert.ok(page.kaopu.dialog.isOpen());
    page.close();
  });

  it("holds Enter and Space on a button, and Enter in a field of its form", async () => {
    const page = await shop(reply("danger"));
    assert.deepEqual(fire(page, ".buy", "keydown", { key: "Enter" }), touched);
    assert.deepEqual(fire(page, ".buy", "keydown", { key: " " }), touched);
    assert.deepEqual(fire(page, ".buy", "keydown", { key: "Tab" }), untouched);
    assert.deepEqual(fire(page, "#field", "keydown", { key: "Enter" }), touched);
    assert.deepEqual(fire(page, "#field", "keydown", { key: "Enter", isComposing: true }), untouched, "a candidate of an input method is chosen, not a form sent");
    assert.deepEqual(fire(page, "#field", "keydown", { key: " " }), untouched);
    assert.deepEqual(fire(page, "#search", "keydown", { key: "Enter" }), untouched);
    page.close();
  });

  it("holds the form itself", async () => {
    const page = await shop(reply("danger"));
    assert.deepEqual(fire(page, "#order", "submit"), touched);
    assert.deepEqual(fire(page, "#other", "submit"), untouched);
    page.close();
  });

  it("asks where a press began and ended on a button, not where a scroll or a drag did", async () => {
    const page = await shop(reply("danger"));
    const { hold, buttons } = page.kaopu;
    const asked = [];
    hold.set({ rules: buttons.ofRoles(buttons.read(BUTTONS), ["buy"]), wants: () => true, held: ({ target }) => asked.push(target.localName) });
    const quiet = () => sleep(600); // longer than a release waits for its click
    fire(page, ".buy", "pointerup"); // began elsewhere
    await quiet();
    for (const type of ["pointerdown", "pointerup", "pointercancel"]) fire(page, ".buy", type);
    await quiet();
    for (const type of ["touchstart", "touchcancel", "touchend"]) fire(page, ".buy", type);
    await quiet();
    assert.deepEqual(asked, []);
    for (const type of ["pointerdown", "pointerup"]) fire(page, ".buy", type);
    for (const end = Date.now() + 10_000; asked.length === 0 && Date.now() < end; ) await sleep(20);
    assert.deepEqual(asked, ["button"], "a page that swallows the click is asked about at the release");
    page.document.querySelector(".buy").disabled = true;
    for (const type of PRESSES) assert.deepEqual(fire(page, ".buy b", type), untouched, `${type} on a button that does nothing`);
    page.close();
  });

  it("answers of the page itself count for nothing", async () => {
    const page = await shop(reply("danger"));
    fire(page, ".buy", "click");
    const dialog = page.kaopu.dialog.build(reply("danger"), { table: table("en"), language: "en" }, { back: () => assert.fail("back"), on: () => assert.fail("on") });
    for (const button of dialog.querySelectorAll("button")) { button.removeAttribute("disabled"); button.click(); }
    page.close();
  });

  it("a seller the shopper went on with today is not asked about", async () => {
    const page = await shop(reply("danger"), { allowed_today: ["demo:1001"] });
    for (const type of PRESSES) assert.deepEqual(fire(page, ".buy", type), untouched, type);
    page.close();
  });

  it("covers express-pay elements in shadow trees too, and in what comes later", async () => {
    const page = await shop(reply("danger"));
    const { document, kaopu } = page;
    let covered = [];
    const cover = kaopu.shield.cover;
    kaopu.shield.cover = (elements, ...more) => { covered = [...elements]; cover(elements, ...more); };
    const names = async (count) => {
      for (const end = Date.now() + 10_000; covered.length !== count && Date.now() < end; ) await sleep(20);
      return covered.map((element) => element.id);
    };
    const box = document.createElement("pay-box");
    box.attachShadow({ mode: "open" }).innerHTML = '<p><iframe class="wallet" id="first"></iframe></p><button id="no">Help</button>';
    document.body.append(box);
    assert.deepEqual(await names(2), ["", "first"]);
    box.shadowRoot.querySelector("p").innerHTML += '<iframe class="wallet" id="second"></iframe>';
    assert.deepEqual(await names(3), ["", "first", "second"], "a tree is watched like the document");
    box.remove();
    page.document.querySelector("#plain span").firstChild.data = "Sold";
    assert.deepEqual(await names(1), [""]);
    page.close();
  });

  it("only the roles of the reply are held", async () => {
    const page = await shop({ ...reply("danger"), hold: { ask: true, roles: ["place_order"], why: "danger" } });
    assert.deepEqual(fire(page, ".buy", "click"), untouched);
    assert.deepEqual(fire(page, "#place", "click"), touched);
    page.close();
  });
});

describe("without danger", () => {
  for (const [name, answer, more] of [
    ["dependable", reply("dependable")], ["unknown", reply("unknown")], ["watch out", reply("watch_out")],
    ["no host", () => ({ status: "no_host", code: "no_host" })], ["an error", () => ({ status: "error", code: "internal" })],
    ["no answer at all", () => new Promise(() => {})], ["nonsense", () => 7], ["a broken reply", () => ({ status: "ok", reply: { hold: 3, facts: 4, sellers: "x" } })],
    ["extension gone", () => { throw new Error("Extension context invalidated."); }], ["paused", reply("danger"), { paused: true }], ["private", reply("danger"), { enabled: false }],
  ]) {
    it(`touches nothing: ${name}`, async () => {
      const page = await shop(answer, more);
      for (const type of PRESSES) assert.deepEqual(fire(page, ".buy", type), untouched, type);
      assert.deepEqual(fire(page, "#field", "keydown", { key: "Enter" }), untouched);
      assert.deepEqual(fire(page, "#order", "submit"), untouched);
      page.close();
    });
  }

  it("before the answer: a press is only kept where the seller is one known as dangerous, and not for long", async () => {
    const never = () => new Promise(() => {});
    const stranger = await shop(never, { known_danger: { sellers: [{ key: "demo:99999", name: "Somebody" }] } });
    assert.deepEqual(fire(stranger, ".buy", "click"), untouched);
    stranger.close();
    const page = await shop(never, { known_danger: { sellers: [{ key: "web:shop.example", name: "Shop" }] } });
    let replayed = 0;
    page.document.querySelector(".buy").addEventListener("click", () => { replayed += 1; });
    assert.deepEqual(fire(page, ".buy", "click"), touched);
    assert.equal(replayed, 0);
    for (const end = Date.now() + 10_000; replayed === 0 && Date.now() < end; ) await sleep(50);
    assert.equal(replayed, 1, "the page has its press back");
    assert.deepEqual(fire(page, ".buy", "click"), untouched, "and the next at once");
    page.close();
  });
});

it("reads a page again that changed in place: a link's address, a text", async () => {
  const page = await shop(reply("unknown"));
  const reads = () => page.asked.filter(({ type }) => type === "check").length;
  for (const change of [
    () => page.document.querySelector("#link").setAttribute("href", "/another-seller"),
    () => { page.document.querySelector("#plain span").firstChild.data = "Buy now"; },
  ]) {
    const before = reads();
    change();
    for (const end = Date.now() + 10_000; reads() === before && Date.now() < end; ) await sleep(20);
    assert.equal(reads(), before + 1);
  }
  page.close();
});

describe("a page that shows a field for a secret", () => {
  const secret = '<input type="password">';
  /** What a page tells, and asks, of itself. @param {string} html @param {(document: Document) => void} [change] */
  async function askedBy(html, change = () => {}) {
    let ready = () => {};
    const changed = new Promise((resolve) => { ready = () => resolve(null); });
    const page = openPage(`<body><main itemscope itemtype="https://schema.org/Product">${html}</main></body>`, { files: FILES, answer: async ({ type }) => {
      await changed;
      return type === "plan" ? { plan: { buttons: BUTTONS }, enabled: true, paused: false, language: "en", words: {} } : { status: "error" };
    } });
    change(page.document);
    ready();
    for (const end = Date.now() + 10_000; page.asked.length < 2 && Date.now() < end; ) await sleep(20);
    page.close();
    return page.asked.map(({ type }) => type);
  }

  it("is not read, and that is said", async () => {
    assert.deepEqual(await askedBy(secret), ["plan", "unread"]);
    assert.deepEqual(await askedBy('<input autocomplete="one-time-code">'), ["plan", "unread"]);
  });
  it("nor where the field stands in a frame or a shadow tree of it", async () => {
    assert.deepEqual(await askedBy("<iframe></iframe>", (document) => { document.querySelector("iframe").contentDocument.body.innerHTML = secret; }), ["plan", "unread"]);
    assert.deepEqual(await askedBy("<log-in></log-in>", (document) => { document.querySelector("log-in").attachShadow({ mode: "open" }).innerHTML = secret; }), ["plan", "unread"]);
  });
  it("but where it is not on the screen", async () => {
    assert.deepEqual(await askedBy(`<div hidden>${secret}</div>`), ["plan", "check"]);
    assert.deepEqual(await askedBy("<log-in></log-in>", (document) => { document.querySelector("log-in").attachShadow({ mode: "open" }).innerHTML = `<p hidden>${secret}</p>`; }), ["plan", "check"]);
  });

  /** What a page tells while something happens to it; each step's change, then what is waited for. */
  async function toldThrough(...steps) {
    const page = openPage('<body><main itemscope itemtype="https://schema.org/Product"><p id="at"></p></main></body>', { files: FILES, answer: async ({ type }) => (type === "plan"
      ? { plan: { buttons: BUTTONS }, enabled: true, paused: false, language: "en", words: table("en") } : type === "check" ? { status: "ok", reply: reply("danger") } : { ok: true }) });
    const told = () => page.asked.map(({ type }) => type).filter((type) => type !== "plan");
    const until = async (count) => { for (const end = Date.now() + 10_000; told().length < count && Date.now() < end; ) await sleep(20); };
    await until(1);
    for (const [i, step] of steps.entries()) {
      step(page.document.getElementById("at"), page);
      await until(i + 2);
    }
    page.close();
    return told();
  }

  for (const [where, show, hide] of [
    ["the page", (at) => { at.innerHTML = secret; }, (at) => { at.innerHTML = ""; }],
    ["the page, where a style hides it again", (at) => { at.innerHTML = secret; }, (at) => { at.hidden = true; }],
    ["a shadow tree", (at) => { at.attachShadow({ mode: "open" }).innerHTML = secret; at.append(" "); }, (at) => { at.shadowRoot.innerHTML = ""; }],
  ]) {
    it(`stops reading where it comes late, says so, and looks again once it is gone: ${where}`, async () => {
      assert.deepEqual(await toldThrough(show, hide), ["check", "unread", "check"]);
    });
  }

  it("keeps what was found before: a page does not get rid of its verdict so", async () => {
    let press = null;
    const show = (at) => { at.innerHTML = `${secret}<button class="buy">go</button>`; };
    await toldThrough(show, (at, page) => { press = fire(page, ".buy", "click"); at.innerHTML = ""; });
    assert.deepEqual(press, touched);
  });
});

it("reads a page no adapter knows only where it says that it is a shop", async () => {
  const says = async (is, html, url = "https://a.example/x") => {
    const page = openPage(html, { url, files: FILES, answer: async ({ type }) => (type === "plan" ? { plan: null, generic: { buttons: [] }, enabled: true, paused: false, language: "en", words: {} } : null) });
    for (const end = Date.now() + (is ? 10_000 : 200); !page.asked.some(({ type }) => type === "check") && Date.now() < end; ) await sleep(20);
    page.close();
    return page.asked.some(({ type }) => type === "check");
  };
  assert.equal(await says(false, "<body>my diary</body>"), false);
  assert.equal(await says(false, '<head><script type="application/ld+json">{"@type": "NewsArticle"}</script></head>'), false);
  assert.equal(await says(true, '<head><script type="application/ld+json">{"@type": "Product"}</script></head>'), true);
  assert.equal(await says(true, '<head><script type="application/ld+json">{"@type": ["Thing", "Product"]}</script></head>'), true);
  assert.equal(await says(true, '<body><div itemtype="http://schema.org/Product">x</div></body>'), true);
  assert.equal(await says(true, '<head><meta property="og:type" content="product.item"></head>'), true);
  assert.equal(await says(true, "<body>x</body>", "https://a.example/checkout/payment"), true);
  assert.equal(await says(false, '<head><script type="application/ld+json">[{"@type": "BankOrCreditUnion"}, {"@type": "Product"}]</script></head>'), false);
});

it("what a page says is text, of bounded length, each name in its own bdi", () => {
  const page = openPage("<body></body>");
  const evil = { key: "x:1", name: `<img src=x onerror=alert(1)>\u202e${"long ".repeat(100)}` };
  const wording = { table: table("en"), language: "en" };
  const evilReply = { ...reply("danger"), seller: evil, reasons: [{ key: "<b>", args: { __proto__: 1 } }] };
  const shown = [page.kaopu.badge.build(evilReply, wording, { open: () => {} }),
    page.kaopu.badge.panel(evilReply, wording, { open: () => {}, close: () => {} }),
    page.kaopu.dialog.build({ ...reply("danger"), seller: evil }, wording, { back: () => {}, on: () => {} })];
  for (const element of shown) {
    assert.equal(element.querySelector("img, script, b"), null);
    const name = element.querySelector(".seller bdi, .for-reader bdi");
    assert.ok(name.textContent.startsWith("<img src=x") && name.textContent.length <= 80 && !name.textContent.includes("\u202e"));
  }
  page.close();
});
