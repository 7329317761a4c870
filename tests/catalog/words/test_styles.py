"""Styles of the owner's list: read, given to items, shown as chips, used as names on the map; off unless asked for."""

import logging
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from catalog.index_store import get_index
from catalog.map.data import catalogue_stamp
from catalog.map.region_names import ItemText, name_regions
from catalog.models import Item
from catalog.similar.narrowing import Narrowing, admitted_rows
from catalog.words.styles import MOST, StyleWordsError, read_style_words, styles_of
from tests.catalog.builders import add_items, make_index, write_index
from tests.catalog.words.conftest import MakeSite
from tests.indexing.encoders import tiny_encoders

pytestmark = pytest.mark.django_db

X, Y = np.array([1, 0], np.float32), np.array([0, 1], np.float32)


def points(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_an_item_gets_the_word_that_sets_it_apart() -> None:
    # Cosines with X: 1, 0, 0, 0 — mean ¼, deviation 0.433: 1.73 for the first, −0.58 for the others. With Y it is the last.
    vectors = np.array([[5, 0, 0], [0, 0, 1], [0, 0, 1], [0, 3, 0]], np.float32)
    words = [np.array([1, 0, 0], np.float32), np.array([0, 1, 0], np.float32)]
    assert styles_of(vectors, words).tolist() == [0, -1, -1, 1]


def test_a_word_that_says_the_same_of_all_says_nothing() -> None:
    assert styles_of(np.array([[1, 0], [1, 0]], np.float32), [X, Y]).tolist() == [-1, -1]


def test_without_words_there_are_no_styles() -> None:
    assert styles_of(points(0, 90), []).tolist() == [-1, -1]


def test_a_list_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "styles.txt"
    path.write_bytes("\ufefffloral\n\n  evening   wear # long\n# a remark\nfloral\nв горошек\n".encode())
    assert read_style_words(path) == ["floral", "evening wear", "в горошек"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"x" * 61, "is longer than 60 letters"),
        ("\n".join(map(str, range(MOST + 1))).encode(), "holds 201 styles: keep at most 200"),
        (b"x\n" * 40_000, "is longer than 64 kB"),
    ],
)
def test_a_list_that_cannot_be_used_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "styles.txt"
    path.write_bytes(data)
    with pytest.raises(StyleWordsError, match=message):
        read_style_words(path)


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StyleWordsError, match=r"cannot be read .*mend STYLE_WORDS"):
        read_style_words(tmp_path / "none.txt")


@pytest.fixture
def styled(make_site: MakeSite, settings: Settings, tmp_path: Path) -> Path:
    """A site with a list of two styles."""
    settings.STYLE_WORDS = tmp_path / "styles.txt"
    settings.STYLE_WORDS.write_text("red\nblue\n")
    make_site(tiny_encoders.clip)
    return tmp_path / "styles.txt"


def styles() -> dict[str, str]:
    return {item.pk: item.style for item in Item.objects.all() if item.style}


def test_a_build_gives_items_their_styles(styled: Path) -> None:
    assert styles() == {"crimson": "red", "scarlet": "red", "navy": "blue", "sky": "blue"}


def test_an_edited_list_is_taken_up_by_sync_catalogue(styled: Path, settings: Settings) -> None:
    styled.write_text("green\n")
    call_command("sync_catalogue", verbosity=0)
    assert set(styles().values()) == {"green"}
    settings.STYLE_WORDS = None
    call_command("sync_catalogue", verbosity=0)
    assert styles() == {}


@pytest.mark.usefixtures("styled")
def test_chips_narrow_by_style(client: Client) -> None:
    for address in (reverse("catalog:grid"), reverse("catalog:item", args=["grass"]), f"{reverse('catalog:words')}?q=dress"):
        page = client.get(address).content.decode()
        assert "<summary" in page
        assert "style=red" in page, address
    grid = client.get(reverse("catalog:grid"), {"style": "red"}).content.decode()
    assert 'data-item="crimson"' in grid
    assert 'data-item="navy"' not in grid
    near = client.get("/api/v1/items/grass/similar", {"style": "blue", "k": "5"}).json()["neighbours"]
    assert {item["id"] for item in near} == {"navy", "sky"}
    listed = client.get("/api/v1/items", {"style": "blue"}).json()["items"]
    assert {item["id"] for item in listed} == {"navy", "sky"}


@pytest.mark.usefixtures("styled")
def test_the_map_learns_of_other_styles() -> None:
    before = catalogue_stamp()
    Item.objects.filter(style="red").update(style="scarlet")
    assert catalogue_stamp() != before


@pytest.mark.usefixtures("styled")
def test_a_search_looks_among_the_style_alone() -> None:
    index = get_index()
    rows = admitted_rows(index, Narrowing(style="blue"))
    assert {index.item_ids[row] for row in rows} == {"navy", "sky"}


@pytest.mark.usefixtures("words_site")
def test_off_by_default(client: Client) -> None:
    assert django_settings.STYLE_WORDS is None
    assert styles() == {}
    assert "style=" not in client.get(reverse("catalog:grid")).content.decode()


def test_an_index_that_reads_no_words_leaves_styles_as_they_are(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STYLE_WORDS = tmp_path / "styles.txt"
    settings.STYLE_WORDS.write_text("red\n")
    write_index(make_index())
    add_items()
    Item.objects.filter(pk="a").update(style="red")
    with caplog.at_level(logging.WARNING):
        call_command("sync_catalogue", verbosity=0)
    assert "STYLE_WORDS needs an index that reads words" in caplog.text
    assert styles() == {"a": "red"}


def test_a_region_is_called_by_a_style_that_is_at_home_there() -> None:
    floral = [ItemText(f"Dress {number}", "dresses", style="floral" if number < 3 else "") for number in range(6)]
    plain = [ItemText(f"Dress {number}", "dresses", style="floral" if number < 1 else "") for number in range(6, 12)]
    shirts = [ItemText(f"Shirt {number}", "shirts") for number in range(8)]
    names = name_regions([floral, plain, shirts])
    assert names[0] == "Floral"
    assert "Floral" not in names[1:]
