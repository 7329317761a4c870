"""Around each request: its id in every line that is logged meanwhile, a line of its own where asked for, and its count."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from catalog.monitoring import metrics

HEADER: Final = "X-Request-ID"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LONGEST_PATH: Final = 500

access: Final = logging.getLogger("site.access")
request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")


class RequestLog:
    """The outermost middleware. A trusted proxy's X-Request-ID is taken over; others get a random one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        own_id = _id_of(request)
        token = request_id.set(own_id)
        try:
            response = self.get_response(request)
            response.headers[HEADER] = own_id
            self._note(request, response, time.perf_counter() - began)
        finally:
            request_id.reset(token)
        return response

    def _note(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        if metrics.are_on():
            metrics.count_request(view_of(request), request.method or "", response.status_code, seconds)
        if access.isEnabledFor(logging.INFO):
            fields = {
                "address": request.META.get("REMOTE_ADDR", ""),
                "method": request.method,
                "path": request.get_full_path()[:_LONGEST_PATH],
                "view": view_of(request),
                "status": response.status_code,
                "bytes": None if response.streaming else len(response.content),
                "ms": round(1000 * seconds, 1),
            }
            line = "{address} {method} {path} {status} {bytes} bytes {ms} ms".format_map(fields)
            access.info("%s", _printable(line), extra={"fields": fields})


class AddRequestId(logging.Filter):
    """Gives each record `request_id`, and `request`, the same for a line of text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets all pass."""
        own = record.request_id = request_id.get()
        record.request = f" [{own}]" if own else ""
        return True


def view_of(request: HttpRequest) -> str:
    """The name of what answers: of a URL pattern, `static`, or `none`."""
    match = request.resolver_match
    if match is not None:
        return match.view_name
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXY else ""
    return given if _ID.fullmatch(given) else uuid.uuid4().hex


def _printable(text: str) -> str:
    """Nobody writes a second line into the log."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
