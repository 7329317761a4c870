"""From an index and what a shop knows of its items to a head and its scores."""

from collections.abc import Mapping

import numpy as np

from indexing.errors import EvaluationError
from indexing.heads.head import DIM, NETWORK, Head, head_width, without_head
from indexing.heads.learning import (
    Comparison,
    compare,
    fit_head,
    learned_categories,
    product_groups,
    sampled,
    with_products_labels,
)
from indexing.index.record import Index
from indexing.networks.lite0 import LITE0


def learn_from_index(index: Index, labels: Mapping[str, str], group_ids: Mapping[str, str]) -> tuple[Head, Comparison]:
    """The head learned from all labelled items of the index, and how one so learned does on items that it has not seen.

    labels: category by ItemID; group_ids: by ItemID, what variants of one product share; a blank or missing one is none.
    Raises EvaluationError for an index of another network, or where there is too little to learn.
    """
    manifest = index.manifest
    weights = manifest.get("weights")
    if manifest.get("network") != NETWORK or not isinstance(weights, dict):
        network = manifest.get("network", "an unknown network")
        raise EvaluationError(
            f"The index was made by {network}, and a head goes on {NETWORK}: build_index --network {NETWORK}."
        )
    same = manifest.get("preprocessing") == LITE0.spec.preprocessing
    if not same or index.vectors.shape[1] != DIM + head_width(manifest):
        raise EvaluationError("The index was made by another version of the program: run build_index, then learn_head.")
    groups = product_groups([group_ids.get(item_id, "") for item_id in index.item_ids], index.extras.get("duplicate_group"))
    every = np.array([_in_print(labels.get(item_id, "")) for item_id in index.item_ids])
    every = with_products_labels(every, groups)
    rows = sampled(every, groups)
    categories = learned_categories(every[rows], groups[rows])
    vectors = index.vectors[rows].astype(np.float32, copy=False)
    own = without_head(vectors) if head_width(manifest) else np.ascontiguousarray(vectors)
    digest = str(weights.get("digest", ""))
    comparison = compare(own, every[rows], groups[rows], categories, digest)
    return fit_head(own, every[rows], categories, digest), comparison


def _in_print(label: str) -> str:
    """As a manifest keeps it: without what cannot be seen, such as soft hyphens and no-break spaces."""
    return " ".join("".join(char if char.isprintable() else " " for char in label).split())
