"""The map: a place in the plane for each item, so that similar items lie close.

Vectors are brought to length 1 (so that nearness agrees with cosine), cut to their 50 main directions, then laid out by t-SNE.
Source: van der Maaten, Hinton, "Visualizing Data using t-SNE", JMLR 9 (2008); by openTSNE, with Barnes and Hut's tree or, for
many items, interpolation (Linderman et al., "Fast interpolation-based t-SNE", Nature Methods 16, 2019), from the first two main
directions. Beyond SAMPLE items, t-SNE lays out an even sample and every other item goes
to the weighted mean of its nearest in the sample: time and memory then grow with the sample, not with the catalogue.

A map that was there before is where the next one starts, so that it neither turns nor trades its sides when items are added.
t-SNE keeps the arrangement that it starts from (Kobak, Linderman, "Initialization is critical for preserving global data
structure in both t-SNE and UMAP", Nature Biotechnology 39, 2021), if it starts without exaggeration, which is there to undo it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE: Final = 12_000
DIRECTIONS: Final = 50
PERPLEXITY: Final = 30.0
STEPS: Final = 500
ANGLE: Final = 0.6
ANCHORS: Final = 5
SEED: Final = 11_556
LEAST_KNOWN: Final = 0.5  # of the items, to start from the places they had
# (deviation of the start, early exaggeration): the usual ones for a fresh map; for one that goes on, by measurement.
FRESH: Final = (1e-4, 12.0)
CONTINUED: Final = (1.0, 1.0)
LEAST_RATE: Final = 50.0  # of learning: by the number of items alone, five of them would not move
MANY: Final = 4_000  # from here on interpolation is quicker than Barnes and Hut's tree
_BLOCK: Final = 4096


def layout(
    vectors: NDArray[np.float32], sample: int = SAMPLE, previous: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Places float32 (n, 2) in [0, 1] for vectors float32 (n, d); equal arguments give equal places on the same machine.

    previous: float32 (n, 2), the places of an older map to start from, NaN for items it did not have; ignored when it had
    less than half of them. The longer side of the plane fills [0, 1], the other is centred. Three items or fewer lie on a line.
    """
    n = len(vectors)
    if n <= 3:
        across = np.linspace(0.0, 1.0, n) if n > 1 else np.full(n, 0.5)
        return np.column_stack([across, np.full(n, 0.5)]).astype(np.float32)
    chosen = np.arange(n) if n <= sample else np.linspace(0, n - 1, sample).astype(np.intp)
    reduced = _reduce(vectors, chosen)
    if not reduced.shape[1]:  # all alike: no direction tells them apart
        return np.full((n, 2), 0.5, np.float32)
    placed = _tsne(reduced[chosen], *_start(reduced[chosen], None if previous is None else previous[chosen]))
    if len(chosen) == n:
        return _fit(placed)
    places = _between(reduced, reduced[chosen], placed)
    places[chosen] = placed
    return _fit(places)


def _reduce(vectors: NDArray[np.float32], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
    """The main directions of the chosen rows, and every row along them: float32 (n, up to 50). Works block by block."""
    from sklearn.decomposition import PCA

    unit = _unit(vectors[chosen])
    count = min(DIRECTIONS, *unit.shape)
    pca = PCA(n_components=count, svd_solver="randomized", random_state=SEED, copy=False).fit(unit)
    distinct = int((pca.explained_variance_ > 1e-12).sum())
    blocks = [pca.transform(_unit(vectors[start : start + _BLOCK])) for start in range(0, len(vectors), _BLOCK)]
    return np.ascontiguousarray(np.concatenate(blocks)[:, :distinct], dtype=np.float32)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0), dtype=np.float32)


def _start(reduced: NDArray[np.float32], previous: NDArray[np.float32] | None) -> tuple[NDArray[np.float32], float]:
    """Where t-SNE starts, float32 (n, 2), and its early exaggeration: at the map before, else along the main directions."""
    n, width = reduced.shape
    known = np.zeros(n, bool) if previous is None else np.isfinite(previous).all(axis=1)
    start = np.zeros((n, 2), np.float32)
    if previous is not None and known.sum() > max(ANCHORS, LEAST_KNOWN * n) and previous[known].std(axis=0).min() > 0:
        start[known] = previous[known]
        start[~known] = _between(reduced[~known], reduced[known], previous[known])
        start -= start.mean(axis=0)
        deviation, exaggeration = CONTINUED
    else:
        start[:, : min(2, width)] = reduced[:, :2]
        deviation, exaggeration = FRESH
    # Equal items would start, and stay, on one spot; a hair's breadth apart, they are still neighbours.
    start += np.random.default_rng(SEED).normal(0, 1e-3 * float(start.std()), start.shape).astype(np.float32)
    start *= deviation / float(start[:, 0].std())
    return start, exaggeration


def _tsne(reduced: NDArray[np.float32], start: NDArray[np.float32], exaggeration: float) -> NDArray[np.float32]:
    # Imported here: it takes a second, and only builds lay maps out.
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN

    n = len(reduced)
    one = {"n_jobs": 1, "random_state": SEED}  # a thread: sums in one order, the same picture each time
    affinities = PerplexityBasedNN(reduced, perplexity=min(PERPLEXITY, (n - 1) / 3), method="exact", **one)
    method = "bh" if n < MANY else "fft"
    places = TSNEEmbedding(start.astype(np.float64), affinities, negative_gradient_method=method, theta=ANGLE, **one)
    rate = max(n / FRESH[1], LEAST_RATE)
    for momentum, apart in ((0.5, exaggeration), (0.8, 1.0)):
        places.optimize(STEPS // 2, learning_rate=rate, exaggeration=apart, momentum=momentum, inplace=True)
    return np.asarray(places, dtype=np.float32)


def _between(reduced: NDArray[np.float32], anchors: NDArray[np.float32], placed: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each row of `reduced`, the mean of its nearest anchors' places, weighted by 1 / distance²."""
    places = np.empty((len(reduced), 2), np.float32)
    lengths = (anchors * anchors).sum(axis=1)
    for start in range(0, len(reduced), _BLOCK // 4):
        rows = reduced[start : start + _BLOCK // 4]
        squares = lengths - 2 * (rows @ anchors.T) + (rows * rows).sum(axis=1, keepdims=True)
        nearest = np.argpartition(squares, ANCHORS - 1, axis=1)[:, :ANCHORS]
        weights = 1 / np.maximum(np.take_along_axis(squares, nearest, axis=1), 1e-9)
        weights /= weights.sum(axis=1, keepdims=True)
        places[start : start + len(rows)] = (placed[nearest] * weights[:, :, np.newaxis]).sum(axis=1)
    return places


def _fit(places: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = places.min(axis=0), places.max(axis=0)
    extent = max(float((high - low).max()), 1e-12)
    fitted = (places - (low + high) / 2) / extent + 0.5
    return np.asarray(np.clip(fitted, 0, 1), dtype=np.float32)
