"""What is built to take memory takes less than 300 MB, measured in a process of its own."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import django
import pytest

from scraping.errors import FeedError, FetchError
from scraping.feeds.formats import columns_of
from scraping.feeds.tables.files import FeedFile
from scraping.feeds.tables.sources import open_table
from scraping.fetching.client import Fetched
from scraping.fetching.robots import parse_robots
from scraping.storefronts import STOREFRONTS
from scraping.storefronts.platforms.detection import is_password_page, platform_of
from scraping.storefronts.profiles import Profile
from scraping.walk.product_pages import product_links
from scraping.walk.reading import PAGE_BYTES, has_malformed_next, read_page, source_of

MOST_MEMORY: Final = 300  # MB that may ever be resident
LD: Final = "<script type='application/ld+json'>"


def full(piece: bytes) -> bytes:
    """As much of `piece` as a page may hold."""
    return piece * (PAGE_BYTES // len(piece))


BODIES: Final[dict[str, Callable[[], bytes]]] = {
    "elements": lambda: full(b"<b></b>"),
    "attributes of one element": lambda: b"<a " + b" ".join(b"a%d=1" % n for n in range(1_400_000)) + b">",
    "attributes of many elements": lambda: b"".join(
        b"<p " + b"a b c d e f g h i j k l m n o p " * 10 + b">" for _ in range(49_000)
    ),
    "text": lambda: full(b"x "),
    "entities": lambda: full(b"&amp;"),
    "data": lambda: LD.encode() + b"[" + full(b'{"@type":"Product","name":"a"},')[:-1] + b"]</script>",
}
LISTS: Final[dict[str, Callable[[], bytes]]] = {
    "values": lambda: b'{"products":[' + full(b"[],") + b"1]}",
    "brackets": lambda: full(b"["),
    "keys": lambda: b"{" + b",".join(b'"%d":1' % n for n in range(1_200_000)) + b"}",
}
FEEDS: Final[dict[str, Callable[[], bytes]]] = {
    "one line": lambda: b"id,title\n" + full(b"x"),
    "columns": lambda: full(b"a,"),
    "open quote": lambda: b'id,title,image\n1,"' + full(b"x\n"),
    "elements": lambda: b"<rss><item>" + full(b"<a/>"),
    "JSON": lambda: b"[" + full(b"[],") + b"1]",
}


def read_as_page(storefront: str, body: bytes) -> None:
    answer = Fetched("https://s.example/collections/a", 200, {"content-type": "text/html; charset=utf-8"}, body)
    source = source_of(answer)
    with suppress(FetchError):
        read_page(STOREFRONTS[storefront], answer, Profile())
    if storefront == "html":
        for look in (platform_of, is_password_page, product_links):
            look(source)
        has_malformed_next(answer)


def read_as_feed(body: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "feed")
        path.write_bytes(body)
        with suppress(FeedError):
            table = open_table(FeedFile(path, "feed"))
            columns_of(table, {})
            for _ in table.rows():
                pass


def peak(kind: str, name: str) -> int:
    if kind == "html":
        read_as_page(kind, BODIES[name]())
    elif kind == "feed":
        read_as_feed(FEEDS[name]())
    elif kind == "robots":
        parse_robots(full(b"Disallow: /*a*$\n"))
    else:
        read_as_page(kind, LISTS[name]())
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("html", name) for name in BODIES),
        *((kind, name) for kind in ("shopify", "woocommerce") for name in LISTS),
        *(("feed", name) for name in FEEDS),
        ("robots", "rules"),
    ],
)
def test_stays_under_300_mb(kind: str, name: str) -> None:
    with ProcessPoolExecutor(1, get_context("spawn"), django.setup) as pool:
        assert pool.submit(peak, kind, name).result() < MOST_MEMORY
