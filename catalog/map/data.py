"""What the map draws: places, item ids and sheets of previews, ready for the browser."""

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils.translation import get_language
from numpy.typing import NDArray

from catalog.errors import INDEX_RETRY_S, SiteError
from catalog.index_store import Loaded
from catalog.map.region_names import ItemText, name_regions
from catalog.map.sprites import Plan, sheet_info
from catalog.models import Item
from catalog.rendering.colour_names import colour_name
from indexing.extras.colours import COLOURS
from indexing.index.record import Index

LEVELS: Final = 2


class NoMapError(SiteError):
    """The index was built before there was a map."""

    status = 503
    retry_after = INDEX_RETRY_S

    def __init__(self) -> None:
        super().__init__("This index has no map yet: `python manage.py build_index` adds it; vectors are not computed again.")


class SheetsError(SiteError):
    """The sheets of previews cannot be drawn."""

    status = 503


@dataclass(frozen=True, slots=True)
class Region:
    """A named part of the map. x, y: where its name stands, in cells; level: 0 coarse, 1 fine."""

    name: str
    x: float
    y: float
    count: int
    level: int


@dataclass(frozen=True, slots=True)
class Map:
    """The items on sale, as the map shows them. rows: int (m,), theirs in the index; cells: int32 (m, 2), column and row."""

    item_ids: tuple[str, ...]
    rows: NDArray[np.intp]
    cells: NDArray[np.int32]
    regions: tuple[Region, ...]
    size: tuple[int, int]


def has_map(index: Index) -> bool:
    """Whether the index holds a map of its items."""
    parts = [index.extras.get(name) for name in ("map_cells", "map_regions")]
    return all(part is not None and part.shape == (len(index), 2) for part in parts)


def read_map(index: Index) -> Map:
    """The map as it is now, delisted items left out. Raises NoMapError."""
    if not has_map(index):
        raise NoMapError
    known = {
        item_id: (title, category, style, delisted is not None or hidden)
        for item_id, title, category, style, delisted, hidden in Item.objects.order_by().values_list(
            "item_id", "title", "category", "style", "delisted_at", "hidden"
        )
    }
    listed = [known.get(item_id, ("", "", "", False)) for item_id in index.item_ids]
    rows = np.array([row for row, (*_texts, gone) in enumerate(listed) if not gone], dtype=np.intp)
    colours = _colour_names(index)
    texts = [ItemText(listed[row][0], listed[row][1], colours[row], listed[row][2]) for row in rows]
    cells = np.asarray(index.extras["map_cells"])
    regions = np.asarray(index.extras["map_regions"])
    all_regions = tuple(
        region for level in range(LEVELS) for region in _regions(regions[rows, level], cells[rows], texts, level)
    )
    size = (int(cells[:, 0].max()) + 1, int(cells[:, 1].max()) + 1) if len(cells) else (1, 1)
    return Map(tuple(index.item_ids[row] for row in rows), rows, cells[rows], all_regions, size)


def _colour_names(index: Index) -> list[str]:
    """Each row's dominant colour in the reader's language; "" where the index kept none."""
    numbers = index.extras.get("dominant_colour")
    if numbers is None:
        return [""] * len(index)
    names = [str(colour_name(colour.name)) for colour in COLOURS]
    return [names[number] for number in numbers.tolist()]


def _regions(numbers: NDArray[np.int32], cells: NDArray[np.int32], texts: Sequence[ItemText], level: int) -> list[Region]:
    members = [np.flatnonzero(numbers == number) for number in np.unique(numbers)]
    names = name_regions([[texts[position] for position in inside.tolist()] for inside in members])
    named = []
    for name, inside in zip(names, members, strict=True):
        column, row = (float(middle) + 0.5 for middle in np.median(cells[inside], axis=0))
        if name:
            named.append(Region(name, column, row, len(inside), level))
    return named


def payload(chart: Map, plan: Plan, sheet_url: Callable[[str, int], str]) -> dict[str, Any]:
    """The map as the browser reads it: columns of numbers, for a list of objects would be four times as long."""
    return {
        "size": chart.size,
        "sheets": sheet_info(plan, sheet_url),
        "ids": chart.item_ids,
        "x": chart.cells[:, 0].tolist(),
        "y": chart.cells[:, 1].tolist(),
        "sprites": chart.rows.tolist(),
        "regions": [
            [region.name, round(region.x, 1), round(region.y, 1), region.count, region.level] for region in chart.regions
        ],
    }


def catalogue_stamp() -> tuple[Any, ...]:
    """Changes when titles, styles or what is on sale may have."""
    hidden = Count("pk", filter=Q(hidden=True))
    counts = {"n": Count("pk"), "seen": Max("last_seen"), "gone": Count("delisted_at"), "last": Max("delisted_at")}
    asked = Item.objects.aggregate(**counts, hidden=hidden)
    styles = Item.objects.exclude(style="").order_by("style").values_list("style").annotate(n=Count("pk"))
    return (*asked.values(), *(styles if settings.STYLE_WORDS is not None else ()))


_kept: dict[str, tuple[tuple[Any, ...], bytes, str]] = {}
_lock = threading.Lock()


def encoded(loaded: Loaded, plan: Plan, sheet_url: Callable[[str, int], str]) -> tuple[bytes, str]:
    """The payload as JSON, and its ETag. Kept for each language until index or catalogue change. Raises NoMapError."""
    stamp, language = (loaded.version, plan, *catalogue_stamp()), get_language() or ""
    kept = _kept.get(language)
    if kept is None or kept[0] != stamp:
        with _lock:
            kept = _kept.get(language)
            if kept is None or kept[0] != stamp:
                body = json.dumps(payload(read_map(loaded.index), plan, sheet_url), separators=(",", ":")).encode()
                kept = _kept[language] = (stamp, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    return kept[1], kept[2]
