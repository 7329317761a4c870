"""The map's places made readable: no preview hides another, and regions that can be named."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SLACK: Final = 2.0
CANDIDATES: Final = 12
SEED: Final = 11_556
FIT_SAMPLE: Final = 12_000


def spread(places: NDArray[np.float32]) -> NDArray[np.int32]:
    """A cell of its own for each place: int32 (n, 2), column and row from 0.

    places: float32 (n, 2) in [0, 1]. The grid has about SLACK cells an item, so that the gaps between regions stay to be
    seen. Each round, every item that has no cell yet asks for the nearest free one, and the nearest asker gets it
    (ties: the smaller row).
    """
    from sklearn.neighbors import KDTree

    n = len(places)
    if n == 0:
        return np.empty((0, 2), np.int32)
    side = int(np.ceil(np.sqrt(SLACK * n)))
    targets = places.astype(np.float64) * (side - 1)
    # Free cells beyond the edge are open too: a crowd at the border spills over instead of being pressed inwards.
    margin = int(np.ceil(np.sqrt(n)))
    low, high = np.floor(targets.min(axis=0)).astype(int) - margin, np.ceil(targets.max(axis=0)).astype(int) + margin
    grid = np.stack(np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1)), axis=-1).reshape(-1, 2)
    cells = np.empty((n, 2), np.int64)
    free = np.ones(len(grid), bool)
    unplaced = np.arange(n)
    while len(unplaced):
        open_cells = np.flatnonzero(free)
        distances, nearest = KDTree(grid[open_cells]).query(targets[unplaced], k=min(CANDIDATES, len(open_cells)))
        for choice in range(nearest.shape[1]):
            requested = open_cells[nearest[:, choice]]
            requesting = np.flatnonzero((unplaced >= 0) & free[requested])
            order = requesting[np.lexsort((unplaced[requesting], distances[requesting, choice]))]
            _, first = np.unique(requested[order], return_index=True)
            winners = order[first]
            cells[unplaced[winners]] = grid[requested[winners]]
            free[requested[winners]] = False
            unplaced[winners] = -1
        unplaced = unplaced[unplaced >= 0]
    return np.asarray(cells - cells.min(axis=0), dtype=np.int32)


def regions(cells: NDArray[np.int32]) -> NDArray[np.int32]:
    """Regions of the map, coarse and fine: int32 (n, 2), each a number from 0. Found by k-means on the plane."""
    return np.column_stack([_regions(cells, count) for count in region_counts(len(cells))]).astype(np.int32)


def region_counts(n: int) -> tuple[int, int]:
    """How many coarse and fine regions n items get: few enough to read, many enough to find one's way."""
    coarse = int(np.clip(round(np.sqrt(n) / 4), 1, 14))
    return coarse, int(np.clip(4 * coarse, 1, max(1, n // 12)))


def _regions(cells: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    if count <= 1 or len(cells) <= count:
        return np.zeros(len(cells), np.int32)
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    step = max(1, len(cells) // FIT_SAMPLE)
    with threadpool_limits(1, user_api="openmp"):  # too little work to share out
        model = KMeans(count, n_init=3, random_state=SEED).fit(cells[::step].astype(np.float64))
        return np.asarray(model.predict(cells.astype(np.float64)), dtype=np.int32)


def map_arrays(places: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """What the index keeps of the map: `map_places` float32 (n, 2), `map_cells` int32 (n, 2), `map_regions` int32 (n, 2)."""
    cells = spread(places)
    return {"map_places": places, "map_cells": cells, "map_regions": regions(cells)}
