"""Neighbours of vectors that no lists tell apart: all pairs meet, but as codes of five bits, and few of them exactly.

Where vectors lie about equally far from each other (independent numbers are the extreme), lists around centroids find too few
neighbours, and comparing all pairs takes hours from a million on. Here distances of codes, which cost a tenth, say which pairs
are compared exactly (`limits`). Blocks meet as in `indexing.nearest.blocks`: each pair once. Equal vectors give equal bytes,
whatever the number of threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from indexing.index.record import Neighbours
from indexing.nearest.distances import narrowed
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.progress import Progress
from indexing.nearest.quantized.codes import RUN, Codes, Quantizer, has_kernels
from indexing.nearest.quantized.limits import Limits, References, calibrate, terms
from indexing.nearest.recall import ExactSample
from indexing.nearest.search import LiveSearch, sum_error
from indexing.parallel import frozen, spread

Floats = NDArray[np.float32]

POWERS: Final = (0.5, 0.6, 0.65, 0.7, 0.8, 1.0)  # the one that leaves the fewest pairs is taken
WORTH: Final = 0.5  # of what comparing all pairs costs
_CODES: Final = 0.12  # what products of codes cost of it
_EXACT: Final = 2.5  # and a pair compared exactly, beside one compared among all
_ROWS: Final = 4096
_COLUMNS: Final = 4096


@dataclass(frozen=True, slots=True)
class _Scan:
    """What the blocks of a scan share."""

    vectors: Floats
    codes: Codes
    terms: Floats
    lengths: NDArray[np.float64]
    rows: NDArray[np.int32]
    distances: NDArray[np.float64]
    held: NDArray[np.int32]
    gamma: float


def quantized_neighbours(
    vectors: Floats,
    sample: ExactSample,
    k: int,
    aim: float,
    groups: Sequence[Sequence[Metric]],
    progress: Progress | None = None,
    threads: int | None = None,
) -> tuple[dict[Metric, Neighbours], dict[str, int | float]] | None:
    """The k nearest of all n rows, and plain values for the manifest; None where comparing all pairs costs little more.

    vectors: float32 (n, d), finite, which may be memory-mapped; groups: see `calibrate`. A share `aim` of the sample's
    neighbours come to be compared. Beside the vectors it holds n · (48 k + d + 50) bytes and some hundred MB.
    """
    n = len(vectors)
    if not has_kernels():
        return None
    with threadpool_limits(1, "blas"):
        chosen = _choose(vectors, sample, aim, groups)
        if chosen is None or _CODES + _EXACT * chosen[1].share > WORTH:
            return None
        quantizer, limits = chosen
        codes = Codes.of(vectors, quantizer, padding=_COLUMNS, threads=threads)
        scan = _Scan(
            frozen(vectors),
            codes,
            terms(codes, References.of(vectors, quantizer), limits, threads),
            _squared_lengths(vectors, threads),
            np.empty((3, n, k), np.int32),
            np.empty((3, n, k), np.float64),
            np.zeros(n, np.int32),
            sum_error(vectors.shape[1]),
        )
        _scan(scan, progress, threads)
    short = np.flatnonzero(scan.held < k)
    found = {metric: Neighbours(scan.rows[code], narrowed(scan.distances[code])) for code, metric in enumerate(METRICS)}
    if len(short):  # rows that hardly any other came near: these meet all others
        exact = LiveSearch(vectors, threads).query(vectors[short], k, own=short)
        for metric in METRICS:
            found[metric].rows[short], found[metric].distances[short] = exact[metric].rows, exact[metric].distances
    return found, {"code_bits": 5, "compared": round(limits.share, 5)}


def _choose(
    vectors: Floats, sample: ExactSample, aim: float, groups: Sequence[Sequence[Metric]]
) -> tuple[Quantizer, Limits] | None:
    """The coding that leaves the fewest pairs to compare."""
    wanted = np.concatenate([sample.rows, *(sample.nearest[metric][0].ravel() for metric in METRICS)])
    best: tuple[Quantizer, Limits] | None = None
    for power in POWERS:
        quantizer = Quantizer.learn(vectors, power)
        if quantizer is None:
            return None
        references = References.of(vectors, quantizer)
        limits = calibrate(Codes.of(vectors, quantizer, wanted), references, sample, aim, groups)
        if limits is not None and (best is None or limits.share < best[1].share):
            best = quantizer, limits
    return best


def _squared_lengths(vectors: Floats, threads: int | None) -> NDArray[np.float64]:
    lengths = np.empty(len(vectors))

    def measure(first: int, last: int) -> None:
        for start in range(first, last, _ROWS):
            rows = slice(start, min(start + _ROWS, last))
            block = vectors[rows].astype(np.float64)
            lengths[rows] = np.einsum("ij,ij->i", block, block)

    spread(measure, len(vectors), threads, step=_ROWS)
    return lengths


def _scan(scan: _Scan, progress: Progress | None, threads: int | None) -> None:
    from indexing.nearest.quantized import kernels

    n, codes = len(scan.vectors), scan.codes
    answer = scan.vectors, scan.lengths, scan.gamma, scan.rows, scan.distances, scan.held
    along = bool(np.isfinite(scan.terms[5]).any())
    blocks = [(row, column) for row in range(0, n, _ROWS) for column in range(row, n, _COLUMNS)]
    wants, wanted_by = (np.empty((min(_ROWS, n), 1 + _COLUMNS), np.int32) for _ in range(2))

    for done, (row, column) in enumerate(blocks, 1):
        rows, size = min(_ROWS, n - row), min(_COLUMNS, -(-(n - column) // RUN) * RUN)
        if column == row:
            signed = codes.signed(row, rows + rows % 2)
        given = signed, codes.codes, scan.terms, along, row, column, size, wants[:rows], wanted_by[:rows]

        def meet(first: int, last: int, row: int = row, given: tuple[object, ...] = given) -> None:
            kernels.scan(*given, first, last)
            kernels.offer_to_rows(wants, row, answer, first, last)

        def back(first: int, last: int, row: int = row, column: int = column, rows: int = rows) -> None:
            kernels.offer_to_columns(wanted_by[:rows], row, answer, column + first, column + last)

        spread(meet, rows, threads, step=2)
        spread(back, size, threads)
        if progress is not None:
            progress(done, len(blocks))
