"""JSON lines, and short lists."""

from pathlib import Path

import pytest

from scraping.errors import FeedError
from tests.scraping.feeds.helpers import rows_of, table_of


def test_lines(tmp_path: Path) -> None:
    content = '\ufeff{"id": 1, "Name": "Cat", "price": {"amount": 12.50, "currency": "EUR"}, "ok": true, "none": null}\n\n'
    content += '{"id": "2", "images": ["a.jpg", {"src": "b.jpg"}]}\n'
    first, second = rows_of(tmp_path, content)
    assert first.cells == {
        "id": ("1",),
        "name": ("Cat",),
        "price_amount": ("12.50",),
        "price_currency": ("EUR",),
        "ok": ("true",),
    }
    assert second.cells == {"id": ("2",), "images": ("a.jpg", "b.jpg")}


def test_a_list(tmp_path: Path) -> None:
    assert [row.cells for row in rows_of(tmp_path, '[{"id": 1}, {"id": 2}]')] == [{"id": ("1",)}, {"id": ("2",)}]


def test_lines_that_are_no_products_are_named(tmp_path: Path) -> None:
    table = table_of(tmp_path, '{"id": 1}\n{"id"\n3\n{"id": 4')
    assert [row.problem for row in table.rows()] == ["", "not JSON", "not a JSON object", "not JSON"]
    assert table.doubts == ["its last line is no JSON: it may have been cut off"]


def test_depth_is_no_trouble(tmp_path: Path) -> None:
    assert rows_of(tmp_path, '{"a":' * 100_000 + "\n")[0].problem == "not JSON"


def test_a_cut_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="cut off"):
        rows_of(tmp_path, '[{"id": 1}, ')
