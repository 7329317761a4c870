"""The item's page."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.cards import item_url, preview_url
from catalog.errors import UnknownItemError
from catalog.index_store import get_index
from catalog.item_lookup import catalogue_product
from catalog.map.data import has_map
from catalog.products import Product, price_text
from catalog.similar.lanes import NAMES, SHOWN, item_page
from indexing.index.record import NEIGHBOURS_KEPT, Index

HERO_WIDTH: Final = 640


@require_safe
def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """An item and its nearest under each metric; 404 with suggestions when neither index nor catalogue knows it."""
    index = get_index()
    if item_id in index.rows:
        return item_with_neighbours(request, index, item_id)
    return _without_vector(request, index, catalogue_product(item_id))


def item_with_neighbours(request: HttpRequest, index: Index, item_id: str) -> HttpResponse:
    """The page of an item that has a vector."""
    found = item_page(index, item_id, shown_counts(request), folded=request.GET.get("fold") != "0")
    if found.product.hidden:
        raise UnknownItemError(item_id)
    compares = any(f"distance_quantiles_{lane.key}" in index.extras for lane in found.lanes)
    mapped = has_map(index) and not found.product.delisted
    return _answer(request, found.product, index, lanes=found.lanes, compares=compares, mapped=mapped)


def _without_vector(request: HttpRequest, index: Index, product: Product) -> HttpResponse:
    return _answer(request, product, index, skipped=skipped_reason(index.manifest, product.item_id))


def _answer(request: HttpRequest, product: Product, index: Index, **context: Any) -> HttpResponse:
    """The item large; below it its lanes, or why there are none."""
    address = item_url(product.item_id)
    context |= {
        "product": product,
        "price": price_text(product.price, product.currency),
        "picture": preview_url(product.item_id, index, HERO_WIDTH),
        "address": address,
        "canonical": request.build_absolute_uri(address),
    }
    return render(request, "similar/item.html", context)


def skipped_reason(manifest: Mapping[str, Any], item_id: str) -> str:
    """Why the build left this item's preview out, or ""."""
    skipped = manifest.get("skipped", {})
    return str(skipped.get(item_id) or skipped.get(f"{item_id}.jpg") or "")


def shown_counts(request: HttpRequest) -> dict[str, int]:
    """How many cards each lane was asked for in the query string; what is not a number from 5 to 50 counts as 5."""
    if not request.GET:
        return {}
    asked = {key: request.GET.get(key, "") for key in NAMES}
    fair = {key: int(text) for key, text in asked.items() if text.isascii() and text.isdecimal() and len(text) <= 2}
    return {key: count for key, count in fair.items() if SHOWN <= count <= NEIGHBOURS_KEPT}
