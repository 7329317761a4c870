"""From the cards of a page to products, each by what it says itself, by what its fellows say, and by the page's data."""

from collections import Counter
from decimal import Decimal
from typing import Final

from bs4 import Tag

from scraping.storefronts.base import Card, Unreadable
from scraping.storefronts.cards.family import Family, Member
from scraping.storefronts.cards.price import asked_price, read_price
from scraping.storefronts.cards.product_id import choose_ids
from scraping.storefronts.cards.title import TITLE_LONGEST, choose_title, folded, title_candidates
from scraping.storefronts.dom import classes_of, text_of
from scraping.storefronts.identifiers import id_in_url, item_id
from scraping.storefronts.pictures import is_placeholder, picture_url, picture_urls
from scraping.storefronts.prices.shop_locale import Locale
from scraping.storefronts.prices.split_amounts import price_text
from scraping.storefronts.profiles import Profile, Selector
from scraping.storefronts.structured_data import Product
from scraping.storefronts.urls import absolute

_FEW: Final = 4  # cards; among fewer a text or picture that repeats tells nothing
_LONGEST_URL: Final = 2000


class CardReader:
    """Reads the cards of one page. `locale`: what the page tells of its shop, `products`: what its data names."""

    def __init__(
        self, base_url: str, profile: Profile, locale: Locale, products: list[Product], *, shopify: bool = False
    ) -> None:
        self._base_url, self._profile, self._locale, self._shopify = base_url, profile, locale, shopify
        self._products = {product.url: product for product in products if product.url}

    def read(self, family: Family) -> list[Card | Unreadable]:
        """The family's cards in page order; each that lacks something comes with the reason."""
        members = [*family.members, *family.bare]
        urls = [self._url(member) for member in members]
        ids = self._ids([member.element for member in members], urls)
        candidates = [
            title_candidates(member.element, member.url, self._base_url, self._name_at(member.url)) for member in members
        ]
        texts = Counter(text for found in candidates for text in {folded(candidate.text) for candidate in found})
        repeated = {text for text, count in texts.items() if len(members) >= _FEW and 2 * count > len(members)}
        pictures = Counter(url for member in members for url in set(picture_urls(member.element, self._base_url)))
        shared = {url for url, count in pictures.items() if len(members) >= 2 and count > 1}
        read: list[Card | Unreadable] = []
        for member, url, raw, found in zip(members, urls, ids, candidates, strict=True):
            title = self._title(member.element) if "title" in self._profile.select else choose_title(found, repeated)
            read.append(self._card(member, url, raw, title, shared))
        read += [Unreadable(self._name(element), "no link on the card") for element in family.unlinked]
        if family.left_out:
            read.append(
                Unreadable(f"{family.left_out:,} more cards", f"a page is read for {len(family.members):,} cards at most")
            )
        return read

    def of_data(self) -> list[Card | Unreadable]:
        """The products of a list that stands in the page's data only, as where scripts draw the cards."""
        listed = [product for product in self._products.values() if product.images and product.name]
        return [
            Card(
                item_id=item_id(id_in_url(product.url), self._profile.id_prefix),
                title=product.name,
                url=product.url,
                image_url=product.images[0],
                price=product.price,
                currency=(product.currency or self._locale.currency) if product.price is not None else "",
                category=self._profile.category or product.category,
                in_stock=product.in_stock,
                brand=product.brand,
            )
            for product in listed
            if len(product.url) <= _LONGEST_URL and len(product.images[0]) <= _LONGEST_URL and id_in_url(product.url)
        ]

    def _card(self, member: Member, url: str, raw: str, title: str, shared: set[str]) -> Card | Unreadable:
        identifier = item_id(raw, self._profile.id_prefix)
        name = identifier or title or url or "a card"
        if not identifier:
            return Unreadable(name, "no id on the card or in its link")
        if len(url) > _LONGEST_URL:
            return Unreadable(name, "its link is longer than 2,000 characters")
        product = self._products.get(member.url)
        image_url = self._image(member.element, shared) or (product.images[0] if product and product.images else None)
        if image_url is None:
            return Unreadable(name, self._why_no_picture(member.element))
        if len(image_url) > _LONGEST_URL:
            return Unreadable(name, "its picture's address is longer than 2,000 characters")
        selector = self._profile.select.get("price")
        if selector:
            price, currency = self._selected_price(member.element, selector)
        else:
            named = product.currency if product else ""
            price, currency = asked_price(member.element, self._locale._replace(currency=named) if named else self._locale)
        if price is None and product is not None and selector is None:
            price, currency = product.price, product.currency or self._locale.currency
        return Card(
            item_id=identifier,
            title=title,
            url=url,
            image_url=image_url,
            price=price,
            currency=currency if price is not None else "",
            category=self._profile.category or _category(member.element),
            in_stock=product.in_stock if product else None,
            brand=product.brand if product else "",
        )

    def _name_at(self, url: str) -> str:
        return self._products[url].name if url in self._products else ""

    def _url(self, member: Member) -> str:
        selector = self._profile.select.get("link")
        if selector is None:
            return member.url
        return absolute(_value(member.element, Selector(selector.css, selector.attribute or "href")), self._base_url) or ""

    def _ids(self, elements: list[Tag], urls: list[str]) -> list[str]:
        if "id" in self._profile.select:
            return [_value(element, self._profile.select["id"]) for element in elements]
        pattern = self._profile.id_pattern
        if pattern is not None:
            matches = [pattern.search(url) for url in urls]
            return [(match.group(1) if pattern.groups else match.group()) or "" if match else "" for match in matches]
        return choose_ids(elements, urls, shopify=self._shopify)

    def _title(self, element: Tag) -> str:
        return _value(element, self._profile.select["title"])[:TITLE_LONGEST]

    def _selected_price(self, element: Tag, selector: Selector) -> tuple[Decimal | None, str]:
        found = _chosen(element, selector)
        if found is None:
            return None, ""
        if selector.attribute:
            return read_price(str(found.get(selector.attribute) or ""), self._locale)
        return read_price(price_text(found), self._locale)

    def _image(self, element: Tag, shared: set[str]) -> str | None:
        selector = self._profile.select.get("image")
        if selector is None:
            return picture_url(element, self._base_url, shared)
        if selector.attribute:
            return absolute(_value(element, selector), self._base_url)
        found = _chosen(element, selector)
        return picture_url(found, self._base_url) if found else None

    def _why_no_picture(self, element: Tag) -> str:
        sources = [str(image.get("src") or "") for image in element.find_all("img")]
        if any(source and is_placeholder(source) for source in sources):
            return "only a placeholder in place of its picture"
        return "its picture's address is malformed" if any(sources) else "no picture on the card"

    def _name(self, element: Tag) -> str:
        return text_of(element)[:60] or "a card"


def _chosen(element: Tag, selector: Selector) -> Tag | None:
    return element.select_one(selector.css) if selector.css else element


def _value(element: Tag, selector: Selector) -> str:
    """What a profile's selector reads: the attribute it names, else the text."""
    found = _chosen(element, selector)
    if found is None:
        return ""
    return str(found.get(selector.attribute) or "") if selector.attribute else text_of(found)


def _category(element: Tag) -> str:
    """The product's own category, where its card names one (WooCommerce does so in a class)."""
    marked = element.select_one("[itemprop=category]")
    if marked is not None:
        return str(marked.get("content") or text_of(marked))[:200]
    if element.get("data-category"):
        return str(element["data-category"]).strip()[:200]
    slugs = [name.removeprefix("product_cat-") for name in classes_of(element) if name.startswith("product_cat-")]
    return slugs[0].replace("-", " ").capitalize()[:200] if slugs else ""
