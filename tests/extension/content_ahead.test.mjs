// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reading ahead never changes what is read: whatever happened to a page since a part of it was read, the snapshot with those
// parts is the snapshot without them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openPage, sleep } from "./support/content_page.mjs";

const FILES = ["namespace.js", "xml.js", "writer.js", "snapshot.js", "ahead.js"];
const PLAN = { main: [{ tag: "main" }], keep: [{ tag: "textarea", class: "keep" }] };

const MARK = `<div id="mark">${"<i></i>".repeat(6)}</div><p>last</body>`;

/** A generator of numbers below n, the same for the same seed. @param {number} seed */
function random(seed) {
  let state = seed * 2654435761 >>> 0;
  return (/** @type {number} */ n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const KINDS = ["div", "p", "span", "ul", "li", "a", "my-card", "input", "textarea", "script", "svg", "br", "iframe", "main"];
const WEIGHTS = [9, 6, 6, 3, 6, 4, 1, 1, 1, 1, 1, 2, 0.2, 0.3];

/** @param {any} document @param {(n: number) => number} below @param {number} size */
function tree(document, below, size) {
  const top = document.createElement("div");
  const open = [top];
  for (let i = 0; i < size; i++) {
    const parent = open[below(open.length)];
    let at = below(1000) / 1000 * WEIGHTS.reduce((a, b) => a + b);
    const kind = KINDS[WEIGHTS.findIndex((weight) => (at -= weight) < 0)] ?? "div";
    const element = document.createElement(kind);
    element.setAttribute(["class", "id", "style", "data-x"][below(4)], `v${below(9)} & <`);
    if (below(3)) element.append(below(2) ? ` text \n ${i} ` : "字");
    parent.append(element);
    if (below(3) === 0) parent.append("beside ");
    open.push(element);
  }
  return top;
}

/** One thing a page may do to itself. @param {any} document @param {(n: number) => number} below */
function change(document, below) {
  const all = [...document.body.querySelectorAll("*")];
  const one = all[below(all.length)];
  const other = all[below(all.length)];
  [
    () => one.setAttribute("class", `changed ${below(99)}`),
    () => one.setAttributeNS("urn:x", "x:y", "1"),
    () => one.append(` more ${below(99)} `),
    () => one.firstChild?.nodeType === 3 && (one.firstChild.data = "other"),
    () => one.remove(),
    () => !one.contains(other) && one.append(other),
    () => one.replaceWith(tree(document, below, below(12))),
    () => !one.shadowRoot && /^(div|p|span|my-card)$/.test(one.localName) && one.attachShadow({ mode: "open" }).append("inside"),
    () => one.shadowRoot?.append("more inside"),
    () => { if (one.localName === "iframe" && one.contentDocument?.body) one.contentDocument.body.append("in the frame"); },
    () => document.body.append(tree(document, below, 20)),
    () => one.normalize(),
  ][below(12)]();
}

const secret = (field) => field.getAttribute("type") === "password";
const started = (page, stopped = () => false) => page.kaopu.ahead.read(page.document, PLAN, { stopped, isSecret: secret });

/** @param {any} page @param {any} reading */
async function both(page, reading) {
  let used = 0;
  const fields = [[], []];
  const written = (element) => {
    const piece = reading.written(element, (field) => fields[0].push(field));
    used += piece ? 1 : 0;
    return piece;
  };
  // Slices without an end: nothing happens in between.
  const take = (options) => page.kaopu.snapshot.take(page.document, PLAN, { sliceMs: 1e9, ...options });
  const [ahead, whole] = [take({ written, begins: reading.look, metField: (field) => fields[0].push(field) }), take({ metField: (field) => fields[1].push(field) })];
  return { ahead: await ahead, whole: await whole, used, fields };
}

/** Until every such element was read. @param {any} page @param {any} reading @param {string} selector */
async function readAll(page, reading, selector) {
  while (![...page.document.querySelectorAll(selector)].every((element) => reading.written(element, () => {}))) await sleep(1);
}

describe("reading ahead", () => {
  it("gives what a whole reading gives, whatever the page did meanwhile", async () => {
    let [used, lost] = [0, 0];
    for (let seed = 1; seed <= 10; seed++) {
      const below = random(seed);
      const page = openPage("<body></body>", { files: FILES });
      const { document } = page;
      for (let i = 0; i < 6; i++) document.body.append(tree(document, below, 10 + below(30)));
      document.body.insertAdjacentHTML("beforeend", MARK);
      const reading = started(page);
      await readAll(page, reading, "#mark");
      const before = await both(page, reading);
      assert.deepEqual(before.ahead, before.whole, `seed ${seed}`);
      for (let round = 0; round < 6; round++) {
        for (let i = below(4); i >= 0; i--) change(document, below);
        const after = await both(page, reading);
        assert.equal(after.ahead.snapshot, after.whole.snapshot, `seed ${seed}, round ${round}`);
        assert.deepEqual(new Set(after.fields[0]), new Set(after.fields[1]), `fields of seed ${seed}, round ${round}`);
        if (round === 5) [used, lost] = [used + after.used, lost + (after.used < before.used ? 1 : 0)];
        if (below(2)) await sleep(0);
      }
      reading.end();
      page.close();
    }
    assert.ok(used > 10 && lost > 2, `${used} pieces used, lost some on ${lost} pages`);
  });

  const blocks = (count, text) => `<body>${`<section>${`<p class="a">${text}</p>`.repeat(8)}</section>`.repeat(count)}${MARK}`;
  const deep = (levels) => `<body>${"<div>".repeat(levels)}<section>${"<p>x</p>".repeat(3)}<i><i><i><i>deep</i></i></i></i></section><p>more</p>${"</div>".repeat(levels)}${MARK}`;
  for (const [name, html, cut] of [
    ["at the limit of bytes", blocks(60, "字 text ".repeat(120)), true],
    ["below the limit of bytes", blocks(20, "字 text ".repeat(120)), false],
    ...[500, 505, 506, 509].map((levels) => [`${levels} levels deep`, deep(levels), levels > 505]),
  ]) {
    it(`keeps every limit as a whole reading does: ${name}`, async () => {
      const page = openPage(html, { files: FILES });
      const reading = started(page);
      await readAll(page, reading, "#mark");
      const { ahead, whole, used } = await both(page, reading);
      assert.ok(ahead.snapshot === whole.snapshot, `${ahead.snapshot.length} and ${whole.snapshot.length}`);
      assert.equal(ahead.cut, whole.cut);
      assert.equal(whole.cut, cut);
      assert.ok(cut || used > 0);
      reading.end();
      page.close();
    });
  }

  it("writes a piece out of the main element and leaves the main element out of the rest", async () => {
    const part = "<div><b>1</b><b>2</b><b>3</b><b>4</b><b>5</b><b>6</b></div>";
    const page = openPage(`<body><section>${part}<main>${part}</main></section>${part}<p>last</body>`, { files: FILES });
    const reading = started(page);
    await readAll(page, reading, "section, body > div");
    const { ahead, whole, used } = await both(page, reading);
    assert.deepEqual(ahead, whole);
    assert.ok(used > 0);
    reading.end();
    page.close();
  });

  it("forgets everything at a field for a secret, and reads no more", async () => {
    const part = (field) => `<div>${field}<b>1</b><b>2</b><b>3</b><b>4</b><b>5</b><b>6</b></div>`;
    const page = openPage(`<body>${part("")}<p>open</p>`, { files: FILES });
    const reading = started(page);
    await readAll(page, reading, "div");
    let asked = 0;
    page.document.body.insertAdjacentHTML("beforeend", `${part('<input type="password">')}${part("")}<p>open`);
    while (reading.written(page.document.querySelector("div"), () => {}) !== null) await sleep(1);
    await sleep(30);
    for (const element of page.document.querySelectorAll("div")) asked += reading.written(element, () => {}) ? 1 : 0;
    assert.equal(asked, 0);
    page.close();
  });
});
