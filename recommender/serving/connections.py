"""A client's connection: read and written without a thread, closed when it is too slow."""

import logging
import socket
import time
from functools import partial
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from recommender.serving.parser import RETRY_AFTER_S, BodyBudget, RequestParser

# In seconds. A head comes at once; a photo comes from a telephone; nginx keeps its own connections for 60.
HEAD_SECONDS: Final = 10
BODY_SECONDS: Final = 120
STALLED_SECONDS: Final = 20
IDLE_SECONDS: Final = 75
# How long to read away, after the answer, what a client still sends: cut off, a browser would show no answer at all.
LINGER_SECONDS: Final = 20

access: Final = logging.getLogger("site.access")

_HEADERS: Final = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("X-Content-Type-Options", "nosniff"),
]


class Refusal(ErrorTask):
    """The answer to what is no request, or to one that is refused before the site sees it: a line."""

    def execute(self) -> None:
        """Send it."""
        error = self.request.error
        access.info("%s %d %s", self.channel.addr[0], error.code, error.reason)
        body = f"{error.body}\n".encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(_HEADERS)
        if error.code == 503:
            self.response_headers.append(("Retry-After", str(RETRY_AFTER_S)))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Connection(HTTPChannel):
    """waitress's channel with deadlines. A request has a thread from its last byte to the end of its answer's making."""

    error_task_class = Refusal

    def __init__(self, budget: BodyBudget, *args: Any, **options: Any) -> None:
        self.parser_class = partial(RequestParser, budget=budget)
        self.close_when_flushed: bool = False
        self._began = 0.0  # when the first byte of the request that is coming in came
        self._answered_early = False
        self._lingers_until: float | None = None
        super().__init__(*args, **options)

    def received(self, data: bytes) -> bool:
        """Take what came in."""
        if self.request is None:
            self._began = time.time()
        done = bool(super().received(data))
        self._answered_early = any(request.body_left for request in self.requests)
        if self.server.stopping:
            for request in self.requests:
                request.headers["CONNECTION"] = "close"
        return done

    def readable(self) -> bool:
        """Whether to wait for bytes of the client."""
        return self._lingers_until is not None or bool(super().readable())

    def handle_read(self) -> None:
        """There are some."""
        if self._lingers_until is None:
            super().handle_read()
            return
        try:
            self.recv(self.adj.recv_bytes)
        except OSError:
            self.handle_close()

    def handle_write(self) -> None:
        """Send what is ready; then close, if that is due."""
        lingering = self._answered_early and self.close_when_flushed
        if lingering:
            self.close_when_flushed = False
        super().handle_write()
        if not lingering or not self.connected:
            return
        if self.total_outbufs_len:
            self.close_when_flushed = True
            return
        self._lingers_until = time.time() + LINGER_SECONDS
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()

    def handle_close(self) -> None:
        """The connection is gone."""
        super().handle_close()
        if self.request is not None:
            self.request.close()

    @property
    def busy(self) -> bool:
        """Whether a request is being answered, or an answer sent."""
        return bool(self.requests) or self.total_outbufs_len > 0

    @property
    def waiting_since(self) -> float:
        """Since when there is nothing to answer, as `time.time()` gives it."""
        since: float = self.last_activity if self.request is None else self._began
        return since

    def is_overdue(self, now: float) -> bool:
        """Whether the client has had its time. now: as `time.time()` gives it."""
        if self._lingers_until is not None:
            return now > self._lingers_until
        stalled: bool = now - self.last_activity > STALLED_SECONDS
        if self.total_outbufs_len:
            return stalled
        if self.requests:
            return False
        if self.request is None:
            return bool(now - self.last_activity > IDLE_SECONDS)
        if not self.request.headers_finished:
            return now - self._began > HEAD_SECONDS
        return stalled or now - self._began > BODY_SECONDS
