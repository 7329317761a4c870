"""Category, price, colour and stock narrow neighbours down: exact, on the page and in the API."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Item
from indexing.index.record import NEIGHBOURS_KEPT
from tests.catalog.builders import add_item, make_index, write_index

MANY = NEIGHBOURS_KEPT + 30
IDS = [f"i{n:03}" for n in range(MANY)]


@pytest.fixture
def many(db: None) -> None:
    """From i000 the angle grows with n, so i001 is nearest. Every tenth is a hat, each costs n, odd ones are red."""
    write_index(make_index({item_id: (float(n + 1), 1.0) for n, item_id in enumerate(IDS)}))
    for n, item_id in enumerate(IDS):
        colour, category = "red" if n % 2 else "navy", "Hats" if n % 10 == 0 else "Shirts"
        add_item(item_id, price=n, category=category, dominant_colour=colour)


def api(client: Client, query: str) -> list[str]:
    response = client.get(f"/api/v1/items/i000/similar?{query}")
    assert response.status_code == 200
    return [item["id"] for item in response.json()["neighbours"]]


def wall(client: Client, query: str) -> list[str]:
    html = client.get(f"/items/i000/?{query}").content.decode()
    return re.findall(r'data-item="([^"]+)"', html.split("data-wall>")[1].split("</ul>")[0])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=Hats", [10, 20, 30, 40, 50]),
        ("colour=navy", [2, 4, 6, 8, 10]),
        ("price_max=3", [1, 2, 3]),
        ("price_max=41&category=Hats&colour=navy", [10, 20, 30, 40]),
        ("category=Shoes", []),
    ],
)
def test_neighbours_are_narrowed_down(client: Client, many: None, query: str, expected: list[int]) -> None:
    ids = [IDS[n] for n in expected]
    assert api(client, f"k=5&{query}") == ids
    assert (wall(client, query)[:5] if ids else []) == ids


def page(client: Client, query: str) -> str:
    return client.get(f"/items/i000/?{query}").content.decode()


def test_where_the_stored_ones_run_out_the_search_goes_on(client: Client, many: None) -> None:
    # Stored are i001 to i050; the last hats lie beyond.
    assert api(client, "k=50&category=Hats") == ["i010", "i020", "i030", "i040", "i050", "i060", "i070"]
    assert wall(client, "category=Hats") == ["i010", "i020", "i030", "i040", "i050", "i060", "i070"]


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "manhattan"])
def test_it_is_exact_under_each_metric(client: Client, many: None, metric: str) -> None:
    everything = api(client, f"k=50&metric={metric}")
    hats = api(client, f"k=50&metric={metric}&category=Hats")
    assert [item_id for item_id in everything if item_id in hats] == [item_id for item_id in hats if item_id in everything]
    assert len(hats) == 7


def test_what_cannot_be_bought_takes_no_place(client: Client, many: None) -> None:
    Item.objects.filter(pk__lte="i030", pk__gt="i000").update(delisted_at=timezone.now())
    Item.objects.filter(pk__gt="i030", pk__lte="i055").update(in_stock=False)
    assert api(client, "k=3") == wall(client, "")[:3] == ["i056", "i057", "i058"]
    assert api(client, "k=3&in_stock=any") == wall(client, "in_stock=any")[:3] == ["i031", "i032", "i033"]


def test_a_picture_without_a_product_passes_where_nothing_is_asked(client: Client, db: None) -> None:
    write_index(make_index({item_id: (float(n + 1), 1.0) for n, item_id in enumerate(IDS)}))
    Item.objects.bulk_create([Item(item_id=item_id, last_seen=timezone.now(), in_stock=False) for item_id in IDS[1:60]])
    assert api(client, "k=2") == ["i060", "i061"]
    assert api(client, "k=2&category=Hats") == []


@pytest.mark.parametrize("query", ["price_max=cheap", "price_max=-1"])
def test_a_price_that_is_no_number_is_named(client: Client, many: None, query: str) -> None:
    assert client.get(f"/api/v1/items/i000/similar?{query}").status_code == 422
    response = client.get(f"/items/i000/?{query}")
    assert response.status_code == 400
    assert "use a number such as 19.90" in response.content.decode()


def test_chips_take_off_one_thing_each(client: Client, many: None) -> None:
    html = page(client, "category=Hats&colour=navy&price_max=40")
    on = re.findall(r'aria-current="true" rel="nofollow" href="/items/i000/\?([^"]*)"', html)
    assert on == ["colour=navy&amp;price_max=40", "category=Hats&amp;colour=navy", "category=Hats&amp;price_max=40"]


def test_cheaper_than_this_is_one_press_away(client: Client, many: None) -> None:
    html = client.get("/items/i010/").content.decode()
    assert 'href="/items/i010/?price_max=9.99" data-swap="narrowed">Under €10.00</a>' in html
    narrowed = client.get("/items/i010/?price_max=9.99").content.decode()
    assert re.search(r'aria-current="true"[^>]*>Under €10.00 ', narrowed)


def test_nothing_left_is_said_with_a_way_out(client: Client, many: None) -> None:
    html = page(client, "category=Shoes")
    assert "Nothing like this here" in html
    assert 'href="/items/i000/?" data-swap="narrowed">Clear</a>' in html


def test_more_keeps_what_was_chosen(client: Client, many: None) -> None:
    assert 'href="/items/i000/?colour=navy&amp;shown=24#more"' in page(client, "colour=navy")


def test_narrowed_pages_are_not_for_search_engines(client: Client, many: None) -> None:
    assert '<meta name="robots" content="noindex">' in page(client, "colour=navy")
    assert '<meta name="robots" content="noindex">' not in page(client, "")


def test_a_taste_is_narrowed_down_too(client: Client, many: None) -> None:
    items = client.get("/api/v1/taste?like=i000&k=3&category=Hats").json()["items"]
    assert [item["id"] for item in items] == ["i010", "i020", "i030"]
    html = client.get("/taste/?like=i000&category=Hats").content.decode()
    assert re.findall(r'data-item="([^"]+)"', html)[:3] == ["i010", "i020", "i030"]
