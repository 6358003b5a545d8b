// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shopper's own experience with a seller: what is known, and the forms that add, change and take back.
import { byId, fill, foreign, h, say } from "../lib/dom.js";
import { askHost } from "./ask.js";
import { failed } from "./frame.js";
import { registries, reportButton, reportRow, reports } from "./report.js";

/** @typedef {import("../lib/words.js").Words} Words */

/** The three big answers; the last is made exact below it. */
const ANSWERS = /** @type {const} */ (["on_time", "late", "never_shipped"]);
const NEVER = /** @type {const} */ (["never_shipped", "fake_shipment", "seller_cancelled"]);
const ORDER_STATUS = /** @type {const} */ (["paid", "shipped", "delivered", "cancelled", "refunded"]);
const DECIDED = ["on_time", "late", ...NEVER]; // how it went is known, and it was the seller's doing
const OPEN_ORDER = ["paid", "unknown"]; // whether it ships is not known yet: it may be told of beforehand
const SHOWN = 10;

/** `mayReport`: there is a registry to report to. @typedef {{words: Words, seller: any, facts: any, mayReport?: boolean, onChange: (message: import("../lib/dom.js").Child) => void}} Context */

/** Today here, `YYYY-MM-DD`. */
function today() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** The day a promise made today ends, where it counts plain hours or names it. @param {any} facts */
function promisedDay(facts) {
  const promise = (facts?.promises ?? []).find((/** @type {any} */ one) => one.latest || (one.max_hours && !one.business_days));
  if (!promise) return "";
  if (promise.latest) return promise.latest;
  return new Date(Date.parse(today()) + Math.ceil(promise.max_hours / 24) * 86_400_000).toISOString().slice(0, 10);
}

/** @param {Words} words @param {string} key @param {HTMLElement} control */
function field(words, key, control) {
  return h("label", { class: "field" }, h("span", {}, say(words, key)), control);
}

/** @param {string} name @param {string} type @param {Record<string, any>} [props] */
function input(name, type, props = {}) {
  return h("input", { name, type, ...props });
}

/** Counts of own orders with this seller. @param {Words} words @param {any} history */
export function countsCard(words, history) {
  if (!history || !history.orders) return null;
  const counts = ["orders", "on_time", "late", "never", "open"].map((name) =>
    h("div", {}, h("dt", { class: "soft small" }, say(words, `popup_count_${name}`)), h("dd", {}, words.value(name, history[name] ?? 0))),
  );
  return h("section", { class: "card" }, h("h2", {}, say(words, "popup_history")), h("dl", { class: "counts" }, ...counts));
}

/** What the shopper told about a seller, and whether it can be shared. @typedef {{outcomes: any[], orders: any[], reports: any[], mayReport: boolean}} Entries */

/** @param {string} sellerKey @returns {Promise<Entries>} */
export async function entriesOf(sellerKey) {
  const about = { seller_key: sellerKey, limit: SHOWN };
  const [outcomes, orders, known, shared] = await Promise.all([askHost("outcome_list", about), askHost("order_list", about), registries(), reports()]);
  return {
    outcomes: outcomes.reply?.outcomes ?? [],
    orders: orders.reply?.orders ?? [],
    reports: shared.filter((report) => report.seller_key === sellerKey).slice(0, SHOWN),
    mayReport: known.length > 0,
  };
}

/** The entries, each to be changed or taken back. @param {Context} context @param {Entries} all @returns {HTMLElement|null} */
export function entriesCard(context, { outcomes, orders, reports: sent, mayReport }) {
  const { words } = context;
  const inContext = { ...context, mayReport };
  const entries = [...outcomes.map((outcome) => outcomeEntry(inContext, outcome)), ...orders.map((order) => orderEntry(inContext, order))];
  if (entries.length + sent.length === 0) return null;
  return h(
    "section",
    { class: "card" },
    h("h2", {}, say(words, "popup_entries")),
    h("ul", {}, ...entries),
    sent.length > 0 ? [h("h3", {}, say(words, "report_list_title")), h("ul", { id: "reports" }, ...sent.map((report) => reportRow(words, report, context.onChange)))] : null,
  );
}

/** @param {Context} context @param {any} outcome */
function outcomeEntry(context, outcome) {
  const { words } = context;
  const place = h("div", {});
  const edit = () => fill(place, outcomeForm(context, outcome, () => fill(place)));
  const { outcome_id } = outcome;
  const undo = () => send(context, "outcome_undo", { outcome_id }, "popup_undone");
  const remove = () => send(context, "outcome_remove", { outcome_id }, "popup_removed");
  const day = outcome.delivered_at ?? outcome.placed_at;
  const details = [
    outcome.days_late ? say(words, "popup_days_late", { days: outcome.days_late }) : null,
    day ? words.date(day) : null,
    outcome.order_id ? foreign(outcome.order_id) : null,
    outcome.note ? foreign(outcome.note) : null,
  ].filter((detail) => detail !== null);
  return h(
    "li",
    { class: "entry" },
    h(
      "div",
      { class: "row spread" },
      h("span", {}, say(words, `outcome_${outcome.outcome}`)),
      h(
        "span",
        { class: "row" },
        h("button", { type: "button", class: "link", onclick: edit }, say(words, "popup_edit")),
        h("button", { type: "button", class: "link", onclick: undo }, say(words, "popup_undo")),
        h("button", { type: "button", class: "link", onclick: remove }, say(words, "popup_remove")),
        context.mayReport && DECIDED.includes(outcome.outcome) ? reportButton(words, { seller_key: outcome.seller_key, outcome_id }, context.onChange) : null,
      ),
    ),
    details.length > 0 ? h("p", { class: "soft small" }, ...details.flatMap((detail, index) => (index > 0 ? [" · ", detail] : [detail]))) : null,
    place,
  );
}

/** @param {Context} context @param {any} order */
function orderEntry(context, order) {
  const { words } = context;
  const change = (/** @type {any} */ { target }) => send(context, "order_set", { order_id: order.order_id, status: target.value }, "popup_saved").then((ok) => ok || (target.value = order.status));
  const options = ["unknown", ...ORDER_STATUS].map((status) =>
    h("option", { value: status, selected: status === order.status }, words.say(`status_${status}`)),
  );
  const label = words.say("popup_order_status", { order: order.order_id });
  const undo = () => send(context, "order_undo", { order_id: order.order_id }, "popup_undone");
  const overdue = order.overdue_days > 0;
  const due = overdue ? say(words, "popup_overdue", { days: order.overdue_days }) : order.promised_by ? say(words, "popup_promised_by", { date: order.promised_by }) : null;
  return h(
    "li",
    { class: "entry" },
    h(
      "div",
      { class: "row spread" },
      h("span", {}, say(words, "popup_order", { order: order.order_id })),
      h("span", { class: "row" }, h("select", { "aria-label": label, onchange: change }, ...options), h("button", { type: "button", class: "link", onclick: undo }, say(words, "popup_undo"))),
    ),
    due ? h("p", { class: overdue ? "small overdue" : "soft small" }, due) : null,
    context.mayReport && OPEN_ORDER.includes(order.status) ? reportButton(words, { seller_key: order.seller_key, order_id: order.order_id, enrol: true }, context.onChange) : null,
  );
}

/** Asks how an order went; with `outcome` it changes that one, `onSaved` once it did. @param {Context} context @param {any} [outcome] @param {() => void} [onSaved] */
export function outcomeForm(context, outcome, onSaved) {
  const { words, seller, facts } = context;
  const chosen = outcome ? (ANSWERS.find((answer) => answer === outcome.outcome) ?? "never_shipped") : null;
  const group = outcome ? `answer-${outcome.outcome_id}` : "answer";
  const answers = ANSWERS.map((answer) =>
    h("label", {}, h("input", { type: "radio", name: group, value: answer, required: true, checked: answer === chosen }), say(words, `popup_answer_${answer}`)),
  );
  const exact = h("select", { name: "exact" }, ...NEVER.map((kind) => h("option", { value: kind, selected: outcome?.outcome === kind }, words.say(`outcome_${kind}`))));
  const never = field(words, "popup_never_exact", exact);
  const shipped = field(words, "popup_shipped", input("shipped_at", "date", { value: outcome?.shipped_at, max: today() }));
  const arrived = field(words, "popup_arrived", input("delivered_at", "date", { value: outcome?.delivered_at, max: today() }));
  const late = field(words, "popup_days_late_field", input("days_late", "number", { value: outcome?.days_late, min: 1, max: 999, inputmode: "numeric" }));
  const form = /** @type {HTMLFormElement} */ (
    h(
      "form",
      { class: "stack" },
      h("fieldset", {}, h("legend", { class: "small soft" }, say(words, "popup_how_question")), h("div", { class: "outcomes" }, ...answers)),
      never,
      h(
        "div",
        { class: "dates" },
        field(words, "popup_ordered", input("placed_at", "date", { value: outcome?.placed_at, max: today() })),
        field(words, "popup_promised", input("promised_by", "date", { value: outcome?.promised_by })),
        shipped,
        arrived,
        late,
      ),
      field(words, "popup_order_id", input("order_id", "text", { value: outcome?.order_id, maxlength: 100, autocomplete: "off" })),
      field(words, "popup_note", input("note", "text", { value: outcome?.note, maxlength: 500, autocomplete: "off" })),
      h("button", { type: "submit", class: "primary" }, say(words, outcome ? "popup_save_change" : "popup_save")),
    )
  );
  const fit = () => {
    const answer = new FormData(form).get(group);
    never.hidden = answer !== "never_shipped";
    shipped.hidden = answer === "never_shipped";
    arrived.hidden = answer === "never_shipped";
    late.hidden = answer !== "late";
  };
  form.addEventListener("change", fit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const answer = String(data.get(group));
    const fields = {
      outcome: answer === "never_shipped" ? String(data.get("exact")) : answer,
      ...texts(data, ["placed_at", "promised_by", "order_id", "note"]),
      shipped_at: answer === "never_shipped" ? null : textOf(data, "shipped_at"),
      delivered_at: answer === "never_shipped" ? null : textOf(data, "delivered_at"),
      days_late: answer === "late" ? Number(textOf(data, "days_late")) || null : null,
    };
    const added = { ...sellerOf(seller), ...itemOf(facts) };
    if (outcome) send(context, "outcome_edit", { outcome_id: outcome.outcome_id, ...fields }, "popup_saved").then((ok) => ok && onSaved?.());
    else send(context, "outcome_add", present({ ...added, ...fields }), "popup_saved").then((ok) => ok && form.reset());
  });
  fit();
  return form;
}

/** Notes an order just made, so that its promise can be watched. @param {Context} context */
export function orderForm(context) {
  const { words, seller, facts } = context;
  const form = /** @type {HTMLFormElement} */ (
    h(
      "form",
      { class: "stack" },
      field(words, "popup_order_id", input("order_id", "text", { maxlength: 100, autocomplete: "off" })),
      h(
        "div",
        { class: "dates" },
        field(words, "popup_ordered", input("placed_at", "date", { value: today(), max: today() })),
        field(words, "popup_promised", input("promised_by", "date", { value: promisedDay(facts) })),
      ),
      h("button", { type: "submit", class: "primary" }, say(words, "popup_save_order")),
    )
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = texts(new FormData(form), ["order_id", "placed_at", "promised_by"]);
    const order = {
      ...fields,
      order_id: fields.order_id ?? `own-${today()}-${crypto.randomUUID().slice(0, 8)}`,
      ...sellerOf(seller),
      status: "paid",
      ...itemOf(facts),
    };
    send(context, "order_add", present(order), "popup_saved").then((ok) => ok && form.reset());
  });
  return form;
}

/** Who sold, as the page says. @param {any} seller */
function sellerOf({ key, name, aliases = [] }) {
  return { seller_key: key, seller_name: name?.slice(0, 200) ?? null, aliases: aliases.slice(0, 20) };
}

/** What was bought, as the page says. @param {any} facts */
function itemOf(facts) {
  const { title, price } = facts?.item ?? {};
  return { item_title: title?.slice(0, 500) ?? null, item_price: price ? { amount_minor: price.amount_minor, currency: price.currency } : null };
}

/** @param {Record<string, unknown>} fields @returns {Record<string, unknown>} without the absent ones */
function present(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** @param {FormData} data @param {string} name @returns {string|null} */
function textOf(data, name) {
  return String(data.get(name) ?? "").trim() || null;
}

/** @param {FormData} data @param {string[]} names @returns {Record<string, string|null>} */
function texts(data, names) {
  return Object.fromEntries(names.map((name) => [name, textOf(data, name)]));
}

/**
 * Sends a change and says how it went.
 * @param {Context} context @param {string} op @param {object} fields @param {string} doneKey
 * @returns {Promise<boolean>}
 */
async function send({ words, onChange }, op, fields, doneKey) {
  const answer = await askHost(op, fields);
  const ok = answer.status === "ok";
  onChange(ok ? words.say(doneKey) : failed(words, "popup_not_saved", answer));
  if (!ok) byId("said").focus();
  return ok;
}
