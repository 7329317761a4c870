"""Choosing items for someone who named none, or one that is not there."""

import random
from typing import Final

from django.db.models.functions import Length

from catalog.browse.search_text import folded
from catalog.models import Item
from catalog.products import COLUMNS, Product, fetch, from_row
from indexing.index.record import Index

SUGGESTED: Final = 6
_TRIES: Final = 16


def random_item_id(index: Index, rng: random.Random) -> str | None:
    """A random item with a vector, of a handful one that can be bought where there is one; None when the index is empty."""
    if not len(index):
        return None
    drawn = [index.item_ids[rng.randrange(len(index))] for _ in range(_TRIES)]
    products = fetch(drawn)
    return next((item_id for item_id in drawn if products[item_id].recommendable()), drawn[0])


def suggestions(item_id: str, index: Index | None, rng: random.Random) -> list[Product]:
    """Up to six items someone may have meant: those whose words begin alike, then random ones."""
    text = folded(item_id)[:64]
    sold = Item.objects.on_sale()
    for length in range(len(text), 2, -2):
        rows = sold.filter(search_text__contains=text[:length]).order_by(Length("item_id"), "item_id")
        alike = [from_row(row) for row in rows.values_list(*COLUMNS)[:SUGGESTED]]
        if alike:
            return alike
    if index is None or not len(index):
        return []
    drawn = rng.sample(index.item_ids, min(SUGGESTED, len(index)))
    return [product for product in fetch(drawn).values() if product.recommendable()]
