"""From the SOURCE of the command line to where a scrape begins."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scraping.errors import ProfileError, SourceError
from scraping.storefronts import STOREFRONTS
from scraping.storefronts.base import Storefront
from scraping.storefronts.profiles import Profile, check_url, load_profile
from scraping.storefronts.sitemap import is_sitemap_address

DEMO: Final = "demo"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to begin and how to read.

    name: what rows keep as their source. moved: (served at, known as), two origins, for a shop that runs at a passing address.
    """

    url: str
    name: str
    storefront: Storefront
    profile: Profile
    delay: float
    moved: tuple[str, str] | None = None

    def lasting_url(self, url: str) -> str:
        """The URL to keep: the lasting one of a shop that is served at a passing address."""
        if self.moved and url.startswith(self.moved[0]):
            return self.moved[1] + url.removeprefix(self.moved[0])
        return url


@contextmanager
def open_source(text: str, *, delay: float | None, default_delay: float) -> Iterator[Target]:
    """Resolve a category's URL, a profile's path, or `demo` (whose shop runs inside, until the end). Raises SourceError."""
    if text == DEMO:
        with _demo() as (origin, lasting):
            yield Target(f"{origin}/category/all/", DEMO, STOREFRONTS["html"], Profile(), delay or 0.0, (origin, lasting))
        return
    profile = _profile(text)
    chosen = delay if delay is not None else profile.delay if profile.delay is not None else default_delay
    yield Target(profile.url, profile.url, _storefront(profile), profile, chosen)


@contextmanager
def _demo() -> Iterator[tuple[str, str]]:
    """Run the demo shop inside; gives where it is served and the address that its links go by."""
    from demo.catalogue import CatalogueMissingError
    from demo.storefront import CANONICAL, demo_storefront

    with ExitStack() as running:
        try:
            origin = running.enter_context(demo_storefront())
        except (CatalogueMissingError, OSError) as error:
            raise SourceError(f"The demo shop cannot be opened: {error}") from None
        yield origin, CANONICAL


def _profile(text: str) -> Profile:
    if "://" in text:
        try:
            check_url(text, "SOURCE")
        except ProfileError as error:
            raise SourceError(str(error)) from None
        return Profile(url=text)
    if text.endswith(".toml") or Path(text).is_file():
        return load_profile(Path(text))
    hint = f" Did you mean https://{text}?" if "." in text.partition("/")[0] else ""
    raise SourceError(f"{text!r} is no source: give a category's URL with https:// in front, a profile (.toml), or demo.{hint}")


def _storefront_of(url: str) -> str:
    """The reader that an address itself calls for."""
    path = urlsplit(url).path
    if path.endswith("/products.json"):
        return "shopify"
    if is_sitemap_address(url):
        return "sitemap"
    return "woocommerce" if "/wp-json/wc/store/" in path else "html"


def _storefront(profile: Profile) -> Storefront:
    name = profile.storefront or _storefront_of(profile.url)
    if name not in STOREFRONTS:
        raise SourceError(f"storefront is {name!r}; there are: {', '.join(sorted(STOREFRONTS))}.")
    return STOREFRONTS[name]
