"""Counting what is shown and opened: without cookies or addresses, in memory first, written in batches off the request.

A process that is killed loses what it has not written yet, some seconds of counts.
"""

import atexit
import logging
import os
import re
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from catalog.owner.models import Place, UsageCount

logger = logging.getLogger(__name__)

Event = Literal["shown", "opened", "shop"]
Key = tuple[date, str, str, Event]

EVENTS: Final = ("shown", "opened", "shop")
PLACES: Final = frozenset(Place.values)  # Django makes `values` at each question
FLUSH_SECONDS: Final = 10.0
MAX_KEYS: Final = 50_000
MAX_IDS: Final = 200
_BATCH: Final = 300
# Robots as far as their names say; who sends no name is taken for one.
_ROBOT: Final = re.compile(
    r"bot|crawl|spider|slurp|preview|scan|fetch|monitor|curl|wget|python|java/|go-http|okhttp|lighthouse", re.I
)


def is_robot(user_agent: str) -> bool:
    """Whether a User-Agent names a robot or nothing at all."""
    return not user_agent or _ROBOT.search(user_agent) is not None


class UsageBuffer:
    """Counts of this process that are not written yet. Safe for threads."""

    def __init__(self, seconds: float = FLUSH_SECONDS) -> None:
        self._seconds = seconds
        self._counts: Counter[Key] = Counter()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def add(self, place: str, event: Event, item_ids: Iterable[str]) -> None:
        """Count these items once more. Beyond 50,000 different keys what is new is dropped until the next writing."""
        today = timezone.localdate()
        with self._lock:
            for item_id in item_ids:
                key = (today, place, item_id, event)
                if key in self._counts or len(self._counts) < MAX_KEYS:
                    self._counts[key] += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_now_and_then, name="usage", daemon=True)
                self._thread.start()

    def flush(self) -> int:
        """Write what has been counted; how many rows changed. What cannot be written now is kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return 0
        try:
            return _write(counts)
        except DatabaseError as error:
            with self._lock:
                self._counts.update(counts)  # less what was written before the error
            logger.warning("The counts of what was opened cannot be written now (%s).", str(error).strip())
            return 0

    def _write_now_and_then(self) -> None:
        while not self._stop.wait(self._seconds):
            self.flush()
            connection.close()  # this thread's own


def _write(counts: Counter[Key]) -> int:
    """Add these to the table, and take out of `counts` what has been added; how many rows changed. Raises DatabaseError."""
    rows: dict[tuple[date, str, str], dict[str, int]] = {}
    for (day, place, item_id, event), number in counts.items():
        rows.setdefault((day, place, item_id), dict.fromkeys(EVENTS, 0))[event] += number
    keys = sorted(rows)
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        with transaction.atomic():
            UsageCount.objects.bulk_create(
                [UsageCount(day=day, place=place, item_id=item_id) for day, place, item_id in part], ignore_conflicts=True
            )
            _lock_rows(part)
            # Grouped by what is added, so that a batch costs a few statements and not one a row.
            groups: dict[tuple[int, ...], list[tuple[date, str, str]]] = {}
            for key in part:
                groups.setdefault(tuple(rows[key].values()), []).append(key)
            for (shown, opened, shop), members in groups.items():
                _add(members, shown, opened, shop)
        for key in part:
            for event in EVENTS:
                counts.pop((*key, event), None)
    return len(keys)


def _lock_rows(keys: list[tuple[date, str, str]]) -> None:
    """Take these rows' locks in one order: two processes that add to them in two orders would wait for each other for ever."""
    days, places, item_ids = (set(column) for column in zip(*keys, strict=True))
    rows = UsageCount.objects.select_for_update().filter(day__in=days, place__in=places, item_id__in=item_ids)
    list(rows.order_by("day", "place", "item_id").values_list("pk"))


def _add(members: list[tuple[date, str, str]], shown: int, opened: int, shop: int) -> None:
    by_place: dict[tuple[date, str], list[str]] = {}
    for day, place, item_id in members:
        by_place.setdefault((day, place), []).append(item_id)
    for (day, place), item_ids in by_place.items():
        UsageCount.objects.filter(day=day, place=place, item_id__in=item_ids).update(
            shown=F("shown") + shown, opened=F("opened") + opened, shop=F("shop") + shop
        )


_buffer = UsageBuffer()


def _renew_buffer() -> None:
    """A forked process has none of its parent's threads, and must not write its parent's counts again."""
    global _buffer
    _buffer = UsageBuffer()


os.register_at_fork(after_in_child=_renew_buffer)
atexit.register(lambda: _buffer.flush())


def get_buffer() -> UsageBuffer:
    """This process's buffer."""
    return _buffer


def count(place: str, event: Event, item_ids: Sequence[str]) -> None:
    """Count items shown or opened at a place, where counting is on."""
    if item_ids and settings.USAGE_COUNTS and place in PLACES:
        get_buffer().add(place, event, item_ids)
