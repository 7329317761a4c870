"""The shop's own id of the product on a card, wherever it stands."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from bs4 import Tag

from scraping.storefronts.dom import classes_of, text_of
from scraping.storefronts.identifiers import id_in_url, slug_in_url

_ATTRIBUTES: Final = (
    "data-product-id",
    "data-product_id",
    "data-id-product",
    "data-productid",
    "data-asin",
    "data-pid",
    "data-item-id",
    "data-entity-id",
    "data-product",
    "data-prod",
    "data-goods-id",
    "data-goodsid",
    "data-offer-id",
    "data-nm-id",
    "data-article",
    "data-product-code",
    "data-code",
    "data-sku",
    "data-product-sku",
    "data-product_sku",
    "data-itemid",
    "data-catalogid",
    "data-item",
    "data-id",
)
_LIKE_ID: Final = re.compile(
    r"data[-_](?:\w+[-_])?(?:product|item|goods|listing|offer|prod|article)[-_]?(?:[ul]?id|code|number|nr)"
)
_OF_VARIANT: Final = frozenset(
    ["data-sku", "data-product-sku", "data-product_sku", "data-code", "data-product-code", "data-article"]
)
_VAGUE: Final = frozenset({"data-id", "data-item", "data-code", "data-product", "data-prod", "call"})
_INPUTS: Final = re.compile(
    r"^(?:product[-_ ]?id|id[-_]product|product|products_id|goods_id|item_id|virtuemart_product_id(?:\[\])?|"
    r"add-to-cart|sku|pid)$",
    re.I,
)
_CLASS: Final = re.compile(r"^(?:post|product|item|prod)[-_](\d+)$")
_ELEMENT_ID: Final = re.compile(
    r"^(?:[a-z]+[-_])*(?:product|item|price|post|prod|goods)[-_]?(?:price[-_]|item[-_]|id[-_])?(\d+)$", re.I
)
_CALL: Final = re.compile(r"(?:cart|compare|wish\w*|basket|buy|product)\w*(?:\.\w+)?\(\s*['\"]?(\d{1,18})['\"]?", re.IGNORECASE)
_CALLED_PATH: Final = re.compile(r"/product/(\d+)/|[?&](?:add-to-cart|product_?id|addProduct)=(\d+)", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[\w.+/:-]{1,64}")
_UNTOLD: Final = frozenset({"true", "false", "null", "undefined", "none", "0", "product", "item"})
_POSITIONS: Final = 3  # this many cards numbered 0, 1, 2 or 1, 2, 3 are counted, not identified


def choose_ids(cards: list[Tag], urls: list[str], *, shopify: bool = False) -> list[str]:
    """The shop's id of each card, in order; empty where there is none.

    An id counts only where no other product of the page has it and where it does not just count the cards; else the next way
    of naming is tried, and at last the slug of the product's link. On Shopify's pages the slug comes first: it is the
    product's handle, which the platform's interface gives too.
    """
    told: list[dict[str, str]] = [{} if shopify else _told(card, url) for card, url in zip(cards, urls, strict=True)]
    ways = list(dict.fromkeys(way for found in told for way in found))
    usable = {way for way in ways if way not in _VAGUE or not _counts_only([found.get(way, "") for found in told])}
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for found, url in zip(told, urls, strict=True):
        for way, value in found.items():
            owners[way, value].add(url)
    by_url = Counter({id_in_url(url): 0 for url in urls})
    for url in set(urls):
        by_url[id_in_url(url)] += 1
    ids = []
    for found, url in zip(told, urls, strict=True):
        own = next((found[way] for way in ways if way in usable and found.get(way) and len(owners[way, found[way]]) == 1), "")
        if not own and url:
            own = slug_in_url(url) if shopify or by_url[id_in_url(url)] > 1 else id_in_url(url)
        ids.append(own)
    return ids


def _told(card: Tag, url: str) -> dict[str, str]:
    """By way of naming the id that the card gives, the most trusted way first; nothing where it gives several."""
    found: dict[str, str] = {}
    parts = [card, *card.find_all(True)]
    attributes = _of_attributes(card, parts)
    number = id_in_url(url)
    for way, values in (
        *((name, attributes.get(name, [])) for name in _ATTRIBUTES[:-2]),
        *((name, attributes[name]) for name in sorted(attributes) if name not in _ATTRIBUTES),
        ("class", _of_classes(card)),
        ("microdata", _of_microdata(card)),
        ("input", _of_inputs(parts)),
        *((name, attributes.get(name, [])) for name in _ATTRIBUTES[-2:]),
        ("id", [match.group(1) for part in parts for match in [_ELEMENT_ID.match(str(part.get("id") or ""))] if match]),
        ("call", list(_of_calls(parts))),
    ):
        if way in _OF_VARIANT and not card.get(way) and number.isdigit():
            continue  # a button's article number is one size's; the number in the address is the product's
        plain = [value.strip() for value in values if _PLAIN.fullmatch(value.strip()) and value.strip().lower() not in _UNTOLD]
        if plain and len(set(plain)) == 1:
            found[way] = plain[0]
    return found


def _of_attributes(card: Tag, parts: list[Tag]) -> dict[str, list[str]]:
    """The values of all attributes that are named as ids are; the card's own alone where it has the attribute."""
    found: dict[str, list[str]] = {}
    for part in parts:
        for name, value in part.attrs.items():
            if isinstance(value, str) and value and (name in _ATTRIBUTES or _LIKE_ID.fullmatch(name)):
                found.setdefault(name, []).append(value)
    return {name: [str(card[name])] if card.get(name) else values for name, values in found.items()}


def _of_inputs(parts: list[Tag]) -> list[str]:
    inputs = (part for part in parts if part.name == "input" and _INPUTS.match(str(part.get("name") or "")))
    return [str(part.get("value") or "") for part in inputs]


def _of_classes(card: Tag) -> list[str]:
    parts = [card, *card.find_all(["li", "article", "div"], limit=3)]
    return [match.group(1) for part in parts for name in classes_of(part) for match in [_CLASS.match(name)] if match]


def _of_microdata(card: Tag) -> list[str]:
    for name in ("productID", "sku"):
        marked = card.find(attrs={"itemprop": name})
        if isinstance(marked, Tag):
            return [str(marked.get("content") or text_of(marked)).removeprefix("sku:")]
    return []


def _of_calls(parts: list[Tag]) -> Iterator[str]:
    for part in parts:
        call = str(part.get("onclick") or "")
        match = _CALL.search(call)
        if match:
            yield match.group(1)
            continue
        path = _CALLED_PATH.search(call) or _CALLED_PATH.search(str(part.get("href") or ""))
        if path:
            yield path.group(1) or path.group(2)


def _counts_only(values: list[str]) -> bool:
    numbers = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 9]
    if len(numbers) < _POSITIONS or len(numbers) < len(values):
        return False
    return numbers[0] in {0, 1} and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
