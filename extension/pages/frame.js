// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What every page of ours has in common: words in the shopper's language, and the pieces that more than one of them shows.
import { fill, foreign, h, say } from "../lib/dom.js";
import { loadWords } from "../lib/words.js";

/** @typedef {import("../lib/words.js").Words} Words */

/**
 * Loads the words and puts the static ones in: elements name theirs with data-say, their accessible name with data-label.
 * @param {string} language @param {string} titleKey
 * @returns {Promise<Words>}
 */
export async function setUpPage(language, titleKey) {
  const words = await loadWords(language);
  document.documentElement.lang = words.tag;
  document.title = words.say(titleKey);
  for (const element of document.querySelectorAll("[data-say]")) {
    fill(element, say(words, element.getAttribute("data-say") ?? ""));
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words.say(element.getAttribute("data-label") ?? ""));
  }
  return words;
}

/** Why the host does not answer -> what to do, with the one command where there is one. */
const HELP = /** @type {Record<string, {key: string, command?: string}>} */ ({
  no_host: { key: "error_no_host", command: "kaopu install" },
  old_host: { key: "error_old_host", command: "kaopu install" },
  old_extension: { key: "error_old_extension" },
  timeout: { key: "error_timeout", command: "kaopu doctor" },
  error: { key: "error_host", command: "kaopu doctor" },
});

/**
 * The notice for a failed answer of the host.
 * @param {Words} words @param {import("./ask.js").HostAnswer} answer @param {() => void} again
 */
export function hostProblem(words, answer, again) {
  const { key, command } = HELP[answer.status] ?? { key: "error_host", command: "kaopu doctor" };
  const button = h("button", { type: "button", class: "quiet", onclick: again }, words.say("error_check_again"));
  // The host's own words, where it gave some: they name what is wrong ("adapters/x.json: ...").
  const said = answer.status === "error" && answer.detail && answer.detail !== answer.code;
  const detail = said ? h("p", { class: "soft small", lang: "en" }, foreign(String(answer.detail))) : null;
  return notice(words, key, {}, detail, command ? commandLine(words, command) : null, button);
}

/**
 * @param {Words} words @param {string} key `<key>_title` and `<key>_text` are its words @param {import("../lib/words.js").Args} args
 * @param {...import("../lib/dom.js").Child} more
 */
export function notice(words, key, args, ...more) {
  return h("section", { class: "notice" }, h("h2", {}, say(words, `${key}_title`, args)), h("p", {}, say(words, `${key}_text`, args)), ...more);
}

/** A failure that the shopper can do something about, in our words: by the host's code, else by why it did not answer. */
const FAILURES = ["bad_request", "conflict", "damaged", "limit", "no_host", "not_found", "old_extension", "old_host", "timeout", "too_large", "unavailable"];

/**
 * That something was not done, and why. The host's own words are English and name the field or file: they come second.
 * @param {Words} words @param {string} key says it, with the reason as `$REASON$` @param {import("./ask.js").HostAnswer} answer
 * @returns {import("../lib/dom.js").Child}
 */
export function failed(words, key, { status, code, detail }) {
  const known = [code, status].find((one) => FAILURES.includes(one)) ?? "internal";
  const said = detail && detail !== code ? h("span", { class: "host-words small", lang: "en", dir: "ltr" }, foreign(detail)) : null;
  return [words.say(key, { reason: words.say(`failure_${known}`) }), said];
}

/** A command to copy. @param {Words} words @param {string} command */
export function commandLine(words, command) {
  const status = h("span", { role: "status", class: "copied" });
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    status.textContent = words.say("error_copied");
  };
  const button = h("button", { type: "button", class: "quiet", onclick: copy, "aria-label": words.say("error_copy_command", { command }) }, words.say("error_copy"));
  return h("div", { class: "command" }, h("code", { dir: "ltr" }, command), button, status);
}

/** As one word for a shell, whatever it holds. @param {string} text */
export function quoted(text) {
  const plain = text.trim();
  return /^[A-Za-z0-9_./:+=@%-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`;
}

/** What a family of shops is called here. @param {Words} words @param {import("../lib/shops.js").Family} family */
export function familyName(words, family) {
  return family.names[words.language] ?? family.names.en ?? family.id;
}

/**
 * A question that needs a yes, in a native dialog; only the shopper's own press is one.
 * @param {Words} words @param {string} key @param {{danger?: boolean, args?: import("../lib/words.js").Args, text?: import("../lib/dom.js").Child}} [options] `text`: in place of the words of `<key>_text`
 * @returns {Promise<boolean>}
 */
export function confirmed(words, key, { danger = false, args = {}, text = h("p", {}, say(words, `${key}_text`, args)) } = {}) {
  return new Promise((resolve) => {
    const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { "aria-labelledby": "dialog-title" }));
    const close = (/** @type {boolean} */ yes) => () => {
      dialog.close();
      dialog.remove();
      resolve(yes);
    };
    fill(
      dialog,
      h("h2", { id: "dialog-title" }, say(words, `${key}_title`, args)),
      text,
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", autofocus: true, onclick: close(false) }, words.say("options_cancel")),
        h("button", { type: "button", class: danger ? "danger" : "primary", onclick: (/** @type {Event} */ press) => press.isTrusted && close(true)() }, words.say(`${key}_yes`)),
      ),
    );
    dialog.addEventListener("cancel", close(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}
