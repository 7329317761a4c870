"""HTML as elements, as long as their number can do no harm."""

import re
from typing import Final

from bs4 import BeautifulSoup

MOST_TAGS: Final = 50_000  # elements of one page; the largest real ones have some 20,000, and each costs about a kilobyte
MOST_ATTRIBUTES: Final = 100_000  # of one page; the largest real ones have some 20,000, and each costs 400 bytes
_TAG: Final = re.compile(r"<[a-zA-Z][^>]*")
_QUOTED: Final = re.compile(r'"[^"]*"|\'[^\']*\'')


def parse(text: str) -> BeautifulSoup:
    """A page's elements; none where `excess` has a reason. Halves of surrogate pairs, which no charset gives, are replaced."""
    return BeautifulSoup("" if excess(text) else text.encode("utf-8", "replace").decode(), "lxml")


def excess(text: str) -> str:
    """Why a page is not parsed: it is built to take more memory than any shop's; or ""."""
    if text.count("<") > 2 * MOST_TAGS:
        return f"the page has more than {MOST_TAGS:,} elements, more than is read"
    attributes = 0
    for tag in _TAG.finditer(text):
        attributes += len(_QUOTED.sub(" ", tag.group()).split()) - 1
        if attributes > MOST_ATTRIBUTES:
            return f"the page's elements have more than {MOST_ATTRIBUTES:,} attributes, more than are read"
    return ""
