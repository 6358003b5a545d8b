// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Sharing an order: what would leave, word for word and in plain words, to whom, and only after a yes; what became of it, and
// taking it back. The host composes, keeps and words everything; `kaopu sync` sends it.
import { fill, foreign, h, say } from "../lib/dom.js";
import { askHost } from "./ask.js";
import { confirmed, failed } from "./frame.js";

/** @typedef {import("../lib/words.js").Words} Words */
/** What is reported: an outcome, or an open order told of before its end. @typedef {{seller_key: string, outcome_id?: number, order_id?: string, enrol?: boolean}} What */

/** Reports that may still be taken back. */
const LIVE = ["waiting", "sent"];

/** Registries there are, none where the host knows of no such thing. @returns {Promise<any[]>} */
export async function registries() {
  const { reply } = await askHost("pool_status");
  return reply?.registries ?? [];
}

/** @returns {Promise<any[]>} newest first */
export async function reports() {
  const { reply } = await askHost("report_list");
  return reply?.reports ?? [];
}

/**
 * The button that begins it. @param {Words} words @param {What} what @param {(message: import("../lib/dom.js").Child) => void} onDone
 */
export function reportButton(words, what, onDone) {
  const button = h("button", { type: "button", class: "link", onclick: async () => {
    const said = await askToReport(words, what);
    if (said !== null) onDone(said);
    else button.focus();
  } }, say(words, what.enrol ? "report_enrol" : "report_this"));
  return button;
}

/** @param {Words} words @param {What} what @returns {Promise<import("../lib/dom.js").Child>} what to tell the shopper; null: cancelled */
async function askToReport(words, what) {
  const answer = await askHost("report_preview", what);
  if (answer.status !== "ok") return failed(words, "report_not_possible", answer);
  const chosen = await agreedTo(words, answer.reply);
  if (chosen === null) return null;
  const added = await askHost("report_add", { ...what, text: answer.reply.report, registry_ids: chosen });
  return added.status === "ok" ? words.say("report_queued") : failed(words, "popup_not_saved", added);
}

/**
 * Shows everything and asks. @param {Words} words @param {{report: string, reveals: string[], registries: any[]}} preview
 * @returns {Promise<string[]|null>} ids of the registries; null: no
 */
function agreedTo(words, { report, reveals, registries: offered }) {
  return new Promise((resolve) => {
    const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "report", "aria-labelledby": "report-title" }));
    const close = (/** @type {string[]|null} */ result) => {
      dialog.close();
      dialog.remove();
      resolve(result);
    };
    const boxes = offered.map(({ id, name, origin }) => {
      const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", value: id, checked: offered.length === 1 }));
      return { box, row: h("label", { class: "choice" }, box, h("span", {}, foreign(name), h("span", { class: "soft small" }, " · ", foreign(origin)))) };
    });
    const picked = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    const agree = /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "primary", onclick: () => close(picked()) }, say(words, "report_agree")));
    const fit = () => { agree.disabled = picked().length === 0; };
    fill(
      dialog,
      h("h2", { id: "report-title" }, say(words, "report_title")),
      h("p", {}, say(words, "report_exactly")),
      h("pre", { class: "bytes", dir: "ltr", tabindex: "0", "aria-label": words.say("report_exactly") }, report),
      h("h3", {}, say(words, "report_reveals_title")),
      h("ul", { class: "reveals" }, ...reveals.map((key) => h("li", {}, say(words, key)))),
      h("fieldset", { onchange: fit }, h("legend", {}, say(words, "report_to")), ...boxes.map(({ row }) => row)),
      h("div", { class: "row" }, h("button", { type: "button", autofocus: true, onclick: () => close(null) }, say(words, "options_cancel")), agree),
    );
    fit();
    dialog.addEventListener("cancel", () => close(null));
    document.body.append(dialog);
    dialog.showModal();
    dialog.scrollTop = 0;
  });
}

/** What became of a report, and taking it back. @param {Words} words @param {any} report @param {(message: import("../lib/dom.js").Child) => void} onChange */
export function reportRow(words, report, onChange) {
  const { report_id, registry, state, entry, last_error, reason } = report;
  const withdraw = async () => {
    if (!(await confirmed(words, "report_withdraw", { danger: true }))) return;
    const answer = await askHost("report_withdraw", { report_id });
    onChange(answer.status === "ok" ? words.say("report_withdrawn_said") : failed(words, "popup_not_saved", answer));
  };
  const why = reason ?? (state === "waiting" ? last_error : null);
  return h(
    "li",
    { class: "entry" },
    h(
      "div",
      { class: "row spread" },
      h("span", {}, foreign(registry?.name ?? registry?.id ?? ""), ": ", say(words, `report_state_${state}`)),
      LIVE.includes(state) ? h("button", { type: "button", class: "link", onclick: withdraw }, say(words, "report_withdraw")) : null,
    ),
    Number.isInteger(entry) ? h("p", { class: "soft small" }, say(words, "report_entry", { entry }), report.class ? [" · ", say(words, "report_class", { class: report.class })] : null) : null,
    why ? h("p", { class: "soft small", lang: "en" }, foreign(String(why))) : null,
    h("details", {}, h("summary", { class: "small" }, say(words, "report_bytes")), h("pre", { class: "bytes", dir: "ltr", tabindex: "0", "aria-label": words.say("report_bytes") }, String(report.text))),
  );
}
