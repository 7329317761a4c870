"""Taking turns: when the next request to a host may start, across threads."""

import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scraping.errors import StoppedError


class Pacer:
    """Spaces the starts of requests to each host. Waits end with StoppedError as soon as `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = {}

    def turn(self, host: str, delay: float) -> None:
        """Wait for this host's next free moment, and take it: the one after comes `delay` seconds later."""
        with self._lock:
            mine = max(time.monotonic(), self._free_at.get(host, 0.0))
            self._free_at[host] = mine + delay
        self.sleep(mine - time.monotonic())

    def hold(self, host: str, seconds: float) -> None:
        """Let nobody ask this host for `seconds`: it said that it is busy."""
        with self._lock:
            self._free_at[host] = max(self._free_at.get(host, 0.0), time.monotonic() + seconds)

    def sleep(self, seconds: float) -> None:
        """Wait, unless stopped meanwhile."""
        if self._stop.wait(max(0.0, seconds)) if seconds > 0 else self._stop.is_set():
            raise StoppedError("stopped")


def retry_after(header: str) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or a date; None when it does not say."""
    header = header.strip()
    if header.isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
