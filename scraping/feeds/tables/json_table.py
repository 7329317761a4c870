"""JSON lines: one product a line; a short file may be one list of products."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scraping.errors import FeedError
from scraping.feeds.tables.files import FeedFile
from scraping.feeds.tables.rows import Row, column_key

_LONGEST_LINE: Final = 4_000_000  # bytes
_LONGEST_LIST: Final = 32_000_000  # bytes
_MOST_IN_LIST: Final = 1_000_000  # values, counted by their commas and brackets; an empty one takes 60 bytes and more
_MOST_VALUES: Final = 200
_ADDRESS_KEYS: Final = ("src", "url", "href", "link", "image")


class JsonTable:
    """Objects, one a line. What is within an object is called `outer_inner`; a list is several values."""

    def __init__(self, feed: FeedFile) -> None:
        self._feed = feed
        self.names: list[str] = []
        self.doubts: list[str] = []
        with feed.open() as file:
            self._is_list = file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["
        self.kind = "one JSON list" if self._is_list else "JSON lines"

    def rows(self) -> Iterator[Row]:
        """The objects in order."""
        self.doubts.clear()
        for number, value in self._values():
            if not isinstance(value, dict):
                yield Row(number, {}, "not a JSON object" if value is not None else "not JSON")
                continue
            cells: dict[str, tuple[str, ...]] = {}
            _gather(value, "", cells)
            self.names += [name for name in cells if name not in self.names]
            yield Row(number, cells)

    def _values(self) -> Iterator[tuple[int, Any]]:
        with self._feed.open() as file:
            if self._is_list:
                data = file.read(_LONGEST_LIST + 1)
                if len(data) > _LONGEST_LIST:
                    limit = _LONGEST_LIST // 1_000_000
                    raise FeedError(f"{self._feed.name} is one JSON list of more than {limit} MB: write one product a line.")
                if sum(data.count(mark) for mark in (b",", b"[", b"{")) > _MOST_IN_LIST:
                    raise FeedError(f"{self._feed.name} is one JSON list of very many values: write one product a line.")
                values = _parse(data)
                if not isinstance(values, list):
                    raise FeedError(f"{self._feed.name} is no JSON: it may have been cut off.")
                yield from enumerate(values, start=1)
                return
            number, line = 0, b""
            while line := file.readline(_LONGEST_LINE):
                number += 1
                if len(line) >= _LONGEST_LINE:
                    raise FeedError(f"{self._feed.name}: line {number} has more than {_LONGEST_LINE:,} bytes.")
                if not line.strip(b"\xef\xbb\xbf \t\r\n\0"):
                    continue
                value = _parse(line)
                if value is None and not line.endswith(b"\n"):
                    self.doubts.append("its last line is no JSON: it may have been cut off")
                yield number, value


def _parse(data: bytes) -> Any:
    """The value, None for what is no JSON."""
    try:
        return json.loads(data.decode("utf-8-sig", "replace"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None


def _gather(value: Mapping[str, Any], prefix: str, cells: dict[str, tuple[str, ...]]) -> None:
    for name, inner in list(value.items())[:_MOST_VALUES]:
        key = f"{prefix}_{column_key(str(name))}".strip("_")
        if isinstance(inner, dict):
            if not prefix:
                _gather(inner, key, cells)
            continue
        texts = [_text(one) for one in (inner[:_MOST_VALUES] if isinstance(inner, list) else [inner])]
        if found := tuple(text for text in texts if text):
            cells[key] = (*cells.get(key, ()), *found)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = next((value[key] for key in _ADDRESS_KEYS if isinstance(value.get(key), str)), value.get("name"))
    if isinstance(value, bool):
        return str(value).lower()
    return value.strip() if isinstance(value, str) else ""
