"""Several wishes as one vector: words, an item, a photo, and what it should not be like. Pure: vectors in, a vector out.

Pictures lie closer to each other than to words, and their cosines scatter more widely. Added as they are, a picture would
drown the words. So each part is divided by how widely its cosines scatter over the catalogue: a weight of 1 then moves the
ranking as much as any other weight of 1.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

WORDS: Final = 1.0
LIKE: Final = 1.0  # an item, a photo
UNLIKE: Final = -0.5
SAMPLE: Final = 2000  # items over which the scatter is measured
RRF: Final = 60  # Cormack, Clarke, Büttcher, SIGIR 2009: rankings are joined by 1 / (60 + place)


class Part(NamedTuple):
    """A wish: a vector float32 (d,), and how much it counts; below zero, what it should not be like."""

    vector: NDArray[np.float32]
    weight: float


def combined(parts: Sequence[Part], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """One query, float32 (d,) of length 1, for all of them. vectors: the index's, float32 (n, d).

    A single wish is its own vector. Wishes that cancel out give the first one.
    """
    if len(parts) == 1 and parts[0].weight > 0:
        return unit(parts[0].vector)
    sample = np.asarray(vectors[:: max(1, len(vectors) // SAMPLE)], dtype=np.float32)
    query = np.zeros(vectors.shape[1], np.float32)
    for vector, weight in parts:
        direction = unit(vector)
        query += np.float32(weight / _scatter(direction, sample)) * direction
    return unit(query) if np.linalg.norm(query) > 1e-6 else unit(parts[0].vector)


def _scatter(direction: NDArray[np.float32], sample: NDArray[np.float32]) -> float:
    """The standard deviation of the cosines between a direction and the sample; 1 where they are all the same."""
    lengths = np.linalg.norm(sample, axis=1)
    cosines = np.divide(sample @ direction, lengths, out=np.zeros(len(sample), np.float32), where=lengths > 0)
    deviation = float(cosines.std()) if len(cosines) > 1 else 0.0
    return deviation if deviation > 1e-6 else 1.0


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same direction, of length 1; zeros stay zeros."""
    vector = np.asarray(vector, np.float32)
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / np.float32(length) if length > 0 else vector, dtype=np.float32)


def fused(rankings: Sequence[Sequence[int]]) -> list[int]:
    """Rankings, best first, joined to one by reciprocal rank fusion; equal sums keep the order of the first ranking."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, row in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1 / (RRF + place)
    return sorted(scores, key=lambda row: -scores[row])
