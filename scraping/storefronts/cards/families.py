"""Where the product cards of a page are, when no profile names them.

Elements are grouped by their tag path (html/body/main/ul/li), so neither class names nor a first or last row's extra class
matter. In the best family every element leads to an address of its own and shows a picture, and most show a price.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Final

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.cards.family import Family, Member
from scraping.storefronts.cards.links import address_of, choose_address, is_link, weight_of
from scraping.storefronts.cards.page_index import PageIndex
from scraping.storefronts.cards.sections import elsewhere, main_part
from scraping.storefronts.dom import classes_of, text_of, words_of

MOST_CARDS: Final = 1_000  # of one page; real ones show a few hundred at most
_FEW: Final = 4  # cards; of fewer nobody knows which is the stranger
_TELLING: Final = 2.0  # the weight of an address that more than a plain link tells for
_LONGEST_TEXT: Final = 4_000  # characters on one card, its description and sizes with it
_TRIED: Final = 12  # families; the best may be a carousel of other products
_ALIKE: Final = 0.65
_PRODUCT_MARKS: Final = (
    "data-product-id", "data-product_id", "data-id-product", "data-productid", "data-asin", "data-pid", "data-item-id",
    "data-entity-id", "data-product", "data-sku", "data-product-sku", "data-product-handle", "data-id",
)  # fmt: skip


def find_families(soup: BeautifulSoup, base_url: str, listed: Collection[str] = ()) -> list[Family]:
    """The families of cards on a page, best first; `listed` are addresses that its JSON-LD names as products."""
    index = PageIndex(soup, base_url)
    outside = elsewhere(soup)
    groups: dict[str, list[Tag]] = defaultdict(list)
    for element in index.candidates():
        if id(element) not in outside:
            groups[index.path_of(element)].append(element)
    families = [_family(path, elements, index, listed) for path, elements in groups.items()]
    families = [family for family in families if family.members and family.plausible]
    families.sort(key=lambda family: (-family.score, -family.priced / len(family.members), _depth_order(family)))
    return families


def choose_family(soup: BeautifulSoup, base_url: str, listed: Collection[str] = ()) -> Family | None:
    """The page's products: the best family without carousels of other products, None where there is none."""
    for family in find_families(soup, base_url, listed)[:_TRIED]:
        family.members = _without_strays(main_part(soup, family.members))
        family.bare = [member for member in family.bare if _is_alike(member.element, family.members)]
        family.unlinked = [element for element in family.unlinked if _is_alike(element, family.members)]
        family.left_out = max(0, len(family.members) - MOST_CARDS)
        del family.members[MOST_CARDS:]
        if family.members and family.plausible:
            if len(family.members) == 1:
                family.members[0].element = _whole_card(family.members[0].element)
            return family
    return None


def chosen_family(elements: list[Tag], base_url: str) -> Family:
    """The family of cards that a profile's selector picked, whatever they hold; an address is empty where no link tells it."""
    members = []
    for element in elements:
        weights: dict[str, float] = {}
        around = element.find_parent("a") if element.name != "a" else None
        for link in [element, *element.find_all(True), *([around] if around else [])]:
            address = address_of(link, base_url) if is_link(link) else None
            if address and address != base_url:
                weights[address] = weights.get(address, 0.0) + weight_of(link, address)
        members.append(Member(element, choose_address(weights, ()) or ""))
    return Family("", members)


def _family(path: str, elements: list[Tag], index: PageIndex, listed: Collection[str]) -> Family:
    pictured = [element for element in elements if index.pictures(element) and _is_compact(element, index)]
    counts: Counter[str] = Counter()
    for element in pictured:
        counts.update(index.addresses(element).keys())
    shared = {address for address, count in counts.items() if count > 1}
    family = Family(path, [])
    seen: set[str] = set()
    for element in pictured:
        addresses = index.addresses(element)
        url = choose_address(addresses, shared)
        if url is not None and addresses[url] < _TELLING and len(addresses) > _FEW:
            continue  # a menu: many links, none of which is the picture's or a heading's
        if url is None:
            if index.prices(element):
                family.unlinked.append(element)
            continue
        if url in seen:
            continue
        seen.add(url)
        priced = index.prices(element) > 0
        family.members.append(Member(element, url, priced))
        family.priced += priced
        family.marked += _is_marked(element)
        family.listed += url in listed
    for element in elements:
        if not index.pictures(element) and index.prices(element):
            family.bare.append(Member(element, choose_address(index.addresses(element), shared) or "", priced=True))
    return family


def _is_compact(element: Tag, index: PageIndex) -> bool:
    """Whether an element is no larger than a card: not the page around its heading, nor a whole column of text."""
    return id(element) not in index.around_heading and index.length(element) <= _LONGEST_TEXT


def _depth_order(family: Family) -> int:
    """Of equal families the outermost, whose cards hold the most; of a single card the innermost, lest it be the whole page."""
    depth = family.path.count("/")
    return depth if len(family.members) > 1 else -depth


def _is_marked(element: Tag) -> bool:
    if any(element.has_attr(name) for name in _PRODUCT_MARKS) or "schema.org/Product" in str(element.get("itemtype") or ""):
        return True
    words = words_of(element)
    return "product" in words and not words & {"category", "categories", "brand", "banner"}


def _without_strays(members: list[Member]) -> list[Member]:
    """Without what only happens to stand as deep in the page: banners between the cards, teasers in a column beside them."""
    if len(members) < _FEW:
        return members
    shapes = [_shape(member.element) for member in members]
    classes = [set(classes_of(member.element)) for member in members]
    like_rest = [min(part, whole) for part, whole in zip(_shares(shapes), _shares(classes), strict=True)]
    # Beside good ones in one container a card may be shorter; in another container it must be built like the rest.
    homes = {id(member.element.parent) for member, share in zip(members, like_rest, strict=True) if share >= _ALIKE}
    kept = []
    for member, share, part in zip(members, like_rest, _shares(shapes), strict=True):
        least = 0.5 if member.priced else 0.6  # a card without its price lacks one part, a banner its title too
        if share >= _ALIKE or (id(member.element.parent) in homes and part >= least):
            kept.append(member)
    return kept


def _whole_card(element: Tag) -> Tag:
    """The element around a page's only card that the shop calls a product, where it holds no further price; else the card."""
    prices = len(re.findall(r"\d[.,]\d\d(?!\d)", text_of(element)))
    parents = [parent for parent in element.parents if parent.name not in {"body", "html", "main", "[document]"}][:5]
    for parent in parents:
        if _is_marked(parent) and len(re.findall(r"\d[.,]\d\d(?!\d)", text_of(parent))) == prices and parent.find("h1") is None:
            return parent
    return element


def _is_alike(element: Tag, members: list[Member]) -> bool:
    """Whether an element that lacks a picture or a link is a card all the same: built as the cards are in most else."""
    shapes = [*(_shape(member.element) for member in members), _shape(element)]
    classes = [*(set(classes_of(member.element)) for member in members), set(classes_of(element))]
    return bool(members) and min(_shares(shapes)[-1], _shares(classes)[-1]) >= 0.5


def _shares(sets: list[set[str]]) -> list[float]:
    """How much of what most of these sets hold each of them holds."""
    counts = Counter(part for found in sets for part in found)
    common = {part for part, count in counts.items() if 2 * count > len(sets)}
    return [len(common & found) / len(common) if common else 1.0 for found in sets]


def _shape(element: Tag) -> set[str]:
    return {part.name + "." + " ".join(part.get_attribute_list("class", [])[:1] or []) for part in element.find_all(True)}
