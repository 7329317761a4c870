"""Keyset pages: walking forward meets every item once, walking back meets the same pages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from catalog.browse.filters import Filters, parse_filters
from catalog.browse.index_listing import index_only_page
from catalog.browse.keyset import GridPage, keyset_page
from catalog.models import Item
from tests.catalog.builders import SEEN, add_item, make_index

PRICES = ["5", None, "5", "7.50", None, "3", "5", "12", None, "7.50", "5"]


@pytest.fixture
def eleven(db: None) -> None:
    for number, price in enumerate(PRICES):
        add_item(f"i{number:02}", price=price)
        Item.objects.filter(pk=f"i{number:02}").update(first_seen=SEEN + timedelta(minutes=number // 3))


def take(sort: str, **cursor: str) -> GridPage:
    return keyset_page(Item.objects.all(), Filters(sort=sort, **cursor), size=4)  # type: ignore[arg-type]


def expected(sort: str) -> list[str]:
    rows = list(Item.objects.all())
    if sort == "id":
        return sorted(row.item_id for row in rows)
    if sort == "new":
        return [row.item_id for row in sorted(rows, key=lambda row: (row.first_seen, row.item_id), reverse=True)]
    priced = sorted((row for row in rows if row.price is not None), key=lambda row: (row.price or Decimal(0), row.item_id))
    priced = priced[::-1] if sort == "-price" else priced
    return [row.item_id for row in priced] + sorted(row.item_id for row in rows if row.price is None)


@pytest.mark.parametrize("sort", ["id", "new", "price", "-price"])
def test_forward_meets_every_item_once_in_order(eleven: None, sort: str) -> None:
    met: list[str] = []
    found = take(sort)
    assert found.previous == ""
    while True:
        met += [product.item_id for product in found.products]
        if not found.next:
            break
        found = take(sort, after=found.next)
    assert met == expected(sort)


@pytest.mark.parametrize("sort", ["id", "new", "price", "-price"])
def test_backward_meets_the_same_pages(eleven: None, sort: str) -> None:
    first = take(sort)
    second = take(sort, after=first.next)
    third = take(sort, after=second.next)
    assert third.next == ""
    assert take(sort, before=third.previous).products == second.products
    assert take(sort, before=second.previous).products == first.products
    assert take(sort, before=second.previous).previous == ""


def test_a_page_that_ends_exactly_has_no_next(eleven: None) -> None:
    assert keyset_page(Item.objects.all(), Filters(sort="id"), size=11).next == ""
    assert keyset_page(Item.objects.all(), Filters(sort="id"), size=10).next != ""


def test_a_cursor_survives_the_query_string(client: Client, eleven: None) -> None:
    filters = Filters(query="shirt", sort="price", after=take("price").next)
    from django.http import QueryDict

    assert parse_filters(QueryDict(filters.query_string())) == filters


def test_an_item_gone_between_pages_breaks_nothing(eleven: None) -> None:
    first = take("id")
    Item.objects.filter(pk=first.products[-1].item_id).delete()
    assert [product.item_id for product in take("id", after=first.next).products] == ["i04", "i05", "i06", "i07"]


def test_pages_of_an_index_alone() -> None:
    index = make_index({f"i{n}": (n + 1.0, 0.0) for n in range(5)})
    first = index_only_page(index, Filters(), size=2)
    second = index_only_page(index, Filters(after=first.next), size=2)
    third = index_only_page(index, Filters(after=second.next), size=2)
    assert [[p.item_id for p in found.products] for found in (first, second, third)] == [["i0", "i1"], ["i2", "i3"], ["i4"]]
    assert (first.previous, third.next) == ("", "")
    assert index_only_page(index, Filters(before=second.previous), size=2).products == first.products
