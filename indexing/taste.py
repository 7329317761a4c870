"""What goes with a whole set of liked and disliked items. Pure: vectors and rows in, rows out.

All formulas work on directions: x̂ = x / |x|, so that x̂·ŷ is the cosine of two items; a zero vector has none, its cosines
are 0. L are the liked items, D the disliked; larger scores are better.

rocchio: x̂ · (mean of l̂ − w · mean of d̂). One point stands for the whole taste.
    Source: Rocchio, "Relevance feedback in information retrieval", in Salton (ed.), The SMART Retrieval System, 1971.
nearest: max over L of x̂·l̂ − w · max over D of x̂·d̂. Every liked item keeps its own neighbourhood.
blend: as nearest, with two things mended. The maximum is a soft one, T · ln mean exp(s / T), so that an item near several
    liked ones beats one that is near a single one; and s = (x̂·l̂ − the k-th largest cosine with l) / the cosines' spread,
    so that a liked item in a crowded corner of the catalogue does not fill the whole answer: the thought of CSLS
    (Conneau et al., "Word Translation Without Parallel Data", ICLR 2018).

`blend` is the default, and the weights w are what they are, by measurement: `indexing/taste_evaluation.py`.
"""

from collections.abc import Collection, Sequence
from typing import Final, Literal, TypeGuard

import numpy as np
from numpy.typing import NDArray

Formula = Literal["blend", "nearest", "rocchio"]
FORMULAS: Final[tuple[Formula, ...]] = ("blend", "nearest", "rocchio")
DEFAULT_FORMULA: Final[Formula] = "blend"
PUSH: Final = 0.2
SOFTNESS: Final = 2.0

Floats = NDArray[np.float32]


def is_formula(text: str) -> TypeGuard[Formula]:
    return text in FORMULAS


def vector_norms(vectors: Floats) -> Floats:
    """|x| of each row, float32 (n,). Worth keeping: it reads every vector once."""
    norms: Floats = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return norms


def taste_scores(
    vectors: Floats,
    norms: Floats,
    liked: Sequence[int],
    disliked: Sequence[int],
    formula: Formula = DEFAULT_FORMULA,
    push: float = PUSH,
) -> Floats:
    """How well each of n rows fits the taste, float32 (n,): larger is better. Only the order means something.

    vectors: float32 (n, d); norms: `vector_norms` of them; liked, disliked: rows, at least one liked; push: the weight w.
    Raises ValueError when nothing is liked.
    """
    if not liked:
        raise ValueError("taste_scores needs at least one liked row.")
    good, bad = _directions(vectors, norms, liked), _directions(vectors, norms, disliked)
    if formula == "rocchio":
        centre = good.mean(axis=0)
        if len(bad):
            centre = centre - np.float32(push) * bad.mean(axis=0)
        return _cosines(vectors, norms, centre[None])[:, 0]
    # One pass over the vectors for all judged items: reading them is what costs.
    cosines = _cosines(vectors, norms, np.concatenate([good, bad]))
    if formula == "blend":
        cosines = _uncrowded(cosines)
    best = _soft_max if formula == "blend" else _max
    scores = best(cosines[:, : len(good)])
    return scores - np.float32(push) * best(cosines[:, len(good) :]) if len(bad) else scores


def recommend(scores: Floats, k: int, barred: Collection[int] = ()) -> NDArray[np.int32]:
    """The up to k best rows, int32, best first, none of `barred`; ties go to the smaller row."""
    wanted = min(k + len(barred), len(scores))
    if wanted <= 0:
        return np.empty(0, np.int32)
    # Everything as good as the last that fits comes along, so that ties at the edge are broken by row, not by chance.
    edge = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
    candidates = np.flatnonzero(scores >= edge)
    ranked = candidates[np.argsort(-scores[candidates], kind="stable")]
    out = set(barred)
    return np.array([row for row in ranked.tolist() if row not in out][:k], np.int32)


def _directions(vectors: Floats, norms: Floats, rows: Sequence[int]) -> Floats:
    chosen = np.asarray(rows, np.intp)
    lengths = norms[chosen, None]
    directions = np.zeros((len(chosen), vectors.shape[1]), np.float32)
    np.divide(vectors[chosen], lengths, out=directions, where=lengths > 0)
    return directions


def _cosines(vectors: Floats, norms: Floats, directions: Floats) -> Floats:
    cosines: Floats = vectors @ directions.T
    lengths = norms[:, None]
    np.divide(cosines, lengths, out=cosines, where=lengths > 0)  # where a vector is zero, so is its product
    return cosines


def _uncrowded(cosines: Floats) -> Floats:
    """Each column less its own k-th largest, in units of the spread. k: 50, or a sixtieth of a small catalogue."""
    n = len(cosines)
    k = min(n, max(5, min(50, n // 60)))
    threshold = np.partition(cosines, n - k, axis=0)[n - k]
    spread = float(cosines.std())
    uncrowded: Floats = (cosines - threshold) / np.float32(spread if spread > 0 else 1.0)
    return uncrowded


def _max(values: Floats) -> Floats:
    best: Floats = values.max(axis=1)
    return best


def _soft_max(values: Floats) -> Floats:
    top = _max(values)  # taken out first, so that exp cannot overflow
    lower: Floats = np.log(np.exp((values - top[:, None]) / np.float32(SOFTNESS)).mean(axis=1))
    return top + np.float32(SOFTNESS) * lower
