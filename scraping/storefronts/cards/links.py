"""Which of a card's links leads to its product."""

import re
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import urlsplit

from bs4 import Tag

from scraping.storefronts.dom import HEADINGS, classes_of
from scraping.storefronts.urls import absolute, is_picture_file

_ACTION: Final = re.compile(
    r"add[-_]?to[-_]?(?:cart|basket|bag|wish|compar|favo)|addtocart|[/=]cart(?:[/?&.]|$)|/(?:basket|checkout|koszyk|warenkorb)(?:[/?.]|$)"
    r"|wish_?-?list|product_compare|/compare(?:[/?]|$)|quick[-_]?(?:view|shop|look)|/(?:login|account|customer|signin|register)(?:[/?]|$)"
    r"|[?&](?:add|remove)[-_a-z]*=|#review|/reviews?(?:[/?]|$)|share(?:r\.php|\?)|/pages/wishlist",
    re.IGNORECASE,
)
_TITLE_CLASS: Final = re.compile(r"title|name|product[-_]?link|heading", re.IGNORECASE)
_ATTRIBUTES: Final = ("data-href", "data-link", "data-product-url", "data-product-link")
_ONCLICK: Final = re.compile(r"(?:location(?:\.href)?\s*=|location\.assign\(|window\.open\()\s*['\"]([^'\"]+)['\"]")


def address_of(link: Tag, base_url: str) -> str | None:
    """Where an element leads: a link's href, else what its data-href or its onclick plainly says."""
    if link.name == "a" and link.get("href"):
        address = absolute(str(link["href"]), base_url)
        if address:
            return None if is_picture_file(address) else address
    for name in _ATTRIBUTES:
        if link.get(name):
            return absolute(str(link[name]), base_url)
    onclick = _ONCLICK.search(str(link.get("onclick") or ""))
    return absolute(onclick.group(1), base_url) if onclick else None


def is_link(element: Tag) -> bool:
    """Whether an element may lead somewhere, as `address_of` reads it."""
    return element.name == "a" or any(element.has_attr(name) for name in (*_ATTRIBUTES, "onclick"))


def weight_of(link: Tag, address: str) -> float:
    """How much one link tells that its address is the product's page."""
    if link.name != "a" or not link.get("href"):
        return 0.5
    if _ACTION.search(str(link["href"])):
        return -6.0
    weight = 1.0
    names = classes_of(link) + classes_of(link.parent) if link.parent else classes_of(link)
    if link.find(["img", "picture", "figure"]) is not None:
        weight += 3
    if link.find(list(HEADINGS)) is not None or any(parent.name in HEADINGS for parent in _near(link)):
        weight += 3
    if str(link.get("itemprop") or "") == "url" or any(_TITLE_CLASS.search(name) for name in names):
        weight += 2
    return weight if urlsplit(address).path.strip("/") or urlsplit(address).query else weight - 4


def choose_address(weights: dict[str, float], shared: Collection[str]) -> str | None:
    """The address that most tells for, among those of its own card before those that other cards lead to as well."""
    best, most = None, 0.0
    for address, weight in weights.items():
        if address in shared:
            weight -= 5
        if weight > most:
            best, most = address, weight
    return best


def _near(link: Tag) -> Iterator[Tag]:
    parent = link.parent
    for _ in range(3):
        if parent is None:
            return
        yield parent
        parent = parent.parent
