"""What a row keeps of a card."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.models import Item
from scraping.catalogue_rows import Counts, Rows
from scraping.storefronts.base import Card
from tests.scraping.local_shop import picture

pytestmark = pytest.mark.django_db
SOURCE = "https://shop.example/all/"
CARD = Card(
    "1", "Cat", "https://shop.example/1", "https://shop.example/1.jpg", in_stock=False, brand="Acme", group_id="g",
    more_pictures=("https://shop.example/2.jpg",),
)  # fmt: skip


def write(images: Path, card: Card, *, picture_is_new: bool = False) -> Counts:
    rows = Rows(SOURCE, datetime.now(UTC), images)
    rows.add(card, picture_is_new=picture_is_new)
    rows.flush()
    return rows.counts


def test_more_of_an_item(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(picture(side=40))
    assert write(tmp_path, CARD).new == 1
    item = Item.objects.get(pk="1")
    assert (item.in_stock, item.brand, item.group_id, item.more_pictures) == (
        False,
        "Acme",
        "g",
        ["https://shop.example/2.jpg"],
    )
    assert (item.width, item.height, item.search_text) == (40, 40, "cat acme 1")


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(picture())
    write(tmp_path, CARD)
    assert write(tmp_path, CARD).unchanged == 1


def test_sold_again_is_an_update(tmp_path: Path) -> None:
    write(tmp_path, CARD)
    assert write(tmp_path, replace(CARD, in_stock=True)).updated == 1
    assert Item.objects.get(pk="1").in_stock is True


def test_a_new_picture_has_its_own_size(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(picture(side=40))
    write(tmp_path, CARD)
    (tmp_path / "1.jpg").write_bytes(picture(side=50))
    write(tmp_path, CARD, picture_is_new=True)
    assert Item.objects.get(pk="1").width == 50


def test_further_pictures_are_bounded(tmp_path: Path) -> None:
    many = tuple(f"https://shop.example/{n}.jpg" for n in range(40))
    write(tmp_path, replace(CARD, more_pictures=("https://shop.example/" + "x" * 2000, *many)))
    assert Item.objects.get(pk="1").more_pictures == list(many[:20])
