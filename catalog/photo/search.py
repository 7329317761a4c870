"""Search by photo: the items nearest to a picture that is not in the catalogue. It is held in memory only, then dropped.

Where the index's network finds boxes, a photo is searched with one of them: the surest print, or the one that was chosen.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from catalog.errors import BadParameterError, SiteError
from catalog.index_store import Loaded
from catalog.photo.boxes import AUTO, OWN, Kind, NamedBox, chosen_box, finds_boxes, named_boxes
from catalog.photo.inference_pool import get_pool, threads
from catalog.similar.narrowing import EVERYTHING, Narrowing
from catalog.similar.ranking import Hit
from catalog.vector_stores.base import Search, VectorStore
from catalog.vector_stores.selection import ask
from catalog.words.combining import LIKE, WORDS, Part, combined
from catalog.words.vectors import embed_here
from indexing.errors import EngineError
from indexing.index.record import NEIGHBOURS_KEPT
from indexing.nearest.metrics import METRICS

# Previews are small; a photo of 12 million pixels squeezed to the network's input in one step would be full of aliasing.
LONGEST_SIDE: Final = 512
LONGEST_WITH_BOXES: Final = 768  # a print is a part of it
SMALLEST_SIDE: Final = 16
_THUMBNAIL: Final = 320
_WHOLE: Final = ("whole", 1.0, 0.0, 0.0, 1.0, 1.0)


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
class Wanted:
    """What of a photo to search with. box: see `parse_box`; crop: a box of one's own, and then `box` says of what kind;
    words: what it should be besides, "" for nothing."""

    box: str = AUTO
    crop: Crop | None = None
    words: str = ""

    @property
    def kind(self) -> Kind:
        """What the crop is: what is not said to be a print is compared as an item is."""
        return "print" if self.box.startswith("print") else "whole" if self.box == "whole" else "garment"


@dataclass(frozen=True, slots=True)
class PhotoResult:
    """rankings: (row, distance) by metric, nearest first; seen: a JPEG of the photo, or of the part that was cropped.

    boxes: those proposed; used: the name of the one searched with, `own` for a crop; kind: of that one; worded: with words.
    """

    rankings: dict[str, list[Hit]]
    seen: bytes
    boxes: list[NamedBox]
    used: str
    kind: Kind
    worded: bool = False

    @property
    def comparable(self) -> bool:
        """Whether its distances compare with those between items: a print's and those with words compare with each other."""
        return self.kind != "print" and not self.worded


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
    loaded: Loaded,
    data: bytes,
    wanted: Wanted = Wanted(),
    k: int = NEIGHBOURS_KEPT,
    narrowing: Narrowing = EVERYTHING,
    *,
    keep: bool = False,
) -> PhotoResult:
    """The k nearest admitted items of an encoded photo, computed in the bounded pool.

    keep: `seen` will be sent in place of the photo, to choose another box: then its own pixels are searched with.
    Raises PhotoError; BadParameterError for a box that the photo has not; BusyError when the queue is full; EngineError and
    WeightsError when the network is not available.
    """

    def question(store: VectorStore) -> PhotoResult:
        search = store.search(narrowing)  # here: the pool's threads have no connection to the catalogue
        return get_pool().run(lambda: _search(loaded, data, wanted, k, search, keep=keep))

    return ask(loaded.index, question, threads())


def prepare(data: bytes, crop: Crop | None, longest: int = LONGEST_SIDE) -> NDArray[np.uint8]:
    """Encoded → upright pixels, uint8 BGR (h, w, 3), cropped, no side above `longest`. Raises PhotoError."""
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
    _require_size(picture)
    height, width = picture.shape[:2]
    shrink = longest / max(height, width)
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture)


def _require_size(picture: NDArray[np.uint8]) -> None:
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        raise PhotoError(f"{width} × {height} pixels, too small to compare")


def _search(loaded: Loaded, data: bytes, wanted: Wanted, k: int, among: Search, *, keep: bool) -> PhotoResult:
    from indexing.query import nearest_to_any  # imports the engine's libraries

    boxed = finds_boxes(loaded.index)
    search = _by_box if boxed and (wanted.crop is None or wanted.kind == "print") else _by_picture
    part = search(loaded, data, wanted, keep=keep)
    vectors = part.vectors
    if wanted.words:
        sought = Part(embed_here(loaded, wanted.words), WORDS)
        vectors = np.stack([combined([Part(vector, LIKE), sought], loaded.index.vectors) for vector in vectors])
    if vectors.shape[1:] != loaded.index.vectors.shape[1:] or not np.isfinite(vectors).all():
        raise EngineError("This index was made by another network than its manifest says: build it again with build_index.")
    near = nearest_to_any(among.nearest(vectors, k), k)
    rankings: dict[str, list[Hit]] = {
        metric: list(zip(near[metric][0].tolist(), near[metric][1].tolist(), strict=True)) for metric in METRICS
    }
    return PhotoResult(rankings, part.seen, part.boxes, part.used, part.kind, bool(wanted.words))


class _Part(NamedTuple):
    """What a photo is searched with. vectors: float32 (q, d), an item is as near as the nearest of them."""

    vectors: NDArray[np.float32]
    seen: bytes
    boxes: list[NamedBox]
    used: str
    kind: Kind


def _by_picture(loaded: Loaded, data: bytes, wanted: Wanted, *, keep: bool) -> _Part:
    """The photo or its crop, as an item is embedded."""
    from indexing.query import embed

    boxes = named_boxes([_WHOLE]) if wanted.crop is None else []
    if boxes:
        chosen_box(boxes, wanted.box)  # raises where another one was asked for: this network finds none
    picture = prepare(data, wanted.crop)
    vector = embed(picture, loaded.index.manifest, settings.CACHE_DIR, threads(), settings.HEADS_DIR).vector
    seen = _jpeg(picture, _THUMBNAIL)
    return _Part(vector[None], seen, boxes, "whole" if boxes else OWN, "whole" if boxes or wanted.box == "whole" else "garment")


def _by_box(loaded: Loaded, data: bytes, wanted: Wanted, *, keep: bool) -> _Part:
    """One of the photo's boxes, or a print that somebody drew a box around."""
    from indexing.networks.boxes import Box
    from indexing.query import box_queries, find_boxes

    picture = prepare(data, None, LONGEST_WITH_BOXES)
    seen = _jpeg(picture, LONGEST_WITH_BOXES)
    manifest = loaded.index.manifest
    if wanted.crop is not None:
        boxes, used, box = [], OWN, Box(wanted.kind, 1.0, *wanted.crop)
        _require_size(box.cut(picture))
    else:
        if keep:
            picture = prepare(seen, None, LONGEST_WITH_BOXES)  # the very pixels that will be sent again
        found = find_boxes(picture, manifest, settings.CACHE_DIR, threads())
        boxes = named_boxes(found)
        chosen = chosen_box(boxes, wanted.box)
        used, box = chosen.name, found[boxes.index(chosen)]
    queries = box_queries(picture, box, manifest, settings.CACHE_DIR, threads(), settings.HEADS_DIR)
    return _Part(queries, seen, boxes, used, box.kind)


def _jpeg(picture: NDArray[np.uint8], longest: int) -> bytes:
    import cv2

    shrink = longest / max(picture.shape[:2])
    if shrink < 1:
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", picture)
    assert done
    data: bytes = encoded.tobytes()
    return data
