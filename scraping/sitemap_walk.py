"""Walking the product pages that a sitemap lists."""

from collections.abc import Iterator
from typing import Final

from scraping.errors import FetchError
from scraping.fetching.client import Fetcher
from scraping.storefronts.base import Page, Storefront, Unreadable
from scraping.storefronts.platforms import platform_of
from scraping.storefronts.profiles import Profile
from scraping.storefronts.sitemap import SITEMAP_BYTES, product_addresses, product_sitemaps, read_sitemap
from scraping.walk import MOST_PAGES, PAGE_BYTES, Walk, host_of, read_page, source_of

MOST_SITEMAPS: Final = 500
_ENDS_THE_WALK: Final = frozenset(
    {"the host keeps failing", "robots.txt cannot be had", "robots.txt asks for too long a pause"}
)
_XML: Final = "application/xml,text/xml,*/*;q=0.5"
_GONE: Final = frozenset({"HTTP 404 Not Found", "HTTP 410 Gone"})


def walk_sitemap(
    fetcher: Fetcher, storefront: Storefront, profile: Profile, url: str, walk: Walk, most: int | None = None
) -> Iterator[Page]:
    """Yield the product pages of the sitemap at `url`, each with its one card or with why it has none; keep `walk` up to date.

    Pages of other kinds are passed over. One page that cannot be had is a doubt and no end; a host that fails altogether is.
    """
    try:
        addresses = _pages_of(fetcher, url, walk)
    except FetchError as error:
        walk.trouble = f"{url}: {error}"
        return
    shown = missing = unreadable = 0
    for address in addresses:
        if walk.pages >= (most or MOST_PAGES):
            walk.note = f"stopped after {walk.pages} pages, as asked" if most else f"stopped after {MOST_PAGES:,} pages"
            return
        try:
            answer = fetcher.get(address, max_bytes=PAGE_BYTES)
            page = read_page(storefront, answer, profile)
        except FetchError as error:
            if error.reason in _ENDS_THE_WALK:
                walk.trouble = f"page {walk.pages + 1} ({address}): {error}"
                return
            is_gone = error.reason in _GONE
            missing += not is_gone
            yield Page(cards=(), unreadable=(Unreadable(address, error.reason, blocks_delisting=not is_gone),))
            continue
        walk.pages += 1
        if page.refusal and not page.unreadable:
            page = Page(cards=(), unreadable=(Unreadable(address, "the product's page cannot be read"),))
        if page.cards and not walk.platform:
            platform = platform_of(source_of(answer))
            walk.platform = platform.name if platform else ""
        shown += len(page.cards)
        unreadable += sum(card.blocks_delisting for card in page.unreadable)
        if page.cards or page.unreadable:
            yield page
    if not shown:
        walk.trouble = f"no product found on the {walk.pages:,} pages of {url}: looked for {storefront.looked_for}"
        return
    if missing:
        walk.doubts.append(f"{missing:,} pages of the sitemap could not be had")
    if unreadable:
        walk.doubts.append(f"{unreadable:,} product pages could not be read")
    walk.ended = True


def _pages_of(fetcher: Fetcher, url: str, walk: Walk) -> list[str]:
    """The addresses of product pages, each once. Raises FetchError when the first sitemap cannot be had or read."""
    host = host_of(url)
    pages: dict[str, None] = {}
    waiting, seen = [url], {url}
    while waiting:
        address = waiting.pop(0)
        try:
            sitemap = read_sitemap(fetcher.get(address, max_bytes=SITEMAP_BYTES, accept=_XML).body)
        except FetchError as error:
            if address == url:
                raise
            walk.doubts.append(f"the sitemap {address} cannot be read: {error}")
            continue
        if not sitemap.is_whole:
            walk.doubts.append(f"the sitemap {address} is not well formed, or breaks off")
        pages |= dict.fromkeys(_on_host(product_addresses(sitemap.pages), host, walk, address))
        for further in _on_host(product_sitemaps(sitemap.sitemaps), host, walk, address):
            if further not in seen and len(seen) < MOST_SITEMAPS:
                seen.add(further)
                waiting.append(further)
    return list(pages)


def _on_host(addresses: tuple[str, ...], host: str, walk: Walk, sitemap: str) -> list[str]:
    """The addresses that lie on the sitemap's own host, the only ones that it may list."""
    own = [address for address in addresses if host_of(address) == host]
    if len(own) < len(addresses):
        walk.doubts.append(f"{len(addresses) - len(own):,} addresses of {sitemap} are on other hosts; not followed")
    return own
