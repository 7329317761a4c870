"""/items/<ItemID>/: three lanes of the nearest, nearest first, and the fused one."""

import re

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Item
from tests.catalog.builders import POINTS, add_item, add_items, make_index, write_index


def lanes(html: str) -> dict[str, list[str]]:
    """The ids of each lane's cards, by lane."""
    parts = re.split(r'<section class="lane" id="lane-(\w+)"', html)[1:]
    return {key: re.findall(r'data-item="([^"]+)"', part) for key, part in zip(parts[::2], parts[1::2], strict=True)}


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_each_metric_ranks_in_its_own_way(client: Client, catalogue: None) -> None:
    found = lanes(page(client, "/items/a/"))
    assert found["cosine"] == ["b", "c", "d", "f", "e"]
    assert found["euclidean"] == ["c", "d", "e", "b", "f"]
    assert found["manhattan"] == ["c", "d", "e", "b", "f"]


def test_the_fused_lane_comes_first_and_joins_the_three(client: Client, catalogue: None) -> None:
    found = lanes(page(client, "/items/a/"))
    assert next(iter(found)) == "fused"
    # c: 1/62 + 2/61; d: 1/63 + 2/62; b: 1/61 + 2/64; e: 1/65 + 2/63; f: 1/64 + 2/65
    assert found["fused"] == ["c", "d", "b", "e", "f"]


def test_a_card_links_to_its_page_and_to_the_shop(client: Client, catalogue: None) -> None:
    html = page(client, "/items/a/")
    assert 'href="/items/b/"' in html
    assert 'href="https://shop.example/b"' in html


def test_a_card_shows_title_price_and_distance(client: Client, catalogue: None) -> None:
    cosine = page(client, "/items/a/").split('id="lane-cosine"')[1].split("</section>")[0]
    card = cosine.split("<article")[2]  # c: cosine distance 1 - 1/sqrt(1.25)
    assert "Shirt c" in card
    assert "€19.90" in card
    assert "0.1056" in card


def test_the_item_is_never_its_own_neighbour(client: Client, catalogue: None) -> None:
    assert all("a" not in ids for ids in lanes(page(client, "/items/a/")).values())


def test_items_all_three_agree_on_are_marked(client: Client, db: None) -> None:
    # Of six others cosine drops n3, the widest angle; euclidean and manhattan drop far.
    points = {"q": (10, 0), "near": (10, 1), "far": (90, 0), "n2": (9, 3), "n3": (8, 4), "f2": (80, 1), "f3": (70, 1)}
    write_index(make_index(points))
    cosine = page(client, "/items/q/").split('id="lane-cosine"')[1].split("</section>")[0]
    cards = [card for card in cosine.split("<article")[1:] if 'class="badge"' in card]
    assert {card.split('data-item="')[1].split('"')[0] for card in cards} == {"near", "n2", "f2", "f3"}


def test_more_of_one_lane_on_demand(client: Client, db: None) -> None:
    write_index(make_index({f"i{n:02}": (n + 1.0, 1.0) for n in range(30)}))
    html = page(client, "/items/i00/?euclidean=20")
    assert {key: len(ids) for key, ids in lanes(html).items()} == {"fused": 5, "cosine": 5, "euclidean": 20, "manhattan": 5}
    assert 'href="?euclidean=35#lane-euclidean"' in html
    assert 'href="?euclidean=20&amp;cosine=20#lane-cosine"' in html


@pytest.mark.parametrize("count", ["0", "4", "51", "-5", "abc", "999999999999", "٢٠"])
def test_a_count_out_of_range_is_five(client: Client, db: None, count: str) -> None:
    write_index(make_index({f"i{n:02}": (n + 1.0, 1.0) for n in range(60)}))
    assert len(lanes(page(client, f"/items/i00/?cosine={count}"))["cosine"]) == 5


def test_no_more_is_offered_than_there_is(client: Client, catalogue: None) -> None:
    assert "data-swap" not in page(client, "/items/a/")


def test_delisted_neighbours_are_left_out_and_replaced(client: Client, db: None) -> None:
    points = {f"i{n:02}": (n + 1.0, 1.0) for n in range(30)}
    write_index(make_index(points))
    add_items(list(points))
    gone = [f"i{n:02}" for n in range(1, 20)]
    Item.objects.filter(pk__in=gone).update(delisted_at=timezone.now())
    assert lanes(page(client, "/items/i00/"))["euclidean"] == ["i20", "i21", "i22", "i23", "i24"]


def test_near_duplicates_fold_into_one_card(client: Client, db: None) -> None:
    points = {"q": (0, 1), "a1": (0, 2), "a2": (0, 3), "b": (0, 4), "c": (0, 5), "d": (0, 6), "e": (0, 7)}
    groups = np.array([0, 1, 1, 2, 3, 4, 5], dtype=np.int32)
    write_index(make_index(points, extras={"duplicate_group": groups}))
    html = page(client, "/items/q/")
    assert lanes(html)["euclidean"] == ["a1", "b", "c", "d", "e"]
    first = html.split('id="lane-euclidean"')[1].split("<article")[1]
    assert "+1 nearly the same" in first
    assert 'href="/items/a2/"' in first


def test_folding_can_be_turned_off(client: Client, db: None) -> None:
    points = {"q": (0, 1), "a1": (0, 2), "a2": (0, 3), "b": (0, 4), "c": (0, 5), "d": (0, 6)}
    write_index(make_index(points, extras={"duplicate_group": np.array([0, 1, 1, 2, 3, 4], dtype=np.int32)}))
    assert lanes(page(client, "/items/q/?fold=0"))["euclidean"] == ["a1", "a2", "b", "c", "d"]


def test_distances_are_also_said_in_words(client: Client, db: None) -> None:
    quantiles = np.linspace(0, 10, 11, dtype=np.float32)
    write_index(make_index({"a": (0, 1), "b": (0, 3)}, extras={"distance_quantiles_euclidean": quantiles}))
    assert "closer than 80.0 % of pairs" in page(client, "/items/a/")


def test_an_item_known_to_the_index_alone_has_a_page(client: Client, db: None) -> None:
    write_index()
    assert "<h1>a</h1>" in page(client, "/items/a/")


def test_one_query_for_all_cards(client: Client, catalogue: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        client.get("/items/a/")


def test_a_delisted_item_says_so(client: Client, catalogue: None) -> None:
    Item.objects.filter(pk="a").update(delisted_at=timezone.now())
    assert "No longer in the shop" in page(client, "/items/a/")


def test_titles_are_escaped(client: Client, db: None) -> None:
    write_index()
    add_item("a", title="<script>alert(1)</script>")
    assert "<script>alert" not in page(client, "/items/a/")


def test_a_link_that_would_run_a_script_is_left_out(client: Client, db: None) -> None:
    write_index()
    add_item("a", url="javascript:alert(1)")
    assert "javascript:" not in page(client, "/items/a/")


def test_a_single_item_has_nothing_to_compare(client: Client, db: None) -> None:
    write_index(make_index({"only": (1, 1)}))
    assert "Nothing to compare it with yet" in page(client, "/items/only/")


def test_post_is_405(client: Client, catalogue: None) -> None:
    assert client.post("/items/a/").status_code == 405


def test_all_ids_have_pages(client: Client, catalogue: None) -> None:
    assert {client.get(f"/items/{item_id}/").status_code for item_id in POINTS} == {200}
