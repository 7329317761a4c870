"""Search by photo."""

from base64 import b64encode
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.index_store import get_loaded
from catalog.photo.inference_pool import RETRY_AFTER_S, BusyError
from catalog.photo.search import parse_crop, search_by_photo
from catalog.similar.lanes import NAMES, make_lanes
from indexing.errors import EngineError, ImagesError, WeightsError

SHOWN: Final = 10


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def photo(request: HttpRequest) -> HttpResponse:
    """The page to choose a picture on; and, for one that was sent, what looks like it. Nothing of it is kept."""
    loaded = get_loaded()
    if request.method != "POST":
        return render(request, "photo/page.html")
    sent = request.FILES.get("photo")
    if sent is None:
        return _problem(request, _("Choose a picture first."), 400)
    try:
        result = search_by_photo(loaded, sent.read(), parse_crop(request.POST.get("crop", "")))
    except ImagesError as error:
        return _problem(request, _("This picture cannot be used: %(reason)s.") % {"reason": error}, 400)
    except ValueError as error:
        return _problem(request, str(error), 400)
    except BusyError:
        response = _problem(request, _("Other pictures are being looked at: send yours again in a moment."), 503)
        response["Retry-After"] = str(RETRY_AFTER_S)
        return response
    except (EngineError, WeightsError) as error:
        return _problem(request, str(error), 503)
    lanes, _products = make_lanes(loaded.index, result.rankings, dict.fromkeys(NAMES, SHOWN))
    context: dict[str, Any] = {
        # No "more": it would be a link, and a link cannot bring the picture along.
        "lanes": [replace(lane, more="") for lane in lanes if lane.cards],
        "thumbnail": f"data:image/jpeg;base64,{b64encode(result.thumbnail).decode()}",
    }
    return render(request, "photo/page.html", context)


def _problem(request: HttpRequest, message: str, status: int) -> HttpResponse:
    return render(request, "photo/page.html", {"problem": message}, status=status)
