"""The index file: one typed record, written whole or not at all, checked when loaded.

Format: see the README, "The index file".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.metrics import Metric

FORMAT_VERSION: Final = 1
NEIGHBOURS_KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The k nearest of each of m rows, self left out, nearest first, ties to the smaller row.

    rows: int32 (m, k); distances: float32 (m, k), both C-contiguous. k is min(50, n - 1) in an index.
    """

    rows: NDArray[np.int32]
    distances: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Index:
    """Vectors of n items and what was computed from them.

    item_ids: ItemID by row; rows: row by ItemID; vectors: float32 (n, d), read-only when memory-mapped;
    neighbours: by metric; manifest: plain JSON-like values, how the index was made;
    extras: optional arrays by name (colours, map, duplicates, distance quantiles), each documented where it is made.
    """

    item_ids: tuple[str, ...]
    rows: Mapping[str, int]
    vectors: NDArray[np.float32]
    neighbours: Mapping[Metric, Neighbours]
    manifest: Mapping[str, Any]
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.item_ids)


def load_index(path: Path) -> Index:
    """Load and check the index at `path`, its arrays memory-mapped read-only.

    Raises IndexMissingError, IndexDamagedError, IndexVersionError.
    """
    raise NotImplementedError


def save_index(index: Index, path: Path) -> None:
    """Write `index` aside, flush it, then rename it over `path`."""
    raise NotImplementedError
