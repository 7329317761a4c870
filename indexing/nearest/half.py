"""Vectors kept as float16: half the disk and half the memory traffic of float32; each number keeps three digits.

All sums are made in float32 or float64 of the numbers as they are kept. NumPy would convert a whole matrix for one product, so
it is converted in blocks here; the compiled kernels convert each number as they read it.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.parallel import frozen

Floats = NDArray[np.float32]

STORES: Final = ("float32", "float16")
_BLOCK: Final = 4096


def stored_as(vectors: NDArray[Any]) -> str:
    """`float32` or `float16`."""
    return str(vectors.dtype)


def numbers(vectors: NDArray[Any]) -> NDArray[Any]:
    """The vectors as kernels read them, frozen: float32, or float16 as its bits in uint16."""
    return frozen(vectors.view(np.uint16) if vectors.dtype == np.float16 else vectors)


def round_to_half(vectors: Floats) -> bool:
    """Round float32 (n, d) in place to what float16 can keep; false, with some rows rounded, where a number is too large."""
    for first in range(0, len(vectors), _BLOCK):
        part = slice(first, first + _BLOCK)
        with np.errstate(over="ignore"):
            vectors[part] = vectors[part].astype(np.float16)
        if not np.isfinite(vectors[part]).all():
            return False
    return True


def products(vectors: NDArray[Any], directions: Floats) -> Floats:
    """float32 (n, m): of n vectors, float32 or float16 (n, d), and m directions, float32 (m, d)."""
    if vectors.dtype == np.float32:
        return np.asarray(vectors @ directions.T)
    made = np.empty((len(vectors), len(directions)), np.float32)
    for first in range(0, len(vectors), _BLOCK):
        part = slice(first, first + _BLOCK)
        np.matmul(vectors[part].astype(np.float32), directions.T, out=made[part])
    return made


def row_norms(vectors: NDArray[Any]) -> Floats:
    """|x| of each row, float32 (n,)."""
    norms = np.empty(len(vectors), np.float32)
    for first in range(0, len(vectors), _BLOCK):
        block = vectors[first : first + _BLOCK].astype(np.float32, copy=False)
        norms[first : first + _BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return norms
