"""Vectors like those a network gives after ReLU: half of the numbers are zero."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

ARTICLE: Final = 11_556  # the article's T-shirts
FC2: Final = 4096
_BLOCK: Final = 4096

Floats = NDArray[np.float32]


def clustered(n: int, d: int = FC2, seed: int = 0) -> Floats:
    """Like a shop's: n items around n / 25 motifs that live in 48 directions, with noise, ReLU."""
    random = np.random.default_rng(seed)
    motifs = random.normal(size=(max(2, n // 25), 48)).astype(np.float32)
    directions = random.normal(size=(48, d)).astype(np.float32) / np.float32(48**0.5)
    vectors = np.empty((n, d), np.float32)
    for first in range(0, n, _BLOCK):
        rows = min(_BLOCK, n - first)
        inner = motifs[random.integers(len(motifs), size=rows)] + random.normal(size=(rows, 48), scale=0.5).astype(np.float32)
        noise = random.standard_normal((rows, d), np.float32)
        np.maximum(inner @ directions + np.float32(0.3) * noise, 0, out=vectors[first : first + rows])
    return vectors


def independent(n: int, d: int = FC2, seed: int = 0) -> Floats:
    """The hard case: every number drawn for itself, so that all items are about equally far from each other."""
    random = np.random.default_rng(seed)
    vectors = np.empty((n, d), np.float32)
    for first in range(0, n, _BLOCK):
        rows = min(_BLOCK, n - first)
        np.maximum(random.standard_normal((rows, d), np.float32), 0, out=vectors[first : first + rows])
    return vectors
