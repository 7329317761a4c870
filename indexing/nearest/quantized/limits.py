"""How near a code must be for its pair to be looked at: set for each row by a sample, so that nearly all neighbours are.

All rows meet some reference rows. A row's limit is the distance of codes to its r-th nearest reference; r is the smallest by
which a share `aim` of the exact neighbours of sampled rows come within their limits, under each metric.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.quantized.codes import SIGNED, Codes, Quantizer
from indexing.nearest.recall import ExactSample
from indexing.parallel import spread

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

REFERENCES: Final = 4096
_SEED: Final = 11_557
_BLOCK: Final = 1024
_ROUNDING: Final = 1e-6  # of a product: more than float32 loses


@dataclass(frozen=True, slots=True)
class Limits:
    """near, along: which reference's distance is the limit of euclidean and manhattan, and of cosine (None: near serves it);
    share: how many of all pairs come within them."""

    near: int
    along: int | None
    share: float


@dataclass(frozen=True, slots=True)
class References:
    """Reference rows: their codes counted from that of 0, float32 (r, d), half their squares and their inverse lengths (r,)."""

    codes: Floats
    halves: Floats
    inverse: Floats

    @classmethod
    def of(cls, vectors: Floats, quantizer: Quantizer) -> Self:
        """A seeded choice of vectors, float32 (n, d)."""
        n = len(vectors)
        codes = Codes.of(vectors, quantizer, np.sort(np.random.default_rng(_SEED).choice(n, min(n, REFERENCES), replace=False)))
        return cls(codes.centred(slice(None)), (codes.squares / 2).astype(np.float32), inverse_lengths(codes.squares))

    def keys(self, codes: Floats) -> tuple[Floats, Floats]:
        """Of m rows to all references, float32 (m, r): by euclidean distance of codes, and by their cosine; less is nearer."""
        products = codes @ self.codes.T
        return self.halves - products, -products * self.inverse


def inverse_lengths(squares: Doubles) -> Floats:
    """float32 (n,); 0 of what has no length."""
    return np.divide(1.0, np.sqrt(squares), out=np.zeros_like(squares), where=squares > 0).astype(np.float32)


def calibrate(
    codes: Codes, references: References, sample: ExactSample, aim: float, groups: Sequence[Sequence[Metric]]
) -> Limits | None:
    """The least limits by which a share `aim` is found; None: not to be had.

    codes: of the sampled rows, then of their neighbours by metric, row and rank.
    groups: the metrics that `near` is for, and where lengths differ the one of `along`.
    """
    asked = codes.centred(slice(0, len(sample.rows)))
    chosen: list[int] = []
    share = 0.0
    for number, (metrics, keys) in enumerate(zip(groups, references.keys(asked), strict=False)):
        ordered = np.sort(keys, axis=1)
        nearer = [_nearer(codes, asked, ordered, sample, metric, along=number == 1) for metric in metrics]
        place = max(int(np.quantile(counts, aim, method="inverted_cdf")) for counts in nearer)
        if place >= ordered.shape[1]:
            return None
        chosen.append(place)
        share += float((ordered <= ordered[:, place : place + 1]).mean())
    return Limits(chosen[0], chosen[1] if len(chosen) > 1 else None, share)


def _nearer(
    codes: Codes, asked: Floats, ordered: Floats, sample: ExactSample, metric: Metric, *, along: bool
) -> NDArray[np.int64]:
    """How many references are nearer, by codes, than each exact neighbour of the sampled rows: int64 (m, k)."""
    m, k = sample.nearest[metric][0].shape
    counts = np.empty((m, k), np.int64)
    for row in range(m):
        found = m + (METRICS.index(metric) * m + row) * k + np.arange(k)
        products, squares = codes.centred(found) @ asked[row], codes.squares[found]
        keys = -products * inverse_lengths(squares) if along else (squares / 2).astype(np.float32) - products
        counts[row] = np.searchsorted(ordered[row], keys - np.abs(keys) * np.float32(_ROUNDING))
    return counts


def terms(codes: Codes, references: References, limits: Limits, threads: int | None) -> Floats:
    """What `kernels.scan_rows` adds to products of codes, and the limits: float32 (6, n + padding).

    With u the codes, z the code of 0, S their sum: the centred product is Σ(u−16)·u' + [0] + [1]', [0] = w·z² − z·S of the
    signed side and [1] = (16 − z)·S of the other. [2] half the square, [3] the inverse length; the least value of the product
    less half the other's square [4], and of the product by the other's inverse length [5]. Padding wants none.
    """
    n, zero = len(codes.sums), codes.quantizer.zero
    out = np.zeros((6, len(codes.codes)), np.float32)
    out[0, :n] = len(codes.quantizer.numbers) * zero**2 - zero * codes.sums
    out[1, :n] = (SIGNED - zero) * codes.sums
    out[2, :n] = codes.squares / 2
    out[3, :n] = inverse_lengths(codes.squares)
    out[2, n:], out[3, n:], out[4:] = np.inf, np.nan, np.inf  # no product by NaN reaches a limit, be it below 0

    largest = 2 * float(references.halves.max())

    def fill(first: int, last: int) -> None:
        for start in range(first, last, _BLOCK):
            rows = slice(start, min(start + _BLOCK, last))
            near, along = references.keys(codes.centred(rows))
            out[4, rows] = _least(near, limits.near, largest)
            if limits.along is not None:
                out[5, rows] = _least(along, limits.along, np.sqrt(largest))

    spread(fill, n, threads, step=_BLOCK)
    out[5, :n][codes.squares == 0] = np.inf  # what has no length has no direction
    return out


def _least(keys: Floats, place: int, size: float) -> Floats:
    """The limits of m rows, float32 (m,). size: of the numbers that keys are differences of."""
    return np.asarray(-np.partition(keys, place, axis=1)[:, place] - np.float32(size * _ROUNDING), np.float32)
