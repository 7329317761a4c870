"""The whole command: a feed or a folder becomes previews and rows, again and again."""

import gzip
import os
from collections.abc import Callable
from contextlib import nullcontext
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from scraping.management.commands import import_products
from scraping.storefronts.identifiers import item_id
from tests.scraping.local_shop import Answer, LocalShop, picture

pytestmark = pytest.mark.django_db
Write = Callable[..., Path]
HEADER = "id,title,image,price,category\n"
CAT, DOG, FOX = "1,Cat,a.jpg,5 EUR,Hats\n", "2,Dog,b.jpg,6 EUR,Hats\n", "3,Fox,c.jpg,7 EUR,Hats\n"


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_products", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def on_sale() -> list[str]:
    return list(Item.objects.filter(delisted_at=None).values_list("pk", flat=True))


def test_a_list_with_pictures_beside_it(images: Path, write: Write) -> None:
    out = run(write("shirts.csv", HEADER + CAT + DOG))
    assert "2 products read" in out
    assert "2 new" in out
    item = Item.objects.get(pk="1")
    assert (item.title, str(item.price), item.currency, item.category, item.source) == (
        "Cat",
        "5.00",
        "EUR",
        "Hats",
        "import:shirts.csv",
    )
    assert (item.width, (images / "1.jpg").is_file()) == (40, True)


def test_again_changes_nothing_and_reads_no_picture_anew(images: Path, write: Write) -> None:
    feed = write("shirts.csv", HEADER + CAT + DOG)
    run(feed)
    assert "0 downloaded (0.0 MB), 2 already here" in run(feed)


def test_a_changed_row_and_a_changed_picture_are_updated(images: Path, write: Write) -> None:
    run(write("shirts.csv", HEADER + CAT + DOG))
    feed = write("shirts.csv", HEADER + CAT.replace("5 EUR", "4 EUR") + DOG, pictures=())
    (feed.parent / "b.jpg").write_bytes(picture(200, side=50))
    out = run(feed)
    assert "1 downloaded" in out
    assert "0 new, 2 updated" in out
    assert (str(Item.objects.get(pk="1").price), Item.objects.get(pk="2").width) == ("4.00", 50)


MANY = "".join(f"{n},Shirt {n},a.jpg,5 EUR,Hats\n" for n in range(10, 20))


def test_what_left_the_list_is_delisted_and_comes_back(images: Path, write: Write) -> None:
    run(write("shirts.csv", HEADER + MANY + CAT))
    assert "1 delisted" in run(write("shirts.csv", HEADER + MANY))
    assert "1" not in on_sale()
    run(write("shirts.csv", HEADER + MANY + CAT))
    assert "1" in on_sale()


def test_a_draft_leaves_the_list(images: Path, write: Write) -> None:
    header = "Handle,Title,Status,Variant Price,Image Src\n"
    rows = [f"s{n},Shirt,active,5,a.jpg\n" for n in range(10)]
    run(write("export.csv", header + "".join(rows)))
    out = run(write("export.csv", header + "".join(rows).replace("s0,Shirt,active", "s0,Shirt,draft")))
    assert "1 left out: draft" in out
    assert "s0" not in on_sale()


def test_more_than_a_fifth_stays_unless_allowed(images: Path, write: Write) -> None:
    run(write("shirts.csv", HEADER + CAT + DOG + FOX))
    out = run(write("shirts.csv", HEADER + CAT))
    assert "nothing was delisted: 2 of 3" in out
    assert on_sale() == ["1", "2", "3"]
    run(write("shirts.csv", HEADER + CAT), "--allow-delisting", "70")
    assert on_sale() == ["1"]


@pytest.mark.parametrize("last", ['20,"Cu', "20,C", "no separators\n", ",No id,a.jpg,5,Hats\n"])
def test_nothing_is_delisted_after_a_row_that_cannot_be_read(images: Path, write: Write, last: str) -> None:
    run(write("shirts.csv", HEADER + MANY + CAT))
    assert "stay on sale" in run(write("shirts.csv", HEADER + MANY + last))
    assert "1" in on_sale()


def test_a_known_product_whose_row_lost_its_picture_stays(images: Path, write: Write) -> None:
    run(write("shirts.csv", HEADER + MANY + CAT))
    assert "1: no picture" in run(write("shirts.csv", HEADER + MANY + CAT.replace("a.jpg", "")))
    assert "1" in on_sale()


def test_a_limited_import_delists_nothing(images: Path, write: Write) -> None:
    run(write("shirts.csv", HEADER + MANY + CAT))
    assert "9 products read" in run(write("shirts.csv", HEADER + MANY + CAT), "--limit", "9")
    assert len(on_sale()) == 11


def test_two_lists_do_not_delist_each_other(images: Path, write: Write) -> None:
    run(write("shirts.csv", HEADER + MANY))
    run(write("hats.csv", HEADER + CAT))
    run(write("shirts.csv", HEADER + MANY))
    assert len(on_sale()) == 11


def test_a_renamed_list_keeps_its_products(images: Path, write: Write) -> None:
    feed = write("export.csv", HEADER + CAT)
    run(feed)
    assert "1 the same" in run(feed.rename(feed.with_name("export (1).csv")))


def test_pictures_of_a_shop_and_a_feed_of_it(images: Path, shop: LocalShop) -> None:
    feed = f"<rss><channel><item><id>1</id><title>Cat</title><image_link>{shop.url}/1.jpg</image_link></item></channel></rss>"
    shop.routes["/feed.xml"] = Answer(gzip.compress(feed.encode()), kind="application/gzip")
    shop.routes["/1.jpg"] = Answer(picture(), kind="image/jpeg")
    run(f"{shop.url}/feed.xml")
    assert (Item.objects.get(pk="1").source, shop.count("/1.jpg")) == (f"{shop.url}/feed.xml", 1)
    run(f"{shop.url}/feed.xml")
    assert shop.count("/1.jpg") == 1


def test_a_feed_from_the_web_reads_no_files(images: Path, shop: LocalShop, write: Write) -> None:
    write("x.csv", "")
    shop.routes["/feed.csv"] = Answer(b"id,image\n1,../feed/a.jpg\n2,file:///etc/passwd\n")
    with pytest.raises(CommandError, match="Not one item arrived"):
        run(f"{shop.url}/feed.csv")


def test_a_private_host_must_be_named(images: Path, shop: LocalShop, write: Write) -> None:
    shop.routes["/1.jpg"] = Answer(picture(), kind="image/jpeg")
    feed = write("shirts.csv", f"id,image\n1,{shop.url}/1.jpg\n")
    with pytest.raises(CommandError, match="Not one item arrived"):
        run(feed)
    run(feed, "--private-host", "127.0.0.1")
    assert on_sale() == ["1"]


def test_paths_lead_out_of_no_folder(images: Path, write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(picture())
    out = StringIO()
    with pytest.raises(CommandError, match="Not one item arrived"):
        call_command(
            "import_products", str(write("x.csv", "id,image\n1,../secret.jpg\n2,none.jpg\n")), stdout=out, stderr=StringIO()
        )
    assert "a path outside the feed's folder: 1" in out.getvalue()
    assert "the picture is not there: 1" in out.getvalue()


def test_a_folder_of_pictures(images: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    for name in ("A1.JPG", "red hats/B 2.jpeg", "red hats/c.png", "shirts/c.webp", ".hidden/d.jpg", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture(ending=".png"))
    run("--images", folder)
    items = {item.title: (item.pk, item.category) for item in Item.objects.all() if item.title != "c"}
    assert items == {"A1": ("A1", ""), "B 2": ("B-2-2fe093f9", "red hats")}
    assert sorted(item.category for item in Item.objects.filter(title="c")) == ["red hats", "shirts"]
    assert len(set(images.glob("*.jpg"))) == 4


def test_names_that_are_no_text_are_taken(images: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in (b"caf\xe9.jpg", b"caf\xe8.jpg", "cafe\u0301.jpg".encode(), b"a%20b?.jpg"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(picture())
    assert "4 new" in run("--images", folder)
    assert item_id("caf\u00e9") in on_sale()


def test_a_picture_that_left_the_folder_is_delisted(images: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(10):
        (tmp_path / "photos" / f"{number}.jpg").write_bytes(picture(number))
    run("--images", tmp_path / "photos")
    (tmp_path / "photos" / "3.jpg").unlink()
    run("--images", tmp_path / "photos")
    assert len(on_sale()) == 9


def test_the_folder_of_previews_is_no_source(images: Path) -> None:
    images.mkdir()
    with pytest.raises(CommandError, match="the folder of previews itself"):
        run("--images", images)


def test_explain_shows_columns_and_writes_nothing(images: Path, write: Write) -> None:
    out = run(write("shirts.csv", "Art;title;colour;image\n1;Cat;red;a.jpg\n"), "--explain", "--column", "id=Art")
    assert "CSV, semicolons between columns, utf-8; read as: plain" in out
    assert [line.split() for line in out.splitlines() if line.startswith(("id", "title"))] == [
        ["id", "Art", "1"],
        ["title", "title", "Cat"],
    ]
    assert "not read: colour" in out
    assert "1\tCat\t\tfile:a.jpg" in out
    assert not Item.objects.exists()
    assert not images.exists()


def test_an_explanation_helps_to_name_the_column_of_pictures(images: Path, write: Write) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="--column picture=COLUMN"):
        call_command("import_products", str(write("x.csv", "id;Ansicht\n1;a.jpg\n")), "--explain", stdout=out)
    assert "not read: Ansicht" in out.getvalue()


def test_an_explanation_shows_three_products(images: Path, write: Write) -> None:
    out = run(write("shirts.csv", HEADER + MANY), "--explain")
    assert out.count("Shirt 1") == 4  # the first row, and three products
    assert "these are the first 3; --limit N shows more" in out


def test_a_dry_run_lists_and_writes_nothing(images: Path, write: Write) -> None:
    assert "1\tCat\t5.00 EUR\tfile:a.jpg\n" in run(write("shirts.csv", HEADER + CAT), "--dry-run")
    assert not images.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Give a feed's FILE or URL"),
        (["x.csv", "--images", "y"], "Give a feed's FILE or URL"),
        (["nowhere.csv"], "There is no file nowhere.csv"),
        (["."], "is a folder"),
        (["x.csv", "--currency", "euros"], "ISO 4217"),
        (["x.csv", "--column", "title"], "FIELD=NAME"),
        (["https://u:p@shop.example/feed"], "password"),
        (["x.csv", "--shop-url", "shop.example"], "--shop-url"),
        (["--images", "nowhere"], "nowhere is no folder"),
    ],
)
def test_wrong_arguments_are_one_line(images: Path, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words) as raised:
        run(*arguments)
    assert "\n" not in str(raised.value)


def test_a_feed_that_breaks_off_keeps_what_came_and_fails(images: Path, write: Write) -> None:
    run(write("shirts.csv", HEADER + MANY + CAT))
    feed = write("shirts.csv", gzip.compress((HEADER + MANY + DOG * 100_000).encode())[:-9])
    with pytest.raises(CommandError, match="cut off or damaged"):
        run(feed)
    assert "1" in on_sale()


def test_a_cut_xml_feed_keeps_what_came_and_fails(images: Path, write: Write) -> None:
    items = "".join(f"<item><id>{n}</id><image>a.jpg</image></item>" for n in range(10))
    run(write("feed.xml", f"<rss>{items}</rss>"))
    cut = f"<rss>{items.replace('<id>9', '<id>10')}"[:-10]
    with pytest.raises(CommandError, match=r"Stopped: feed.xml cannot be read to its end: .*[^.]\.$"):
        run(write("feed.xml", cut))
    assert len(on_sale()) == 10


def test_an_interrupted_import_goes_on_where_it_was(images: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_report: object) -> None:
        raise KeyboardInterrupt

    feed = write("shirts.csv", HEADER + CAT + DOG + FOX)
    with monkeypatch.context() as patched:
        patched.setattr(import_products, "progress_to", lambda *_, **__: nullcontext(interrupt))
        with pytest.raises(CommandError, match="Run it again") as raised:
            run(feed)
    assert raised.value.returncode == 130
    assert "3 products read" in run(feed)
    assert "0 downloaded (0.0 MB), 3 already here" in run(feed)
