"""Around every page: what the browser may load, and what it says when something went wrong."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from catalog.errors import RENDERED
from catalog.rendering.error_pages import error_response

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


class ContentSecurityPolicy:
    """Sets the policy on every answer that brings none of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        return response


class CompressText(GZipMiddleware):
    """Gzips pages and JSON. Pictures are compressed already, and static files by WhiteNoise.

    Django pads the stream by random bytes against BREACH, and masks its CSRF token.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith(_TEXT):
            return response
        return super().process_response(request, response)


class ErrorPages:
    """Renders the errors that views raise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return error_response(request, exception) if isinstance(exception, RENDERED) else None
