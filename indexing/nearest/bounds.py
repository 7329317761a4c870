"""How far the quick float32 distances can be from the exact ones, so that candidates chosen by them miss no neighbour.

With u = 2⁻²⁴, a float32 sum of d products, in any order, is within γ·Σ|x_p y_p| ≤ γ·|x||y| of the true one, γ = d·u/(1 − d·u)
(Higham, "Accuracy and Stability of Numerical Algorithms", 2002, 3.1). Vectors are first centred on their mean and scaled by a
power of two (so that nothing overflows), in float64, and rounded once: x′ = fl(s·(x − mean)).
Width: twice the largest error of a pair, t0ᵢ·t0ⱼ + t1ᵢ·t1ⱼ + t2ᵢ + t2ⱼ + relative·|key|; t are the `terms`.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from indexing.nearest.metrics import Metric
from indexing.parallel import frozen, spread

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_UNIT: Final = 2.0**-24
_UNIT64: Final = 2.0**-53
_TINY: Final = 2.0**-126  # what underflow may cost a term
_SAFE: Final = 1.01  # for products of errors, which are left out


class Buffer(NamedTuple):
    """Candidates of n rows: keys float32 and rows int32 (n, room), how many of each are held (−1: too many), and the key above
    which none is wanted."""

    keys: Floats
    rows: NDArray[np.int32]
    counts: NDArray[np.int32]
    limits: Floats

    @classmethod
    def make(cls, n: int, room: int) -> Self:
        return cls(
            np.empty((n, room), np.float32),
            np.empty((n, room), np.int32),
            np.zeros(n, np.int32),
            np.full(n, np.inf, np.float32),
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """What turns sums over centred vectors into lower bounds: see `kernels.product_keys` and `kernels.manhattan_keys`."""

    mean: Doubles
    scale: float
    dot_terms: Doubles
    slack: Doubles
    shrink: float
    terms: dict[Metric, Doubles]
    relative: dict[Metric, float]
    size: int

    def block(self, vectors: Floats, first: int, threads: int | None = None) -> Floats:
        """`size` rows from `first` on, centred and scaled."""
        from indexing.nearest import kernels

        raw = frozen(vectors[first : first + self.size])
        out = np.empty(raw.shape, np.float32)
        spread(partial(kernels.centre, raw, self.mean, self.scale, out), len(raw), threads)
        return out


def make_bounds(vectors: Floats, size: int, threads: int | None = None) -> Bounds:
    """Bounds for float32 (n, d) finite vectors, which are read in blocks of `size` rows."""
    n, d = vectors.shape
    sums, norms = np.zeros((-(-n // size), d)), np.empty(n)

    def measure(first: int, last: int) -> None:
        for block in range(first, last):
            rows = slice(block * size, (block + 1) * size)
            raw = vectors[rows].astype(np.float64)
            sums[block] = raw.sum(axis=0)
            norms[rows] = np.sqrt(np.einsum("ij,ij->i", raw, raw))

    spread(measure, len(sums), threads)
    mean = sums.sum(axis=0) / n
    largest = float(norms.max()) + float(np.sqrt(mean @ mean))
    scale = float(2.0 ** -np.round(np.log2(largest))) if largest > 0 else 1.0
    scaled_mean = mean * scale
    squares, sizes, shifts = np.empty(n), np.empty(n), np.empty(n)

    def measure_centred(first: int, last: int) -> None:
        for block in range(first, last):
            rows = slice(block * size, (block + 1) * size)
            exact = vectors[rows] * scale - scaled_mean
            centred = exact.astype(np.float32).astype(np.float64)
            squares[rows] = np.einsum("ij,ij->i", centred, centred)
            sizes[rows] = np.abs(centred).sum(axis=1)
            shifts[rows] = exact @ scaled_mean  # from x itself: what rounding x′ lost does not come in here

    spread(measure_centred, len(sums), threads)
    return _bounds(d, norms * scale, mean, scale, squares, sizes, shifts, size)


def _bounds(
    d: int, norms: Doubles, mean: Doubles, scale: float, squares: Doubles, sizes: Doubles, shifts: Doubles, size: int
) -> Bounds:
    """norms |s·x|, squares |x′|², sizes Σ|x′_p|, shifts mean·x′, all by row and scaled."""
    gamma = (d + 3) * _UNIT / (1 - (d + 3) * _UNIT)
    gamma64 = 4 * (d + 8) * _UNIT64
    mean_square = float(mean @ mean) * scale * scale
    inverse = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    lengths, tiny = np.sqrt(squares), np.full(len(norms), d * _TINY)
    terms: dict[Metric, Doubles] = {
        "cosine": np.stack(
            [
                np.sqrt(2 * _SAFE * gamma) * lengths * inverse,
                (np.sqrt(2 * _SAFE * gamma64) * (np.sqrt(mean_square) + lengths) + np.sqrt(2 * tiny)) * inverse,
                np.full(len(norms), 2 * gamma64),
            ]
        ),
        "euclidean": np.stack(
            [
                np.sqrt(4 * _SAFE * gamma) * lengths,
                np.sqrt(4 * tiny),
                2 * _SAFE * (6 * _UNIT + gamma64) * squares,
            ]
        ),
        "manhattan": np.stack([np.zeros_like(sizes), np.zeros_like(sizes), 2 * (_SAFE * _UNIT * sizes + tiny)]),
    }
    return Bounds(
        mean=mean,
        scale=scale,
        dot_terms=np.concatenate([[squares, shifts, inverse], terms["cosine"], terms["euclidean"]]),
        slack=np.array([mean_square, 4 * _UNIT]),
        shrink=1 - _SAFE * gamma - 4 * _UNIT,
        terms=terms,
        relative={"cosine": 16 * _UNIT, "euclidean": 16 * _UNIT, "manhattan": 2.1 * gamma + 16 * _UNIT},
        size=size,
    )
