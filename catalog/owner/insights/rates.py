"""What the recommendations brought: sums and rates of the counts, said with how far chance alone may move them."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any, Final

from django.db.models import Sum
from django.utils import timezone

from catalog.owner.models import Change, Place, UsageCount

PERIODS: Final = (7, 28, 90)
DEFAULT_PERIOD: Final = 28
# Below these a rate says nothing.
FEWEST_SHOWN: Final = 100
FEWEST_OPENED: Final = 5
LEADING_SHOWN: Final = 50
LISTED: Final = 5
_Z: Final = 1.96  # 95 of 100


@dataclass(frozen=True, slots=True)
class Rate:
    """Opened of shown. Shares are of 1; `margin` is half the width of the 95 % interval (normal approximation)."""

    shown: int = 0
    opened: int = 0
    shop: int = 0

    @property
    def share(self) -> float:
        return self.opened / self.shown if self.shown else 0.0

    @property
    def margin(self) -> float:
        return _Z * sqrt(self.share * (1 - self.share) / self.shown) if self.shown else 0.0

    @property
    def tells(self) -> bool:
        """Whether there is enough to say anything."""
        return self.shown >= FEWEST_SHOWN and self.opened >= FEWEST_OPENED

    @property
    def percent(self) -> float:
        return 100 * self.share

    @property
    def percent_margin(self) -> float:
        return 100 * self.margin


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place's rate; `bar`: its share of the highest rate, 0 to 100."""

    name: str
    rate: Rate
    bar: float


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    rate: Rate


@dataclass(frozen=True, slots=True)
class ItemRow:
    item_id: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Insights:
    """All that the owner's page shows of `days` days up to today."""

    days: int
    total: Rate
    before: Rate
    by_day: list[Day]
    by_place: list[PlaceRow]
    leading: list[ItemRow]
    never: list[ItemRow]
    changes: list[Change]

    @property
    def comparison(self) -> str:
        """`more`, `less`, `same`, or `unknown` where one of both periods is too small to tell."""
        if not (self.total.tells and self.before.tells):
            return "unknown"
        difference = self.total.share - self.before.share
        if abs(difference) <= sqrt(self.total.margin**2 + self.before.margin**2):
            return "same"
        return "more" if difference > 0 else "less"


def read_insights(days: int) -> Insights:
    """The counts of the last `days` days, today included."""
    today = timezone.localdate()
    first = today - timedelta(days=days - 1)
    rows = UsageCount.objects.filter(day__gte=first, day__lte=today)
    earlier = UsageCount.objects.filter(day__gte=first - timedelta(days=days), day__lt=first)
    daily = {row["day"]: _rate(row) for row in _summed(rows.values("day"))}
    by_day = [Day(day, daily.get(day, Rate())) for day in (first + timedelta(days=n) for n in range(days))]
    places = {row["place"]: _rate(row) for row in _summed(rows.values("place"))}
    highest = max((rate.share for rate in places.values()), default=0.0)
    by_place = [
        PlaceRow(str(place.label), places[place.value], 100 * places[place.value].share / highest if highest else 0.0)
        for place in Place
        if place.value in places
    ]
    items = [ItemRow(row["item_id"], _rate(row)) for row in _summed(rows.values("item_id")).filter(s__gte=LEADING_SHOWN)]
    leading = sorted((item for item in items if item.rate.opened), key=lambda item: (-item.rate.share, item.item_id))
    never = sorted((item for item in items if not item.rate.opened), key=lambda item: (-item.rate.shown, item.item_id))
    return Insights(
        days=days,
        total=_rate(_total(rows)),
        before=_rate(_total(earlier)),
        by_day=by_day,
        by_place=by_place,
        leading=leading[:LISTED],
        never=never[:LISTED],
        changes=list(Change.objects.filter(day__gte=first)[:20]),
    )


def _summed(grouped: Any) -> Any:
    return grouped.order_by().annotate(s=Sum("shown"), o=Sum("opened"), f=Sum("shop"))


def _total(rows: Any) -> dict[str, int | None]:
    total: dict[str, int | None] = rows.aggregate(s=Sum("shown"), o=Sum("opened"), f=Sum("shop"))
    return total


def _rate(row: dict[str, Any]) -> Rate:
    return Rate(row["s"] or 0, row["o"] or 0, row["f"] or 0)
