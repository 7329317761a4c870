"""Which part of a page an element belongs to: the category itself, or what shops put around it."""

import re
from collections import defaultdict
from typing import Final

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.cards.family import Member
from scraping.storefronts.dom import HEADINGS, classes_of, text_of

_MENUS: Final = ("nav", "footer", "dialog")
_WITHIN_PAGE: Final = frozenset({"main", "article", "section", "li"})
_RELATED_CLASS: Final = re.compile(
    r"(?:^|[-_ ])(?:related|up-?sells?|cross-?sells?|recently|recent(?:ly)?-?view(?:ed)?|also-?(?:like|bought|viewed)|"
    r"you-?may|recommend(?:ed|ations?)?|similar|complementary|mini-?cart|cart-?drawer|mega-?menu)(?:[-_ ]|$)",
    re.IGNORECASE,
)
_RELATED_HEADING: Final = re.compile(
    r"related|recently (?:viewed|seen)|recent views|(?:you|customers?|others?|people)\b.{0,25}\b(?:like|love|bought|"
    r"viewed|interest)|"
    r"similar|complete the look|frequently bought|goes well|pairs? well|recommended|recommendations|browsing history|"
    r"ähnliche|zuletzt (?:angesehen|gesehen)|passend dazu|kunden\b.{0,20}\bauch|das könnte|empfehlungen|zubehör|"
    r"vous aimerez|produits? similaires?|produits? associés|récemment|également|consultés|"
    r"también|relacionados?|similares|vistos recientemente|recomendad[oa]s?|te puede|quizás|"
    r"correlati|potrebbe|simili|visti di recente|visualizzati|vergelijkbare|bekeken|ook interessant|gerelateerd|"
    r"podobne|powiązane|ostatnio|zobacz też|související|podobné|naposledy|príbuzné|povezani|sorodni|slični|hasonló|"
    r"похожие|вы смотрели|просмотренн|недавно|рекоменд|с этим товаром|сопутствующ|также|вас заинтересует|схожі|переглянут|"
    r"おすすめ|関連|最近|チェックした|相关|相關|最近浏览|最近瀏覽|猜你喜欢|推荐|推薦|관련|최근",
    re.IGNORECASE,
)
_PROMOTED_HEADING: Final = re.compile(
    r"best[- ]?sell|top[- ]?sell|featured|new arrivals|new in\b|trending|popular|hot deals|deals of|on sale now|staff picks|"
    r"topseller|beliebt|neuheiten|meilleures ventes|nouveautés|más vendidos|novedades|più venduti|novità|bestsellery|nowości|"
    r"хиты|новинки|популярн|лидеры продаж|акци",
    re.IGNORECASE,
)
_HEADING_CLASS: Final = re.compile(r"(?:section|block|widget|carousel|slider)[-_]*(?:title|heading|header)", re.IGNORECASE)
_HEADING_LONGEST: Final = 50  # characters; a longer one is a sentence, as in a cookie banner


def elsewhere(soup: BeautifulSoup) -> set[int]:
    """The ids of the elements that lie in a menu, the page's header or footer, a drawer, or a section of other products."""
    outside: set[int] = set()
    for element in soup.find_all(True):
        if id(element.parent) in outside or _opens_elsewhere(element):
            outside.add(id(element))
    return outside


def main_part(soup: BeautifulSoup, members: list[Member]) -> list[Member]:
    """Of a family's cards those of the category: not those under "You may also like", nor smaller promoted rows."""
    headings = _headings_above(soup, {id(member.element) for member in members})
    title = " ".join(soup.title.get_text().split()).casefold() if soup.title else ""
    by_heading: dict[tuple[str, str], list[Member]] = defaultdict(list)
    for member in members:
        tag, text = headings[id(member.element)]
        if tag == "h1" or text.casefold() in title or not _RELATED_HEADING.search(text):
            by_heading[tag, text].append(member)
    plain = [key for key in by_heading if key[0] == "h1" or not _PROMOTED_HEADING.search(key[1])]
    if plain and max(map(len, by_heading.values())) == max(len(by_heading[key]) for key in plain):
        return [member for key in plain for member in by_heading[key]]
    return [member for group in by_heading.values() for member in group]


def _headings_above(soup: BeautifulSoup, cards: set[int]) -> dict[int, tuple[str, str]]:
    """By card the heading above it, tag and text; the headings inside cards are titles of products and do not count."""
    heading = ("", "")
    above: dict[int, tuple[str, str]] = {}
    inside: set[int] = set()
    for element in soup.find_all(True):
        key = id(element)
        if id(element.parent) in inside or key in cards:
            inside.add(key)
            if key in cards:
                above[key] = heading
        elif _is_heading(element):
            text = text_of(element)
            if 0 < len(text) <= _HEADING_LONGEST:
                heading = (element.name, text)
    return above


def _opens_elsewhere(element: Tag) -> bool:
    if element.name in _MENUS:
        return True
    if element.name == "header":
        # The page's own header holds menus; the header of a card holds its title and price.
        return not any(parent.name in _WITHIN_PAGE for parent in element.parents) and element.find("h1") is None
    if element.name in {"html", "body", "main", "form"}:
        return False
    names = [*classes_of(element), str(element.get("id") or "")]
    if not any(_RELATED_CLASS.search(name) for name in names):
        return False
    return element.find("h1") is None


def _is_heading(element: Tag) -> bool:
    return element.name in HEADINGS or any(_HEADING_CLASS.search(name) for name in classes_of(element))
