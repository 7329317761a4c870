"""Walking a category's pages, one after the other, to the end or to the first trouble."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from bs4.exceptions import ParserRejectedMarkup

from scraping.errors import FetchError
from scraping.fetching.client import Fetched, Fetcher
from scraping.fetching.decoding import decode_text
from scraping.storefronts import STOREFRONTS
from scraping.storefronts.base import Page, Source, Storefront
from scraping.storefronts.platforms import is_password_page, platform_of, shopify_currency
from scraping.storefronts.profiles import Profile

PAGE_BYTES: Final = 16_000_000
PAGES_WITHOUT_NEWS: Final = 2
MOST_PAGES: Final = 10_000
MOST_CARDS: Final = 5_000  # on one page


@dataclass(slots=True)
class Walk:
    """How far a walk came.

    ended: the last page was reached. doubts: why it may have missed products all the same. complete: it can prove that it
    missed none, so what it did not meet is no longer there. platform: the shop system behind the pages, "" where none is seen.
    is_closed: the first page is the password page of a shop that is not open to the public.
    """

    pages: int = 0
    ended: bool = False
    trouble: str = ""
    note: str = ""
    doubts: list[str] = field(default_factory=list)
    platform: str = ""
    is_closed: bool = False

    @property
    def complete(self) -> bool:
        return self.ended and not self.trouble and not self.doubts


def walk_category(
    fetcher: Fetcher, storefront: Storefront, profile: Profile, url: str, walk: Walk, most: int | None = None
) -> Iterator[Page]:
    """Yield the category's pages and keep `walk` up to date; a page that cannot be had ends it with `walk.trouble` set.

    A page that shows its platform, with a profile that chooses no reader, is read from that platform's data where it gives any.
    Ends at the last page, at a page already seen, after two pages in a row that show nothing new, and after `most` pages.
    """
    try:
        start = choose_reader(fetcher, storefront, profile, url)
    except FetchError as error:
        walk.trouble = f"page 1 ({url}): {error}"
        return
    storefront, profile, first = start.storefront, start.profile, start.first
    walk.platform = start.platform
    next_url: str | None = first.url
    seen: set[str] = set()
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
        walk.is_closed = walk.pages == 1 and not page.cards and is_password_page(source_of(answer))
        if len(page.cards) > MOST_CARDS:
            walk.doubts.append(f"page {walk.pages} shows more than {MOST_CARDS:,} products: the rest was left out")
            page = replace(page, cards=page.cards[:MOST_CARDS])
        yield page
        unreadable += sum(card.blocks_delisting for card in page.unreadable)
        if not page.last and not answer.end_is_certain and not _ends_as_page(answer):
            walk.doubts.append(f"page {walk.pages} may have been cut off: nothing marks its end")
        if walk.pages > 1 and not page.cards and not page.last:
            walk.doubts.append(f"page {walk.pages} ({answer.url}) shows no products")
            break
        new = {card.item_id for card in page.cards} - ids
        ids |= new
        if not new and page.cards:
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


@dataclass(frozen=True, slots=True)
class Start:
    """How a category is read: by which reader, with which profile, from which first page."""

    storefront: Storefront
    profile: Profile
    first: Fetched
    platform: str = ""


def choose_reader(fetcher: Fetcher, storefront: Storefront, profile: Profile, url: str) -> Start:
    """Fetch the first page and see who reads it. Raises FetchError when it cannot be had."""
    if storefront.name == "shopify" and not profile.currency:
        profile = replace(profile, currency=_collection_currency(fetcher, url))
    first = fetcher.get(storefront.first_url(url), max_bytes=PAGE_BYTES)
    if storefront.name != "html" or profile.storefront or profile.select:
        return Start(storefront, profile, first, "" if storefront.name == "html" else storefront.name)
    platform = platform_of(source_of(first))
    if platform is None or not platform.url:
        return Start(storefront, profile, first, platform.name if platform else "")
    reader = STOREFRONTS[platform.name]
    with_currency = replace(profile, currency=profile.currency or platform.currency)
    try:
        answer = fetcher.get(reader.first_url(platform.url), max_bytes=PAGE_BYTES)
        page = read_page(reader, answer, with_currency)
    except FetchError:
        page = Page(cards=())
    if page.cards:
        return Start(reader, with_currency, answer, platform.name)
    return Start(storefront, profile, first, platform.name)  # the shop keeps its data to itself: its page is read


def _collection_currency(fetcher: Fetcher, url: str) -> str:
    """The currency that the page beside a products.json names, "" where there is none to ask."""
    address = urlsplit(url)
    page = address._replace(path=address.path.removesuffix("/products.json") or "/", query="").geturl()
    try:
        return shopify_currency(source_of(fetcher.get(page, max_bytes=PAGE_BYTES)).text)
    except FetchError:
        return ""


def source_of(answer: Fetched) -> Source:
    """A fetched page as text."""
    kind = answer.headers.get("content-type", "")
    return Source(answer.url, decode_text(answer.body, kind), dict(answer.headers))


def read_page(storefront: Storefront, answer: Fetched, profile: Profile) -> Page:
    """Read a page; raises FetchError for one that no parser takes, such as one nested without end."""
    try:
        return storefront.read(source_of(answer), profile)
    except (ValueError, RecursionError, ParserRejectedMarkup) as error:
        raise FetchError("the page cannot be read", str(error)[:200]) from None


def _ends_as_page(answer: Fetched) -> bool:
    """Whether a body that no length measures ends as a whole page or a whole JSON document does."""
    tail = answer.body[-4096:].rstrip().lower()
    return b"</html" in tail or (answer.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in {b"{", b"["} and tail.endswith((b"}", b"]")))


def host_of(url: str) -> str:
    """What tells shops apart in an address: its host without `www.`, "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
