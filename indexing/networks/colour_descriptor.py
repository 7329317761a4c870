"""What colours a picture's middle has: a small fixed descriptor, so that shirts of one print are told apart by their cloth.

Soft histogram in CIE L*a*b*: each pixel is shared out among anchors, points of a coarse grid, by a Gaussian of its colour
distance; pixels near the middle of the picture count most. The square root of the shares (which makes their cosine the
Bhattacharyya coefficient) has length 1. Nothing here is trained.
"""

from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SAMPLES: Final = 24  # the picture is reduced to SAMPLES × SAMPLES pixels first
SPREAD: Final = 12.0  # of a pixel's colour over the anchors, in units of L*a*b*
LENGTH: Final = 161  # how many anchors there are; counting them takes longer than the rest of the program's start
REACH: Final = (0.20, 0.24)  # of the weight over the picture: standard deviations, as shares of its width and height
STEPS: Final[tuple[tuple[float, float, float], ...]] = tuple(
    (float(lightness), float(a), float(b))
    for lightness, a, b in product((8, 26, 44, 62, 80, 98), range(-75, 76, 25), range(-75, 76, 25))
)


def _lab(bgr: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 BGR in 0…1, (h, w, 3) → L*a*b* float32 (h, w, 3), L* 0…100."""
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB), dtype=np.float32)


@cache
def _anchors() -> NDArray[np.float32]:
    """The grid points that sRGB colours come near to: float32 (LENGTH, 3)."""
    levels = np.linspace(0, 1, 18, dtype=np.float32)
    colours = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(1, -1, 3)
    grid = np.array(STEPS, dtype=np.float32)
    distance = ((_lab(colours)[0][:, None] - grid[None]) ** 2).sum(-1)
    return np.asarray(grid[np.unique(distance.argmin(1))], dtype=np.float32)


@cache
def _weights() -> NDArray[np.float32]:
    """How much each pixel counts: float32 (SAMPLES · SAMPLES,), of sum 1."""
    line = (np.arange(SAMPLES, dtype=np.float32) + 0.5) / SAMPLES - 0.5
    across, down = np.exp(-0.5 * (line / REACH[0]) ** 2), np.exp(-0.5 * (line / REACH[1]) ** 2)
    weights = np.outer(down, across).astype(np.float32)
    return np.asarray(weights / weights.sum(), dtype=np.float32).reshape(-1)


def colour_descriptor(batch: Sequence[NDArray[np.float32]] | NDArray[np.float32]) -> NDArray[np.float32]:
    """n pictures, BGR float32 (h, w, 3) in [-1, 1], as the compact network reads it → float32 (n, LENGTH), rows of length 1."""
    anchors, weights = _anchors(), _weights()
    descriptors = np.empty((len(batch), LENGTH), dtype=np.float32)
    squares = (anchors**2).sum(1)
    for row, picture in enumerate(batch):
        small = cv2.resize(picture, (SAMPLES, SAMPLES), interpolation=cv2.INTER_AREA)
        pixels = _lab(np.clip((small + 1) / 2, 0, 1)).reshape(-1, 3)
        distance = squares - 2 * (pixels @ anchors.T)  # the pixel's own square shifts a whole row: it cancels below
        shares = np.exp((distance.min(1, keepdims=True) - distance) / (2 * SPREAD**2))
        shares /= shares.sum(1, keepdims=True)
        descriptors[row] = np.sqrt(weights @ shares)
    return np.asarray(descriptors / np.linalg.norm(descriptors, axis=1, keepdims=True), dtype=np.float32)
