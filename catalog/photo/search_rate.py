"""How many photos may be sent a minute: looking at one costs what two hundred pages do."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from catalog.errors import SiteError
from catalog.rendering.error_pages import error_response
from recommender.rates import rates

PATHS: Final = frozenset({"/search/photo/", "/api/v1/search", "/api/v1/embed"})
_IPV6_NETWORK: Final = 64  # what one customer has


class TooManyError(SiteError):
    """More photos than are looked at in a minute."""

    status = 429

    def __init__(self, seconds: int) -> None:
        self.retry_after = seconds
        super().__init__(_("Too many photos were sent: send yours again in %(seconds)d seconds.") % {"seconds": seconds})


class SearchRate:
    """Middleware that answers 429 to photos beyond SEARCH_RATE_PER_ADDRESS and SEARCH_RATE; 0 switches a rate off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path_info in PATHS and (seconds := _seconds_to_wait(request)):
            return error_response(request, TooManyError(seconds), "photo/page.html")
        return self.get_response(request)


def client_key(request: HttpRequest) -> str | None:
    """The client's address, an IPv6 one's network; None where it is a proxy's that TRUSTED_PROXY does not name."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(text)
    except ValueError:  # a Unix socket
        return None if "X-Forwarded-For" in request.headers else text
    if address.is_loopback and "X-Forwarded-For" in request.headers and not settings.TRUSTED_PROXY:
        return None
    return str(int(address) >> (128 - _IPV6_NETWORK)) if isinstance(address, IPv6Address) else text


def _seconds_to_wait(request: HttpRequest) -> int:
    key = client_key(request)
    if key is not None and settings.SEARCH_RATE_PER_ADDRESS:
        seconds = rates.wait(f"search {key}", settings.SEARCH_RATE_PER_ADDRESS)
        if seconds:
            return seconds
    return rates.wait("search", settings.SEARCH_RATE) if settings.SEARCH_RATE else 0
