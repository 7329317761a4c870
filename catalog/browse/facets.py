"""What the grid can be filtered by, read from the catalogue and kept for some seconds."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, Min, Q

from catalog.models import Item

KEEP_SECONDS: Final = 15
_KEY: Final = "catalog.browse.facets"


@dataclass(frozen=True, slots=True)
class Facets:
    """Categories, dominant colours and styles on sale with their counts, largest first; how many items there are, how many of
    them are known to be out of stock; when the last scrape began; the one currency of all prices, "" where there are more."""

    categories: list[tuple[str, int]]
    colours: list[tuple[str, int]]
    total: int
    out_of_stock: int
    new_since: datetime | None
    currency: str
    styles: list[tuple[str, int]] = field(default_factory=list)


def read_facets() -> Facets:
    """The facets, from the cache when they are fresh."""
    facets = cache.get(_KEY)
    if not isinstance(facets, Facets):
        facets = _query()
        cache.set(_KEY, facets, KEEP_SECONDS)
    return facets


def forget_facets() -> None:
    """Read them anew next time."""
    cache.delete(_KEY)


def _query() -> Facets:
    sold = Item.objects.on_sale().order_by()
    categories = list(sold.values_list("category").annotate(n=Count("pk")).order_by("-n", "category"))
    colours = list(sold.values_list("dominant_colour").annotate(n=Count("pk")).order_by("-n", "dominant_colour"))
    styles: list[tuple[str, int]] = []
    if settings.STYLE_WORDS is not None:
        styles = list(sold.exclude(style="").values_list("style").annotate(n=Count("pk")).order_by("-n", "style"))
    priced = Q(price__isnull=False)
    one_pass = sold.aggregate(
        out=Count("pk", Q(in_stock=False)), low=Min("currency", filter=priced), high=Max("currency", filter=priced)
    )
    return Facets(
        categories=[(name, count) for name, count in categories if name],
        colours=[(name, count) for name, count in colours if name],
        total=sum(count for _name, count in categories),
        out_of_stock=one_pass["out"],
        new_since=last_scrape_began(),
        styles=styles,
        currency=one_pass["low"] or "" if one_pass["low"] == one_pass["high"] else "",
    )


def last_scrape_began() -> datetime | None:
    """When the newest scrape began, or None before the second one: at the first, everything is new."""
    last: datetime | None = Item.objects.aggregate(last=Max("last_seen"))["last"]
    return last
