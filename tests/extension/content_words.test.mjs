// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Words in pages say the same as words in the extension's own pages.
import assert from "node:assert/strict";
import { it } from "node:test";
import { openPage, table } from "./support/content_page.mjs";

globalThis.chrome ??= /** @type {any} */ ({});
const { Words } = await import("../../extension/lib/words.js");
const page = openPage("<body></body>", { files: ["namespace.js", "words.js"] });
const plain = (value) => JSON.parse(JSON.stringify(value));

for (const language of ["en", "zh_CN"]) {
  it(`the same pieces for every message (${language})`, () => {
    const messages = table(language);
    const words = new Words(language, messages);
    const names = new Set(Object.values(messages).flatMap((message) => [...message.matchAll(/\$([A-Za-z0-9_@]+)\$/g)].map(([, name]) => name.toLowerCase())));
    const values = [3, 0.25, 1234.5, "2026-11-23", "<b>Name</b>", "$$"];
    const args = Object.fromEntries([...names].map((name, i) => [name, values[i % values.length]]));
    for (const key of [...Object.keys(messages), "no_such_key"]) {
      assert.deepEqual(plain(page.kaopu.words.pieces({ table: messages, language: words.tag }, key, args)), words.pieces(key, args), key);
    }
  });
}

it("money in minor units, and none where it cannot be said", () => {
  const wording = { table: {}, language: "en" };
  assert.equal(page.kaopu.words.money(wording, { amount_minor: 14900, currency: "USD" }), "$149.00");
  assert.equal(page.kaopu.words.money(wording, { amount_minor: 14900, currency: "JPY" }), "¥14,900");
  for (const price of [null, {}, { amount_minor: "1", currency: "USD" }, { amount_minor: 1, currency: "<b>" }]) assert.equal(page.kaopu.words.money(wording, price), "");
});
