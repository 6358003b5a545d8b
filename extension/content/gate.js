// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Whether a page may be looked at. On hosts that no adapter knows, nothing is read but the URL and what the page declares
// itself to be in metadata, JSON-LD types and itemtype; nothing leaves the page unless these say shop.

/** @typedef {ReturnType<typeof kaopuGate>} KaopuGate */
function kaopuGate() {
  const { dom } = kaopu;
  const SHOP_TYPES = /"@type"\s*:\s*(?:"|\[[^\]]*")(?:https?:\/\/schema\.org\/)?(?:Product|ProductGroup|IndividualProduct|ProductModel|SomeProducts|Offer|AggregateOffer)"/;
  const SHOP_ITEM = /schema\.org\/(?:Product|ProductGroup|IndividualProduct|Offer|AggregateOffer)\b/i;
  const BANK_TYPES = /"@type"\s*:\s*(?:"|\[[^\]]*")(?:https?:\/\/schema\.org\/)?(?:BankOrCreditUnion|FinancialService|BankAccount|FinancialProduct|LoanOrCredit)"/;
  const SHOP_PATH = /\/(?:cart|basket|bag|checkouts?|warenkorb|kasse|panier|carrito|carrello|winkelwagen|koszyk|sepet|carrinho|kassen?|order-?confirm)(?:[/.?]|$)/i;
  const SHOP_META = 'meta[property="og:type" i][content^="product" i], meta[property^="product:price" i], meta[property^="og:price" i]';
  const JSON_LD = 'script[type^="application/ld+json" i]';
  const SECRET = 'input[type="password" i], input[autocomplete~="one-time-code" i]';
  const SCRIPT_CHARS_MAX = 262_144;

  /** @param {Document} page @param {RegExp} types */
  function declares(page, types) {
    return [...dom.findAll(page, JSON_LD)].slice(0, 50).some((script) => types.test((dom.textContent(script) ?? "").slice(0, SCRIPT_CHARS_MAX)));
  }

  /** @param {Element} element */
  function isRendered(element) {
    const { width, height } = dom.rect(element);
    return width > 1 && height > 1 && element.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }) !== false;
  }

  return {
    /** Whether a page without an adapter says that it is a shop, and does not say that it is a bank. @param {Document} page @param {string} url */
    isShop(page, url) {
      const says =
        SHOP_PATH.test(new URL(url).pathname) ||
        dom.find(page, SHOP_META) !== null ||
        [...dom.findAll(page, "[itemtype]")].slice(0, 500).some((element) => SHOP_ITEM.test(dom.attribute(element, "itemtype") ?? "")) ||
        declares(page, SHOP_TYPES);
      return says && !declares(page, BANK_TYPES);
    },

    /**
     * Whether the page shows a field for a password or a one-time code: then it is never read. A log-in form that is in
     * the document but not on the screen, as many shops have, does not count.
     * @param {Document} page
     */
    isPrivate: (page) => [...dom.findAll(page, SECRET)].slice(0, 100).some(isRendered),

    /** Whether a field is of the kind that such a page shows, seen or not. @param {Element} field */
    isSecretKind: (field) => dom.matches(field, SECRET),

    /** Whether a field that was met in a frame or a shadow tree of the page is such a one. @param {Element} field */
    isSecret: (field) => dom.matches(field, SECRET) && isRendered(field),
  };
}
kaopu.gate ??= kaopuGate();
