"""Around every page: what the browser may load, what no text may hold, and what is said when something went wrong."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.translation import gettext as _

from catalog.errors import RENDERED, SiteError
from catalog.rendering.error_pages import error_response, not_found

# Everything comes from here; data: and blob: pictures are the ones that pages draw themselves or a person uploads.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

_TEXT = ("text/html", "application/json")

GetResponse = Callable[[HttpRequest], HttpResponse]


_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class SecurityHeaders:
    """Sets the policy and what goes with it on every answer that brings none of its own; errors of other middleware, too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class CompressText(GZipMiddleware):
    """Gzips pages and JSON. Pictures are compressed already, and static files by WhiteNoise.

    Django pads the stream by random bytes against BREACH, and masks its CSRF token.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith(_TEXT):
            return response
        return super().process_response(request, response)


class NoTextError(SiteError):
    """A character that no text has, and that PostgreSQL fails on."""

    def __init__(self) -> None:
        super().__init__(_("What was sent holds a zero byte or half a character: leave it out."))


class RefuseNoText:
    """Answers 400 to a zero byte in query, form or JSON and to half a surrogate pair, 404 to a zero byte in the path.

    PostgreSQL would fail on them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            return not_found(request, Http404())
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query or "\0" in query or (request.method in _SENDING and _sends_nul(request)):
            return error_response(request, NoTextError())
        return self.get_response(request)


_SENDING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_NO_TEXT: Final = re.compile(rb"\\u0000|%b(?!%b)|(?<!%b)%b" % (_HIGH, _LOW, _HIGH, _LOW))


def _sends_nul(request: HttpRequest) -> bool:
    if request.content_type in _FORMS:
        return _holds_nul(_texts(request.POST))
    return _NO_TEXT.search(request.body) is not None


def _texts(fields: QueryDict) -> Iterable[str]:
    for name, values in fields.lists():
        yield name
        yield from values


def _holds_nul(texts: Iterable[str]) -> bool:
    return any("\0" in text for text in texts)


class ErrorPages:
    """Renders the errors that views raise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return error_response(request, exception) if isinstance(exception, RENDERED) else None
