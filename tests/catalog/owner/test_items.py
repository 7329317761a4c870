"""The owner hides, pins and corrects items."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from catalog.models import Correction, Item
from scraping.catalogue_rows import Rows
from scraping.storefronts.base import Card

ITEMS = "/admin/catalog/item/"


def test_the_desk_is_behind_a_login(client: Client, shop: None) -> None:
    assert client.get(ITEMS).status_code == 302
    assert client.get("/admin/owner/usagecount/").status_code == 302


def test_items_are_found_in_any_case(owner: Client) -> None:
    page = owner.get(ITEMS, {"q": "SHIRT C"}).content.decode()
    assert "Shirt c" in page
    assert "Shirt a" not in page


def test_a_hidden_item_is_shown_to_no_visitor(owner: Client, client: Client) -> None:
    owner.post(ITEMS, {"action": "hide", "_selected_action": ["c"]})
    assert Item.objects.get(pk="c").hidden
    assert client.get("/items/c/").status_code == 404
    assert client.get("/api/v1/items/c").status_code == 404
    assert "Shirt c" not in client.get("/items/").content.decode()
    near = client.get("/api/v1/items/a/similar", {"k": 5}).json()["neighbours"]
    assert "c" not in {item["id"] for item in near}
    owner.post(ITEMS, {"action": "show_again", "_selected_action": ["c"]})
    assert client.get("/items/c/").status_code == 200


def correct(owner: Client, **fields: str) -> None:
    blank = {"title": "", "price": "", "currency": "", "category": ""} | fields
    form = {f"correction-0-{name}": value for name, value in blank.items()} | {"correction-0-item": "a"}
    initial = str(Correction.objects.filter(pk="a").count())
    management = {"correction-TOTAL_FORMS": "1", "correction-INITIAL_FORMS": initial}
    answer = owner.post(f"{ITEMS}a/change/", form | management | {"pinned": ""})
    assert answer.status_code == 302, answer.content.decode()[:2000]


def test_a_correction_holds_at_once_and_can_be_taken_back(owner: Client) -> None:
    correct(owner, title="A better title", price="9.50")
    item = Item.objects.get(pk="a")
    assert (item.title, item.price, item.currency) == ("A better title", Decimal("9.50"), "EUR")
    assert "better" in item.search_text
    correct(owner, DELETE="on")
    item = Item.objects.get(pk="a")
    assert (item.title, item.price) == ("Shirt a", Decimal("19.90"))
    assert not Correction.objects.exists()


def test_changing_a_correction_does_not_take_it_for_the_shops_word(owner: Client) -> None:
    correct(owner, title="First")
    correct(owner, title="Second")
    assert Correction.objects.get().shop["title"] == "Shirt a"
    assert Item.objects.get(pk="a").title == "Second"


def test_a_scrape_keeps_the_correction_and_learns_the_shops_word(owner: Client, tmp_path: Path) -> None:
    correct(owner, title="A better title")
    rows = Rows("https://shop.example/", datetime(2026, 11, 2, tzinfo=UTC), tmp_path)
    rows.add(Card("a", "The shop's new title", "https://shop.example/a", "https://shop.example/a.jpg"), picture_is_new=False)
    rows.flush()
    assert Item.objects.get(pk="a").title == "A better title"
    assert Correction.objects.get().shop["title"] == "The shop's new title"


@pytest.mark.parametrize("address", [f"{ITEMS}add/", f"{ITEMS}a/delete/"])
def test_items_come_and_go_by_the_shop_alone(owner: Client, address: str) -> None:
    assert owner.get(address).status_code == 403
