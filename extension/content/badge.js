// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The badge near the buy button and the panel it opens. It words what the host found and decides nothing.

/** @typedef {ReturnType<typeof kaopuBadge>} KaopuBadge */
function kaopuBadge() {
  const { ui, words, place, dom } = kaopu;
  const { h, say, icon, foreign } = ui;
  const VERDICTS = ["dependable", "watch_out", "danger", "unknown"];
  const WAYS = ["for", "against", "neutral"];
  const [REASONS_SHOWN, PROMISES_SHOWN, SELLERS_SHOWN] = [4, 2, 12];

  /** @typedef {{open: (what: string) => void}} Actions what the panel can ask for */

  /** @param {unknown} verdict anything else than one of the four is not known @returns {string} */
  const known = (verdict) => (VERDICTS.includes(/** @type {string} */ (verdict)) ? /** @type {string} */ (verdict) : "unknown");

  /** @param {unknown} value @returns {any[]} */
  const list = (value) => (Array.isArray(value) ? value : []);

  /** The seller's name for people, as its own <bdi>. @param {Wording} wording @param {any} seller */
  const sellerName = (wording, seller) => (seller?.name ?? seller?.id ?? seller?.key ? foreign(seller.name ?? seller.id ?? seller.key, 80) : say(wording, "badge_seller_unread"));

  /** @param {Wording} wording @param {unknown} verdict */
  const chip = (wording, verdict) => h("span", { class: `chip ${known(verdict)}` }, icon(known(verdict)), say(wording, `verdict_${known(verdict)}`));

  /** @param {Wording} wording @param {string} title @param {any[]} points {key, args} @param {(point: any) => {look: string, mark: Child}} lookOf */
  function points(wording, title, points, lookOf) {
    if (points.length === 0) return null;
    const items = points.slice(0, REASONS_SHOWN).map((point) => {
      const { look, mark } = lookOf(point);
      return h("li", { class: look }, mark, h("span", {}, say(wording, String(point?.key), point?.args ?? {})));
    });
    return h("div", {}, h("h3", {}, say(wording, title)), h("ul", { class: "points" }, ...items));
  }

  /** Each with a mark of which way it points: for the seller, against, or neither. @param {Wording} wording @param {string} title @param {any[]} list */
  const reasons = (wording, title, list) => points(wording, title, list, (reason) => {
    const way = WAYS.includes(reason?.direction) ? reason.direction : "neutral";
    return { look: way, mark: [h("span", { class: "way" }, icon(way)), h("span", { class: "for-reader" }, say(wording, `badge_way_${way}`), " ")] };
  });

  /** @param {Wording} wording @param {string} title @param {any[]} list */
  const advice = (wording, title, list) => points(wording, title, list, () => ({ look: "advice", mark: h("span", { class: "way" }, icon("advice")) }));

  /** Every seller of a cart. @param {Wording} wording @param {any[]} entries */
  function sellers(wording, entries) {
    const items = entries.slice(0, SELLERS_SHOWN).map((entry) => h("li", {}, h("span", {}, sellerName(wording, entry?.seller)), chip(wording, entry?.verdict)));
    return h("ul", { class: "sellers" }, ...items);
  }

  /** @param {...Child} children */
  const part = (...children) => (children.some(Boolean) ? h("div", { class: "part" }, ...children) : null);

  /** What the page promises, in its own words. @param {Wording} wording @param {Reply} reply */
  function promises(wording, reply) {
    const quotes = list(reply.facts?.promises).slice(0, PROMISES_SHOWN).map((promise) => h("p", { class: "quote" }, foreign(promise?.text)));
    return quotes.length > 0 ? part(h("h3", {}, say(wording, "badge_promise")), ...quotes) : null;
  }

  /** @param {Wording} wording @param {Reply} reply */
  function history(wording, reply) {
    const { orders = 0, on_time = 0, late = 0, never = 0, open = 0 } = reply.history ?? {};
    const text = orders > 0 ? say(wording, "badge_history", { orders, on_time, late, never, open }) : say(wording, "badge_history_none");
    return part(h("h3", {}, say(wording, "badge_history_title")), h("p", {}, text));
  }

  /**
   * What other shoppers shared: a line for each registry, with its age; nothing where there is none.
   * @param {Wording} wording @param {Reply} reply @param {boolean} [evenNothing] also of those that know nothing of the seller
   * @param {() => void} [onAsk] where one can be asked for more
   */
  function shared(wording, reply, evenNothing = true, onAsk = undefined) {
    const lines = list(reply.pooled?.registries).flatMap((registry) => {
      const from = { registry: registry?.name, as_of: registry?.as_of, age: registry?.age_days };
      const said = list(registry?.reports).map((report) => {
        const year = list(report?.counted?.windows).at(-1);
        const sure = { ...from, low_ratio: report?.bad?.low, high_ratio: report?.bad?.high };
        return h("p", {}, year ? say(wording, "badge_shared_counts", { ...sure, bad: year.bad, total: year.all, days: year.days, until: report.last_on }) : say(wording, "badge_shared_few", sure));
      });
      if (said.length > 0 || !evenNothing) return said;
      const ask = onAsk && typeof registry?.ask_for === "string" ? [h("button", { class: "link", type: "button", onclick: onAsk }, say(wording, "badge_shared_ask"))] : [];
      return [h("p", { class: "soft" }, say(wording, registry?.on_this_disk === false ? "badge_shared_not_here" : "badge_shared_none", from)), ...ask];
    });
    const broken = evenNothing ? list(reply.pooled?.left_out).map((one) => h("p", { class: "soft" }, say(wording, "badge_shared_left_out", { registry: one?.name }))) : [];
    return lines.length + broken.length > 0 ? h("div", {}, h("h3", {}, say(wording, "badge_shared_title")), ...lines, ...broken) : null;
  }

  /** @param {Wording} wording @param {Reply} reply */
  function sureness(wording, reply) {
    const { bad, effective_n: n } = reply.estimate ?? {};
    const sure = typeof n === "number" && n >= 0.1 && typeof bad?.low === "number" && typeof bad?.high === "number";
    const text = sure ? say(wording, "badge_sure", { low_ratio: bad.low, high_ratio: bad.high, n }) : say(wording, "badge_sure_none");
    return part(h("h3", {}, say(wording, "badge_sure_title")), h("p", {}, text));
  }

  /** @param {Reply} reply @param {Wording} wording @param {Actions & {close: () => void}} actions */
  function panel(reply, wording, actions) {
    const verdict = known(reply.verdict);
    const others = list(reply.sellers);
    const stale = list(reply.stale).length > 0;
    return h(
      "div",
      { class: `panel ${verdict}`, popover: "manual", role: "dialog", "aria-labelledby": "kaopu-panel-title", tabindex: "-1" },
      h(
        "div",
        { class: "head" },
        h("span", { class: "mark" }, icon(verdict)),
        h("h2", { id: "kaopu-panel-title" }, say(wording, `verdict_${verdict}`)),
        h("button", { class: "close", type: "button", "aria-label": words.say(wording, "badge_close"), onclick: actions.close }, icon("close")),
        h("p", { class: "seller" }, sellerName(wording, reply.seller)),
      ),
      part(reasons(wording, "badge_reasons", list(reply.reasons))),
      promises(wording, reply),
      others.length > 1 ? part(h("h3", {}, say(wording, "badge_sellers")), sellers(wording, others)) : null,
      history(wording, reply),
      part(shared(wording, reply, true, () => actions.open("popup"))),
      part(advice(wording, "badge_advice", list(reply.advice))),
      sureness(wording, reply),
      h(
        "div",
        { class: "part foot" },
        h("button", { class: "link", type: "button", onclick: () => actions.open("popup") }, say(wording, "badge_record")),
        stale ? h("p", { class: "soft" }, say(wording, "badge_stale")) : null,
        h("p", { class: "soft" }, say(wording, "badge_local")),
      ),
    );
  }

  /** Puts the open panel above or below the badge, where there is more room, inside the window. @param {HTMLElement} button @param {HTMLElement} opened */
  function setBeside(button, opened) {
    const near = dom.rect(button);
    const [above, under] = [near.top - 16, innerHeight - near.bottom - 16];
    opened.style.setProperty("max-block-size", `min(36em, max(${Math.max(above, under)}px, min(20em, ${innerHeight - 16}px)))`);
    const size = dom.rect(opened);
    const top = under >= size.height || under >= above ? near.bottom + 8 : near.top - 8 - size.height;
    const within = (/** @type {number} */ value, /** @type {number} */ room) => `${Math.max(8, Math.min(value, room - 8))}px`;
    opened.style.setProperty("left", within(near.left, innerWidth - size.width));
    opened.style.setProperty("top", within(top, innerHeight - size.height));
  }

  /**
   * Badge and panel, working, for a page or for one of our own pages.
   * @param {Reply} reply @param {Wording} wording @param {Actions} actions
   * @returns {HTMLElement} one element; `close` on it is not needed when it is removed
   */
  function build(reply, wording, actions) {
    const verdict = known(reply.verdict);
    const button = h(
      "button",
      { class: `badge ${verdict}`, type: "button", "aria-expanded": "false", "aria-haspopup": "dialog", onclick: () => toggle() },
      h("span", { class: "mark" }, icon(verdict)),
      h("span", {}, say(wording, `verdict_${verdict}`)),
      h("span", { class: "for-reader" }, " · ", sellerName(wording, reply.seller), " · ", say(wording, "badge_details")),
    );
    const whole = h("div", { class: "at" }, button);
    /** @type {HTMLElement|null} made when it is asked for: most badges are never opened */
    let opened = null;
    const isOpen = () => opened?.matches(":popover-open") === true;

    const leave = dom.safely((/** @type {Event} */ event) => {
      const inside = event.composedPath().some((node) => node === whole || ui.isOurs(node));
      if (!inside || !whole.isConnected) toggle(false, false);
    });
    function toggle(open = !isOpen(), focus = true) {
      if (open === isOpen()) return;
      button.setAttribute("aria-expanded", String(open));
      if (open) {
        opened ??= /** @type {HTMLElement} */ (whole.appendChild(panel(reply, wording, { ...actions, close: () => toggle(false) })));
        opened.showPopover();
        setBeside(button, opened);
        opened.focus();
        addEventListener("pointerdown", leave, { capture: true, passive: true });
      } else {
        opened?.hidePopover();
        removeEventListener("pointerdown", leave, { capture: true });
        if (focus) button.focus();
      }
    }
    whole.addEventListener("keydown", dom.safely((/** @type {KeyboardEvent} */ event) => event.isTrusted && event.key === "Escape" && toggle(false)));
    return whole;
  }

  /** A small neutral badge that says why there is no verdict. @param {string} status @param {Wording} wording @param {Actions} actions */
  function buildStatus(status, wording, actions) {
    return h(
      "div",
      { class: "at" },
      h(
        "button",
        { class: "badge quiet unknown", type: "button", onclick: () => actions.open("welcome") },
        h("span", { class: "mark" }, icon("unknown")),
        h("span", {}, say(wording, `badge_status_${status}`)),
      ),
    );
  }

  /** @type {{element: HTMLElement, stop: () => void, made: string, anchor: Element|null}|null} */
  let shown = null;

  function clear() {
    shown?.stop();
    shown?.element.remove();
    shown = null;
  }

  return {
    build,
    panel,
    buildStatus,
    sellers,
    sellerName,
    reasons,
    shared,
    advice,
    known,
    clear,

    /** What a badge needs, done before there is something to say: a first one takes several times as long. @param {Wording} wording */
    prepare(wording) {
      build({}, wording, { open: () => {} });
      ui.prepare();
    },

    /**
     * Shows a badge in the page; the same content at the same element stays as it is, open or not.
     * @param {string} content what tells one badge from another @param {string} language
     * @param {Element|null} anchor null: the window's corner @param {() => HTMLElement} make
     */
    show(content, language, anchor, make) {
      if (shown && shown.made === content && shown.anchor === anchor && shown.element.isConnected) return;
      clear();
      const element = make();
      ui.layer(language).appendChild(element);
      shown = { element, made: content, anchor, stop: place.follow(element, anchor) };
    },
  };
}
kaopu.badge ??= kaopuBadge();
