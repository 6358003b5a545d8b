// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One page while it is being read: the document, what was derived from it so far, and where
// findings are written down.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "page/buy_box.h"
#include "page/document.h"
#include "page/facts.h"
#include "page/goods_marks.h"
#include "page/microdata.h"
#include "page/page_reader.h"
#include "page/state_blobs.h"
#include "page/structured_data.h"
#include "page/url.h"

namespace kaopu {

class PageContext {
 public:
  PageContext(const Document& document, const StateBlobs::Places& places)
      : document(document), state(document, places) {}

  const Document& document;
  std::string url_text;    // what rules match against: unwrapped when the page is an archived one
  std::optional<Url> url;  // absent when the page's address is unknown or no http(s)
  std::string title;
  std::string lang;
  std::string currency;  // the platform's on this host, may be empty
  TimeMs now{};
  PageKind kind = PageKind::kOther;
  const BuyBoxRules* shop_words = nullptr;  // what shops call buttons, prices and other goods
  bool seek_buy_box = false;
  StateBlobs state;
  std::vector<std::string>* notes = nullptr;
  std::vector<ExplainLine>* explain = nullptr;

  const TypedTree& JsonLd() {
    if (!json_ld_) {
      json_ld_ = ReadJsonLd(document);
      if (!json_ld_->whole) Note("limit: JSON-LD: more than is read of one page");
    }
    return *json_ld_;
  }
  const TypedTree& Microdata() {
    if (!microdata_) {
      microdata_ = ReadMicrodata(document, url);
      if (!microdata_->whole) Note("limit: microdata: more than is read of one page");
    }
    return *microdata_;
  }
  // What of the page is about other goods. Only where `shop_words` is set.
  const OtherGoods& Others() {
    if (!others_) others_.emplace(document, *shop_words);
    return *others_;
  }
  // nullopt also on pages of a platform: its adapter knows better.
  const std::optional<BuyBox>& FoundBuyBox() {
    if (!buy_box_sought_ && seek_buy_box && shop_words != nullptr) {
      buy_box_ = FindBuyBox(document, *shop_words, Others(),
                            {url ? std::string_view(url->host) : "", lang, currency});
    }
    buy_box_sought_ = true;
    return buy_box_;
  }
  void Note(std::string text) {
    if (notes != nullptr && notes->size() < 50) notes->push_back(std::move(text));
  }

 private:
  std::optional<TypedTree> json_ld_, microdata_;
  std::optional<OtherGoods> others_;
  std::optional<BuyBox> buy_box_;
  bool buy_box_sought_ = false;
};

}  // namespace kaopu
