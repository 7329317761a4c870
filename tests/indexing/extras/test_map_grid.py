"""A cell of one's own, near where one belongs; regions."""

import numpy as np
import pytest

from indexing.extras.map_grid import SLACK, map_arrays, region_counts, regions, spread


@pytest.mark.parametrize("n", [0, 1, 2, 5, 300])
def test_no_two_share_a_cell(n: int) -> None:
    cells = spread(np.random.default_rng(0).random((n, 2)).astype(np.float32))
    assert cells.shape == (n, 2)
    assert cells.dtype == np.int32
    assert len(np.unique(cells, axis=0)) == n
    assert n == 0 or (cells.min(axis=0) == 0).all()


def test_a_crowd_on_one_spot_spreads_into_a_round_heap() -> None:
    cells = spread(np.full((49, 2), 0.5, np.float32))
    away = np.linalg.norm(cells - cells.mean(axis=0), axis=1)
    assert len(np.unique(cells, axis=0)) == 49
    assert away.max() < 5.5  # a disc of 49 cells has a radius of 3.95


def test_who_has_room_stays_where_they_belong() -> None:
    side = int(np.ceil(np.sqrt(SLACK * 4)))
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    np.testing.assert_array_equal(spread(corners), corners.astype(np.int32) * (side - 1))


def test_the_smaller_row_gets_the_cell_that_two_want() -> None:
    cells = spread(np.array([[0, 0], [0.5, 0.5], [0.5, 0.5], [1, 1]], np.float32))
    np.testing.assert_array_equal(cells[1], [1, 1])
    assert tuple(cells[2]) != (1, 1)


def test_regions_are_patches() -> None:
    left = np.stack(np.meshgrid(np.arange(10), np.arange(10)), axis=-1).reshape(-1, 2)
    cells = np.concatenate([left, left + np.array([60, 0])]).astype(np.int32)
    coarse = regions(cells)[:, 0]
    assert set(coarse[:100]) & set(coarse[100:]) == set()


@pytest.mark.parametrize("n", [1, 3, 40, 375, 11_556, 1_000_000])
def test_there_are_never_more_regions_than_can_be_read(n: int) -> None:
    coarse, fine = region_counts(n)
    assert 1 <= coarse <= 14
    assert 1 <= fine <= 56
    assert coarse <= max(fine, coarse)


def test_what_the_index_keeps() -> None:
    places = np.random.default_rng(1).random((30, 2)).astype(np.float32)
    arrays = map_arrays(places)
    assert {name: (array.shape, array.dtype.name) for name, array in arrays.items()} == {
        "map_places": ((30, 2), "float32"),
        "map_cells": ((30, 2), "int32"),
        "map_regions": ((30, 2), "int32"),
    }
