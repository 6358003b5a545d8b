// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The toolbar button of a tab: verdict by colour, symbol and words.
import { browser } from "../lib/browser.js";
import { tame } from "../lib/words.js";

/** Symbol and colours (white or black on it has a contrast of at least 4.5). */
const LOOKS = /** @type {const} */ ({
  dependable: { text: "✓", color: "#1a7f4b", textColor: "#ffffff" },
  watch_out: { text: "!", color: "#f2b632", textColor: "#1d1d1f" },
  danger: { text: "✕", color: "#b3261e", textColor: "#ffffff" },
  unknown: { text: "?", color: "#5f6b76", textColor: "#ffffff" },
});

/**
 * @param {number} tabId
 * @param {{verdict: string|null, sellerName: string|null}} shown verdict null: nothing to show
 * @param {import("../lib/words.js").Words} words
 */
export async function showInToolbar(tabId, { verdict, sellerName }, words) {
  const look = verdict !== null && Object.hasOwn(LOOKS, verdict) ? LOOKS[/** @type {keyof typeof LOOKS} */ (verdict)] : null;
  const name = words.say("extension_name");
  const parts = look ? [name, words.say(`verdict_${verdict}`), tame(sellerName ?? "")] : [name];
  const title = parts.filter((part) => part !== "").join(" · ").slice(0, 200);
  try {
    await browser.action.setBadgeText({ tabId, text: look?.text ?? "" });
    await browser.action.setTitle({ tabId, title });
    if (!look) return;
    await browser.action.setBadgeBackgroundColor({ tabId, color: look.color });
    await browser.action.setBadgeTextColor({ tabId, color: look.textColor });
  } catch {
    // The tab was closed meanwhile.
  }
}
