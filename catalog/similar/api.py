"""Items, a random one, and those similar to one."""

import random
from typing import Annotated

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router
from ninja.errors import HttpError

from catalog.browse.facets import read_facets
from catalog.browse.filters import PAGE, BadFilterError, parse_filters
from catalog.browse.listing import find, index_or_none
from catalog.browse.random_items import random_item_id
from catalog.index_store import get_index
from catalog.models import Item, is_item_id
from catalog.products import COLUMNS, InStock, Product, fetch, from_row
from catalog.schemas import ErrorOut, ItemPageOut, SimilarOut, Stocked, item_out, neighbour_out
from catalog.similar.ranking import closer_than, fold, nearest
from indexing.errors import UnknownItemError
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.nearest.metrics import Metric

router = Router(tags=["items"])

K = Annotated[int, Field(ge=1, le=NEIGHBOURS_KEPT, description="how many neighbours, 1 to 50")]
Folded = Annotated[bool, Field(description="leave out near-duplicates of a nearer neighbour")]
ERRORS = {404: ErrorOut, 422: ErrorOut, 503: ErrorOut}


@router.get("", response={200: ItemPageOut, 422: ErrorOut}, summary="Items on sale, filtered as the grid is")
def items(
    request: HttpRequest,
    q: str = "",
    category: str = "",
    colour: str = "",
    price_min: str = "",
    price_max: str = "",
    new: bool = False,
    sort: Annotated[str, Field(description="new, price, -price or id")] = "id",
    after: Annotated[str, Field(description="where the page before ended; follow `next` instead of making one")] = "",
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE,
) -> ItemPageOut:
    asked = {"q": q, "category": category, "colour": colour, "price_min": price_min, "price_max": price_max}
    try:
        filters = parse_filters({**asked, "new": "1" if new else "", "sort": sort, "after": after})
    except BadFilterError as error:
        raise HttpError(422, str(error)) from error
    index = index_or_none()
    found = find(filters, read_facets(), index, limit)
    following = None
    if found.next:
        # The API's own default order is by id, so the order always stands in the address.
        query = filters.query_string(after=found.next, sort="")
        following = request.build_absolute_uri(f"{reverse('api:items')}?{query}&sort={filters.sort}&limit={limit}")
    return ItemPageOut(items=[item_out(request, product, index) for product in found.products], next=following)


@router.get("/random", response={200: SimilarOut, **ERRORS}, summary="A random item and its nearest")
def random_item(request: HttpRequest, metric: Metric = "cosine", k: K = 5, in_stock: Stocked = "true") -> SimilarOut:
    index = get_index()
    item_id = random_item_id(index, random.SystemRandom())
    if item_id is None:
        raise HttpError(404, "The index is empty.")
    return answer(request, index, item_id, metric, k, in_stock=in_stock)


@router.get("/{item_id}", response={200: SimilarOut, **ERRORS}, summary="An item and its nearest")
def item(request: HttpRequest, item_id: str, metric: Metric = "cosine", k: K = 5, in_stock: Stocked = "true") -> SimilarOut:
    index = get_index()
    if item_id in index.rows:
        return answer(request, index, item_id, metric, k, in_stock=in_stock)
    product = stored(item_id)
    if product is None:
        raise unknown(item_id)
    return SimilarOut(item=item_out(request, product, index), metric=metric, neighbours=[])


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
    if item_id in index.rows:
        return answer(request, index, item_id, metric, k, folded=folded, in_stock=in_stock)
    if stored(item_id) is None:
        raise unknown(item_id)
    raise UnknownItemError(f"Item {item_id!r} has no vector yet: build the index again with `python manage.py build_index`.")


def answer(
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
    distances = {row: distance for row, distance in hits if products[index.item_ids[row]].recommendable(in_stock)}
    leaders = [group[0] for group in fold(list(distances), index.extras.get("duplicate_group") if folded else None)]
    neighbours = [
        neighbour_out(request, products[index.item_ids[row]], index, distances[row], closer_than(index, metric, distances[row]))
        for row in leaders[:k]
    ]
    return SimilarOut(item=item_out(request, products[item_id], index), metric=metric, neighbours=neighbours)


def stored(item_id: str) -> Product | None:
    """The catalogue's row of an item, or None."""
    row = Item.objects.filter(pk=item_id).values_list(*COLUMNS).first() if is_item_id(item_id) else None
    return None if row is None else from_row(row)


def unknown(item_id: str) -> UnknownItemError:
    return UnknownItemError(f"No item {item_id[:64]!r}: /api/v1/items lists those there are.")
