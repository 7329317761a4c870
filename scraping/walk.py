"""Walking a category's pages, one after the other, to the end or to the first trouble."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bs4.dammit import EncodingDetector

from scraping.errors import FetchError
from scraping.fetching.client import Fetched, Fetcher
from scraping.storefronts.base import Page, Source, Storefront
from scraping.storefronts.profiles import Profile

PAGE_BYTES: Final = 16_000_000
PAGES_WITHOUT_NEWS: Final = 2
MOST_PAGES: Final = 10_000


@dataclass(slots=True)
class Walk:
    """How far a walk came. `complete`: every page was read, so what was not met is no longer there."""

    pages: int = 0
    complete: bool = False
    trouble: str = ""
    note: str = ""


def walk_category(
    fetcher: Fetcher, storefront: Storefront, profile: Profile, url: str, walk: Walk, most: int | None = None
) -> Iterator[Page]:
    """Yield the category's pages and keep `walk` up to date; a page that cannot be had ends it with `walk.trouble` set.

    Ends at the last page, at a page already seen, after two pages in a row that show nothing new, and after `most` pages.
    """
    following: str | None = storefront.first_url(url)
    seen: set[str] = set()
    ids: set[str] = set()
    stale = 0
    host = ""
    while following is not None and following not in seen:
        if walk.pages >= (most or MOST_PAGES):
            walk.note = f"stopped after {walk.pages} pages, as asked" if most else f"stopped after {MOST_PAGES:,} pages"
            return
        seen.add(following)
        try:
            answer = fetcher.get(following, max_bytes=PAGE_BYTES)
        except FetchError as error:
            walk.trouble = f"page {walk.pages + 1} ({following}): {error}"
            return
        seen.add(answer.url)
        host = host or _host(answer.url)
        page = storefront.read(source_of(answer), profile)
        walk.pages += 1
        yield page
        if walk.pages > 1 and not page.cards and not page.last:
            walk.note = f"page {walk.pages} ({answer.url}) shows no products; nothing is taken for gone"
            return
        fresh = {card.item_id for card in page.cards} - ids
        ids |= fresh
        stale = 0 if fresh else stale + 1
        if stale >= PAGES_WITHOUT_NEWS:
            break
        if page.next_url and _host(page.next_url) != host:
            walk.note = f"the next page {page.next_url} is on another host; not followed"
            return
        following = page.next_url
    walk.complete = True


def source_of(answer: Fetched) -> Source:
    """A fetched page as text: by the header's charset, else the one the page names, else UTF-8; bad bytes are replaced."""
    declared = answer.headers.get("content-type", "").lower().partition("charset=")[2].split(";")[0].strip(" \"'")
    named = EncodingDetector.find_declared_encoding(answer.body, is_html=True, search_entire_document=False)
    for charset in (declared, named):
        try:
            return Source(answer.url, answer.body.decode(charset or "none", "replace"), dict(answer.headers))
        except LookupError:
            continue
    return Source(answer.url, answer.body.decode("utf-8", "replace"), dict(answer.headers))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
