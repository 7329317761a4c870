"""What a page itself tells of its shop's currency, country and language, to settle signs such as "$"."""

import re
from collections import Counter
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.prices.currencies import currency_of

_LONGEST: Final = 4_000_000  # characters of a page that are searched
_MARKED: Final = (
    "meta[property='product:price:currency'], meta[property='og:price:currency'], meta[itemprop=priceCurrency],"
    " [itemprop=priceCurrency]"
)
_ACTIVE: Final = re.compile(r"Shopify\.currency\s*=\s*\{[^{}]{0,200}?[\"']?active[\"']?\s*:\s*[\"']([A-Z]{3})[\"']")
_NAMED: Final = re.compile(
    r"(?:price_?currency|currency[-_]?(?:code|iso\w*)?|(?:shop|store|base|default|active|money)_?currency)"
    r"[\"']?\s*(?:[:=]|=>)\s*(?:\{\s*[\"']?(?:code|active|isoCode)[\"']?\s*:\s*)?\\?[\"']([A-Z]{3})\\?[\"']",
    re.IGNORECASE,
)
_MAJORITY: Final = 0.6


class Locale(NamedTuple):
    """currency: ISO 4217, "" where the page names none. host: of the page's address. language: a tag such as `en-AU`, or ""."""

    currency: str = ""
    host: str = ""
    language: str = ""


def read_locale(soup: BeautifulSoup, text: str, url: str) -> Locale:
    """The locale of a page: `text` is its HTML, `soup` the same parsed."""
    html = soup.find("html")
    language = str(html.get("lang") or html.get("xml:lang") or "") if isinstance(html, Tag) else ""
    if not language:
        named = soup.select_one("meta[property='og:locale'], meta[http-equiv='content-language' i]")
        language = str(named.get("content") or "") if named else ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return Locale(_currency(soup, text[:_LONGEST]), host, language.strip()[:35])


def _currency(soup: BeautifulSoup, text: str) -> str:
    """The currency that the page names for its prices; of several the one that most places name, if most of them do."""
    active = _ACTIVE.search(text)
    if active and currency_of(active.group(1)):
        return active.group(1)
    marked = (currency_of(str(tag.get("content") or tag.get_text(" "))) for tag in soup.select(_MARKED))
    named = (currency_of(match.group(1)) for match in _NAMED.finditer(text) if match.group(1).isupper())
    for codes in (marked, named):
        counts = Counter(code for code in codes if code)
        for code, count in counts.most_common(1):
            if count >= _MAJORITY * counts.total():
                return code
    return ""
