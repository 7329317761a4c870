"""Where a page's `navigator.sendBeacon` says what was shown and opened."""

import json
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalog.index_store import get_index
from catalog.owner.models import Place
from catalog.owner.usage import EVENTS, MAX_IDS, PLACES, count, is_robot
from indexing.errors import IndexFileError

PATH: Final = "/usage/"
MAX_BYTES: Final = 16_384


class AnswerBeacons:
    """Middleware that answers beacons before sessions, languages and the rest: they need none of it, and pages go first.

    A page view sends about one beacon; answered behind the other middleware it costs more than twice as much.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return beacon(request) if request.path_info == PATH else self.get_response(request)


@csrf_exempt  # it changes nothing of a visitor's, and the widget calls it from the shop's own pages
@require_POST
def beacon(request: HttpRequest) -> HttpResponse:
    """Take `{"place": "wall", "shown": ["1", "2"], "opened": [], "shop": []}`; 204 always, 400 for what is none."""
    if not settings.USAGE_COUNTS or is_robot(request.headers.get("User-Agent", "")):
        return HttpResponse(status=204)
    try:
        if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
            return _refused("more than 16 kB")
        message = json.loads(request.body)
    except (ValueError, RecursionError):
        return _refused("not JSON")
    place = message.get("place") if isinstance(message, dict) else None
    if not isinstance(place, str) or place not in PLACES:
        return _refused(f"place is one of {', '.join(Place.values)}")
    try:
        known = get_index().rows
    except IndexFileError:  # nothing is shown then
        return HttpResponse(status=204)
    for event in EVENTS:
        count(place, event, [name for name in _names(message.get(event)) if name in known])
    return HttpResponse(status=204)


def _names(value: Any) -> list[str]:
    """Up to 200 different ids of a list; what is no list of texts holds none."""
    return list(dict.fromkeys(name for name in value if isinstance(name, str)))[:MAX_IDS] if isinstance(value, list) else []


def _refused(reason: str) -> HttpResponse:
    return HttpResponse(f"Not counted: {reason}.\n", status=400, content_type="text/plain")
