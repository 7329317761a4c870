"""What Prometheus reads of the site. prometheus_client is imported only where METRICS_TOKEN switches it on.

Each process writes files into PROMETHEUS_MULTIPROC_DIR, which recommender/serving/worker.py makes; who is asked adds them up.
Without that folder (`runserver`) a process counts for itself.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_FILLING: Final = ("scrape", "import_products")
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def are_on() -> bool:
    """Whether anything is counted."""
    return bool(settings.METRICS_TOKEN)


def count_request(view: str, method: str, status: int, seconds: float) -> None:
    """One more request. view: a name out of few."""
    _counters().count_request(view, method if method in _METHODS else "other", status, seconds)


def change_queue(change: int) -> None:
    """A picture joins (1) or leaves (-1) those that are looked at or wait for it."""
    if are_on():
        _counters().queue.inc(change)


class Counters:
    """This process's counters; `folder` is where all processes keep theirs, None for one alone."""

    def __init__(self, folder: Path | None) -> None:
        import prometheus_client as prometheus
        from prometheus_client import values

        self._folder = folder
        if folder is not None:
            # A process that ends gives its place, and its files with what they hold, to the one that follows: with a file for
            # each process id there would be more of them every day.
            place, self._lock = _claim_place(folder)
            values.ValueClass = values.MultiProcessValue(process_identifier=lambda: place)  # type: ignore[no-untyped-call]
        self.registry = prometheus.CollectorRegistry()
        self._requests = prometheus.Counter(
            "site_requests", "Requests answered", ("view", "method", "status"), registry=self.registry
        )
        self._seconds = prometheus.Histogram(
            "site_request_seconds", "From a request to its answer", ("view",), buckets=_BUCKETS, registry=self.registry
        )
        self.queue = prometheus.Gauge(
            "site_inference_queue",
            "Pictures being looked at, or waiting for it",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self.queue.set(0)

    def count_request(self, view: str, method: str, status: int, seconds: float) -> None:
        """One more."""
        self._requests.labels(view, method, str(status)).inc()
        self._seconds.labels(view).observe(seconds)

    def text(self) -> bytes:
        """All processes' counters, and the state of index and catalogue, in Prometheus's text format."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self.registry
        if self._folder is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
        state = CollectorRegistry()
        state.register(_State())
        return generate_latest(registry) + generate_latest(state)


class _State:
    """Read when asked for: the same whichever process answers."""

    def collect(self) -> Iterator["GaugeMetricFamily"]:
        """Ages and sizes; what is not known is left out."""
        from django.db import DatabaseError, InterfaceError
        from prometheus_client.core import GaugeMetricFamily

        from catalog.index_store import get_index
        from catalog.models import Item
        from catalog.owner.models import Run
        from indexing.errors import IndexFileError

        now = timezone.now()
        try:
            index = get_index()
        except IndexFileError:
            yield GaugeMetricFamily("site_index_items", "Items with a vector", 0)
        else:
            yield GaugeMetricFamily("site_index_items", "Items with a vector", len(index))
            created = parse_datetime(str(index.manifest.get("created", "")))
            if created is not None:
                yield GaugeMetricFamily("site_index_age_seconds", "Since the index was built", _age(now, created))
        try:
            last = Run.objects.filter(command__in=_FILLING, outcome=Run.Outcome.OK).order_by("-started_at").first()
            on_sale = Item.objects.on_sale().count()
        except (DatabaseError, InterfaceError):
            yield GaugeMetricFamily("site_database_up", "Whether the database answers", 0)
            return
        yield GaugeMetricFamily("site_database_up", "Whether the database answers", 1)
        yield GaugeMetricFamily("site_items_on_sale", "Items in the catalogue", on_sale)
        if last is not None:
            age = _age(now, last.started_at) - last.seconds
            yield GaugeMetricFamily(
                "site_scrape_age_seconds", "Since the last scrape or import that went well ended", max(0.0, age)
            )


def _counters() -> Counters:
    with _making:  # `cache` alone lets two threads make it at once
        return _made()


_making: Final = threading.Lock()


@cache
def _made() -> Counters:
    return Counters(Path(os.environ[FOLDER]) if os.environ.get(FOLDER) else None)


def text() -> bytes:
    """What `GET /metrics` answers."""
    return _counters().text()


def _age(now: datetime, then: datetime) -> float:
    return (now - (then if timezone.is_aware(then) else timezone.make_aware(then))).total_seconds()


def _claim_place(folder: Path) -> tuple[int, int]:
    """The smallest number that no other living process has, and the lock that holds it until this process ends."""
    for place in count():
        lock = os.open(folder / f"{place}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return place, lock
    raise AssertionError("unreachable")
