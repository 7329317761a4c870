"""Walking the product pages that a sitemap lists."""

from collections.abc import Iterator
from typing import Final

from scraping.errors import FetchError
from scraping.fetching.client import Fetcher
from scraping.storefronts.base import Page, Storefront
from scraping.storefronts.profiles import Profile
from scraping.storefronts.sitemap import SITEMAP_BYTES, product_addresses, product_sitemaps, read_sitemap
from scraping.walk.product_pages import ProductPages
from scraping.walk.progress import MOST_PAGES, Walk
from scraping.walk.reading import host_of

MOST_SITEMAPS: Final = 500
_XML: Final = "application/xml,text/xml,*/*;q=0.5"


def walk_sitemap(
    fetcher: Fetcher, storefront: Storefront, profile: Profile, url: str, walk: Walk, most: int | None = None
) -> Iterator[Page]:
    """Yield the product pages of the sitemap at `url`, each with its one card or with why it has none; keep `walk` up to date.

    Pages of other kinds are passed over. One page that cannot be had is a doubt and no end; a host that fails altogether is.
    """
    pages = ProductPages(fetcher, storefront, profile)
    shown = unreadable = 0
    try:
        for address in _addresses(fetcher, url, walk):
            if walk.pages >= (most or MOST_PAGES):
                walk.note = f"stopped after {walk.pages} pages, as asked" if most else f"stopped after {MOST_PAGES:,} pages"
                return
            page = pages.read(address)
            walk.pages = pages.fetched
            walk.platform = pages.platform
            if page is not None:
                shown += len(page.cards)
                unreadable += sum(card.blocks_delisting for card in page.unreadable)
                yield page
    except FetchError as error:
        walk.trouble = f"{url}: {error}"
        return
    if not shown:
        walk.trouble = f"no product found on the {walk.pages:,} pages of {url}: looked for {storefront.looked_for}"
        return
    if unreadable:
        walk.doubts.append(f"{unreadable:,} {'page' if unreadable == 1 else 'pages'} of products could not be read")
    walk.ended = True


def _addresses(fetcher: Fetcher, url: str, walk: Walk) -> list[str]:
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
        if not sitemap.is_complete:
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
