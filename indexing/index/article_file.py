"""The article's own index file: the triple (extid_to_intid, intid_to_extid, vectors), converted to an `Index`."""

from typing import Any

import numpy as np

from indexing.index.record import (
    FORMAT_VERSION,
    NEIGHBOURS_KEPT,
    Index,
    checked_ids,
    checked_vectors,
    require,
)
from indexing.nearest.all_pairs import all_neighbours


def index_from_triple(extid_to_intid: Any, intid_to_extid: Any, vectors: Any) -> Index:
    """The index that the article's three values make; ids may be integers, vectors float64. Its neighbours are computed here.

    Raises InvalidIndexError when they do not fit together.
    """
    require(isinstance(extid_to_intid, dict) and isinstance(intid_to_extid, dict), "its first two parts are not dicts")
    rows, item_ids = checked_ids(
        {_text(item_id): row for item_id, row in extid_to_intid.items()},
        {row: _text(item_id) for row, item_id in intid_to_extid.items()},
    )
    if isinstance(vectors, np.ndarray) and vectors.dtype == np.float64:
        vectors = vectors.astype(np.float32)
    checked = np.ascontiguousarray(checked_vectors(vectors, len(item_ids), sampled=False))
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
