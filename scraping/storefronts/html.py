"""Category pages of HTML cards: by a profile's selectors where given, by what most shops do elsewhere."""

import re
from decimal import Decimal
from typing import Final
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.base import Card, Page, Source, Unreadable
from scraping.storefronts.cards import absolute, find_cards, link_of
from scraping.storefronts.identifiers import id_in_url, item_id
from scraping.storefronts.pagination import next_url
from scraping.storefronts.pictures import picture_url
from scraping.storefronts.prices import currency_of, parse_price
from scraping.storefronts.profiles import Profile, Selector

_LOOKED_FOR: Final = (
    "elements with data-id, data-product-id or data-sku, .product and its like, or repeated links with pictures"
)
_ID_ATTRIBUTES: Final = ("data-product-id", "data-productid", "data-item-id", "data-id", "data-sku", "data-product-sku")
_TITLE: Final = (
    "[itemprop=name], .product-title, .product-name, .product__title, .title, .name, [class*=title], h1, h2, h3, h4, h5, h6"
)
_FORMER: Final = re.compile(
    r"(?:^|[-_])(?:old|was|compare|crossed|regular|list|before|msrp|rrp|strike|original|previous)(?:[-_]|$)", re.I
)
_CURRENT: Final = re.compile(r"(?:^|[-_])(?:sale|special|current|now|final|actual|new|promo|discounted)(?:[-_]|$)", re.I)
_TITLE_LONGEST: Final = 500


class HtmlStorefront:
    """Reads HTML category pages."""

    name = "html"
    looked_for = _LOOKED_FOR

    def first_url(self, url: str) -> str:
        return url

    def read(self, source: Source, profile: Profile) -> Page:
        """Read one category page's text; never fetches anything."""
        soup = BeautifulSoup(source.text, "lxml")
        base = soup.find("base", href=True)
        base_url = urljoin(source.url, str(base["href"])) if isinstance(base, Tag) else source.url
        selector = profile.select.get("card")
        elements = soup.select(selector.css) if selector else find_cards(soup, base_url)
        currency = profile.currency or _page_currency(soup)
        read = [_card(element, base_url, profile, currency) for element in elements]
        return Page(
            cards=tuple(card for card in read if isinstance(card, Card)),
            unreadable=tuple(card for card in read if isinstance(card, Unreadable)),
            next_url=_following(soup, base_url, profile),
            heading=_heading(soup),
        )


def _card(element: Tag, base_url: str, profile: Profile, currency: str) -> Card | Unreadable:
    url = _link(element, base_url, profile) or ""
    title = _title(element, profile)
    identifier = item_id(_raw_id(element, url, profile), profile.id_prefix)
    name = identifier or title or url or "a card"
    if not identifier:
        return Unreadable(name, "no id on the card or in its link")
    if len(url) > 2000:
        return Unreadable(name, "its link is longer than 2,000 characters")
    image_url = _image(element, base_url, profile)
    if image_url is None:
        return Unreadable(name, "no picture on the card")
    if len(image_url) > 2000:
        return Unreadable(name, "its picture's address is longer than 2,000 characters")
    price, price_currency = _price(element, profile, currency)
    return Card(
        item_id=identifier,
        title=title,
        url=url,
        image_url=image_url,
        price=price,
        currency=price_currency,
        category=profile.category or _category(element),
    )


def _chosen(element: Tag, selector: Selector) -> Tag | None:
    return element.select_one(selector.css) if selector.css else element


def _value(element: Tag, selector: Selector) -> str:
    """What a profile's selector reads: the attribute it names, else the text."""
    found = _chosen(element, selector)
    if found is None:
        return ""
    return str(found.get(selector.attribute) or "") if selector.attribute else _text(found)


def _text(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def _link(element: Tag, base_url: str, profile: Profile) -> str | None:
    selector = profile.select.get("link")
    if selector is None:
        return link_of(element, base_url)
    return absolute(_value(element, Selector(selector.css, selector.attribute or "href")), base_url)


def _image(element: Tag, base_url: str, profile: Profile) -> str | None:
    selector = profile.select.get("image")
    if selector is None:
        return picture_url(element, base_url)
    if selector.attribute:
        return absolute(_value(element, selector), base_url)
    found = _chosen(element, selector)
    return picture_url(found, base_url) if found else None


def _raw_id(element: Tag, url: str, profile: Profile) -> str:
    if "id" in profile.select:
        return _value(element, profile.select["id"])
    if profile.id_pattern is not None:
        match = profile.id_pattern.search(url)
        return (match.group(1) if match.re.groups else match.group()) or "" if match else ""
    for name in _ID_ATTRIBUTES:
        if element.get(name):
            return str(element[name])
    marked = element.select_one("[itemprop=sku], [itemprop=productID]")
    if marked is not None:
        return str(marked.get("content") or _text(marked)).removeprefix("sku:")
    own = {str(found[name]) for name in _ID_ATTRIBUTES[:3] for found in element.select(f"[{name}]")}
    return own.pop() if len(own) == 1 else id_in_url(url)


def _title(element: Tag, profile: Profile) -> str:
    selector = profile.select.get("title")
    if selector:
        return _value(element, selector)[:_TITLE_LONGEST]
    for found in element.select(_TITLE):
        text = str(found.get("content") or "") or _text(found)
        if text:
            return text[:_TITLE_LONGEST]
    for image in element.find_all("img", alt=True):
        if str(image["alt"]).strip():
            return " ".join(str(image["alt"]).split())[:_TITLE_LONGEST]
    links = [element] if element.name == "a" else element.find_all("a")
    texts = [str(link.get("title") or link.get("aria-label") or "").strip() or _text(link) for link in links]
    return next((text for text in texts if text), "")[:_TITLE_LONGEST]


def _category(element: Tag) -> str:
    """The product's own category, where its card names one (WooCommerce does so in a class)."""
    marked = element.select_one("[itemprop=category]")
    if marked is not None:
        return str(marked.get("content") or _text(marked))[:200]
    if element.get("data-category"):
        return str(element["data-category"]).strip()[:200]
    slugs = [name.removeprefix("product_cat-") for name in _classes(element) if name.startswith("product_cat-")]
    return slugs[0].replace("-", " ").capitalize()[:200] if slugs else ""


def _price(element: Tag, profile: Profile, currency: str) -> tuple[Decimal | None, str]:
    selector = profile.select.get("price")
    if selector:
        return parse_price(_value(element, selector), currency)
    marked = element.select_one("[itemprop=price]")
    if marked is not None and not _is_former(marked, element):
        named = element.select_one("[itemprop=priceCurrency]")
        code = currency_of(str(named.get("content") or _text(named))) if named else ""
        price = parse_price(str(marked.get("content") or _text(marked)), code or currency_of(_text(marked)) or currency)
        if price[0] is not None:
            return price
    found = [tag for tag in element.select("[class*=price], ins, [data-price]") if not _is_former(tag, element)]
    current = [tag for tag in found if tag.name == "ins" or any(_CURRENT.search(name) for name in _classes(tag))]
    for tag in current + found:
        price = parse_price(_without_former(tag, element), currency)
        if price[0] is not None:
            return price
    # Some themes call the only price "regular": better that than none, unless it is struck out.
    for tag in element.select("[class*=price]"):
        if not tag.find_parent(["del", "s", "strike"]):
            price = parse_price(_text(tag), currency)
            if price[0] is not None:
                return price
    return None, ""


def _classes(tag: Tag) -> list[str]:
    return [str(name) for name in tag.get_attribute_list("class", []) or [] if name]


def _is_former(tag: Tag, card: Tag) -> bool:
    """Whether `tag` shows what the product cost before: struck out, or named so."""
    for around in [tag, *tag.parents]:
        if around is card:
            return False
        if around.name in {"del", "s", "strike"} or any(_FORMER.search(name) for name in _classes(around)):
            return True
    return False


def _without_former(tag: Tag, card: Tag) -> str:
    pieces = (str(text) for text in tag.find_all(string=True) if text.parent is tag or not _is_former(text.parent, card))
    return " ".join(" ".join(pieces).split())


def _page_currency(soup: BeautifulSoup) -> str:
    for found in soup.select(
        "meta[property='product:price:currency'], meta[property='og:price:currency'], [itemprop=priceCurrency]"
    ):
        code = currency_of(str(found.get("content") or _text(found)))
        if code:
            return code
    return ""


def _following(soup: BeautifulSoup, base_url: str, profile: Profile) -> str | None:
    selector = profile.select.get("next")
    if selector is None:
        return next_url(soup, base_url)
    return absolute(_value(soup, Selector(selector.css, selector.attribute or "href")), base_url)


def _heading(soup: BeautifulSoup) -> str:
    for name in ("h1", "title"):
        found = soup.find(name)
        if isinstance(found, Tag) and _text(found):
            return _text(found)[:200]
    return ""
