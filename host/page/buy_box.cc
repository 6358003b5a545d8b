// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/buy_box.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "page/price.h"
#include "page/rule.h"
#include "page/text.h"
#include "page/url.h"

namespace kaopu {
namespace {

constexpr size_t kLabelBytesMax = 60;
constexpr size_t kMoneyTextBytesMax = 400;
constexpr size_t kControlsMax = 200;
constexpr size_t kBlockBytesMax = 6'000;
constexpr size_t kBlockNodesMax = 2'000;
constexpr ElementId kNearElements = 60;   // between a control and the amount it belongs to
constexpr int kCardsOfAList = 3;          // so many blocks of one shape are a list of goods
constexpr size_t kLabelBeforeBytes = 48;  // how far before an amount its name may stand
constexpr size_t kRateBytes = 24;         // how far behind it "/ 100 g" may stand

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

// An amount with its currency, as it stands in running text. The currency goes before or behind.
// RE2's \b knows ASCII letters alone: behind "zł" or "руб" it would ask for one.
const RE2& MoneyPattern() {
  static const RE2 pattern(
      R"(((?:US|CA|AU|NZ|HK|NT|R|S|C|A)?\$|[€£¥￥₩₹฿₪₫₽₺₱₴₸]|\b(?:USD|EUR|GBP|CNY|RMB|JPY|AUD|CAD|CHF|SEK|NOK|DKK|PLN|Rs\.?|Kč|Fr\.)|NT\$)\s?[0-9０-９][0-9０-９.,'’ ]*|)"
      R"([0-9０-９][0-9０-９.,'’]*(?:[ \x{a0}\x{2009}\x{202f}][0-9]{3})*(?:[.,][0-9–-]{1,2})?[\s\x{a0}\x{202f}]?(?:[€£¥￥₩₹฿₪₫₽₺₴₸]|(?:USD|EUR|Euro|GBP|CNY|JPY|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|UAH|kr|zł|Kč|Ft|lei|TL|руб|грн|лв|дин|ден|тг)(?:[^\pL\pN]|$)|元|円|원|บาท|đ(?:[^\pL\pN]|$)))");
  return pattern;
}

bool HasDigit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Whether the amount is more than nothing: "Cart: £0.00" is no price.
bool IsMoney(std::string_view text) {
  return HasDigit(text) && text.size() <= kMoneyTextBytesMax &&
         text.find_first_of("123456789") != std::string_view::npos &&
         RE2::PartialMatch(Piece(text), MoneyPattern());
}

// Elements in document order with what one needs to ask "is this inside that".
class Outline {
 public:
  explicit Outline(const Document& document) : document_(document) {
    const auto count = static_cast<ElementId>(document.element_count());
    parent_.resize(count, kNone);
    end_.resize(count, count);
    std::vector<ElementId> open;
    for (ElementId id = 0; id < count; ++id) {
      const pugi::xml_node above = document.Element(id).parent();
      while (!open.empty() && document.Element(open.back()) != above) {
        end_[open.back()] = id;
        open.pop_back();
      }
      if (!open.empty()) parent_[id] = open.back();
      open.push_back(id);
      if (HasOwnMoney(document.Element(id))) money_.push_back(id);
    }
  }

  static constexpr ElementId kNone = UINT32_MAX;
  ElementId Parent(ElementId id) const { return parent_[id]; }
  ElementId End(ElementId id) const { return end_[id]; }
  const std::vector<ElementId>& money() const { return money_; }

  // Elements with an amount in [begin, end).
  bool MoneyIn(ElementId begin, ElementId end) const {
    const auto at = std::ranges::lower_bound(money_, begin);
    return at != money_.end() && *at < end;
  }
  bool MoneyNear(ElementId id) const {
    return MoneyIn(id > kNearElements ? id - kNearElements : 0, id + kNearElements);
  }

 private:
  static bool HasOwnMoney(pugi::xml_node node) {
    for (pugi::xml_node child : node.children()) {
      if (child.type() != pugi::node_pcdata) continue;
      const std::string_view text = child.value();
      if (IsMoney(text)) return true;
      // "$" and "499" in elements of their own.
      const std::string_view mark = TrimAscii(text);
      if (mark == "$" || mark == "€" || mark == "£" || mark == "¥" || mark == "￥") return true;
    }
    return false;
  }

  const Document& document_;
  std::vector<ElementId> parent_, end_, money_;
};

class Finder {
 public:
  Finder(const Document& document, const BuyBoxRules& rules, const OtherGoods& others,
         const BuyBoxPlace& place)
      : document_(document), rules_(rules), others_(others), place_(place), outline_(document) {}

  std::optional<BuyBox> Run() {
    if (outline_.money().empty()) return std::nullopt;
    CollectControls();
    std::map<std::string, int> shapes;
    std::vector<ElementId> blocks;
    for (const ElementId control : controls_) {
      const ElementId block = BlockOf(control);
      blocks.push_back(block);
      // Two buttons of one thing (now, later) share their block.
      if (block != Outline::kNone && std::ranges::count(blocks, block) == 1) ++shapes[Shape(block)];
    }
    for (size_t i = 0; i < controls_.size(); ++i) {
      if (blocks[i] == Outline::kNone || shapes[Shape(blocks[i])] >= kCardsOfAList) continue;
      BlockPrice found = PriceInBlock(document_.Element(blocks[i]), rules_, others_, place_);
      return BuyBox{controls_[i], blocks[i], std::move(found.price), found.clear};
    }
    return std::nullopt;
  }

 private:
  void CollectControls() {
    std::vector<ElementId> found;
    const auto take = [&](ElementId id) {
      if (found.size() < 20 * kControlsMax) found.push_back(id);
      return true;
    };
    for (const std::string_view tag : {"button", "input", "a"}) {
      if (const auto* entry = document_.tags().Find(tag)) document_.tags().ForEach(*entry, take);
    }
    // Buttons made of anything else say so in their class.
    for (const TokenIndex::Entry& entry : document_.classes().entries()) {
      if (entry.token.size() > 80 || entry.count > 100) continue;
      const bool button =
          ContainsIgnoringCase(entry.token, "btn") || ContainsIgnoringCase(entry.token, "button") ||
          ContainsIgnoringCase(entry.token, "buy") || ContainsIgnoringCase(entry.token, "cart");
      if (button) document_.classes().ForEach(entry, take);
    }
    std::ranges::sort(found);
    const auto tail = std::ranges::unique(found);
    found.erase(tail.begin(), tail.end());
    for (const ElementId id : found) {
      if (controls_.size() >= kControlsMax) return;
      if (outline_.MoneyNear(id) && Buys(document_.Element(id))) controls_.push_back(id);
    }
  }

  bool Buys(pugi::xml_node node) const {
    const std::string_view tag = node.name();
    const std::string type = ToLowerAscii(node.attribute("type").value());
    const bool input = tag == "input";
    if (input && type != "submit" && type != "button" && type != "image") return false;
    const std::string_view href = node.attribute("href").value();
    const bool to_cart = Finds(rules_.target, href);
    if (tag == "a" && !to_cart && LeadsElsewhere(href)) return false;
    if (RE2::FullMatch(Piece(LabelOf(node)), *rules_.label)) return true;
    if (tag != "a" && tag != "button" && !input) return false;
    if (to_cart || Finds(rules_.names, MarksOf(node))) return true;
    if (tag == "a") return false;
    // The only submit button of a form that puts things in the cart.
    for (pugi::xml_node up = node.parent(); up; up = up.parent()) {
      if (std::string_view(up.name()) != "form") continue;
      return type != "button" && Finds(rules_.target, up.attribute("action").value());
    }
    return false;
  }

  std::string LabelOf(pugi::xml_node node) const {
    if (std::string_view(node.name()) == "input") {
      for (const char* key : {"value", "alt", "title"}) {
        const std::string text = FoldSpace(CutUtf8(node.attribute(key).value(), kLabelBytesMax));
        if (!text.empty()) return text;
      }
      return {};
    }
    std::string text = document_.Text(node, kLabelBytesMax);
    if (text.size() > kLabelBytesMax) return {};
    if (!text.empty()) return text;
    for (const char* key : {"aria-label", "title"}) {
      text = FoldSpace(CutUtf8(node.attribute(key).value(), kLabelBytesMax));
      if (!text.empty()) return text;
    }
    for (pugi::xml_node child = node.first_child(); child; child = child.first_child()) {
      if (std::string_view(child.name()) == "img") return FoldSpace(child.attribute("alt").value());
    }
    return {};
  }

  bool LeadsElsewhere(std::string_view href) const {
    const auto url = ParseUrl(href);
    if (!url || place_.host.empty()) return false;
    return RegistrableDomain(url->host).value_or(url->host) !=
           RegistrableDomain(place_.host).value_or(std::string(place_.host));
  }

  // The smallest element around the control that holds an amount; none for a control among other
  // goods.
  ElementId BlockOf(ElementId control) const {
    ElementId block = Outline::kNone;
    for (ElementId id = control; id != Outline::kNone; id = outline_.Parent(id)) {
      if (outline_.Parent(id) != Outline::kNone && others_.IsRoot(document_.Element(id)))
        return Outline::kNone;
      if (block == Outline::kNone && outline_.MoneyIn(id, outline_.End(id))) block = id;
    }
    return block;
  }

  std::string Shape(ElementId id) const {
    const pugi::xml_node node = document_.Element(id);
    const std::string_view classes = node.attribute("class").value();
    return StrCat(node.name(), ".", classes.substr(0, classes.find(' ')), " ",
                  node.parent().name());
  }

  const Document& document_;
  const BuyBoxRules& rules_;
  const OtherGoods& others_;
  const BuyBoxPlace& place_;
  const Outline outline_;
  std::vector<ElementId> controls_;
};

// The block's text line by line, without what is struck out or of other goods; an amount that two
// elements make ("64" and a raised "95") is put together.
class BlockLines {
 public:
  BlockLines(pugi::xml_node block, const BuyBoxRules& rules, const OtherGoods& others)
      : rules_(rules), others_(others) {
    size_t nodes = 0;
    pugi::xml_node node = block.first_child();
    while (node && ++nodes < kBlockNodesMax && bytes_ < kBlockBytesMax) {
      if (node.type() == pugi::node_pcdata) {
        Append(node.value());
      } else if (!Skipped(node)) {
        Edge(node, 1);
        if (node.first_child()) {
          node = node.first_child();
          continue;
        }
        Edge(node, -1);
      }
      while (node != block && !node.next_sibling()) {
        node = node.parent();
        if (node != block) Edge(node, -1);
      }
      if (node == block) break;
      node = node.next_sibling();
    }
    Break();
  }

  struct Line {
    std::string text;
    bool heading = false;
    bool usual = false;  // named as the price that is paid unless another is said
  };
  const std::vector<Line>& lines() const { return lines_; }

 private:
  bool Skipped(pugi::xml_node node) const {
    const std::string_view tag = node.name();
    for (const std::string_view silent :
         {"select", "option", "textarea", "script", "style", "template"}) {
      if (tag == silent) return true;
    }
    return node.attribute("hidden") || IsStruckOut(node, rules_) || LeadsAway(node, rules_) ||
           others_.IsRoot(node);
  }
  // The node begins (1) or ends (-1).
  void Edge(pugi::xml_node node, int step) {
    static constexpr std::string_view kInline[] = {"span",  "b",    "strong", "font", "em",  "i",
                                                   "small", "sup",  "sub",    "a",    "big", "ins",
                                                   "bdi",   "data", "abbr",   "u"};
    const std::string_view tag = node.name();
    const bool usual = Finds(rules_.usual_price, MarksOf(node));
    if (!usual && std::ranges::find(kInline, tag) != std::end(kInline)) {
      edge_ = true;
      return;
    }
    Break();
    if (usual) usual_ += step;
    if (tag.size() == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6') headings_ += step;
  }
  void Append(std::string_view text) {
    if (edge_ && !line_.empty() && !text.empty() && text[0] >= '0' && text[0] <= '9' &&
        line_.back() >= '0' && line_.back() <= '9') {
      const bool cents = text.size() == 2 || (text.size() > 2 && !HasDigit(text.substr(2, 1)));
      line_ += cents ? '.' : ' ';
    }
    edge_ = false;
    line_ += text;
    bytes_ += text.size();
  }
  void Break() {
    std::string line = FoldSpace(line_);
    if (!line.empty()) lines_.push_back({std::move(line), headings_ > 0, usual_ > 0});
    line_.clear();
    edge_ = false;
  }

  const BuyBoxRules& rules_;
  const OtherGoods& others_;
  std::vector<Line> lines_;
  int headings_ = 0;  // that are open
  int usual_ = 0;     // elements of that name that are open
  std::string line_;
  size_t bytes_ = 0;
  bool edge_ = false;
};

// The best amount so far: a heading's before a plain one, that before a usual one, that before one
// without tax; of a sort the first.
class BestAmount {
 public:
  enum Rank { kProminent, kPlain, kUsual, kNet, kRanks };

  void Add(Rank rank, const Price& price) {
    Best& best = best_[rank];
    if (!best.first) best.first = price;
    best.several |= best.first->amount_minor != price.amount_minor;
  }
  BlockPrice Take() {
    for (Best& best : best_) {
      if (best.first) return {std::move(best.first), !best.several};
    }
    return {};
  }

 private:
  struct Best {
    std::optional<Price> first;
    bool several = false;
  };
  Best best_[kRanks];
};

}  // namespace

std::optional<BuyBox> FindBuyBox(const Document& document, const BuyBoxRules& rules,
                                 const OtherGoods& others, const BuyBoxPlace& place) {
  return Finder(document, rules, others, place).Run();
}

BlockPrice PriceInBlock(pugi::xml_node block, const BuyBoxRules& rules, const OtherGoods& others,
                        const BuyBoxPlace& place) {
  const BlockLines block_lines(block, rules, others);
  BestAmount best;
  std::string_view above;  // the line before, when it is but a name: "Price"
  for (const auto& [line, heading, usual] : block_lines.lines()) {
    if (Finds(rules.on_request, line)) return {};
    re2::StringPiece found;
    size_t begin = 0;  // of the words that may name the next amount
    while (MoneyPattern().Match(Piece(line), begin, line.size(), RE2::UNANCHORED, &found, 1)) {
      const auto from = static_cast<size_t>(found.data() - line.data());
      std::string_view before = std::string_view(line).substr(begin, from - begin);
      if (before.size() > kLabelBeforeBytes)
        before.remove_prefix(before.size() - kLabelBeforeBytes);
      const std::string name = begin == 0 ? StrCat(above, " ", before) : std::string(before);
      begin = from + found.size();
      const std::string_view behind = CutUtf8(std::string_view(line).substr(begin), kRateBytes);
      if (Finds(rules.not_price, name) || Finds(rules.rate, behind)) continue;
      const auto price = ReadPrice({found.data(), found.size()}, "", place.lang, place.currency);
      if (!price || price->amount_minor <= 0) continue;
      const bool net = Finds(rules.net, behind);
      if (!net && Finds(rules.sure_price, name)) return {price, true};
      best.Add(net       ? BestAmount::kNet
               : usual   ? BestAmount::kUsual
               : heading ? BestAmount::kProminent
                         : BestAmount::kPlain,
               *price);
    }
    above = begin > 0 || line.size() > kLabelBeforeBytes ? "" : std::string_view(line);
  }
  return best.Take();
}

}  // namespace kaopu
