"""A bounded pool for running the network: one picture at a time, a short queue, a refusal when it is full.

The web server has a few threads for everybody. Were each upload to take one while it waits for the network, ten uploads would
stop every page. So a process takes two, one at work and one waiting, and tells the others when to try again; the page's
script does so by itself. Its threads have a lower priority than pages have.
"""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from django.utils.translation import gettext as _

from catalog.errors import SiteError
from catalog.monitoring.metrics import change_queue

T = TypeVar("T")

WORKERS: Final = 1
WAITING: Final = 1
TIMEOUT_S: Final = 60.0  # the first picture opens the network, which can take many seconds
RETRY_AFTER_S: Final = 2
NICENESS: Final = 10


class BusyError(SiteError):
    """The queue is full, or no answer came in time."""

    status = 503
    retry_after = RETRY_AFTER_S

    def __init__(self) -> None:
        super().__init__(_("Other pictures are being looked at: send yours again in a moment."))


class BoundedPool:
    """Runs functions in `workers` threads; at most `waiting` more wait for their turn."""

    def __init__(self, workers: int = WORKERS, waiting: int = WAITING) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="inference", initializer=_lower_priority)
        self._slots = threading.BoundedSemaphore(workers + waiting)

    def run(self, work: Callable[[], T], timeout: float | None = None) -> T:
        """What `work` returns or raises. Raises BusyError when the queue is full, after `timeout` seconds, or when the process
        ends."""
        if not self._slots.acquire(blocking=False):
            raise BusyError
        change_queue(1)
        try:
            future = self._executor.submit(work)
        except RuntimeError as error:  # the process ends: its executors take nothing more
            self._leave()
            raise BusyError from error
        future.add_done_callback(lambda _future: self._leave())
        try:
            return future.result(TIMEOUT_S if timeout is None else timeout)
        except TimeoutError as error:
            future.cancel()
            raise BusyError from error

    def _leave(self) -> None:
        change_queue(-1)
        self._slots.release()


def _lower_priority() -> None:
    """Let pages go first: Linux gives each thread its own priority, and the threads it starts inherit it."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(NICENESS, os.getpriority(os.PRIO_PROCESS, thread)))


_pool: BoundedPool | None = None
_lock = threading.Lock()


def get_pool() -> BoundedPool:
    """This process's pool. Made on first use: threads do not survive the fork of a web server."""
    global _pool
    with _lock:
        if _pool is None:
            _pool = BoundedPool()
        return _pool


def threads() -> int:
    """How many threads the network may use: half the cores, so that pages have the other half."""
    return max(1, (os.cpu_count() or 1) // 2)
