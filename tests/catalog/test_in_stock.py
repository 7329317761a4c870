"""What is known to be out of stock is not recommended unless asked for; it keeps its place in the catalogue."""

from collections.abc import Iterator

import pytest
from django.test import Client

from catalog.browse.random_items import random_item_id
from catalog.index_store import get_index, get_loaded
from catalog.models import Item
from catalog.products import Product
from catalog.similar.narrowing import EVERYTHING, Narrowing
from catalog.similar.page import item_page
from catalog.taste.likes import parse
from catalog.taste.recommend import recommendation, starters


class LastFirst:
    """Draws rows from the last to the first, round and round, and samples in order."""

    def __init__(self) -> None:
        self._rows: Iterator[int] = iter(())

    def randrange(self, count: int) -> int:
        row = next(self._rows, None)
        if row is None:
            self._rows = iter(reversed(range(count)))
            row = next(self._rows)
        return row

    def sample(self, rows: range, count: int) -> list[int]:
        return list(rows)[:count]


@pytest.fixture(autouse=True)
def _sold_out(catalogue: None) -> None:
    Item.objects.filter(pk__in=["b", "f"]).update(in_stock=False)
    Item.objects.filter(pk="c").update(in_stock=True)


@pytest.mark.parametrize(("query", "ids"), [("", ["c", "d"]), ("&in_stock=true", ["c", "d"]), ("&in_stock=any", ["b", "c"])])
@pytest.mark.parametrize("url", ["/api/v1/items/a", "/api/v1/items/a/similar"])
def test_neighbours(client: Client, url: str, query: str, ids: list[str]) -> None:
    neighbours = client.get(f"{url}?k=2{query}").json()["neighbours"]
    assert [hit["id"] for hit in neighbours] == ids


def test_another_word_is_422(client: Client) -> None:
    assert client.get("/api/v1/items/a/similar?in_stock=maybe").status_code == 422


def test_the_wall_and_the_measures_of_a_page() -> None:
    page = item_page(get_index(), "a", EVERYTHING, 12)
    assert "b" not in [card.id for card in page.wall.cards]
    assert all("b" not in [row.card.id for row in measure.rows] for measure in page.measures)
    everything = item_page(get_index(), "a", Narrowing(in_stock="any"), 12)
    assert [card.id for card in everything.wall.cards] == ["b", "c", "d", "f", "e"]


@pytest.mark.parametrize(("query", "first"), [("", "c"), ("&in_stock=any", "b")])
def test_taste_api(client: Client, query: str, first: str) -> None:
    assert client.get(f"/api/v1/taste?like=a{query}").json()["items"][0]["id"] == first


def test_taste() -> None:
    groups = recommendation(get_loaded(), parse("a", ""), 6).groups
    assert [group[0].item_id for group in groups] == ["c", "d", "e"]


def test_starters() -> None:
    assert [product.item_id for product in starters(get_index(), LastFirst())] == ["a", "c", "d", "e"]  # type: ignore[arg-type]


def test_random_items() -> None:
    assert random_item_id(get_index(), LastFirst()) == "e"  # type: ignore[arg-type]


def test_it_stays_in_the_catalogue_and_has_its_page(client: Client) -> None:
    assert "b" in [item["id"] for item in client.get("/api/v1/items").json()["items"]]
    assert client.get("/api/v1/items/b").json()["item"]["in_stock"] is False


@pytest.mark.parametrize("in_stock", [True, None])
def test_in_stock_or_unknown_is_recommendable(in_stock: bool | None) -> None:
    assert Product("a", in_stock=in_stock).recommendable()


def test_what_is_delisted_never_is() -> None:
    assert not Product("a", delisted=True).recommendable("any")
