"""The map page and the data it draws from."""

import re
from typing import Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog.cards import make_card
from catalog.index_store import get_loaded
from catalog.item_lookup import require_vector
from catalog.map.data import NoMapError, SheetsError, encoded, has_map
from catalog.map.sprites import ensure_sheets, make_plan, sheet_path
from catalog.products import fetch

_KEY = re.compile(r"[0-9a-f]{16}")
_YEAR: Final = 365 * 24 * 3600


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """The map; 503 with the way out when the index has none."""
    loaded = get_loaded()
    if not has_map(loaded.index):
        raise NoMapError
    ensure_sheets(loaded, make_plan(loaded))
    asked = request.GET.get("item", "")
    context = {"count": len(loaded.index), "focus": asked if asked in loaded.index.rows else ""}
    return render(request, "map/page.html", context)


@require_safe
def map_data(request: HttpRequest) -> HttpResponse:
    """Cells and sheets as JSON; 202 while the sheets are being made, 503 when there is no map or they cannot be made."""
    loaded = get_loaded()
    if not has_map(loaded.index):
        raise NoMapError
    plan = make_plan(loaded)
    build = ensure_sheets(loaded, plan)
    if build is not None and build.problem:
        raise SheetsError(build.problem)
    if build is not None:
        headers = {"Retry-After": "1", "Cache-Control": "no-store"}
        return JsonResponse({"done": build.done, "total": plan.sheets}, status=202, headers=headers)
    data, etag = encoded(loaded, plan, _sheet_url)
    response = HttpResponse(data, content_type="application/json", headers={"ETag": etag, "Cache-Control": "no-cache"})
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def map_sheet(request: HttpRequest, key: str, number: int) -> HttpResponseBase:
    """A sheet of previews. Its address names what is in it, so browsers may keep it for ever."""
    path = sheet_path(key, number) if _KEY.fullmatch(key) else None
    if path is None:
        raise Http404("No such sheet.")
    return FileResponse(
        path.open("rb"), content_type="image/webp", headers={"Cache-Control": f"public, max-age={_YEAR}, immutable"}
    )


@require_safe
def map_card(request: HttpRequest, item_id: str) -> HttpResponse:
    """An item's card, for the map to show beside its picture."""
    index = get_loaded().index
    require_vector(index, item_id)
    return render(request, "map/card.html", {"card": make_card(fetch([item_id])[item_id], index)})


def _sheet_url(key: str, number: int) -> str:
    return reverse("catalog:map_sheet", args=[key, number])
