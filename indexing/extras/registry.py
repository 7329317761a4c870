"""What a build computes for the site besides neighbours: one small function each, listed in EXTRAS.

An extra takes the finished vectors and thumbnails and returns arrays by name; they go into the index's `extras`. To add one,
write the function in a module of its own and list it here. One that fails is reported and left out: it never costs a build.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.extras.colours import colours
from indexing.extras.duplicates import duplicate_groups
from indexing.extras.layout import layout
from indexing.extras.map_grid import map_arrays
from indexing.extras.quantiles import distance_quantiles
from indexing.index.record import Index, Neighbours
from indexing.nearest.metrics import Metric

log = logging.getLogger(__name__)
_AT_ONCE: Final = 2


ALL_COMPARED: Final = 100_000  # items that are all compared in search of near-duplicates: some two minutes on two cores
COMPARED: Final = 20  # beyond that each is compared with so many of its nearest


@dataclass(frozen=True, slots=True)
class ExtrasContext:
    """What an extra may read. n items, in the index's order; nothing here may be changed.

    vectors: float32 (n, d); neighbours: by metric; thumbnails: uint8 (n, 48, 48, 3) RGB; paths: each preview's file.
    previous: the index that this one follows, if its vectors could be used again.
    """

    item_ids: tuple[str, ...]
    vectors: NDArray[np.float32]
    neighbours: Mapping[Metric, Neighbours]
    thumbnails: NDArray[np.uint8]
    paths: Sequence[Path]
    previous: Index | None = None

    def previous_array(self, name: str) -> NDArray[np.float32] | None:
        """A previous extra of one row an item, in this index's order: float32, NaN in the rows of items it did not have."""
        array = None if self.previous is None else self.previous.extras.get(name)
        if self.previous is None or array is None or len(array) != len(self.previous):
            return None
        rows = np.array([self.previous.rows.get(item_id, -1) for item_id in self.item_ids], np.intp)
        taken = np.asarray(array, np.float32)[rows]
        taken[rows < 0] = np.nan
        return taken


Extra = Callable[[ExtrasContext], Mapping[str, NDArray[Any]]]


def _thumbnails(context: ExtrasContext) -> dict[str, NDArray[Any]]:
    """`thumbnails`: uint8 (n, 48, 48, 3) RGB. Kept, so that a rebuild need not decode what has not changed."""
    return {"thumbnails": context.thumbnails}


def _distance_quantiles(context: ExtrasContext) -> dict[str, NDArray[Any]]:
    """`distance_quantiles_<metric>`: see `indexing.extras.quantiles`."""
    return {**distance_quantiles(context.vectors)}


def _map(context: ExtrasContext) -> dict[str, NDArray[Any]]:
    """`map_places`, `map_cells`, `map_regions`: see `indexing.extras.layout` and `indexing.extras.map_grid`."""
    return map_arrays(layout(context.vectors, previous=context.previous_array("map_places")))


def _colours(context: ExtrasContext) -> dict[str, NDArray[Any]]:
    """`dominant_colour`, `palette`, `palette_shares`: see `indexing.extras.colours`."""
    return {**colours(context.thumbnails)}


def _duplicates(context: ExtrasContext) -> dict[str, NDArray[Any]]:
    """`duplicate_group`: see `indexing.extras.duplicates`."""
    nearest = context.neighbours["cosine"].rows[:, :COMPARED] if len(context.item_ids) > ALL_COMPARED else None
    return {"duplicate_group": duplicate_groups(context.thumbnails, nearest)}


EXTRAS: Final[list[Extra]] = [_thumbnails, _distance_quantiles, _colours, _duplicates, _map]


def extra_names(extras: Sequence[Extra]) -> list[str]:
    """What messages and the manifest call them."""
    return [extra.__name__.strip("_") for extra in extras]


def compute_extras(
    context: ExtrasContext, extras: Sequence[Extra], advance: Callable[[int], None] = lambda more: None
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The extras' arrays by name, and a line for each extra that failed, by its name; `advance` is told of each one done.

    Two are worked out at a time, the last of the list first: the map's layout keeps one core busy for longer than all others.
    """
    arrays: dict[str, NDArray[Any]] = {}
    failures: dict[str, str] = {}
    names = extra_names(extras)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        started = {name: pool.submit(extra, context) for name, extra in reversed(list(zip(names, extras, strict=True)))}
        for name in names:
            try:
                arrays.update(started[name].result())  # nosec B610  # a dict, no query set
            except Exception as error:  # whatever goes wrong in an addition, the index itself is whole and worth keeping
                log.exception("the extra %s failed", name)
                failures[name] = f"{name} failed ({type(error).__name__}: {error}) and is left out"
            advance(1)
    return arrays, failures
