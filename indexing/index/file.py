"""The index file: written whole or not at all, checked when loaded. Its format is documented in docs, "The index file"."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexing.bounded_unpickler import RefusedError
from indexing.errors import IndexDamagedError, IndexFileError, IndexMissingError, IndexVersionError
from indexing.index.article_file import index_from_triple
from indexing.index.optional_parts import checked_extras, checked_manifest
from indexing.index.record import (
    FORMAT_VERSION,
    Index,
    InvalidIndexError,
    checked_ids,
    checked_neighbours,
    checked_vectors,
    require,
)
from indexing.index.unpickling import read_plain
from indexing.nearest.metrics import METRICS
from recommender.files import atomic_write

logger = logging.getLogger(__name__)


def load_index(path: Path | str, *, thorough: bool = False, named: Path | None = None) -> Index:
    """Load and check the index at `path`, its arrays memory-mapped read-only.

    What pages can do without and what does not fit (`indexing.index.optional_parts`) is left out, with one line in the log.
    thorough: every vector is read, however many there are; else only some of those of a large index.
    named: what messages call the file, where `path` is a copy of it.

    The article's own file, the triple (extid_to_intid, intid_to_extid, vectors), is taken too: its neighbours are computed here
    (about half a minute for 11,556 items) and its manifest says that the network is unknown.
    Raises IndexMissingError, IndexDamagedError, IndexVersionError; IndexFileError when the file cannot be read at all.
    """
    name = named or Path(path)
    try:
        content = read_plain(Path(path))
    except FileNotFoundError:
        raise IndexMissingError(f"There is no index at {name}: `python manage.py build_index` makes one.") from None
    except RefusedError as error:
        raise IndexDamagedError(_way_out(name, str(error))) from None
    except OSError as error:
        raise IndexFileError(f"The index {name} cannot be read: {error.strerror}.") from None
    try:
        if isinstance(content, dict):
            return _from_dict(content, name, thorough=thorough)
        if isinstance(content, tuple) and len(content) == 3:
            return index_from_triple(*content)
        raise InvalidIndexError(f"it holds a {type(content).__name__}")
    except InvalidIndexError as error:
        raise IndexDamagedError(_way_out(name, str(error))) from None


def save_index(index: Index, path: Path) -> None:
    """Write `index` aside, flush it, then rename it over `path`: readers see the old file or the new one.

    Equal indexes make equal files. The vectors may be a memory map of any size: they are copied in small pieces.
    Raises OSError (a full disk, say); the old file is then untouched and nothing is left beside it.
    """
    import joblib  # a sixth of a second that readers of an index need not pay

    path.parent.mkdir(parents=True, exist_ok=True)
    payload = {
        "extid_to_intid": {item_id: row for row, item_id in enumerate(index.item_ids)},
        "intid_to_extid": dict(enumerate(index.item_ids)),
        "vectors": _plain_array(index.vectors),
        "neighbours": {
            metric: {"rows": _plain_array(neighbours.rows), "distances": _plain_array(neighbours.distances)}
            for metric, neighbours in index.neighbours.items()
        },
        # Through JSON: plain values for certain, and no object shared with the rest, which the pickle would write otherwise.
        "manifest": json.loads(json.dumps(dict(index.manifest))),
        "extras": {name: _plain_array(index.extras[name]) for name in sorted(index.extras)},
    }
    with atomic_write(path) as file:
        joblib.dump(payload, file)


def _plain_array(array: NDArray[Any]) -> NDArray[Any]:
    """C-contiguous, of exactly ndarray's class, with a dtype object of its own: what is written depends on values only."""
    plain = np.ascontiguousarray(array).view(np.ndarray).reshape(array.shape)
    return plain.view(np.dtype(plain.dtype.str))


def _way_out(path: Path, reason: str) -> str:
    return f"{path} is not a usable index: {reason}. `python manage.py build_index --rebuild` makes a new one."


def _from_dict(content: dict[Any, Any], path: Path, *, thorough: bool) -> Index:
    manifest = content.get("manifest")
    if not isinstance(manifest, dict) or type(manifest.get("format_version")) is not int:
        raise InvalidIndexError("it has no manifest with a format version")
    if manifest["format_version"] != FORMAT_VERSION:
        raise IndexVersionError(
            f"{path} has format version {manifest['format_version']}, this program reads {FORMAT_VERSION}: "
            "run `python manage.py build_index` to write it again."
        )
    rows, item_ids = checked_ids(content.get("extid_to_intid"), content.get("intid_to_extid"))
    vectors = checked_vectors(content.get("vectors"), len(item_ids), sampled=not thorough)
    by_metric = content.get("neighbours")
    if not isinstance(by_metric, dict) or set(by_metric) != set(METRICS):
        raise InvalidIndexError(f"it does not hold neighbours for {', '.join(METRICS)}")
    neighbours = {metric: checked_neighbours(by_metric[metric], metric, len(item_ids)) for metric in METRICS}
    extras = content.get("extras", {})
    require(
        isinstance(extras, dict) and all(isinstance(k, str) and isinstance(v, np.ndarray) for k, v in extras.items()),
        "its extras are not arrays by name",
    )
    manifest, lost_entries = checked_manifest(manifest, *vectors.shape)
    extras, lost_extras = checked_extras(extras, len(item_ids))
    if lost_entries or lost_extras:
        logger.warning("%s: left out, since it does not fit: %s.", path, ", ".join([*lost_entries, *lost_extras]))
    return Index(item_ids, rows, vectors, neighbours, manifest, extras)
