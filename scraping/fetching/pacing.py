"""Taking turns: when the next request to a host may start, across threads, and which hosts are left alone for a while."""

import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from scraping.errors import FetchError, StoppedError

LONGEST_THROTTLE: Final = 30.0  # seconds between requests to a slow host, unless it asks for more itself


class Pacer:
    """Spaces the starts of requests to each host. Waits end with StoppedError as soon as `stop` is set.

    The space adapts to the host's own latency, by the rules of Scrapy's AutoThrottle at a concurrency of 1: it moves half way
    towards the latest latency, never below it, and an error never shortens it.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = {}
        self._throttle: dict[str, float] = {}

    def wait_turn(self, host: str, delay: float) -> None:
        """Wait for this host's next free moment, and take it: the one after comes `delay` seconds later, or more."""
        with self._lock:
            mine = max(time.monotonic(), self._free_at.get(host, 0.0))
            self._free_at[host] = mine + max(delay, self._throttle.get(host, 0.0))
        self.sleep(mine - time.monotonic())

    def note_latency(self, host: str, seconds: float, *, is_error: bool) -> None:
        """Take in how long a host took to begin its answer."""
        with self._lock:
            former = self._throttle.get(host, 0.0)
            adapted = min(LONGEST_THROTTLE, max(seconds, (former + seconds) / 2))
            if not is_error or adapted > former:
                self._throttle[host] = adapted

    def throttle_of(self, host: str) -> float:
        """Seconds between requests that this host's latency calls for."""
        with self._lock:
            return self._throttle.get(host, 0.0)

    def hold(self, host: str, seconds: float) -> None:
        """Let nobody ask this host for `seconds`: it said that it is busy."""
        with self._lock:
            self._free_at[host] = max(self._free_at.get(host, 0.0), time.monotonic() + seconds)

    def sleep(self, seconds: float) -> None:
        """Wait, unless stopped meanwhile."""
        if self._stop.wait(max(0.0, seconds)) if seconds > 0 else self._stop.is_set():
            raise StoppedError("stopped")


class CircuitBreaker:
    """Leaves a host alone that fails `failures` times in a row: for `rest` seconds, then twice as long each time."""

    def __init__(self, failures: int, rest: float) -> None:
        self._failures, self._rest = failures, rest
        self._lock = threading.Lock()
        self._in_a_row: dict[str, int] = {}
        self._closed_until: dict[str, float] = {}

    def check(self, host: str) -> None:
        """Raise FetchError while `host` is left alone."""
        with self._lock:
            left = self._closed_until.get(host, 0.0) - time.monotonic()
        if left > 0:
            raise FetchError("the host keeps failing", f"{host} is left alone for another {left:.0f} s")

    def note(self, host: str, *, failed: bool) -> None:
        """Take in how a request to `host` ended, after all its tries."""
        with self._lock:
            if not failed:
                self._in_a_row[host] = 0
                return
            self._in_a_row[host] = count = self._in_a_row.get(host, 0) + 1
            if count >= self._failures:
                self._closed_until[host] = time.monotonic() + self._rest * 2 ** min(count - self._failures, 6)


def retry_after(header: str) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or a date; None when it does not say."""
    header = header.strip()
    if header.isascii() and header.isdecimal():
        return float(header[:12])
    try:
        moment = parsedate_to_datetime(header)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
