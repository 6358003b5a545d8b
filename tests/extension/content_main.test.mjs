// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// When a page is asked about again: something changed that its verdict depends on, or the host did not answer in time.
import assert from "node:assert/strict";
import { it } from "node:test";
import { FILES, openPage, sleep, table } from "./support/content_page.mjs";

const PLAN = { adapter: "shop", version: 1, snapshot: {}, buttons: [], badge: { near: [] } };
const PRODUCT = { verdict: "unknown", seller: null, sellers: [], reasons: [], facts: { page_kind: "product", platform: "shop" }, hold: null };

/** A shop page whose checks the test answers itself, one after the other. */
function shopPage() {
  const checks = /** @type {((answer: any) => void)[]} */ ([]);
  const page = openPage("<title>A lamp</title><body><h1>A lamp</h1><p>12 EUR</p></body>", {
    files: FILES,
    answer: ({ type }) => {
      if (type === "plan") return { plan: PLAN, generic: null, enabled: true, paused: false, words: table("en"), language: "en", known_danger: { sellers: [] }, allowed_today: [] };
      if (type === "check") return new Promise((resolve) => checks.push(resolve));
      return null;
    },
  });
  const asked = async (/** @type {number} */ times, ms = 5000) => {
    for (const end = Date.now() + ms; checks.length < times && Date.now() < end; ) await sleep(20);
    assert.equal(checks.length, times);
  };
  const answer = async (/** @type {any} */ result) => {
    checks.at(-1)?.(result);
    await sleep(100);
  };
  return { page, asked, answer };
}
const OK = { status: "ok", code: "", reply: PRODUCT };

it("a refresh that comes while the page is being asked about is not forgotten, though nothing changed in the page", async () => {
  const { page, asked, answer } = shopPage();
  await asked(1);
  page.tell({ type: "refresh" });
  page.tell({ type: "refresh" });
  await sleep(100);
  await answer(OK);
  await asked(2);
  await answer(OK);
  await sleep(300);
  await asked(2, 0); // once for both
  page.close();
});

it("an answer that did not come is asked for again, though nothing changed in the page since one came", async () => {
  const { page, asked, answer } = shopPage();
  await asked(1);
  await answer(OK);
  page.tell({ type: "refresh" });
  await asked(2);
  await answer({ status: "timeout", code: "timeout" });
  await asked(3);
  await answer(OK);
  page.tell({ type: "refresh" });
  await asked(4);
  await answer({ status: "timeout", code: "timeout" });
  await asked(5); // as soon as the first time: an answer had come in between
  page.close();
});
