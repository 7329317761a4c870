"""Search by photo."""

from base64 import b64encode
from dataclasses import replace
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
from catalog.similar.lanes import NAMES, make_lanes

SHOWN: Final = 10
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
    lanes, _products = make_lanes(loaded.index, result.rankings, dict.fromkeys(NAMES, SHOWN))
    context: dict[str, Any] = {
        # No "more": it would be a link, and a link cannot bring the picture along.
        "lanes": [replace(lane, more="") for lane in lanes if lane.cards],
        "thumbnail": f"data:image/jpeg;base64,{b64encode(result.thumbnail).decode()}",
    }
    return render(request, PAGE, context)
