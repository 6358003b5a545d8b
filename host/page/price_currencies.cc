// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Long because it is one table, of codes and marks, and the few functions that look things up in it.
#include "page/price_currencies.h"

#include <algorithm>
#include <array>
#include <vector>

namespace kaopu {
namespace {

constexpr MarkTrust kSure = MarkTrust::kSure;
constexpr MarkTrust kLikely = MarkTrust::kLikely;
constexpr MarkTrust kRisky = MarkTrust::kRisky;

// Active ISO 4217 codes by minor digits, then those replaced since 1999 that old pages still print.
constexpr std::string_view kCodes0 =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kCodes3 = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view kCodes4 = "CLF UYW";
constexpr std::string_view kCodes2 =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD "
    "CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL "
    "GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
    "LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN "
    "PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP "
    "SZL "
    "THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL";
// Former codes and local or unofficial ones: marks without an ISO currency of today, or standing
// for one.
constexpr std::string_view kFormerCodes =
    "AFL ATS BEF BYR CYP DEM EEK ESP FIM FRF GGP GRD HRK IEP IMP ITL JEP LTL LUF LVL MRO MTL NLG "
    "PRB PTE "
    "SIT SKK STD TVD VEF XBD ZMK ZWD";

constexpr std::string_view kDollars =
    "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP UYU BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD "
    "SBD "
    "SRD TTD XCD SVC DOP CUP";
constexpr std::string_view kKroner = "SEK NOK DKK ISK";
constexpr std::string_view kRupees = "INR PKR LKR NPR MUR SCR";

const CurrencyMark kMarks[] = {
    // Dollars and pesos that say which.
    {"US$", "USD"},
    {"US $", "USD"},
    {"U$S", "USD"},
    {"U$D", "USD"},
    {"AU$", "AUD"},
    {"AU $", "AUD"},
    {"A$", "AUD"},
    {"CA$", "CAD"},
    {"$ CA", "CAD"},
    {"$ US", "USD"},
    {"$ AU", "AUD"},
    {"$ NZ", "NZD"},
    {"$ HK", "HKD"},
    {"C$", "CAD NIO"},
    {"C $", "CAD NIO"},
    {"NZ$", "NZD"},
    {"HK$", "HKD"},
    {"NT$", "TWD"},
    {"S$", "SGD"},
    {"R$", "BRL"},
    {"MX$", "MXN"},
    {"AR$", "ARS"},
    {"CL$", "CLP"},
    {"CO$", "COP"},
    {"COL$", "COP"},
    {"RD$", "DOP"},
    {"$U", "UYU"},
    {"TT$", "TTD"},
    {"BZ$", "BZD"},
    {"BN$", "BND"},
    {"B$", "BND BSD", false},
    {"J$", "JMD"},
    {"N$", "NAD"},
    {"T$", "TOP"},
    {"WS$", "WST"},
    {"Z$", "ZWL", false},
    {"CV$", "CVE"},
    {"Bds$", "BBD"},
    {"CUC$", "CUC"},
    {"MOP$", "MOP"},
    {"FJ$", "FJD"},
    {"EC$", "XCD"},
    {"GY$", "GYD"},
    {"SI$", "SBD"},
    {"L$", "LRD"},
    {"$b", "BOB"},
    {"CI$", "KYD"},
    {"$", kDollars, false},
    {"＄", kDollars, false},
    {"﹩", kDollars, false},
    // Signs.
    {"€", "EUR"},
    {"£", "GBP EGP FKP GIP SHP"},
    {"￡", "GBP"},
    {"SY£", "SYP"},
    {"LB£", "LBP"},
    {"E£", "EGP"},
    {"CN¥", "CNY"},
    {"CN￥", "CNY"},
    {"JP¥", "JPY"},
    {"JP￥", "JPY"},
    {"¥", "CNY JPY", false},
    {"￥", "CNY JPY", false},
    {"₽", "RUB"},
    {"zł", "PLN"},
    {"Zł", "PLN"},
    {"ZŁ", "PLN"},
    {"Kč", "CZK"},
    {"KČ", "CZK"},
    {"kč", "CZK"},
    {"฿", "THB"},
    {"դր.", "AMD"},
    {"դր", "AMD"},
    {"֏", "AMD"},
    {"₦", "NGN"},
    {"₴", "UAH"},
    {"₱", "PHP CUP"},
    {"৳", "BDT"},
    {"টকা", "BDT"},
    {"₭", "LAK"},
    {"₪", "ILS"},
    {"﷼", "IRR SAR YER OMR QAR", false},
    {"៛", "KHR"},
    {"₩", "KRW KPW"},
    {"￦", "KRW"},
    {"₫", "VND"},
    {"₡", "CRC SVC"},
    {"ƒ", "ANG AWG", false},
    {"₲", "PYG"},
    {"؋", "AFN"},
    {"₮", "MNT"},
    {"नेरू", "NPR"},
    {"₨", kRupees, false},
    {"₹", "INR"},
    {"₺", "TRY"},
    {"₼", "AZN"},
    {"₾", "GEL"},
    {"₸", "KZT"},
    {"₿", ""},
    {"₵", "GHS"},
    {"GH₵", "GHS"},
    {"₤", "GBP TRY", false},
    {"₧", ""},
    {"₣", ""},
    {"₯", ""},
    {"₠", ""},
    {"₢", ""},
    {"₰", ""},
    {"₳", ""},
    {"₶", ""},
    {"₷", ""},
    {"ރ", "MVR"},
    {"৲", "BDT"},
    {"૱", "INR"},
    {"௹", "LKR", false},
    {"ℳ", ""},
    // Arabic abbreviations, as CLDR writes them (with the right-to-left mark).
    {"ر.ق.\u200f", "QAR"},
    {"د.ك.\u200f", "KWD"},
    {"د.ع.\u200f", "IQD"},
    {"ر.ع.\u200f", "OMR"},
    {"ر.ي.\u200f", "YER"},
    {"ر.س.\u200f", "SAR"},
    {"د.ج.\u200f", "DZD"},
    {"د.م.\u200f", "MAD"},
    {"د.إ.\u200f", "AED"},
    {"د.ت.\u200f", "TND"},
    {"د.ل.\u200f", "LYD"},
    {"ل.س.\u200f", "SYP"},
    {"د.ب.\u200f", "BHD"},
    {"د.أ.\u200f", "JOD"},
    {"ج.م.\u200f", "EGP"},
    {"ل.ل.\u200f", "LBP"},
    {"تومان", ""},
    // Words that leave no doubt.
    {"EUR", "EUR"},
    {"euro", "EUR"},
    {"eur", "EUR"},
    {"Euro", "EUR"},
    {"EURO", "EUR"},
    {"Eur", "EUR"},
    {"CHF", "CHF"},
    {"DKK", "DKK"},
    {"Rp", "IDR"},
    {"lei", "RON MDL"},
    {"руб.", "RUB BYN"},
    {"руб", "RUB BYN"},
    {"грн.", "UAH"},
    {"грн", "UAH"},
    {"дин.", "RSD"},
    {"динар", "RSD"},
    {"Dinara", "RSD"},
    {"лв.", "BGN"},
    {"лв", "BGN"},
    {"р.", "RUB BYN"},
    {"тңг", "KZT"},
    {"ман.", "AZN"},
    {"元", "CNY TWD HKD"},
    {"圆", "CNY"},
    {"圓", "TWD HKD CNY", false},
    {"円", "JPY"},
    {"원", "KRW"},
    {"人民币", "CNY"},
    {"บาท", "THB"},
    {"ש״ח", "ILS"},
    {"ש\"ח", "ILS"},
    {"ש''ח", "ILS"},
    {"ש'ח", "ILS"},
    // Abbreviations.
    {"kr.", kKroner, false, kLikely},
    {"kr", kKroner, false, kLikely},
    {"Kr.", kKroner, false, kLikely},
    {"Kr", kKroner, false, kLikely},
    {"KR", kKroner, false, kLikely},
    {"Skr", "SEK", true, kLikely},
    {"Nkr", "NOK", true, kLikely},
    {"Dkr", "DKK", true, kLikely},
    {"Ikr", "ISK", true, kLikely},
    {"Ekr", "", true, kLikely},
    {"kroon", "", true, kLikely},
    {"Ft", "HUF", true, kLikely},
    {"ft", "HUF", true, kRisky},
    {"TL", "TRY", true, kLikely},
    {"tl", "TRY", true, kRisky},
    {"Rs.", kRupees, false, kLikely},
    {"Rs", kRupees, false, kLikely},
    {"RS", kRupees, false, kRisky},
    {"PKRs", "PKR", true, kLikely},
    {"NPRs", "NPR", true, kLikely},
    {"MURs", "MUR", true, kLikely},
    {"SLRs", "LKR", true, kLikely},
    {"SL Re", "LKR", true, kLikely},
    {"RM", "MYR", true, kLikely},
    {"Lei", "RON MDL", true, kLikely},
    {"LEI", "RON MDL", true, kLikely},
    {"leu", "RON MDL", true, kLikely},
    {"Leu", "RON MDL", true, kLikely},
    {"Fr.", "CHF", true, kLikely},
    {"SFr.", "CHF", true, kLikely},
    {"fr.", "CHF", true, kRisky},
    {"pln", "PLN", true, kLikely},
    {"usd", "USD", true, kLikely},
    {"gbp", "GBP", true, kLikely},
    {"cny", "CNY", true, kLikely},
    {"rmb", "CNY", true, kLikely},
    {"nzd", "NZD", true, kLikely},
    {"aud", "AUD", true, kLikely},
    {"cad", "CAD", true, kRisky},
    {"chf", "CHF", true, kLikely},
    {"czk", "CZK", true, kLikely},
    {"sek", "SEK", true, kRisky},
    {"RMB", "CNY", true, kLikely},
    {"NTD", "TWD", true, kLikely},
    {"yen", "JPY", true, kLikely},
    {"Yen", "JPY", true, kLikely},
    {"yuan", "CNY", true, kLikely},
    {"Yuan", "CNY", true, kLikely},
    {"đ", "VND", true, kLikely},
    {"vnđ", "VND", true, kLikely},
    {"VNĐ", "VND", true, kLikely},
    {"र", "INR", true, kLikely},
    {"ریال", "IRR", true, kLikely},
    {"ريال", "SAR IRR YER OMR QAR", false, kLikely},
    {"درهم", "AED MAD", false, kLikely},
    {"جنيه", "EGP SDG", false, kLikely},
    {"دينار", "KWD BHD IQD JOD LYD TND DZD", false, kLikely},
    {"د.إ", "AED", true, kLikely},
    {"ر.س", "SAR", true, kLikely},
    {"ج.م", "EGP", true, kLikely},
    {"د.ك", "KWD", true, kLikely},
    {"د.ب", "BHD", true, kLikely},
    {"د.أ", "JOD", true, kLikely},
    {"ر.ع", "OMR", true, kLikely},
    {"ر.ق", "QAR", true, kLikely},
    {"ل.س", "SYP", true, kLikely},
    {"ل.ل", "LBP", true, kLikely},
    {"د.ج", "DZD", true, kLikely},
    {"د.م", "MAD", true, kLikely},
    {"د.ت", "TND", true, kLikely},
    {"د.ل", "LYD", true, kLikely},
    {"ر.ي", "YER", true, kLikely},
    {"د.ع", "IQD", true, kLikely},
    {"د.إ.", "AED", true, kLikely},
    {"ر.س.", "SAR", true, kLikely},
    {"ج.م.", "EGP", true, kLikely},
    {"د.ك.", "KWD", true, kLikely},
    {"د.ب.", "BHD", true, kLikely},
    {"د.أ.", "JOD", true, kLikely},
    {"ر.ع.", "OMR", true, kLikely},
    {"ر.ق.", "QAR", true, kLikely},
    {"ل.س.", "SYP", true, kLikely},
    {"ل.ل.", "LBP", true, kLikely},
    {"د.ج.", "DZD", true, kLikely},
    {"د.م.", "MAD", true, kLikely},
    {"د.ت.", "TND", true, kLikely},
    {"د.ل.", "LYD", true, kLikely},
    {"ر.ي.", "YER", true, kLikely},
    {"د.ع.", "IQD", true, kLikely},
    {"р", "RUB BYN", true, kLikely},
    {"Р", "RUB BYN", true, kLikely},
    {"Р.", "RUB BYN", true, kLikely},
    {"KD", "KWD", true, kLikely},
    {"BD", "BHD", true, kRisky},
    {"JD", "JOD", true, kRisky},
    {"LD", "LYD", true, kRisky},
    {"DA", "DZD", true, kRisky},
    {"DT", "TND", true, kRisky},
    {"QR", "QAR", true, kRisky},
    {"SR", "SAR", true, kRisky},
    {"YR", "YER", true, kRisky},
    {"Lek", "ALL", true, kLikely},
    {"Af", "AFN", true, kRisky},
    {"Kz", "AOA", true, kRisky},
    {"Afl.", "AWG", true, kLikely},
    {"KM", "BAM", true, kRisky},
    {"Tk", "BDT", true, kLikely},
    {"FBu", "BIF", true, kLikely},
    {"Bs.F.", "VES", true, kLikely},
    {"Bs.", "BOB VES", false, kLikely},
    {"Bs", "BOB VES", false, kLikely},
    {"Nu.", "BTN", true, kLikely},
    {"Br", "BYN ETB", false, kLikely},
    {"FrCD", "CDF", true, kLikely},
    {"UF", "CLF", true, kRisky},
    {"Fdj", "DJF", true, kLikely},
    {"Nfk", "ERN", true, kLikely},
    {"FG", "GNF", true, kRisky},
    {"kn", "", true, kLikely},
    {"Ksh", "KES", true, kLikely},
    {"KSh", "KES", true, kLikely},
    {"KShs", "KES", true, kLikely},
    {"CF", "KMF", true, kRisky},
    {"FC", "KMF CDF", false, kRisky},
    {"Lt", "", true, kRisky},
    {"Ls", "", true, kRisky},
    {"litų", "", true, kLikely},
    {"MRf", "MVR", true, kLikely},
    {"Rf", "MVR", true, kLikely},
    {"MK", "MWK", true, kRisky},
    {"MTn", "MZN", true, kLikely},
    {"MT", "MZN", true, kRisky},
    {"UM", "MRU", true, kRisky},
    {"B/.", "PAB", true, kLikely},
    {"S/.", "PEN", true, kLikely},
    {"S/", "PEN", true, kRisky},
    {"din.", "RSD", true, kLikely},
    {"RSD", "RSD", true, kLikely},
    {"din", "RSD", true, kRisky},
    {"FR", "RWF CHF", false, kRisky},
    {"Le", "SLE", true, kRisky},
    {"Ssh", "SOS", true, kLikely},
    {"Db", "STN", true, kLikely},
    {"TSh", "TZS", true, kLikely},
    {"USh", "UGX", true, kLikely},
    {"VT", "VUV", true, kRisky},
    {"FCFA", "XAF XOF", false, kLikely},
    {"CFA", "XOF XAF", false, kLikely},
    {"CFP", "XPF", true, kLikely},
    {"ZK", "ZMW", true, kRisky},
    {"R", "ZAR", true, kRisky},
    {"Q", "GTQ", true, kRisky},
    {"ден.", "MKD", true, kLikely},
    {"ден", "MKD", true, kLikely},
    {"сўм", "UZS", true, kLikely},
    {"сум", "UZS", true, kLikely},
    {"so'm", "UZS", true, kLikely},
    {"soʻm", "UZS", true, kLikely},
    {"сом", "KGS", true, kLikely},
    {"дин", "RSD", true, kLikely},
    {"тг.", "KZT", true, kLikely},
    {"тг", "KZT", true, kLikely},
    {"öS", "", true, kLikely},
    {"DM", "", true, kRisky},
    {"D-Mark", "", true, kLikely},
    {"fl.", "", true, kRisky},
    {"mk.", "", true, kLikely},
    {"Δρχ.", "", true, kLikely},
    {"Δρ.", "", true, kLikely},
    {"IR£", "", true, kSure},
    {"Lm", "", true, kRisky},
    {"Sk", "", true, kLikely},
    {"tolarjev", "", true, kLikely},
    {"Ptas", "", true, kLikely},
    {"Pta", "", true, kLikely},
    {"Pts", "", true, kRisky},
    {"Pt", "", true, kRisky},
};

// Codes that are words, abbreviations of something else or units on shop pages.
constexpr std::string_view kWordCodes =
    "ALL ANG BAM BOB COP CUP ERN GEL MAD MOP PEN SIT SOS TOP TRY VAL PAB STD LAK";

bool Lists(std::string_view codes, std::string_view code) {
  if (code.size() != 3) return false;
  for (size_t i = 0; i + 3 <= codes.size(); i += 4) {
    if (codes.substr(i, 3) == code) return true;
  }
  return false;
}

// All marks, those of the codes themselves included, grouped by first byte, longest first.
struct MarkIndex {
  std::vector<CurrencyMark> marks;
  std::array<std::pair<uint16_t, uint16_t>, 256> by_byte{};

  MarkIndex() : marks(std::begin(kMarks), std::end(kMarks)) {
    for (std::string_view list : {kCodes0, kCodes2, kCodes3, kCodes4, kFormerCodes}) {
      const bool former = list.data() == kFormerCodes.data();
      for (size_t i = 0; i + 3 <= list.size(); i += 4) {
        const std::string_view code = list.substr(i, 3);
        if (code == "EUR" || code == "CHF" || code == "DKK" || code == "RSD") continue;
        marks.push_back({code, former ? std::string_view{} : code, true,
                         Lists(kWordCodes, code) ? kRisky : kLikely});
      }
    }
    std::stable_sort(marks.begin(), marks.end(), [](const CurrencyMark& a, const CurrencyMark& b) {
      const auto first_a = static_cast<unsigned char>(a.text[0]);
      const auto first_b = static_cast<unsigned char>(b.text[0]);
      return first_a != first_b ? first_a < first_b : a.text.size() > b.text.size();
    });
    for (size_t i = 0; i < marks.size(); ++i) {
      auto& [begin, end] = by_byte[static_cast<unsigned char>(marks[i].text[0])];
      if (end == 0) begin = static_cast<uint16_t>(i);
      end = static_cast<uint16_t>(i + 1);
    }
  }
};

const MarkIndex& Marks() {
  static const MarkIndex index;
  return index;
}

bool IsAsciiLetter(unsigned char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

// Whether the character that ends before / starts at a place is a letter of an alphabet whose words
// are divided by spaces (Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic: lead bytes C3 to DB, but
// for the signs of C2).
bool LetterBefore(std::string_view text, size_t at) {
  if (at == 0) return false;
  size_t i = at - 1;
  while (i > 0 && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) --i;
  const auto lead = static_cast<unsigned char>(text[i]);
  return IsAsciiLetter(lead) || (lead >= 0xC3 && lead <= 0xDB && i + 1 < at);
}

bool LetterAt(std::string_view text, size_t at) {
  if (at >= text.size()) return false;
  const auto lead = static_cast<unsigned char>(text[at]);
  return IsAsciiLetter(lead) || (lead >= 0xC3 && lead <= 0xDB);
}

bool DigitAt(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// Nothing but spaces, dots and colons between the mark and a number, or nothing else in the text at
// all.
bool StandsBesideNumber(std::string_view text, size_t begin, size_t end) {
  constexpr std::string_view kBetween = " .:,*-\xC2\xA0";
  size_t before = begin;
  while (before > 0 && kBetween.find(text[before - 1]) != std::string_view::npos) --before;
  size_t after = end;
  while (after < text.size() && kBetween.find(text[after]) != std::string_view::npos) ++after;
  if (before > 0 && DigitAt(text, before - 1)) return true;
  return DigitAt(text, after) || (before == 0 && after == text.size());
}

// "рублей", "euros", "гривень": stems and words that take an ending.
bool TakesEnding(std::string_view mark) {
  return mark == "руб" || mark == "грн" || mark == "динар" || mark == "euro" || mark == "Euro" ||
         mark == "EURO";
}

bool FitsAt(std::string_view text, size_t at, const CurrencyMark& mark) {
  if (text.compare(at, mark.text.size(), mark.text) != 0) return false;
  const size_t end = at + mark.text.size();
  if (LetterAt(mark.text, 0) && LetterBefore(text, at)) return false;
  if (LetterBefore(mark.text, mark.text.size()) && LetterAt(text, end) && !TakesEnding(mark.text)) {
    return false;
  }
  return mark.trust != kRisky || StandsBesideNumber(text, at, end);
}

}  // namespace

std::optional<FoundMark> FindCurrencyMark(std::string_view text, MarkTrust trust) {
  const MarkIndex& index = Marks();
  for (size_t at = 0; at < text.size(); ++at) {
    const auto [begin, end] = index.by_byte[static_cast<unsigned char>(text[at])];
    for (size_t i = begin; i < end; ++i) {
      const CurrencyMark& mark = index.marks[i];
      if ((mark.trust == kSure) != (trust == kSure)) continue;
      if (FitsAt(text, at, mark)) return FoundMark{at, at + mark.text.size(), &mark};
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> FindDollarCode(std::string_view text) {
  if (text.find('$') == std::string_view::npos) return std::nullopt;
  for (size_t at = 0; at + 3 <= text.size(); ++at) {
    if (text[at + 2] != 'D' || LetterBefore(text, at) || DigitAt(text, at - (at > 0 ? 1 : 0)))
      continue;
    const std::string_view code = text.substr(at, 3);
    if (code != "NTD" && code != "ZWD" && !MinorDigitsOf(code)) continue;
    const size_t next = at + 3 < text.size() && text[at + 3] == '$' ? at + 4 : at + 3;
    if (!LetterAt(text, at + 3) && !LetterAt(text, next)) return code;
  }
  return std::nullopt;
}

std::optional<std::string_view> FindCodeOf(std::string_view text, std::string_view codes) {
  for (size_t at = 0; at + 3 <= text.size(); ++at) {
    const std::string_view code = text.substr(at, 3);
    if (text[at] < 'A' || text[at] > 'Z' || !Lists(codes, code)) continue;
    if (!LetterBefore(text, at) && !LetterAt(text, at + 3)) return code;
  }
  return std::nullopt;
}

std::string_view CurrencyOfLanguage(std::string_view lang) {
  struct Row {
    std::string_view tag;
    std::string_view code;
  };
  static constexpr Row kRegions[] = {
      {"US", "USD"}, {"CA", "CAD"}, {"AU", "AUD"}, {"NZ", "NZD"}, {"GB", "GBP"}, {"UK", "GBP"},
      {"HK", "HKD"}, {"SG", "SGD"}, {"TW", "TWD"}, {"CN", "CNY"}, {"MO", "MOP"}, {"JP", "JPY"},
      {"KR", "KRW"}, {"MX", "MXN"}, {"AR", "ARS"}, {"CL", "CLP"}, {"CO", "COP"}, {"UY", "UYU"},
      {"PE", "PEN"}, {"DO", "DOP"}, {"BR", "BRL"}, {"IN", "INR"}, {"PK", "PKR"}, {"LK", "LKR"},
      {"NP", "NPR"}, {"SE", "SEK"}, {"NO", "NOK"}, {"DK", "DKK"}, {"IS", "ISK"}, {"CH", "CHF"},
      {"PH", "PHP"}, {"EG", "EGP"}, {"AE", "AED"}, {"SA", "SAR"}, {"MA", "MAD"}, {"BY", "BYN"},
      {"MD", "MDL"}, {"BO", "BOB"}, {"VE", "VES"}, {"TR", "TRY"}, {"IR", "IRR"}, {"KW", "KWD"},
      {"BH", "BHD"}, {"JO", "JOD"}, {"IQ", "IQD"}, {"TN", "TND"}, {"DZ", "DZD"}, {"ET", "ETB"},
      {"IL", "ILS"}, {"TH", "THB"}, {"FJ", "FJD"}, {"JM", "JMD"}, {"TT", "TTD"}, {"BB", "BBD"},
  };
  static constexpr Row kLanguages[] = {
      {"ja", "JPY"}, {"sv", "SEK"}, {"nb", "NOK"}, {"nn", "NOK"}, {"no", "NOK"},
      {"da", "DKK"}, {"is", "ISK"}, {"ro", "RON"}, {"be", "BYN"}, {"fa", "IRR"},
      {"am", "ETB"}, {"ko", "KRW"}, {"zh", "CNY"},
  };
  const size_t dash = lang.find_first_of("-_");
  const std::string_view language = lang.substr(0, dash);
  for (size_t at = dash; at != std::string_view::npos;) {
    const size_t next = lang.find_first_of("-_", at + 1);
    std::string_view part =
        lang.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
    for (const Row& row : kRegions) {
      if (part.size() == 2 && (part[0] & ~0x20) == row.tag[0] && (part[1] & ~0x20) == row.tag[1]) {
        return row.code;
      }
    }
    if (part == "Hant") return "";
    at = next;
  }
  for (const Row& row : kLanguages) {
    if (language == row.tag) return row.code;
  }
  return "";
}

std::optional<int> MinorDigitsOf(std::string_view code) {
  if (Lists(kCodes2, code)) return 2;
  if (Lists(kCodes0, code)) return 0;
  if (Lists(kCodes3, code)) return 3;
  if (Lists(kCodes4, code)) return 4;
  return std::nullopt;
}

}  // namespace kaopu
