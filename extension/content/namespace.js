// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Content scripts are classic scripts of one isolated world; what they share stands on `kaopu`, which the page cannot see.
//
// A page can shadow members of its own document and forms (<form name="createElement">, <input name="attributes">) and
// put elements where a global is looked up (<p id="kaopu">). So the DOM is only reached through members of the
// prototypes, taken here before the page has any content, and globals are only ours where they are own properties.

/**
 * @typedef {Record<string, any>} Reply a check_page reply, as the host sent it (host/docs/protocol.md)
 * @typedef {Record<string, string>} Table message key -> text
 * @typedef {{table: Table, language: string}} Wording
 * @typedef {Node|string|null|undefined|false|any[]} Child
 * @typedef {{role: string, css?: string[], texts?: string[]}} ButtonRule
 * @typedef {{snapshot?: any, buttons?: ButtonRule[], badge?: {near?: string[]}}} Plan
 *
 * @typedef {object} Kaopu
 * @property {boolean} [started]
 * @property {KaopuDom} dom
 * @property {KaopuXml} xml
 * @property {KaopuWriter} writer
 * @property {KaopuSnapshot} snapshot
 * @property {KaopuAhead} ahead
 * @property {KaopuRehearsal} rehearsal
 * @property {KaopuWords} words
 * @property {KaopuGate} gate
 * @property {string} css
 * @property {KaopuUi} ui
 * @property {KaopuPlace} place
 * @property {KaopuBadge} badge
 * @property {KaopuDialog} dialog
 * @property {KaopuButtons} buttons
 * @property {KaopuReaction} reaction
 * @property {KaopuHold} hold
 * @property {KaopuShield} shield
 */

// `var`, because a declared global is always an own property: an element with this id cannot stand in for it.
/** @type {Kaopu} */
// @ts-ignore: read before it is written, on purpose: an earlier injection may have written it
var kaopu = kaopu || {};

/** @typedef {ReturnType<typeof kaopuDom>} KaopuDom */
function kaopuDom() {
  // Bound, so that a call is no step of ours before it reaches the browser: a fresh page runs all of this uncompiled.
  // The page has no hand on this world's Function.prototype.
  const uncurried = (/** @type {Function} */ f) => /** @type {any} */ (Function.prototype.call.bind(f));
  /** @template T @param {any} prototype @param {string} name @returns {(node: any) => T} */
  const getter = (prototype, name) => uncurried(/** @type {Function} */ (/** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, name)).get));
  /** @template {(...args: any[]) => any} F @param {any} prototype @param {string} name @returns {(node: any, ...args: Parameters<F>) => ReturnType<F>} */
  const method = (prototype, name) => uncurried(prototype[name]);
  const [N, E, D] = [Node.prototype, Element.prototype, Document.prototype];
  const createElementNS = /** @type {(document: Document, ns: string, name: string) => Element} */ (method(D, "createElementNS"));
  const attributeNS = /** @type {(element: Element, ns: string|null, name: string) => string|null} */ (method(E, "getAttributeNS"));
  const implementation = /** @type {(document: Document) => DOMImplementation} */ (getter(D, "implementation"));
  const newHtmlDocument = /** @type {(implementation: DOMImplementation, title: string) => Document} */ (method(DOMImplementation.prototype, "createHTMLDocument"));
  const elementsOf = /** @type {(element: Element, name: string) => HTMLCollection} */ (method(E, "getElementsByTagName"));
  const collectionLength = /** @type {(collection: HTMLCollection) => number} */ (getter(HTMLCollection.prototype, "length"));
  const openShadowRoot = /** @type {(element: Element) => ShadowRoot|null} */ (getter(E, "shadowRoot"));
  const localName = /** @type {(element: Element) => string} */ (getter(E, "localName"));
  const firstChild = /** @type {(node: Node) => Node|null} */ (getter(N, "firstChild"));
  const shadowRoot = anyShadowRoot();
  const quickShadowRoot = Object.getOwnPropertyDescriptor(E, "openOrClosedShadowRoot")?.get ? shadowRoot : openShadowRoot;

  /** Each browser's own way to a closed one as well. @returns {(element: Element) => ShadowRoot|null} */
  function anyShadowRoot() {
    if (Object.getOwnPropertyDescriptor(E, "openOrClosedShadowRoot")?.get) return getter(E, "openOrClosedShadowRoot");
    const closedToo = /** @type {any} */ (globalThis).chrome?.dom?.openOrClosedShadowRoot;
    if (typeof closedToo !== "function") return openShadowRoot;
    return (element) => {
      try {
        return openShadowRoot(element) ?? closedToo(element);
      } catch {
        return null; // not an element of the kind that can have one
      }
    };
  }

  return {
    /** @type {(node: Node) => number} */ nodeType: getter(N, "nodeType"),
    firstChild,
    /** @type {(node: Node) => Node|null} */ nextSibling: getter(N, "nextSibling"),
    /** @type {(node: Node) => Node|null} */ parentNode: getter(N, "parentNode"),
    /** @type {(node: Node) => boolean} */ isConnected: getter(N, "isConnected"),
    /** @type {(node: Node) => string|null} */ nodeValue: getter(N, "nodeValue"),
    /** @type {(node: Node) => string|null} */ textContent: getter(N, "textContent"),
    /** @type {(node: Node, other: Node|null) => boolean} */ contains: method(N, "contains"),
    /** @type {(node: Node, child: Node) => Node} */ appendChild: method(N, "appendChild"),
    localName,
    /** @type {(element: Element) => string|null} */ namespace: getter(E, "namespaceURI"),
    /** @type {(element: Element) => NamedNodeMap} */ attributes: getter(E, "attributes"),
    /** @type {(map: NamedNodeMap) => number} */ attributeCount: getter(NamedNodeMap.prototype, "length"),
    /** @type {(map: NamedNodeMap, index: number) => Attr|null} */ attributeAt: method(NamedNodeMap.prototype, "item"),
    /** @type {(attribute: Attr) => string} */ attributeName: getter(Attr.prototype, "name"),
    /** @type {(attribute: Attr) => string} */ attributeValue: getter(Attr.prototype, "value"),
    /** @type {(element: Element, name: string) => string|null} */ attribute: method(E, "getAttribute"),
    /** @type {(element: Element) => string[]} */ attributeNames: method(E, "getAttributeNames"),
    /** @type {(element: Element, name: string) => string|null} of no namespace, in this very case */ plainAttribute(element, name) {
      return attributeNS(element, null, name);
    },
    /** @type {(element: Element, name: string) => boolean} */ hasAttribute: method(E, "hasAttribute"),
    /** @type {(element: Element, name: string, value: string) => void} */ setAttribute: method(E, "setAttribute"),
    /** @type {(element: Element, name: string) => void} */ removeAttribute: method(E, "removeAttribute"),
    /** @type {(element: Element, selector: string) => boolean} */ matches: method(E, "matches"),
    /** @type {(element: Element, selector: string) => Element|null} */ closest: method(E, "closest"),
    /** @type {(element: Element) => DOMRect} */ rect: method(E, "getBoundingClientRect"),
    /** @type {(element: Element) => HTMLSlotElement|null} null also for a slot of a closed tree */ assignedSlot: getter(E, "assignedSlot"),
    /** @type {(element: Element, options: ShadowRootInit) => ShadowRoot} */ attachShadow: method(E, "attachShadow"),
    /** @type {(document: Document, selector: string) => NodeListOf<Element>} */ findAll: method(D, "querySelectorAll"),
    /** @type {(document: Document, selector: string) => Element|null} */ find: method(D, "querySelector"),
    /** @type {(element: Element, selector: string) => NodeListOf<Element>} */ findAllIn: method(E, "querySelectorAll"),
    /** @type {(document: Document) => Element|null} */ root: getter(D, "documentElement"),
    /** @type {(document: Document) => HTMLElement|null} */ body: getter(D, "body"),
    /** @type {(document: Document) => string} */ readyState: getter(D, "readyState"),
    /** @type {(document: Document) => Element|null} */ activeElement: getter(D, "activeElement"),
    /** @type {(document: Document, x: number, y: number) => Element|null} */ elementAt: method(D, "elementFromPoint"),
    /** @type {(document: Document, text: string) => Text} */ createText: method(D, "createTextNode"),
    /** @type {(document: Document) => DocumentFragment} */ createFragment: method(D, "createDocumentFragment"),
    /** @type {(frame: Element) => Document|null} */ frameDocument: getter(HTMLIFrameElement.prototype, "contentDocument"),
    /** @type {(frame: Element) => Window|null} */ frameWindow: getter(HTMLIFrameElement.prototype, "contentWindow"),
    /** @type {(form: Element, submitter?: HTMLElement|null) => void} */ requestSubmit: method(HTMLFormElement.prototype, "requestSubmit"),

    HTML: "http://www.w3.org/1999/xhtml",
    SVG: "http://www.w3.org/2000/svg",
    /** @param {string} name @param {string} [ns] @returns {any} an element of the page's document */
    create(name, ns = "http://www.w3.org/1999/xhtml") {
      return createElementNS(document, ns, name);
    },

    /** @type {(page: Document, name: string) => Element} */
    createIn: (page, name) => createElementNS(page, "http://www.w3.org/1999/xhtml", name),

    /** A document of our own that loads and shows nothing. @returns {Document} */
    newDocument: () => newHtmlDocument(implementation(document), ""),

    /** @type {(element: Element) => number} elements below */ countIn: (element) => collectionLength(elementsOf(element, "*")),

    /** @param {number} ms @returns {Promise<void>} */
    wait: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),

    /** Lets the page's own work go first. @returns {Promise<void>} */
    rest() {
      return new Promise((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          channel.port1.close();
          resolve();
        };
        channel.port2.postMessage(null);
      });
    },

    /**
     * Ends a slice: presses and painting go first, and where the browser lets us say so, the page's other work does not.
     * @returns {Promise<void>}
     */
    pause() {
      const { scheduler } = /** @type {any} */ (globalThis);
      return typeof scheduler?.yield === "function" ? scheduler.yield() : this.rest();
    },

    /** @type {(element: Element) => ShadowRoot|null} open or closed */ shadowRoot,

    /**
     * Without the closed one of a common element that has children of its own: rare, and to tell takes Chromium 5 us, as long as reading the element.
     * @param {Element} element @returns {ShadowRoot|null}
     */
    likelyShadowRoot(element) {
      const quick = quickShadowRoot(element);
      if (quick || quickShadowRoot === shadowRoot || (firstChild(element) && !localName(element).includes("-"))) return quick;
      return shadowRoot(element);
    },

    /** Whether there are roots that only `shadowRoot` tells of. */ hasUnlikelyShadowRoots: quickShadowRoot !== shadowRoot,

    /** What a page must never notice: our own failure. @template {any[]} A @param {(...args: A) => void} f @returns {(...args: A) => void} */
    safely(f) {
      return (...args) => {
        try {
          f(...args);
        } catch (error) {
          console.debug("kaopu", error);
        }
      };
    },

    /**
     * Asks the background. Null when it cannot be reached (the extension was reloaded or removed).
     * @param {object} message @returns {Promise<any>}
     */
    async ask(message) {
      try {
        return (await chrome.runtime.sendMessage(message)) ?? null;
      } catch {
        return null;
      }
    },
  };
}
kaopu.dom ??= kaopuDom();
