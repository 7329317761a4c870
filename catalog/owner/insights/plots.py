"""Points of the owner's plots, in a box of 100 high and 10 wide a day. Pure: numbers in, text for SVG out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

from catalog.owner.insights.rates import Day

DAY_WIDTH = 10
HEIGHT = 100


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class RatePlot:
    """points, band: `x,y x,y …` for SVG; top: what the upper edge stands for, percent."""

    points: str
    band: str
    top: float


def marks(days: Sequence[Day], changed: Collection[date]) -> list[float]:
    """Where a line stands for each day of `days` on which something changed."""
    return [n * DAY_WIDTH + DAY_WIDTH / 2 for n, day in enumerate(days) if day.day in changed]


def round_up(value: float) -> float:
    """The next number of the form 1, 2, 2.5, 5 × 10ⁿ, for an axis; 1 for nothing."""
    if value <= 0:
        return 1.0
    magnitude = 10.0 ** floor(log10(value))
    return next(step * magnitude for step in (1, 2, 2.5, 5, 10) if value <= step * magnitude * (1 + 1e-9))


def bars(values: Sequence[int]) -> tuple[list[Bar], int]:
    """A bar for each value, and what the upper edge stands for."""
    top = ceil(round_up(max(values, default=0)))
    heights = [HEIGHT * value / top for value in values]
    return [Bar(n * DAY_WIDTH + 2, HEIGHT - height, DAY_WIDTH - 4, height) for n, height in enumerate(heights)], top


def rates(days: Sequence[Day]) -> RatePlot:
    """The line of daily rates with the band in which chance alone may move them; days too small to tell are left out."""
    telling = [(n, day.rate) for n, day in enumerate(days) if day.rate.shown]
    top = round_up(max((rate.percent + rate.percent_margin for _n, rate in telling), default=0.0))

    def at(n: int, percent: float) -> str:
        return f"{n * DAY_WIDTH + DAY_WIDTH / 2:g},{HEIGHT - HEIGHT * min(max(percent, 0.0), top) / top:.1f}"

    upper = [at(n, rate.percent + rate.percent_margin) for n, rate in telling]
    lower = [at(n, rate.percent - rate.percent_margin) for n, rate in reversed(telling)]
    return RatePlot(" ".join(at(n, rate.percent) for n, rate in telling), " ".join(upper + lower), top)
