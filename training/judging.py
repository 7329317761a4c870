"""How good the network is so far, by photos and drawings kept apart for that.

The drawings are made here, of other seeds than the ones that the model card's table is made of.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from demo.drawing import FAMILIES, draw, random_spec
from indexing.networks.compact import COMPACT, joined
from training.data import Photos
from training.drawings import HELD_OUT, RARE, SEEN
from training.model import GraphModel, as_tensor

Labelled = tuple[NDArray[np.uint8], NDArray[np.str_]]  # pictures (n, s, s, 3) and what each shows
SEED: Final = 27_182_818
EACH: Final = 16  # shirts of a family
DEMO: Final = tuple(family for family in FAMILIES if family not in (*RARE, "geometric"))


def held_out(cache: Path) -> dict[str, Labelled]:
    """Two small catalogues: `new` prints of the emoji that training uses, and `unseen` emoji. Drawn once, kept in `cache`."""
    found: dict[str, Labelled] = {}
    for number, (name, glyphs) in enumerate((("new", SEEN), ("unseen", HELD_OUT))):
        path = cache / f"held_out_{name}.npz"
        if not path.exists():
            rng = np.random.default_rng([SEED, number])
            specs = [(random_spec(rng, family, glyphs.get(family)), family) for family in DEMO for _ in range(EACH)]
            pixels = np.stack([np.ascontiguousarray(draw(spec)[..., ::-1]) for spec, _ in specs])
            np.savez(path, pixels=pixels, labels=np.array([family for _, family in specs]))
        with np.load(path) as kept:
            found[name] = (kept["pixels"], kept["labels"])
    return found


def embed(model: GraphModel, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Unit vectors of whole pictures as the product makes them, crops joined, in bfloat16."""
    model.eval()

    def seen(part: NDArray[np.uint8]) -> NDArray[np.float32]:
        views = COMPACT.graph_rows(np.stack([COMPACT.prepare(picture) for picture in part]))
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            return joined(model(as_tensor(views)).float().numpy())

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(seen, (pixels[start : start + 64] for start in range(0, len(pixels), 64))))
    vectors = np.concatenate(found)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def share_of_label(
    queries: NDArray[np.float32],
    gallery: NDArray[np.float32],
    own: NDArray[np.integer],
    labels: NDArray[np.str_],
    theirs: NDArray[np.str_],
    k: int = 5,
) -> float:
    """P@k by cosine; own: each query's row of the gallery, left out."""
    closeness = queries @ gallery.T
    closeness[np.arange(len(own)), own] = -9
    nearest = np.argsort(-closeness, axis=1)[:, :k]
    return float((theirs[nearest] == labels[:, None]).mean())


def judge(model: GraphModel, photos: Photos, drawings: Mapping[str, Labelled]) -> dict[str, float]:
    """P@5 of the photos kept for tuning among some of the first folder's; motif P@5 of the held-out drawings."""
    other = np.array([int(name) % 10 < 4 for name in photos.ids])  # enough to seek among, and quicker than all
    rows = np.flatnonzero((photos.folders == "photos") & (photos.tuning | other))
    vectors = embed(model, photos.pixels[rows])
    labels = photos.labels[rows]
    own = np.flatnonzero(photos.tuning[rows])
    scores = {"photos": share_of_label(vectors[own], vectors, own, labels[own], labels)}
    for name, (pictures, motifs) in drawings.items():
        drawn, every = embed(model, pictures), np.arange(len(pictures))
        scores[name] = share_of_label(drawn, drawn, every, motifs, motifs)
    return scores
