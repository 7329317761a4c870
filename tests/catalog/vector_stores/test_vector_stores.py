"""What both stores promise: the nearest of what is admitted, exact distances, ties to the smaller row."""

import dataclasses
from decimal import Decimal

import numpy as np
import pytest
from django.db.models import Q

from catalog.models import Item
from catalog.similar.narrowing import EVERYTHING, Narrowing
from catalog.vector_stores.points import filter_of
from indexing.nearest.distances import distance
from indexing.nearest.metrics import METRICS, Metric
from tests.catalog.builders import POINTS, SEEN, add_item, add_items, make_index
from tests.catalog.vector_stores.conftest import MakeStore

pytestmark = pytest.mark.django_db
QUERY = np.array([[1.0, 0.1]], np.float32)


def names(make_store: MakeStore, narrowing: Narrowing, metric: Metric = "euclidean", k: int = 6) -> list[str]:
    index = make_index()
    near = make_store(index).search(narrowing).nearest(QUERY, k, metrics=[metric])[metric]
    return [index.item_ids[row] for row in near.rows[0]]


# Worked out by hand; under cosine a and b lie on one ray and are equally far, so the smaller row is first.
@pytest.mark.parametrize(("metric", "nearest"), [("cosine", "abcdfe"), ("euclidean", "acdefb"), ("manhattan", "acdebf")])
def test_the_nearest_come_first_under_every_metric(make_store: MakeStore, metric: Metric, nearest: str) -> None:
    add_items()
    index = make_index()
    found = make_store(index).search(EVERYTHING).nearest(QUERY, 6)
    assert set(found) == set(METRICS)
    assert "".join(index.item_ids[row] for row in found[metric].rows[0]) == nearest
    np.testing.assert_allclose(found[metric].distances[0], np.sort(distance(metric, QUERY[0], index.vectors)), rtol=1e-6)


def test_no_more_than_k(make_store: MakeStore) -> None:
    add_items()
    assert names(make_store, EVERYTHING, k=2) == ["a", "c"]


@pytest.mark.parametrize(
    ("narrowing", "expected"),
    [
        (Narrowing(category="Shirts"), "ac"),
        (Narrowing(colour="red"), "ad"),
        (Narrowing(category="Shirts", colour="red"), "a"),
        (Narrowing(price_max=Decimal("10.50")), "ae"),
        (Narrowing(in_stock="any"), "acde"),
        (EVERYTHING, "ade"),
        (Narrowing(style="striped"), "de"),
        (Narrowing(category="Hats"), ""),
    ],
)
def test_only_what_is_admitted(make_store: MakeStore, narrowing: Narrowing, expected: str) -> None:
    add_item("a", category="Shirts", dominant_colour="red", price="10.50")
    add_item("b", category="Hats", delisted_at=SEEN, price="1.00")
    add_item("c", category="Shirts", dominant_colour="blue", in_stock=False, price="10.51")
    add_item("d", category="Trousers", dominant_colour="red", price="99.00", in_stock=True, style="striped")
    add_item("e", price="0.99", style="striped")
    add_item("f", hidden=True, price="1.00")
    if narrowing.category == "Shirts" and not narrowing.colour:
        narrowing = Narrowing(category="Shirts", in_stock="any")
    assert names(make_store, narrowing) == list(expected)


def test_every_field_of_a_narrowing_reaches_the_database() -> None:
    """A new filter must be a payload field, too: else answers of the database would not be narrowed by it."""
    values = {"category": "x", "colour": "x", "style": "x", "price_max": Decimal(1), "in_stock": "any"}
    assert {field.name for field in dataclasses.fields(Narrowing)} == set(values)
    for name, value in values.items():
        assert filter_of(Narrowing(**{name: value})) != filter_of(EVERYTHING), name  # type: ignore[arg-type]


def test_pictures_without_a_product_pass_where_nothing_is_asked(make_store: MakeStore) -> None:
    add_item("a")
    assert names(make_store, EVERYTHING) == ["a", "c", "d", "e", "f", "b"]
    assert names(make_store, Narrowing(price_max=Decimal(100))) == ["a"]


def test_the_query_itself_is_no_answer(make_store: MakeStore) -> None:
    add_items()
    index = make_index()
    near = make_store(index).search(EVERYTHING).nearest(index.vectors[:2], 3, own=np.array([0, -1]), metrics=["euclidean"])
    assert near["euclidean"].rows.tolist() == [[2, 3, 4], [1, 3, 0]]
    assert near["euclidean"].distances[1, 0] == 0


def test_equal_distances_go_to_the_smaller_row(make_store: MakeStore) -> None:
    index = make_index({f"item-{number:02}": (1.0, float(number % 2)) for number in range(12)})
    near = make_store(index).search(EVERYTHING).nearest(np.array([[1, 0]], np.float32), 4, metrics=["manhattan"])["manhattan"]
    assert near.rows.tolist() == [[0, 2, 4, 6]]


def test_the_owners_rules_may_be_left_to_the_caller(make_store: MakeStore) -> None:
    """A store that cannot say them leaves nothing out that it should have found."""
    add_items()
    Item.objects.filter(pk="c").update(brand="Acme")
    index = make_index()
    near = make_store(index).search(EVERYTHING, Q(brand__iexact="acme")).nearest(QUERY, 6, metrics=["euclidean"])["euclidean"]
    found = {index.item_ids[row] for row in near.rows[0]}
    assert found >= set(POINTS) - {"c"}


def test_nothing_admitted_is_no_answer(make_store: MakeStore) -> None:
    add_items()
    assert names(make_store, Narrowing(category="Hats")) == []


def test_a_thousand_items_are_ranked_as_by_the_definition(make_store: MakeStore) -> None:
    rng = np.random.default_rng(5)
    index = make_index({f"item-{number}": rng.normal(size=8).tolist() for number in range(300)})
    queries = rng.normal(size=(4, 8)).astype(np.float32)
    found = make_store(index).search(EVERYTHING).nearest(queries, 20)
    for metric in METRICS:
        for number, query in enumerate(queries):
            expected = np.argsort(distance(metric, query, index.vectors), kind="stable")[:20]
            assert found[metric].rows[number].tolist() == expected.tolist()
