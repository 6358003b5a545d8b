// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What runs for the first time in a page is slow: nothing is compiled, no kind of element was met before. So, while a shop's
// page still loads, reading is rehearsed on small documents of our own, which show nothing and load nothing. The real reading takes
// about half as long then, and it is that one which a shopper waits for.

/** @typedef {ReturnType<typeof kaopuRehearsal>} KaopuRehearsal */
function kaopuRehearsal() {
  const { dom, snapshot } = kaopu;
  const ROUNDS = 8; // a few ms each
  const TAGS = ("div span a p ul li img h1 h2 h3 form label input select option button textarea table tbody tr td section article header footer nav main aside strong b em i "
    + "br dl dt dd iframe meta link script style").split(" ");
  const EMPTY = new Set("img input textarea br iframe meta link script style".split(" "));
  const ATTRIBUTES = [["class", "one two"], ["id", "x"], ["data-x", "字 & <"], ["href", "/a?b=1&c=2"], ["property", "x"], ["value", "x"]];

  /** A document with every common element, nested in odd rounds. @param {number} round */
  function stage(round) {
    const page = dom.newDocument();
    let at = /** @type {Element} */ (dom.body(page));
    for (const tag of TAGS) {
      const element = dom.createIn(page, tag);
      for (const [name = "", value = ""] of ATTRIBUTES) dom.setAttribute(element, name, value);
      dom.appendChild(element, dom.createText(page, round % 2 ? "text  & more" : "字  ä"));
      dom.appendChild(at, element);
      if (round % 2 && !EMPTY.has(tag)) at = element;
    }
    return page;
  }

  return {
    /** Until it is known or `stopped` says that the page waits. @param {any} planSnapshot @param {() => boolean} stopped */
    async reading(planSnapshot, stopped) {
      const stages = /** @type {Document[]} */ ([]);
      for (let round = 0; round < ROUNDS && !stopped(); round++) {
        await snapshot.take((stages[round % 2] ??= stage(round)), planSnapshot, { stopped });
        await dom.rest();
      }
    },
  };
}
kaopu.rehearsal ??= kaopuRehearsal();
