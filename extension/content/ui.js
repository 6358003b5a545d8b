// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Our place in a page: one element beside body with a closed shadow root, laid over the page without a part in its layout.
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

  /** @type {{host: HTMLElement, root: ShadowRoot, layer: HTMLElement, watch: MutationObserver}|null} */
  let place = null;
  let returns = 0;
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

  function make() {
    const host = /** @type {HTMLElement} */ (dom.create("kaopu-overlay"));
    const root = dom.attachShadow(host, { mode: "closed" });
    addStyle(kaopu.css, root);
    const layer = h("div", { class: "kaopu", dir: "ltr" });
    root.appendChild(layer);
    // What happens in our own part is no business of the page's listeners (focus traps, key bindings).
    for (const type of LISTENED) root.addEventListener(type, (event) => event.stopPropagation(), { passive: true });
    const watch = new MutationObserver(dom.safely(stay));
    watch.observe(document, { childList: true });
    watch.observe(host, { attributes: true });
    return { host, root, layer, watch };
  }

  /** Comes back where the page removed us, and drops attributes (style, inert, hidden) that it put on our element. */
  function stay() {
    if (!place) return;
    for (const { name } of [...place.host.attributes]) dom.removeAttribute(place.host, name);
    if (dom.isConnected(place.host) || returns >= RETURNS_MAX) return;
    returns += 1;
    attach();
    for (const back of onReturn) back();
  }

  function attach() {
    const root = dom.root(document);
    if (!place || !root) return;
    dom.appendChild(root, place.host);
    place.watch.observe(root, { childList: true });
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

    /** The layer everything of ours stands in, attached to the page. @param {string} language BCP 47 */
    layer(language) {
      if (!place) {
        place = make();
        attach();
      } else if (!dom.isConnected(place.host) && returns < RETURNS_MAX) {
        attach();
      }
      place.layer.lang = language;
      return place.layer;
    },

    /** Whether an element is ours. @param {EventTarget|null|undefined} node */
    isOurs: (node) => place !== null && node === place.host,

    /** Where the layer's zero point is in the window. */
    origin() {
      return place ? dom.rect(place.host) : { left: 0, top: 0 };
    },
  };
}
kaopu.ui ??= kaopuUi();
