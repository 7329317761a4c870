"""Search by photo: the items nearest to a picture that is not in the catalogue. It is held in memory only, then dropped."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from catalog.errors import BadParameterError, SiteError
from catalog.index_store import Loaded, PerIndex
from catalog.photo.inference_pool import get_pool, threads
from catalog.similar.narrowing import EVERYTHING, Narrowing, admitted_rows
from catalog.similar.ranking import Hit
from indexing.errors import EngineError
from indexing.index.record import NEIGHBOURS_KEPT
from indexing.nearest.metrics import METRICS
from indexing.nearest.search import LiveSearch

# Previews are small; a photo of 12 million pixels squeezed to the network's input in one step would be full of aliasing.
LONGEST_SIDE: Final = 512
SMALLEST_SIDE: Final = 16
_THUMBNAIL: Final = 320


class PhotoError(SiteError):
    """A photo that cannot be used: no picture, or too small a part of one."""

    def __init__(self, reason: str) -> None:
        super().__init__(_("This picture cannot be used: %(reason)s.") % {"reason": reason})


class Crop(NamedTuple):
    """The part of the photo to search with, in shares of the upright picture: 0 ≤ left < right ≤ 1, top and bottom alike."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PhotoResult:
    """rankings: (row, distance) by metric, nearest first; thumbnail: a small JPEG of the cropped photo."""

    rankings: dict[str, list[Hit]]
    thumbnail: bytes


live_search: Final = PerIndex(lambda index: LiveSearch(index.vectors, threads=threads()))


def parse_crop(text: str) -> Crop | None:
    """ "left,top,right,bottom" as shares of 1; "" is the whole picture. Raises BadParameterError."""
    if not text:
        return None
    try:
        crop = Crop(*(float(part) for part in text.split(",")))
    except (ValueError, TypeError):
        crop = Crop(1.0, 1.0, 0.0, 0.0)
    if not (0 <= crop.left < crop.right <= 1 and 0 <= crop.top < crop.bottom <= 1):
        raise BadParameterError("crop: use left,top,right,bottom as shares of the picture, such as 0.25,0.1,0.75,0.9.")
    return crop


def search_by_photo(
    loaded: Loaded, data: bytes, crop: Crop | None = None, k: int = NEIGHBOURS_KEPT, narrowing: Narrowing = EVERYTHING
) -> PhotoResult:
    """The k nearest admitted items of an encoded photo, computed in the bounded pool.

    Raises PhotoError; BusyError when the queue is full; EngineError and WeightsError when the network is not available.
    """
    among = admitted_rows(loaded.index, narrowing)  # here: the pool's threads have no connection to the database
    return get_pool().run(lambda: _search(loaded, data, crop, k, among))


def prepare(data: bytes, crop: Crop | None) -> NDArray[np.uint8]:
    """Encoded → upright pixels, uint8 BGR (h, w, 3), cropped, no side above LONGEST_SIDE. Raises PhotoError."""
    import cv2

    from imaging.decoding import decode_as_preview, refusal

    picture = decode_as_preview(data)
    if picture is None:
        raise PhotoError(refusal(data) or "damaged")
    height, width = picture.shape[:2]
    if crop is not None:
        rows = slice(int(crop.top * height), max(int(crop.top * height) + 1, round(crop.bottom * height)))
        columns = slice(int(crop.left * width), max(int(crop.left * width) + 1, round(crop.right * width)))
        picture = picture[rows, columns]
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        raise PhotoError(f"{width} × {height} pixels, too small to compare")
    shrink = LONGEST_SIDE / max(height, width)
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture)


def _search(loaded: Loaded, data: bytes, crop: Crop | None, k: int, among: NDArray[np.int64]) -> PhotoResult:
    from indexing.query import embed  # imports the engine's libraries

    picture = prepare(data, crop)
    vector = embed(picture, loaded.index.manifest, settings.CACHE_DIR, threads()).vector
    if vector.shape != loaded.index.vectors.shape[1:] or not np.isfinite(vector).all():
        raise EngineError("This index was made by another network than its manifest says: build it again with build_index.")
    near = live_search(loaded).query(vector[None], k, among=among)
    rankings: dict[str, list[Hit]] = {
        metric: list(zip(near[metric].rows[0].tolist(), near[metric].distances[0].tolist(), strict=True)) for metric in METRICS
    }
    return PhotoResult(rankings, _thumbnail(picture))


def _thumbnail(picture: NDArray[np.uint8]) -> bytes:
    import cv2

    shrink = _THUMBNAIL / max(picture.shape[:2])
    if shrink < 1:
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", picture)
    assert done
    data: bytes = encoded.tobytes()
    return data
