// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/generic_title.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/str_cat.h"
#include "page/text.h"
#include "page/url.h"

namespace kaopu {
namespace {

constexpr size_t kTitleBytesMax = 500;
constexpr size_t kNameBytesMax = 60;
constexpr size_t kLogosTried = 12;
constexpr size_t kLinksTried = 60;
constexpr size_t kElementsTried = 4'000;
constexpr size_t kPartBytesMin = 4;

// Letters and digits in lower case, for comparing names.
std::string Squeezed(std::string_view text) {
  std::string out;
  for (const char c : ToLowerAscii(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0) out += c;
  }
  return out;
}

constexpr std::array<std::string_view, 9> kSeparators = {" | ",  " - ", " – ", " — ", " · ",
                                                         " :: ", ": ",  " » ", "｜"};

// The parts of a page's title, as written.
std::vector<std::string> TitleParts(std::string_view title) {
  std::vector<std::string> parts;
  while (!title.empty() && parts.size() < 12) {
    size_t mark = title.size();
    size_t width = 0;
    for (const std::string_view separator : kSeparators) {
      const size_t at = title.find(separator);
      if (at < mark) {
        mark = at;
        width = separator.size();
      }
    }
    std::string part = CleanText(title.substr(0, mark));
    while (part.ends_with(" :")) part.resize(part.size() - 2);
    if (!part.empty()) parts.push_back(std::move(part));
    title.remove_prefix(std::min(mark + std::max<size_t>(width, 1), title.size()));
  }
  return parts;
}

ElementId FirstOf(const PageContext& page, const TokenIndex::Entry& entry) {
  ElementId first = 0;
  page.document.tags().ForEach(entry, [&](ElementId id) {
    first = id;
    return false;
  });
  return first;
}

// A link to the shop's first page.
bool LeadsHome(std::string_view href, const std::optional<Url>& url) {
  while (href.starts_with("../")) href.remove_prefix(3);
  if (href.starts_with("./")) href.remove_prefix(2);
  if (href == "/" || href == "index.html" || href == "index.htm" || href == "index.php") {
    return true;
  }
  if (!url || href.find(url->host) == std::string_view::npos) return false;
  std::string_view rest = href.substr(href.find(url->host) + url->host.size());
  return rest.empty() || rest == "/";
}

// The part of the page's title that the link to the shop's first page says too, as text or as its
// picture's.
std::optional<FoundText> NamedLikeHome(PageContext& page) {
  const std::vector<std::string> parts = TitleParts(page.title);
  const auto* links = page.document.tags().Find("a");
  if (parts.size() < 2 || links == nullptr) return std::nullopt;
  std::optional<FoundText> found;
  size_t tried = 0;
  page.document.tags().ForEach(*links, [&](ElementId id) {
    const pugi::xml_node node = page.document.Element(id);
    if (++tried > kLinksTried || !LeadsHome(node.attribute("href").value(), page.url)) {
      return tried <= kLinksTried;
    }
    std::string name = CleanText(page.document.Text(node, 2 * kNameBytesMax));
    if (name.empty()) {
      const pugi::xml_node picture =
          node.find_node([](pugi::xml_node at) { return std::string_view(at.name()) == "img"; });
      name = CleanText(CutUtf8(picture.attribute("alt").value(), 2 * kNameBytesMax));
    }
    const std::string squeezed = Squeezed(name);
    if (squeezed.empty()) return true;
    for (const std::string& part : parts) {
      if (Squeezed(part) == squeezed) found = FoundText{part, "title"};
    }
    return !found;
  });
  return found;
}

}  // namespace

namespace {

// "Lamps & Co Logo", "logo: Lamps & Co" as a picture says it.
std::string WithoutLogo(std::string_view text) {
  constexpr std::string_view kLogo = "logo";
  const std::string lower = ToLowerAscii(text);
  const auto is_letter = [&](size_t i) { return lower[i] >= 'a' && lower[i] <= 'z'; };
  if (lower.starts_with(kLogo) && lower.size() > kLogo.size() && !is_letter(kLogo.size())) {
    text.remove_prefix(kLogo.size());
  } else if (lower.ends_with(kLogo) && lower.size() > kLogo.size() &&
             !is_letter(lower.size() - kLogo.size() - 1)) {
    text.remove_suffix(kLogo.size());
  }
  const auto edge = [](char c) { return c == ' ' || c == ':' || c == '-' || c == '|'; };
  while (!text.empty() && edge(text.front())) text.remove_prefix(1);
  while (!text.empty() && edge(text.back())) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

bool NameIsDomain(std::string_view name, std::string_view domain) {
  const std::string label = Squeezed(domain.substr(0, domain.find('.')));
  const std::string squeezed = Squeezed(name);
  return !label.empty() && !squeezed.empty() &&
         (squeezed == label || squeezed == Squeezed(domain) ||
          (squeezed.size() >= 4 && label.find(squeezed) != std::string::npos) ||
          (label.size() >= 4 && squeezed.find(label) != std::string::npos));
}

std::optional<FoundText> ReadStoreName(PageContext& page, std::string_view domain) {
  const auto clean = [](std::string_view text) { return CleanText(CutUtf8(text, 300)); };
  // A name with a slogan behind it is the name; a slogan alone is none.
  const auto name_in = [&](std::string text) {
    if (text.size() <= kNameBytesMax) return text;
    for (std::string& part : TitleParts(text)) {
      if (part.size() <= kNameBytesMax && NameIsDomain(part, domain)) return std::move(part);
    }
    return std::string();
  };
  const std::string site = name_in(clean(page.document.Meta("og:site_name")));
  if (!site.empty()) return {{site, "meta:og:site_name"}};
  for (const std::string_view type :
       {"OnlineStore", "Store", "Organization", "Corporation", "WebSite"}) {
    const TypedTree& typed = page.JsonLd();
    for (const TypedTree::Entity& entity : typed.entities) {
      if (std::ranges::find(entity.types, type) == entity.types.end() ||
          entity.parent < typed.entities.size()) {
        continue;
      }
      const std::string name =
          name_in(clean(typed.tree.Text(typed.tree.Member(entity.id, "name")).value_or("")));
      if (!name.empty()) return {{name, StrCat("jsonld:", type, ".name")}};
    }
  }
  const std::string application = clean(page.document.Meta("application-name"));
  if (!application.empty() && NameIsDomain(application, domain)) {
    return {{application, "meta:application-name"}};
  }
  // The part of the title that is the domain's name: "Copper Shade | Lamps & Co".
  // One that is the whole name goes before one that is but like it, "Lamp" at lampsandco.com.
  const std::vector<std::string> parts = TitleParts(page.title);
  const std::string label = Squeezed(domain.substr(0, domain.find('.')));
  for (const std::string& part : parts) {
    if (!label.empty() && Squeezed(part) == label) return {{part, "title"}};
  }
  if (auto named = NamedLikeHome(page)) return named;
  const auto* headings = page.document.tags().Find("h1");
  const std::string heading =
      headings == nullptr || parts.size() < 2
          ? ""
          : CleanText(page.document.Text(page.document.Element(FirstOf(page, *headings)), 200));
  for (const std::string& part : parts) {
    if (part.size() <= kNameBytesMax && part != heading && NameIsDomain(part, domain)) {
      return {{part, "title"}};
    }
  }
  // The heading or logo that is.
  std::optional<FoundText> found;
  // A heading that is a part of a title with others is the item's.
  const bool heads_item = std::ranges::find(parts, heading) != parts.end();
  const auto take = [&](std::string text, const char* where) {
    text = WithoutLogo(text);
    if (text.size() <= kNameBytesMax && !(heads_item && text == heading) &&
        NameIsDomain(text, domain)) {
      found = FoundText{std::move(text), where};
    }
    return !found;
  };
  for (const char* tag : {"h1", "img"}) {
    const auto* entry = page.document.tags().Find(tag);
    if (entry == nullptr || found) continue;
    size_t tried = 0;
    page.document.tags().ForEach(*entry, [&](ElementId id) {
      const pugi::xml_node node = page.document.Element(id);
      return ++tried <= kLogosTried &&
             take(clean(*tag == 'h' ? page.document.Text(node, 2 * kNameBytesMax)
                                    : std::string(node.attribute("alt").value())),
                  *tag == 'h' ? "css:h1" : "css:img[alt]");
    });
  }
  return found;
}

namespace {

class TitleReader {
 public:
  TitleReader(PageContext& page, const std::optional<std::string>& store_name) : page_(page) {
    if (page.url) domain_ = RegistrableDomain(page.url->host).value_or("");
    for (const std::string& name :
         {store_name.value_or(""), CleanText(page.document.Meta("og:site_name"))}) {
      if (!name.empty()) store_names_.push_back(Squeezed(name));
    }
    for (std::string& part : TitleParts(page.title)) {
      if (part.size() >= kPartBytesMin && !IsStoreName(part)) parts_.push_back(std::move(part));
    }
  }

  // `title` without a first or last part that is the shop's name.
  std::string WithoutStore(const std::string& title) const {
    for (const std::string_view separator : kSeparators) {
      const size_t last = title.rfind(separator);
      if (last != std::string::npos && last > 0 && IsNamed(title.substr(last + separator.size()))) {
        return CleanText(title.substr(0, last));
      }
      const size_t first = title.find(separator);
      if (first != std::string::npos && first > 0 && IsNamed(title.substr(0, first))) {
        return CleanText(title.substr(first + separator.size()));
      }
    }
    return title;
  }

  // The heading that is no shop's name: one that the page's title holds, else the first.
  std::optional<FoundText> Heading() const {
    std::optional<std::string> first;
    for (const char* tag : {"h1", "h2", "h3"}) {
      const auto* entry = page_.document.tags().Find(tag);
      if (entry == nullptr) continue;
      std::string found;
      size_t tried = 0;
      page_.document.tags().ForEach(*entry, [&](ElementId id) {
        std::string text =
            CleanText(page_.document.Text(page_.document.Element(id), kTitleBytesMax));
        if (text.size() < 2 || IsStoreName(text)) return ++tried < 40;
        if (!first && *(tag + 1) == '1') first = text;
        if (InTitle(text)) found = std::move(text);
        return found.empty() && ++tried < 40;
      });
      if (!found.empty()) return {{std::move(found), StrCat("css:", tag)}};
      // A second heading is believed only where the title bears it out.
    }
    if (first) return {{*first, "css:h1"}};
    return std::nullopt;
  }

  // The element before the buy button that says a part of the page's title, the longest one.
  std::optional<FoundText> Spoken() const {
    if (parts_.empty()) return std::nullopt;
    const auto& box = page_.FoundBuyBox();
    const size_t end = box ? box->control : page_.document.element_count();
    std::string best;
    for (size_t id = 0; id < std::min(end, kElementsTried); ++id) {
      const pugi::xml_node node = page_.document.Element(static_cast<ElementId>(id));
      const std::string_view own = TrimAscii(node.text().get());
      if (own.size() < kPartBytesMin || own.size() > kTitleBytesMax / 2) continue;
      const std::string text = CleanText(own);
      if (text.size() <= best.size() || IsStoreName(text)) continue;
      const bool says = std::ranges::any_of(parts_, [&](const std::string& part) {
        return text == part || (text.starts_with(part) && text.size() <= 2 * part.size());
      });
      if (says) best = text;
    }
    if (best.empty()) return std::nullopt;
    return {{std::move(best), "text:as in the title"}};
  }

  std::optional<FoundText> FromTitle() const {
    std::string og = CleanText(page_.document.Meta("og:title"));
    if (!og.empty() && !IsStoreName(og)) return {{WithoutStore(og), "meta:og:title"}};
    // Without any sign of which part is the shop's: a thing's name is mostly the longer one.
    const auto longest = std::ranges::max_element(parts_, {}, &std::string::size);
    if (longest != parts_.end()) return {{*longest, "title"}};
    if (!page_.title.empty()) return {{page_.title, "title"}};
    return std::nullopt;
  }

 private:
  bool IsNamed(std::string_view text) const {
    return std::ranges::find(store_names_, Squeezed(text)) != store_names_.end();
  }
  bool IsStoreName(std::string_view text) const {
    return IsNamed(text) ||
           (!domain_.empty() && text.size() <= kNameBytesMax && LooksLikeDomain(text));
  }
  // As NameIsDomain, but a product's name may hold the shop's ("Acme anvil" at acme.com), and be
  // held by it ("Reed basket" at reedbaskets.com) where the shop's is known.
  bool LooksLikeDomain(std::string_view text) const {
    const std::string label = Squeezed(domain_.substr(0, domain_.find('.')));
    const std::string squeezed = Squeezed(text);
    return squeezed == label || squeezed == Squeezed(domain_) ||
           (store_names_.empty() && squeezed.size() >= 5 &&
            label.find(squeezed) != std::string::npos);
  }
  bool InTitle(std::string_view text) const {
    return page_.title.find(text) != std::string::npos ||
           std::ranges::any_of(parts_, [&](const std::string& part) {
             return part.size() >= 8 && text.find(part) != std::string_view::npos;
           });
  }

  PageContext& page_;
  std::string domain_;
  std::vector<std::string> store_names_;
  std::vector<std::string> parts_;  // of the page's title, without the shop's name
};

}  // namespace

std::optional<FoundText> ReadItemTitle(PageContext& page,
                                       const std::optional<SchemaProduct>& product,
                                       const std::optional<std::string>& store_name) {
  const TitleReader reader(page, store_name);
  std::optional<FoundText> found;
  if (product) {
    std::string name = product->Text("name").value_or("");
    if (!name.empty()) {
      found = FoundText{reader.WithoutStore(name), StrCat(product->source, ":Product.name")};
    }
  }
  if (!found) found = reader.Heading();
  if (!found) found = reader.Spoken();
  if (!found) found = reader.FromTitle();
  if (found) found->text = std::string(CutUtf8(found->text, kTitleBytesMax));
  return found;
}

}  // namespace kaopu
