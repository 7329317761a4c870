"""The item's page."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.browse.facets import read_facets
from catalog.browse.filters import BadFilterError
from catalog.cards import item_url, preview_url, shape_class, shared_picture
from catalog.errors import UnknownItemError
from catalog.index_store import get_index
from catalog.item_lookup import catalogue_product
from catalog.map.data import has_map
from catalog.products import Product, cheaper_than, price_text
from catalog.rendering.colour_names import colour_choices
from catalog.similar.narrowing import EVERYTHING, parse_narrowing
from catalog.similar.page import MOST, SHOWN, item_page
from indexing.index.record import Index

PICTURE_WIDTH: Final = 640
SMALL: Final = 400


@require_safe
def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """An item and what is like it; 404 with suggestions when neither index nor catalogue knows it."""
    index = get_index()
    if item_id in index.rows:
        return item_with_neighbours(request, index, item_id)
    return _without_vector(request, index, catalogue_product(item_id))


def item_with_neighbours(request: HttpRequest, index: Index, item_id: str) -> HttpResponse:
    """The page of an item that has a vector. A narrowing that cannot be read is named and left out, with status 400."""
    problem = ""
    try:
        narrowing = parse_narrowing(request.GET)
    except BadFilterError as error:
        narrowing, problem = EVERYTHING, str(error)
    shown = shown_count(request.GET.get("shown", ""))
    page = item_page(index, item_id, narrowing, shown, folded=request.GET.get("fold") != "0")
    if page.product.hidden:
        raise UnknownItemError(item_id)
    facets = read_facets()
    context = {
        "wall": page.wall,
        "variants": page.variants,
        "measures": page.measures,
        "narrowing": narrowing,
        "problem": problem,
        "facets": facets,
        "colours": colour_choices(facets.colours),
        "cheaper": cheaper_than(page.product.price),
        "more": _more(narrowing.query_string(), shown) if page.wall.more and shown < MOST else "",
        "mapped": has_map(index) and not page.product.delisted,
    }
    return _answer(request, page.product, index, context, status=400 if problem else 200)


def _without_vector(request: HttpRequest, index: Index, product: Product) -> HttpResponse:
    return _answer(request, product, index, {"skipped": skipped_reason(index.manifest, product.item_id)})


def _answer(request: HttpRequest, product: Product, index: Index, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The item large; below it what is like it, or why there is nothing."""
    address, shared = item_url(product.item_id), shared_picture(request, product.item_id, index)
    context |= {
        "product": product,
        "price": price_text(product.price, product.currency),
        "picture": preview_url(product.item_id, index, PICTURE_WIDTH),
        "whole_picture": preview_url(product.item_id, index),
        "shape": shape_class(product.width, product.height),
        "small": product.width is not None and product.width < SMALL,
        "address": address,
        "searchable": bool(shared),
        "shared_picture": shared,
        "canonical": request.build_absolute_uri(address),
        # A form on the page of a random item leads back to that item, not to another one.
        "return_to": "" if request.path == address else address,
    }
    return render(request, "similar/item.html", context, status=status)


def _more(narrowed: str, shown: int) -> str:
    """The query string of the same page with more on the wall."""
    return "&".join(part for part in (narrowed, f"shown={min(shown + SHOWN, MOST)}") if part)


def skipped_reason(manifest: Mapping[str, Any], item_id: str) -> str:
    """Why the build left this item's preview out, or ""."""
    skipped = manifest.get("skipped", {})
    return str(skipped.get(item_id) or skipped.get(f"{item_id}.jpg") or "")


def shown_count(text: str) -> int:
    """How many cards the wall was asked for; what is not a number from 12 to 96 counts as 12."""
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else SHOWN
    return asked if SHOWN <= asked <= MOST else SHOWN
