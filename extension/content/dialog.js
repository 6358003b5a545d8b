// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The question at the moment of paying. A modal <dialog> in our closed shadow root: the browser's top layer, the page behind
// it inert. Going back is the default of focus, Enter and Escape; going on is one press that a click-through cannot make.

/** @typedef {ReturnType<typeof kaopuDialog>} KaopuDialog */
function kaopuDialog() {
  const { ui, words, badge, dom } = kaopu;
  const { h, say, icon } = ui;
  const GO_ON_AFTER_MS = 700;
  const GO_BACK_AFTER_MS = 250; // the second click of a double click is no answer
  const NOTE_MS = 9000;

  /** @typedef {{back: () => void, on: () => void}} Answers each called at most once, the two never both */

  /** @param {Reply} reply */
  const others = (reply) => (Array.isArray(reply.sellers) ? reply.sellers : []).filter((entry) => entry?.seller?.key !== reply.seller?.key && ["danger", "watch_out"].includes(entry?.verdict));

  /** @param {Reply} reply @param {Wording} wording */
  function body(reply, wording) {
    const money = words.money(wording, reply.facts?.item?.price);
    const list = (/** @type {any} */ value) => (Array.isArray(value) ? value : []);
    const more = others(reply);
    return h(
      "div",
      { class: "body", id: "kaopu-dialog-text" },
      badge.reasons(wording, "dialog_reasons", list(reply.reasons)),
      badge.shared(wording, reply, false),
      money ? h("p", { class: "stake" }, h("span", { class: "soft" }, say(wording, "dialog_stake")), h("strong", {}, money)) : null,
      more.length > 0 ? h("div", {}, h("h3", {}, say(wording, "dialog_others")), badge.sellers(wording, more)) : null,
      badge.advice(wording, "dialog_safer", list(reply.advice)),
    );
  }

  /**
   * The dialog, not yet shown: put it into a document and call showModal().
   * @param {Reply} reply @param {Wording} wording @param {Answers & {again?: boolean}} answers `again`: the press cannot be repeated for the shopper
   * @returns {HTMLDialogElement}
   */
  function build(reply, wording, { back, on, again = false }) {
    const verdict = badge.known(reply.verdict);
    const begun = performance.now();
    let answered = false;
    const answer = (/** @type {() => void} */ then) => {
      if (answered) return;
      answered = true;
      then();
    };
    const goBack = h("button", { class: "back", type: "button", autofocus: true, onclick: (/** @type {MouseEvent} */ event) => {
      if (event.detail === 0 || performance.now() - begun >= GO_BACK_AFTER_MS) answer(back);
    } }, say(wording, "dialog_back"));
    const goOn = h("button", { class: "on", type: "button", disabled: true, onclick: () => answer(on) }, say(wording, "dialog_on"));
    setTimeout(() => goOn.removeAttribute("disabled"), GO_ON_AFTER_MS);
    const dialog = /** @type {HTMLDialogElement} */ (
      h(
        "dialog",
        { class: verdict, "aria-labelledby": "kaopu-dialog-title", "aria-describedby": "kaopu-dialog-text" },
        h(
          "div",
          { class: "head" },
          h("span", { class: "mark" }, icon(verdict)),
          h("h2", { id: "kaopu-dialog-title" }, say(wording, verdict === "danger" ? "dialog_title_danger" : "dialog_title_watch_out")),
          h("p", { class: "seller" }, badge.sellerName(wording, reply.seller)),
        ),
        body(reply, wording),
        h("div", { class: "actions" }, goBack, goOn),
        h("p", { class: "after" }, say(wording, again ? "dialog_after_again" : "dialog_after")),
      )
    );
    dialog.addEventListener("cancel", dom.safely((event) => {
      event.preventDefault();
      answer(back);
    }));
    dialog.addEventListener("close", dom.safely(() => answer(back)));
    dialog.addEventListener("keydown", dom.safely((/** @type {KeyboardEvent} */ event) => keepInside(event, [goBack, goOn], dialog)));
    return dialog;
  }

  /** Tab goes round; a key held down since before the dialog opened answers nothing. @param {KeyboardEvent} event @param {HTMLElement[]} buttons @param {HTMLDialogElement} dialog */
  function keepInside(event, buttons, dialog) {
    if (event.repeat && ["Enter", " "].includes(event.key)) event.preventDefault();
    if (event.key !== "Tab") return;
    const able = buttons.filter((button) => !dom.hasAttribute(button, "disabled"));
    const root = /** @type {ShadowRoot|Document} */ (dialog.getRootNode());
    const at = able.indexOf(/** @type {HTMLElement} */ (root.activeElement));
    const next = (at + (event.shiftKey ? able.length - 1 : 1)) % able.length;
    event.preventDefault();
    able[at < 0 ? 0 : next]?.focus();
  }

  /** @type {HTMLDialogElement|null} */
  let open = null;
  ui.onReturn.add(() => {
    // The page threw us out while we asked: the question stands.
    if (open && !open.matches(":modal")) {
      open.removeAttribute("open");
      open.showModal();
    }
  });

  /** @param {() => void} then @returns {() => void} */
  const closing = (then) => () => {
    const dialog = open;
    open = null;
    dialog?.close();
    dialog?.remove();
    then();
  };

  return {
    build,
    isOpen: () => open !== null,

    /** Asks once; a second call while the question stands does nothing. @param {Reply} reply @param {Wording} wording @param {Answers & {again?: boolean}} answers */
    ask(reply, wording, answers) {
      if (open) return;
      open = build(reply, wording, { ...answers, back: closing(answers.back), on: closing(answers.on) });
      ui.layer(wording.language).appendChild(open);
      open.showModal();
      open.scrollTop = 0; // what it is about comes first, whatever the focus scrolled to
    },

    /** Takes the question back without an answer. */
    dismiss: closing(() => {}),

    /** One line that passes, over whatever the page lifted the element into. @param {string} key @param {Wording} wording @param {Element|null} [about] */
    note(key, wording, about = null) {
      const note = h("div", { class: "note", role: "status", popover: "manual" });
      ui.layer(wording.language);
      ui.layerOver(about).layer.appendChild(note);
      note.showPopover();
      ui.append(note, say(wording, key));
      setTimeout(() => note.remove(), NOTE_MS);
    },
  };
}
kaopu.dialog ??= kaopuDialog();
