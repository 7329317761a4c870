"""Timing, and what a benchmark's result looks like."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Thing = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one way took (or reached): all runs, in `unit`."""

    runs: tuple[float, ...]
    unit: str
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.runs)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A claim: value, what was wanted (None: nothing), and whether more is better."""

    value: float
    wanted: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool:
        if self.wanted is None:
            return True
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted


@dataclass(slots=True)
class Result:
    """One benchmark's outcome. setting: what was measured on, in words; not_run: why there are no figures."""

    name: str
    title: str
    setting: str = ""
    measured: dict[str, Measured] = field(default_factory=dict)
    ratios: dict[str, Ratio] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    not_run: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "setting": self.setting,
            "measured": {
                name: {
                    "median": round(one.median, 4),
                    "unit": one.unit,
                    "runs": [round(run, 4) for run in one.runs],
                    "note": one.note,
                }
                for name, one in self.measured.items()
            },
            "ratios": {
                name: {"value": round(one.value, 3), "wanted": one.wanted, "at_least": one.at_least, "met": one.met}
                for name, one in self.ratios.items()
            },
            "notes": self.notes,
            "not_run": self.not_run,
        }


_MILLI: Final = 1000.0


def seconds(thing: Thing) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    thing()
    return time.perf_counter() - began


def in_turns(things: Mapping[str, Thing], rounds: int, most_seconds: float = 60.0) -> dict[str, Measured]:
    """Time things in turns, so that a machine that slows down slows all of them; each is called once before, unmeasured.

    Milliseconds. Stops after `rounds` turns, or after at least one when `most_seconds` are over.
    """
    for thing in things.values():
        thing()
    runs: dict[str, list[float]] = {name: [] for name in things}
    began = time.perf_counter()
    for _ in range(rounds):
        for name, thing in things.items():
            runs[name].append(_MILLI * seconds(thing))
        if time.perf_counter() - began > most_seconds:
            break
    return {name: Measured(tuple(times), "ms") for name, times in runs.items()}
