#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The Kaopu authors
"""The python peer of the steps benchmark (page_bench.cc): lxml for the tree and the fields that cheerio_host.mjs looks for,
extruct for JSON-LD, microdata and OpenGraph where it is installed (python3-extruct), else the same by XPath."""
import json
import re
import struct
import sys
import time

import lxml.etree
import lxml.html

try:
    from extruct.jsonld import JsonLdExtractor
    from extruct.opengraph import OpenGraphExtractor
    from extruct.w3cmicrodata import MicrodataExtractor
    EXTRACTORS = [JsonLdExtractor(), MicrodataExtractor(), OpenGraphExtractor()]
except ImportError:
    EXTRACTORS = []

PROMISE = re.compile(r"(\d+)\s*(?:小时|天|hours?|days?|business days|Werktage|jours)[^。.;]{0,12}(?:发货|送达|ship|deliver|dispatch|Versand|livr)", re.I)
PRICE = re.compile(r"(?:[¥￥$€£]|US\s?\$|EUR|USD|CNY|RMB)\s?\d[\d.,]*")
CHALLENGE = re.compile(r"captcha|robot check|are you a (?:human|robot)|滑动验证", re.I)
TERMS = [re.compile(t, re.I) for t in ("最终解释权", "概不退换", r"no refunds?\b", "deemed (?:accepted|acceptance)", "加微信|私下转账|wire transfer only")]


def has(name):
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


FIELDS = {
    "seller_id": ["//input[@name='merchantID']", "//*[@id='merchantID']", "//*[@data-seller-id]", "//*[@data-shop-id]"],
    "seller_name": ["//*[@id='sellerProfileTriggerId']", f"//*[{has('tb-shop-name')}]//a", f"//a[{has('slogo-shopname')}]",
                    "//*[@itemprop='seller']//*[@itemprop='name']"],
    "price": [f"//*[{has('p-price')}]//*[{has('price')}]", "//*[@id='J_StrPrice']", f"//*[{has('tm-price')}]", "//*[@id='priceblock_ourprice']",
              f"//*[{has('a-price')}]//*[{has('a-offscreen')}]", "//*[@itemprop='price']", "//meta[@property='product:price:amount']"],
    "title": ["//*[@id='productTitle']", "//h1", "//meta[@property='og:title']", "//*[@itemprop='name']"],
    "ratings": [f"//*[{has('tb-shop-rate')}]//dl", f"//*[{has('shop-rate')}]//li", "//*[@id='acrPopover']", "//*[@itemprop='ratingValue']"],
}
QUERIES = {field: [lxml.etree.XPath(path) for path in paths] for field, paths in FIELDS.items()}


def extract(tree):
    facts = {}
    for extractor in EXTRACTORS:
        try:
            facts[type(extractor).__name__] = extractor.extract_items(tree)
        except Exception:  # a broken block is no facts
            pass
    if not EXTRACTORS:
        for script in tree.xpath("//script[@type='application/ld+json']"):
            try:
                facts.setdefault("jsonld", []).append(json.loads(script.text or ""))
            except ValueError:
                pass
        facts["og"] = {m.get("property"): m.get("content") for m in tree.xpath("//meta[@property]")}
        facts["microdata"] = [(e.get("itemprop"), e.get("content") or "".join(e.itertext())[:200]) for e in tree.xpath("//*[@itemprop]")]
    for field, queries in QUERIES.items():
        for query in queries:
            hits = query(tree)
            if hits:
                facts[field] = hits[0].get("content") or hits[0].get("value") or "".join(hits[0].itertext()).strip()
                break
    bodies = tree.xpath("//body")
    text = re.sub(r"\s+", " ", "".join(bodies[0].itertext())) if bodies else ""
    facts["promises"] = PROMISE.findall(text)
    facts["prices"] = PRICE.findall(text)[:50]
    facts["terms"] = [t.pattern for t in TERMS if t.search(text)]
    facts["kind"] = "challenge" if CHALLENGE.search(text[:5000]) else "product" if facts.get("price") else "other"
    return facts


def steps(request):
    if "file" in request:
        with open(request["file"], "rb") as file:
            data = file.read()
        begin = time.perf_counter()
        tree = lxml.html.fromstring(data)
    else:
        data = request["snapshot"].encode()
        begin = time.perf_counter()
        tree = lxml.etree.fromstring(data, lxml.etree.XMLParser(huge_tree=True))
    read = time.perf_counter() - begin
    extract(tree)
    return {"bytes": len(data), "read_ms": read * 1e3, "facts_ms": (time.perf_counter() - begin) * 1e3}


def main():
    frames, out = sys.stdin.buffer, sys.stdout.buffer
    while len(header := frames.read(4)) == 4:
        request = json.loads(frames.read(struct.unpack("=I", header)[0]))
        try:
            reply = {"ok": True} if "op" in request else steps(request)
        except Exception as error:
            reply = {"error": str(error)}
        body = json.dumps(reply).encode()
        out.write(struct.pack("=I", len(body)) + body)
        out.flush()


main()
