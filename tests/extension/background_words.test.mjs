// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Our words: named arguments, languages, and what text from a page may not do to them.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { extensionFolder, installFakeBrowser } from "./support/fake_browser.mjs";

installFakeBrowser();
const { LANGUAGES, Words, loadWords, minorDigits, pickLanguage, tame } = await import("../../extension/lib/words.js");
const { extensionMessages } = await import("../../extension/package.mjs");
const read = (language) => JSON.parse(fs.readFileSync(path.join(extensionFolder, "_locales", language, "messages.json"), "utf8"));

describe("words", () => {
  const words = new Words("en", { late: "$BAD$ of $TOTAL$ orders late", price: "costs $$5 in $Shop$", share: "$LATE_RATIO$ late", due: "by $DATE$", twice: "$A$$B$" });

  it("puts arguments in by name, whatever their order", () => {
    assert.equal(words.say("late", { total: 1234, bad: 2 }), "2 of 1,234 orders late");
    assert.equal(words.say("price", { shop: "JD" }), "costs $5 in JD");
    assert.equal(words.say("twice", { a: 1, b: "x" }), "1x");
  });

  it("says an unknown key as itself and a missing argument as nothing", () => {
    assert.equal(words.say("no_such_key"), "no_such_key");
    assert.equal(words.say("late", { bad: 2 }), "2 of  orders late");
    assert.equal(words.say("constructor"), "constructor");
    assert.equal(words.say("price", {}), "costs $5 in ");
  });

  it("never reads an argument as a message", () => {
    assert.equal(words.say("price", { shop: "$BAD$ $$ $SHOP$" }), "costs $5 in $BAD$ $$ $SHOP$");
  });

  it("marks what comes from outside, so that it is isolated", () => {
    assert.deepEqual(words.pieces("price", { shop: "متجر" }), [
      { text: "costs ", foreign: false }, { text: "$", foreign: false }, { text: "5 in ", foreign: false }, { text: "متجر", foreign: true },
    ]);
    assert.equal(words.pieces("late", { bad: 2, total: 3 }).some((piece) => piece.foreign), false);
  });

  it("takes direction overrides and control characters out of foreign text", () => {
    assert.equal(words.say("price", { shop: "a\u202eb\u2066c\u0000d\u0007e" }), "costs $5 in a b c d e");
    assert.equal(tame("星光 שלום"), "星光 שלום");
  });

  it("writes numbers, ratios, dates and money the way the language does", () => {
    const chinese = new Words("zh_CN", { due: "$DATE$ 前", share: "延迟 $LATE_RATIO$" });
    assert.equal(words.say("share", { late_ratio: 0.4 }), "40% late");
    assert.equal(words.say("due", { date: "2026-11-03" }), "by Nov 3, 2026");
    assert.equal(chinese.say("due", { date: "2026-11-03" }), "2026年11月3日 前");
    assert.equal(words.say("due", { date: "2026-99-99" }), "by 2026-99-99");
    assert.equal(words.money(14900, "USD"), "$149.00");
    assert.equal(words.money(500, "JPY"), "¥500");
    assert.equal(words.money(5, "??"), "5 ??");
    assert.deepEqual([minorDigits("CNY"), minorDigits("JPY")], [2, 0]);
  });

  it("speaks the chosen language, else the first preferred one it has, else English", () => {
    assert.equal(pickLanguage("zh_CN", ["en-US"]), "zh_CN");
    assert.equal(pickLanguage("auto", ["de-DE", "zh-TW", "en"]), "zh_CN");
    assert.equal(pickLanguage("auto", ["en-GB", "zh-CN"]), "en");
    assert.equal(pickLanguage("auto", ["th"]), "en");
    assert.equal(pickLanguage("klingon", []), "en");
  });

  it("loads a language's file over English", async () => {
    const chinese = await loadWords("zh_CN");
    assert.equal(chinese.tag, "zh-CN");
    assert.equal(chinese.say("extension_name"), "靠谱");
    assert.deepEqual(Object.keys(chinese.subset(["badge_"])).every((key) => key.startsWith("badge_")), true);
  });
});

describe("_locales", () => {
  it("hold the same messages with the same arguments in every language", () => {
    const [first, ...others] = LANGUAGES.map(read);
    const named = (message) => [...new Set([...message.replaceAll("$$", "").matchAll(/\$([A-Za-z0-9_]+)\$/g)].map((match) => match[1].toLowerCase()))].sort();
    for (const other of others) {
      assert.deepEqual(Object.keys(other).sort(), Object.keys(first).sort());
      for (const key of Object.keys(first)) assert.deepEqual(named(other[key].message), named(first[key].message), key);
    }
  });

  it("declare every argument, or Chromium would refuse the extension", () => {
    for (const language of LANGUAGES) assert.ok(extensionMessages(language, read(language)).extension_name);
    assert.throws(() => extensionMessages("en", { a: { message: "$X$ days" } }), /a uses \$X\$/);
    assert.deepEqual(extensionMessages("en", { cli_a: { message: "$X$" }, b: { message: "$$5$$" } }), { b: { message: "$$5$$" } });
  });

  it("have every message that pages and background ask for by name", () => {
    const known = read("en");
    const used = ["background", "pages", "lib"].flatMap((folder) => fs.readdirSync(path.join(extensionFolder, folder)).map((name) => fs.readFileSync(path.join(extensionFolder, folder, name), "utf8")));
    const keys = used.flatMap((text) => [...text.matchAll(/"((?:badge|popup|options|welcome|error|extension)_[a-z0-9_]+)"/g)].map((match) => match[1]));
    assert.ok(keys.length > 100);
    const notices = keys.filter((key) => !known[key] && !(known[`${key}_title`] && known[`${key}_text`]));
    assert.deepEqual(notices, []);
  });
});
