"""Which currency a sign stands for. No currency is better than a wrong one.

A sign that many countries share ("$", "kr") is settled by the shop's own word, then by the country of its address, then by
the page's language. Countries' currencies and languages' likely countries are CLDR's, by Babel.
"""

import re
from functools import lru_cache
from typing import Final

from babel.core import get_global
from babel.numbers import get_currency_precision, get_territory_currencies

# sign: the ISO 4217 code; "a|b c": a unless shop, country or language make it b or c; "|b c": unknown unless they do.
_DOLLARS: Final = "|USD AUD CAD NZD HKD SGD TWD MXN ARS CLP COP UYU BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD"
_SIGNS: Final[dict[str, str]] = {
    "$": _DOLLARS, "＄": _DOLLARS, "US$": "USD", "U$S": "USD", "USD$": "USD", "A$": "AUD", "AU$": "AUD", "AUD$": "AUD",
    "C$": "CAD|NIO", "CA$": "CAD", "CAD$": "CAD", "CDN$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "SG$": "SGD",
    "NT$": "TWD", "R$": "BRL", "MX$": "MXN", "MXN$": "MXN", "AR$": "ARS", "CL$": "CLP", "CLP$": "CLP", "CO$": "COP",
    "COL$": "COP", "RD$": "DOP", "$U": "UYU", "J$": "JMD", "TT$": "TTD", "Bds$": "BBD", "BZ$": "BZD", "B$": "|BND BSD",
    "EC$": "XCD", "FJ$": "FJD", "N$": "NAD", "MOP$": "MOP",
    "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP|EGP LBP SYP FKP GIP SHP", "E£": "EGP", "ج.م": "EGP", "جنيه": "EGP",
    "kr": "|SEK NOK DKK ISK", "kr.": "|DKK ISK SEK NOK", ":-": "|SEK NOK DKK", "chf": "CHF", "Fr.": "CHF", "SFr": "CHF",
    "zł": "PLN", "zl": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON|MDL", "leu": "RON|MDL", "лв": "BGN", "lv": "|BGN",
    "din": "|RSD MKD", "дин": "RSD|MKD", "ден": "MKD", "КМ": "|BAM", "KM": "|BAM", "TL": "TRY", "₺": "TRY",
    "₽": "RUB", "руб": "RUB|BYN", "рублей": "RUB|BYN", "рубля": "RUB|BYN", "р.": "RUB|BYN", "р": "RUB|BYN", "₴": "UAH",
    "грн": "UAH", "Br": "|BYN ETB", "Бр": "|BYN", "₸": "KZT", "тг": "KZT", "тенге": "KZT", "сум": "UZS", "so'm": "UZS",
    "сом": "KGS", "₼": "AZN", "ман": "|AZN", "₾": "GEL", "֏": "AMD", "դր": "AMD", "₮": "MNT",
    "¥": "|JPY CNY", "￥": "|JPY CNY", "JP¥": "JPY", "円": "JPY", "CN¥": "CNY", "元": "CNY|TWD HKD", "RMB": "CNY",
    "人民币": "CNY", "圓": "|TWD HKD", "NT": "|TWD", "₩": "KRW", "원": "KRW", "₫": "VND", "đ": "VND", "VNĐ": "VND", "₭": "LAK",
    "៛": "KHR", "฿": "THB", "บาท": "THB", "RM": "MYR", "Rp": "IDR", "₱": "PHP",
    "₹": "INR", "Rs": "INR|PKR LKR NPR MUR SCR", "₨": "INR|PKR LKR NPR MUR SCR", "रु": "INR|NPR", "रू": "NPR|INR", "රු": "LKR",
    "৳": "BDT", "Tk": "|BDT", "₪": "ILS", 'ש"ח': "ILS", "ש״ח": "ILS",
    "S/": "PEN", "S/.": "PEN", "Bs": "|BOB VES", "Bs.": "|BOB VES", "₲": "PYG", "Gs": "|PYG", "₡": "CRC", "B/.": "PAB",
    "Q": "|GTQ", "L": "|HNL", "R": "|ZAR", "₦": "NGN", "₵": "GHS", "GH₵": "GHS", "KSh": "KES", "TSh": "TZS", "USh": "UGX",
    "FCFA": "|XOF XAF", "CFA": "|XOF XAF", "LE": "|EGP", "L.E.": "EGP", "د.إ": "AED", "Dhs": "|AED MAD", "Dh": "|MAD AED",
    "درهم": "|AED MAD", "د.م": "MAD", "ر.س": "SAR", "SR": "|SAR", "ريال": "|SAR QAR OMR YER", "ر.ق": "QAR", "ر.ع": "OMR",
    "﷼": "|IRR SAR QAR OMR YER", "ریال": "IRR", "د.ك": "KWD", "KD": "KWD", "د.ب": "BHD", "BD": "|BHD", "د.ا": "JOD",
    "د.أ": "JOD", "JD": "|JOD", "د.ع": "IQD", "د.ت": "TND", "DT": "TND", "د.ج": "DZD", "DA": "|DZD", "ل.ل": "LBP",
    "ل.س": "SYP", "تومان": "",  # a toman is ten rials, and no ISO currency
}  # fmt: skip
_FOLDED: Final = {sign.casefold(): codes for sign, codes in _SIGNS.items()}
_CODES: Final = frozenset(code for country in get_global("territory_currencies") for code in get_territory_currencies(country))
# Codes that are words too ("ALL 5 colours"): taken only beside a number.
_WORDS: Final = frozenset(
    ["ALL", "AMD", "BAM", "BOB", "CAD", "COP", "CUP", "GEL", "MAD", "MOP", "PEN", "RON", "SAR", "SOS", "TOP", "TRY"]
)
_LOWER_CODES: Final = ("usd", "eur", "gbp", "aud", "sek", "nok", "dkk", "pln", "czk", "rub", "uah", "inr", "jpy", "brl", "try")
# Countries' endings that are sold to all the world.
_SHARED_DOMAINS: Final = frozenset(
    ["ai", "cc", "co", "eu", "fm", "gg", "im", "io", "la", "ly", "me", "nu", "sh", "to", "tv", "vc", "ws"]
)
_COMPANY: Final = frozenset({"com", "co", "net", "org"})
# Shops there show no decimals, whatever ISO 4217 has.
_NO_DECIMALS: Final = frozenset({"IDR", "COP", "HUF", "IRR", "UZS", "LBP", "KHR", "LAK", "MMK", "CRC"})


def _pattern(signs: list[str]) -> str:
    """Any of `signs`, longest first; a letter at its edge touches no other letter, and a space may stand before "$"."""
    words: list[str] = []
    marks: list[str] = []
    for sign in sorted(signs, key=len, reverse=True):
        body = re.escape(sign)
        if sign[0].isalpha() and sign.endswith("$"):
            body = re.escape(sign[:-1]) + r" ?\$"
        (words if sign[0].isalpha() else marks).append(body + (r"(?![^\W\d_])" if sign[-1].isalpha() else ""))
    # What stands before a word is looked at once, not for each of a hundred.
    return "|".join([*([rf"(?<![^\W\d_])(?:{'|'.join(words)})"] if words else []), *marks])


# Letters are told apart by case only where a small one would be a word or a measure.
_CASED: Final = [sign for sign in _SIGNS if sign.isascii() and sign.isalpha() and len(sign) <= 2 and sign != "kr"]
_ANY_CASE: Final = [sign for sign in _SIGNS if sign not in _CASED]
_SIGN: Final = rf"(?:{_pattern(_CASED)}|(?i:{_pattern(_ANY_CASE)})|{_pattern([*sorted(_CODES), *_LOWER_CODES])})"
_BEFORE: Final = re.compile(rf"(?!(?:ALL|BOB|CUP|SOS|TOP) )({_SIGN})[.:]? ?$")
_AFTER: Final = re.compile(rf" ?(?:[.,]?[-–—]{{1,2}} ?)?({_SIGN})")
_ANYWHERE: Final = re.compile(
    rf"(?i:{_pattern(_ANY_CASE)})|{_pattern(sorted(_CODES - _WORDS))}|(?<=\d)(?: ?)(?:{_pattern(_CASED)})"
)


def sign_before(text: str) -> str:
    """The currency's sign or code that ends `text`, or ""."""
    match = _BEFORE.search(text[-24:])
    return match.group(1) if match else ""


def sign_after(text: str) -> tuple[str, int]:
    """The currency's sign or code that `text` begins with, and where it ends; ("", 0) without one."""
    match = _AFTER.match(text)
    return (match.group(1), match.end()) if match else ("", 0)


def is_word(sign: str) -> bool:
    """Whether a sign is one or two letters that mean other things more often ("R", "L"): money only where it can be settled."""
    return sign in _CASED


def currency_of(text: str, shop_currency: str = "", *, host: str = "", language: str = "") -> str:
    """The ISO 4217 code that `text` names by sign or code; "" where it names none or one that cannot be settled."""
    plain = text.strip()
    if plain.upper() in _CODES:
        return plain.upper()
    match = _ANYWHERE.search(plain)
    return settle(match.group().strip(), shop_currency, host=host, language=language) if match else ""


def settle(sign: str, shop_currency: str = "", *, host: str = "", language: str = "") -> str:
    """The ISO 4217 code of a sign. shop_currency: the code that the shop names. host: `www.shop.com.au`; language: `en-AU`."""
    sign = re.sub(r" (?=\$)", "", sign)
    if sign.upper() in _CODES and sign not in _SIGNS:
        return sign.upper()
    codes = _SIGNS.get(sign, _FOLDED.get(sign.casefold(), ""))
    usual, _, others = codes.partition("|")
    possible = {usual, *others.split()}
    if shop_currency and shop_currency in possible:
        return shop_currency
    country = country_of_host(host)
    for territory in [country] if country else [country_of_language(language)]:
        agreed = possible.intersection(get_territory_currencies(territory)) if territory else set()
        if agreed:
            return sorted(agreed)[0]
    return usual


@lru_cache(maxsize=256)
def country_of_host(host: str) -> str:
    """The country that a host's name ends in (`shop.com.au` is AU), or "" for `.com` and for endings sold to all."""
    labels = host.lower().partition(":")[0].rsplit(".", 2)
    if len(labels) < 2 or len(labels[-1]) != 2 or not labels[-1].isalpha():
        return ""
    if labels[-1] in _SHARED_DOMAINS and labels[-2] not in _COMPANY:
        return ""
    return "GB" if labels[-1] == "uk" else labels[-1].upper()


@lru_cache(maxsize=256)
def country_of_language(language: str) -> str:
    """The country of a language tag: the one it names (`en-AU`), else the likeliest (`sv` is SE, `en` is US); "" if unknown."""
    subtags = language.strip().replace("_", "-").split("-")
    for subtag in subtags[1:]:
        if len(subtag) == 2 and subtag.isalpha():
            return subtag.upper()
    likely, spoken = get_global("likely_subtags"), subtags[0].lower()
    script = subtags[1].title() if len(subtags) > 1 else ""
    return str(likely.get(f"{spoken}_{script}") or likely.get(spoken, "")).rpartition("_")[2]


@lru_cache(maxsize=256)
def decimals_of(currency: str) -> int:
    """How many decimals shops show: 2 for most currencies and an unknown one, 0 for JPY, 3 for KWD."""
    if currency not in _CODES:
        return 2
    return 0 if currency in _NO_DECIMALS else get_currency_precision(currency)
