"""Search by photo: by one's own, or by a part of an item's picture."""

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods

from catalog.browse.facets import read_facets
from catalog.errors import RENDERED, SiteError
from catalog.index_store import Loaded, get_loaded
from catalog.photo.boxes import finds_boxes, heading_of, parse_box
from catalog.photo.samples import SAMPLES, read_sample
from catalog.photo.search import Wanted, parse_crop, search_by_photo
from catalog.photo.start import StartItem, find_item, item_context
from catalog.rendering.colour_names import colour_choices
from catalog.rendering.error_pages import error_response
from catalog.similar.narrowing import parse_narrowing
from catalog.similar.neighbours import NearItems, Products, choose
from catalog.similar.page import MEASURED, RANKING, SHOWN, measures_of, wall_of
from catalog.words.vectors import read_words, reads_words
from indexing.nearest.metrics import METRICS

PAGE: Final = "photo/page.html"


@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest) -> HttpResponse:
    """The page to choose a picture on; and, for one that was sent, what looks like it. Nothing of it is kept."""
    return _results(request) if request.method == "POST" else _form(request)


@cache_control(private=True, no_cache=True)
def _form(request: HttpRequest) -> HttpResponse:
    """Holds nothing of the visitor's photo, so a browser may keep it for "back", with what its script has put there."""
    loaded = get_loaded()
    return render(request, PAGE, _form_context(loaded, _start_item(loaded, request.GET.get("item", ""))))


@never_cache
def _results(request: HttpRequest) -> HttpResponse:
    loaded = get_loaded()
    start = _start_item(loaded, request.POST.get("item", ""))
    form = _form_context(loaded, start)
    with_picture = "without_picture" not in request.POST  # the page's script has it and asks for the rest
    try:
        chips = QueryDict(request.POST.get("narrowed", ""))  # the whole choice, as a query string
        narrowing = parse_narrowing({**chips.dict(), **request.POST.dict()})
        asked = read_words(request.POST.get("words", "")) if reads_words(loaded.index) else ""
        wanted = Wanted(parse_box(request.POST.get("box", "")), parse_crop(request.POST.get("crop", "")), asked)
        photo, again = _sent_photo(request, start)
        result = search_by_photo(loaded, photo, wanted, narrowing=narrowing, keep=with_picture and not again)
    except RENDERED as error:
        return error_response(request, error, PAGE, **form)
    of = start.product.item_id if start and start.product.item_id in loaded.index.rows else ""
    known: Products = {of: start.product} if start and of else {}
    by_metric = {metric: choose(loaded.index, result.rankings[metric], narrowing, known, of=of) for metric in METRICS}
    near = NearItems(by_metric[RANKING][:SHOWN], more=False)  # a link to more could not bring the picture along
    wall = wall_of(loaded.index, near)
    if not result.comparable:
        wall = replace(wall, close=True)  # not known: better than to call a good answer far
    facets = read_facets()
    context: dict[str, Any] = {
        **form,
        "words": asked,
        "narrowing": narrowing,
        "facets": facets,
        "colours": colour_choices(facets.colours),
        "wall": wall,
        "measures": measures_of(loaded.index, {metric: items[:MEASURED] for metric, items in by_metric.items()}, wall),
    }
    if form["proposing"]:
        context |= {"boxes": result.boxes, "used": result.used, "heading": heading_of(result.kind)}
    if with_picture:
        picture = b64encode(photo if again else result.seen).decode()
        context |= {"kept": picture, "thumbnail": f"data:image/jpeg;base64,{picture}"}
    return render(request, PAGE, context)


def _start_item(loaded: Loaded, item_id: str) -> StartItem | None:
    return find_item(loaded, item_id) if item_id else None


def _form_context(loaded: Loaded, start: StartItem | None) -> dict[str, Any]:
    return {"samples": SAMPLES.items(), "proposing": finds_boxes(loaded.index), **item_context(loaded, start)}


def _sent_photo(request: HttpRequest, start: StartItem | None) -> tuple[bytes, bool]:
    """The encoded picture, and whether it is the one that the page before kept: else the sample that was chosen, the file, or
    the item's preview.

    Raises SiteError without any of them.
    """
    sample, kept = request.POST.get("sample"), request.POST.get("kept")
    if sample is not None:
        return read_sample(sample), False
    if kept is not None:
        return _decoded(kept), True
    sent = request.FILES.get("photo")
    if sent is None and start is not None:
        return start.read(), False
    if sent is None:
        raise SiteError(_("Choose a picture first."))
    data: bytes = sent.read()
    return data, False


def _decoded(kept: str) -> bytes:
    try:
        return b64decode(kept, validate=True)
    except ValueError:
        raise SiteError(_("Choose a picture first.")) from None
