import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from filelock import FileLock

from catalog.models import Item
from scraping.report import Report
from scraping.scrape import LOCK_NAME, Options, scrape
from scraping.sources import Target
from scraping.storefronts import STOREFRONTS
from scraping.storefronts.profiles import Profile
from tests.scraping.local_shop import Answer, LocalShop, card, picture, sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return tmp_path / "images"


def run(shop: LocalShop, images: Path, source: str = "/all", **options: Any) -> str:
    out = StringIO()
    source = source if source.endswith(".toml") else shop.url + source
    call_command("scrape", source, images=images, delay=0, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def previews(images: Path) -> list[str]:
    return sorted(path.name for path in images.iterdir() if not path.name.startswith("."))


def asked_pictures(shop: LocalShop) -> list[str]:
    return sorted(path for path in shop.asked if path.endswith(".jpg"))


def test_previews_and_rows_of_two_pages(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2], [3])
    out = run(shop, images)
    assert "2 pages, 3 items met" in out
    assert previews(images) == ["1.jpg", "2.jpg", "3.jpg"]
    assert (images / "3.jpg").read_bytes() == picture(3)
    item = Item.objects.get(item_id="3")
    assert (item.title, str(item.price), item.currency, item.category) == ("Shirt 3", "3.50", "EUR", "All")
    assert (item.url, item.image_url, item.source) == (f"{shop.url}/product/3/", f"{shop.url}/3.jpg", f"{shop.url}/all")
    assert "shirt 3" in item.search_text


def test_a_second_run_asks_for_no_picture(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2], [3])
    run(shop, images)
    assert "0 new, 0 updated, 3 the same" in run(shop, images)
    assert asked_pictures(shop) == ["/1.jpg", "/2.jpg", "/3.jpg"]


def test_a_picture_at_a_new_address_is_fetched(shop: LocalShop, images: Path) -> None:
    sell(shop, [1])
    run(shop, images)
    shop.routes |= {
        "/all": Answer(card(1).replace("/1.jpg", "/1b.jpg").encode()),
        "/1b.jpg": Answer(picture(9), kind="image/jpeg"),
    }
    assert "1 updated" in run(shop, images)
    assert (images / "1.jpg").read_bytes() == picture(9)


def test_a_preview_damaged_on_disk_is_fetched_again(shop: LocalShop, images: Path) -> None:
    sell(shop, [1])
    run(shop, images)
    (images / "1.jpg").write_bytes(b"half")
    run(shop, images)
    assert (images / "1.jpg").read_bytes() == picture(1)


def test_refresh_asks_whether_pictures_changed(shop: LocalShop, images: Path) -> None:
    sell(shop, [1])
    run(shop, images)
    shop.routes["/1.jpg"] = lambda headers: Answer(status=304 if headers.get("If-None-Match") == '"1"' else 500)
    assert "0 downloaded (0.0 MB), 1 already here, 0 failed" in run(shop, images, refresh=True)


def test_half_a_journal_line_and_leftovers_of_a_killed_run_do_not_matter(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2])
    run(shop, images)
    journal = images / ".previews.jsonl"
    journal.write_bytes(journal.read_bytes()[:-5])
    (images / ".x.part").write_bytes(b"half")
    assert "1 downloaded" in run(shop, images)
    assert "2 already here" in run(shop, images)
    assert not (images / ".x.part").exists()


def test_a_sick_item_is_told_with_its_reason_and_leaves_no_row(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2, 3, 4])
    shop.routes["/2.jpg"] = Answer(b"<html>sign in</html>", kind="image/jpeg")
    shop.routes["/3.jpg"] = Answer(b"gone", 404)
    shop.routes["/4.jpg"] = Answer(status=302, headers={"Location": "/4.jpg"})
    out = run(shop, images)
    assert "  2: not a picture, it is an HTML page" in out
    assert "  3: HTTP 404 Not Found" in out
    assert "  4: redirects in a circle" in out
    assert list(Item.objects.values_list("item_id", flat=True)) == ["1"]


def test_an_item_whose_new_picture_is_sick_keeps_the_old_one(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2])
    run(shop, images)
    shop.routes["/all"] = Answer((card(1).replace("/1.jpg", "/none.jpg") + card(2)).encode())
    run(shop, images)
    item = Item.objects.get(item_id="1")
    assert (item.delisted_at, item.image_url) == (None, f"{shop.url}/1.jpg")
    assert (images / "1.jpg").read_bytes() == picture(1)


def test_not_one_picture_is_a_failure(shop: LocalShop, images: Path) -> None:
    sell(shop, [1])
    shop.routes["/1.jpg"] = Answer(b"gone", 404)
    with pytest.raises(CommandError, match="Not one item arrived"):
        run(shop, images)


def test_a_product_on_two_pages_is_met_once(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2], [1, 3])
    assert "3 items met, 1 shown again" in run(shop, images)
    assert shop.count("/1.jpg") == 1


def test_two_products_with_one_id_are_told(shop: LocalShop, images: Path) -> None:
    sell(shop, [1], [2])
    other = card(2).replace("/product/2/", "/product/9/").replace("/2.jpg", "/9.jpg").replace("data-id='2'", "data-id='1'")
    shop.routes["/all?page=2"] = Answer(other.encode())
    assert "  1: two products with one id" in run(shop, images)


def test_another_shop_s_item_is_not_overwritten(shop: LocalShop, images: Path) -> None:
    Item.objects.create(item_id="1", title="Theirs", source="https://other.example/shoes", last_seen=timezone.now())
    sell(shop, [1, 2])
    assert "the id belongs to another shop, other.example" in run(shop, images)
    assert Item.objects.get(item_id="1").title == "Theirs"
    assert previews(images) == ["2.jpg"]


def test_an_item_no_longer_sold_is_delisted_and_comes_back(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2, 3, 4, 5])
    run(shop, images)
    sell(shop, [1, 3, 4, 5])
    assert "1 delisted" in run(shop, images)
    assert Item.objects.get(item_id="2").delisted_at is not None
    sell(shop, [1, 2, 3, 4, 5])
    run(shop, images)
    assert Item.objects.get(item_id="2").delisted_at is None


def test_another_category_s_items_are_not_delisted(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2])
    shop.routes["/shoes"] = Answer(card(2).encode())
    run(shop, images)
    run(shop, images, "/shoes")
    assert Item.objects.get(item_id="1").delisted_at is None
    assert Item.objects.get(item_id="2").source == f"{shop.url}/all"


def test_a_new_title_is_found_by_search(shop: LocalShop, images: Path) -> None:
    sell(shop, [1])
    run(shop, images)
    shop.routes["/all"] = Answer(card(1, "Blue blouse").encode())
    run(shop, images)
    assert "blue blouse" in Item.objects.get().search_text


@pytest.mark.parametrize("option", ["limit", "pages"])
def test_an_incomplete_walk_delists_nothing(shop: LocalShop, images: Path, option: str) -> None:
    sell(shop, [1], [2])
    run(shop, images)
    run(shop, images, **{option: 1})  # type: ignore[arg-type]
    assert not Item.objects.exclude(delisted_at=None).exists()


def test_a_page_that_fails_keeps_what_was_got_and_delists_nothing(shop: LocalShop, images: Path) -> None:
    sell(shop, [1], [2])
    run(shop, images)
    shop.routes["/all?page=2"] = Answer(b"gone", 410)
    with pytest.raises(CommandError, match=r"page 2 .*HTTP 410"):
        run(shop, images)
    assert not Item.objects.exclude(delisted_at=None).exists()


def test_pages_that_lead_round_in_a_circle_end(shop: LocalShop, images: Path) -> None:
    sell(shop, [1], [2])
    shop.routes["/all?page=2"] = Answer((card(2) + "<link rel=next href='/all'>").encode())
    assert "2 pages, 2 items met" in run(shop, images)


def test_pages_that_never_end_end_where_nothing_new_comes(shop: LocalShop, images: Path) -> None:
    sell(shop, [1])
    for at in range(1, 9):
        shop.routes["/all" if at == 1 else f"/all?page={at}"] = Answer(
            (card(1) + f"<link rel=next href='/all?page={at + 1}'>").encode()
        )
    assert "3 pages, 1 items met" in run(shop, images)


def test_limit(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2], [3])
    assert "stopped after 2 items" in run(shop, images, limit=2)
    assert previews(images) == ["1.jpg", "2.jpg"]
    assert shop.count("/all?page=2") == 0


def test_a_dry_run_lists_and_writes_nothing(shop: LocalShop, images: Path) -> None:
    sell(shop, [1, 2])
    assert f"2\tShirt 2\t2.50 EUR\t{shop.url}/2.jpg" in run(shop, images, dry_run=True)
    assert not images.exists()
    assert not Item.objects.exists()
    assert asked_pictures(shop) == []


def test_a_profile(shop: LocalShop, images: Path, tmp_path: Path) -> None:
    sell(shop, [1])
    profile = tmp_path / "shop.toml"
    profile.write_text(f'url = "{shop.url}/all"\nid_prefix = "acme-"\ncategory = "Tees"\n[select]\ntitle = "a@href"\n')
    run(shop, images, str(profile))
    assert Item.objects.get().pk == "acme-1"
    assert (Item.objects.get().category, Item.objects.get().title) == ("Tees", "/product/1/")
    assert previews(images) == ["acme-1.jpg"]


def test_a_category_without_products_says_what_was_looked_for(shop: LocalShop, images: Path) -> None:
    shop.routes["/all"] = Answer(b"<h1>About us</h1>")
    with pytest.raises(CommandError, match=r"no products found at .*looked for .*profile"):
        run(shop, images)


def test_a_forbidding_robots_txt(shop: LocalShop, images: Path) -> None:
    sell(shop, [1])
    shop.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /")
    with pytest.raises(CommandError, match=r"robots\.txt forbids it"):
        run(shop, images)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("shoes", "is no source"),
        ("shop.example/shoes", "Did you mean https://shop.example/shoes"),
        ("ftp://shop.example/", "give a whole URL"),
        ("https://me:secret@shop.example/", "password"),
        ("none.toml", "There is no profile"),
    ],
)
def test_a_source_that_is_none(images: Path, source: str, told: str) -> None:
    with pytest.raises(CommandError, match=told):
        call_command("scrape", source, images=images)


@pytest.mark.parametrize("option", ["--limit=0", "--workers=x", "--delay=-1", "--delay=nan", "--max-bytes=-5"])
def test_an_option_out_of_range(option: str) -> None:
    with pytest.raises(CommandError, match="is not a"):
        call_command("scrape", "demo", option)


def test_a_folder_that_cannot_be_written(shop: LocalShop, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CommandError, match="cannot be written"):
        run(shop, tmp_path / "file")
    assert shop.asked == []


def test_two_runs_into_one_folder(shop: LocalShop, images: Path) -> None:
    images.mkdir()
    with FileLock(images / LOCK_NAME), pytest.raises(CommandError, match="Another scrape is writing"):
        run(shop, images)


def test_a_disk_that_fails_ends_the_run_in_one_line(shop: LocalShop, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    sell(shop, [1])
    monkeypatch.setattr("scraping.downloads.write_preview", full)
    with pytest.raises(CommandError, match="No space left on device"):
        run(shop, images)


def test_a_catalogue_without_its_tables(shop: LocalShop, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise OperationalError("no such table: catalog_item")

    sell(shop, [1])
    monkeypatch.setattr("scraping.downloads.owners", missing)
    with pytest.raises(CommandError, match=r"no such table.*migrate"):
        run(shop, images)


def options_for(shop: LocalShop, images: Path) -> Options:
    target = Target(f"{shop.url}/all", f"{shop.url}/all", STOREFRONTS["html"], Profile(), 0.0)
    return Options(target, images, user_agent="t")


@pytest.fixture
def held() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_an_interruption_keeps_what_arrived(shop: LocalShop, images: Path, held: threading.Event) -> None:
    sell(shop, [1], [2])
    shop.routes["/2.jpg"] = Answer(picture(2), kind="image/jpeg", hold=held)

    def interrupt(report: Report) -> None:
        if report.downloaded:
            held.set()
            raise KeyboardInterrupt

    report = scrape(options_for(shop, images), interrupt, lambda _: None)
    assert report.interrupted
    assert not report.complete
    assert Item.objects.filter(item_id="1").exists()
    again = scrape(options_for(shop, images), lambda _: None, lambda _: None)
    assert again.arrived == 2
    assert shop.count("/1.jpg") == 1


def test_the_command_ends_an_interruption_with_130(shop: LocalShop, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraping.management.commands.scrape.scrape", lambda *_: Report(pages=1, interrupted=True))
    with pytest.raises(CommandError, match="goes on from there") as caught:
        run(shop, images)
    assert caught.value.returncode == 130
