"""The item's page and the random item."""

import random
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.browse.random_items import random_item_id, suggestions
from catalog.card_html import lane_html
from catalog.cards import item_url, make_card, preview_url
from catalog.colour_names import colour_name
from catalog.index_store import get_index
from catalog.map.data import has_map
from catalog.models import Item, is_item_id
from catalog.pages import page
from catalog.products import COLUMNS, Product, from_row, price_text
from catalog.similar.lanes import NAMES, SHOWN, item_page
from catalog.stencils import Pen
from catalog.taste.session import read_taste
from indexing.index.record import NEIGHBOURS_KEPT, Index

HERO_WIDTH: Final = 640


@require_safe
@never_cache
def random_item(request: HttpRequest) -> HttpResponse:
    """A random item's page; an empty index says so."""
    index = get_index()
    item_id = random_item_id(index, random.SystemRandom())
    return render(request, "browse/empty.html") if item_id is None else _with_neighbours(request, index, item_id)


@require_safe
def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """An item and its nearest under each metric; 404 with suggestions when neither index nor catalogue knows it."""
    index = get_index()
    if item_id in index.rows:
        return _with_neighbours(request, index, item_id)
    row = Item.objects.filter(pk=item_id).values_list(*COLUMNS).first() if is_item_id(item_id) else None
    return unknown(request, item_id, index) if row is None else _without_vector(request, index, from_row(row))


def _with_neighbours(request: HttpRequest, index: Index, item_id: str) -> HttpResponse:
    found = item_page(index, item_id, shown_counts(request), folded=request.GET.get("fold") != "0")
    pen, taste = Pen(), read_taste(request)
    lanes = "".join([lane_html(lane, pen, taste, eager=not place) for place, lane in enumerate(found.lanes)])
    compares = any(f"distance_quantiles_{lane.key}" in index.extras for lane in found.lanes)
    mapped = has_map(index) and not found.product.delisted
    return _answer(request, pen, found.product, index, lanes, compares=compares, mapped=mapped)


def _without_vector(request: HttpRequest, index: Index, product: Product) -> HttpResponse:
    return _answer(request, Pen(), product, index, "")


def _answer(request: HttpRequest, pen: Pen, product: Product, index: Index, lanes: str, **flags: bool) -> HttpResponse:
    """The item large; below it its lanes, or why there are none."""
    address = item_url(product.item_id)
    values = {
        "item_id": product.item_id,
        "name": product.name,
        "price": price_text(product.price, product.currency),
        "picture": preview_url(product.item_id, index, HERO_WIDTH),
        "address": address,
        "canonical": request.build_absolute_uri(address),
        "category": product.category,
        "category_query": urlencode({"category": product.category}) if product.category else "",
        "colour": product.dominant_colour,
        "colour_name": str(colour_name(product.dominant_colour)),
        "shop_url": product.url,
        "skipped": "" if lanes else skipped_reason(index.manifest, product.item_id),
    }
    said = read_taste(request).verdict(product.item_id)
    return page(request, pen, "similar/item.html", values, {"lanes": lanes}, said=said, delisted=product.delisted, **flags)


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


def unknown(request: HttpRequest, item_id: str, index: Index) -> HttpResponse:
    """404 that suggests what may have been meant."""
    products = suggestions(item_id, index, random.SystemRandom())
    context = {"item_id": item_id[:64], "cards": [make_card(product, index) for product in products]}
    return render(request, "similar/unknown_item.html", context, status=404)
