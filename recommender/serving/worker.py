"""gunicorn's worker class for this site: `gunicorn --worker-class recommender.serving.worker.BufferedWorker`."""

import atexit
import logging
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

import recommender.rates  # noqa: F401  (before the processes fork, so that they share it)
from recommender.serving.connections import Connection
from recommender.serving.parser import BodyBudget

METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
HOUSEKEEPING_SECONDS: Final = 1.0
# Open files a process needs beside its connections: databases, the index, what is being served.
_OTHER_FILES: Final = 200
_NO_SPILLING: Final = 1 << 40  # bodies and answers stay in memory
_KEPT_ALIVE_WHILE_STOPPING_S: Final = 1.0

StartResponse = Callable[..., Any]


class BufferedWorker(Worker):
    """A process that reads requests and sends answers without threads, and answers whole requests with `threads` of them.

    gunicorn starts, watches, replaces and stops the processes; waitress keeps the connections. So a client can be as slow as
    it likes: it holds a connection until its deadline, never a thread.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._map: dict[int, Any] = {}  # by file descriptor: connections, and what accepts them
        self._listeners: list[BaseWSGIServer] = []
        self._next_housekeeping = 0.0

    @classmethod
    def setup(cls) -> None:
        """gunicorn calls this in the first process, before it forks: a folder where the processes count for Prometheus."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recommender.settings")
        if settings.METRICS_TOKEN and not os.environ.get(METRICS_FOLDER):
            os.environ[METRICS_FOLDER] = tempfile.mkdtemp(prefix="site-metrics-", dir=memory_folder())
            atexit.register(_remove, os.environ[METRICS_FOLDER], os.getpid())

    def init_process(self) -> None:
        """gunicorn calls this in the new process."""
        logging.getLogger("waitress").setLevel(logging.ERROR)
        logging.getLogger("waitress.queue").setLevel(logging.CRITICAL)  # waiting a moment for a thread is no warning
        super().init_process()

    def run(self) -> None:
        """Serve until gunicorn says stop, or is gone."""
        limit = min(self.cfg.worker_connections, _open_files() - _OTHER_FILES)
        create_server(
            self._answer,
            map=self._map,
            sockets=[listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            backlog=self.cfg.backlog,
            connection_limit=limit,
            recv_bytes=65_536,
            inbuf_overflow=_NO_SPILLING,
            outbuf_overflow=_NO_SPILLING,
            max_request_body_size=_NO_SPILLING,
            cleanup_interval=3600,  # `_housekeeping` does that
            max_request_header_size=65_536,
            asyncore_use_poll=True,
            log_socket_errors=False,
            clear_untrusted_proxy_headers=False,  # Django reads the one it was told to
            ident=None,
            url_prefix=settings.FORCE_SCRIPT_NAME,  # for a proxy that passes it on
            **_trusted_proxy(settings.TRUSTED_PROXY),
        )
        self._listeners = [one for one in self._map.values() if isinstance(one, BaseWSGIServer)]
        for listener in self._listeners:
            listener.channel_class = partial(Connection, BodyBudget())
            listener.stopping = False
        while self.alive and self.ppid == os.getppid():
            self._turn(limit)
        self._stop()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: finish what is being answered, then end."""
        super().handle_exit(sig, frame)
        self._wake()

    def _wake(self) -> None:
        if self._listeners:
            self._listeners[0].pull_trigger()

    def _answer(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.alive: bool = False  # gunicorn starts another process
            self._wake()
        answer: Iterable[bytes] = self.wsgi(environ, start_response)
        return answer

    def _turn(self, limit: int) -> None:
        """Wait for what happens next, and see to it; now and then close who is too slow."""
        wasyncore.loop(HOUSEKEEPING_SECONDS, use_poll=True, map=self._map, count=1)
        now = time.time()
        crowded = len(self._map) >= limit
        if now < self._next_housekeeping and not crowded:
            return
        self._next_housekeeping = now + HOUSEKEEPING_SECONDS
        self.notify()
        connections = self._clients()
        for connection in connections:
            if connection.is_overdue(now):
                connection.will_close = True
        if crowded:
            # Whoever opens hundreds of connections loses theirs first: the ones that have waited longest.
            waiting = sorted((one for one in connections if not one.busy), key=lambda one: one.waiting_since)
            for connection in waiting[: max(1, limit // 10)]:
                connection.will_close = True

    def _clients(self) -> list[Connection]:
        return [one for one in self._map.values() if isinstance(one, Connection)]

    def _stop(self) -> None:
        """Accept nobody more; finish what was begun, for `graceful_timeout` seconds at most."""
        for listener in self._listeners:
            listener.stopping = True
            wasyncore.dispatcher.close(listener)  # its own `close` would take away the pipe that answers wake us by
        began = time.time()
        while time.time() < began + self.cfg.graceful_timeout:
            self.notify()
            kept_alive = time.time() < began + _KEPT_ALIVE_WHILE_STOPPING_S
            clients = self._clients()
            if not clients:
                return
            for client in clients:
                if not client.busy and not kept_alive:
                    client.will_close = True
            wasyncore.loop(0.1, use_poll=True, map=self._map, count=1)


def memory_folder() -> str | None:
    """A folder in memory, where there is one: what is written there waits for no disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # nosec B108  # noqa: S108


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # not when one of its children ends
        shutil.rmtree(folder, ignore_errors=True)


def _open_files() -> int:
    """How many files this process may open, after asking for as many as it may ask for."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else _OTHER_FILES + (1 << 20)


def _trusted_proxy(address: str) -> dict[str, Any]:
    """Whose X-Forwarded-For and X-Forwarded-Proto to believe."""
    if not address:
        return {}
    return {
        "trusted_proxy": address,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }
