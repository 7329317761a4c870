"""Two items side by side, and why the index finds them alike."""

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog.cards import item_url, make_card, preview_url
from catalog.compare.features import has_network, heat_maps, heat_maps_tag
from catalog.compare.heatmap import heat_png
from catalog.compare.measures import measure, palettes
from catalog.index_store import get_loaded
from catalog.models import Item, is_item_id
from catalog.photo.inference_pool import RETRY_AFTER_S, BusyError
from catalog.previews import preview_path
from catalog.products import Product, fetch
from catalog.similar.views import unknown_item
from indexing.errors import EngineError, ImagesError, WeightsError
from indexing.index.record import Index

PICTURE_WIDTH: Final = 640
_VERSION: Final = "1"


@require_safe
def compare(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Two items, the regions that correspond, the distances and the colours they share; 404 when one is unknown."""
    loaded = get_loaded()
    index = loaded.index
    for item_id in (first, second):
        if not known(index, item_id):
            return unknown_item(request, item_id, index)
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
    try:
        etag = f'"{_VERSION}-{heat_maps_tag(loaded, first, second)}"'
        headers = {"ETag": etag, "Cache-Control": "public, no-cache"}
        unchanged = get_conditional_response(request, etag=etag)
        if unchanged is not None:
            return unchanged
        maps = heat_maps(loaded, first, second)
    except ImagesError as error:
        raise Http404(str(error)) from error
    except BusyError:
        return _refused("Other pictures are being looked at: come again in a moment.", str(RETRY_AFTER_S))
    except (EngineError, WeightsError) as error:
        return _refused(str(error))
    return HttpResponse(heat_png(maps.a if side == "a" else maps.b), content_type="image/png", headers=headers)


def known(index: Index, item_id: str) -> bool:
    """Whether the index or the catalogue has it."""
    return item_id in index.rows or (is_item_id(item_id) and Item.objects.filter(pk=item_id).exists())


def _side(product: Product, index: Index, heat_url: str, colours: Any) -> dict[str, Any]:
    card = make_card(product, index)
    return {"card": card, "picture": preview_url(product.item_id, index, PICTURE_WIDTH), "heat": heat_url, "colours": colours}


def _refused(message: str, retry_after: str = "") -> HttpResponse:
    response = HttpResponse(f"{message}\n", status=503, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    if retry_after:
        response["Retry-After"] = retry_after
    return response
