"""CSV and its like: any separator, quotes, line breaks within fields."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Final, NamedTuple

from scraping.errors import FeedError
from scraping.feeds.tables.charsets import charset_of, named_charset
from scraping.feeds.tables.files import FeedFile
from scraping.feeds.tables.rows import Row, column_key

_SEPARATORS: Final = (",", ";", "\t", "|")
_NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LONGEST_CELL: Final = 4_000_000  # characters; descriptions in HTML reach some hundred thousand
_MOST_COLUMNS: Final = 2_000
_SAMPLE_ROWS: Final = 20
_END: Final = "\0end"  # in no line, as NULs are taken out of them


class CsvTable:
    """A file of rows under a header. separator and charset: found out where they are empty."""

    def __init__(self, feed: FeedFile, *, separator: str = "", charset: str = "") -> None:
        self._feed = feed
        if charset:
            self._charset = named_charset(charset)
        else:
            with feed.open() as file:
                self._charset = charset_of(file)
        self._separator = separator or self._find_separator()
        self.doubts: list[str] = []
        self.names = self._header()
        self.kind = f"CSV, {_NAMES.get(self._separator, repr(self._separator))} between columns, {self._charset}"

    def rows(self) -> Iterator[Row]:
        """The rows below the header."""
        self.doubts.clear()
        keys = [column_key(name) for name in self.names]
        ragged = False
        try:
            for record in islice(self._records(), 1, None):
                cells = record.cells
                if record.is_open:
                    self.doubts.append("its last row has a quote that is not closed: it may have been cut off")
                elif record.is_last and len(cells) < len(keys) and not ragged:
                    self.doubts.append("its last row is shorter than the others: it may have been cut off")
                ragged |= len(cells) != len(keys)
                yield self._row(record.number, keys, cells)
        except csv.Error as error:
            raise FeedError(f"{self._feed.name} cannot be read to its end: {error}.") from None

    def _row(self, number: int, keys: list[str], cells: list[str]) -> Row:
        if len(cells) == 1 < len(keys) and keys:
            return Row(number, {}, "a row without separators")
        values: dict[str, tuple[str, ...]] = {}
        for key, cell in zip(keys, cells, strict=False):
            text = cell.strip().strip("\ufeff")
            if text and key:
                values[key] = (*values.get(key, ()), text)
        return Row(number, values)

    def _header(self) -> list[str]:
        try:
            header = next((record.cells for record in self._records()), [])
        except csv.Error as error:
            raise FeedError(f"{self._feed.name} is no CSV: {error}.") from None
        if len(header) > _MOST_COLUMNS:
            raise FeedError(f"{self._feed.name} has more than {_MOST_COLUMNS:,} columns: it is no list of products.")
        if len(header) < 2:
            raise FeedError(
                f"{self._feed.name} has one column only, {header[:1]}: name what stands between them with --separator."
            )
        return [name.strip().strip("\ufeff") for name in header]

    def _find_separator(self) -> str:
        """The one that the first line names (`sep=;`), else the one that cuts the first rows into most equal columns."""
        with self._lines() as lines:
            sample = list(islice(lines, 4 * _SAMPLE_ROWS))
        if sample and sample[0].lower().startswith("sep=") and len(sample[0].strip()) == 5:
            return sample[0].strip()[4]
        best, most = ",", 0.0
        for separator in _SEPARATORS:
            try:
                rows = [cells for cells in csv.reader(iter(sample), delimiter=separator) if cells][:_SAMPLE_ROWS]
            except csv.Error:
                continue
            width = len(rows[0]) if rows else 0
            score = width * sum(len(cells) == width for cells in rows) / max(1, len(rows)) if width > 1 else 0.0
            if score > most:
                best, most = separator, score
        return best

    def _records(self) -> Iterator["_Record"]:
        """The header and the rows, without empty ones and Excel's `sep=;`. Raises csv.Error."""
        with self._lines() as lines:
            # A last line of our own: the reader gives it back as a row, or swallows it in a quoted cell that is still open.
            reader = csv.reader(chain(lines, [_END]), delimiter=self._separator)
            waiting: _Record | None = None
            last_line = 0
            for cells in reader:
                number, last_line = last_line + 1, reader.line_num
                if cells == [_END]:
                    break
                is_open = cells[-1:] != [] and cells[-1].endswith(_END)
                if is_open:
                    cells[-1] = cells[-1].removesuffix(_END)
                if any(map(str.strip, cells)) and not cells[0].lower().startswith("sep="):
                    if waiting is not None:
                        yield waiting
                    waiting = _Record(number, cells, is_open)
            if waiting is not None:
                yield waiting._replace(is_last=True)

    @contextmanager
    def _lines(self) -> Iterator[Iterator[str]]:
        csv.field_size_limit(_LONGEST_CELL)
        with self._feed.open() as file, io.TextIOWrapper(file, self._charset, errors="replace", newline="") as text:
            yield _bounded(text, self._feed.name)


class _Record(NamedTuple):
    """number: of its first line. is_open: its last cell's quote is not closed."""

    number: int
    cells: list[str]
    is_open: bool
    is_last: bool = False


def _bounded(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """The lines of `text`, none of them without end."""
    while line := text.readline(_LONGEST_CELL):
        if len(line) >= _LONGEST_CELL:
            raise FeedError(f"{name} has a line of more than {_LONGEST_CELL:,} characters: it is no list of products.")
        yield line.replace("\0", "")
