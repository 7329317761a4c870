"""What each element of a page holds: pictures, prices and addresses, counted once for the whole page.

All work is bounded: elements deeper than MOST_DEEP are not looked at, and an element that holds more than MOST_ADDRESSES
addresses is no card, nor is any that holds it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, NavigableString

from scraping.storefronts.cards.links import address_of, is_link, weight_of
from scraping.storefronts.dom import classes_of, text_of
from scraping.storefronts.pictures import holds_picture
from scraping.storefronts.prices.amounts import shows_money

MOST_DEEP: Final = 150
MOST_ADDRESSES: Final = 64
_PRICE_LONGEST: Final = 60  # characters; a longer text is a description
_PIECES_LONGEST: Final = 30
_TEXT_LONGEST: Final = 10_000  # characters; counted no further
_PRICE_CLASS: Final = re.compile(r"price|preis|prix|precio|prezzo|prijs|(?:^|[-_])cena|(?:^|[-_])cost(?:[-_]|$)", re.IGNORECASE)
_OFFER: Final = re.compile(
    r"\b(?:shipping|delivery|versand\w*|livraison|envío|spedizione|dostaw\w+|доставк\w+)\b", re.IGNORECASE
)
_NOT_SHOWN: Final = frozenset({"script", "style", "template", "head", "title", "option", "textarea"})


def shows_price(text: str) -> bool:
    """Whether a short text is a price with its currency."""
    return len(text) <= _PRICE_LONGEST and any(character.isdigit() for character in text) and shows_money(text)


def is_price_element(element: Tag) -> bool:
    """Whether the shop calls an element a price, by class, id or microdata."""
    if str(element.get("itemprop") or "") in {"price", "lowPrice"}:
        return True
    return any(_PRICE_CLASS.search(name) for name in (*classes_of(element), str(element.get("data-hook") or "")))


class PageIndex:
    """Counts by element, in document order."""

    def __init__(self, soup: BeautifulSoup, base_url: str) -> None:
        self._paths: dict[int, tuple[str, int]] = {}
        self._pictures: dict[int, int] = defaultdict(int)
        self._prices: dict[int, int] = defaultdict(int)
        self._addresses: dict[int, dict[str, float]] = defaultdict(dict)
        self._crowded: set[int] = set()
        self._lengths: dict[int, int] = defaultdict(int)
        self._elements: list[Tag] = []
        self.around_heading = _around_heading(soup)  # ids of the elements that hold the page's own h1
        self._read(soup, base_url)

    def candidates(self) -> Iterator[Tag]:
        """The elements that could be cards: with an address and a picture or a price, or a picture and a price."""
        for element in self._elements:
            key = id(element)
            if key in self._crowded or element.name in {"body", "html", "main"}:
                continue
            if (key in self._addresses) + (key in self._pictures) + (key in self._prices) >= 2:
                yield element

    def path_of(self, element: Tag) -> str:
        """The tag names from the root to the element."""
        return self._paths[id(element)][0]

    def pictures(self, element: Tag) -> int:
        """How many pictures an element holds."""
        return self._pictures.get(id(element), 0)

    def prices(self, element: Tag) -> int:
        """How many prices an element holds."""
        return self._prices.get(id(element), 0)

    def length(self, element: Tag) -> int:
        """How many characters of text an element holds."""
        return self._lengths.get(id(element), 0)

    def addresses(self, element: Tag) -> dict[str, float]:
        """The addresses that links in an element (or around it) lead to, with what tells for each."""
        return self._addresses.get(id(element), {})

    def _read(self, soup: BeautifulSoup, base_url: str) -> None:
        numbers: list[NavigableString] = []
        for node in soup.descendants:
            if isinstance(node, Tag):
                parent = node.parent
                above, depth = self._paths.get(id(parent), ("", -1)) if parent is not soup else ("", -1)
                if (depth < 0 and parent is not soup) or depth >= MOST_DEEP or node.name in _NOT_SHOWN:
                    continue
                self._paths[id(node)] = (f"{above}/{node.name}", depth + 1)
                self._elements.append(node)
                self._note(node, base_url)
            elif isinstance(node, NavigableString) and not isinstance(node, Comment) and id(node.parent) in self._paths:
                self._measure(node)
                if any(character.isdigit() for character in node) and "%" not in node:
                    numbers.append(node)
        for number in numbers:
            if self._is_priced(number):
                for parent in number.parents:
                    self._prices[id(parent)] += 1

    def _note(self, element: Tag, base_url: str) -> None:
        if holds_picture(element):
            for parent in (element, *element.parents):
                self._pictures[id(parent)] += 1
        address = address_of(element, base_url) if is_link(element) else None
        if address is None or address == base_url:
            return
        weight = weight_of(element, address)
        for parent in (element, *element.parents):
            if id(parent) in self._crowded:
                break
            found = self._addresses[id(parent)]
            found[address] = found.get(address, 0.0) + weight
            if len(found) > MOST_ADDRESSES:
                self._crowded.add(id(parent))

    def _measure(self, node: NavigableString) -> None:
        length = len(node.strip())
        for parent in node.parents:
            if self._lengths[id(parent)] > _TEXT_LONGEST:
                break  # its own parents are longer still
            self._lengths[id(parent)] += length

    def _is_priced(self, number: NavigableString) -> bool:
        for steps, parent in enumerate(number.parents):
            # Amounts in pieces ("12", ",", "99", "€") are short; further up the text of the whole card begins.
            longest = _PIECES_LONGEST if steps else _PRICE_LONGEST
            if steps > 3 or self._lengths[id(parent)] > longest or not isinstance(parent, Tag):
                return False
            text = text_of(parent)
            if is_price_element(parent) or (shows_price(text) and not _OFFER.search(text)):
                return True
        return False


def _around_heading(soup: BeautifulSoup) -> set[int]:
    """What holds the page's h1; nothing where there are several, as some shops make every product's name one."""
    headings = soup.find_all("h1", limit=3)
    return {id(parent) for heading in headings if len(headings) < 3 for parent in heading.parents}
