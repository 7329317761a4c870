"""Any bytes as a feed: products, or one of our own errors, in bounded memory."""

import gzip
import tracemalloc
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scraping.errors import FeedError
from scraping.feeds.formats import columns_of, explain, read_products
from scraping.feeds.products import ReadOptions
from scraping.feeds.tables.files import FeedFile
from scraping.feeds.tables.sources import open_table
from tests.scraping.feeds.helpers import NOW

BOUNDED = settings(
    max_examples=100, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)

PIECES = st.sampled_from(
    [
        b"id,title,image,price,availability,item_group_id,sale_price,sale_price_effective_date\n",
        b"Handle,Title,Variant Price,Image Src\n", b"ID,Type,Name,Published,Regular price,Images,Parent\n",
        b"1,Cat,a.jpg,5 EUR,in stock,g,4 EUR,2026-01-01/2027-01-01\n", b'2,"Do\ng",b.jpg,$6\n', b'"', b"\n", b",", b";", b"\t",
        b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"sep=;\n", b"\x1f\x8b", b"<rss><channel><item>", b"<g:id>1</g:id>",
        b"<image_link>https://shop.example/1.jpg</image_link>", b"</item>", b"</channel></rss>", b"<feed><entry>",
        b"<![CDATA[", b"]]>", b"<!DOCTYPE r [", b'<!ENTITY a "b">', b"&a;", b"&amp;", b"<?xml version='1.0' encoding='x'?>",
        b'{"id": 1, "image": "a.jpg"}\n', b"[", b"]", b"{", b"}", b'"price": 1e999', b"9" * 5000, "\u0661".encode(),
        b"//[x]:99999/", b"%%%",
    ]
)  # fmt: skip
FEEDS = st.lists(PIECES | st.binary(max_size=40), max_size=25).map(b"".join)


def read(content: bytes) -> int:
    """Reads all of a feed; how many products it has. What is not ours is raised."""
    with TemporaryDirectory() as folder, suppress(FeedError):
        path = Path(folder, "feed")
        path.write_bytes(content)
        table = open_table(FeedFile(path, "feed", path.parent))
        columns = columns_of(table, {})
        explain(table, columns)
        return len(list(islice(read_products(table, columns, ReadOptions(NOW, local=True)), 10_000)))
    return 0


@BOUNDED
@given(FEEDS)
@example(b"")
@example(b"id,image\n" + b"1,a.jpg\n" * 3)
@example(b'{"image":' * 5000)
@example(b"<rss>" + b"<a>" * 5000)
@example("id,image,price\n1,a.jpg,٣٫٥ ر.س\n".encode())
def test_any_bytes(content: bytes) -> None:
    read(content)


@BOUNDED
@given(st.binary(max_size=300).map(gzip.compress) | st.binary(max_size=60).map(lambda tail: b"\x1f\x8b\x08" + tail))
def test_any_packed_bytes(content: bytes) -> None:
    read(content)


@BOUNDED
@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_any_cells(price: str, date: str, picture: str) -> None:
    header = "id,image,additional_image_link,price,sale_price,sale_price_effective_date,availability,product_type,link\n"
    cells = (f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in (picture, picture, price, price, date, date, price, picture))
    read((header + "1,a.jpg," + ",".join(list(cells)[1:]) + "\n").encode("utf-8", "replace"))


def test_large_feeds_stay_small() -> None:
    row = b"%d,Shirt,https://shop.example/1.jpg,5 EUR," + b"x" * 500 + b"\n"
    entry = b"<item><id>%d</id><image_link>https://shop.example/1.jpg</image_link><d>" + b"x" * 500 + b"</d></item>"
    feeds = {
        "csv": b"id,title,image,price,description\n" + b"".join(row % n for n in range(10_000)),
        "xml": b"<rss><channel>" + b"".join(entry % n for n in range(10_000)) + b"</channel></rss>",
    }
    for content in feeds.values():
        tracemalloc.start()
        try:
            assert count(content) == 10_000
            assert tracemalloc.get_traced_memory()[1] < len(content)
        finally:
            tracemalloc.stop()


def count(content: bytes) -> int:
    """As `read`, keeping no product."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "feed")
        path.write_bytes(content)
        table = open_table(FeedFile(path, "feed"))
        return sum(1 for _ in read_products(table, columns_of(table, {}), ReadOptions(NOW)))
