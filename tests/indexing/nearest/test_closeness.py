"""What is called close, by hand."""

import numpy as np

from indexing.index.record import Index
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.closeness import close_distances


def index_of(points: list[float], groups: list[int] | None = None) -> Index:
    vectors = np.array(points, np.float32)[:, None]
    ids = tuple(f"i{row}" for row in range(len(points)))
    extras = {} if groups is None else {"duplicate_group": np.array(groups, np.int32)}
    return Index(ids, {name: row for row, name in enumerate(ids)}, vectors, all_neighbours(vectors), {}, extras)


def test_nineteen_in_twenty_have_a_neighbour_that_close() -> None:
    """Of 41 items the nearest is 1 away for 38 (pairs), 5 for two, 900 for one: the 0.95 quantile is the 39th, 5."""
    points = [100.0 * pair + offset for pair in range(19) for offset in (0, 1)] + [5000, 5005, 5905]
    assert close_distances(index_of(points))["euclidean"] == 5


def test_copies_do_not_make_the_rest_look_far() -> None:
    """Twenty items 10 apart, each with a copy at 0: without the copies the nearest is 10 away."""
    points = [10.0 * item for item in range(20) for _copy in range(2)]
    groups = [item for item in range(20) for _copy in range(2)]
    assert close_distances(index_of(points))["manhattan"] == 0
    assert close_distances(index_of(points, groups))["manhattan"] == 10


def test_too_small_a_catalogue_calls_everything_close() -> None:
    assert close_distances(index_of([0, 1, 2]))["cosine"] == float("inf")
