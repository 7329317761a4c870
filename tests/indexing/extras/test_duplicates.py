"""Near-duplicates: the same picture again and the same print in another colour join; other prints do not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.extras.duplicates import PrintColours, duplicate_groups, unexplained_change

Picture = NDArray[np.uint8]
RGB = tuple[int, int, int]
NAVY, RED, WHITE, GROUND = (25, 35, 80), (190, 40, 45), (245, 245, 243), (225, 222, 215)


def shirt(fabric: RGB, ink: RGB, print_seed: int) -> Picture:
    """48 × 48: a block of fabric on the ground, with a print of random bars that the seed decides."""
    picture = np.full((48, 48, 3), GROUND, dtype=np.uint8)
    picture[8:44, 12:36] = fabric
    random = np.random.default_rng(print_seed)
    for _ in range(6):
        top, left = random.integers(14, 30), random.integers(14, 28)
        picture[top : top + random.integers(2, 7), left : left + random.integers(2, 7)] = ink
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.6), dtype=np.uint8)


def groups(*pictures: Picture) -> list[int]:
    return list(map(int, duplicate_groups(np.stack(pictures))))


def test_the_same_picture_again_joins() -> None:
    picture = shirt(NAVY, WHITE, 1)
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 70])
    assert done
    again = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)
    assert groups(picture, again) == [0, 0]


def test_the_same_print_in_another_colour_joins() -> None:
    assert groups(shirt(NAVY, WHITE, 1), shirt(RED, WHITE, 1)) == [0, 0]


def test_where_the_nearest_are_given_only_those_are_compared() -> None:
    pictures = np.stack([shirt(NAVY, WHITE, seed) for seed in (1, 2, 1, 3, 1)])
    rows = np.array([[2], [0], [1], [0], [3]], np.int32)  # 0 and 2 meet, 2 and 4 do not
    assert duplicate_groups(pictures).tolist() == [0, 1, 0, 2, 0]
    assert duplicate_groups(pictures, rows).tolist() == [0, 1, 0, 2, 3]
    assert duplicate_groups(pictures, np.array([[1], [0], [1], [0], [0]], np.int32)).tolist() == [0, 1, 2, 3, 0]


def test_another_print_on_the_same_fabric_does_not() -> None:
    assert groups(shirt(NAVY, WHITE, 1), shirt(NAVY, WHITE, 2)) == [0, 1]


def chest_print(fabric: RGB, ink: RGB, rows: slice, columns: slice) -> Picture:
    """A shirt whose own edges (its outline, a ribbed cloth) are many, and a small print."""
    picture = np.full((48, 48, 3), GROUND, dtype=np.uint8)
    picture[6:45, 10:38] = fabric
    picture[8:45:4, 10:38] = tuple(channel // 2 for channel in fabric)
    picture[rows, columns] = ink
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.6), dtype=np.uint8)


SQUARE, BAR, NOTHING = (slice(22, 25), slice(20, 23)), (slice(23, 25), slice(20, 24)), (slice(0, 0), slice(0, 0))


@pytest.mark.parametrize("fabric", [NAVY, RED])
@pytest.mark.parametrize("other", [BAR, NOTHING])
def test_another_small_print_on_one_blank_does_not(fabric: RGB, other: tuple[slice, slice]) -> None:
    assert groups(chest_print(NAVY, WHITE, *SQUARE), chest_print(fabric, WHITE, *other)) == [0, 1]


def test_the_same_small_print_in_another_colour_joins() -> None:
    assert groups(chest_print(NAVY, WHITE, *SQUARE), chest_print(RED, WHITE, *SQUARE)) == [0, 0]


def test_a_change_that_the_cloth_explains_by_hand() -> None:
    """Four pixels: three of cloth that turns from black to a grey of L* 50, one of white print that stays."""
    flat = np.zeros(4, np.float32)
    black = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 0], [100, 0, 0]], np.float32)
    grey = np.array([[50, 0, 0], [50, 0, 0], [50, 0, 0], [100, 0, 0]], np.float32)
    assert unexplained_change(PrintColours(black, flat), PrintColours(grey, flat)) == 0
    moved = np.array([[50, 0, 0], [50, 0, 0], [50, 0, 0], [50, 8, 0]], np.float32)  # the print is gone: −50 and 8 off the cloth
    assert unexplained_change(PrintColours(black, flat), PrintColours(moved, flat)) == pytest.approx(np.hypot(50, 8))
    steep = np.full(4, 16, np.float32)  # half a pixel on a slope of 16 a pixel explains 8
    assert unexplained_change(PrintColours(black, steep), PrintColours(moved, steep)) == pytest.approx(np.hypot(50, 8) - 8)


def test_groups_are_numbered_by_first_appearance() -> None:
    a, b = 1, 2
    assert groups(shirt(NAVY, WHITE, a), shirt(NAVY, WHITE, b), shirt(RED, WHITE, a), shirt(RED, WHITE, b)) == [0, 1, 0, 1]


def test_plain_fabrics_of_two_colours_do_not_join() -> None:
    assert groups(shirt(NAVY, NAVY, 1), shirt(RED, RED, 1)) == [0, 1]


def test_the_same_plain_picture_joins() -> None:
    assert groups(shirt(NAVY, NAVY, 1), shirt(NAVY, NAVY, 2)) == [0, 0]


def test_nothing_has_no_groups() -> None:
    assert duplicate_groups(np.empty((0, 48, 48, 3), np.uint8)).tolist() == []


@pytest.mark.parametrize("n", [1, 3])
def test_the_answer_is_one_int32_a_row(n: int) -> None:
    found = duplicate_groups(np.stack([shirt(NAVY, WHITE, seed) for seed in range(n)]))
    assert found.dtype == np.int32
    assert found.shape == (n,)
