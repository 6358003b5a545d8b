// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Keeps an overlay at an element of the page: beside what the element shows, where there is room, or over it; in front of
// whatever the page lifted it into, and never part of the page's layout.

/** @typedef {ReturnType<typeof kaopuPlace>} KaopuPlace */
function kaopuPlace() {
  const { dom } = kaopu;
  const GAP = 8;
  const CORNER = 16;
  const EDGE = 4;
  const NO_PLACE = 100; // more than any place covers
  const PRESSED = "a, button, input, select, textarea, label, [role=button], iframe";
  const SHOWN = `${PRESSED}, img, svg, video, canvas, object`;
  const SHOWN_NODES_MAX = 200;

  /** @typedef {{left: number, top: number, width: number, height: number}} Box */

  /** @param {Element} element */
  function isVisible(element) {
    const { width, height } = dom.rect(element);
    return width > 0 && height > 0 && element.checkVisibility?.({ visibilityProperty: true }) !== false;
  }

  /** The first visible element of the first selector that has one. @param {(Document|ShadowRoot)[]} pages @param {unknown} selectors @returns {Element|null} */
  function firstVisible(pages, selectors) {
    for (const selector of Array.isArray(selectors) ? selectors : []) {
      for (const page of pages) {
        try {
          const found = [...kaopu.buttons.findIn(page, String(selector))].slice(0, 20).find(isVisible);
          if (found) return found;
        } catch {
          // Not a selector this browser understands.
        }
      }
    }
    return null;
  }

  /** Places around a box, best first, in window coordinates. @param {Box} anchor @param {{width: number, height: number}} size @param {boolean} rtl */
  function candidates({ left, top, width, height }, size, rtl) {
    const [before, after] = [left - GAP - size.width, left + width + GAP];
    const middle = top + (height - size.height) / 2;
    const [start, end] = rtl ? [left + width - size.width, left] : [left, left + width - size.width];
    const [above, below] = [top - GAP - size.height, top + height + GAP];
    return [
      { left: rtl ? before : after, top: middle },
      { left: start, top: above },
      { left: start, top: below },
      { left: end, top: above },
      { left: end, top: below },
      { left: rtl ? after : before, top: middle },
    ];
  }

  /** How much a place would cover: 0 nothing, more for text, most for something to press. @param {number} x @param {number} y */
  function covered(x, y) {
    const element = dom.elementAt(document, x, y);
    if (!element || kaopu.ui.isOurs(element)) return 0;
    if (dom.closest(element, PRESSED)) return 3;
    for (let node = dom.firstChild(element); node; node = dom.nextSibling(node)) {
      if (dom.nodeType(node) === Node.TEXT_NODE && /\S/.test((dom.nodeValue(node) ?? "").slice(0, 200))) return 2;
    }
    return dom.localName(element) === "img" ? 1 : 0;
  }

  /** @param {{left: number, top: number}} at @param {{width: number, height: number}} size @param {Box} room where it is seen whole */
  function cost({ left, top }, size, room) {
    if (left < room.left || left + size.width > room.left + room.width || top < room.top || top + size.height > room.top + room.height) return NO_PLACE;
    const points = [0.05, 0.5, 0.95].flatMap((x) => [0.15, 0.85].map((y) => /** @type {const} */ ([left + x * size.width, top + y * size.height])));
    return points.reduce((sum, [x, y]) => sum + covered(x, y), 0);
  }

  /** The first that covers nothing, else the first of those that cover least. @param {{left: number, top: number}[]} places @param {{width: number, height: number}} size @param {Box} room */
  function cheapest(places, size, room) {
    let [best, least] = [/** @type {{left: number, top: number}} */ (places[0]), Infinity];
    for (const place of places) {
      const costs = cost(place, size, room);
      if (costs < least) [best, least] = [place, costs];
      if (least === 0) break;
    }
    return { best, least };
  }

  /** Where an overlay is seen whole: the page across the window, or what the page lifted into the top layer. @param {HTMLElement} overlay @param {Element|null} lifted @returns {Box} */
  function roomOf(overlay, lifted) {
    const box = lifted ? dom.rect(lifted) : { left: 0, top: kaopu.ui.origin(overlay).top, width: innerWidth, height: Infinity };
    return { left: box.left + EDGE, top: box.top + EDGE, width: box.width - 2 * EDGE, height: box.height - 2 * EDGE };
  }

  /**
   * What an element shows, as one box: its texts, and what is in it to look at or press. A block as wide as the page often shows
   * little more than one button. @param {Element} element @returns {Box}
   */
  function shownOf(element) {
    /** @type {Box[]} */
    const boxes = [];
    const waiting = /** @type {(Node|null)[]} */ ([element]);
    for (let seen = 0; waiting.length > 0 && seen < SHOWN_NODES_MAX; seen++) {
      const node = waiting.pop();
      if (!node) continue;
      if (node !== element) waiting.push(dom.nextSibling(node));
      const box = boxOf(node);
      if (box) boxes.push(box);
      else if (dom.nodeType(node) === Node.ELEMENT_NODE) waiting.push(dom.firstChild(node));
    }
    const shown = boxes.filter(({ width, height }) => width > 0 && height > 0);
    if (shown.length === 0) return dom.rect(element);
    const [left, top] = [Math.min(...shown.map((box) => box.left)), Math.min(...shown.map((box) => box.top))];
    return { left, top, width: Math.max(...shown.map((box) => box.left + box.width)) - left, height: Math.max(...shown.map((box) => box.top + box.height)) - top };
  }

  /** Of a text, or of an element that is one thing to look at or press. @param {Node} node @returns {Box|null} null: neither */
  function boxOf(node) {
    if (dom.nodeType(node) === Node.TEXT_NODE) {
      if (!/\S/.test((dom.nodeValue(node) ?? "").slice(0, 200))) return null;
      const range = document.createRange();
      range.selectNodeContents(node);
      return range.getBoundingClientRect();
    }
    if (dom.nodeType(node) !== Node.ELEMENT_NODE) return null;
    const element = /** @type {Element} */ (node);
    const whole = dom.matches(element, SHOWN) || dom.shadowRoot(element) !== null || getComputedStyle(element).cursor === "pointer";
    return whole ? dom.rect(element) : null;
  }

  /**
   * Keeps `overlay` at `anchor` (null: in the window's lower corner) until stopped. With `cover` it lies over the anchor.
   * @param {HTMLElement} overlay in the layer @param {Element|null} anchor @param {{cover?: boolean}} [options]
   * @returns {() => void} stops
   */
  function follow(overlay, anchor, { cover = false } = {}) {
    const rtl = getComputedStyle(dom.root(document) ?? document.body).direction === "rtl";
    /** @type {{left: number, top: number}|"none"|null} relative to the anchor's corner; null: not chosen yet */
    let offset = null;
    let drawn = "";
    let asked = 0;
    let ended = false;

    const update = dom.safely(() => {
      asked = 0;
      if (ended) return;
      const seen = anchor && dom.isConnected(anchor) && isVisible(anchor) ? anchor : null;
      const { layer, lifted } = kaopu.ui.layerOver(seen);
      if (!seen) return cover ? draw(null) : inCorner();
      if (offset === "none") return inCorner();
      moveTo(layer);
      const box = dom.rect(seen);
      const at = cover ? { left: 0, top: 0 } : (offset ??= choose(seen, box, lifted)) ?? aboveOf(seen, box);
      if (at === "none") return inCorner();
      const zero = kaopu.ui.origin(overlay);
      const top = box.top + at.top - zero.top;
      draw({ left: box.left + at.left - zero.left, top: cover ? top : Math.max(EDGE, top), width: box.width, height: box.height });
    });

    /** @param {HTMLElement} layer */
    function moveTo(layer) {
      if (dom.parentNode(overlay) !== layer) dom.appendChild(layer, overlay);
    }

    function inCorner() {
      moveTo(kaopu.ui.layerOver(null).layer);
      draw({ corner: true, left: 0, top: 0 });
    }

    /** The best place, "none" in a dialog that is full, null where it cannot be told: what is covered can only be seen in the window. @param {Element} seen @param {Box} box @param {Element|null} lifted */
    function choose(seen, box, lifted) {
      if (box.top >= innerHeight || box.top + box.height <= 0) return null;
      const size = dom.rect(overlay);
      const room = roomOf(overlay, lifted);
      const { best, least } = cheapest(candidates(shownOf(seen), size, rtl), size, room);
      if (lifted && least >= NO_PLACE) return "none";
      const left = Math.max(room.left, Math.min(best.left, room.left + room.width - size.width));
      return { left: left - box.left, top: best.top - box.top };
    }

    /** @param {Element} seen @param {Box} box */
    function aboveOf(seen, box) {
      const place = /** @type {{left: number, top: number}} */ (candidates(shownOf(seen), dom.rect(overlay), rtl)[1]);
      return { left: place.left - box.left, top: place.top - box.top };
    }

    /** @param {(Partial<Box> & {corner?: boolean, left: number, top: number})|null} at */
    function draw(at) {
      const next = JSON.stringify(at);
      if (next === drawn) return;
      drawn = next;
      overlay.hidden = at === null;
      overlay.classList.toggle("corner", at?.corner === true);
      const px = (/** @type {number|undefined} */ value) => `${Math.round(value ?? 0)}px`;
      overlay.style.setProperty("left", at?.corner ? (rtl ? px(CORNER) : "auto") : px(at?.left));
      overlay.style.setProperty("right", at?.corner && !rtl ? px(CORNER) : "auto");
      overlay.style.setProperty("top", at?.corner ? "auto" : px(at?.top));
      overlay.style.setProperty("bottom", at?.corner ? px(CORNER) : "auto");
      if (!cover) return;
      overlay.style.setProperty("width", px(at?.width));
      overlay.style.setProperty("height", px(at?.height));
    }

    const ask = () => (asked ||= requestAnimationFrame(update));
    const askAnew = () => {
      offset = null;
      ask();
    };
    const resized = new ResizeObserver(askAnew);
    if (anchor) resized.observe(anchor);
    if (!cover) resized.observe(overlay); // it grows with the browser's text size
    const body = dom.body(document);
    if (body) resized.observe(body);
    addEventListener("scroll", ask, { capture: true, passive: true });
    addEventListener("resize", askAnew, { passive: true });
    const slow = setInterval(ask, 1000); // what moves without any of these
    update();
    return () => {
      ended = true;
      resized.disconnect();
      removeEventListener("scroll", ask, { capture: true });
      removeEventListener("resize", askAnew);
      clearInterval(slow);
    };
  }

  /** @type {(() => void)|null} */
  let next = null;

  /**
   * Does it in the next frame, when the browser has laid the page out anyway: asking earlier where something stands would make
   * it do so at once. The newest call alone counts. Where there are no frames (a tab behind others) it does it now.
   * @param {() => void} then
   */
  function whenLaidOut(then) {
    const root = dom.root(document);
    if (!root || document.hidden) {
      next = null;
      then();
      return;
    }
    const waiting = next !== null;
    next = then;
    if (waiting) return;
    const laidOut = new ResizeObserver(dom.safely(() => {
      laidOut.disconnect();
      const now = next;
      next = null;
      now?.();
    }));
    laidOut.observe(root);
  }

  return { firstVisible, follow, candidates, whenLaidOut };
}
kaopu.place ??= kaopuPlace();
