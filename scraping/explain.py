"""`scrape URL --explain`: what each reader sees on one page, so that a profile can be written for what they miss."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from bs4 import BeautifulSoup

from scraping.fetching.client import Fetched, Fetcher
from scraping.fetching.decoding import charset_of
from scraping.sources import Target
from scraping.storefronts.base import Page, Source
from scraping.storefronts.cards.families import find_families
from scraping.storefronts.cards.family import Family
from scraping.storefronts.dom import classes_of
from scraping.storefronts.html import HtmlStorefront
from scraping.storefronts.markup import excess, parse
from scraping.storefronts.platforms.detection import platform_of
from scraping.storefronts.prices.shop_locale import read_locale
from scraping.storefronts.structured_data import open_graph_product, products_of
from scraping.storefronts.urls import base_of
from scraping.walk.reading import PAGE_BYTES, read_page, source_of

_FAMILIES: Final = 5  # shown, of the best
_CARDS: Final = 5


def explain(target: Target, *, user_agent: str, allow_private: bool = False) -> Iterator[str]:
    """Fetch the source's first page and yield the lines that explain it. Raises FetchError when it cannot be had."""
    with closing(Fetcher(target.url, user_agent=user_agent, delay=target.delay, allow_private=allow_private)) as fetcher:
        answer = fetcher.get(target.storefront.first_url(target.url), max_bytes=PAGE_BYTES)
        yield f"page        {answer.url}, {len(answer.body):,} bytes"
        yield f"robots.txt  allows it; {fetcher.delay_for(answer.url):g} s between requests"
    yield f"charset     {charset_of(answer.body, answer.headers.get('content-type', ''))}"
    yield f"reader      {target.storefront.name}"
    yield from explain_answer(target, answer)


def explain_answer(target: Target, answer: Fetched) -> Iterator[str]:
    """The lines on a page that was fetched: what stands on it, and what becomes of it."""
    source = source_of(answer)
    page = read_page(target.storefront, answer, target.profile)
    is_read = not excess(source.text) and not page.refusal.startswith("its elements lie")
    if isinstance(target.storefront, HtmlStorefront) and is_read:
        yield from _explain_html(source)
    yield from _explain_page(page)


def _explain_html(source: Source) -> Iterator[str]:
    soup = parse(source.text)
    base_url = base_of(soup, source.url)
    platform = platform_of(source)
    yield f"platform    {f'{platform.name}; its data: {platform.url}' if platform else 'none seen'}"
    locale = read_locale(soup, source.text, source.url)
    yield f"currency    {locale.currency or 'not named'}; language {locale.language or 'not named'}"
    if base_url != source.url:
        yield f"base        {base_url}"
    yield from _explain_data(soup, base_url)
    listed = {product.url for product in products_of(soup, base_url) if product.url}
    families = find_families(soup, base_url, listed)
    yield f"families    {len(families)} of elements with a link and a picture" + (", the best:" if families else "")
    for family in families[:_FAMILIES]:
        yield from _explain_family(family)


def _explain_data(soup: BeautifulSoup, base_url: str) -> Iterator[str]:
    products = products_of(soup, base_url)
    counts = Counter(product.syntax for product in products)
    told = ", ".join(f"{count} in {syntax}" for syntax, count in sorted(counts.items()))
    graph = "calls the page a product" if open_graph_product(soup, base_url) else "names none"
    yield f"products    {told or 'none in JSON-LD or microdata'}; OpenGraph {graph}"
    for product in products[:_CARDS]:
        price = f"{product.price} {product.currency}".strip() if product.price is not None else "no price"
        yield f"            {product.name[:60] or 'no name'} | {price} | {product.url or 'no address'}"


def _explain_family(family: Family) -> Iterator[str]:
    counts = {
        "cards": len(family.members), "with a price": family.priced, "named products": family.marked,
        "in the data": family.listed, "without a picture": len(family.bare), "without a link": len(family.unlinked),
    }  # fmt: skip
    yield f"  score {family.score:.1f}: " + ", ".join(f"{name} {count}" for name, count in counts.items())
    yield f"    {family.path}"
    yield f'    select.card = "{selector_of(family)}"; the first leads to {family.members[0].url}'


def selector_of(family: Family) -> str:
    """A CSS selector that a profile can begin with: the tag and the classes that all of a family's cards have."""
    shared = set.intersection(*(set(classes_of(member.element)) for member in family.members))
    element = family.members[0].element
    plain = [name for name in classes_of(element) if name in shared and name.replace("-", "").replace("_", "").isalnum()]
    parent = [name for name in classes_of(element.parent) if name.isascii()] if element.parent is not None and not plain else []
    around = f"{element.parent.name}.{parent[0]} > " if element.parent is not None and parent else ""
    return around + ".".join([element.name, *(name for name in plain[:3] if not name[0].isdigit())])


def _explain_page(page: Page) -> Iterator[str]:
    if page.refusal:
        yield f"read as     nothing: {page.refusal}"
    elif page.last and len(page.cards) == 1:
        yield "read as     the page of one product:"
    else:
        yield f"read as     a category of {len(page.cards)} products" + (":" if page.cards else "")
    for card in page.cards[:_CARDS]:
        price = f"{card.price} {card.currency}".strip() if card.price is not None else "no price"
        yield f"  {card.item_id} | {card.title or 'no title'} | {price} | {card.image_url}"
    for reason, count in Counter(unread.reason for unread in page.unreadable).most_common():
        yield f"unreadable  {count}: {reason}"
    yield f"next page   {page.next_url or 'none'}"
