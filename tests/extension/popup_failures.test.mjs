// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What our pages say when something was not done: a sentence in the shopper's language first, the host's English after it.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { it } from "node:test";
import { JSDOM } from "jsdom";
import { table } from "./support/content_page.mjs";
import { extensionFolder, installFakeBrowser } from "./support/fake_browser.mjs";

installFakeBrowser();
globalThis.document ??= new JSDOM("<body></body>").window.document;
const { fill, h } = await import("../../extension/lib/dom.js");
const { Words } = await import("../../extension/lib/words.js");
const { failed } = await import("../../extension/pages/frame.js");

/** @param {"en"|"zh_CN"} language @param {any} answer */
function said(language, answer) {
  const place = h("p");
  fill(place, failed(new Words(language, table(language)), "popup_not_saved", answer));
  return { ours: place.firstChild.textContent, theirs: place.querySelector("[lang=en]")?.textContent ?? null };
}

it("every code of the host and every way of not answering has a sentence in every language", () => {
  const rows = fs.readFileSync(path.join(extensionFolder, "../host/base/error.cc"), "utf8");
  const codes = [...rows.matchAll(/ErrorCode::k\w+, "(\w+)"/g)].map((match) => match[1]);
  assert.ok(codes.length >= 11);
  const answers = [...codes.map((code) => ({ status: "error", code, detail: "" })), ...["no_host", "timeout", "old_host", "old_extension"].map((status) => ({ status, code: status, detail: "" }))];
  for (const answer of answers) {
    const [english, chinese] = [said("en", answer), said("zh_CN", answer)];
    assert.match(english.ours, /^Not saved: [^$_]+\.$/, answer.code);
    assert.match(chinese.ours, /^没有保存：[^$]+。$/, answer.code);
    assert.doesNotMatch(chinese.ours.replace(/`[^`]*`/g, ""), /[A-Za-z]/, answer.code);
    assert.deepEqual([english.theirs, chinese.theirs], [null, null]);
  }
});

it("the host's own words come second, as text and marked as English", () => {
  const detail = "promised_by: 2026-11-01 is before <b>placed_at</b> \u202e2026-11-05";
  const { ours, theirs } = said("zh_CN", { status: "error", code: "bad_request", detail });
  assert.equal(ours, "没有保存：填写的内容缺了什么，或有不合理之处。");
  assert.equal(theirs, "promised_by: 2026-11-01 is before <b>placed_at</b>  2026-11-05");
});

it("an old host that does not know the request says so itself; a code nobody knows is a problem of the program", () => {
  assert.match(said("en", { status: "old_host", code: "unsupported", detail: "unsupported" }).ours, /too old/);
  assert.match(said("en", { status: "error", code: "from_the_future", detail: "x" }).ours, /had a problem/);
});
