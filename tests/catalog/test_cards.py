"""What a card knows of its picture and of its product's state."""

import pytest

from catalog.cards import make_card, shape_class
from catalog.products import Product


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (400, 533, "h-135"),
        (400, 300, "h-75"),
        (250, 250, "h-100"),
        (1000, 1001, "h-105"),  # rounded up: a picture is never cut
        (100, 900, "h-200"),
        (900, 100, "h-50"),
        (None, None, "h-100"),
    ],
)
def test_the_shape_is_the_height_in_steps_of_five_per_cent(width: int | None, height: int | None, shape: str) -> None:
    assert shape_class(width, height) == shape


@pytest.mark.parametrize(
    ("product", "state"),
    [
        (Product("a"), ""),
        (Product("a", in_stock=True), ""),
        (Product("a", in_stock=False), "Out of stock"),
        (Product("a", in_stock=False, delisted=True), "No longer in the shop"),
    ],
)
def test_the_state_says_why_it_cannot_be_bought(product: Product, state: str) -> None:
    card = make_card(product, None)
    assert (card.state, card.gone) == (state, bool(state))
