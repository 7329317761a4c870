"""Requests as they come in: which bodies are waited for, and how many bytes of them a process holds at once."""

from typing import Any, Final

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

# Larger ones reach the site without their body: catalog/photo/uploads.py refuses them by their length.
MAX_BODY_BYTES: Final = 24 * 1024 * 1024
# Bodies of uploads wait in memory: a visitor's photo is never written anywhere.
WAITING_BYTES: Final = 192 * 1024 * 1024
SMALL_BODY_BYTES: Final = 64 * 1024
RETRY_AFTER_S: Final = 5
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class LengthRequired(Error):  # noqa: N818  (as waitress names its own)
    """A body in chunks: nobody knows how large it will become."""

    code = 411
    reason = "Length Required"


class Overloaded(Error):  # noqa: N818
    """Too many uploads are on their way."""

    code = 503
    reason = "Service Unavailable"


class BodyBudget:
    """How many bytes of large bodies may be on their way at once. Used by the connections' thread alone."""

    def __init__(self, size: int = WAITING_BYTES) -> None:
        self.left = size

    def take(self, size: int) -> bool:
        """Whether there was room for `size` bytes; they count until `give`."""
        if size > self.left:
            return False
        self.left -= size
        return True

    def give(self, size: int) -> None:
        """These bytes are no longer held."""
        self.left += size


class RequestParser(HTTPRequestParser):
    """waitress's parser, which here never waits for a body that nobody will read.

    body_left: whether the client may still be sending one; the answer goes out at once, then the connection is closed.
    """

    body_left = False
    _held = 0

    def __init__(self, adj: Adjustments, budget: BodyBudget) -> None:
        super().__init__(adj)
        self._budget = budget

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; called once, when all of it is there. Raises waitress's ParsingError."""
        super().parse_header(header_plus)
        if self.chunked:
            self._refuse(LengthRequired("Send the body with a Content-Length."))
        elif self.content_length > MAX_BODY_BYTES or (self.content_length and self.command in _BODILESS):
            self._skip_body()
        elif self.content_length > SMALL_BODY_BYTES and not self._hold(self.content_length):
            self._refuse(Overloaded("Many pictures are being sent: send yours again in a moment."))

    def close(self) -> None:
        """Forget the body."""
        super().close()
        self._budget.give(self._held)
        self._held = 0

    def _hold(self, size: int) -> bool:
        if self._budget.take(size):
            self._held = size
        return bool(self._held)

    def _refuse(self, error: Error) -> None:
        self.error: Any = error
        self._skip_body()

    def _skip_body(self) -> None:
        self.body_rcv = None
        self.content_length = 0
        self.chunked = self.expect_continue = False
        self.body_left = True
        self.headers["CONNECTION"] = "close"
