"""From a fetched answer to a page that was read."""

from typing import Final
from urllib.parse import urljoin, urlsplit

from bs4.exceptions import ParserRejectedMarkup

from scraping.errors import FetchError
from scraping.fetching.client import Fetched
from scraping.fetching.decoding import decode_text
from scraping.storefronts.base import Page, Source, Storefront
from scraping.storefronts.markup import parse
from scraping.storefronts.profiles import Profile

PAGE_BYTES: Final = 16_000_000


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


def has_malformed_next(answer: Fetched) -> bool:
    """Whether a page names a next one by an address that is none, so that nobody can tell what comes after it."""
    soup = parse(source_of(answer).text)
    for link in soup.select("link[rel~=next][href], a[rel~=next][href]"):
        try:
            _ = urlsplit(urljoin(answer.url, str(link["href"]).strip())).port
        except ValueError:
            return True
    return False


def ends_as_page(answer: Fetched) -> bool:
    """Whether a body that no length measures ends as a whole page or a whole JSON document does."""
    tail = answer.body[-4096:].rstrip().lower()
    return b"</html" in tail or (answer.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in {b"{", b"["} and tail.endswith((b"}", b"]")))


def host_of(url: str) -> str:
    """What tells shops apart in an address: its host without `www.`, "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
