// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Writes a snapshot within its limits: rules 7, 8 and 10 of "Snapshot, version 1" (host/docs/protocol.md).

/** @typedef {ReturnType<typeof kaopuWriter>} KaopuWriter */
/** @typedef {InstanceType<KaopuWriter["Writer"]>} SnapshotWriter */
/** @typedef {{text: string, bytes: number, elements: number, depth: number}} Piece an element as written, with all it holds */
function kaopuWriter() {
  const { xml } = kaopu;
  const BYTES_MAX = 524_288;
  const [DEPTH_MAX, ELEMENTS_MAX] = [512, 100_000];
  const CUT = "<cut/>";
  const END_BYTES_MAX = 67; // of one end tag: what a writing node by node needs at most beyond what it leaves behind

  /**
   * Budget, depth and marks (rules 7, 8 and 10). Bytes are counted only when they could be too many: a unit of UTF-16 is three
   * at most, and few pages come near the budget.
   */
  class Writer {
    /** @type {string[]} */ parts = [];
    /** @type {{name: string, empty: boolean, cut: boolean}[]} an empty one still lacks the ">" of its start tag */ open = [];
    #counted = 0; // bytes of all parts but these
    /** @type {string[]} */ #uncounted = [];
    #unitsUncounted = 0;
    #endBytes = 0; // of the end tags of all open elements
    elements = 0;
    depth = 0; // of the deepest element
    full = false;
    cut = false;

    /** @param {string} text */
    put(text) {
      this.#finishStartTag();
      this.#add(text);
    }

    /** @param {string} text */
    #add(text) {
      this.parts.push(text);
      this.#uncounted.push(text);
      this.#unitsUncounted += text.length;
    }

    #finishStartTag() {
      const top = this.open.at(-1);
      if (!top?.empty) return;
      this.#add(">");
      top.empty = false;
    }

    /** @param {string} text @param {number} [moreBytes] that come with it @param {number} [bytes] of the text, where they are known */
    #fits(text, moreBytes = 0, bytes) {
      const room = BYTES_MAX - CUT.length - this.#endBytes - (this.open.at(-1)?.empty ? 1 : 0) - moreBytes;
      if (this.#counted + 3 * this.#unitsUncounted + (bytes ?? 3 * text.length) <= room) return true;
      this.#counted += xml.bytesOf(this.#uncounted.join(""));
      [this.#uncounted, this.#unitsUncounted] = [[], 0];
      return this.#counted + (bytes ?? xml.bytesOf(text)) <= room;
    }

    #mark() {
      this.cut = true;
      const top = this.open.at(-1);
      if (!top || top.cut || (!this.full && !this.#fits(""))) return;
      this.put(CUT);
      top.cut = true;
    }

    #stop() {
      this.full = true;
      const top = this.open.at(-1);
      if (top) top.cut = false;
      this.#mark();
    }

    /** Begins an element. @param {string} name @param {string} attributes as written @returns {boolean} false: left out */
    begin(name, attributes) {
      if (this.full) return false;
      if (this.open.length >= DEPTH_MAX || this.elements >= ELEMENTS_MAX) {
        if (!this.open.at(-1)?.cut && !this.#fits(CUT)) this.#stop();
        else this.#mark();
        return false;
      }
      const start = `<${name}${attributes}`;
      const endBytes = name.length + 3;
      if (!this.#fits(start, endBytes + 1)) {
        this.#stop();
        return false;
      }
      this.put(start);
      this.open.push({ name, empty: true, cut: false });
      this.depth = Math.max(this.depth, this.open.length);
      this.#endBytes += endBytes;
      this.elements += 1;
      return true;
    }

    end() {
      const top = this.open.pop();
      if (!top) return;
      this.#endBytes -= top.name.length + 3;
      this.#add(top.empty ? "/>" : `</${top.name}>`);
    }

    /** A text node that is not long. @param {string} raw */
    shortText(raw) {
      if (!this.full) this.#write(xml.short(raw));
    }

    /** @param {string} raw @returns {Generator<void, void, void>} */
    *longText(raw) {
      if (!this.full) this.#write(yield* xml.written(raw, true, BYTES_MAX));
    }

    /** @param {string|null} text as written; null: longer than anything that fits */
    #write(text) {
      if (text === "") return;
      if (text !== null && this.#fits(text)) this.put(text);
      else this.#stop();
    }

    /** Writes an element that was written before, with all it holds. @param {Piece} piece @returns {boolean} false: a limit is near, so it takes a writing node by node */
    again({ text, bytes, elements, depth }) {
      const near = this.open.length + depth > DEPTH_MAX || this.elements + elements > ELEMENTS_MAX;
      if (this.full || near || !this.#fits(text, END_BYTES_MAX, bytes)) return false;
      this.#finishStartTag();
      this.parts.push(text);
      this.#counted += bytes;
      this.elements += elements;
      return true;
    }

    /** Writes `<name>` around whole children. @param {string} name @param {string} children */
    section(name, children) {
      this.put(children ? `<${name}>${children}</${name}>` : `<${name}/>`);
    }
  }

  return { Writer, BYTES_MAX, ELEMENTS_MAX, CUT };
}
kaopu.writer ??= kaopuWriter();
