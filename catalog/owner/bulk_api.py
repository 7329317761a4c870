"""Reading in bulk, for programs: a picture's vector, and the neighbours of many items."""

from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, File, Router, Schema
from ninja.files import UploadedFile

from catalog.index_store import get_index
from catalog.photo.inference_pool import get_pool, threads
from catalog.photo.search import prepare
from catalog.schemas import ErrorOut, SimilarOut
from catalog.similar.api import NarrowingIn, similar_out
from indexing.index.record import NEIGHBOURS_KEPT
from indexing.nearest.metrics import Metric

router = Router(tags=["items"])

MAX_IDS = 100


class EmbeddingOut(Schema):
    """A picture's vector by the network of the index."""

    network: str
    trained: Annotated[bool, Field(description="false: random weights, for trying things out")]
    dim: int
    vector: list[float]


class ManyIn(NarrowingIn):
    """Ids, and what their neighbours are narrowed down to."""

    ids: Annotated[list[str], Field(min_length=1, max_length=MAX_IDS)]
    metric: Metric = "cosine"
    k: Annotated[int, Field(ge=1, le=NEIGHBOURS_KEPT)] = 5


class ManyOut(Schema):
    """One answer for each id that the index holds, in the order asked; the others stand in `unknown`."""

    items: list[SimilarOut]
    unknown: list[str]


@router.post(
    "/embed",
    response={200: EmbeddingOut} | dict.fromkeys((400, 411, 413, 422, 429, 503), ErrorOut),
    summary="A picture's vector",
    description="Comparable with those of the index. It counts as a photo that is searched with: 503 or 429 with Retry-After: "
    "the queue is full, or too many were sent; send the picture again after that many seconds.",
)
def embed_picture(request: HttpRequest, photo: Annotated[UploadedFile, File()]) -> EmbeddingOut:
    index = get_index()
    data = photo.read()

    def work() -> list[float]:
        from indexing.query import embed  # imports the engine's libraries

        picture = prepare(data, None)
        vector: list[float] = embed(picture, index.manifest, settings.CACHE_DIR, threads(), settings.HEADS_DIR).vector.tolist()
        return vector

    vector = get_pool().run(work)
    trained = index.manifest.get("trained") is not False
    return EmbeddingOut(network=str(index.manifest.get("network", "")), trained=trained, dim=len(vector), vector=vector)


@router.post("/similar:batch", response={200: ManyOut, 422: ErrorOut, 503: ErrorOut}, summary="The nearest of many items")
def similar_batch(request: HttpRequest, many: ManyIn) -> ManyOut:
    index = get_index()
    names = list(dict.fromkeys(many.ids))
    narrowing = many.narrowing()
    known = [name for name in names if name in index.rows]
    items = [similar_out(request, index, name, many.metric, many.k, narrowing) for name in known]
    return ManyOut(items=items, unknown=[name[:64] for name in names if name not in index.rows])
