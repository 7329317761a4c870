"""Nothing that is sold is taken off sale: a walk that cannot prove it saw everything delists nothing, and says why."""

import gzip
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from tests.scraping.local_shop import Answer, LocalShop, card, sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return tmp_path / "images"


def run(shop: LocalShop, images: Path, **options: Any) -> str:
    out = StringIO()
    call_command("scrape", f"{shop.url}/all", images=images, delay=0, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def delisted() -> list[str]:
    return list(Item.objects.exclude(delisted_at=None).values_list("item_id", flat=True))


def page(*numbers: int, ending: str = "") -> bytes:
    return ("<html><body>" + "".join(map(card, numbers)) + ending).encode()


@pytest.fixture
def ten(shop: LocalShop, images: Path) -> LocalShop:
    """A shop of ten items, scraped once."""
    sell(shop, list(range(1, 11)))
    run(shop, images)
    return shop


def test_a_few_that_are_gone_are_delisted(ten: LocalShop, images: Path) -> None:
    sell(ten, list(range(1, 9)))
    assert "2 delisted" in run(ten, images)
    assert delisted() == ["10", "9"]


def test_more_than_a_fifth_stays_on_sale_until_it_is_allowed(ten: LocalShop, images: Path) -> None:
    sell(ten, list(range(1, 8)))
    out = run(ten, images)
    assert "nothing was delisted: 3 of 10 items were not met" in out
    assert "run again with --allow-delisting 30" in out
    assert delisted() == []
    assert "3 delisted" in run(ten, images, allow_delisting=0.3)


def test_items_that_are_new_do_not_hide_that_the_old_ones_went(ten: LocalShop, images: Path) -> None:
    sell(ten, list(range(8, 60)))
    assert "7 of 10 items were not met" in run(ten, images)
    assert delisted() == []


def test_a_known_item_with_an_unreadable_card_comes_back(ten: LocalShop, images: Path, tmp_path: Path) -> None:
    Item.objects.filter(pk="9").update(delisted_at=datetime(2020, 1, 1, tzinfo=UTC))
    profile = tmp_path / "shop.toml"
    profile.write_text(f'url = "{ten.url}/all"\n[select]\ncard = ".product"\n')
    ten.routes["/all"] = Answer(
        page(*range(1, 9)) + b"<div class='product' data-id='9'><a href='/product/9/'>No picture</a></div>"
    )
    out = StringIO()
    call_command("scrape", str(profile), images=images, delay=0, stdout=out, stderr=StringIO())
    assert Item.objects.get(pk="9").delisted_at is None
    assert "nothing was delisted: 1 of 10 items were not met and stay on sale, as 1 card could not be read" in out.getvalue()


def test_a_compressed_page_that_breaks_off_stops_the_walk(ten: LocalShop, images: Path) -> None:
    body = gzip.compress(page(*range(1, 11)))
    ten.routes["/all"] = Answer(body[: len(body) // 2], headers={"Content-Encoding": "gzip"})
    with pytest.raises(CommandError, match=r"page 1 .*truncated: the gzip stream of .* has no end after 2 tries"):
        run(ten, images)
    assert delisted() == []


def test_chunks_that_break_off_stop_the_walk(ten: LocalShop, images: Path) -> None:
    ten.routes["/all"] = Answer(page(*range(1, 10)), chunked=True, cut=True)
    with pytest.raises(CommandError, match=r"page 1 .*truncated"):
        run(ten, images)
    assert delisted() == []


@pytest.mark.parametrize(("ending", "gone"), [("", []), ("</body></html>\n", ["10"])])
def test_a_page_that_ends_with_its_connection_must_show_its_end(
    ten: LocalShop, images: Path, ending: str, gone: list[str]
) -> None:
    ten.routes["/all"] = Answer(page(*range(1, 10), ending=ending), closes=True)
    out = run(ten, images)
    assert delisted() == gone
    assert ("page 1 may have been cut off" in out) is not bool(gone)


def test_pages_that_repeat_keep_everything(ten: LocalShop, images: Path) -> None:
    for number in range(1, 9):
        following = f"<link rel=next href='/all?page={number + 1}'>"
        ten.routes["/all" if number == 1 else f"/all?page={number}"] = Answer(page(*range(1, 10), ending=following))
    assert "page 2 shows only products that were on pages before it" in run(ten, images)
    assert delisted() == []


def test_pages_in_a_circle_keep_everything(ten: LocalShop, images: Path) -> None:
    ten.routes["/all"] = Answer(page(1, 2, 3, 4, 5, ending="<link rel=next href='/all?page=2'>"))
    ten.routes["/all?page=2"] = Answer(page(6, 7, 8, 9, ending="<link rel=next href='/all'>"))
    assert "page 2 leads back to" in run(ten, images)
    assert delisted() == []


@pytest.mark.parametrize("address", ["//[x]/", "http://127.0.0.1:abc/all?page=2"])
def test_a_next_page_with_a_malformed_address_keeps_everything(ten: LocalShop, images: Path, address: str) -> None:
    ten.routes["/all"] = Answer(page(*range(1, 10), ending=f"<a rel=next href='{address}'>Next</a>"))
    assert "page 1 names a next page by a malformed address" in run(ten, images)
    assert delisted() == []


def test_a_last_page_without_products_keeps_everything(ten: LocalShop, images: Path) -> None:
    ten.routes["/all"] = Answer(page(*range(1, 10), ending="<link rel=next href='/all?page=2'>"))
    ten.routes["/all?page=2"] = Answer(b"<h1>Come back soon</h1>")
    assert "page 2" in run(ten, images)
    assert delisted() == []
