// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Express-pay frames swallow every event, so while there is something to ask a nearly transparent button of ours lies over them.

/** @typedef {ReturnType<typeof kaopuShield>} KaopuShield */
function kaopuShield() {
  const { dom, ui, words, place } = kaopu;
  const SHIELDS_MAX = 20;

  /** @type {Map<Element, {button: HTMLElement, stop: () => void}>} */
  const shields = new Map();

  /** The keyboard went into a covered frame: it comes back to the button over it. */
  const blurred = dom.safely(() => {
    const focused = dom.activeElement(document);
    const covering = [...shields].find(([element]) => focused && (element === focused || dom.contains(element, focused)));
    if (focused && dom.localName(focused) === "iframe") covering?.[1].button.focus();
  });

  /** @param {Element} element */
  function uncover(element) {
    const shield = shields.get(element);
    shield?.stop();
    shield?.button.remove();
    shields.delete(element);
    if (shields.size === 0) removeEventListener("blur", blurred);
  }

  return {
    /** Whether the element keeps its presses to itself, so that none can be repeated for the shopper. @param {Element} element */
    isClosed: (element) => dom.localName(element) === "iframe" || dom.findAllIn(element, "iframe").length > 0,

    /**
     * Covers exactly these elements.
     * @param {Element[]} elements @param {Wording} wording @param {(element: Element, event: MouseEvent) => void} pressed
     */
    cover(elements, wording, pressed) {
      const wanted = new Set(elements.slice(0, SHIELDS_MAX));
      for (const element of shields.keys()) if (!wanted.has(element)) uncover(element);
      for (const element of wanted) {
        if (shields.has(element)) continue;
        const label = words.say(wording, "dialog_shield");
        const button = ui.h("button", { class: "shield", type: "button", "aria-label": label, title: label, onclick: (/** @type {MouseEvent} */ event) => pressed(element, event) });
        ui.layer(wording.language).appendChild(button);
        shields.set(element, { button, stop: place.follow(button, element, { cover: true }) });
        addEventListener("blur", blurred);
      }
    },
  };
}
kaopu.shield ??= kaopuShield();
