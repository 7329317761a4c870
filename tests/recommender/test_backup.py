"""A backup brings everything back: rows, the owner's words, pictures, the index. On SQLite and on PostgreSQL."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings

from catalog.models import Correction, Item
from catalog.owner.models import ApiToken
from indexing.index.file import load_index
from recommender.backups.backup import mirror
from tests.catalog.builders import SEEN, add_items, write_index, write_preview

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and shutil.which("pg_dump") is None, reason="no pg_dump: apt-get install postgresql"
    ),
]


@pytest.fixture(autouse=True)
def shop(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Six items with previews and an index, one of them corrected."""
    settings.IMAGES_DIR = tmp_path / "images"
    settings.INDEX_PATH = tmp_path / "index" / "items.pkl"
    add_items()
    for item_id in "abcdef":
        write_preview(item_id)
    write_index()
    Correction.objects.create(item_id="b", title="A better name")
    ApiToken.objects.create(name="shop", digest="0" * 64)
    yield
    # A restored SQLite file brings its own rows; the next test starts with none.
    for model in (Correction, ApiToken, Item):
        model.objects.all().delete()


def test_everything_comes_back(settings: Settings, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "kept"))
    picture, index = (settings.IMAGES_DIR / "a.jpg").read_bytes(), settings.INDEX_PATH.read_bytes()
    Item.objects.exclude(pk="a").delete()
    Item.objects.filter(pk="a").update(title="Wrong")
    Item.objects.create(item_id="later", last_seen=SEEN)
    ApiToken.objects.all().delete()
    shutil.rmtree(settings.IMAGES_DIR)
    settings.INDEX_PATH.unlink()

    call_command("restore", str(tmp_path / "kept"), "--no-input")

    assert list(Item.objects.values_list("pk", flat=True)) == list("abcdef")
    assert Item.objects.get(pk="a").title == "Shirt a"
    assert Correction.objects.get().title == "A better name"
    assert ApiToken.objects.get().name == "shop"
    assert ApiToken.objects.create(name="next", digest="1" * 64).pk > ApiToken.objects.get(name="shop").pk
    assert (settings.IMAGES_DIR / "a.jpg").read_bytes() == picture
    assert settings.INDEX_PATH.read_bytes() == index
    assert len(load_index(settings.INDEX_PATH)) == 6


def test_the_backup_of_an_older_release_gets_todays_schema(tmp_path: Path) -> None:
    Correction.objects.all().delete()
    MigrationExecutor(connection).migrate([("catalog", "0003_counting_indices"), ("owner", None)])
    try:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_item SET title = 'Of 0.2.0' WHERE item_id = 'a'")
        kept = tmp_path / "kept"
        call_command("backup", str(kept))
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    call_command("restore", str(kept), "--no-input")
    assert Item.objects.get(pk="a").title == "Of 0.2.0"
    assert Item.objects.on_sale().count() == 6
    assert ApiToken.objects.count() == 0


def test_the_same_folder_again_copies_what_changed(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    call_command("backup", str(kept))
    write_preview("a", 300, 200)
    (settings.IMAGES_DIR / "b.jpg").unlink()
    call_command("backup", str(kept))
    assert "pictures: 1 copied, 4 unchanged, 1 removed." in capsys.readouterr().out
    assert (kept / "images" / "a.jpg").read_bytes() == (settings.IMAGES_DIR / "a.jpg").read_bytes()
    assert not (kept / "images" / "b.jpg").exists()


def test_what_a_run_is_writing_is_left_out(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in (".scrape.lock", ".a.jpg.0123.part", "a.jpg"):
        (source / name).write_bytes(b"x")
    mirror(source, tmp_path / "target", remove=True)
    assert os.listdir(tmp_path / "target") == ["a.jpg"]  # noqa: PTH208


def test_a_failed_backup_leaves_the_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    call_command("backup", str(kept))

    def full(_target: Path) -> None:
        raise OSError(28, "No space left on device", str(kept))

    monkeypatch.setattr("recommender.backups.database.dump", full)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", str(kept))
    Item.objects.all().delete()
    call_command("restore", str(kept), "--no-input")
    assert Item.objects.count() == 6


def test_no_backup_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds no complete backup"):
        call_command("restore", str(tmp_path), "--no-input")
    assert Item.objects.count() == 6


def test_a_backup_of_the_other_database_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    call_command("backup", str(kept))
    names = ("catalogue.sqlite3", "catalogue.dump")
    description = kept / "backup.json"
    ours, other = names if connection.vendor == "sqlite" else names[::-1]
    description.write_text(description.read_text().replace(ours, other))
    with pytest.raises(CommandError, match="set DATABASE_URL to such a database"):
        call_command("restore", str(kept), "--no-input")


def test_a_damaged_dump_replaces_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    call_command("backup", str(kept))
    for name in ("catalogue.sqlite3", "catalogue.dump"):
        if (kept / name).exists():
            (kept / name).write_bytes(b"not a dump" * 1000)
    with pytest.raises(CommandError, match=r"cannot be restored|pg_restore failed"):
        call_command("restore", str(kept), "--no-input")
    assert Item.objects.count() == 6


def test_half_a_dump_replaces_nothing(tmp_path: Path) -> None:
    """Its beginning, which tells what it holds, is whole."""
    kept = tmp_path / "kept"
    Item.objects.bulk_create([Item(item_id=f"more-{n}", title=secrets.token_hex(200), last_seen=SEEN) for n in range(300)])
    call_command("backup", str(kept))
    dump = next(kept.glob("catalogue.*"))
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    with pytest.raises(CommandError, match=r"cannot be restored|pg_restore failed"):
        call_command("restore", str(kept), "--no-input")
    assert Item.objects.count() == 306


def test_damage_behind_the_dumps_first_page_replaces_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    call_command("backup", str(kept))
    dump = next(kept.glob("catalogue.*"))
    content = bytearray(dump.read_bytes())
    start, damage = 4096, b"\xff" * (len(content) - 4096)
    if connection.vendor == "sqlite":  # one page, which SQLite copies without a look: a leaf of a table with wrong counts
        with closing(sqlite3.connect(dump)) as opened:
            (page,) = opened.execute("SELECT rootpage FROM sqlite_master WHERE name = 'catalog_item'").fetchone()
        start, damage = 4096 * (page - 1), b"\x0d\xff\xff\0\0\0\0\0" * 512
    content[start : start + len(damage)] = damage
    dump.write_bytes(content)
    with pytest.raises(CommandError, match=r"cannot be restored|pg_restore failed"):
        call_command("restore", str(kept), "--no-input")
    assert Item.objects.count() == 6


@pytest.mark.parametrize("part", ["catalogue", "index.pkl", "images", "images/a.jpg"])
def test_a_part_that_is_missing_is_named_and_nothing_is_replaced(tmp_path: Path, part: str) -> None:
    kept = tmp_path / "kept"
    call_command("backup", str(kept))
    lost = next(kept.glob("catalogue.*")) if part == "catalogue" else kept / part
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    Item.objects.filter(pk="a").update(title="New")
    with pytest.raises(CommandError, match=rf"{lost.name}|5 of 6 pictures.*not copied completely"):
        call_command("restore", str(kept), "--no-input")
    assert Item.objects.get(pk="a").title == "New"


def test_a_catalogue_without_an_index_is_kept_and_comes_back(settings: Settings, tmp_path: Path) -> None:
    settings.INDEX_PATH.unlink()
    call_command("backup", str(tmp_path / "kept"))
    call_command("restore", str(tmp_path / "kept"), "--no-input")
    assert Item.objects.count() == 6


def test_without_a_yes_nothing_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    call_command("backup", str(kept))
    Item.objects.filter(pk="a").update(title="New")
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    with pytest.raises(CommandError, match="Nothing was replaced"):
        call_command("restore", str(kept))
    assert Item.objects.get(pk="a").title == "New"


def test_learned_heads_come_back(settings: Settings, tmp_path: Path) -> None:
    settings.HEADS_DIR = tmp_path / "heads"
    settings.HEADS_DIR.mkdir()
    (settings.HEADS_DIR / "current").write_text("abc")
    call_command("backup", str(tmp_path / "kept"))
    shutil.rmtree(settings.HEADS_DIR)
    call_command("restore", str(tmp_path / "kept"), "--no-input")
    assert (settings.HEADS_DIR / "current").read_text() == "abc"
