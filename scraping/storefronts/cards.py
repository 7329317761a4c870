"""Where the product cards of a page are, when nobody told us."""

import re
from collections import defaultdict
from typing import Final
from urllib.parse import urldefrag, urljoin

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.pictures import picture_url

# From the most telling to the least; the one that finds most cards wins, ties go to the earlier.
SIGNS: Final = (
    "[data-product-id]",
    "[data-productid]",
    "[data-item-id]",
    "[data-sku]",
    "[data-id]",
    "[itemtype*='schema.org/Product']",
    "li.product",
    ".product-card",
    ".product-item",
    ".product-tile",
    ".product",
    "article[class*=product]",
    "li[class*=product]",
    "div[class*=product-card]",
    "article",
)
_ELSEWHERE: Final = ("nav", "footer")
_NOT_A_PAGE: Final = re.compile(r"^(?:#|javascript:|mailto:|tel:|data:)", re.IGNORECASE)
_FEWEST: Final = 2


def find_cards(soup: BeautifulSoup, base_url: str) -> list[Tag]:
    """The elements that each show one product, in page order: by the usual signs, else by siblings that repeat."""
    best: list[Tag] = []
    for sign in SIGNS:
        cards = _complete(soup.select(sign), base_url)
        if len(cards) > len(best):
            best = cards
    repeated = _repeated(soup, base_url) if len(best) < _FEWEST else []
    return repeated if len(repeated) > len(best) else best


def link_of(card: Tag, base_url: str) -> str | None:
    """The product's page: the card itself, the link around its picture, else its first real link."""
    links = [card] if card.name == "a" else card.find_all("a", href=True)
    if not links and card.parent is not None:
        around = card.find_parent("a", href=True)
        links = [around] if around else []
    around_picture = [link for link in links if link.find("img")]
    for link in [*around_picture, *links]:
        address = absolute(str(link.get("href") or ""), base_url)
        if address:
            return address
    return None


def absolute(href: str, base_url: str) -> str | None:
    """`href` as an absolute http(s) URL without fragment; None when it leads to no page."""
    href = href.strip()
    if not href or _NOT_A_PAGE.match(href):
        return None
    try:
        address = urldefrag(urljoin(base_url, href)).url
    except ValueError:
        return None
    return address if address.startswith(("http://", "https://")) else None


def _complete(elements: list[Tag], base_url: str) -> list[Tag]:
    """Of `elements`, those holding a link and a picture, outside menus; of nested ones the outermost that shows one product."""
    whole = [
        element
        for element in elements
        if not element.find_parent(_ELSEWHERE) and link_of(element, base_url) and picture_url(element, base_url)
    ]
    chosen = {id(element) for element in whole}
    inside: dict[int, int] = defaultdict(int)
    for element in whole:
        for parent in element.parents:
            if id(parent) in chosen:
                inside[id(parent)] += 1
    # A wrapper of several cards is no card; a card inside a card of its own is the same product twice.
    wrappers = {key for key, count in inside.items() if count > 1}
    cards = [element for element in whole if id(element) not in wrappers]
    kept = {id(element) for element in cards}
    return [element for element in cards if not any(id(parent) in kept for parent in element.parents)]


def _repeated(soup: BeautifulSoup, base_url: str) -> list[Tag]:
    """The largest family of siblings alike in tag and class, each around one linked picture."""
    families: dict[tuple[int, str, str], list[Tag]] = defaultdict(list)
    for link in soup.find_all("a", href=True):
        if not absolute(str(link["href"]), base_url) or link.find_parent(_ELSEWHERE) or not picture_url(link, base_url):
            continue
        card = _widest_around(link)
        family = families[(id(card.parent), card.name, " ".join(card.get_attribute_list("class", []) or []))]
        if not any(card is other for other in family):
            family.append(card)
    return max(families.values(), key=len, default=[])


def _widest_around(link: Tag) -> Tag:
    """The highest element around `link` that holds no other linked picture, so that title and price are inside."""
    card = link
    for parent in link.parents:
        if parent.name in {"body", "html", "[document]", "main"}:
            break
        others = {a["href"] for a in parent.find_all("a", href=True) if a.find(["img", "picture"])}
        if len(others - {link["href"]}) > 0:
            break
        card = parent
    return card
