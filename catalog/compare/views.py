"""Two items side by side, and why the index finds them alike."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog.cards import item_url, make_card, preview_url
from catalog.compare.features import has_network, heat_maps, heat_maps_tag
from catalog.compare.heatmap import heat_png
from catalog.compare.measures import measure, palettes
from catalog.index_store import get_loaded
from catalog.item_lookup import require_item
from catalog.previews import preview_path
from catalog.products import Product, fetch
from indexing.index.record import Index

PICTURE_WIDTH: Final = 640
_VERSION: Final = "1"


@require_safe
def compare(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Two items, the regions that correspond, the distances and the colours they share; 404 when one is unknown."""
    loaded = get_loaded()
    index = loaded.index
    for item_id in (first, second):
        require_item(index, item_id)
    products = fetch([first, second])
    measurable = first in index.rows and second in index.rows
    colours = palettes(index, first, second) if measurable else None
    comparable = has_network(index.manifest) and all(preview_path(item_id) is not None for item_id in (first, second))
    sides = [
        _side(products[item_id], index, reverse("catalog:heat", args=[first, second, side]) if comparable else "", bar)
        for side, item_id, bar in (("a", first, colours and colours.a), ("b", second, colours and colours.b))
    ]
    context = {
        "sides": sides,
        "comparable": comparable,
        "measured": measure(index, first, second) if measurable else [],
        "common": colours.common if colours else None,
        "back": item_url(first),
    }
    return render(request, "compare/page.html", context)


@require_safe
def heat(request: HttpRequest, first: str, second: str, side: str) -> HttpResponse:
    """A side's heat map as PNG. 404 without previews; 503 when it cannot be made here, or not now."""
    loaded = get_loaded()
    etag = f'"{_VERSION}-{heat_maps_tag(loaded, first, second)}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    maps = heat_maps(loaded, first, second)
    headers = {"ETag": etag, "Cache-Control": "public, no-cache"}
    return HttpResponse(heat_png(maps.a if side == "a" else maps.b), content_type="image/png", headers=headers)


def _side(product: Product, index: Index, heat_url: str, colours: Any) -> dict[str, Any]:
    card = make_card(product, index)
    return {"card": card, "picture": preview_url(product.item_id, index, PICTURE_WIDTH), "heat": heat_url, "colours": colours}
