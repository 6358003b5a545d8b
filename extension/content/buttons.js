// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which elements are the buttons that a plan names: by selector, or by the whole text an element shows.

/** @typedef {ReturnType<typeof kaopuButtons>} KaopuButtons */
function kaopuButtons() {
  const { dom } = kaopu;
  const [TEXT_CHARS_MAX, RAW_CHARS_MAX, NODES_MAX, PATH_MAX, FORM_BUTTONS_MAX] = [40, 320, 64, 64, 20];
  const UNSEEN = new Set(["script", "style", "svg"]);
  const SUBMITS = 'button:not([type]), button[type="submit" i], input[type="submit" i], input[type="image" i]';
  const FIELDS = "input:not([type=submit i], [type=button i], [type=reset i], [type=image i], [type=checkbox i], [type=radio i], [type=file i])";

  const PRESSED = "button, a[href], input[type=submit i], input[type=button i], input[type=image i], [role=button], [onclick]";
  const CANDIDATES_MAX = 200;

  /** No member of a shadow root can be shadowed by the page. @param {Document|ShadowRoot} page @param {string} css */
  const findIn = (page, css) => (dom.nodeType(page) === Node.DOCUMENT_NODE ? dom.findAll(/** @type {Document} */ (page), css) : page.querySelectorAll(css));

  /** @param {string} text */
  const fold = (text) => text.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();

  /** The text an element shows; "" where it is too long for a button's or a name's. @param {Element} element */
  function rawText(element) {
    if (dom.localName(element) === "input") return (dom.attribute(element, "value") ?? "").slice(0, RAW_CHARS_MAX);
    let text = "";
    const waiting = [dom.firstChild(element)];
    for (let seen = 0; waiting.length > 0; seen++) {
      if (seen > NODES_MAX || text.length > RAW_CHARS_MAX) return "";
      const node = waiting.pop();
      if (!node) continue;
      waiting.push(dom.nextSibling(node));
      const kind = dom.nodeType(node);
      if (kind === Node.TEXT_NODE) text += dom.nodeValue(node);
      else if (kind === Node.ELEMENT_NODE && !UNSEEN.has(dom.localName(/** @type {Element} */ (node)))) waiting.push(dom.firstChild(node));
    }
    return text.replace(/\s+/g, " ").trim();
  }

  /** Folded. @param {Element} element */
  function shortText(element) {
    const text = fold(rawText(element));
    return text.length <= TEXT_CHARS_MAX ? text : "";
  }

  /** A selector this browser understands, else null. @param {unknown} selector */
  function valid(selector) {
    try {
      dom.matches(dom.create("p"), String(selector));
      return String(selector);
    } catch {
      return null;
    }
  }

  /** @typedef {{role: string, css: string, texts: Set<string>}} Rule */

  /** @param {unknown} rules a plan's `buttons` @returns {Rule[]} */
  function read(rules) {
    return (Array.isArray(rules) ? rules : []).map(({ role, css, texts }) => ({
      role: String(role),
      css: (Array.isArray(css) ? css : []).map(valid).filter(Boolean).join(","),
      texts: new Set((Array.isArray(texts) ? texts : []).map((text) => fold(String(text))).filter((text) => text !== "")),
    }));
  }

  /** @param {Rule[]} rules @param {Element} element */
  function isButton(rules, element) {
    if (rules.some((rule) => rule.css && dom.matches(element, rule.css))) return true;
    if (!rules.some((rule) => rule.texts.size > 0)) return false;
    const text = shortText(element);
    return text !== "" && rules.some((rule) => rule.texts.has(text));
  }

  /** @param {Rule[]} rules @param {readonly EventTarget[]} path */
  function onPath(rules, path) {
    return path.slice(0, PATH_MAX).some((node) => {
      const element = /** @type {any} */ (node);
      return "nodeType" in node && dom.nodeType(element) === Node.ELEMENT_NODE && isButton(rules, element);
    });
  }

  /** @param {Node|null} node */
  function ancestry(node) {
    const path = [];
    for (let at = node; at && path.length < PATH_MAX; at = dom.parentNode(at)) path.push(at);
    return path;
  }

  /** The button of a form that a rule names. @param {Rule[]} rules @param {Element} form */
  function inForm(rules, form) {
    return [...dom.findAllIn(form, SUBMITS)].slice(0, FORM_BUTTONS_MAX).find((button) => onPath(rules, ancestry(button))) ?? null;
  }

  return {
    read,
    findIn,
    rawText,
    shortText,

    /** @param {Rule[]} rules @param {readonly string[]} roles */
    ofRoles: (rules, roles) => rules.filter((rule) => roles.includes(rule.role)),

    /** Whether a path from a target outwards (`composedPath()`) goes through a button. */
    onPath,

    /** Whether a submit event is the press of a button. @param {Rule[]} rules @param {Element} form @param {Element|null} submitter */
    onSubmit: (rules, form, submitter) => onPath(rules, ancestry(submitter ?? form)) || (submitter === null && inForm(rules, form) !== null),

    /** The button that Enter in this field presses, where it is one of the rules', else null. @param {Rule[]} rules @param {EventTarget|undefined} field */
    byEnter(rules, field) {
      const element = /** @type {any} */ (field);
      if (!(field && "nodeType" in field) || dom.nodeType(element) !== Node.ELEMENT_NODE || !dom.matches(element, FIELDS)) return null;
      const form = element.form ? /** @type {Element} */ (element.form) : null;
      return form && inForm(rules, form);
    },

    /** Every element the rules name by selector. @param {Rule[]} rules @param {Document|ShadowRoot} page @returns {Element[]} */
    all(rules, page) {
      const css = rules.map((rule) => rule.css).filter(Boolean).join(",");
      return css ? [...findIn(page, css)].slice(0, 50) : [];
    },

    /** Every button, also by its text. @param {Rule[]} rules @param {ShadowRoot} root @returns {Element[]} */
    allIn: (rules, root) => [...findIn(root, PRESSED)].slice(0, CANDIDATES_MAX).filter((element) => isButton(rules, element)),

    /** Whether events in this tree reach the window as if its host had been pressed. @param {ShadowRoot} root */
    isHidden(root) {
      let at = /** @type {Node} */ (root);
      for (let depth = 0; depth < 16 && dom.nodeType(at) === Node.DOCUMENT_FRAGMENT_NODE; depth++) {
        const { mode, host } = /** @type {ShadowRoot} */ (at);
        if (mode === "closed") return true;
        at = host.getRootNode();
      }
      return false;
    },
  };
}
kaopu.buttons ??= kaopuButtons();
