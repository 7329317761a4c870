"""Updated neighbours equal those computed from scratch, and untouched rows are not computed again."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import indexing.nearest.update
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS
from indexing.nearest.update import update_neighbours

K = 10
Floats = NDArray[np.float32]


def smooth(n: int) -> Floats:
    return np.random.default_rng(n).normal(size=(n, 12)).astype(np.float32)


def tied(n: int) -> Floats:
    return np.random.default_rng(n).integers(0, 3, size=(n, 6)).astype(np.float32)


def changed(old: Floats, gone: list[int], added: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The old rows but those gone, with the added ones strewn in between; and where each came from."""
    kept = np.delete(np.arange(len(old)), gone)
    places = np.sort(np.random.default_rng(0).choice(len(kept) + len(added), len(kept), replace=False))
    came_from = np.full(len(kept) + len(added), -1)
    came_from[places] = kept
    vectors = np.empty((len(came_from), old.shape[1]), np.float32)
    vectors[places] = old[kept]
    vectors[came_from < 0] = added
    return vectors, came_from


@pytest.fixture
def from_scratch(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of what was computed from scratch while updating."""
    sizes: list[int] = []

    def spy(vectors: Floats, *rest: object) -> object:
        sizes.append(len(vectors))
        return all_neighbours(vectors, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing.nearest.update, "all_neighbours", spy)
    return sizes


@pytest.mark.parametrize("draw", [smooth, tied])
@pytest.mark.parametrize(
    ("gone", "added"), [([], 4), ([3], 0), ([3, 77], 2), ([], 0)], ids=["added", "removed", "both", "nothing"]
)
def test_equal_to_from_scratch(draw: Callable[[int], Floats], gone: list[int], added: int, from_scratch: list[int]) -> None:
    old = draw(300)
    new = np.concatenate([draw(299)[:added], old[5:6]]) if added > 1 else draw(299)[:added]  # a copy of an old one among them
    vectors, came_from = changed(old, gone, new)
    updated, expected = update_neighbours(vectors, all_neighbours(old, K), came_from, K), all_neighbours(vectors, K)
    for metric in METRICS:
        np.testing.assert_array_equal(updated[metric].rows, expected[metric].rows)
        np.testing.assert_array_equal(updated[metric].distances, expected[metric].distances)
    assert from_scratch == []


@pytest.mark.parametrize("case", ["many new", "another order", "another k", "few before"])
def test_computed_anew_when_that_is_cheaper_or_the_only_way(case: str, from_scratch: list[int]) -> None:
    old = smooth(8 if case == "few before" else 60)
    vectors, came_from = changed(old, [], smooth(59)[: 40 if case == "many new" else 2])
    if case == "another order":
        swap = np.r_[1, 0, 2 : len(vectors)]
        vectors, came_from = vectors[swap], came_from[swap]
    previous = all_neighbours(old, K + 1 if case == "another k" else K)
    updated, expected = update_neighbours(vectors, previous, came_from, K), all_neighbours(vectors, K)
    for metric in METRICS:
        np.testing.assert_array_equal(updated[metric].rows, expected[metric].rows)
    assert from_scratch == [len(vectors)]


def test_what_was_given_is_not_changed() -> None:
    old = smooth(100)
    previous = all_neighbours(old, K)
    before = previous["cosine"].rows.copy()
    vectors, came_from = changed(old, [], smooth(99)[:1])
    update_neighbours(vectors, previous, came_from, K)
    np.testing.assert_array_equal(previous["cosine"].rows, before)
