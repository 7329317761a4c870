"""Uploads stay in memory: a photo that is sent is never written anywhere. Too large ones are refused unread."""

from collections.abc import Callable
from typing import Any, Final

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from catalog.errors import SiteError
from catalog.rendering.error_pages import error_response

MAX_BYTES: Final = 20 * 1024 * 1024
_FIELD_BYTES: Final = 64 * 1024


class TooLargeError(SiteError):
    """A body larger than a photo may be."""

    status = 413

    def __init__(self) -> None:
        limit = MAX_BYTES // 1024**2
        super().__init__(_("That file is larger than %(limit)d MB: send a smaller picture.") % {"limit": limit})


class MemoryOnly(MemoryFileUploadHandler):
    """Django's own spills files above 2.5 MB to disk; this one never does. `UploadLimit` bounds what it holds."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


class UploadLimit:
    """Answers 413 to a body larger than a photo may be, unread. The server (recommender/serving) sees to it that browsers
    that are still sending get the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) <= MAX_BYTES + _FIELD_BYTES:
            return self.get_response(request)
        return error_response(request, TooLargeError(), "photo/page.html")
