"""HTML pages: a category's cards, by a profile's selectors where given, by structure elsewhere; or one product's own page."""

from typing import Final

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.base import Card, Page, Source, Unreadable
from scraping.storefronts.cards.families import MOST_CARDS, choose_family, chosen_family
from scraping.storefronts.cards.family import Family
from scraping.storefronts.cards.reader import CardReader
from scraping.storefronts.dom import text_of
from scraping.storefronts.markup import excess, parse
from scraping.storefronts.pagination import next_url
from scraping.storefronts.platforms.detection import is_shopify
from scraping.storefronts.prices.shop_locale import read_locale
from scraping.storefronts.product_page import judge, read_product
from scraping.storefronts.profiles import Profile
from scraping.storefronts.structured_data import Product, products_of
from scraping.storefronts.urls import base_of

_LOOKED_FOR: Final = "JSON-LD products, and links with a picture and a price that repeat"
MOST_DEEP: Final = 150  # elements within each other; real pages reach 60


class HtmlStorefront:
    """Reads HTML category pages, and product pages that tell of their product in JSON-LD, microdata or OpenGraph."""

    name = "html"
    looked_for = _LOOKED_FOR

    def first_url(self, url: str) -> str:
        return url

    def read(self, source: Source, profile: Profile) -> Page:
        """Read one page's text; never fetches anything, never raises for what a page holds."""
        if reason := excess(source.text):
            return Page(cards=(), refusal=reason)
        soup = parse(source.text)
        if _is_too_deep(soup):
            return Page(cards=(), refusal=f"its elements lie more than {MOST_DEEP} deep in each other, deeper than is read")
        base_url = base_of(soup, source.url)
        products = products_of(soup, base_url)
        family = find_cards(soup, base_url, profile, products)
        shopify = is_shopify(source)
        elements = [member.element for member in family.members] if family else []
        following = next_url(soup, base_url, source.url, cards=elements, selector=profile.select.get("next"))
        if "card" not in profile.select:
            verdict = judge(soup, source.url, base_url, products, family, goes_on=following is not None)
            if verdict.refusal:
                return Page(cards=(), refusal=verdict.refusal, heading=_heading(soup))
            if verdict.product is not None:
                card = read_product(soup, source.url, verdict.product, profile, shopify=shopify)
                if isinstance(card, Unreadable):
                    return Page(cards=(), unreadable=(card,), refusal=f"{card.name}: {card.reason}", heading=_heading(soup))
                return Page(cards=(card,), last=True, heading=card.category)
        locale = read_locale(soup, source.text, source.url)
        if profile.currency:
            locale = locale._replace(currency=profile.currency)
        reader = CardReader(base_url, profile, locale, products, shopify=shopify)
        read = reader.read(family) if family else reader.of_data()
        return Page(
            cards=tuple(card for card in read if isinstance(card, Card)),
            unreadable=tuple(card for card in read if isinstance(card, Unreadable)),
            next_url=following,
            heading=_heading(soup),
        )


def _is_too_deep(soup: BeautifulSoup) -> bool:
    depths = {id(soup): 0}
    for element in soup.find_all(True):
        depth = depths[id(element.parent)] + 1
        if depth > MOST_DEEP:
            return True
        depths[id(element)] = depth
    return False


def find_cards(soup: BeautifulSoup, base_url: str, profile: Profile, products: list[Product]) -> Family | None:
    """The page's cards: those that a profile's selector picks, else the best family by structure."""
    selector = profile.select.get("card")
    if selector is not None:
        return chosen_family(soup.select(selector.css, limit=MOST_CARDS), base_url)
    return choose_family(soup, base_url, {product.url for product in products if product.url})


def _heading(soup: BeautifulSoup) -> str:
    for name in ("h1", "title"):
        found = soup.find(name)
        text = (text_of(found) or " ".join(found.get_text().split())) if isinstance(found, Tag) else ""
        if text:
            return text[:200]
    return ""
