"""One preview's bytes → what a network reads, and a thumbnail for colours, duplicates and the map."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.decoding import decode, refusal
from indexing.encoders.encoder import Encoder
from indexing.networks.base import Network

THUMBNAIL_SIDE: Final = 48


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """prepared: float32, as `Network.prepare` or `Encoder.prepare` gives it; thumbnail: uint8 (48, 48, 3) RGB."""

    prepared: NDArray[np.float32]
    thumbnail: NDArray[np.uint8]


def prepare_picture(data: bytes, network: Network | Encoder) -> PreparedPicture | str:
    """The picture encoded in `data` as the network reads it, or why it is not one."""
    bgr = decode(data)
    if bgr is None:
        return refusal(data) or "damaged: it cannot be decoded"
    small = cv2.resize(bgr, (THUMBNAIL_SIDE, THUMBNAIL_SIDE), interpolation=cv2.INTER_AREA)
    return PreparedPicture(network.prepare(bgr), np.ascontiguousarray(small[:, :, ::-1]))
