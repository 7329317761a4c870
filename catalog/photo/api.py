"""Search by photo. Nothing of it is kept."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, File, Form, Router, Schema
from ninja.files import UploadedFile

from catalog.errors import BadParameterError
from catalog.index_store import get_loaded
from catalog.photo.boxes import parse_box
from catalog.photo.search import Wanted, parse_crop, search_by_photo
from catalog.photo.start import find_item
from catalog.products import fetch
from catalog.schemas import CLOSE, ErrorOut, NeighbourOut, neighbour_out
from catalog.similar.api import NarrowingIn
from catalog.similar.neighbours import choose
from catalog.similar.ranking import closer_than, is_close
from catalog.words.vectors import NoWordsError, read_words, reads_words
from indexing.index.record import NEIGHBOURS_KEPT
from indexing.nearest.metrics import Metric

router = Router(tags=["search"])


class BoxOut(Schema):
    """A part of the photo that may be searched with; its sides are shares of the upright photo."""

    name: Annotated[str, Field(description="what to ask for it by", examples=["print-1"])]
    kind: Annotated[str, Field(description="print, garment or whole")]
    score: Annotated[float, Field(description="how certain, 0 to 1")]
    left: float
    top: float
    right: float
    bottom: float


class SearchOut(Schema):
    """The products nearest to a photo, nearest first."""

    metric: str
    close: Annotated[bool | None, Field(description=f"{CLOSE}; null where a print or words were searched with")]
    boxes: Annotated[list[BoxOut], Field(description="prints, then garments, the surest first, then the whole; none with crop")]
    box: Annotated[str, Field(description="the name of the box that was searched with; own: the crop")]
    neighbours: list[NeighbourOut]


@router.post(
    "",
    response={200: SearchOut} | dict.fromkeys((400, 404, 411, 413, 422, 429, 503), ErrorOut),
    summary="The items nearest to a photo, or to a part of an item's picture",
    description="503 or 429 with Retry-After: the queue is full, or too many were sent; send the photo again after that many "
    "seconds. 411: send the body with its length, not in chunks.",
)
def search(
    request: HttpRequest,
    narrowed: Annotated[NarrowingIn, Form()],
    photo: Annotated[
        UploadedFile | None, File(description="JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF, to 20 MB and 50 million pixels")
    ] = None,
    item: Annotated[str, Form(description="without a photo: the ItemID whose preview to search with; it is no neighbour")] = "",
    crop: Annotated[str, Form(description="left,top,right,bottom as shares of the photo; empty: all of it")] = "",
    box: Annotated[
        str,
        Form(
            description="auto: the surest print, the whole where there is none; or whole, print, garment, print-2 …; "
            "with crop: what the crop is"
        ),
    ] = "auto",
    words: Annotated[str, Form(description="what it should be besides, in words; needs an encoder with a text tower")] = "",
    metric: Annotated[Metric, Form()] = "cosine",
    k: Annotated[int, Form(ge=1, le=NEIGHBOURS_KEPT)] = 5,
) -> SearchOut:
    loaded = get_loaded()
    asked = read_words(words)
    if asked and not reads_words(loaded.index):
        raise NoWordsError
    narrowing, wanted = narrowed.narrowing(), Wanted(parse_box(box), parse_crop(crop), asked)
    if photo is None and not item:
        raise BadParameterError("photo: send a picture, or name an item.")
    picture = find_item(loaded, item).read() if photo is None else photo.read()
    result = search_by_photo(loaded, picture, wanted, narrowing=narrowing)
    known = fetch([item] if item in loaded.index.rows else [])
    near = choose(loaded.index, result.rankings[metric], narrowing, known, folded=False, of=item if item in known else "")
    neighbours = [
        neighbour_out(
            request, product, loaded.index, distance, closer_than(loaded.index, metric, distance) if result.comparable else None
        )
        for product, distance in near[:k]
    ]
    close = (not near or is_close(loaded.index, metric, near[0].distance)) if result.comparable else None
    boxes = [BoxOut.from_orm(named) for named in result.boxes]
    return SearchOut(metric=metric, close=close, boxes=boxes, box=result.used, neighbours=neighbours)
