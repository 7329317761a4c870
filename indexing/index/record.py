"""The index as the program holds it: one typed record, and the checks that whatever is loaded must pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.index.item_ids import is_item_id
from indexing.nearest.metrics import Metric

FORMAT_VERSION: Final = 1
NEIGHBOURS_KEPT: Final = 50
_SAMPLED_ROWS: Final = 1024
_READ_WHOLE: Final = 256 * 2**20  # a tenth of a second
_LARGEST_NUMBER: Final = 1e15  # its square times any number of dimensions is still a float32


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

    item_ids: ItemID by row; rows: row by ItemID; vectors: float32 or float16 (n, d), read-only when memory-mapped;
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

    def nearest(self, item_id: str, k: int = 5, metric: Metric = "cosine") -> list[tuple[str, float]]:
        """The k nearest items and their distances, nearest first; at most the NEIGHBOURS_KEPT that an index holds.

        Raises KeyError for an item or a metric that the index has not.
        """
        neighbours, row = self.neighbours[metric], self.rows[item_id]
        near = zip(neighbours.rows[row, :k].tolist(), neighbours.distances[row, :k].tolist(), strict=True)
        return [(self.item_ids[other], distance) for other, distance in near]


class InvalidIndexError(Exception):
    """Why some content is not an index."""


def require(holds: bool, reason: str) -> None:
    """Raise InvalidIndexError with `reason` unless it holds."""
    if not holds:
        raise InvalidIndexError(reason)


def checked_ids(extid_to_intid: Any, intid_to_extid: Any) -> tuple[dict[str, int], tuple[str, ...]]:
    """The maps ItemID → row and row → ItemID as `Index.rows` and `Index.item_ids`. Raises InvalidIndexError."""
    if not isinstance(extid_to_intid, dict) or not isinstance(intid_to_extid, dict) or not intid_to_extid:
        raise InvalidIndexError("it does not hold the two maps between ItemIDs and rows")
    n = len(intid_to_extid)
    require(all(type(row) is int and 0 <= row < n for row in intid_to_extid), f"its rows are not the numbers 0 to {n - 1}")
    item_ids = tuple(intid_to_extid[row] for row in range(n))
    wrong = next((item_id for item_id in item_ids if not isinstance(item_id, str) or not is_item_id(item_id)), None)
    require(wrong is None, f"{wrong!r} is not an ItemID")
    rows = {item_id: row for row, item_id in enumerate(item_ids)}
    # Not `==` alone: True and 1.0 equal 1, and would pass for rows.
    require(all(type(row) is int for row in extid_to_intid.values()) and rows == extid_to_intid, "its two maps do not agree")
    return rows, item_ids


def checked_vectors(vectors: Any, n: int, *, sampled: bool = True) -> NDArray[np.float32]:
    """The vectors, float32 or float16 (n, d). Raises InvalidIndexError.

    sampled: of a matrix above _READ_WHOLE bytes, only some rows' numbers are read.
    """
    if not isinstance(vectors, np.ndarray) or vectors.dtype not in (np.float32, np.float16) or vectors.ndim != 2:
        raise InvalidIndexError("its vectors are not a matrix of float32 or float16")
    require(len(vectors) == n and vectors.shape[1] > 0, f"it names {n} items and holds vectors of shape {vectors.shape}")
    # Reading every number would pull a large file from the disk at each start of the site.
    step = max(1, n // _SAMPLED_ROWS) if sampled and vectors.nbytes > _READ_WHOLE else 1
    for start in range(0, n, step * _SAMPLED_ROWS):
        block = vectors[start : start + step * _SAMPLED_ROWS : step]
        fits = float(block.max()) <= _LARGEST_NUMBER and float(block.min()) >= -_LARGEST_NUMBER  # neither holds for NaN
        require(bool(fits), "it holds vectors with numbers that are not finite, or too large to compare")
    return vectors


def checked_neighbours(content: Any, metric: Metric, n: int) -> Neighbours:
    """The neighbours of n items under `metric`, from a dict of `rows` and `distances`. Raises InvalidIndexError."""
    rows, distances = (content.get("rows"), content.get("distances")) if isinstance(content, dict) else (None, None)
    if not isinstance(rows, np.ndarray) or not isinstance(distances, np.ndarray):
        raise InvalidIndexError(f"its {metric} neighbours are not arrays")
    require(rows.dtype == np.int32 and distances.dtype == np.float32, f"its {metric} neighbours are not int32 and float32")
    require(
        rows.shape == distances.shape == (n, min(NEIGHBOURS_KEPT, n - 1)),
        f"its {metric} neighbours have shapes {rows.shape} and {distances.shape} for {n} items",
    )
    if rows.size:
        in_range = int(rows.min()) >= 0 and int(rows.max()) < n and not (rows == np.arange(n)[:, None]).any()
        require(in_range, f"its {metric} neighbours name rows that are not other items")
        require(float(distances.min()) >= 0 and bool(np.isfinite(distances.max())), f"its {metric} distances are not distances")
    return Neighbours(rows, distances)


def recorded_precision(manifest: Mapping[str, Any]) -> str:
    """The precision of an index's vectors; before there was a choice, it was float32."""
    return str(manifest.get("precision", "float32"))
