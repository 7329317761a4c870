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

`blend` is the default, and the weights w are what they are, by measurement: `indexing/taste/evaluation.py`.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexing.nearest.half import products, row_norms

Formula = Literal["blend", "nearest", "rocchio"]
FORMULAS: Final[tuple[Formula, ...]] = ("blend", "nearest", "rocchio")
DEFAULT_FORMULA: Final[Formula] = "blend"
PUSH: Final = 0.2
SOFTNESS: Final = 1.0
_FEW: Final = 3

Floats = NDArray[np.float32]


def vector_norms(vectors: Floats) -> Floats:
    """|x| of each row, float32 (n,). Worth keeping: it reads every vector once."""
    return row_norms(vectors)


def cosines_with(vectors: Floats, norms: Floats, rows: Sequence[int]) -> Floats:
    """The cosine of each of `rows` with every row: float32 (m, n). norms: `vector_norms` of the vectors, float32 (n, d)."""
    chosen = np.asarray(rows, np.intp)
    lengths = norms[chosen, None]
    directions = np.zeros((len(chosen), vectors.shape[1]), np.float32)
    np.divide(vectors[chosen].astype(np.float32, copy=False), lengths, out=directions, where=lengths > 0)
    # BLAS repacks all vectors for two directions or more: for a few it is quicker to read them once for each.
    few = len(chosen) <= _FEW and vectors.dtype == np.float32
    cosines: Floats = (
        np.array([vectors @ one for one in directions]) if few else np.ascontiguousarray(products(vectors, directions).T)
    )
    cosines = cosines.reshape(len(chosen), len(vectors))
    np.divide(cosines, norms, out=cosines, where=norms > 0)  # where a vector is zero, so is its product
    return cosines


class Crowding(NamedTuple):
    """What `blend` needs of the whole catalogue. thresholds: float32 (L + D, 1), the k-th largest cosine of each judged row,
    the liked first; spread: the standard deviation of their cosines."""

    thresholds: Floats
    spread: float


def taste_scores(
    liked: Floats,
    disliked: Floats,
    formula: Formula = DEFAULT_FORMULA,
    push: float = PUSH,
    crowding: Crowding | None = None,
) -> Floats:
    """How well each of n rows fits the taste, float32 (n,): larger is better. Only the order means something.

    liked, disliked: `cosines_with` the judged rows, float32 (L, n) and (D, n), L ≥ 1; push: the weight w.
    crowding: where the n rows are not the whole catalogue; None: they are.
    Raises ValueError when nothing is liked.
    """
    if not len(liked):
        raise ValueError("taste_scores needs at least one liked row.")
    if formula == "blend":
        liked, disliked = _uncrowded(liked, disliked, crowding)
    combine = _COMBINE[formula]
    scores = combine(liked)
    return scores - np.float32(push) * combine(disliked) if len(disliked) else scores


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


def crowd_size(n: int) -> int:
    """Which neighbour's cosine tells how crowded a place is: the 50th, or in a small catalogue of n items a nearer one."""
    return min(n, max(5, min(50, n // 60)))


def _uncrowded(liked: Floats, disliked: Floats, crowding: Crowding | None) -> tuple[Floats, Floats]:
    """Each row of cosines less its own k-th largest, in units of their spread. k: `crowd_size`."""
    cosines = np.concatenate([liked, disliked.reshape(-1, liked.shape[1])])
    if crowding is None:
        n = cosines.shape[1]
        k = crowd_size(n)
        crowding = Crowding(np.partition(cosines, n - k, axis=1)[:, n - k, None], float(cosines.std()))
    scale = crowding.spread if crowding.spread > 0 else 1.0
    uncrowded = ((cosines - crowding.thresholds) / scale).astype(np.float32, copy=False)
    return uncrowded[: len(liked)], uncrowded[len(liked) :]


def _mean(values: Floats) -> Floats:
    mean: Floats = values.mean(axis=0)
    return mean


def _max(values: Floats) -> Floats:
    best: Floats = values.max(axis=0)
    return best


def _soft_max(values: Floats) -> Floats:
    top = _max(values)  # taken out first, so that exp cannot overflow
    lower: Floats = np.log(np.exp((values - top) / np.float32(SOFTNESS)).mean(axis=0))
    return top + np.float32(SOFTNESS) * lower


# x̂ · (mean of l̂) is the mean of x̂ · l̂: Rocchio needs no more than the cosines, either.
_COMBINE: Final[dict[Formula, Callable[[Floats], Floats]]] = {"blend": _soft_max, "nearest": _max, "rocchio": _mean}
