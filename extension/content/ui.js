// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Our place in a page: an element beside body with a closed shadow root, laid over the page without a part in its layout. What
// the page lifts into the browser's top layer (a modal dialog, a popover) lies over all of that, and a modal dialog lets
// nothing outside itself be pressed: so there we stand inside it, in an element of the same kind.
// Elements are built by calls alone; there is no way from a string to markup.

/** @typedef {ReturnType<typeof kaopuUi>} KaopuUi */
function kaopuUi() {
  const { dom } = kaopu;
  const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g; // a name that reads otherwise than it is written
  const RETURNS_MAX = 20; // how often we come back in a page that throws us out
  const ICONS = /** @type {Record<string, string[]>} */ ({
    dependable: ["M5 12.5 10 17.5 19 7.5"],
    watch_out: ["M12 5V14", "M12 18.6V19"],
    danger: ["M6.5 6.5 17.5 17.5", "M17.5 6.5 6.5 17.5"],
    unknown: ["M8.5 9A3.5 3.5 0 1 1 13.7 12C12.5 12.8 12 13.3 12 15", "M12 18.9V19.2"],
    close: ["M6 6 18 18", "M18 6 6 18"],
    for: ["M12 5V19", "M5 12H19"],
    against: ["M5 12H19"],
    neutral: ["M12 12V12.01"],
    advice: ["M5 12H18", "M13 7 18 12 13 17"],
  });
  const LISTENED = ["click", "auxclick", "pointerdown", "pointerup", "mousedown", "mouseup", "touchstart", "touchend", "keydown", "keyup", "keypress", "focusin", "focusout", "wheel"];

  const LIFTED = ":is(:modal, :popover-open, :fullscreen):not(:root, iframe)";
  const [DEPTH_MAX, PLACES_MAX] = [512, 20];

  /** @typedef {{host: HTMLElement, layer: HTMLElement, watch: MutationObserver, lifted: Element|null}} Place `lifted`: what it stands in; null: beside body */

  /** @type {Map<Element|null, Place>} by what they stand in */
  const places = new Map();
  let returns = 0;
  let language = "";
  /** @type {Set<() => void>} */
  const onReturn = new Set();

  /**
   * An element. `props`: attributes by name (true = present; false, null = absent), functions as listeners of trusted events.
   * @param {string} tag @param {Record<string, any>} [props] @param {...Child} children @returns {HTMLElement}
   */
  function h(tag, props = {}, ...children) {
    const element = dom.create(tag);
    for (const [name, value] of Object.entries(props)) {
      if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), dom.safely((/** @type {Event} */ event) => event.isTrusted && value(event)));
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
    }
    append(element, children);
    return element;
  }

  /** @param {Node} parent @param {Iterable<Child>} children */
  function append(parent, children) {
    for (const child of children) {
      if (typeof child === "string") parent.appendChild(dom.createText(document, child));
      else if (child instanceof Node) parent.appendChild(child);
      else if (child) append(parent, child);
    }
  }

  /** Text from a page, kept apart from its surroundings and of bounded length. @param {unknown} text @param {number} [max] */
  function foreign(text, max = 200) {
    const whole = [...String(text ?? "").slice(0, 4 * max).replace(BIDI_CONTROLS, "")];
    return h("bdi", {}, whole.length > max ? `${whole.slice(0, max - 1).join("")}…` : whole.join(""));
  }

  /** @param {string} css @param {ShadowRoot|Document} root */
  function addStyle(css, root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
      if (root.adoptedStyleSheets.length === 1) return;
    } catch {
      // Firefox keeps content scripts from doing this; it lets them add a style element whatever the page's policy.
    }
    root.appendChild(h("style", {}, css));
  }

  /** Not yet in the page. @param {Element|null} lifted @returns {Place} */
  function make(lifted) {
    const host = /** @type {HTMLElement} */ (dom.create("kaopu-overlay"));
    const root = dom.attachShadow(host, { mode: "closed" });
    addStyle(kaopu.css, root);
    const layer = h("div", { class: "kaopu", dir: "ltr", lang: language });
    root.appendChild(layer);
    // What happens in our own part is no business of the page's listeners (focus traps, key bindings).
    for (const type of LISTENED) root.addEventListener(type, (event) => event.stopPropagation(), { passive: true });
    const place = { host, layer, lifted, watch: new MutationObserver(dom.safely(() => stay(place))) };
    places.set(lifted, place);
    return place;
  }

  /** Comes back where the page removed us, and drops attributes (style, inert, hidden) that it put on our element. @param {Place} place */
  function stay(place) {
    for (const { name } of [...place.host.attributes]) dom.removeAttribute(place.host, name);
    const wanted = place.lifted === null || dom.isConnected(place.lifted);
    if (!wanted || dom.isConnected(place.host) || returns >= RETURNS_MAX) return;
    returns += 1;
    attach(place);
    for (const back of onReturn) back();
  }

  /** @param {Place} place */
  function attach({ host, lifted, watch }) {
    const parent = lifted ?? dom.root(document);
    if (!parent) return;
    dom.appendChild(parent, host);
    for (const where of [document, parent]) watch.observe(where, { childList: true });
    watch.observe(host, { attributes: true });
  }

  /** The innermost element that the page lifted into the top layer and that holds this one. @param {Element|null} element @returns {Element|null} */
  function liftedAround(element) {
    let at = /** @type {Node|null} */ (element);
    for (let depth = 0; at && depth < DEPTH_MAX; depth++) {
      const kind = dom.nodeType(at);
      if (kind === Node.ELEMENT_NODE) {
        const inside = /** @type {Element} */ (at);
        if (dom.matches(inside, LIFTED)) return inside;
        at = dom.assignedSlot(inside) ?? dom.parentNode(inside);
      } else {
        at = kind === Node.DOCUMENT_FRAGMENT_NODE ? /** @type {ShadowRoot} */ (at).host : null;
      }
    }
    return null;
  }

  /** The layer in which an overlay for this element lies over it and can be pressed. @param {Element|null} element null: over the page @returns {{layer: HTMLElement, lifted: Element|null}} */
  function layerOver(element) {
    let lifted = liftedAround(element);
    if (!places.has(lifted)) {
      for (const old of places.values()) {
        if (old.lifted === null || dom.isConnected(old.lifted)) continue;
        old.watch.disconnect();
        places.delete(old.lifted);
      }
      if (lifted !== null && places.size >= PLACES_MAX) lifted = null;
    }
    const place = places.get(lifted) ?? make(lifted);
    if (!dom.isConnected(place.host) && returns < RETURNS_MAX) attach(place);
    return place;
  }

  return {
    h,
    append,
    foreign,
    addStyle,
    onReturn,

    /** A worded message; arguments from outside stand in a <bdi> each. @param {Wording} wording @param {string} key @param {Record<string, unknown>} [args] */
    say: (wording, key, args) => kaopu.words.pieces(wording, key, args).map(({ text, foreign: outside }) => (outside ? foreign(text) : text)),

    /** @param {string} name @returns {Element} */
    icon(name) {
      const svg = dom.create("svg", dom.SVG);
      for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false", class: "icon" })) svg.setAttribute(key, value);
      for (const path of ICONS[name] ?? []) {
        const line = dom.create("path", dom.SVG);
        line.setAttribute("d", path);
        svg.appendChild(line);
      }
      return svg;
    },

    /** The layer over the page, attached to it. @param {string} spoken BCP 47, of this and every other layer from now on */
    layer(spoken) {
      language = spoken;
      for (const { layer } of places.values()) layer.lang = spoken;
      return layerOver(null).layer;
    },

    layerOver,

    /** Makes the layer over the page, not yet attached to it. */
    prepare() {
      if (!places.has(null)) make(null);
    },

    /** Whether an element is ours. @param {EventTarget|null|undefined} node */
    isOurs: (node) => [...places.values()].some(({ host }) => host === node),

    /** Where the zero point of an overlay's layer is in the window. @param {HTMLElement} overlay */
    origin(overlay) {
      const root = overlay.getRootNode();
      return root instanceof ShadowRoot ? dom.rect(root.host) : { left: 0, top: 0 };
    },
  };
}
kaopu.ui ??= kaopuUi();
