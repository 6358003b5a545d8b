// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reads while the page loads: what the parser has left behind is read in small slices, so that less is left to read when the
// whole page is there. A piece counts only as long as nothing in it changed, so a reading of the whole page gives the same to the byte with
// pieces or without. Nothing of them leaves the page before that reading does.

/** @typedef {ReturnType<typeof kaopuAhead>} KaopuAhead */
function kaopuAhead() {
  const { dom, snapshot } = kaopu;
  const [ELEMENTS_MIN, ELEMENTS_MAX] = [6, 128]; // below the top of a piece: fewer are as soon read again, more would be lost by one change
  const UNITS_MAX = 1_048_576; // of UTF-16, all pieces together
  const SLICE_MS = 6;
  const WAIT_MS = 8; // for the parser to go on
  const CHANGES = { childList: true, attributes: true, characterData: true, subtree: true };

  /** @typedef {Piece & {fields: Element[], hosts: Element[]}} KeptPiece `fields`: the inputs in it; `hosts`: what may get a shadow root, which no observer tells */

  /** The next node in document order that is not inside `node`; null where none came yet. @param {Node} node @param {Node} body */
  function after(node, body) {
    for (let at = /** @type {Node|null} */ (node); at && at !== body; at = dom.parentNode(at)) {
      const next = dom.nextSibling(at);
      if (next) return next;
    }
    return null;
  }

  /** Single elements, read whole; dropped as soon as something in them changes. @param {any} planSnapshot @param {(field: Element) => void} metField */
  function pieceStore(planSnapshot, metField) {
    /** @type {Map<Node, KeptPiece|null>} null: being read. None lies in another. */
    const pieces = new Map();
    const changes = new MutationObserver(dom.safely(spoil));
    let units = 0;
    let own = { fields: /** @type {Element[]} */ ([]), hosts: /** @type {Element[]} */ ([]), live: false }; // of the one being read; live: what it shows may change unseen
    const pieceOf = snapshot.reader(planSnapshot, {
      metField: (field) => {
        own.fields.push(field);
        metField(field);
      },
      metHost: (host, has) => {
        if (has) own.live = true;
        else own.hosts.push(host);
      },
      metFrame: () => {
        own.live = true;
      },
      rootOf: dom.likelyShadowRoot,
    });

    /** @param {MutationRecord[]} records */
    function spoil(records) {
      for (const { target } of records) {
        let at = /** @type {Node|null} */ (target);
        while (at && !pieces.delete(at)) at = dom.parentNode(at);
      }
    }

    return {
      has: (/** @type {Node} */ node) => pieces.has(node),
      isFull: () => units >= UNITS_MAX,

      /** @param {Element} element */
      *read(element) {
        pieces.set(element, null);
        changes.observe(element, CHANGES);
        own = { fields: [], hosts: [], live: false };
        const piece = yield* pieceOf(element);
        spoil(changes.takeRecords());
        if (pieces.get(element) !== null) return; // it changed meanwhile
        if (!piece || own.live) return void pieces.delete(element);
        units += piece.text.length;
        pieces.set(element, { ...piece, fields: own.fields, hosts: own.hosts });
      },

      /** Drops what changed up to now. */
      look() {
        spoil(changes.takeRecords());
      },

      /** As of the last look. @param {Element} element @returns {KeptPiece|null} */
      get(element) {
        const piece = pieces.get(element);
        return piece?.hosts.every((host) => dom.likelyShadowRoot(host) === null) ? piece : null;
      },

      clear() {
        changes.disconnect();
        pieces.clear();
      },
    };
  }

  /** Reads what is finished, in document order; yields true where it has to wait for more. @param {Document} page @param {ReturnType<typeof pieceStore>} store @returns {Generator<boolean, void, void>} */
  function* walk(page, store) {
    let body = dom.body(page);
    for (; !body; body = dom.body(page)) yield true;
    let at = /** @type {Node} */ (body);
    let inside = true; // go on inside `at`, else after it
    while (!store.isFull()) {
      if (at !== body && !dom.contains(body, at)) [at, inside] = [body, true]; // it was taken out of the page: from the start again
      const next = /** @type {Node|null} */ ((inside ? dom.firstChild(at) : null) ?? after(at, body));
      if (!next) {
        yield true;
        continue;
      }
      [at, inside] = [next, false];
      if (dom.nodeType(at) !== Node.ELEMENT_NODE || store.has(at)) continue;
      const element = /** @type {Element} */ (at);
      if (dom.namespace(element) !== dom.HTML || !snapshot.isPlain(dom.localName(element))) continue;
      const size = after(element, body) ? dom.countIn(element) : Infinity; // what something follows is finished
      inside = size > ELEMENTS_MAX;
      if (!inside && size >= ELEMENTS_MIN) for (const _ of store.read(element)) yield false;
      yield false;
    }
  }

  return {
    /**
     * Begins at once, and goes on by itself until it is stopped or ended.
     * @param {Document} page @param {any} planSnapshot
     * @param {{stopped: () => boolean, isSecret: (field: Element) => boolean}} options `stopped`: asked between slices; what was read stays.
     *   `isSecret`: fields after which nothing is read, and what was is forgotten
     */
    read(page, planSnapshot, { stopped, isSecret }) {
      let ended = false;
      const store = pieceStore(planSnapshot, (field) => void (isSecret(field) && end()));

      function end() {
        ended = true;
        store.clear();
      }

      async function work() {
        const walking = walk(page, store);
        while (!ended && !stopped()) {
          const until = performance.now() + SLICE_MS;
          let waits = false;
          while (!waits && !ended && performance.now() < until) {
            const { done, value } = walking.next();
            if (done) return;
            waits = value;
          }
          await (waits ? dom.wait(WAIT_MS) : dom.rest());
        }
      }
      work().catch((error) => console.debug("kaopu", error));

      return {
        /** Forgets everything. */
        end,

        /** Before elements are asked for, and again after the page could go on. */
        look: store.look,

        /** An element as read, if it still was that at the last look. @param {Element} element @param {(field: Element) => void} metField as for `snapshot.take` @param {(host: Element) => void} [metHost] as well @returns {Piece|null} */
        written(element, metField, metHost = () => {}) {
          const piece = store.get(element);
          piece?.fields.forEach(metField);
          piece?.hosts.forEach(metHost);
          return piece;
        },
      };
    },
  };
}
kaopu.ahead ??= kaopuAhead();
