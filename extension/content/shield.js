// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Express-pay frames swallow every event, and of a press in a closed shadow tree nothing tells what was pressed: while there is
// something to ask a nearly transparent button of ours lies over them.

/** @typedef {ReturnType<typeof kaopuShield>} KaopuShield */
function kaopuShield() {
  const { dom, ui, words, place } = kaopu;
  const [SHIELDS_MAX, DEPTH_MAX, SHADOWS_MAX, PARTS_MAX] = [20, 16, 3, 64];

  /** @type {Map<Element, {button: HTMLElement, stop: () => void}>} */
  const shields = new Map();

  /** What has the keyboard, and the hosts of the shadow trees it stands in, outermost first. */
  function focusedPath() {
    const path = /** @type {Element[]} */ ([]);
    for (let at = dom.activeElement(document); at && path.length < DEPTH_MAX; at = dom.shadowRoot(at)?.activeElement ?? null) path.push(at);
    return path;
  }

  /** The keyboard went into a covered frame: it comes back to the button over it. */
  const blurred = dom.safely(() => {
    const path = focusedPath();
    const focused = path.at(-1);
    if (!focused || dom.localName(focused) !== "iframe") return;
    const covering = [...shields].find(([element]) => path.some((part) => element === part || dom.contains(element, part)));
    covering?.[1].button.focus();
  });

  /** @param {Element} element @param {number} [depth] of shadow trees @returns {boolean} */
  function holdsFrame(element, depth = 0) {
    if (dom.localName(element) === "iframe" || dom.findAllIn(element, "iframe").length > 0) return true;
    if (depth >= SHADOWS_MAX) return false;
    return [element, ...dom.findAllIn(element, "*")].slice(0, PARTS_MAX).some((part) => {
      const root = dom.shadowRoot(part);
      return root !== null && [...root.children].slice(0, PARTS_MAX).some((child) => holdsFrame(child, depth + 1));
    });
  }

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
    isClosed: (element) => holdsFrame(element),

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
