"""On real photos of two categories that the bundled head mixes up: what is learned from one half helps the other half."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from indexing.embeddings import embed_folder
from indexing.evaluation.bootstrap import bootstrap_intervals
from indexing.evaluation.files import read_labels
from indexing.heads.learning import compare, fit_head, precision

CATEGORIES = ("longsleeve", "t-shirt")
EACH = 36


@pytest.mark.slow
def test_it_beats_the_bundled_head_on_photos_that_neither_has_seen(shared: Path, tmp_path: Path) -> None:
    """Ids that end in 0 or 9 were kept out when the bundled head was made."""
    labels = read_labels(shared / "photos" / "labels.csv")
    chosen: list[str] = []
    for name in CATEGORIES:
        unseen = [item_id for item_id, label in sorted(labels.items()) if label == name and item_id[-1] in "09"]
        chosen += unseen[:EACH]
    for item_id in chosen:
        shutil.copy(shared / "photos" / f"{item_id}.jpg", tmp_path)
    embedded = embed_folder(tmp_path, network="lite0", weights="bundled", cache_dir=tmp_path / "cache")
    of = np.array([labels[name.removesuffix(".jpg")] for name in embedded.names])
    taught = np.arange(len(of)) % 2 == 0

    head = fit_head(embedded.vectors[taught], of[taught], CATEGORIES, "abc")
    asked = embedded.vectors[~taught]
    before, after = precision(asked, of[~taught]), precision(head.applied(asked), of[~taught])
    assert bootstrap_intervals({"gain": after - before})["gain"].low > 0.03

    assert compare(embedded.vectors, of, np.arange(len(of)), CATEGORIES, "abc").wins
    shuffled = np.random.default_rng(2).permutation(of)
    assert not compare(embedded.vectors, shuffled, np.arange(len(of)), CATEGORIES, "abc").wins
