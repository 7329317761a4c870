"""What the index of an earlier build saves this one."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.bounded_unpickler import RefusedError
from indexing.build.pictures import THUMBNAIL_SIDE
from indexing.engines.processor import usable_precisions
from indexing.errors import IndexDamagedError, IndexMissingError, IndexVersionError
from indexing.heads.head import head_digest, head_width, without_head
from indexing.index.file import load_index
from indexing.index.record import Index, recorded_precision
from indexing.index.unpickling import read_plain
from indexing.nearest.half import stored_as
from indexing.networks.base import NetworkSpec
from indexing.weights.record import Weights

DECODERS: Final = ("opencv-python-headless", "pillow")


@dataclass(frozen=True, slots=True)
class PreviousIndex:
    """previews: digest by ItemID, of the old index; index: the old index, if its vectors can be used again; rows: digest → row
    there; failures: digest → why it is no picture; other_decoders: it was made by other versions of what decodes pictures;
    note: a line on why they cannot be used, if there is an old index.
    """

    previews: Mapping[str, str]
    rows: Mapping[str, int]
    index: Index | None = None
    failures: Mapping[str, str] = field(default_factory=dict)
    other_decoders: bool = False
    note: str | None = None

    @property
    def head(self) -> str:
        """The digest of the learned head that the index's vectors have; "" for none."""
        return head_digest(self.index.manifest) if self.index is not None else ""

    def read_into(self, sha256: str, row: int, vectors: NDArray[np.float32], thumbnails: NDArray[np.uint8]) -> None:
        """Put the network's own vector and the thumbnail of a digest of `rows` into `row` of (n, d) and (n, 48, 48, 3)."""
        assert self.index is not None
        vector = self.index.vectors[self.rows[sha256]].astype(np.float32)
        vectors[row] = without_head(vector[np.newaxis])[0] if self.head else vector
        thumbnails[row] = self.index.extras["thumbnails"][self.rows[sha256]]

    def previous_rows(self, previews: Mapping[str, str], recomputed: Set[str]) -> NDArray[np.int64]:
        """int64 (n,): the row in `index` of each item of `previews` (ItemID → digest) that still has its vector, else −1."""
        assert self.index is not None
        rows = self.index.rows
        same = {
            item_id for item_id, sha256 in previews.items() if self.previews.get(item_id) == sha256 and sha256 not in recomputed
        }
        return np.array([rows[item_id] if item_id in same else -1 for item_id in previews], np.int64)


def identity(spec: NetworkSpec, weights: Weights, precision: str = "float32") -> dict[str, str]:
    """What, beside a preview's bytes, a vector depends on. The engine is no part of it: of one precision, engines agree."""
    return {
        "network": spec.name,
        "layer": spec.layer,
        "weights": weights.digest,
        "preprocessing": spec.preprocessing,
        "precision": precision,
    }


def previous_index(path: Path, key: Mapping[str, str], dim: int, *, rebuild: bool, store: str = "float32") -> PreviousIndex:
    """The index at `path`, and what a build of vectors of `dim` numbers with `key` (see `identity`) can use of it.

    store: how the build keeps vectors, `float32` or `float16`.

    Of the precision `auto`, whatever the index has will do, if this machine can compute in it.
    """
    none = PreviousIndex({}, {})
    try:
        if _is_article(path):
            return PreviousIndex(
                {}, {}, note="The old index is the article's: it does not say which pictures its vectors came from."
            )
        index = load_index(path)
    except IndexMissingError:
        return none
    except (IndexDamagedError, IndexVersionError) as error:
        return PreviousIndex({}, {}, note=f"The old index cannot be used again: {error}")
    previews = index.manifest.get("previews")
    if not isinstance(previews, dict) or previews.keys() != index.rows.keys():
        return PreviousIndex({}, {}, note="The old index does not say which pictures its vectors came from.")
    if rebuild:
        return PreviousIndex(previews, {}, note="Every vector is computed again, as asked for.")
    difference = _difference(index, key)
    if difference is None and index.vectors.shape[1] != dim + head_width(index.manifest):
        difference = "vectors of another length"
    if difference is None and stored_as(index.vectors) != store == "float32":
        difference = "vectors kept as float16"
    if difference is not None:
        return PreviousIndex(previews, {}, note=f"The old index was made with {difference}: every vector is computed again.")
    rows = {sha256: index.rows[item_id] for item_id, sha256 in previews.items()}
    # What one version of a decoder could not read, another may.
    versions = index.manifest.get("versions", {})
    other_decoders = any(versions.get(decoder) != version(decoder) for decoder in DECODERS)
    failures = {} if other_decoders else index.manifest.get("unreadable", {})
    return PreviousIndex(previews, rows, index, failures, other_decoders)


def _is_article(path: Path) -> bool:
    """Asked before loading, which would compute neighbours for it."""
    try:
        return isinstance(read_plain(path), tuple)
    except (RefusedError, OSError):
        return False


def _difference(index: Index, key: Mapping[str, str]) -> str | None:
    manifest = index.manifest
    weights = manifest.get("weights")
    recorded = {**manifest, "weights": weights.get("digest") if isinstance(weights, dict) else None}
    wordings = {"network": "another network ({})", "layer": "another layer ({})", "preprocessing": "other preprocessing ({})"}
    for part, wording in wordings.items():
        if recorded.get(part) != key[part]:
            return wording.format(recorded.get(part))
    precision = recorded_precision(manifest)
    if precision != key["precision"] and not (
        key["precision"] == "auto" and set(precision.split("+")) <= {*usable_precisions()}
    ):
        return f"another precision ({precision})"
    if recorded["weights"] != key["weights"]:
        return "other weights"
    thumbnails = index.extras.get("thumbnails")
    shape = (len(index), THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)
    if thumbnails is None or thumbnails.shape != shape or thumbnails.dtype != np.uint8:
        return "an older version of this program, without thumbnails"
    return None
