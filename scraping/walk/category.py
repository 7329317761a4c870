"""Walking a category's pages, one after the other, to the end or to the first trouble."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from scraping.errors import FetchError
from scraping.fetching.client import Fetched, Fetcher
from scraping.storefronts import STOREFRONTS
from scraping.storefronts.base import Page, Storefront
from scraping.storefronts.platforms.detection import is_password_page
from scraping.storefronts.profiles import Profile
from scraping.walk.product_pages import ProductPages, product_links
from scraping.walk.progress import MOST_PAGES, Walk
from scraping.walk.reading import PAGE_BYTES, ends_as_page, has_malformed_next, host_of, read_page, source_of
from scraping.walk.start import choose_reader, reads_pages

PAGES_WITHOUT_NEWS: Final = 2
MOST_CARDS: Final = 5_000  # on one page
_FEWEST_LINKS: Final = 2


def walk_category(
    fetcher: Fetcher,
    storefront: Storefront,
    profile: Profile,
    url: str,
    walk: Walk,
    most: int | None = None,
    *,
    ask_platform: bool = True,
) -> Iterator[Page]:
    """Yield the category's pages and keep `walk` up to date; a page that cannot be had ends it with `walk.trouble` set.

    A page that shows its platform, with a profile that chooses no reader, is read from that platform's data where it gives any.
    Ends at the last page, at a page already seen, after two pages in a row that show nothing new, and after `most` pages.
    """
    try:
        start = choose_reader(fetcher, storefront, profile, url, ask_platform=ask_platform)
    except FetchError as error:
        walk.trouble = f"page 1 ({url}): {error}"
        return
    storefront, profile, first = start.storefront, start.profile, start.first
    walk.platform = start.platform
    if start.has_data:
        walk.hint = f"this is the page; without --dry-run the shop is first asked for {STOREFRONTS[start.platform].looked_for}"
    product_pages = ProductPages(fetcher, storefront, profile) if reads_pages(storefront, profile) else None
    next_url: str | None = first.url
    seen = {storefront.first_url(url)} - {first.url}
    ids: set[str] = set()
    unreadable = stale = 0
    host = ""
    while next_url is not None:
        if next_url in seen:
            walk.doubts.append(f"page {walk.pages} leads back to {next_url}, which was read before")
            break
        if walk.pages >= (most or MOST_PAGES):
            walk.note = f"stopped after {walk.pages} pages, as asked" if most else f"stopped after {MOST_PAGES:,} pages"
            return
        seen.add(next_url)
        try:
            answer = first if walk.pages == 0 else fetcher.get(next_url, max_bytes=PAGE_BYTES)
            page = read_page(storefront, answer, profile)
        except FetchError as error:
            walk.trouble = f"page {walk.pages + 1} ({next_url}): {error}"
            return
        seen.add(answer.url)
        host = host or host_of(answer.url)
        walk.pages += 1
        if len(page.cards) > MOST_CARDS:
            walk.doubts.append(f"page {walk.pages} shows more than {MOST_CARDS:,} products: the rest was left out")
            page = replace(page, cards=page.cards[:MOST_CARDS])
        new: set[str] = set()
        shown = 0
        try:
            for part in _parts(page, answer, product_pages, walk):
                yield part
                shown += len(part.cards)
                new |= {card.item_id for card in part.cards} - ids
                unreadable += sum(card.blocks_delisting for card in part.unreadable)
        except FetchError as error:
            walk.trouble = f"page {walk.pages} ({answer.url}): {error}"
            return
        if not page.last and not answer.end_is_certain and not ends_as_page(answer):
            walk.doubts.append(f"page {walk.pages} may have been cut off: nothing marks its end")
        if product_pages is not None and page.next_url is None and not page.last and has_malformed_next(answer):
            walk.doubts.append(f"page {walk.pages} names a next page by a malformed address")
        if walk.pages > 1 and not shown and not page.last:
            walk.doubts.append(f"page {walk.pages} ({answer.url}) shows no products")
            break
        ids |= new
        if shown and not new:
            walk.doubts.append(f"page {walk.pages} shows only products that were on pages before it")
        stale = 0 if new else stale + 1
        if stale >= PAGES_WITHOUT_NEWS:
            break
        if page.next_url and host_of(page.next_url) != host:
            walk.note = f"the next page {page.next_url} is on another host; not followed"
            return
        next_url = page.next_url
    if unreadable:
        walk.doubts.append(f"{unreadable:,} {'card' if unreadable == 1 else 'cards'} could not be read")
    walk.ended = True


def _parts(page: Page, answer: Fetched, product_pages: ProductPages | None, walk: Walk) -> Iterator[Page]:
    """The page itself; in place of one that shows no products but links some, what those products' own pages show.

    Raises FetchError when it is no use to go on.
    """
    if page.cards or page.refusal or page.last or product_pages is None:
        yield page
        return
    source = source_of(answer)
    walk.is_closed = walk.pages == 1 and is_password_page(source)
    links = () if walk.is_closed else product_links(source)
    any_read = False
    unread: list[Page] = []
    for link in links if len(links) >= _FEWEST_LINKS else ():
        part = product_pages.read(link)
        if part is None:
            continue
        if not part.cards:
            unread.append(part)
            continue
        any_read = True
        yield part
    yield from unread if any_read else [page]
