"""Search by photo."""

from base64 import b64encode
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.error_pages import error_response
from catalog.errors import RENDERED, SiteError
from catalog.index_store import get_loaded
from catalog.photo.search import parse_crop, search_by_photo
from catalog.similar.narrowing import EVERYTHING
from catalog.similar.neighbours import NearItems, Products, choose
from catalog.similar.page import MEASURED, RANKING, SHOWN, measures_of, wall_of
from indexing.nearest.metrics import METRICS

PAGE: Final = "photo/page.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def photo(request: HttpRequest) -> HttpResponse:
    """The page to choose a picture on; and, for one that was sent, what looks like it. Nothing of it is kept."""
    loaded = get_loaded()
    if request.method != "POST":
        return render(request, PAGE)
    sent = request.FILES.get("photo")
    try:
        if sent is None:
            raise SiteError(_("Choose a picture first."))
        result = search_by_photo(loaded, sent.read(), parse_crop(request.POST.get("crop", "")))
    except RENDERED as error:
        return error_response(request, error, PAGE)
    known: Products = {}
    by_metric = {metric: choose(loaded.index, result.rankings[metric], EVERYTHING, known) for metric in METRICS}
    near = NearItems(by_metric[RANKING][:SHOWN], more=False)  # a link to more could not bring the picture along
    wall = wall_of(loaded.index, near)
    context: dict[str, Any] = {
        "wall": wall,
        "measures": measures_of(loaded.index, {metric: items[:MEASURED] for metric, items in by_metric.items()}, wall),
        "thumbnail": f"data:image/jpeg;base64,{b64encode(result.thumbnail).decode()}",
    }
    return render(request, PAGE, context)
