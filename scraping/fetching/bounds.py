"""Bounds on one request as a whole: status line, headers, chunk sizes and body together, however slowly they drip.

A socket's own timeout starts again with every byte. Here each read gets what is left of the request's time, and all that is
read is counted, so that endless `100 Continue`s, headers, chunk extensions and trailers end too.
"""

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from scraping.errors import FetchError


@dataclass(slots=True)
class Bounds:
    """What one request may use: `seconds` in all, `read` seconds of silence, `bytes_left` to receive, undecoded.

    private_host: the one host that may stand at an address that is not public, empty for none.
    """

    seconds: float
    read: float
    bytes_left: int
    private_host: str = ""
    ends_at: float = 0.0

    def remaining(self) -> float:
        """Seconds that are left; raises FetchError when none are."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise self.expired()
        return left

    def expired(self) -> FetchError:
        """The error of a request that used up its time."""
        return FetchError("no answer in time", f"not complete after {self.seconds:g} s")


_CURRENT: Final[ContextVar[Bounds]] = ContextVar("bounds of the request under way")


@contextmanager
def bounded(bounds: Bounds) -> Iterator[None]:
    """Put the request that this thread makes inside under `bounds`, from now on."""
    bounds.ends_at = time.monotonic() + bounds.seconds
    token = _CURRENT.set(bounds)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_bounds() -> Bounds:
    """The bounds of the request under way in this thread."""
    return _CURRENT.get()


class BoundedResponse(http.client.HTTPResponse):
    """http.client's response, reading from its socket under the bounds of the request that it answers."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_BoundedReader(sock, self.fp, current_bounds()))


class _BoundedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, file: io.BufferedReader, bounds: Bounds) -> None:
        self._socket, self._file, self._bounds = sock, file, bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._bounds.remaining()
        self._socket.settimeout(min(self._bounds.read, left))
        try:
            data = self._file.read1(len(buffer))
        except TimeoutError:
            if left <= self._bounds.read:
                raise self._bounds.expired() from None
            raise
        self._bounds.bytes_left -= len(data)
        if self._bounds.bytes_left < 0:
            raise FetchError("too large", "the answer goes on and on")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
