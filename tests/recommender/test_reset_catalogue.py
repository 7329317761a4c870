"""`reset_catalogue` removes what the product stored, and nothing of its owner's."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from filelock import FileLock
from pytest_django import Settings

from catalog.models import Item
from scraping.journal import Entry, Journal
from scraping.scrape import LOCK_NAME


@pytest.fixture
def images(settings: Settings, tmp_path: Path) -> Path:
    """A folder with a scraped preview, a picture put there by hand, a row and an index."""
    settings.IMAGES_DIR = folder = tmp_path / "images"
    settings.INDEX_PATH = tmp_path / "index" / "items.pkl"
    folder.mkdir()
    settings.INDEX_PATH.parent.mkdir()
    settings.INDEX_PATH.write_bytes(b"index")
    (folder / "scraped.jpg").write_bytes(b"picture")
    (folder / "mine.jpg").write_bytes(b"picture")
    with Journal(folder) as journal:
        journal.add(Entry("scraped", "https://shop.example/1.jpg", 7))
        journal.add(Entry("../mine", "https://shop.example/2.jpg", 7))
    Item.objects.create(item_id="scraped", last_seen=timezone.now())
    return folder


@pytest.mark.django_db
def test_scraped_previews_rows_and_index_go(images: Path, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reset_catalogue", "--no-input")
    assert not Item.objects.exists()
    assert not settings.INDEX_PATH.exists()
    assert {path.name for path in images.iterdir() if path.suffix in {".jpg", ".jsonl"}} == {"mine.jpg"}
    assert "1 pictures in" in capsys.readouterr().out


@pytest.mark.django_db
def test_without_a_yes_nothing_goes(images: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _prompt: "no")
    with pytest.raises(CommandError, match="Nothing was removed"):
        call_command("reset_catalogue")
    assert Item.objects.exists()
    assert settings.INDEX_PATH.exists()
    assert (images / "scraped.jpg").exists()


@pytest.mark.django_db
def test_a_running_scrape_is_waited_for(images: Path) -> None:
    with FileLock(images / LOCK_NAME), pytest.raises(CommandError, match="A scrape is writing to"):
        call_command("reset_catalogue", "--no-input")
    assert (images / "scraped.jpg").exists()


@pytest.mark.django_db
def test_what_was_learned_of_another_catalogue_is_forgotten(images: Path, settings: Settings, tmp_path: Path) -> None:
    settings.HEADS_DIR = tmp_path / "heads"
    settings.HEADS_DIR.mkdir()
    (settings.HEADS_DIR / "current").write_text("abc")
    call_command("reset_catalogue", "--no-input")
    assert not (settings.HEADS_DIR / "current").exists()
