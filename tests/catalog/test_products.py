"""Products for many ids, in one query."""

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import Item
from catalog.products import COLUMNS, Product, fetch, from_row
from tests.catalog.builders import add_item

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("price", ["0.00", "0.01", "19.90", "20.00", "1234567890.12", "9999999999.99"])
def test_a_price_is_the_decimal_that_was_kept(price: str) -> None:
    add_item("a", price=price)
    assert str(fetch(["a"])["a"].price) == price == str(Item.objects.get(pk="a").price)


def test_a_fetched_product_is_the_row(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    add_item("a", price=None, category="Hats", dominant_colour="red")
    add_item("b", title="%s ? 'x'")
    with django_assert_num_queries(1):
        found = fetch(["b", "nowhere", "a", "b"])
    assert list(found) == ["b", "nowhere", "a"]
    assert found["a"] == Product("a", "Shirt a", None, "EUR", "https://shop.example/a", "Hats", "red", delisted=False)
    assert found["b"].title == "%s ? 'x'"
    assert found["nowhere"] == Product("nowhere")


def test_more_of_a_product_is_fetched_as_it_was_kept() -> None:
    add_item(
        "a", width=300, height=400, in_stock=False, brand="Acme", group_id="g-1", more_pictures=["https://shop.example/2.jpg"]
    )
    product = fetch(["a"])["a"]
    assert (product.width, product.height, product.in_stock) == (300, 400, False)
    assert (product.brand, product.group_id, product.more_pictures) == ("Acme", "g-1", ("https://shop.example/2.jpg",))
    assert product == from_row(Item.objects.values_list(*COLUMNS).get(pk="a"))


def test_nothing_is_asked_for_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert fetch([]) == {}
