// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// First-run page: is the host there, which shops may we look at, what do we do and never do.
import { byId, fill, h, say } from "../lib/dom.js";
import { loadShops } from "../lib/shops.js";
import { ask, askHost } from "./ask.js";
import { anyShopSwitch, familyList, turnAllOn } from "./families.js";
import { hostProblem, setUpPage } from "./frame.js";

async function start() {
  const [overview, shops] = await Promise.all([ask("overview"), loadShops()]);
  const words = await setUpPage(overview.language, "welcome_title");
  const context = { words, shops, overview, onChange: redraw };
  async function redraw() {
    context.overview = await ask("overview");
    draw();
  }
  function draw() {
    fill(byId("families"), familyList(context));
    fill(byId("any"), anyShopSwitch(context));
  }
  draw();
  byId("all").addEventListener("click", () => turnAllOn(context));
  byId("open-options").addEventListener("click", () => ask("open", { what: "options" }));
  await drawHost(words, false);
}

/** @param {import("../lib/words.js").Words} words @param {boolean} again */
async function drawHost(words, again) {
  const answer = await askHost("hello", {}, { again });
  const reached = () => h("p", { class: "ok" }, "✓ ", say(words, "welcome_host_ok", { version: String(answer.reply?.version ?? "") }));
  fill(byId("host"), answer.status === "ok" ? reached() : hostProblem(words, answer, () => drawHost(words, true)));
}

start();
