"""Where a category goes on."""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.cards import absolute

_CLASSES: Final = "a.next, a.pagination-next, a.next-page, a.pagination__next, .next > a, .pagination-next > a, a[class*=next]"
_WORD: Final = re.compile(
    r"^(?:next(?: page)?|more|weiter|nächste(?: seite)?|suivante?|page suivante|siguiente|successiva|volgende|następna|"
    r"далее|дальше|следующая(?: страница)?|вперёд|вперед|наступна)?\s*[›»→>]*$",
    re.IGNORECASE,
)
_PAGE_KEYS: Final = ("page", "p", "pg", "paged", "PAGEN_1")
_PAGE_IN_PATH: Final = re.compile(r"/page/(\d+)/?$")


def next_url(soup: BeautifulSoup, base_url: str) -> str | None:
    """The following page: rel=next, then a class or label that says next, then the link numbered one more than this page."""
    found = [
        *soup.select("link[rel~=next][href], a[rel~=next][href]"),
        *soup.select(_CLASSES),
        *(link for link in soup.find_all("a", href=True) if _says_next(link)),
    ]
    for element in found:
        address = absolute(str(element.get("href") or ""), base_url)
        if address and address != base_url and not _is_off(element):
            return address
    return _numbered(soup, base_url)


def page_number(url: str) -> int | None:
    """The page number that a URL carries in its query or path, None when it carries none."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    for key in _PAGE_KEYS:
        if query.get(key, [""])[0].isdecimal():
            return int(query[key][0])
    in_path = _PAGE_IN_PATH.search(parts.path)
    return int(in_path.group(1)) if in_path else None


def _says_next(link: Tag) -> bool:
    for text in (link.get_text(" ", strip=True), str(link.get("aria-label") or ""), str(link.get("title") or "")):
        if text and len(text) < 30 and _WORD.match(text.strip()):
            return True
    return False


def _is_off(element: Tag) -> bool:
    classes = element.get_attribute_list("class", []) or []
    return element.get("aria-disabled") == "true" or "disabled" in classes


def _numbered(soup: BeautifulSoup, base_url: str) -> str | None:
    wanted = (page_number(base_url) or 1) + 1
    here = _PAGE_IN_PATH.sub("", urlsplit(base_url).path).rstrip("/")
    for link in soup.find_all("a", href=True):
        address = absolute(str(link["href"]), base_url)
        if address is None or page_number(address) != wanted or _is_off(link):
            continue
        if _PAGE_IN_PATH.sub("", urlsplit(address).path).rstrip("/") == here:
            return address
    return None
