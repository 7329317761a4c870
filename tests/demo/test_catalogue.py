"""The committed demo catalogue is complete and consistent."""

import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import cv2
import pytest

from demo.catalogue import FOLDER, CatalogueMissingError, load


def labels(name: str) -> dict[str, str]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def test_every_row_has_its_preview_and_no_preview_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.jpg")} == set(load())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jpg"))[::10], ids=lambda path: path.stem)
def test_previews_are_250_square_jpegs(path: Path) -> None:
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape == (250, 250, 3)


def test_previews_are_neither_empty_nor_heavy() -> None:
    sizes = [path.stat().st_size for path in FOLDER.glob("*.jpg")]
    assert min(sizes) > 2_000
    assert sum(sizes) < 5_000_000


def test_at_least_twelve_families_of_twenty_five() -> None:
    families = Counter(product.motif for product in load().values())
    assert len(families) >= 12
    assert min(families.values()) >= 25


def test_no_item_title_or_picture_comes_twice() -> None:
    with (FOLDER / "catalogue.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["title"] for row in rows}) == len(rows)
    assert len({path.read_bytes() for path in FOLDER.glob("*.jpg")}) == len(rows)


def test_every_row_reads_like_a_shop() -> None:
    for product in load().values():
        assert re.fullmatch(r"[0-9]{6}", product.id)
        assert re.fullmatch(r"[0-9]{2}\.[0-9]{2}", product.price)
        assert product.currency == "EUR"
        assert product.title.endswith(product.colour)


def test_label_files_agree_with_the_catalogue() -> None:
    products = load()
    assert labels("motif.csv") == {product.id: product.motif for product in products.values()}
    assert labels("colour.csv") == {product.id: product.colour for product in products.values()}


def test_rows_beside_each_other_tell_nothing() -> None:
    motifs = [product.motif for product in load().values()]
    same = sum(one == next_one for one, next_one in pairwise(motifs))
    assert same < len(motifs) * 0.15  # chance is 1 in 15


def test_a_missing_catalogue_names_the_file_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(CatalogueMissingError, match=r"catalogue\.csv is missing.*demo\.make"):
        load(tmp_path)


def test_a_foreign_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalogue.csv").write_text("sku,name\n1,shirt\n")
    with pytest.raises(CatalogueMissingError, match="other columns"):
        load(tmp_path)
