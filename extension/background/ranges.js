// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Asking a registry, whose index is taken in parts, for the part with the page's seller: what asking would reveal, and the
// asking. Which seller that is says the host's answer about the tab's page, never the message.
import { answerOf, refreshAll, resultOfTab } from "./shopping.js";
import { failure, line, state } from "./state.js";

/** @typedef {{tab_id?: unknown, registry_id?: unknown}} Message */

const LOOK_EVERY_MS = 1000;
const LOOKS_MAX = 600;
const BUSY_TRIES = 6;

/** @param {Message} message @returns {Promise<{registry_id: string, seller_key: string}|null>} null: the page's check named nothing to ask this registry for */
async function wanted({ tab_id, registry_id }) {
  const { session } = await state();
  const tab = typeof tab_id === "number" ? session.tab(tab_id) : undefined;
  if (!tab || tab.privately) return null; // what is asked for stays on the disk
  const registries = resultOfTab(tab)?.reply?.pooled?.registries ?? [];
  const found = registries.find((/** @type {any} */ one) => one.id === registry_id && one.on_this_disk === false && typeof one.ask_for === "string");
  return found ? { registry_id: found.id, seller_key: found.ask_for } : null;
}

/** @param {Message} message @param {(ask: {registry_id: string, seller_key: string}) => Promise<any>} work */
async function answered(message, work) {
  const ask = await wanted(message);
  if (!ask) return { status: "error", code: "not_found", detail: "" };
  try {
    return { status: "ok", code: "", reply: await work(ask) };
  } catch (error) {
    return failure(error);
  }
}

/** @param {Message} message */
export const previewRange = (message) => answered(message, async (ask) => answerOf(await line.request("range_preview", ask, { timeoutMs: 1000 })));

/** Answers when the fetch has ended, and goes on when nobody waits for it any more. @param {Message} message */
export const fetchRange = (message) =>
  answered(message, async (ask) => {
    const begun = await begin(ask);
    if (begun !== "running") return { state: begun };
    const exit_code = await endOfRun();
    const { pooled } = await line.request("check_seller", { seller_key: ask.seller_key }, { timeoutMs: 2000 });
    const here = (pooled?.registries ?? []).some((/** @type {any} */ one) => one.id === ask.registry_id && one.on_this_disk === true);
    await refreshAll();
    return { state: "ended", exit_code, here };
  });

/** Tried again through the seconds in which nothing new is started. @param {{registry_id: string, seller_key: string}} ask @returns {Promise<string>} */
async function begin(ask) {
  for (let tries = BUSY_TRIES; ; tries -= 1) {
    const { state: begun } = await line.request("range_fetch", ask, { timeoutMs: 2000 });
    if (begun !== "busy" || tries === 0) return begun;
    await later();
  }
}

const later = () => new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY_MS); });

/** The exit code of what the launcher ran; null where a new host does not know it. */
async function endOfRun() {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    await later();
    const { run } = await line.request("pool_status", {}, { timeoutMs: 2000 });
    if (!run?.running) return run?.exit_code ?? null;
  }
  return null;
}
