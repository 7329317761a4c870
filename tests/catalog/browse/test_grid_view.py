"""/items/: the catalogue as a grid."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from catalog.browse.facets import forget_facets
from catalog.models import Item
from tests.catalog.builders import SEEN, add_item, add_items, write_index


def ids(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/items/?sort=id&{query}")
    assert response.status_code == 200
    return re.findall(r'data-item="([^"]+)"', response.content.decode())


def test_shows_items_on_sale(client: Client, db: None) -> None:
    add_items(["a", "b", "c"])
    Item.objects.filter(pk="b").update(delisted_at=timezone.now())
    assert ids(client) == ["a", "c"]


def test_an_empty_catalogue_says_how_to_fill_it(client: Client, db: None) -> None:
    html = client.get("/items/").content.decode()
    assert "python manage.py scrape demo" in html


def test_nothing_found_offers_to_clear_the_filters(client: Client, db: None) -> None:
    add_item("a")
    html = client.get("/items/?q=heron&sort=id").content.decode()
    assert "Nothing matches" in html
    assert 'href="?sort=id"' in html


def test_search_finds_all_words_in_any_order_and_case(client: Client, db: None) -> None:
    add_item("a", title="Black Cat shirt")
    add_item("b", title="black dog shirt")
    assert ids(client, "q=CAT+black") == ["a"]


def test_search_folds_case_beyond_ascii(client: Client, db: None) -> None:
    add_item("a", title="Футболка КОТ")
    assert ids(client, "q=кот") == ["a"]


def test_search_takes_wildcards_literally(client: Client, db: None) -> None:
    add_item("a", title="100% cotton")
    add_item("b", title="linen")
    assert ids(client, "q=%25") == ["a"]


def test_search_finds_ids(client: Client, db: None) -> None:
    add_item("sku-77", title="Shirt")
    assert ids(client, "q=sku-77") == ["sku-77"]


def test_filters_by_category(client: Client, db: None) -> None:
    add_item("a", category="hats")
    add_item("b", category="shoes")
    assert ids(client, "category=hats") == ["a"]


def test_filters_by_colour(client: Client, db: None) -> None:
    add_item("a", dominant_colour="red")
    add_item("b", dominant_colour="navy")
    assert ids(client, "colour=navy") == ["b"]


def test_filters_by_price_ends_included(client: Client, db: None) -> None:
    for item_id, price in (("a", "9.99"), ("b", "10"), ("c", "20"), ("d", "20.01"), ("e", None)):
        add_item(item_id, price=price)
    assert ids(client, "price_min=10&price_max=20,00") == ["b", "c"]


def test_new_means_first_seen_by_the_last_scrape(client: Client, db: None) -> None:
    add_items(["old", "met-again", "new"])
    last_scrape = SEEN + timedelta(days=7)
    Item.objects.filter(pk__in=["old", "met-again"]).update(first_seen=SEEN)
    Item.objects.filter(pk__in=["met-again", "new"]).update(last_seen=last_scrape)
    Item.objects.filter(pk="new").update(first_seen=last_scrape + timedelta(minutes=3))
    assert ids(client, "new=1") == ["new"]


def test_a_price_that_is_no_number_is_said(client: Client, db: None) -> None:
    add_item("a")
    response = client.get("/items/?price_min=cheap")
    assert response.status_code == 400
    assert "price_min is 'cheap': use a number such as 19.90." in unescape(response.content.decode())


def test_an_unknown_order_is_said(client: Client, db: None) -> None:
    assert client.get("/items/?sort=random").status_code == 400


@pytest.mark.parametrize("query", ["after=nonsense", "sort=id&after=a~b/c", "sort=price&before=9.90~..", "after=pin1~a%20b"])
def test_a_made_up_cursor_is_said(client: Client, db: None, query: str) -> None:
    assert client.get(f"/items/?{query}").status_code == 400


def test_the_form_keeps_what_was_asked(client: Client, db: None) -> None:
    add_item("a", category="hats", title="Red hat")
    html = client.get("/items/?q=red&category=hats&price_max=30").content.decode()
    assert 'name="q" value="red"' in html
    assert 'aria-current="true" rel="nofollow" href="?q=red&amp;price_max=30"' in html  # the chip that takes "hats" off
    assert 'type="hidden" name="category" value="hats"' in html
    assert 'name="price_max" value="30"' in html


def test_an_index_without_a_catalogue_still_browses(client: Client, db: None) -> None:
    write_index()
    assert ids(client) == ["a", "b", "c", "d", "e", "f"]
    assert ids(client, "q=C") == ["c"]
    assert ids(client, "category=hats") == []


def test_pictures_are_sized_and_those_out_of_sight_lazy(client: Client, db: None) -> None:
    add_items([f"i{n}" for n in range(8)])
    html = client.get("/items/?sort=id").content.decode()
    assert re.search(
        r'<img src="/items/i0/preview.jpg\?w=320" width="320" height="320" alt="" fetchpriority="high" decoding', html
    )
    assert re.search(r'<img src="/items/i7/preview.jpg\?w=320" width="320" height="320" alt="" loading="lazy"', html)


def test_post_is_405(client: Client, db: None) -> None:
    assert client.post("/items/").status_code == 405


def test_a_price_chip_names_the_currency_where_there_is_one(client: Client, db: None) -> None:
    add_item("a", price="10")
    add_item("b", price=None, currency="")
    html = client.get("/items/?price_min=5&price_max=25").content.decode()
    assert "From €5.00 " in html
    assert "Up to €25.00 " in html
    add_item("c", price="20", currency="USD")
    forget_facets()
    assert "Up to 25.00 " in client.get("/items/?price_max=25").content.decode()
