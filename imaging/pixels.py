"""What is done to decoded pixels: white behind what is transparent, half size, upright. Some rows at a time, to save memory."""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_AT_ONCE: Final = 32_768  # pixels
# EXIF's orientation → OpenCV's flip (None: none) after swapping rows and columns (from 5 on).
_FLIPS: Final = {1: None, 2: 1, 3: -1, 4: 0, 5: None, 6: 1, 7: -1, 8: 0}


def bands(width: int, height: int) -> Iterator[slice]:
    """Rows to work on at once: an even number of them but for the last."""
    step = max(2, _AT_ONCE // max(1, width) // 2 * 2)
    for top in range(0, height, step):
        yield slice(top, min(top + step, height))


def on_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 BGRA (h, w, 4) → uint8 BGR (h, w, 3), as it is seen on a white page."""
    height, width = pixels.shape[:2]
    seen = np.empty((height, width, 3), np.uint8)
    for rows in bands(width, height):
        alpha = pixels[rows, :, 3:].astype(np.float32) / 255
        seen[rows] = np.rint(pixels[rows, :, :3] * alpha + 255 * (1 - alpha))
    return seen


def half(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (h, w, 3) → uint8 (⌈h/2⌉, ⌈w/2⌉, 3), each pixel the mean of four."""
    height, width = pixels.shape[:2]
    size = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """uint8 (h, w, 3) turned and mirrored as EXIF's orientation (1 to 8) asks; may change `pixels`."""
    if orientation >= 5:
        pixels = np.asarray(cv2.transpose(pixels), np.uint8)
    way = _FLIPS[orientation]
    return pixels if way is None else np.asarray(cv2.flip(pixels, way, pixels), np.uint8)
