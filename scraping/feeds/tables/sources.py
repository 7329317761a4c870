"""From what a person names to a feed that can be read: fetched, its format found out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraping.errors import FeedError, FetchError
from scraping.feeds.tables.csv_table import CsvTable
from scraping.feeds.tables.files import MOST_BYTES, FeedFile
from scraping.feeds.tables.json_table import JsonTable
from scraping.feeds.tables.rows import Table
from scraping.feeds.tables.xml_table import XmlTable
from scraping.fetching.client import Fetcher

_TYPES = "application/xml,text/xml,text/csv,text/tab-separated-values,application/json;q=0.9,*/*;q=0.5"


@contextmanager
def feed_file(source: str, fetcher: Fetcher, pictures: Path | None = None) -> Iterator[tuple[FeedFile, list[str]]]:
    """The feed that an address or a path names, and why it may be incomplete. Raises FeedError.

    pictures: the folder that paths in the feed are relative to; the feed's own where it is None.
    """
    if "://" not in source:
        path = Path(source)
        if path.is_dir():
            raise FeedError(f"{source} is a folder: a folder of pictures is read with --images {source}.")
        if not path.is_file():
            raise FeedError(f"There is no file {source}.")
        yield FeedFile(path, path.name, pictures or path.parent), []
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "feed")
        try:
            with path.open("wb+") as file:
                answer = fetcher.get(source, max_bytes=MOST_BYTES, accept=_TYPES, into=file)
        except FetchError as error:
            raise FeedError(f"{source} cannot be had: {error}.") from None
        doubts = [] if answer.end_is_certain else ["it may have been cut off: nothing marks its end"]
        yield FeedFile(path, source, pictures), doubts


def open_table(feed: FeedFile, *, separator: str = "", charset: str = "") -> Table:
    """The feed as rows, by what its first bytes look like. Raises FeedError for what is no feed."""
    head = (
        feed.head()
        .replace(b"\0", b"")
        .removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
        .lstrip()
    )
    if head[:1] == b"<":
        if head[:15].lower().startswith((b"<!doctype html", b"<html")):
            raise FeedError(f"{feed.name} is a web page, no feed: `manage.py scrape` reads pages.")
        return XmlTable(feed)
    if head[:1] in {b"{", b"["}:
        return JsonTable(feed)
    return CsvTable(feed, separator=separator, charset=charset)
