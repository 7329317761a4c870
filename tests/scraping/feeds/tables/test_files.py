"""What is opened as a feed, and what is refused by its first bytes."""

import collections
import gzip
from pathlib import Path

import pytest

from scraping.errors import FeedError
from scraping.feeds.tables.files import FeedFile
from tests.scraping.feeds.helpers import rows_of, table_of

LINES = b"id,title\n1,Cat\n"


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    assert rows_of(tmp_path, gzip.compress(LINES))[0].cells["title"] == ("Cat",)


def test_a_cut_gzip_stream_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="cut off or damaged"):
        rows_of(tmp_path, gzip.compress(LINES * 1000)[:-20])


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feed").write_bytes(gzip.compress(LINES + b"\n" * 50_000_000))
    with FeedFile(tmp_path / "feed", "feed").open() as file, pytest.raises(FeedError, match="refused as a bomb"):
        collections.deque(iter(lambda: file.read(1 << 20), b""), maxlen=0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"PK\x03\x04....", "Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"BZh91AY", "bzip2"),
    ],
)
def test_what_is_no_feed_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(FeedError, match=words):
        table_of(tmp_path, content)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(FeedError, match="nowhere cannot be read: No such file"),
        FeedFile(tmp_path / "nowhere", "nowhere").open(),
    ):
        pass
