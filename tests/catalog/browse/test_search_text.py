"""The column that search looks in is kept by every way of writing items."""

import pytest

from catalog.browse.search_text import folded, words
from catalog.models import Item
from tests.catalog.builders import SEEN, add_item


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  Two\t spaces ", "two spaces"), ("STRASSE Straße", "strasse strasse"), ("Ｆｕｌｌ", "full"), ("Ёлка", "ёлка")],
)
def test_folding(text: str, expected: str) -> None:
    assert folded(text) == expected


def test_a_query_has_at_most_eight_words() -> None:
    assert words(" a b c d e f g h i j ") == list("abcdefgh")


def test_an_empty_query_has_no_words() -> None:
    assert words("   ") == []


@pytest.mark.django_db
def test_saving_fills_it() -> None:
    assert add_item("SKU-1", title="Blue Shirt", brand="Acme", category="Tees").search_text == "blue shirt acme tees sku-1"


@pytest.mark.django_db
def test_saving_again_follows_the_title() -> None:
    item = add_item("a", title="old")
    item.title = "New"
    item.save()
    assert Item.objects.get(pk="a").search_text == "new a"


@pytest.mark.django_db
def test_creating_in_bulk_fills_it() -> None:
    Item.objects.bulk_create([Item(item_id="a", title="Big Cat", last_seen=SEEN)])
    assert Item.objects.get(pk="a").search_text == "big cat a"


@pytest.mark.django_db
def test_updating_in_bulk_follows_when_it_is_named() -> None:
    add_item("a", title="old")
    rows = [Item(item_id="a", title="New", last_seen=SEEN)]
    Item.objects.bulk_create(rows, update_conflicts=True, unique_fields=["item_id"], update_fields=["title", "search_text"])
    assert Item.objects.get(pk="a").search_text == "new a"


@pytest.mark.django_db
def test_update_or_create_follows_the_title() -> None:
    add_item("a", title="old")
    Item.objects.update_or_create(item_id="a", defaults={"title": "New"})
    assert Item.objects.get(pk="a").search_text == "new a"
