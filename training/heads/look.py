"""The other heads, in closed form, and the file with all of them: `python -m training.heads.look SHARED CACHE`.

look: principal directions of the pooled last map over CC0 photos and scenes, a little whitened; kinds: linear discriminants of
the photos' labels; query: the mean look and print of prints cut out of scenes, taken from a photo's own before it searches.
Photos whose ids end in 0 or 9 are left out. Run training.heads.locator before.
"""

import argparse
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from indexing.engines import make_engine
from indexing.networks.compact import COMPACT
from indexing.networks.efficientnet_lite import pixels
from indexing.networks.lite0 import LITE0, LOOK, read_part, unit
from indexing.weights.bundled import bundled_path
from training.backbone import Backbone
from training.scenes.sources import KEPT_OUT
from training.table import files, read_labels

WHITENING: Final = 0.25  # the power of a direction's energy that it is divided by
SHRINKAGE: Final = 0.5
SCENES: Final = 400  # pictures of each sort
BATCH: Final = 32
Vectors = NDArray[np.float32]


def pooled(backbone: Backbone, pictures: Iterable[NDArray[np.uint8]]) -> Vectors:
    prepared = [pixels(picture) for picture in pictures]
    return np.concatenate([backbone(np.stack(prepared[at : at + BATCH]))[1] for at in range(0, len(prepared), BATCH)])


def kept(path: Path, make: Any) -> Vectors:
    if not path.exists():
        np.save(path, make())
    return np.asarray(np.load(path), dtype=np.float32)


def directions(samples: list[Vectors]) -> Vectors:
    """(1280, LOOK): each sample counts the same, however many rows it has."""
    energy = sum(unit(rows).astype(np.float64).T @ unit(rows) / len(rows) for rows in samples)
    _, values, vectors = np.linalg.svd(energy)
    return np.asarray(vectors[:LOOK].T * values[:LOOK] ** (-WHITENING / 2), dtype=np.float32)


def quantised(kernel: Vectors) -> tuple[NDArray[np.int8], Vectors]:
    """int8 with a scale for each output."""
    scale = np.abs(kernel).max(axis=tuple(range(kernel.ndim - 1))) / 127
    return np.round(kernel / scale).astype(np.int8), scale.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("cache", type=Path)
    options = parser.parse_args()
    backbone = Backbone(options.cache)
    labels = read_labels(options.shared / "photos" / "labels.csv")
    ids = [name for name in sorted(labels) if int(name) % 10 not in KEPT_OUT]
    folder = options.shared / "photos"
    photos = kept(options.cache / "pooled-photos.npy", lambda: pooled(backbone, files(folder, ids)()))
    chunks = [np.load(path) for path in sorted(options.cache.glob("scenes-???.npz"))[:5]]
    sheets = np.concatenate([chunk["sheets"][: SCENES // 5] for chunk in chunks])
    seen = np.concatenate([chunk["seen"][: 2 * SCENES // 5 : 2] for chunk in chunks])
    of_sheets = kept(options.cache / "pooled-sheets.npy", lambda: pooled(backbone, sheets))
    of_seen = kept(options.cache / "pooled-seen.npy", lambda: pooled(backbone, seen))
    engine = make_engine("mnn", LITE0.stages[-1].network, COMPACT.load_weights("bundled"), 1, options.cache)
    prints = kept(options.cache / "prints-seen.npy", lambda: engine.run(np.stack([read_part(picture) for picture in seen])))
    look = directions([photos, of_sheets, of_seen])
    kinds = LinearDiscriminantAnalysis(solver="eigen", shrinkage=SHRINKAGE).fit(photos, [labels[name] for name in ids])
    kernels: dict[str, Vectors] = {"look": look, "kinds": kinds.coef_.T.astype(np.float32)}
    biases = {"look": np.zeros(LOOK, np.float32), "kinds": kinds.intercept_.astype(np.float32)}
    with np.load(options.cache / "locator.npz") as locator:
        for key in locator.files:
            layer, part = key.split("/")
            (kernels if part == "kernel" else biases)[layer] = locator[key]
    arrays: dict[str, NDArray[Any]] = {}
    for layer, kernel in kernels.items():
        arrays[f"{layer}/kernel"], arrays[f"{layer}/scale"] = quantised(kernel)
        arrays[f"{layer}/bias"] = biases[layer]
    arrays["query/look"] = unit(of_seen @ look).mean(0)
    arrays["query/print"] = unit(prints).mean(0)
    path = bundled_path("lite0")
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    record = {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "preprocessing": LITE0.spec.preprocessing,
        "kinds": [str(name) for name in kinds.classes_],
        "photos": len(ids),
        "scenes": "training.scenes, seed 20261125",
        "whitening": WHITENING,
        "shrinkage": SHRINKAGE,
    }
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"{path.stat().st_size:,} bytes, sha256 {record['sha256']}")


if __name__ == "__main__":
    main()
