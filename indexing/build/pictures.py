"""One preview's bytes → what a network reads, and a thumbnail for everything that only needs to know how it looks."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.decoding import decode, refusal
from indexing.networks.base import Network

THUMBNAIL_SIDE: Final = 48


@dataclass(frozen=True, slots=True)
class Picture:
    """prepared: float32 (looks · side, side, 3), as `Network.prepare` gives it; thumbnail: uint8 (48, 48, 3) RGB."""

    prepared: NDArray[np.float32]
    thumbnail: NDArray[np.uint8]


def look_at(data: bytes, network: Network) -> Picture | str:
    """The picture in `data`, or why there is none."""
    bgr = decode(data)
    if bgr is None:
        return refusal(data) or "damaged: it cannot be decoded"
    small = cv2.resize(bgr, (THUMBNAIL_SIDE, THUMBNAIL_SIDE), interpolation=cv2.INTER_AREA)
    return Picture(network.prepare(bgr), np.ascontiguousarray(small[:, :, ::-1]))
