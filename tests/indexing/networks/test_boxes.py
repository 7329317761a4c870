"""From marks to boxes: hand-made marks, the boxes that a person would draw."""

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.networks.boxes import CELLS, ROOM, WHOLE, Box, best_print, find_boxes

Blob = tuple[int, int, int, int]  # first row, first column, rows, columns


def marks(prints: tuple[Blob, ...] = (), garments: tuple[Blob, ...] = ()) -> NDArray[np.float32]:
    logits = np.full((CELLS, CELLS, 2), -8, dtype=np.float32)
    for channel, blobs in enumerate((prints, garments)):
        for row, column, rows, columns in blobs:
            logits[row : row + rows, column : column + columns, channel] = 8
    return logits


def test_nothing_marked_leaves_the_whole_picture() -> None:
    assert find_boxes(marks(), 100, 100) == [WHOLE]
    assert best_print(marks(), 100, 100) == WHOLE


def test_a_print_gets_a_square_around_its_middle() -> None:
    box, whole = find_boxes(marks(prints=((10, 6, 8, 8),)), 280, 280)
    assert (box.kind, whole) == ("print", WHOLE)
    assert (box.left + box.right) / 2 == pytest.approx(10 / CELLS, abs=0.01)
    assert (box.top + box.bottom) / 2 == pytest.approx(14 / CELLS, abs=0.01)
    assert box.right - box.left == pytest.approx(ROOM * 8 / CELLS, rel=0.25)  # blurred marks spread a little
    assert box.score > 0.9


def test_it_is_square_in_pixels_whatever_the_pictures_form() -> None:
    box = best_print(marks(prints=((10, 6, 8, 8),)), 400, 200)
    assert (box.right - box.left) * 200 == pytest.approx((box.bottom - box.top) * 400)


def test_two_prints_get_two_boxes_the_surer_first() -> None:
    logits = marks(prints=((18, 19, 6, 6), (2, 2, 10, 10)))
    logits[2:12, 2:12, 0] = 0  # the larger one, at the left, is a patch of which nobody is sure
    first, second, _ = find_boxes(logits, 280, 280)
    assert second.right < 0.5 < first.left
    assert first.score > second.score
    assert best_print(logits, 280, 280) == second


def test_a_speck_beside_a_print_is_none() -> None:
    boxes = find_boxes(marks(prints=((4, 3, 10, 10), (24, 24, 2, 2))), 280, 280)
    assert [box.kind for box in boxes] == ["print", "whole"]


def test_garments_come_after_prints_and_keep_their_form() -> None:
    print_, garment, _ = find_boxes(marks(prints=((10, 10, 4, 4),), garments=((6, 4, 20, 12),)), 280, 280)
    assert (print_.kind, garment.kind) == ("print", "garment")
    assert garment.bottom - garment.top > 1.4 * (garment.right - garment.left)


def test_a_box_at_the_edge_stays_inside() -> None:
    box = best_print(marks(prints=((0, 22, 10, 6),)), 100, 300).scaled(3.0, 100, 300)
    assert 0 <= box.left < box.right <= 1
    assert 0 <= box.top < box.bottom <= 1


def test_a_box_cuts_its_share_and_one_pixel_at_least() -> None:
    picture = np.arange(100 * 50 * 3, dtype=np.uint8).reshape(100, 50, 3)
    np.testing.assert_array_equal(Box("print", 1, 0.2, 0.1, 0.6, 0.5).cut(picture), picture[10:50, 10:30])
    assert Box("print", 1, 1.0, 1.0, 1.0, 1.0).cut(picture).shape == (1, 1, 3)
