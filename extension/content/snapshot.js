// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The page as the host reads it: "Snapshot, version 1" of host/docs/protocol.md, section by section. The walk is a
// generator that offers a pause every few nodes, so that it can be done in slices and the page never waits for it.
//
// It runs once in a fresh world, where no code is compiled yet: what counts is the number of steps. So what is said of a name
// is worked out once a name, strings with nothing special in them are written as they are, and only rare work is a generator.

/** @typedef {ReturnType<typeof kaopuSnapshot>} KaopuSnapshot */
function kaopuSnapshot() {
  const { dom, xml, writer } = kaopu;
  const { Writer, BYTES_MAX, ELEMENTS_MAX, CUT } = writer;
  const [HEAD_BYTES_MAX, SCRIPT_BYTES_MAX, DATA_BYTES_MAX] = [65_536, 262_144, 327_680];
  const ATTRIBUTES_MAX = 64;
  const ATTRIBUTES_AT_ONCE = 256;
  const NODES_AT_ONCE = 16; // between two offers to pause
  const NAMES_KEPT = 2000; // distinct names whose meaning is remembered
  const words = (/** @type {string} */ list) => new Set(list.split(" "));
  const DROPPED = words("script style svg math noscript template object embed audio video canvas source track link meta head title");
  const IN_PLACE = words("meta link object embed audio video source track"); // dropped, unless they mark a value for machines
  const UNSEARCHED = "script,style,svg,math,noscript,template,object,embed,audio,video,canvas,head,iframe";
  const DROPPED_ATTRIBUTES = words("srcset sizes integrity nonce crossorigin loading decoding fetchpriority ping");
  const VALUE_ELEMENTS = words("button option li data meter progress param");
  const VALUE_INPUTS = words("submit button reset image radio checkbox");
  const STRUCK_OUT = /line-through/i; // all that is told of a style
  const DATA_URL = /^[ \t\n\f\r]*data:/i;
  const MAY_HOST_SHADOW = words("article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span");
  const TEXT_KINDS = /** @type {Set<number>} */ (new Set([Node.TEXT_NODE, Node.CDATA_SECTION_NODE]));

  /** Most values begin with neither a "d" nor a space. @param {string} value */
  const isDataUrl = (value) => (value.charCodeAt(0) <= 0x20 || (value.charCodeAt(0) | 0x20) === 0x64) && DATA_URL.test(value);

  /** @typedef {{tag: string, id: string, name: string, role: string, class: string, contains: string}} Entry */

  /** @param {any} entry @returns {Entry} every field a string, "" = any */
  function readEntry(entry) {
    const field = (/** @type {string} */ name) => (typeof entry?.[name] === "string" ? entry[name] : "");
    return { tag: field("tag"), id: field("id"), name: field("name"), role: field("role"), class: field("class"), contains: field("contains") };
  }

  /**
   * What is told of while reading. `metField`: an input; `metHost`: an element that has or may get a shadow root; `metFrame`: a frame; `written`: an
   * element as written before, where it still is that. `rootOf`: the shadow root of an element, by default whatever it has.
   * @typedef {{metField: (field: Element) => void, metHost?: (host: Element, has: boolean) => void, metFrame?: () => void, written?: (element: Element) => Piece|null,
   *   rootOf?: (element: Element) => ShadowRoot|null}} Hooks
   */

  /** A plan's `snapshot`, in full. @param {any} plan @param {Hooks} hooks */
  function readPlan(plan, hooks) {
    const list = (/** @type {string} */ name) => (Array.isArray(plan?.[name]) ? plan[name] : []);
    const elements = (/** @type {string} */ name) => list(name).map(readEntry).filter(selectorOf);
    const main = elements("main");
    const state = list("state").map(readEntry).filter((/** @type {Entry} */ { name, id, contains }) => name && (id || contains));
    const defaults = [{ tag: "main" }, { role: "main" }].map(readEntry);
    return { hooks, rootOf: hooks.rootOf ?? dom.shadowRoot, keep: elements("keep"), state, main: main.length > 0 ? main : defaults };
  }

  /** @param {Entry} entry @returns {string} as CSS, compared exactly even in quirks mode; "" where it names nothing */
  function selectorOf({ tag, id, name, role, class: word }) {
    const is = (/** @type {string} */ attribute, /** @type {string} */ value, mark = "=") => (value ? `[${attribute}${mark}${JSON.stringify(value)}]` : "");
    return (/^[a-z][a-z0-9_-]*$/.test(tag) ? tag : "") + is("id", id) + is("name", name) + is("role", role) + is("class", word, "~=");
  }

  /** @param {Entry[]} entries @param {Element} element @param {string} tag */
  function matchesAny(entries, element, tag) {
    const same = (/** @type {string} */ attribute, /** @type {string} */ wanted) => !wanted || dom.attribute(element, attribute) === wanted;
    return entries.some(
      (entry) =>
        (!entry.tag || entry.tag === tag) &&
        same("id", entry.id) && same("name", entry.name) && same("role", entry.role) &&
        (!entry.class || (dom.attribute(element, "class") ?? "").split(/[ \t\n\f\r]+/).includes(entry.class)),
    );
  }

  /** Remembers what `work` says of a name; names repeat all over a page. @template T @param {(name: string) => T} work @returns {(name: string) => T} */
  function remembering(work) {
    /** @type {Map<string, T>} */
    const known = new Map();
    return (name) => {
      let said = known.get(name);
      if (said === undefined) {
        said = work(name);
        if (known.size < NAMES_KEPT) known.set(name, said);
      }
      return said;
    };
  }

  /** An attribute's name as written, "" where it is left out. */
  const attributeNamed = remembering((raw) => {
    const name = raw.toLowerCase();
    return /^[a-z_][a-z0-9_.-]{0,63}$/.test(name) && !name.startsWith("on") && !DROPPED_ATTRIBUTES.has(name) ? name : "";
  });

  /** Rule 5. @param {Element} element @param {string} tag @param {ReturnType<typeof readPlan>} plan @returns {string|null} null: too many for one step */
  function attributesAtOnce(element, tag, plan) {
    const raws = dom.attributeNames(element);
    if (raws.length > ATTRIBUTES_AT_ONCE) return null;
    /** @type {string[]} */
    const names = [];
    let written = "";
    for (const raw of raws) {
      const name = attributeNamed(raw);
      if (name === "" || names.length >= ATTRIBUTES_MAX) continue;
      // The second way is for names in upper case that a script made: the first cannot ask for them.
      const value = dom.attribute(element, raw) ?? dom.plainAttribute(element, raw);
      if (value !== null) written += attributeWritten(element, tag, plan, names, name, value);
    }
    return written;
  }

  /** The same for any number of attributes. @param {Element} element @param {string} tag @param {ReturnType<typeof readPlan>} plan @returns {Generator<void, string, void>} */
  function* attributesOf(element, tag, plan) {
    const atOnce = attributesAtOnce(element, tag, plan);
    if (atOnce !== null) return atOnce;
    const map = dom.attributes(element);
    const count = dom.attributeCount(map);
    /** @type {string[]} */
    const names = [];
    let written = "";
    for (let i = 0; i < count && names.length < ATTRIBUTES_MAX; i++) {
      if (i % ATTRIBUTES_AT_ONCE === ATTRIBUTES_AT_ONCE - 1) yield;
      const attribute = dom.attributeAt(map, i);
      if (!attribute) break;
      const name = attributeNamed(dom.attributeName(attribute));
      if (name !== "") written += attributeWritten(element, tag, plan, names, name, dom.attributeValue(attribute));
    }
    return written;
  }

  /** @param {Element} element @param {string} tag @param {ReturnType<typeof readPlan>} plan @param {string[]} names written before; grows @param {string} name @param {string} value */
  function attributeWritten(element, tag, plan, names, name, value) {
    if (isDataUrl(value) || names.includes(name) || (name === "value" && !keepsValue(element, tag, plan))) return "";
    if (name === "style" && !STRUCK_OUT.test(value)) return "";
    names.push(name);
    return xml.attribute(name, name === "style" ? "line-through" : value);
  }

  /** @param {Element} element @param {string} tag @param {ReturnType<typeof readPlan>} plan */
  function keepsValue(element, tag, plan) {
    if (tag !== "input") return VALUE_ELEMENTS.has(tag);
    return VALUE_INPUTS.has((dom.attribute(element, "type") ?? "").toLowerCase()) || matchesAny(plan.keep, element, tag);
  }

  /** Rule 9: `https://pay.example:8443`, `//cdn.example`, or "". @param {string} src */
  function frameOrigin(src) {
    const url = src.replace(/^[ \t\n\f\r]+/, "").toLowerCase();
    const [, scheme = "", authority = ""] = /^(https?:)?\/\/([^/?#\\ \t\r\n\f]*)/.exec(url) ?? [];
    const host = authority.slice(authority.lastIndexOf("@") + 1);
    return host ? `${scheme}//${host}` : "";
  }

  /** Rule 1. @param {SnapshotWriter} out @param {Document} page @param {ReturnType<typeof readPlan>} plan */
  function* head(out, page, plan) {
    let [written, bytes, titled] = ["", 0, false];
    const found = dom.findAll(page, "head title, meta[content], link");
    yield;
    let seen = 0;
    for (const element of found) {
      if (++seen % NODES_AT_ONCE === 0) yield;
      const tag = dom.localName(element);
      if (dom.namespace(element) !== dom.HTML || dom.closest(element, "noscript")) continue;
      if (tag === "title" ? titled : !(tag === "meta" ? isNamed(element) : isKeptLink(element))) continue;
      titled ||= tag === "title";
      const title = tag === "title" ? xml.title(dom.textContent(element) ?? "") : "";
      const child = title ? `<title>${title}</title>` : `<${tag}${tag === "title" ? "" : yield* attributesOf(element, tag, plan)}/>`;
      const size = xml.bytesOf(child);
      if (bytes + size + CUT.length > HEAD_BYTES_MAX || out.elements >= ELEMENTS_MAX) {
        written += CUT;
        out.cut = true;
        break;
      }
      written += child;
      bytes += size;
      out.elements += 1;
    }
    out.section("head", written);
  }

  /** @param {Element} meta */
  const isNamed = (meta) => ["name", "property", "itemprop", "http-equiv"].some((name) => dom.hasAttribute(meta, name));

  /** @param {Element} link */
  function isKeptLink(link) {
    const rel = (dom.attribute(link, "rel") ?? "").toLowerCase().split(/[ \t\n\f\r]+/);
    return rel.includes("canonical") || (rel.includes("alternate") && dom.hasAttribute(link, "hreflang")) || dom.hasAttribute(link, "itemprop");
  }

  /** Rule 2. @param {SnapshotWriter} out @param {Document} page @param {ReturnType<typeof readPlan>} plan */
  function* data(out, page, plan) {
    /** @type {string[]} */
    const jsonLd = [];
    /** @type {string[][]} */
    const states = plan.state.map(() => []);
    const scripts = dom.findAll(page, "script");
    yield;
    let seen = 0;
    for (const script of scripts) {
      if (++seen % NODES_AT_ONCE === 0) yield;
      if (dom.namespace(script) !== dom.HTML || dom.closest(script, "noscript")) continue;
      const type = (dom.attribute(script, "type") ?? "").split(";", 1)[0] ?? "";
      const text = () => dom.textContent(script) ?? "";
      if (/^[ \t\n\f\r]*application\/ld\+json[ \t\n\f\r]*$/i.test(type)) jsonLd.push(text());
      else if (!dom.hasAttribute(script, "src")) states[stateOf(script, text(), plan)]?.push(text());
    }
    let [written, total] = ["", 0];
    const marked = new Set();
    const lists = [{ of: "ld+json", attribute: ' type="application/ld+json"', texts: jsonLd }];
    plan.state.forEach((/** @type {Entry} */ { name }, /** @type {number} */ i) => lists.push({ of: name, attribute: xml.attribute("state", name), texts: states[i] ?? [] }));
    for (const { of, attribute, texts } of lists) {
      for (const raw of texts) {
        const text = yield* xml.written(raw, false, SCRIPT_BYTES_MAX);
        const script = text ? `<script${attribute}>${text}</script>` : `<script${attribute}/>`;
        const bytes = text === null ? BYTES_MAX : xml.bytesOf(script);
        if (bytes <= SCRIPT_BYTES_MAX && total + bytes <= DATA_BYTES_MAX && out.elements < ELEMENTS_MAX) {
          written += script;
          total += bytes;
          out.elements += 1;
        } else if (!marked.has(of)) {
          marked.add(of);
          written += `<cut${xml.attribute("of", of)}/>`;
          out.cut = true;
        }
      }
    }
    out.section("data", written);
  }

  /** @param {Element} script @param {string} text @param {ReturnType<typeof readPlan>} plan */
  function stateOf(script, text, plan) {
    const id = dom.attribute(script, "id");
    return plan.state.findIndex((/** @type {Entry} */ entry) => (!entry.id || entry.id === id) && (!entry.contains || text.includes(entry.contains)));
  }

  /** Rule 3: the first main element, or null. @param {Document} page @param {Element} body @param {ReturnType<typeof readPlan>} plan */
  function mainOf(page, body, plan) {
    for (const element of dom.findAll(page, plan.main.map(selectorOf).join(","))) {
      const below = element !== body && dom.contains(body, element);
      if (below && matchesAny(plan.main, element, dom.localName(element)) && !dom.closest(element, UNSEARCHED)) return element;
    }
    return null;
  }

  /** Rules 3 and 4. @param {SnapshotWriter} out @param {Document} page @param {ReturnType<typeof readPlan>} plan */
  function* bodies(out, page, plan) {
    const body = dom.body(page);
    if (!body || dom.localName(body) !== "body") {
      if (out.begin("body", "")) out.end();
      return;
    }
    const attributes = yield* attributesOf(body, "body", plan);
    const main = mainOf(page, body, plan);
    yield;
    if (main) {
      const above = [];
      for (let node = dom.parentNode(main); node && node !== body; node = dom.parentNode(node)) above.unshift(/** @type {Element} */ (node));
      if (!out.begin("body", attributes)) return;
      let opened = 1;
      for (const element of above) {
        const { tag } = kindOf(dom.localName(element));
        if (tag === "") continue;
        if (!out.begin(tag, yield* attributesOf(element, tag, plan))) break;
        opened += 1;
      }
      yield* subtree(out, { next: main, single: true, opened: false }, plan, null);
      for (; opened > 0 && !out.full; opened--) out.end();
    }
    if (!out.begin("body", attributes)) return;
    const shadow = plan.rootOf(body);
    plan.hooks.metHost?.(body, shadow !== null);
    if (shadow && out.begin("shadow-root", "")) yield* subtree(out, { next: dom.firstChild(shadow), single: false, opened: true }, plan, null);
    yield* subtree(out, { next: dom.firstChild(body), single: false, opened: false }, plan, main);
    if (!out.full) out.end();
  }

  /**
   * What to do with elements of a name: `tag` as written, "" where only the content stays; `way` to write them.
   * @typedef {{name: string, tag: string, way: "plain"|"drop"|"in_place"|"frame"|"typed"|"field", mayHostShadow: boolean}} Kind
   */
  const kindOf = remembering((localName) => {
    const name = localName.toLowerCase();
    const tag = /^[a-z][a-z0-9_.-]{0,63}$/.test(name) ? name : "";
    const ways = /** @type {Record<string, Kind["way"]>} */ ({ iframe: "frame", textarea: "typed", input: "field" });
    const way = Object.hasOwn(ways, name) ? /** @type {Kind["way"]} */ (ways[name]) : IN_PLACE.has(name) ? "in_place" : DROPPED.has(name) ? "drop" : "plain";
    return /** @type {Kind} */ ({ name, tag, way, mayHostShadow: name.includes("-") || MAY_HOST_SHADOW.has(name) });
  });

  /**
   * @typedef {{next: Node|null, single: boolean, opened: boolean}} Level nodes still to come on one level; `opened`: its end ends an element
   * @param {SnapshotWriter} out @param {Level} start @param {ReturnType<typeof readPlan>} plan @param {Element|null} leftOut
   */
  function* subtree(out, start, plan, leftOut) {
    /** @type {Level[]} */
    const levels = [start];
    let steps = 0;
    for (let level = levels.at(-1); level && !out.full; level = levels.at(-1)) {
      if (++steps % NODES_AT_ONCE === 0) yield;
      const node = level.next;
      if (!node) {
        if (level.opened) out.end();
        levels.pop();
        continue;
      }
      level.next = level.single ? null : dom.nextSibling(node);
      const type = dom.nodeType(node);
      if (TEXT_KINDS.has(type)) {
        const raw = dom.nodeValue(node) ?? "";
        if (xml.isLong(raw)) yield* out.longText(raw);
        else out.shortText(raw);
        continue;
      }
      if (type !== Node.ELEMENT_NODE || node === leftOut || dom.namespace(/** @type {Element} */ (node)) !== dom.HTML) continue;
      const element = /** @type {Element} */ (node);
      const { name, tag, way, mayHostShadow } = kindOf(dom.localName(element));
      if (way === "drop") continue;
      const written = plan.hooks.written?.(element);
      if (written && !(leftOut && dom.contains(element, leftOut)) && out.again(written)) continue;
      if (way === "field") plan.hooks.metField(element);
      else if (way !== "plain") {
        yield* special(out, element, name, plan, levels);
        continue;
      }
      const opened = tag !== "";
      if (opened && !out.begin(tag, attributesAtOnce(element, tag, plan) ?? (yield* attributesOf(element, tag, plan)))) continue;
      levels.push({ next: dom.firstChild(element), single: false, opened });
      const shadow = mayHostShadow ? plan.rootOf(element) : null;
      if (mayHostShadow) plan.hooks.metHost?.(element, shadow !== null);
      if (shadow && out.begin("shadow-root", "")) levels.push({ next: dom.firstChild(shadow), single: false, opened: true });
    }
  }

  /** Elements that are not simply written with their children. @param {SnapshotWriter} out @param {Element} element @param {string} name @param {ReturnType<typeof readPlan>} plan @param {Level[]} levels */
  function* special(out, element, name, plan, levels) {
    if (name === "iframe") return yield* frame(out, element, plan, levels);
    if (name === "textarea") {
      if (!matchesAny(plan.keep, element, name) || !out.begin(name, yield* attributesOf(element, name, plan))) return;
      yield* out.longText(dom.textContent(element) ?? "");
      if (!out.full) out.end();
      return;
    }
    const inPlace = dom.hasAttribute(element, "itemprop") || dom.hasAttribute(element, "property");
    if (inPlace && out.begin(name, yield* attributesOf(element, name, plan))) out.end();
  }

  /** Rule 9. @param {SnapshotWriter} out @param {Element} node @param {ReturnType<typeof readPlan>} plan @param {Level[]} levels */
  function* frame(out, node, plan, levels) {
    const origin = frameOrigin(dom.attribute(node, "src") ?? "");
    plan.hooks.metFrame?.();
    const inside = dom.frameDocument(node);
    const body = inside && dom.body(inside);
    if (!out.begin("iframe", (origin && xml.attribute("src", origin)) + (body ? ' inlined="1"' : ""))) return;
    levels.push({ next: body && dom.firstChild(body), single: false, opened: true });
    yield;
  }

  /** @param {Document} page @param {any} planSnapshot @param {Hooks} hooks @returns {Generator<void, {snapshot: string, cut: boolean}, void>} */
  function* steps(page, planSnapshot, hooks) {
    const plan = readPlan(planSnapshot, hooks);
    const out = new Writer();
    const root = dom.root(page);
    const lang = (root && dom.attribute(root, "lang")) || "";
    out.begin("page", ` v="1"${lang && xml.attribute("lang", lang)}`);
    out.elements += 2; // head and data
    yield* head(out, page, plan);
    yield* data(out, page, plan);
    yield* bodies(out, page, plan);
    while (out.open.length > 0) out.end();
    return { snapshot: out.parts.join(""), cut: out.cut };
  }

  /** One element by itself. @param {Element} element @param {ReturnType<typeof readPlan>} plan @returns {Generator<void, Piece|null, void>} null: beyond a limit */
  function* piece(element, plan) {
    const out = new Writer();
    yield* subtree(out, { next: element, single: true, opened: false }, plan, null);
    if (out.cut) return null;
    const text = out.parts.join("");
    return { text, bytes: xml.bytesOf(text), elements: out.elements, depth: out.depth };
  }

  return {
    VERSION: 1,

    /** Reads single elements as `take` would. @param {any} planSnapshot @param {Hooks} hooks */
    reader(planSnapshot, hooks) {
      const plan = readPlan(planSnapshot, hooks);
      return (/** @type {Element} */ element) => piece(element, plan);
    },

    /** Whether an element of this name is written with its children, by one rule for all. @param {string} localName */
    isPlain: (localName) => kindOf(localName).way === "plain",

    /**
     * @param {Document} page @param {any} planSnapshot the plan's `snapshot`
     * @param {{sliceMs?: number, stopped?: () => boolean, begins?: () => void} & Partial<Hooks>} [options] `stopped`: asked
     *   between slices and at the end; true gives up. `metField`: told of each input that is read, in frames and shadow trees too. `written`: what was read before.
     *   `begins`: called before each slice, within which nothing in the page can change
     * @returns {Promise<{snapshot: string, cut: boolean}|null>} null: given up
     */
    async take(page, planSnapshot, { sliceMs = 5, stopped = () => false, begins = () => {}, metField = () => {}, ...hooks } = {}) {
      const work = steps(page, planSnapshot, { metField, ...hooks });
      for (;;) {
        const end = performance.now() + sliceMs;
        begins();
        do {
          const { done, value } = work.next();
          if (done) return stopped() ? null : value;
        } while (performance.now() < end);
        await dom.pause();
        if (stopped()) return null;
      }
    },
  };
}
kaopu.snapshot ??= kaopuSnapshot();
