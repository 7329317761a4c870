"""Telling a product's own page from a category, and reading the one product on it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from scraping.storefronts.base import Card, Unreadable
from scraping.storefronts.buy_box import has_buy_box
from scraping.storefronts.cards.family import Family
from scraping.storefronts.cards.title import folded
from scraping.storefronts.dom import classes_of, text_of
from scraping.storefronts.identifiers import id_in_url, item_id, shopify_handle
from scraping.storefronts.pictures import picture_url
from scraping.storefronts.profiles import Profile
from scraping.storefronts.structured_data import Product, breadcrumb_of, open_graph_product
from scraping.storefronts.urls import absolute

_MANY: Final = 4  # cards: a category that JSON-LD sums up as one product shows at least as many
_BODY: Final = re.compile(
    r"single-product|template-product|catalog-product-view|product-product(?:-\d+)?|page-product|is-ctl-product", re.I
)
_POST_ID: Final = re.compile(r"^(?:postid|product|post)-(\d+)$")
_ID_INPUTS: Final = (
    "product_id",
    "product-id",
    "id_product",
    "product",
    "add-to-cart",
    "virtuemart_product_id[]",
    "goods_id",
    "products_id",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a page turned out to be: its `product`, or why a product's page cannot be read; neither of them: a category."""

    product: Product | None = None
    refusal: str = ""


def judge(
    soup: BeautifulSoup, page_url: str, base_url: str, products: list[Product], family: Family | None, *, goes_on: bool = False
) -> Verdict:
    """Tell whether a page is a product's own, from its data first, then from what stands outside its cards.

    goes_on: whether there is a next page, which a category with many cards has and the page of a product has not.
    """
    here = {address_key(page_url)} | {address_key(url) for url in canonical_urls(soup, base_url)}
    main = main_product(products, here, page_title(soup))
    graph = open_graph_product(soup, base_url)
    if graph is not None and graph.url and address_key(graph.url) not in here:
        graph = None
    members = family.members if family else []
    titled = f"{folded(page_title(soup))} {folded(soup.title.get_text()) if soup.title else ''}"
    nameless = main is not None and not main.url and graph is None and folded(main.name) not in titled
    if nameless and main and any(folded(main.name) in folded(text_of(member.element)[:2000]) for member in members):
        main = None  # one of the cards, not the page
    if (
        main is not None
        and main.several
        and graph is None
        and len(members) >= _MANY
        and not has_buy_box(soup, members_of(family))
    ):
        main = None  # a category, summed up as one product for search engines
    if main is not None:
        return Verdict(_completed(main, graph))
    if graph is not None and (len(members) < _MANY or has_buy_box(soup, members_of(family))):
        return Verdict(graph)
    body = soup.body
    if goes_on and len(members) >= 2 * _MANY:
        return Verdict()
    named = body is not None and any(_BODY.fullmatch(name) for name in (*classes_of(body), str(body.get("id") or "")))
    if named or has_buy_box(soup, members_of(family)):
        title = f" ({page_title(soup)[:80]})" if page_title(soup) else ""
        return Verdict(
            refusal=f"this is the page of one product{title} that says nothing of it for machines "
            "(JSON-LD, microdata, OpenGraph); give the address of its category, or a profile with select.card"
        )
    return Verdict()


def read_product(soup: BeautifulSoup, page_url: str, product: Product, profile: Profile, *, shopify: bool) -> Card | Unreadable:
    """The page's product as a card. Its ItemID is the one that its card in a category has, as far as both pages tell."""
    raw = _raw_id(soup, page_url, product, profile, shopify=shopify)
    identifier = item_id(raw, profile.id_prefix)
    if not identifier:
        return Unreadable(product.name or page_url, "no id on the page or in its address")
    image = product.images[0] if product.images else _pictured(soup, page_url, product.name)
    if image is None or len(image) > 2000:
        return Unreadable(identifier, "no picture in the page's data on its product")
    return Card(
        item_id=identifier,
        title=product.name[:500],
        url=page_url[:2000],
        image_url=image,
        price=product.price,
        currency=(product.currency or profile.currency) if product.price is not None else "",
        category=profile.category or product.category or breadcrumb_of(soup)[:200],
        in_stock=product.in_stock,
        brand=product.brand,
        group_id=product.group_id,
        more_pictures=tuple(url for url in product.images if url != image and len(url) <= 2000),
    )


def main_product(products: list[Product], here: Collection[str], title: str) -> Product | None:
    """Of the products that a page's data names the page's own: the one at its address, else the only one without another's."""
    able = [product for product in products if product.main and product.name]
    at_home = [product for product in able if product.url and address_key(product.url) in here]
    if at_home:
        return next((product for product in at_home if product.price is not None), at_home[0])
    nameless = [product for product in able if not product.url]
    if len({folded(product.name) for product in nameless}) > 1:
        nameless = [product for product in nameless if folded(product.name) in folded(title)]
    return next((product for product in nameless if product.price is not None), nameless[0] if nameless else None)


def canonical_urls(soup: BeautifulSoup, base_url: str) -> list[str]:
    """The addresses that the page calls its own: `rel=canonical` and `og:url`."""
    found = [(link, "href") for link in soup.select("link[rel~=canonical][href]")]
    found += [(meta, "content") for meta in soup.select("meta[property='og:url'][content]")]
    addresses = (absolute(str(tag[name]), base_url) for tag, name in found)
    return [address for address in addresses if address]


def address_key(url: str) -> str:
    """An address as far as two spellings of one page agree: without scheme, www., a last slash and tracking parameters."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if re.match(r"(?:id|p|pid|product|product_id|route|sku)=", pair)]
    return f"{(parts.hostname or '').removeprefix('www.')}{unquote(parts.path).rstrip('/')}?{'&'.join(sorted(kept))}"


def page_title(soup: BeautifulSoup) -> str:
    """The page's first heading that is shown, else its title."""
    for name in ("h1", "title"):
        for found in soup.find_all(name, limit=5):
            if text_of(found) or found.get_text(strip=True):
                return text_of(found) or " ".join(found.get_text().split())
    return ""


def members_of(family: Family | None) -> set[int]:
    """The ids of a family's elements."""
    return {id(member.element) for member in family.members} if family else set()


def _completed(main: Product, graph: Product | None) -> Product:
    """The page's product, completed by OpenGraph; of its pictures the one that OpenGraph shows comes first."""
    if graph is None:
        return main
    images = main.images or graph.images
    if graph.images and graph.images[0] in images:
        images = (graph.images[0], *(image for image in images if image != graph.images[0]))
    return Product(
        name=main.name or graph.name,
        url=main.url,
        images=images,
        price=main.price if main.price is not None else graph.price,
        currency=main.currency or graph.currency,
        sku=main.sku or graph.sku,
        brand=main.brand or graph.brand,
        category=main.category or graph.category,
        group_id=main.group_id,
        in_stock=main.in_stock if main.in_stock is not None else graph.in_stock,
        syntax=main.syntax,
        main=True,
        several=main.several,
    )


def _raw_id(soup: BeautifulSoup, page_url: str, product: Product, profile: Profile, *, shopify: bool) -> str:
    if profile.id_pattern is not None:
        match = profile.id_pattern.search(page_url)
        return (match.group(1) if match.re.groups else match.group()) or "" if match else ""
    if shopify and shopify_handle(page_url):
        return shopify_handle(page_url)
    marked = [soup.body] if soup.body is not None else []
    marked += soup.select("main [class*=product], article.product, div.product.type-product", limit=3)
    for element in marked:
        for name in classes_of(element):
            match = _POST_ID.match(name)
            if match:
                return match.group(1)
    for name in _ID_INPUTS:
        values = {str(found.get("value") or "").strip() for found in soup.select(f'form [name="{name}"][value]')}
        values = {value for value in values if re.fullmatch(r"[\w-]{1,40}", value)}
        if len(values) == 1:
            return values.pop()
    return id_in_url(page_url) or product.sku


def _pictured(soup: BeautifulSoup, base_url: str, name: str) -> str | None:
    """A picture of the page that is described by the product's own name."""
    wanted = folded(name)
    for image in soup.find_all("img", alt=True):
        if wanted and folded(str(image["alt"])).startswith(wanted):
            address = picture_url(image, base_url)
            if address:
                return address
    return None
