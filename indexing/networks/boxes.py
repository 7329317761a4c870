"""Where the prints and the garments of a picture are: from the locator's marks to boxes.

A mark is a logit for each cell of a grid over the stretched picture; a box is a share of the picture's own sides. The box of a
print is a square in pixels, as wide as a uniform blob of the marks' spread would be, or a little less.
"""

from typing import Any, Final, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Kind = Literal["print", "garment", "whole"]
CELLS: Final = 28  # a side of the grid
BLUR: Final = 1.0  # cells: a mark is a hint, its neighbours count
SHARE: Final = 0.3  # of the strongest mark, from which on a cell belongs to a blob
LEAST: Final = 0.1  # certainty below which nothing is called a print
LEAST_GARMENT: Final = 0.4
LEAST_MASS: Final = 0.1  # of the heaviest blob's, for another to count
MOST: Final = 5  # boxes of a kind
SPREAD: Final = 3.46  # a uniform blob is √12 standard deviations wide
ROOM: Final = 0.95  # around a print


class Box(NamedTuple):
    """A part of a picture: shares of its width and height, 0 … 1; score: how certain, 0 … 1."""

    kind: Kind
    score: float
    left: float
    top: float
    right: float
    bottom: float

    def cut(self, picture: NDArray[Any]) -> NDArray[Any]:
        """That part of a picture (h, w, 3), of one pixel at least."""
        height, width = picture.shape[:2]
        x0, y0 = min(round(self.left * width), width - 1), min(round(self.top * height), height - 1)
        return picture[y0 : max(y0 + 1, round(self.bottom * height)), x0 : max(x0 + 1, round(self.right * width))]

    def scaled(self, factor: float, height: int, width: int) -> "Box":
        """A square in pixels around the same middle, `factor` times as wide as one of the box's area, inside the picture."""
        wide, tall = (self.right - self.left) * width, (self.bottom - self.top) * height
        side = min(float(np.sqrt(wide * tall)) * factor, height, width)
        x, y = (self.left + self.right) / 2 * width - side / 2, (self.top + self.bottom) / 2 * height - side / 2
        x, y = min(max(0.0, x), width - side), min(max(0.0, y), height - side)
        return self._replace(left=x / width, top=y / height, right=(x + side) / width, bottom=(y + side) / height)


WHOLE: Final = Box("whole", 1.0, 0.0, 0.0, 1.0, 1.0)


def find_boxes(marks: NDArray[np.float32], height: int, width: int) -> list[Box]:
    """marks: logits float32 (28, 28, 2), print and garment, of a picture height × width pixels → its boxes.

    Prints first, then garments, the surest first, at most MOST of each; then the whole picture.
    """
    prints = sorted(_boxes("print", _heat(marks[..., 0]), LEAST), key=_surest_first)
    garments = sorted(_boxes("garment", _heat(marks[..., 1]), LEAST_GARMENT), key=_surest_first)
    return [*(box.scaled(ROOM, height, width) for box in prints), *garments, WHOLE]


def best_print(marks: NDArray[np.float32], height: int, width: int) -> Box:
    """The heaviest print's box, which is what an item's vector is made of; the whole picture where nothing is sure enough.

    Heaviest: of the largest sum of marks. A photo's boxes begin with the surest: training/heads/CARD.md has the figures.
    """
    prints = _boxes("print", _heat(marks[..., 0]), LEAST)
    return prints[0].scaled(ROOM, height, width) if prints else WHOLE


def _heat(marks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits (28, 28) → certainties, each among its neighbours'."""
    shares = 1 / (1 + np.exp(-np.clip(marks.astype(np.float32), -30, 30)))
    return np.asarray(cv2.GaussianBlur(shares, (0, 0), BLUR), np.float32)


def _surest_first(box: Box) -> tuple[float, float]:
    return -box.score, box.left


def _boxes(kind: Kind, heat: NDArray[np.float32], least: float) -> list[Box]:
    """One box for each blob of the heat (28, 28), by the weighted deviation of its cells, the heaviest first."""
    if heat.max() < least:
        return []
    count, labels = cv2.connectedComponents((heat >= max(SHARE * heat.max(), 0.5 * least)).astype(np.uint8), connectivity=4)
    found: list[tuple[float, Box]] = []
    for label in range(1, count):
        rows, columns = np.nonzero(labels == label)
        weights = heat[rows, columns].astype(np.float64)
        if weights.max() < least:
            continue
        (top, bottom), (left, right) = (_extent(at, weights) for at in (rows, columns))
        found.append((float(weights.sum()), Box(kind, float(weights.max()), left, top, right, bottom)))
    heaviest = max((mass for mass, _ in found), default=0.0)
    kept = [(mass, box) for mass, box in found if mass >= LEAST_MASS * heaviest]
    return [box for _, box in sorted(kept, key=lambda entry: (-entry[0], entry[1].left))[:MOST]]


def _extent(at: NDArray[np.int64], weights: NDArray[np.float64]) -> tuple[float, float]:
    """(first, last), shares of the grid: the weighted middle, and half the width of a uniform blob to each side."""
    middle = float((at * weights).sum() / weights.sum())
    deviation = float(np.sqrt(((at - middle) ** 2 * weights).sum() / weights.sum() + 1 / 12))
    half = SPREAD * deviation / 2
    return max(0.0, (middle + 0.5 - half) / CELLS), min(1.0, (middle + 0.5 + half) / CELLS)
