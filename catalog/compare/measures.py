"""What two items have in common, in numbers and words: distances under the three metrics, and the colours they share."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from django.utils.functional import Promise

from catalog.cards import closer_than_text, distance_text
from catalog.similar.metric_names import METRIC_NAMES
from catalog.similar.ranking import closer_than
from indexing.extras.colours import to_lab
from indexing.index.record import Index
from indexing.nearest.distances import distance
from indexing.nearest.metrics import METRICS, Metric

# Two colours this near in L*a*b* (CIE 1976) are called the same at a glance, though not side by side.
SAME_COLOUR: Final = 20.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """How far two items are under one metric. closer_than: per cent of pairs farther apart, None where nothing tells."""

    metric: Metric
    name: Promise
    distance: float
    closer_than: float | None

    @property
    def distance_text(self) -> str:
        return distance_text(self.distance)

    @property
    def words(self) -> str:
        return closer_than_text(self.closer_than)


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of a product: "#rrggbb", its share of the product in per cent, where its bar begins, whether both have it."""

    hex: str
    percent: float
    start: float
    shared: bool


@dataclass(frozen=True, slots=True)
class Palettes:
    """Both products' colours, most first. common: per cent of either that the other has, too."""

    a: list[Colour]
    b: list[Colour]
    common: int


def measure(index: Index, first: str, second: str) -> list[Measurement]:
    """The distance between two items of the index under each metric."""
    a, b = index.vectors[index.rows[first]], index.vectors[index.rows[second]]
    away = {metric: float(distance(metric, a, b[np.newaxis])[0]) for metric in METRICS}
    return [
        Measurement(metric, METRIC_NAMES[metric].name, away[metric], closer_than(index, metric, away[metric]))
        for metric in METRICS
    ]


def palettes(index: Index, first: str, second: str) -> Palettes | None:
    """The two items' palettes and what they share; None when the index kept none.

    What is shared: pairs of colours nearer than SAME_COLOUR, nearest first, each counted as far as both have it.
    """
    colours, shares = index.extras.get("palette"), index.extras.get("palette_shares")
    if colours is None or shares is None:
        return None
    rows = [index.rows[first], index.rows[second]]
    kept = [np.flatnonzero(shares[row] > 0) for row in rows]
    rgb = [np.asarray(colours[row][known]) for row, known in zip(rows, kept, strict=True)]
    left = [np.asarray(shares[row][known], dtype=np.float64) for row, known in zip(rows, kept, strict=True)]
    if not all(len(part) for part in rgb):
        return None
    full = [part / part.sum() for part in left]
    left = [part.copy() for part in full]
    away = np.linalg.norm(to_lab(rgb[0])[:, np.newaxis] - to_lab(rgb[1])[np.newaxis], axis=2)
    shared: tuple[set[int], set[int]] = (set(), set())
    common = 0.0
    for flat in np.argsort(away, axis=None, kind="stable"):
        i, j = (int(number) for number in np.unravel_index(flat, away.shape))
        if away[i, j] > SAME_COLOUR:
            break
        part = min(left[0][i], left[1][j])
        if part > 0:
            common, left[0][i], left[1][j] = common + part, left[0][i] - part, left[1][j] - part
            shared[0].add(i)
            shared[1].add(j)
    bars = [_bar(rgb[side], full[side], shared[side]) for side in (0, 1)]
    return Palettes(bars[0], bars[1], round(100 * common))


def _bar(rgb: np.ndarray, shares: np.ndarray, shared: set[int]) -> list[Colour]:
    starts = np.concatenate([[0.0], np.cumsum(shares)[:-1]])
    return [
        Colour(
            "#" + bytes(rgb[number].tolist()).hex(),
            round(100 * float(shares[number]), 1),
            round(100 * float(starts[number]), 1),
            number in shared,
        )
        for number in range(len(rgb))
    ]
