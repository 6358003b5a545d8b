// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The rehearsal of the reading leaves no trace in the page and ends when the page waits for the real one.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FILES, openPage } from "./support/content_page.mjs";

describe("rehearsal", () => {
  it("reads documents of its own, never the page's, which stays as it was", async () => {
    const page = openPage("<body><form><input name=createElement><input name=implementation></form><p>x</p></body>", { files: FILES.filter((name) => name !== "main.js") });
    const before = page.document.documentElement.outerHTML;
    const read = [];
    const { take } = page.kaopu.snapshot;
    page.kaopu.snapshot.take = async (document, ...rest) => {
      const taken = await take(document, ...rest);
      read.push({ own: document !== page.document, snapshot: taken.snapshot });
      return taken;
    };
    await page.kaopu.rehearsal.reading({ main: [{ tag: "main" }] }, () => false);
    assert.ok(read.length > 1);
    for (const { own, snapshot } of read) {
      assert.ok(own);
      assert.match(snapshot, /^<page v="1">.*<main class="one two".*<\/page>$/s);
    }
    assert.equal(page.document.documentElement.outerHTML, before);
    page.close();
  });

  it("does nothing any more once it is told to stop", async () => {
    const page = openPage("<body><p>x</p></body>", { files: FILES.filter((name) => name !== "main.js") });
    let reads = 0;
    page.kaopu.snapshot.take = async () => { reads += 1; };
    await page.kaopu.rehearsal.reading({}, () => reads >= 2);
    assert.equal(reads, 2);
    page.close();
  });
});
