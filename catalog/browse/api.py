"""The list of items, and a random one."""

import random
from dataclasses import replace
from typing import Annotated

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router
from ninja.errors import HttpError

from catalog.browse.facets import read_facets
from catalog.browse.filters import PAGE, parse_filters
from catalog.browse.listing import grid_page, index_or_none
from catalog.browse.random_items import random_item_id
from catalog.index_store import get_index
from catalog.schemas import ErrorOut, ItemPageOut, SimilarOut, item_out
from catalog.similar.api import ERRORS, K, Narrowed, similar_out
from indexing.nearest.metrics import Metric

_SORT = "new, price, -price or id; by new and id, without filters, what the owner pinned stands first"

router = Router(tags=["items"])


@router.get("", response={200: ItemPageOut, 422: ErrorOut}, summary="Items on sale, filtered as the grid is")
def items(
    request: HttpRequest,
    q: str = "",
    category: str = "",
    colour: str = "",
    style: Annotated[str, Field(description="a style of the owner's list (STYLE_WORDS)")] = "",
    price_min: str = "",
    price_max: str = "",
    new: bool = False,
    in_stock: Annotated[bool, Field(description="leave out what is known to be out of stock")] = False,
    exact: Annotated[bool, Field(description="forgive no typing errors in q")] = False,
    sort: Annotated[str, Field(description=_SORT)] = "id",
    after: Annotated[str, Field(description="where the page before ended; follow `next` instead of making one")] = "",
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE,
) -> ItemPageOut:
    asked = {"q": q, "category": category, "colour": colour, "style": style, "price_min": price_min, "price_max": price_max}
    flags = {name: "1" for name, wanted in (("new", new), ("in_stock", in_stock), ("exact", exact)) if wanted}
    filters = parse_filters({**asked, **flags, "sort": sort, "after": after})
    index = index_or_none()
    found = grid_page(filters, read_facets(), index, limit, default_sort="id")
    following = None
    if found.next:
        # The API's own default order is by id, so the order always stands in the address.
        paged = replace(filters, query=found.meant) if found.meant else filters
        query = paged.query_string(after=found.next, sort="")
        following = request.build_absolute_uri(f"{reverse('api:items')}?{query}&sort={filters.sort}&limit={limit}")
    shown = [item_out(request, product, index) for product in found.products]
    return ItemPageOut(items=shown, next=following, meant=found.meant)


@router.get("/random", response={200: SimilarOut, **ERRORS}, summary="A random item and its nearest")
def random_item(request: HttpRequest, narrowed: Narrowed, metric: Metric = "cosine", k: K = 5) -> SimilarOut:
    index = get_index()
    item_id = random_item_id(index, random.SystemRandom())
    if item_id is None:
        raise HttpError(404, "The index is empty.")
    return similar_out(request, index, item_id, metric, k, narrowed.narrowing())
