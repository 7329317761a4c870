"""The index file: one typed record, written whole or not at all, checked when loaded.

Format: see the README, "The index file".
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
from numpy.typing import NDArray

from indexing.errors import IndexDamagedError, IndexFileError, IndexMissingError, IndexVersionError
from indexing.index.item_ids import is_item_id
from indexing.index.unpickling import RefusedError, read_plain
from indexing.nearest.metrics import METRICS, Metric

FORMAT_VERSION: Final = 1
NEIGHBOURS_KEPT: Final = 50
_SAMPLED_ROWS: Final = 1024


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


class _UnusableError(Exception):
    """Why the content is not an index."""


def load_index(path: Path) -> Index:
    """Load and check the index at `path`, its arrays memory-mapped read-only.

    The article's own file, the triple (extid_to_intid, intid_to_extid, vectors), is taken too: its neighbours are computed here
    (about half a minute for 11,556 items) and its manifest says that the network is unknown.
    Raises IndexMissingError, IndexDamagedError, IndexVersionError; IndexFileError when the file cannot be read at all.
    """
    try:
        content = read_plain(path)
    except FileNotFoundError:
        raise IndexMissingError(f"There is no index at {path}: `python manage.py build_index` makes one.") from None
    except RefusedError as error:
        raise IndexDamagedError(_way_out(path, str(error))) from None
    except OSError as error:
        raise IndexFileError(f"The index {path} cannot be read: {error.strerror}.") from None
    try:
        if isinstance(content, dict):
            return _from_dict(content, path)
        if isinstance(content, tuple) and len(content) == 3:
            return _from_triple(*content)
        raise _UnusableError(f"it holds a {type(content).__name__}")
    except _UnusableError as error:
        raise IndexDamagedError(_way_out(path, str(error))) from None


def save_index(index: Index, path: Path) -> None:
    """Write `index` aside, flush it, then rename it over `path`: readers see the old file or the new one.

    Equal indexes make equal files. The vectors may be a memory map of any size: they are copied in small pieces.
    Raises OSError (a full disk, say); the old file is then untouched and nothing is left beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    payload = {
        "extid_to_intid": {item_id: row for row, item_id in enumerate(index.item_ids)},
        "intid_to_extid": dict(enumerate(index.item_ids)),
        "vectors": _plain_array(index.vectors),
        "neighbours": {
            metric: {"rows": _plain_array(found.rows), "distances": _plain_array(found.distances)}
            for metric, found in index.neighbours.items()
        },
        # Through JSON: plain values for certain, and no object shared with the rest, which the pickle would write otherwise.
        "manifest": json.loads(json.dumps(dict(index.manifest))),
        "extras": {name: _plain_array(index.extras[name]) for name in sorted(index.extras)},
    }
    descriptor, aside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            # mkstemp's files are for their owner alone; the site may run as someone else in the group that may read them.
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            joblib.dump(payload, file)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _plain_array(array: NDArray[Any]) -> NDArray[Any]:
    """C-contiguous, of exactly ndarray's class, with a dtype object of its own: what is written depends on values only."""
    plain = np.ascontiguousarray(array).view(np.ndarray).reshape(array.shape)
    return plain.view(np.dtype(plain.dtype.str))


def _way_out(path: Path, reason: str) -> str:
    return f"{path} is not a usable index: {reason}. `python manage.py build_index --rebuild` makes a new one."


def _need(holds: bool, reason: str) -> None:
    if not holds:
        raise _UnusableError(reason)


def _from_dict(content: dict[Any, Any], path: Path) -> Index:
    manifest = content.get("manifest")
    if not isinstance(manifest, dict) or "format_version" not in manifest:
        raise _UnusableError("it has no manifest with a format version")
    if manifest["format_version"] != FORMAT_VERSION:
        raise IndexVersionError(
            f"{path} has format version {manifest['format_version']}, this program reads {FORMAT_VERSION}: "
            "run `python manage.py build_index` to write it anew."
        )
    rows, item_ids = _ids(content.get("extid_to_intid"), content.get("intid_to_extid"))
    vectors = _vectors(content.get("vectors"), len(item_ids))
    found = content.get("neighbours")
    if not isinstance(found, dict) or set(found) != set(METRICS):
        raise _UnusableError(f"it does not hold neighbours for {', '.join(METRICS)}")
    neighbours = {metric: _neighbours(found[metric], metric, len(item_ids)) for metric in METRICS}
    extras = content.get("extras", {})
    _need(
        isinstance(extras, dict) and all(isinstance(k, str) and isinstance(v, np.ndarray) for k, v in extras.items()),
        "its extras are not arrays by name",
    )
    return Index(item_ids, rows, vectors, neighbours, manifest, extras)


def _from_triple(extid_to_intid: Any, intid_to_extid: Any, vectors: Any) -> Index:
    from indexing.nearest.all_pairs import all_neighbours  # imports this module, and compiled code that other files do not need

    _need(isinstance(extid_to_intid, dict) and isinstance(intid_to_extid, dict), "its first two parts are not dicts")
    rows, item_ids = _ids(
        {_text(item_id): row for item_id, row in extid_to_intid.items()},
        {row: _text(item_id) for row, item_id in intid_to_extid.items()},
    )
    if isinstance(vectors, np.ndarray) and vectors.dtype == np.float64:
        vectors = vectors.astype(np.float32)
    checked = np.ascontiguousarray(_vectors(vectors, len(item_ids), sampled=False))
    manifest = {
        "format_version": FORMAT_VERSION,
        "network": "unknown",
        "layer": "unknown",
        "weights": "unknown",
        "trained": None,
        "engine": "unknown",
        "preprocessing": "unknown",
        "items": len(item_ids),
        "dim": checked.shape[1],
        "note": "unknown network, article's file",
    }
    return Index(item_ids, rows, checked, all_neighbours(checked, NEIGHBOURS_KEPT), manifest)


def _text(item_id: Any) -> Any:
    return str(item_id) if type(item_id) is int else item_id


def _ids(extid_to_intid: Any, intid_to_extid: Any) -> tuple[dict[str, int], tuple[str, ...]]:
    if not isinstance(extid_to_intid, dict) or not isinstance(intid_to_extid, dict) or not intid_to_extid:
        raise _UnusableError("it does not hold the two maps between ItemIDs and rows")
    n = len(intid_to_extid)
    _need(all(type(row) is int and 0 <= row < n for row in intid_to_extid), f"its rows are not the numbers 0 to {n - 1}")
    item_ids = tuple(intid_to_extid[row] for row in range(n))
    wrong = next((item_id for item_id in item_ids if not isinstance(item_id, str) or not is_item_id(item_id)), None)
    _need(wrong is None, f"{wrong!r} is not an ItemID")
    rows = {item_id: row for row, item_id in enumerate(item_ids)}
    # Not `==` alone: True and 1.0 equal 1, and would pass for rows.
    _need(all(type(row) is int for row in extid_to_intid.values()) and rows == extid_to_intid, "its two maps do not agree")
    return rows, item_ids


def _vectors(vectors: Any, n: int, *, sampled: bool = True) -> NDArray[np.float32]:
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.float32 or vectors.ndim != 2:
        raise _UnusableError("its vectors are not a float32 matrix")
    _need(len(vectors) == n and vectors.shape[1] > 0, f"it names {n} items and holds vectors of shape {vectors.shape}")
    # Reading every number would pull the whole file from the disk at each start of the site.
    step = max(1, n // _SAMPLED_ROWS) if sampled else 1
    _need(bool(np.isfinite(vectors[::step]).all()), "it holds vectors with numbers that are not finite")
    return vectors


def _neighbours(found: Any, metric: Metric, n: int) -> Neighbours:
    rows, distances = (found.get("rows"), found.get("distances")) if isinstance(found, dict) else (None, None)
    if not isinstance(rows, np.ndarray) or not isinstance(distances, np.ndarray):
        raise _UnusableError(f"its {metric} neighbours are not arrays")
    _need(rows.dtype == np.int32 and distances.dtype == np.float32, f"its {metric} neighbours are not int32 and float32")
    _need(
        rows.shape == distances.shape == (n, min(NEIGHBOURS_KEPT, n - 1)),
        f"its {metric} neighbours have shapes {rows.shape} and {distances.shape} for {n} items",
    )
    if rows.size:
        in_range = int(rows.min()) >= 0 and int(rows.max()) < n and not (rows == np.arange(n)[:, None]).any()
        _need(in_range, f"its {metric} neighbours name rows that are not other items")
        _need(float(distances.min()) >= 0 and bool(np.isfinite(distances.max())), f"its {metric} distances are not distances")
    return Neighbours(rows, distances)
