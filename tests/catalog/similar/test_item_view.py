"""/items/<ItemID>/: the item, one wall of what is like it, and the three measures side by side."""

import re

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Item
from tests.catalog.builders import POINTS, add_item, add_items, make_index, write_index


def wall(html: str) -> list[str]:
    """The ids of the wall's cards."""
    return re.findall(r'data-item="([^"]+)"', html.split("data-wall>")[1].split("</ul>")[0])


def measures(html: str) -> dict[str, list[str]]:
    """The ids under each measure."""
    parts = re.split(r'<section class="measure(?: shown)?" id="(\w+)"', html)[1:]
    return {key: re.findall(r'data-item="([^"]+)"', part) for key, part in zip(parts[::2], parts[1::2], strict=True)}


def variants(html: str) -> list[str]:
    """The addresses under "Also in"."""
    return re.findall(r'href="(/items/\w+/)"', html.split('class="variant-list"')[1].split("</ul>")[0])


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_each_metric_ranks_in_its_own_way(client: Client, catalogue: None) -> None:
    found = measures(page(client, "/items/a/"))
    assert found["cosine"] == ["b", "c", "d", "f", "e"]
    assert found["euclidean"] == ["c", "d", "e", "b", "f"]
    assert found["manhattan"] == ["c", "d", "e", "b", "f"]


def test_the_wall_is_ranked_by_cosine(client: Client, catalogue: None) -> None:
    assert wall(page(client, "/items/a/")) == ["b", "c", "d", "f", "e"]


def test_a_card_is_one_link_and_one_heart(client: Client, catalogue: None) -> None:
    card = page(client, "/items/a/").split('data-item="b"')[1].split("</li>")[0]
    assert re.findall(r'href="([^"#]+)"', card) == ["/items/b/"]
    assert card.count("<button") == 1
    assert "Shirt b" in card
    assert "€19.90" in card
    assert "shop.example" not in card


def test_the_shop_is_linked_once_from_the_item(client: Client, catalogue: None) -> None:
    html = page(client, "/items/a/")
    assert html.count("https://shop.example/") == 1
    assert 'href="https://shop.example/a"' in html


def test_a_measures_row_has_title_price_distance_and_comparison(client: Client, catalogue: None) -> None:
    cosine = page(client, "/items/a/").split('id="cosine"')[1].split("</section>")[0]
    row = cosine.split('<li class="row"')[2]  # c: cosine distance 1 - 1/sqrt(1.25)
    assert "Shirt c" in row
    assert "€19.90" in row
    assert "0.1056" in row
    assert 'href="/compare/a/c/"' in row


def test_the_item_is_never_its_own_neighbour(client: Client, catalogue: None) -> None:
    html = page(client, "/items/a/")
    assert "a" not in wall(html)
    assert all("a" not in ids for ids in measures(html).values())


def test_what_only_one_measure_finds_is_marked(client: Client, db: None) -> None:
    # Of six others cosine drops n3, the widest angle; euclidean and manhattan drop far.
    points = {"q": (10, 0), "near": (10, 1), "far": (90, 0), "n2": (9, 3), "n3": (8, 4), "f2": (80, 1), "f3": (70, 1)}
    write_index(make_index(points))
    rows = page(client, "/items/q/").split('<li class="row"')[1:]
    assert [re.findall(r'data-item="(\w+)"', row)[0] for row in rows if 'class="only"' in row] == ["far"]


def test_more_on_demand(client: Client, db: None) -> None:
    write_index(make_index({f"i{n:02}": (n + 1.0, 1.0) for n in range(30)}))
    assert 'href="/items/i00/?shown=24#more"' in page(client, "/items/i00/")
    html = page(client, "/items/i00/?shown=24")
    assert len(wall(html)) == 24
    assert 'href="/items/i00/?shown=36#more"' in html
    assert len(wall(page(client, "/items/i00/?shown=36"))) == 29


def test_more_than_is_stored_is_searched_for(client: Client, db: None) -> None:
    write_index(make_index({f"i{n:02}": (n + 1.0, 1.0) for n in range(80)}))
    # From i00 the angle grows with n.
    assert wall(page(client, "/items/i00/?shown=72")) == [f"i{n:02}" for n in range(1, 73)]


@pytest.mark.parametrize("count", ["0", "4", "97", "-5", "abc", "999999999999", "٢٠"])
def test_a_count_out_of_range_is_twelve(client: Client, db: None, count: str) -> None:
    write_index(make_index({f"i{n:02}": (n + 1.0, 1.0) for n in range(60)}))
    assert len(wall(page(client, f"/items/i00/?shown={count}"))) == 12


def test_no_more_is_offered_than_there_is(client: Client, catalogue: None) -> None:
    assert "data-more-link" not in page(client, "/items/a/")


def test_delisted_neighbours_are_left_out_and_replaced(client: Client, db: None) -> None:
    points = {f"i{n:02}": (n + 1.0, 1.0) for n in range(30)}
    write_index(make_index(points))
    add_items(list(points))
    gone = [f"i{n:02}" for n in range(1, 20)]
    Item.objects.filter(pk__in=gone).update(delisted_at=timezone.now())
    html = page(client, "/items/i00/")
    assert wall(html) == [f"i{n}" for n in range(20, 30)]
    assert measures(html)["euclidean"] == ["i20", "i21", "i22", "i23", "i24"]


def duplicates() -> None:
    """a1 and a2 count as one; by cosine all but q tie, so they follow their rows."""
    points = {"q": (0, 1), "a1": (0, 2), "a2": (0, 3), "b": (0, 4), "c": (0, 5), "d": (0, 6), "e": (0, 7)}
    write_index(make_index(points, extras={"duplicate_group": np.array([0, 1, 1, 2, 3, 4, 5], dtype=np.int32)}))


def test_near_duplicates_fold_into_one_card(client: Client, db: None) -> None:
    duplicates()
    html = page(client, "/items/q/")
    assert measures(html)["euclidean"] == ["a1", "b", "c", "d", "e"]
    assert wall(html) == ["a1", "b", "c", "d", "e"]


def test_near_duplicates_of_the_item_are_its_other_versions(client: Client, db: None) -> None:
    duplicates()
    html = page(client, "/items/a1/")
    assert "Also in 1 other version" in html
    assert variants(html) == ["/items/a2/"]


def test_variants_are_what_the_shop_groups(client: Client, catalogue: None) -> None:
    Item.objects.filter(pk__in=["a", "c", "d", "e"]).update(group_id="g")
    Item.objects.filter(pk="d").update(in_stock=False)
    html = page(client, "/items/a/")
    assert "Also in 2 other versions" in html
    assert variants(html) == [
        "/items/c/",
        "/items/e/",
    ]


def test_folding_can_be_turned_off(client: Client, db: None) -> None:
    duplicates()
    assert measures(page(client, "/items/q/?fold=0"))["euclidean"] == ["a1", "a2", "b", "c", "d"]


def test_distances_are_also_said_in_words(client: Client, db: None) -> None:
    quantiles = np.linspace(0, 10, 11, dtype=np.float32)
    write_index(make_index({"a": (0, 1), "b": (0, 3)}, extras={"distance_quantiles_euclidean": quantiles}))
    assert "closer than 80.0 % of pairs" in page(client, "/items/a/")


def test_an_item_known_to_the_index_alone_has_a_page(client: Client, db: None) -> None:
    write_index()
    assert "<h1>a</h1>" in page(client, "/items/a/")


def test_one_query_for_all_cards(client: Client, catalogue: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client.get("/items/a/")  # the chips' choices are kept for some seconds
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
