"""What can go wrong with one request, and what another try may mend."""

import os
from http import HTTPStatus
from typing import Final

import requests

from scraping.errors import FetchError
from scraping.fetching.pacing import retry_after

# Trouble that another try may not meet; 430 is Shopify's "slow down", 520 to 524 are Cloudflare's for a shop that is down.
_TRANSIENT: Final = frozenset({408, 429, 430, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_PHRASES: Final = {430: "Slow Down"}


class TransientError(FetchError):
    """Trouble that another try may not meet. `wait`: seconds that the shop asked for, None when it did not."""

    def __init__(self, reason: str, detail: str = "", wait: float | None = None, tries: int | None = None) -> None:
        super().__init__(reason, detail)
        self.wait = wait
        self.tries = tries


def raise_for_status(response: requests.Response) -> None:
    """Raise TransientError or FetchError unless a status is one that we asked for: 200, 304."""
    status = response.status_code
    if status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return
    phrase = _PHRASES.get(status) or (HTTPStatus(status).phrase if status in set(HTTPStatus) else "")
    reason = f"HTTP {status} {phrase}".strip()
    if status in _TRANSIENT:
        raise TransientError(reason, wait=retry_after(response.headers.get("Retry-After", "")))
    raise FetchError(reason)


def _proxy_variable() -> str:
    """The name of a variable that names a proxy, "" where none does: whoever relies on one should read why nothing answers."""
    names = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
    return next((name for name in names if os.environ.get(name)), "")


def connection_reason(error: Exception) -> str:
    """The last and most telling part of a chain of wrapped connection errors."""
    text = str(error)
    for marker, plain in (
        ("NameResolutionError", "its name is not known"),
        ("Connection refused", "connection refused"),
        ("CERTIFICATE_VERIFY_FAILED", "its certificate is not valid"),
        ("Network is unreachable", "the network is unreachable"),
        ("RemoteDisconnected", "closed without an answer"),
        ("Connection reset", "connection reset"),
    ):
        if marker in text:
            reason = plain
            break
    else:
        reason = text.rsplit(": ", 1)[-1].strip("()'\" ")[:200]
    proxy = _proxy_variable()
    return f"{reason}; the environment's {proxy} is not used" if proxy else reason
