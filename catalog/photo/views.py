"""Search by photo."""

from base64 import b64encode
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods

from catalog.errors import RENDERED, SiteError
from catalog.index_store import get_loaded
from catalog.photo.samples import SAMPLES, read_sample
from catalog.photo.search import parse_crop, search_by_photo
from catalog.rendering.error_pages import error_response
from catalog.similar.narrowing import parse_narrowing
from catalog.similar.neighbours import NearItems, Products, choose
from catalog.similar.page import MEASURED, RANKING, SHOWN, measures_of, wall_of
from indexing.nearest.metrics import METRICS

PAGE: Final = "photo/page.html"


@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest) -> HttpResponse:
    """The page to choose a picture on; and, for one that was sent, what looks like it. Nothing of it is kept."""
    return _results(request) if request.method == "POST" else _form(request)


@cache_control(private=True, no_cache=True)
def _form(request: HttpRequest) -> HttpResponse:
    """Holds nothing of the visitor's photo, so a browser may keep it for "back", with what its script has put there."""
    get_loaded()
    return render(request, PAGE, {"samples": SAMPLES.items()})


@never_cache
def _results(request: HttpRequest) -> HttpResponse:
    loaded = get_loaded()
    try:
        narrowing = parse_narrowing(request.POST)
        crop = parse_crop(request.POST.get("crop", ""))
        result = search_by_photo(loaded, _sent_photo(request), crop, narrowing=narrowing)
    except RENDERED as error:
        return error_response(request, error, PAGE, samples=SAMPLES.items())
    known: Products = {}
    by_metric = {metric: choose(loaded.index, result.rankings[metric], narrowing, known) for metric in METRICS}
    near = NearItems(by_metric[RANKING][:SHOWN], more=False)  # a link to more could not bring the picture along
    wall = wall_of(loaded.index, near)
    context: dict[str, Any] = {
        "samples": SAMPLES.items(),
        "wall": wall,
        "measures": measures_of(loaded.index, {metric: items[:MEASURED] for metric, items in by_metric.items()}, wall),
        "thumbnail": f"data:image/jpeg;base64,{b64encode(result.thumbnail).decode()}",
    }
    return render(request, PAGE, context)


def _sent_photo(request: HttpRequest) -> bytes:
    """The encoded picture: the sample that was chosen, else the file. Raises SiteError without either."""
    sample = request.POST.get("sample")
    if sample is not None:
        return read_sample(sample)
    sent = request.FILES.get("photo")
    if sent is None:
        raise SiteError(_("Choose a picture first."))
    data: bytes = sent.read()
    return data
