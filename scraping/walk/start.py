"""Where a category's walk begins: its first page, and who reads it."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from scraping.errors import FetchError
from scraping.fetching.client import Fetched, Fetcher
from scraping.storefronts import STOREFRONTS
from scraping.storefronts.base import Page, Storefront
from scraping.storefronts.platforms.detection import platform_of, shopify_currency
from scraping.storefronts.profiles import Profile
from scraping.walk.reading import PAGE_BYTES, read_page, source_of


@dataclass(frozen=True, slots=True)
class Start:
    """How a category is read: by which reader, with which profile, from which first page."""

    storefront: Storefront
    profile: Profile
    first: Fetched
    platform: str = ""
    has_data: bool = False


def choose_reader(fetcher: Fetcher, storefront: Storefront, profile: Profile, url: str, *, ask_platform: bool = True) -> Start:
    """Fetch the first page and see who reads it. Raises FetchError when it cannot be had.

    Without `ask_platform` the page itself is read, and `has_data` says that its platform would be asked for its data.
    """
    if storefront.name == "shopify" and not profile.currency:
        profile = replace(profile, currency=_collection_currency(fetcher, url))
    first = fetcher.get(storefront.first_url(url), max_bytes=PAGE_BYTES)
    if not reads_pages(storefront, profile):
        return Start(storefront, profile, first, "" if storefront.name == "html" else storefront.name)
    platform = platform_of(source_of(first))
    if platform is None or not platform.url:
        return Start(storefront, profile, first, platform.name if platform else "")
    if not ask_platform:
        return Start(storefront, profile, first, platform.name, has_data=True)
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


def reads_pages(storefront: Storefront, profile: Profile) -> bool:
    """Whether a category is read from its pages by our own judgement, and by no reader or selector that somebody chose."""
    return storefront.name == "html" and not profile.storefront and not profile.select


def _collection_currency(fetcher: Fetcher, url: str) -> str:
    """The currency that the page beside a products.json names, "" where there is none to ask."""
    address = urlsplit(url)
    page = address._replace(path=address.path.removesuffix("/products.json") or "/", query="").geturl()
    try:
        return shopify_currency(source_of(fetcher.get(page, max_bytes=PAGE_BYTES)))
    except FetchError:
        return ""
