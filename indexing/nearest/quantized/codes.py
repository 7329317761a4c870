"""Vectors as codes of five bits a number (scalar quantization), whose products cost a third of those of float32.

A number x is coded as sign(x)·|x|^power, cut to 32 equal steps. Inner products of codes are whole numbers, exactly. Distances
of codes rank nearly as euclidean ones do at power 1, and nearer to manhattan ones at powers below.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from indexing.parallel import spread

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

HIGHEST: Final = 31  # of a code; the lowest is 0
RUN: Final = 64  # pairs that a kernel looks at as a whole, before it looks at each
SIGNED: Final = 16  # less than the code: of two factors one must have a sign
LANES: Final = 32  # codes that a kernel reads at a time
_DROPPED: Final = 1 / 32  # of all numbers: those that vary least may be left out to make the rest a multiple of LANES
_CUT: Final = 5e-4  # of the numbers, at either end, may lie beyond the steps
_SAMPLE: Final = 20_000  # rows that the steps are learned from
_NUMBERS: Final = 2_000_000  # of theirs that are sorted
LINE: Final = 64  # bytes of the cache
_SEED: Final = 11_556
_BLOCK: Final = 4096


@cache
def has_kernels() -> bool:
    """Whether this processor has the instructions that products of codes are compiled to (AVX2)."""
    from llvmlite.binding import get_host_cpu_features

    return bool(get_host_cpu_features().get("avx2", False))


@dataclass(frozen=True, slots=True)
class Quantizer:
    """Where the steps lie: code 0 is at `lowest`, each is `step` wide; both after the power. numbers: which of d are coded."""

    numbers: NDArray[np.int64]
    power: float
    lowest: float
    step: float

    @classmethod
    def learn(cls, vectors: Floats, power: float) -> Self | None:
        """From a seeded sample of float32 (n, d) vectors, which may be memory-mapped; None where all numbers are zero."""
        random = np.random.default_rng(_SEED)
        rows = np.sort(random.choice(len(vectors), min(len(vectors), _SAMPLE), replace=False))
        raised = _raised(vectors[rows], power)
        beyond = raised.shape[1] % LANES
        dropped = beyond if beyond <= _DROPPED * raised.shape[1] else 0
        numbers = np.sort(np.argsort(raised.var(axis=0, dtype=np.float64), kind="stable")[dropped:])
        some = raised[:, numbers].ravel()
        low, high = np.quantile(some[:: max(1, len(some) // _NUMBERS)], [_CUT, 1 - _CUT])
        lowest, highest = min(float(low), 0.0), max(float(high), 0.0)
        return cls(numbers, power, lowest, (highest - lowest) / HIGHEST) if highest > lowest else None

    @property
    def width(self) -> int:
        """How long a vector's code is: the numbers coded, made a multiple of LANES by zeros."""
        return -(-len(self.numbers) // LANES) * LANES

    @property
    def zero(self) -> float:
        """The code, not a whole one, of the number 0."""
        return -self.lowest / self.step

    def encode(self, vectors: Floats, out: NDArray[np.uint8]) -> None:
        """float32 (m, d) → codes, into uint8 (m, w) of zeros."""
        steps = (_raised(vectors[:, self.numbers], self.power) - np.float32(self.lowest)) / np.float32(self.step)
        out[:, : len(self.numbers)] = np.rint(np.clip(steps, 0, HIGHEST))


@dataclass(frozen=True, slots=True)
class Codes:
    """Of n vectors: codes uint8 (n + padding, w), their sums and, counted from the code of 0, their squares, float64 (n,)."""

    quantizer: Quantizer
    codes: NDArray[np.uint8]
    sums: Doubles
    squares: Doubles

    @classmethod
    def of(
        cls,
        vectors: Floats,
        quantizer: Quantizer,
        rows: NDArray[np.int64] | None = None,
        padding: int = 0,
        threads: int | None = None,
    ) -> Self:
        """Of vectors[rows], or of all; padding: rows of zeros after the last."""
        n = len(vectors) if rows is None else len(rows)
        codes = _aligned((n + padding, quantizer.width))
        sums, squares = np.empty(n), np.empty(n)

        def encode(first: int, last: int) -> None:
            for start in range(first, last, _BLOCK):
                block = slice(start, min(start + _BLOCK, last))
                quantizer.encode(np.asarray(vectors[block if rows is None else rows[block]]), codes[block])
                plain = codes[block].astype(np.float32)
                sums[block] = plain.sum(axis=1, dtype=np.float64)
                squares[block] = np.einsum("ij,ij->i", plain, plain)

        spread(encode, n, threads, step=_BLOCK)
        squares += len(quantizer.numbers) * quantizer.zero**2 - 2 * quantizer.zero * sums
        return cls(quantizer, codes, sums, np.maximum(squares, 0.0))

    def centred(self, rows: NDArray[np.int64] | slice) -> Floats:
        """float32 (m, d): codes counted from that of 0."""
        return self.codes[rows, : len(self.quantizer.numbers)].astype(np.float32) - np.float32(self.quantizer.zero)

    def signed(self, first: int, count: int) -> NDArray[np.int8]:
        """int8 (count, w): codes less SIGNED, rows from `first` on."""
        out = _aligned((count, self.codes.shape[1])).view(np.int8)
        np.subtract(self.codes[first : first + count].view(np.int8), SIGNED, out=out)
        return out


def _raised(numbers: Floats, power: float) -> Floats:
    return np.asarray(numbers if power == 1 else np.copysign(np.abs(numbers) ** np.float32(power), numbers), np.float32)


def _aligned(shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Zeros that begin with a line of the cache: reading across two lines would cost the kernels a sixth."""
    size = shape[0] * shape[1]
    memory = np.zeros(size + LINE, np.uint8)
    first = -memory.ctypes.data % LINE
    return memory[first : first + size].reshape(shape)
