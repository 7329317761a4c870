"""How far a mean over queries could be from what other queries would have given: a bootstrap interval.

Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, 13.3 (percentile interval). Queries are drawn with
replacement; the gallery stays as it is, so the interval says nothing of another catalogue.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 1000
LEVEL: Final = 0.95
SEED: Final = 11_556


class Interval(NamedTuple):
    """The ends between which LEVEL of the resampled means lie."""

    low: float
    high: float


def bootstrap_intervals(scores: Mapping[str, NDArray[np.float64]], resamples: int = RESAMPLES) -> dict[str, Interval]:
    """The interval of each score's mean. scores: by name, float64 (m,), one a query, m ≥ 1. Equal scores, equal intervals."""
    random = np.random.default_rng(SEED)
    values = np.stack(list(scores.values()), axis=1)
    means = np.empty((resamples, values.shape[1]))
    for resample in range(resamples):
        means[resample] = values[random.integers(0, len(values), len(values))].mean(axis=0)
    low, high = np.quantile(means, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    return {name: Interval(float(low[column]), float(high[column])) for column, name in enumerate(scores)}
