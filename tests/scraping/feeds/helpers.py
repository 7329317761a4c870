"""Reads a feed's text without a command, for tests of formats."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scraping.feeds.formats import check_columns, columns_of, read_products
from scraping.feeds.products import LeftOut, Product, ReadOptions
from scraping.feeds.tables.files import FeedFile
from scraping.feeds.tables.rows import Row, Table
from scraping.feeds.tables.sources import open_table
from scraping.storefronts.base import Card, Unreadable

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def table_of(path: Path, content: str | bytes, **options: str) -> Table:
    file = path / "feed"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(FeedFile(file, "feed"), **options)


def rows_of(path: Path, content: str | bytes, **options: str) -> list[Row]:
    return list(table_of(path, content, **options).rows())


def products_of(path: Path, content: str | bytes, chosen: dict[str, str] | None = None, **options: Any) -> list[Product]:
    table = table_of(path, content)
    columns = columns_of(table, chosen or {})
    check_columns(table, columns)
    return list(read_products(table, columns, ReadOptions(NOW, **options)))


def cards_of(path: Path, content: str | bytes, **options: Any) -> list[Card]:
    return [product for product in products_of(path, content, **options) if isinstance(product, Card)]


def others_of(path: Path, content: str | bytes, **options: Any) -> list[tuple[str, str]]:
    products = products_of(path, content, **options)
    return [(product.name, product.reason) for product in products if isinstance(product, Unreadable | LeftOut)]
