"""A feed's rows, whatever format they were written in."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol


class Row(NamedTuple):
    """cells: a column's values by its key (`column_key`), none of them empty. number: of the line or entry, from 1.

    problem: why the row cannot be read, or "".
    """

    number: int
    cells: Mapping[str, tuple[str, ...]]
    problem: str = ""


class Table(Protocol):
    """A feed as rows. It can be read more than once."""

    kind: str  # for people: "CSV, separated by ;, utf-8"
    names: list[str]  # the columns as the feed calls them, in its order; complete once it was read
    doubts: list[str]  # why the feed may be incomplete, once it was read

    def rows(self) -> Iterator[Row]:
        """Read from the start. Raises FeedError where nothing more can be read."""
        ...


def column_key(name: str) -> str:
    """What a column is called by: "g:Image Link*" and "image_link" are the same, as are "In stock?" and "in stock"."""
    plain = unicodedata.normalize("NFKC", name).strip().strip("\ufeff").casefold()
    plain = plain.removeprefix("g:").rpartition("}")[2]
    return re.sub(r"[\W_]+", "_", plain).strip("_")
