// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The serializer against the vectors that the C++ one runs too, and against documents that no parser would make.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openPage, vectors } from "./support/content_page.mjs";

const FILES = ["namespace.js", "xml.js", "writer.js", "snapshot.js"];
const HTML_CHARS_MAX = 300_000; // beyond, jsdom takes longer than the test is worth; the browsers run those

/** @param {string} html @param {any} [plan] @param {(page: any) => void} [change] */
async function taken(html, plan = {}, change = () => {}) {
  const page = openPage(html, { files: FILES });
  change(page);
  const result = await page.kaopu.snapshot.take(page.document, plan);
  page.close();
  return result;
}
const body = async (...args) => /<data\/>(.*)<\/page>$/s.exec((await taken(...args)).snapshot)?.[1];

describe("snapshot vectors", () => {
  for (const { name, html, plan, xml, raw_only, needs } of vectors()) {
    const skip = raw_only ?? (needs && `jsdom lacks ${needs}; run in browsers`) ?? (html.length > HTML_CHARS_MAX && "too long for jsdom; run in browsers");
    it(name, { skip }, async () => {
      const { snapshot, cut } = await taken(html, plan);
      assert.equal(snapshot === xml, true, `got ${snapshot.slice(0, 400)}\nnot ${xml.slice(0, 400)}`);
      assert.equal(cut, xml.includes("<cut"));
    });
  }
});

describe("snapshot of a live document", () => {
  it("never holds what was typed", async () => {
    const change = ({ document }) => {
      document.querySelector("input").value = "typed";
      document.querySelector("textarea").value = "typed";
    };
    assert.equal(await body('<body><input name="a"><textarea class="keep">shop\'s</textarea></body>', { keep: [{ tag: "textarea", class: "keep" }] }, change),
      '<body><input name="a"/><textarea class="keep">shop\'s</textarea></body>');
  });

  it("is not led astray by elements named like members of the document", async () => {
    const html = '<body><form name="querySelectorAll"><input name="attributes"><input name="firstChild"><input name="nodeType"><input name="localName"></form><img name="body"><img name="documentElement"><p id="kaopu">x</p></body>';
    assert.equal(await body(html), '<body><form name="querySelectorAll"><input name="attributes"/><input name="firstChild"/><input name="nodeType"/><input name="localName"/></form><img name="body"/><img name="documentElement"/><p id="kaopu">x</p></body>');
  });

  it("reads open shadow roots before the light children", async () => {
    const change = ({ document }) => { document.querySelector("my-card").attachShadow({ mode: "open" }).append("inside"); };
    assert.equal(await body("<body><my-card><i>light</i></my-card></body>", {}, change), "<body><my-card><shadow-root>inside</shadow-root><i>light</i></my-card></body>");
  });

  it("inlines frames of its own origin", async () => {
    const change = ({ document }) => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      frame.contentDocument.body.append("inside");
    };
    assert.equal(await body("<body></body>", {}, change), '<body><iframe inlined="1">inside</iframe></body>');
  });

  it("is well formed whatever names scripts give", async () => {
    const change = ({ document }) => {
      const p = document.querySelector("p");
      p.setAttributeNS("urn:a", "x:same", "1");
      p.setAttributeNS("urn:b", "same", "2");
      p.setAttributeNS("urn:c", "same", "3");
      p.append("lone \ud800 surrogate", document.createElementNS("urn:d", "evil"), document.createElement("a:b"));
    };
    assert.equal(await body("<body><p></p></body>", {}, change), '<body><p same="2">lone  surrogate</p></body>');
  });

  it("ends soon in a document of 3,000 levels, and rests in between", async () => {
    const page = openPage("<body><p></p></body>", { files: FILES });
    let top = page.document.body;
    for (let i = 0; i < 3000; i++) {
      const next = page.document.createElement(i % 2 ? "x:y" : "i");
      top.appendChild(next);
      top = next;
    }
    let rests = 0;
    const { snapshot, cut } = await page.kaopu.snapshot.take(page.document, {}, { sliceMs: 0, stopped: () => { rests += 1; return false; } });
    assert.ok(cut && snapshot.length < 10_000);
    assert.ok(rests > 100, `${rests} rests`);
    page.close();
  });

  it("gives up when told that it is no longer wanted", async () => {
    const page = openPage(`<body>${"<p>x</p>".repeat(500)}</body>`, { files: FILES });
    assert.equal(await page.kaopu.snapshot.take(page.document, {}, { sliceMs: 0, stopped: () => true }), null);
    page.close();
  });

  it("survives a plan that is no plan", async () => {
    for (const plan of [null, 7, { state: "x", keep: [null, 3, {}], main: [{ tag: "a\"] , *" }] }]) assert.equal(await body("<body>x</body>", plan), "<body>x</body>");
  });
});
