"""Named colours: the product's, not the ground's."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.conf import settings
from numpy.typing import NDArray

from indexing.extras.colours import COLOURS, colours, name_numbers

RGB = tuple[int, int, int]


def thumbnail(ground: RGB, *bands: RGB) -> NDArray[np.uint8]:
    """48 × 48: the ground, and in its middle bands of equal height."""
    picture = np.full((48, 48, 3), ground, dtype=np.uint8)
    height = 24 // len(bands)
    for number, band in enumerate(bands):
        picture[12 + number * height : 12 + (number + 1) * height, 12:36] = band
    return picture


def dominant(picture: NDArray[np.uint8]) -> str:
    return COLOURS[int(colours(picture[None])["dominant_colour"][0])].name


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((128, 128, 128), "grey"),
        ((200, 20, 30), "red"),
        ((20, 30, 80), "navy"),
        ((40, 100, 210), "blue"),
        ((250, 210, 70), "yellow"),
        ((240, 130, 40), "orange"),
        ((40, 120, 60), "green"),
        ((240, 150, 180), "pink"),
        ((100, 50, 140), "purple"),
        ((90, 58, 36), "brown"),
        ((214, 196, 160), "beige"),
        ((30, 140, 140), "turquoise"),
    ],
)
def test_names(rgb: RGB, name: str) -> None:
    assert COLOURS[int(name_numbers(np.array(rgb, dtype=np.uint8)))].name == name


def test_the_ground_does_not_count() -> None:
    assert dominant(thumbnail((200, 20, 30), (20, 30, 80))) == "navy"


def test_a_white_product_on_a_white_ground_is_white() -> None:
    assert dominant(thumbnail((250, 250, 250), (252, 252, 252))) == "white"


def test_a_product_of_the_grounds_colour_with_an_outline_is_found() -> None:
    picture = thumbnail((240, 240, 240), (40, 40, 40))
    picture[14:34, 14:34] = (240, 240, 240)
    assert dominant(picture) == "white"


def test_the_larger_colour_wins() -> None:
    red, yellow = (200, 20, 30), (245, 210, 60)
    assert dominant(thumbnail((255, 255, 255), red, red, yellow)) == "red"


def test_the_palette_lists_colours_by_share() -> None:
    red, navy = (200, 20, 30), (20, 30, 80)
    found = colours(thumbnail((255, 255, 255), red, red, navy)[None])
    assert found["palette"][0].tolist() == [list(red), list(navy), [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    shares = found["palette_shares"][0]
    assert shares[0] > shares[1] > 0
    assert shares.sum() == pytest.approx(1)


def test_shapes_and_types_past_one_chunk() -> None:
    found = colours(np.zeros((600, 48, 48, 3), np.uint8))
    assert {name: (array.shape, array.dtype.name) for name, array in found.items()} == {
        "dominant_colour": ((600,), "uint8"),
        "palette": ((600, 5, 3), "uint8"),
        "palette_shares": ((600, 5), "float32"),
    }


def test_the_demo_catalogues_plain_fabrics_are_named_right() -> None:
    """Against the labels that the pictures were drawn from: at least nine in ten."""
    table = Path(settings.DEMO_DIR) / "catalogue.csv"
    same = {"burgundy": "red", "charcoal": "grey", "mint": "green", "mustard": "yellow", "olive": "green", "sand": "beige"}
    same |= {"sky": "blue", "teal": "turquoise"}
    patterned = {"tie-dye", "camouflage", "checks", "stripes", "dots"}
    with table.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["motif"] not in patterned]
    pictures = [cv2.imread(str(table.parent / f"{row['id']}.jpg")) for row in rows]
    small = np.stack([cv2.resize(picture, (48, 48), interpolation=cv2.INTER_AREA)[:, :, ::-1] for picture in pictures])
    names = [COLOURS[int(number)].name for number in colours(small)["dominant_colour"]]
    right = [name == same.get(row["colour"], row["colour"]) for name, row in zip(names, rows, strict=True)]
    assert np.mean(right) >= 0.9
