"""Addresses as pages write them: joined, checked, compared; and the query strings that shops' own interfaces are asked by."""

import re
from typing import Final
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

from bs4 import BeautifulSoup, Tag

_NOT_A_PAGE: Final = re.compile(r"^(?:#|javascript:|mailto:|tel:|data:|blob:|about:)", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")  # browsers drop them from addresses
_PICTURE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|svg|tiff?)$", re.IGNORECASE)


def absolute(href: str, base_url: str) -> str | None:
    """`href` as an absolute http(s) URL without fragment; None where it leads to no page or is malformed."""
    href = _CONTROL.sub("", href).strip()
    if not href or _NOT_A_PAGE.match(href):
        return None
    try:
        address = urldefrag(urljoin(base_url, href)).url
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:  # "//[x]/", a port that is no number
        return None
    return address if parts.scheme in {"http", "https"} and host else None


def base_of(soup: BeautifulSoup, page_url: str) -> str:
    """What the page's links are relative to: its first `<base href>` that is an address, else the page itself."""
    base = soup.find("base", href=True)
    return (absolute(str(base["href"]), page_url) if isinstance(base, Tag) else None) or page_url


def is_picture_file(url: str) -> bool:
    """Whether an address is that of a picture, by its path's ending."""
    return _PICTURE.search(urlsplit(url).path) is not None


def query_of(url: str) -> dict[str, str]:
    """The query's values by key; of a repeated key the last."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def with_query(url: str, **values: str | int) -> str:
    """`url` with these keys of its query set."""
    query = query_of(url) | {key: str(value) for key, value in values.items()}
    return urlunsplit(urlsplit(url)._replace(query=urlencode(query), fragment=""))


def number_in(url: str, key: str, default: int) -> int:
    """The whole number under `key` of the query, `default` where there is none."""
    value = query_of(url).get(key, "")
    return int(value) if value.isascii() and value.isdecimal() and int(value[:18]) > 0 else default
