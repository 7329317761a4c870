"""An item and those similar to it."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router

from catalog.errors import UnknownItemError
from catalog.index_store import get_index
from catalog.item_lookup import catalogue_product, require_vector
from catalog.products import InStock, fetch
from catalog.schemas import ErrorOut, SimilarOut, Stocked, item_out, neighbour_out
from catalog.similar.ranking import closer_than, fold, nearest
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.nearest.metrics import Metric

router = Router(tags=["items"])

K = Annotated[int, Field(ge=1, le=NEIGHBOURS_KEPT, description="how many neighbours, 1 to 50")]
Folded = Annotated[bool, Field(description="leave out near-duplicates of a nearer neighbour")]
ERRORS = {404: ErrorOut, 422: ErrorOut, 503: ErrorOut}


@router.get("/{item_id}", response={200: SimilarOut, **ERRORS}, summary="An item and its nearest")
def item(request: HttpRequest, item_id: str, metric: Metric = "cosine", k: K = 5, in_stock: Stocked = "true") -> SimilarOut:
    index = get_index()
    if item_id in index.rows:
        return similar_out(request, index, item_id, metric, k, in_stock=in_stock)
    return SimilarOut(item=item_out(request, catalogue_product(item_id), index), metric=metric, neighbours=[])


@router.get("/{item_id}/similar", response={200: SimilarOut, **ERRORS}, summary="The nearest of an item under one metric")
def similar(
    request: HttpRequest,
    item_id: str,
    metric: Metric = "cosine",
    k: K = 5,
    folded: Folded = False,
    in_stock: Stocked = "true",
) -> SimilarOut:
    index = get_index()
    require_vector(index, item_id)
    return similar_out(request, index, item_id, metric, k, folded=folded, in_stock=in_stock)


def similar_out(
    request: HttpRequest,
    index: Index,
    item_id: str,
    metric: Metric,
    k: int,
    *,
    folded: bool = False,
    in_stock: InStock = "true",
) -> SimilarOut:
    """The item and its k nearest that are on sale and in stock."""
    hits = nearest(index, index.rows[item_id], metric, NEIGHBOURS_KEPT)
    products = fetch([item_id, *(index.item_ids[row] for row, _distance in hits)])
    if products[item_id].hidden:
        raise UnknownItemError(item_id)
    distances = {row: distance for row, distance in hits if products[index.item_ids[row]].recommendable(in_stock)}
    leaders = [group[0] for group in fold(list(distances), index.extras.get("duplicate_group") if folded else None)]
    neighbours = [
        neighbour_out(request, products[index.item_ids[row]], index, distances[row], closer_than(index, metric, distances[row]))
        for row in leaders[:k]
    ]
    return SimilarOut(item=item_out(request, products[item_id], index), metric=metric, neighbours=neighbours)
