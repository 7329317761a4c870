"""Favourites as a list: seen in three orders, exported, for oneself and from a shared address."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from catalog.products import Product
from catalog.taste.favourites import COLUMNS, favourites_csv, ordered


def liked(client: Client, *item_ids: str) -> None:
    for item_id in item_ids:
        client.post(reverse("catalog:judge"), {"like": item_id})


def strip(client: Client, query: str = "") -> list[str]:
    """The favourites' ItemIDs as the page shows them."""
    html = client.get(reverse("catalog:taste") + query).content.decode()
    return re.findall(r'<li class="strip-item.*?href="/items/(\w+)/"', html)


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(reverse("catalog:favourites_csv") + query)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


CHEAP, DEAR, FREE = Product("c", price=Decimal(3)), Product("d", price=Decimal(20)), Product("f")


@pytest.mark.parametrize(("order", "expected"), [("new", "fdc"), ("old", "cdf"), ("price", "cdf"), ("odd", "fdc"), ("", "fdc")])
def test_orders(order: str, expected: str) -> None:
    assert "".join(product.item_id for product in ordered([CHEAP, DEAR, FREE], order)) == expected


def test_equal_prices_stand_newest_first_and_none_comes_last() -> None:
    twin = Product("t", price=Decimal(3))
    assert [product.item_id for product in ordered([FREE, CHEAP, twin, DEAR], "price")] == ["t", "c", "d", "f"]


def test_a_spreadsheet_takes_no_title_for_a_formula() -> None:
    text = favourites_csv([Product("a", title="=HYPERLINK(1)", category="@x"), Product("b", title='Two, "three"')], str)
    first, second = list(csv.DictReader(io.StringIO(text)))
    assert (first["title"], first["category"]) == ("'=HYPERLINK(1)", "'@x")
    assert second["title"] == 'Two, "three"'


def test_the_page_shows_them_in_the_order_asked_for(client: Client, catalogue: None) -> None:
    Item.objects.filter(pk="b").update(price=Decimal("5.00"))
    Item.objects.filter(pk__in=["a", "c"]).update(price=Decimal("9.00"))
    liked(client, "a", "b", "c")
    assert strip(client) == ["c", "b", "a"]
    assert strip(client, "?order=old") == ["a", "b", "c"]
    assert strip(client, "?order=price") == ["b", "c", "a"]
    assert strip(client, "?order=odd") == ["c", "b", "a"]


def test_the_order_stays_in_the_page_s_links(client: Client, catalogue: None) -> None:
    liked(client, "a", "b")
    html = client.get(reverse("catalog:taste") + "?order=old").content.decode()
    assert 'href="/taste/favourites.csv?order=old"' in html


def test_they_are_exported_with_price_and_addresses(client: Client, catalogue: None) -> None:
    Item.objects.filter(pk="b").update(title="Shirt", price=Decimal("5"), currency="EUR", url="https://s.example/b")
    liked(client, "a", "b")
    response = client.get(reverse("catalog:favourites_csv"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="favourites.csv"'
    assert "no-store" in response["Cache-Control"]
    first, second = rows(client)
    assert tuple(first) == COLUMNS
    assert (first["id"], first["title"], first["price"], first["currency"]) == ("b", "Shirt", "5.00", "EUR")
    assert (first["shop"], first["page"]) == ("https://s.example/b", "http://testserver/items/b/")
    assert second["id"] == "a"
    assert [row["id"] for row in rows(client, "?order=old")] == ["a", "b"]


def test_a_shared_address_exports_what_it_names(client: Client, catalogue: None) -> None:
    liked(client, "a")
    assert [row["id"] for row in rows(client, "?like=c,d&dislike=e")] == ["d", "c"]


def test_nothing_liked_is_an_empty_table(client: Client, catalogue: None) -> None:
    assert rows(client) == []


def test_post_is_405(client: Client, catalogue: None) -> None:
    assert client.post(reverse("catalog:favourites_csv")).status_code == 405
