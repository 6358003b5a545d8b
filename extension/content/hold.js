// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Stands before every listener of the page: window, capture, from document_start. As long as there is no guard no event is
// touched. With one, events on the buttons it names are stopped and told to it; its owner asks, and may replay the press.

/** @typedef {ReturnType<typeof kaopuHold>} KaopuHold */
function kaopuHold() {
  const { dom, buttons } = kaopu;
  const CANCELS = ["pointercancel", "touchcancel"]; // the press became a scroll or a drag
  const TYPES = ["pointerdown", "pointerup", "mousedown", "mouseup", "touchstart", "touchend", "click", "auxclick", "keydown", "keyup", "submit", ...CANCELS];
  // A touch is stopped but not cancelled: that keeps scrolling free, and the click that follows is cancelled.
  const PASSIVE = new Set(["touchstart", "touchend", ...CANCELS]);
  const DOWNS = new Set(["pointerdown", "mousedown", "touchstart"]);
  const RELEASES = new Set(["pointerup", "mouseup", "touchend"]);
  const NO_CLICK_AFTER_MS = 350;

  /**
   * @typedef {{target: Element, form: Element|null, submitter: HTMLElement|null, init: MouseEventInit}} Gesture what the shopper did; `form` for a submit
   * @typedef {object} Guard
   * @property {ReturnType<KaopuButtons["read"]>} rules
   * @property {() => boolean} wants asked once a button was found
   * @property {(gesture: Gesture) => void} held called once a press
   */

  /** @type {Guard|null} */
  let guard = null;
  let replaying = false;
  let isDown = false; // a press began on one of the buttons
  /** @type {any} */
  let waiting = null;
  const dispatch = EventTarget.prototype.dispatchEvent;

  /** @param {any} event */
  function isPress(event) {
    if (event.type.startsWith("key")) return (event.key === "Enter" || event.key === " ") && !event.isComposing;
    return !(event.button > 1); // not the context menu; submit and touch have no button
  }

  /** @param {any} event @param {Guard} by @returns {Gesture|null} null: none of our buttons */
  function gestureOf(event, by) {
    const path = event.composedPath();
    const target = /** @type {Element} */ (path[0]);
    const { clientX = 0, clientY = 0, button = 0, ctrlKey = false, metaKey = false, shiftKey = false, altKey = false } = event;
    const init = { clientX, clientY, button: Math.max(button, 0), ctrlKey, metaKey, shiftKey, altKey };
    if (event.type === "submit") {
      const submitter = event.submitter ?? null;
      return buttons.onSubmit(by.rules, target, submitter) ? { target, form: target, submitter, init } : null;
    }
    if (buttons.onPath(by.rules, path)) return { target, form: null, submitter: null, init };
    const pressed = event.type === "keydown" && event.key === "Enter" ? buttons.byEnter(by.rules, path[0]) : null;
    return pressed && { target: pressed, form: null, submitter: null, init: {} };
  }

  /** Whether the press is complete with this event. @param {any} event */
  function completes({ type, key, repeat }) {
    if (type === "keydown") return key === "Enter" && !repeat;
    if (type === "keyup") return key === " ";
    return type === "click" || type === "auxclick" || type === "submit";
  }

  const listen = dom.safely((/** @type {Event} */ event) => {
    const by = guard;
    if (!by || replaying) return;
    if (CANCELS.includes(event.type)) {
      isDown = false;
      clearTimeout(waiting);
      return;
    }
    if (!isPress(event)) return;
    const gesture = gestureOf(event, by);
    if (DOWNS.has(event.type)) isDown = gesture !== null;
    if (!gesture || !by.wants() || dom.closest(gesture.target, "button:disabled, input:disabled")) return;
    event.stopImmediatePropagation();
    if (!PASSIVE.has(event.type) && event.cancelable) event.preventDefault();
    const done = completes(event);
    // A release counts where the press began on a button too: a drag that ends there is none.
    if (!done && !(RELEASES.has(event.type) && isDown)) return;
    isDown = false;
    clearTimeout(waiting);
    if (done) by.held(gesture);
    else waiting = setTimeout(dom.safely(() => guard === by && by.held(gesture)), NO_CLICK_AFTER_MS);
  });

  /** The innermost element at the press, through shadow roots that event paths do not show. @param {Element} target @param {MouseEventInit} init */
  function innermost(target, { clientX = 0, clientY = 0 }) {
    let element = target;
    for (let depth = 0; depth < 16; depth++) {
      const root = dom.shadowRoot(element);
      const inner = root && (clientX || clientY ? root.elementFromPoint(clientX, clientY) : root.activeElement);
      if (!inner || inner === element || !dom.contains(root, inner)) break;
      element = inner;
    }
    return element;
  }

  /**
   * A click, or an auxclick with the middle button. Where the shopper asked a link for a new tab or window (middle button,
   * Ctrl, Shift), that is what happens: browsers differ in what they make of an event that is not trusted, so we open it.
   * @param {Element} element @param {MouseEventInit} init
   */
  function press(element, init) {
    const event = new MouseEvent(init.button === 1 ? "auxclick" : "click", { ...init, bubbles: true, cancelable: true, composed: true, detail: 1, view: window });
    const link = init.button === 1 || init.ctrlKey || init.metaKey || init.shiftKey ? /** @type {HTMLAnchorElement|null} */ (dom.closest(element, "a[href]")) : null;
    let opens = false;
    const last = (/** @type {Event} */ same) => {
      opens = same === event && !same.defaultPrevented;
      same.preventDefault();
    };
    if (link) addEventListener(event.type, last);
    Reflect.apply(dispatch, element, [event]);
    removeEventListener(event.type, last);
    if (link && opens && /^https?:$/.test(link.protocol)) window.open(link.href, "_blank", "noopener");
  }

  return {
    /** Also for windows of same-origin frames; a second time does nothing. @param {Window} where */
    install(where) {
      for (const type of TYPES) where.addEventListener(type, listen, { capture: true, passive: PASSIVE.has(type) });
    },

    /** @param {Guard|null} next null: nothing is held */
    set(next) {
      guard = next;
      if (!next) clearTimeout(waiting);
    },

    /**
     * Repeats a held press, inside the shopper's gesture. The page sees an event that is not trusted.
     * @param {Gesture} gesture @returns {boolean} false: there is nothing any more to press
     */
    replay({ target, form, submitter, init }) {
      if (!dom.isConnected(form ?? target)) return false;
      replaying = true;
      try {
        if (form) dom.requestSubmit(form, submitter && dom.isConnected(submitter) ? submitter : null);
        else press(innermost(target, init), init);
      } finally {
        replaying = false;
      }
      return true;
    },
  };
}
kaopu.hold ??= kaopuHold();
