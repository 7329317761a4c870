"""How much of the five nearest stays is counted against what the reference has."""

import numpy as np

from benchmarks.precisions import shares_kept


def test_equal_vectors_keep_all_and_a_moved_one_loses_its_share() -> None:
    """Twelve points on a line at 0, 10, 21, 33, …: their order of nearness is plain; the last one moves to the front."""
    places = np.cumsum(10 + np.arange(12, dtype=np.float32))
    points = np.column_stack([places, np.full(12, 1000, np.float32)])
    assert shares_kept(points, points) == {"cosine": 1.0, "euclidean": 1.0, "manhattan": 1.0}
    moved = points.copy()
    moved[-1, 0] = 5
    kept = shares_kept(moved, points)
    assert all(0 < share < 1 for share in kept.values())
    assert kept["euclidean"] == kept["manhattan"]
