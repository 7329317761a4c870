"""The products of a table, whoever wrote it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice

from scraping.errors import FeedError
from scraping.feeds.columns import FIELDS, FORMATS, Columns, format_of
from scraping.feeds.products import Product, ReadOptions, read_plain
from scraping.feeds.shopify_csv import read_shopify
from scraping.feeds.tables.rows import Table
from scraping.feeds.woocommerce_csv import read_woocommerce

_SAMPLE = 50  # rows from which the columns of XML and JSON are known
_LONGEST_CELL = 60


def columns_of(table: Table, chosen: Mapping[str, str], format_name: str = "") -> Columns:
    """Which columns to read. format_name: one of `FORMATS`, found out where it is "". Raises FeedError."""
    if not table.names:
        with suppress(FeedError):  # told when all is read: what stands before the break is imported
            for _ in islice(table.rows(), _SAMPLE):
                pass
    if format_name and format_name not in FORMATS:
        raise FeedError(f"{format_name!r} is no format: there are {', '.join(FORMATS)}.")
    return Columns(format_name or format_of(table.names), table.names, chosen)


def check_columns(table: Table, columns: Columns) -> None:
    """Raise FeedError where there is no column of pictures, or none of ids or links to know the products by."""
    if columns.format != "plain":
        return
    for name, fields in (("pictures", ("picture",)), ("ids", ("id", "link"))):
        if not any(columns.column(field, table.names) for field in fields):
            raise FeedError(
                f"No column of {name} is known among: {', '.join(table.names) or 'none'}. "
                f"Name it: --column {fields[0]}=COLUMN (--explain shows what is read)."
            )


def read_products(table: Table, columns: Columns, options: ReadOptions) -> Iterator[Product]:
    """The products in the feed's order. Raises FeedError where nothing more can be read; see `table.doubts` afterwards."""
    if columns.format == "shopify":
        return read_shopify(table.rows(), columns, options)
    if columns.format == "woocommerce":
        return read_woocommerce(table.rows, columns, options)
    return read_plain(table.rows(), columns, options)


def explain(table: Table, columns: Columns) -> list[str]:
    """What is read from where, with the first row's values."""
    first = next(table.rows(), None)
    lines = [f"{table.kind}; read as: {columns.format}", ""]
    used = set()
    for field in FORMATS[columns.format]:
        name = columns.column(field, table.names)
        value = columns.value(first, field)[:_LONGEST_CELL] if first is not None else ""
        used.add(name)
        lines.append(f"{field:16} {name or '-':32} {value or FIELDS.get(field, '')}")
    others = [name for name in table.names if name not in used and not columns.reads(name)]
    lines += ["", f"not read: {', '.join(others)}" if others else "every column is read"]
    return lines
