"""Products read from their own pages, one by one: those that a sitemap lists, or a category that shows no more than links."""

from typing import Final
from urllib.parse import urldefrag, urljoin

from scraping.errors import FetchError
from scraping.fetching.client import Fetcher
from scraping.storefronts.base import Page, Source, Storefront, Unreadable
from scraping.storefronts.markup import parse
from scraping.storefronts.platforms.detection import platform_of
from scraping.storefronts.profiles import Profile
from scraping.storefronts.sitemap import is_product_address
from scraping.walk.reading import PAGE_BYTES, host_of, read_page, source_of

_ENDS_THE_WALK: Final = frozenset(
    {"the host keeps failing", "robots.txt cannot be had", "robots.txt asks for too long a pause"}
)
_GONE: Final = frozenset({"HTTP 404 Not Found", "HTTP 410 Gone"})
_MENUS: Final = ("nav", "header", "footer")


class ProductPages:
    """Fetches and reads product pages. fetched: how many came. platform: the shop system that they showed."""

    def __init__(self, fetcher: Fetcher, storefront: Storefront, profile: Profile) -> None:
        self._fetcher, self._storefront, self._profile = fetcher, storefront, profile
        self.fetched = 0
        self.platform = ""

    def read(self, url: str) -> Page | None:
        """The page of one product: its card, or why there is none; None for a page of another kind.

        A page that is gone (404, 410) takes its product with it, and any other trouble with one page is a doubt. Raises
        FetchError where it is no use to go on, as the whole host is of no use.
        """
        try:
            answer = self._fetcher.get(url, max_bytes=PAGE_BYTES)
            page = read_page(self._storefront, answer, self._profile)
        except FetchError as error:
            if error.reason in _ENDS_THE_WALK:
                raise
            return Page(cards=(), unreadable=(Unreadable(url, error.reason, blocks_delisting=error.reason not in _GONE),))
        self.fetched += 1
        if len(page.cards) == 1 and page.last:
            if not self.platform:
                platform = platform_of(source_of(answer))
                self.platform = platform.name if platform else ""
            return page
        if page.cards or not (page.unreadable or page.refusal):
            return None
        return page if page.unreadable else Page(cards=(), unreadable=(Unreadable(url, "the product's page cannot be read"),))


def product_links(source: Source) -> tuple[str, ...]:
    """The addresses of products that a page links outside its menus, each once."""
    soup = parse(source.text)
    host = host_of(source.url)
    links: dict[str, None] = {}
    for link in soup.find_all("a", href=True):
        try:
            address = urldefrag(urljoin(source.url, str(link["href"]).strip())).url
        except ValueError:
            continue
        if is_product_address(address) and host_of(address) == host and not link.find_parent(_MENUS):
            links[address] = None
    return tuple(links)
