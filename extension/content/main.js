// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What happens in a page, in order: ask what matters here, read the page when it is there and when it changed, show what
// the host found, hold a press where there is something to ask. Whatever fails, the page goes on as if we were not there.

function kaopuMain() {
  const { dom, gate, snapshot, ahead, rehearsal, buttons, hold, reaction, badge, dialog, shield, place } = kaopu;
  const RECHECK_AFTER_MS = [150, 400, 1000, 2000, 4000, 8000, 15_000, 30_000]; // while content keeps coming; then every so often
  const RECHECK_LATER_MS = 30_000;
  const COVER_AFTER_MS = 200; // express-pay frames that come later
  const SAME_VIEW_CHECKS = 3; // a new query looks again after 2 s at the latest
  const AGAIN_AFTER_MS = [2500, 15_000]; // for a plan or an answer that did not come
  const FAILED = ["timeout", "error"]; // of an answer, for a reason that may pass
  const PENDING_HOLD_MS = 2000; // a first or a late answer of the host is there by then
  const REACTION_MS = 1200; // a page that has not answered a press by then is said to have done nothing
  const [SAYS_SHOP_AFTER_MS, SAYS_SHOP_TRIES] = [60, 20];
  const LINKS_MAX = 2000;
  const HOSTS_AT_ONCE = 256; // about 2 ms of asking
  const [ROOTS_MAX, ADDED_MAX] = [100, 256];
  const GONE_AFTER_MS = 1000; // how often is looked whether a field for a secret is still there
  const SHOWN_KINDS = ["product", "shop", "cart", "checkout"];
  const SAID_STATUS = ["no_host", "old_host", "old_extension"];
  const OBSERVED = { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["href", "content", "value"] };
  const READ_TYPES = ["text/html", "application/xhtml+xml"];
  const inFrame = window !== window.top;

  /** @type {any} the background's answer to "plan" */
  let info = null;
  /** @type {Plan|null} */
  let plan = null;
  /** @type {ReturnType<KaopuButtons["read"]>} */
  let rules = [];
  /** Of the page as it stands at this address; a new one with every address. */
  let state = freshState();
  let planTries = 0;
  let running = false;
  let again = /** @type {{force: boolean}|null} */ (null);
  /** @type {{of: Plan, reading: ReturnType<KaopuAhead["read"]>}|null} while the page loads */
  let early = null;
  /** @type {MutationObserver|null} */
  let observer = null;
  let covering = /** @type {any} */ (0);
  const added = /** @type {Node[]} */ ([]); // since, as far as they are looked into
  const allowed = new Set();

  function freshState() {
    return {
      url: location.href,
      checks: 0,
      failures: 0,
      timer: /** @type {any} */ (0),
      last: "",
      reply: /** @type {Reply|null} */ (null),
      status: "", // "" = no answer yet
      lifted: false, // the shopper went on here
      thorough: false, // there are closed shadow roots where they are rare
      roots: /** @type {ShadowRoot[]} */ ([]), // of this document, as far as met
      secret: /** @type {{fields: Element[]}|null} */ (null), // the page shows a field for a secret; those met outside the document itself
      looking: false, // whether it still does
      waited: false, // a press waited for the answer once already
      waiting: /** @type {(() => void)[]} */ ([]),
    };
  }

  const wording = () => ({ table: info?.words ?? {}, language: String(info?.language ?? "en") });
  /** @param {any} value @returns {any[]} */
  const list = (value) => (Array.isArray(value) ? value : []);

  // ---- asking ---------------------------------------------------------------------------------------------------------

  /** @param {boolean} [force] the page is asked about again even where nothing changed in it */
  async function load(force = false) {
    const answer = await dom.ask({ type: "plan", host: location.hostname, url: location.href });
    if (!answer) return silence();
    info = answer;
    for (const key of list(answer.allowed_today)) allowed.add(key);
    if (!answer.enabled || answer.paused || (inFrame && !answer.plan)) return silence();
    if (!answer.plan && !answer.generic) {
      silence();
      const delay = AGAIN_AFTER_MS[planTries++];
      if (delay !== undefined) setTimeout(dom.safely(() => void load(force)), delay);
      return;
    }
    choosePlan();
    applyHold();
    rehearse();
    void readAhead();
    whenParsed(() => {
      watch();
      void check(force);
    });
  }

  /** Where a page that will be read still loads. */
  function rehearse() {
    const isParsed = () => dom.readyState(document) !== "loading";
    if (plan && !isParsed()) void rehearsal.reading(plan.snapshot, isParsed).catch((error) => console.debug("kaopu", error));
  }

  /** As soon as it is known that the page will be read, which a page of a host without an adapter says itself. */
  async function readAhead() {
    const stopped = () => dom.readyState(document) !== "loading";
    for (let tries = 0; !plan && tries < SAYS_SHOP_TRIES && !stopped(); tries++) {
      await dom.wait(SAYS_SHOP_AFTER_MS);
      choosePlan();
    }
    if (plan && !early && !stopped()) early = { of: plan, reading: ahead.read(document, plan.snapshot, { stopped, isSecret: gate.isSecretKind }) };
  }

  function forgetAhead() {
    early?.reading.end();
    early = null;
  }

  /** As soon as the whole page is there, before its own deferred scripts run. @param {() => void} then */
  function whenParsed(then) {
    if (dom.readyState(document) !== "loading") return then();
    const parsed = dom.safely(() => {
      removeEventListener("readystatechange", parsed, { capture: true });
      then();
    });
    addEventListener("readystatechange", parsed, { capture: true }); // it does not bubble, but it comes by
  }

  function choosePlan() {
    const next = info?.plan ?? (info?.generic && gate.isShop(document, location.href) ? info.generic : null);
    if (next !== plan) rules = buttons.read(next?.buttons);
    plan = next;
  }

  /** Reads the page and asks; one at a time, the newest wins. @param {boolean} [force] also where nothing changed */
  async function check(force = false) {
    if (running) {
      again = { force: force || again?.force === true };
      return;
    }
    running = true;
    const here = state;
    try {
      await checkOnce(here, force);
    } catch (error) {
      console.debug("kaopu", error);
    }
    running = false;
    if (again) {
      const next = again.force;
      again = null;
      void check(next);
    } else if (here === state) {
      apply();
      if (FAILED.includes(here.status)) askAgainLater();
    }
  }

  /** The host was too slow or is gone: it may be there soon, and no change of the page would make us ask. */
  function askAgainLater() {
    const here = state;
    const delay = AGAIN_AFTER_MS[here.failures++];
    if (delay !== undefined) setTimeout(dom.safely(() => here === state && FAILED.includes(here.status) && void check()), delay);
  }

  /** @param {ReturnType<typeof freshState>} here @param {boolean} force */
  async function checkOnce(here, force) {
    choosePlan();
    if (!plan || !info?.enabled || info.paused) return forgetAhead();
    const fields = /** @type {Element[]} */ ([]);
    const metField = (/** @type {Element} */ field) => void (gate.isSecret(field) && fields.push(field));
    const read = early?.of === plan ? early.reading : null;
    const hosts = /** @type {Element[]} */ ([]);
    const metHost = (/** @type {Element} */ host, /** @type {unknown} */ has) => void ((here.thorough && !has) || hosts.push(host));
    const written = read ? (/** @type {Element} */ element) => read.written(element, metField, (host) => metHost(host, false)) : undefined;
    const hooks = here.thorough ? { metField, metHost } : { metField, metHost, written, rootOf: dom.likelyShadowRoot, begins: read?.look };
    const isPrivate = gate.isPrivate(document);
    const taken = isPrivate ? null : await snapshot.take(document, plan.snapshot, { stopped: () => fields.length > 0 || here !== state, ...hooks });
    forgetAhead();
    if (here !== state) return;
    if (isPrivate || fields.length > 0 || gate.isPrivate(document)) return leaveUnread(here, fields); // it may have come while the page was read
    const wasSecret = here.secret !== null;
    here.secret = null;
    if (!taken) return;
    if (force || wasSecret || FAILED.includes(here.status) || taken.snapshot !== here.last) await judge(here, taken);
    void lookForRoots(here, hosts).catch((error) => console.debug("kaopu", error));
  }

  /** Asks what is to be said of a page. @param {ReturnType<typeof freshState>} here @param {{snapshot: string, cut: boolean}} taken */
  async function judge(here, taken) {
    const root = dom.root(document);
    const answering = dom.ask({
      type: "check",
      url: here.url,
      title: title(),
      lang: ((root && dom.attribute(root, "lang")) ?? "").slice(0, 50),
      snapshot: taken.snapshot,
      cut: taken.cut,
      snapshot_version: snapshot.VERSION,
    });
    if (here.status === "") badge.prepare(wording()); // while the page waits for the answer anyway
    const answer = await answering;
    if (here !== state) return;
    if (!answer) return silence();
    here.status = String(answer.status);
    if (answer.status === "ok") {
      here.last = taken.snapshot;
      here.reply = answer.reply;
      here.failures = 0;
    }
    if (!isAwaited(here)) for (const done of here.waiting.splice(0)) done();
  }

  /**
   * After the answer, because it takes long: which shadow trees there are, to be watched and searched for buttons. Where there are closed ones of common elements
   * with children of their own, which the reading took for having none, the page is read again, with them.
   * @param {ReturnType<typeof freshState>} here @param {Element[]} hosts
   */
  async function lookForRoots(here, hosts) {
    const roots = /** @type {ShadowRoot[]} */ ([]);
    for (let i = 0; i < hosts.length; i++) {
      if (i % HOSTS_AT_ONCE === 0) await dom.rest();
      if (here !== state) return;
      const host = /** @type {Element} */ (hosts[i]);
      const root = dom.shadowRoot(host);
      if (root && root.ownerDocument === document) roots.push(root);
      if (here.thorough || root === dom.likelyShadowRoot(host)) continue;
      here.thorough = true;
      return void check();
    }
    keepRoots(here, roots);
  }

  /** No observer of the document sees into shadow trees: each has its own. @param {ReturnType<typeof freshState>} here @param {ShadowRoot[]} roots */
  function keepRoots(here, roots) {
    const known = new Set(here.roots);
    here.roots = roots.slice(0, ROOTS_MAX);
    const fresh = here.roots.filter((root) => !known.has(root));
    if (here !== state || (fresh.length === 0 && here.roots.length === known.size)) return;
    for (const root of fresh) observer?.observe(root, OBSERVED);
    apply();
  }

  /**
   * The page shows a field for a secret: nothing of it leaves, and the popup can say so. What was found before the field came stands; once it is gone the
   * page is looked at again. @param {ReturnType<typeof freshState>} here @param {Element[]} fields
   */
  function leaveUnread(here, fields) {
    const isNew = here.secret === null;
    here.secret = { fields };
    if (!here.looking) lookWhetherGone(here);
    const isSaid = here.reply !== null || here.status === "" || FAILED.includes(here.status);
    if (!isNew || !isSaid) return;
    if (!here.reply) here.status = "private";
    void dom.ask({ type: "unread", url: here.url });
    for (const done of here.waiting.splice(0)) done();
  }

  /** No mutation needs to tell of it: a style may hide it. @param {ReturnType<typeof freshState>} here */
  function lookWhetherGone(here) {
    here.looking = true;
    setTimeout(dom.safely(() => {
      here.looking = false;
      if (here !== state || !here.secret || !plan) return;
      const isThere = gate.isPrivate(document) || here.secret.fields.some((field) => dom.isConnected(field) && gate.isSecret(field));
      if (document.visibilityState !== "hidden" && !isThere) void check();
      lookWhetherGone(here);
    }), GONE_AFTER_MS);
  }

  function title() {
    const element = dom.find(document, "head title");
    return ((element && dom.textContent(element)) ?? "").slice(0, 1000);
  }

  /** Nothing is held, nothing is shown. */
  function silence() {
    plan = null;
    forgetAhead();
    clearTimeout(state.timer);
    observer?.disconnect();
    observer = null;
    hold.set(null);
    shield.cover([], wording(), () => {});
    dialog.dismiss();
    badge.clear();
  }

  // ---- when -----------------------------------------------------------------------------------------------------------

  function watch() {
    if (observer) return;
    observer = new MutationObserver(dom.safely(mutated));
    addEventListener("toggle", toggled, { capture: true, passive: true }); // a dialog or popover that opened may hold what to press
    // Frameworks change a page in place: a link's address, a text. Our own UI stands in a closed shadow root and is not seen here.
    for (const page of [document, ...state.roots]) observer.observe(page, OBSERVED);
  }

  const toggled = dom.safely(() => void (plan && state.reply && apply()));

  /** @param {MutationRecord[]} records */
  function mutated(records) {
    if (location.href !== state.url) return navigated();
    const changed = records.filter(({ type, addedNodes }) => type !== "childList" || (addedNodes.length > 0 && !kaopu.ui.isOurs(addedNodes[0])));
    if (changed.length === 0) return;
    coverLater(changed.flatMap(({ addedNodes }) => [...addedNodes]));
    recheckLater();
  }

  /** Without reading the page again: what came may be a button or a frame to be held, or have a shadow tree with one. @param {Node[]} nodes */
  function coverLater(nodes) {
    if (nodes.length === 0 || !asks()) return;
    const room = ADDED_MAX - added.length;
    if (room > 0) added.push(...nodes.slice(0, room));
    covering ||= setTimeout(dom.safely(() => {
      covering = 0;
      const came = added.splice(0).flatMap((node) => {
        if (dom.nodeType(node) !== Node.ELEMENT_NODE || !dom.isConnected(node)) return [];
        const element = /** @type {Element} */ (node);
        return [element, ...[...dom.findAllIn(element, "*")].slice(0, ADDED_MAX)];
      });
      if (!asks()) return;
      const roots = came.slice(0, 4 * ADDED_MAX).map(dom.likelyShadowRoot).filter((root) => root !== null && !state.roots.includes(root));
      if (roots.length > 0) keepRoots(state, [...state.roots, .../** @type {ShadowRoot[]} */ (roots)]);
      else applyHold();
    }), COVER_AFTER_MS);
  }

  function recheckLater() {
    if (state.timer || dom.readyState(document) === "loading") return;
    const delay = RECHECK_AFTER_MS[state.checks++] ?? RECHECK_LATER_MS;
    const here = state;
    state.timer = setTimeout(dom.safely(() => {
      here.timer = 0;
      if (here === state && document.visibilityState !== "hidden") void check(); // what changes unseen is read when it changes next
    }), delay);
  }

  /**
   * The address changed without a new document. Where only query or fragment did, the answer stands until the next one comes: a page
   * that rewrites its query all the time must not escape being judged, nor be checked more often than every two seconds for it.
   */
  function navigated() {
    if (location.href === state.url) return;
    if (view(location.href) === view(state.url)) {
      state.url = location.href;
      state.last = "";
      state.lifted = false;
      state.checks = Math.min(state.checks, SAME_VIEW_CHECKS);
      recheckLater();
      return;
    }
    clearTimeout(state.timer);
    const before = state;
    state = freshState();
    for (const done of before.waiting) done();
    dialog.dismiss();
    badge.clear();
    apply();
    recheckLater();
  }

  /** @param {string} url */
  const view = (url) => url.split(/[?#]/, 1)[0];

  // ---- showing --------------------------------------------------------------------------------------------------------

  function apply() {
    applyHold();
    if (!inFrame) place.whenLaidOut(applyBadge);
  }

  function applyBadge() {
    const { reply, status } = state;
    const look = wording();
    const actions = { open: (/** @type {string} */ what) => void dom.ask({ type: "open", what }) };
    const isShop = SHOWN_KINDS.includes(reply?.facts?.page_kind) && reply?.facts?.platform !== "none";
    if (plan && reply && isShop) {
      badge.show(JSON.stringify([look.language, reply]), look.language, anchor(), () => badge.build(reply, look, actions));
    } else if (plan && !reply && SAID_STATUS.includes(status)) {
      badge.show(`${look.language} ${status}`, look.language, anchor(), () => badge.buildStatus(status, look, actions));
    } else if (status !== "") {
      badge.clear();
    }
  }

  function anchor() {
    const byRules = buttons.ofRoles(rules, ["buy", "cart", "checkout", "place_order"]).map((rule) => rule.css).filter(Boolean);
    const pages = [document, ...state.roots];
    return place.firstVisible(pages, plan?.badge?.near) ?? place.firstVisible(pages, byRules);
  }

  // ---- holding --------------------------------------------------------------------------------------------------------

  /** The sellers the question is about. @param {Reply} reply @returns {any[]} */
  function asked(reply) {
    const verdicts = reply.hold?.why === "watch_out_value" ? ["danger", "watch_out"] : ["danger"];
    return [reply.seller, ...list(reply.sellers).filter((entry) => verdicts.includes(entry?.verdict)).map((entry) => entry.seller)].filter(Boolean);
  }

  /** @param {Reply} reply */
  function isAllowed(reply) {
    const sellers = asked(reply);
    return state.lifted || (sellers.length > 0 && sellers.every((seller) => allowed.has(markOf(seller))));
  }

  /** What a seller is remembered by today: the key, without one the name it has on this host. @param {any} seller @returns {string|null} */
  function markOf({ key, name }) {
    if (typeof key === "string") return key;
    return typeof name === "string" && name !== "" ? `${location.hostname} ${name}` : null;
  }

  function asks() {
    const { reply } = state;
    return plan !== null && reply !== null && reply.hold?.ask === true && !isAllowed(reply);
  }

  /** No answer yet; one that did not come in time may still come. @param {ReturnType<typeof freshState>} of */
  const isAwaited = ({ status, reply }) => !reply && (status === "" || status === "timeout");

  /** Where a press may wait for the answer: only at a seller already known as dangerous. */
  const isPending = () => plan !== null && isAwaited(state) && !state.waited && list(info?.known_danger?.sellers).length > 0;

  function applyHold() {
    const roles = asks() ? list(state.reply?.hold?.roles) : isPending() ? ["buy", "cart", "checkout", "place_order"] : [];
    const held = buttons.ofRoles(rules, roles);
    if (held.length === 0 || (inFrame && (innerWidth < 300 || innerHeight < 240))) hold.set(null);
    else if (asks()) hold.set({ rules: held, wants: () => true, held: (gesture) => question(gesture) });
    else hold.set({ rules: held, wants: isKnownDanger, held: (gesture) => void waitForAnswer(gesture) });
    shield.cover(asks() ? covered(held) : [], wording(), walletPressed);
    if (held.length === 0) return;
    for (const page of [document, ...state.roots]) for (const frame of buttons.findIn(page, "iframe")) holdInFrame(frame);
  }

  /** What swallows its presses: payment elements, and any button in a tree that tells nobody what was pressed in it. @param {ReturnType<KaopuButtons["read"]>} held */
  function covered(held) {
    const wallets = buttons.ofRoles(held, ["wallet"]);
    const pages = [document, ...state.roots];
    return [...pages.flatMap((page) => buttons.all(wallets, page)), ...state.roots.filter(buttons.isHidden).flatMap((root) => [...buttons.all(held, root), ...buttons.allIn(held, root)])];
  }

  /** A frame of the page's own origin is part of the page. @param {Element} frame */
  function holdInFrame(frame) {
    const inner = dom.frameDocument(frame) && dom.frameWindow(frame);
    if (inner) hold.install(inner);
  }

  /** @param {Element} element @param {MouseEvent} event */
  function walletPressed(element, event) {
    const { clientX, clientY } = event;
    question({ target: element, form: null, submitter: null, init: { clientX, clientY } }, shield.isClosed(element));
  }

  /** @param {Parameters<KaopuHold["replay"]>[0]} gesture @param {boolean} [closed] the press cannot be repeated */
  function question(gesture, closed = false) {
    const { reply } = state;
    if (!reply || dialog.isOpen()) return;
    const here = state;
    const say = (/** @type {string} */ key) => here === state && dialog.note(key, wording(), gesture.target);
    const on = () => {
      goOn(reply);
      if (closed) return void say("dialog_note_again");
      const answered = reaction.watch();
      if (hold.replay(gesture)) {
        void answered.within(REACTION_MS).then((seen) => seen || say("dialog_note_nothing"));
      } else {
        answered.stop();
        say("dialog_note_nothing");
      }
    };
    dialog.ask(reply, wording(), { back: () => {}, on, again: closed });
  }

  /** @param {Reply} reply */
  function goOn(reply) {
    state.lifted = true;
    for (const seller of asked(reply)) {
      const mark = markOf(seller);
      if (mark === null || allowed.has(mark)) continue;
      allowed.add(mark);
      void dom.ask({ type: "went_on", seller_key: seller.key ?? null, seller_name: seller.name ?? null });
    }
    applyHold();
  }

  /** A press before the answer: it waits a moment, then the page has it back. @param {Parameters<KaopuHold["replay"]>[0]} gesture */
  async function waitForAnswer(gesture) {
    if (state.waited) return;
    state.waited = true;
    const here = state;
    await new Promise((resolve) => {
      here.waiting.push(() => resolve(null));
      setTimeout(resolve, PENDING_HOLD_MS);
    });
    if (here !== state) return;
    applyHold();
    if (asks()) question(gesture);
    else hold.replay(gesture);
  }

  /** Whether this page's seller is one found dangerous in this browser session, as far as can be told without the host. */
  function isKnownDanger() {
    const sellers = list(info?.known_danger?.sellers).filter(({ key }) => !allowed.has(key));
    const host = location.hostname;
    if (sellers.some(({ key }) => key.startsWith("web:") && `.${host}`.endsWith(`.${key.slice(4)}`))) return true;
    const names = new Set(sellers.map(({ name }) => String(name ?? "").trim()).filter((name) => name.length > 1));
    const ids = sellers.map(({ key }) => key.split(":").at(-1)).filter((id) => id.length > 4 && !id.includes("."));
    const inAddress = (/** @type {string} */ address) => ids.some((id) => address.split(/[^A-Za-z0-9_-]+/).includes(id));
    if (inAddress(location.href)) return true;
    return [...dom.findAll(document, "a[href]")].slice(0, LINKS_MAX).some((link) => names.has(buttons.rawText(link)) || inAddress(dom.attribute(link, "href") ?? ""));
  }

  // ---- start ----------------------------------------------------------------------------------------------------------

  /** @param {any} message */
  function told(message) {
    if (message?.type === "navigated") navigated();
    if (message?.type === "refresh") void load(true);
  }

  /** A frame of the parent's own origin is read and held by the parent's script. */
  function isPartOfParent() {
    try {
      return inFrame && Boolean(window.parent.document);
    } catch {
      return false;
    }
  }

  return {
    start() {
      if (isPartOfParent() || !READ_TYPES.includes(document.contentType)) return;
      hold.install(window);
      chrome.runtime.onMessage.addListener(dom.safely(told));
      addEventListener("pageshow", dom.safely((event) => event.persisted && void load(true)));
      void load();
    },
  };
}
if (!kaopu.started) {
  kaopu.started = true;
  kaopu.dom.safely(() => kaopuMain().start())();
}
