// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Whether the page answered a press that was repeated for the shopper: it began to leave, changed its document, or asked the
// network for something. A page that changes by itself all the time cannot be told from one that answers.

/** @typedef {ReturnType<typeof kaopuReaction>} KaopuReaction */
function kaopuReaction() {
  const { dom, ui } = kaopu;
  const LEAVING = ["beforeunload", "pagehide"];

  return {
    /**
     * To be called before the press.
     * @returns {{within: (ms: number) => Promise<boolean>, stop: () => void}} `within` waits that long at most
     */
    watch() {
      /** @type {(() => void)|null} */
      let tell = null;
      let seen = false;
      const note = () => {
        seen = true;
        tell?.();
      };
      const isPages = (/** @type {MutationRecord} */ { target, addedNodes, removedNodes }) => ![target, ...addedNodes, ...removedNodes].some(ui.isOurs);
      const changes = new MutationObserver(dom.safely((records) => records.some(isPages) && note()));
      changes.observe(document, { childList: true, attributes: true, characterData: true, subtree: true });
      const requests = new PerformanceObserver(note);
      requests.observe({ type: "resource" });
      for (const type of LEAVING) addEventListener(type, note);
      const stop = () => {
        changes.disconnect();
        requests.disconnect();
        for (const type of LEAVING) removeEventListener(type, note);
      };
      return {
        stop,
        async within(ms) {
          await new Promise((resolve) => {
            tell = () => resolve(null);
            if (seen) resolve(null);
            setTimeout(resolve, ms);
          });
          stop();
          return seen;
        },
      };
    },
  };
}
kaopu.reaction ??= kaopuReaction();
