"""An item and those similar to it."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from catalog.errors import UnknownItemError
from catalog.index_store import get_index
from catalog.item_lookup import catalogue_product, require_vector
from catalog.products import fetch
from catalog.schemas import ErrorOut, SimilarOut, Stocked, item_out, neighbour_out
from catalog.similar.narrowing import Narrowing, parse_narrowing
from catalog.similar.neighbours import near_items
from catalog.similar.page import variants_in
from catalog.similar.ranking import closer_than, is_close
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.nearest.metrics import Metric

router = Router(tags=["items"])

K = Annotated[int, Field(ge=1, le=NEIGHBOURS_KEPT, description="how many neighbours, 1 to 50")]
Folded = Annotated[bool, Field(description="leave out variants and copies of a nearer neighbour")]
ERRORS = {404: ErrorOut, 422: ErrorOut, 503: ErrorOut}


class NarrowingIn(Schema):
    """What the neighbours are narrowed down to; exact however few are left. Delisted items are never among them."""

    category: Annotated[str, Field(description="exactly this one; empty: any")] = ""
    colour: Annotated[str, Field(description="a dominant colour by name; empty: any")] = ""
    style: Annotated[str, Field(description="a style of the owner's list (STYLE_WORDS); empty: any")] = ""
    price_max: Annotated[str, Field(description="the highest price, such as 19.90; empty: any")] = ""
    in_stock: Stocked = "true"

    def narrowing(self) -> Narrowing:
        """Checked; raises BadFilterError."""
        return parse_narrowing(self.dict())


Narrowed = Annotated[NarrowingIn, Query()]


@router.get("/{item_id}", response={200: SimilarOut, **ERRORS}, summary="An item and its nearest")
def item(request: HttpRequest, item_id: str, narrowed: Narrowed, metric: Metric = "cosine", k: K = 5) -> SimilarOut:
    index = get_index()
    if item_id in index.rows:
        return similar_out(request, index, item_id, metric, k, narrowed.narrowing())
    return SimilarOut(item=item_out(request, catalogue_product(item_id), index), metric=metric, neighbours=[], variants=[])


@router.get("/{item_id}/similar", response={200: SimilarOut, **ERRORS}, summary="The nearest of an item under one metric")
def similar(
    request: HttpRequest,
    item_id: str,
    narrowed: Narrowed,
    metric: Metric = "cosine",
    k: K = 5,
    folded: Folded = False,
) -> SimilarOut:
    index = get_index()
    require_vector(index, item_id)
    return similar_out(request, index, item_id, metric, k, narrowed.narrowing(), folded=folded)


def similar_out(
    request: HttpRequest, index: Index, item_id: str, metric: Metric, k: int, narrowing: Narrowing, *, folded: bool = False
) -> SimilarOut:
    """The item, its k nearest that are admitted, and its variants, which are no neighbours."""
    known = fetch([item_id])
    if known[item_id].hidden:
        raise UnknownItemError(item_id)
    near = near_items(index, item_id, metric, k, narrowing, folded=folded, known=known).items
    neighbours = [
        neighbour_out(request, product, index, distance, closer_than(index, metric, distance)) for product, distance in near
    ]
    return SimilarOut(
        item=item_out(request, known[item_id], index),
        metric=metric,
        close=not near or is_close(index, metric, near[0].distance),
        neighbours=neighbours,
        variants=[item_out(request, variant, index) for variant in variants_in(index, known[item_id])],
    )
