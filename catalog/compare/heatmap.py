"""Which regions of two pictures correspond, by a network's last convolutional features. Pure: arrays in, arrays out.

Source: Stylianou, Souvenir, Pless, "Visualizing Deep Similarity Networks", WACV 2019, of which two ideas are kept: the map
of the last convolution is compared cell by cell, and a cell counts by how strongly the network answers to it. For each cell
we take the cosine with its best match anywhere in the other picture, so that the same print is found in another place.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 256
# Cosines of cells that have nothing to do with each other lie around the lower bound (features are never negative).
LOW: Final = 0.35
HIGH: Final = 0.95
WEAK: Final = 10.0
STRONG: Final = 90.0
NOT_WEAK: Final = 0.6

# Cividis, made to look the same to people with and without red-green blindness: even steps of lightness, blue to yellow.
# Source: Nuñez, Anderton, Renslow, "Optimizing colormaps with consideration for color vision deficiency", PLOS ONE 2018.
STOPS: Final = ("00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "e1cc55", "fee838")


def correspondence(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each cell of `a` has a counterpart in `b`: float32 (h, w) in [0, 1].

    a: float32 (h, w, c); b: float32 (h', w', c), features. The cosine with the best match, stretched from LOW … HIGH to 0 … 1,
    times the cell's strength: where its length lies between the weak and the strong cells of its own picture. Plain ground,
    which looks the same everywhere and to which the network hardly answers, stays dark.
    """
    cells, others = a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1])
    lengths = np.linalg.norm(cells, axis=1)
    cosines = _unit(cells, lengths) @ _unit(others, np.linalg.norm(others, axis=1)).T
    best = np.clip((cosines.max(axis=1) - LOW) / (HIGH - LOW), 0, 1)
    weak, strong = (float(length) for length in np.percentile(lengths, (WEAK, STRONG)))
    weak = min(weak, NOT_WEAK * strong)  # a picture without ground has no weak cells to leave out
    strength = np.clip((lengths - weak) / (strong - weak), 0, 1) if strong > 0 else np.zeros_like(lengths)
    return np.asarray((best * strength).reshape(a.shape[:2]), dtype=np.float32)


def _unit(rows: NDArray[np.float32], lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    column = lengths[:, np.newaxis]
    return np.asarray(np.divide(rows, column, out=np.zeros_like(rows), where=column > 0), dtype=np.float32)


def colours(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Values in [0, 1], any shape → RGB bytes (…, 3)."""
    stops = np.array([list(bytes.fromhex(stop)) for stop in STOPS], dtype=np.float32)
    positions = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(values, positions, stops[:, channel]) for channel in range(3)], axis=-1).round().astype(np.uint8)


def heat_png(heat: NDArray[np.float32], side: int = SIDE) -> bytes:
    """A PNG (side, side) to lay over the picture: heat float32 (h, w) in [0, 1], smoothed between its cells."""
    import cv2  # not at the site's start

    smooth = np.clip(cv2.resize(heat, (side, side), interpolation=cv2.INTER_CUBIC), 0, 1)
    bgr = np.ascontiguousarray(colours(smooth)[:, :, ::-1])
    done, encoded = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 6])
    assert done
    return encoded.tobytes()
