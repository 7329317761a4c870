"""The parts of an index that pages can do without: its manifest's entries and its extras, each with the rule that it must keep.

What breaks its rule is left out, as if the index had been built without it; the vectors and neighbours still serve. An entry
or an array that has no rule here is read by nobody and stays as it is.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.extras.colours import COLOURS
from indexing.nearest.metrics import METRICS

LONGEST_TEXT: Final = 4096
_DIGEST: Final = re.compile(r"[0-9A-Za-z]{1,128}")
_MOST_REGIONS: Final = 256
_MOST_QUANTILES: Final = 100_001

Extras = dict[str, NDArray[Any]]


def checked_manifest(manifest: Mapping[Any, Any], n: int, dim: int) -> tuple[dict[str, Any], list[str]]:
    """The entries of a manifest of n items and vectors (n, dim) that keep their rules, and the names of those that do not."""
    kept: dict[str, Any] = {}
    left_out: list[str] = []
    rules: dict[str, Callable[[Any], bool]] = {**_ENTRIES, "items": lambda value: value == n, "dim": lambda value: value == dim}
    for name, value in manifest.items():
        if name in _CLEANED and isinstance(value, dict):
            value = {_cleaned(key): _cleaned(text) for key, text in value.items()}
        if isinstance(name, str) and _is_plain(value) and rules.get(name, _anything)(value):
            kept[name] = value
        else:
            left_out.append(f"the manifest's {str(name)[:40]!r}")
    return kept, left_out


def checked_extras(extras: Mapping[str, NDArray[Any]], n: int) -> tuple[Extras, list[str]]:
    """The arrays of an index of n items that keep their rules, and the names of those that do not."""
    kept = {name: array for name, array in extras.items() if _ARRAYS.get(name, _any_array)(array, n)}
    for together in _TOGETHER:
        shapes = {kept[name].shape[:2] for name in together if name in kept}
        if len(shapes) != 1 or not kept.keys() >= together:
            kept = {name: array for name, array in kept.items() if name not in together}
    return kept, [f"the extra {name[:40]!r}" for name in extras if name not in kept]


def _is_plain(value: Any) -> bool:
    """Whether JSON and UTF-8 can write it."""
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and _cleaned(value) == value
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(key) and _is_plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int) or (type(value) is float and math.isfinite(value))


def _cleaned(text: Any) -> Any:
    """Text without what UTF-8 cannot write: names of files may hold any bytes."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


def _anything(_value: Any) -> bool:
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_TEXT


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_flag(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _is_seed(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**64


def _is_moment(value: Any) -> bool:
    """An ISO date and time that every time zone can show."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return 1970 <= moment.year < 9999


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _are_digests(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_digest, value.values()))


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_weights(value: Any) -> bool:
    """What `Weights.manifest` writes; older indexes have a text, others a part of it."""
    if not isinstance(value, dict):
        return _is_text(value)
    texts = all(_is_text(value.get(name, "")) for name in ("label", "source", "description"))
    digest = "digest" not in value or _is_digest(value["digest"])
    return texts and digest and _is_flag(value.get("trained")) and _is_seed(value.get("seed", 0))


def _is_head(value: Any) -> bool:
    """What `Head.manifest` writes."""
    return isinstance(value, dict) and _is_digest(value.get("digest")) and _are_names(value.get("categories"))


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def _are_found(value: Any) -> bool:
    """What `indexing.build.neighbours.Found` records: a search by lists, by codes, or updated row by row, without settings."""
    if not isinstance(value, dict):
        return False
    if value.get("search") != "approximate":
        return value == {"search": "exact"}
    always = {"search", "recall", "k", "queries"}
    recall, probes = value.get("recall"), value.get("probes", [1])
    return (
        value.keys() >= always
        and value.keys() - always in (set(), {"directions", "lists", "probes", "candidates"}, {"code_bits", "compared"})
        and isinstance(recall, dict)
        and recall.keys() == set(METRICS)
        and all(map(_is_share, recall.values()))
        and all(_is_count(value.get(name, 1)) for name in ("k", "queries", "directions", "lists", "candidates", "code_bits"))
        and _is_share(value.get("compared", 0))
        and isinstance(probes, list)
        and len(probes) in (1, 2)
        and all(map(_is_count, probes))
    )


_CLEANED: Final = ("skipped", "unreadable")
_ENTRIES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "network": _is_text,
    "layer": _is_text,
    "preprocessing": _is_text,
    "engine": _is_text,
    "precision": _is_text,
    "words": _is_text,
    "note": _is_text,
    "weights": _are_weights,
    "trained": _is_flag,
    "head": _is_head,
    "neighbours": _are_found,
    "versions": _are_texts,
    "previews": _are_digests,
    "skipped": _are_texts,
    "unreadable": _are_texts,
    "extras": _are_names,
    "created": _is_moment,
    "built": lambda value: isinstance(value, dict),
}


def _any_array(_array: NDArray[Any], _n: int) -> bool:
    return True


def _is(array: NDArray[Any], dtype: type, *shape: int | None) -> bool:
    """Whether it is of this dtype and shape; None: a side of any length from 1."""
    sides = zip(array.shape, shape, strict=False)
    return (
        array.dtype == dtype
        and array.ndim == len(shape)
        and all(side == wanted if wanted is not None else side > 0 for side, wanted in sides)
    )


def _within(array: NDArray[Any], least: float, most: float) -> bool:
    """Whether every number is; NaN never is."""
    return not array.size or bool(array.min() >= least and array.max() <= most)


def _are_cells(array: NDArray[Any], n: int) -> bool:
    return _is(array, np.int32, n, 2) and _within(array, 0, 64 + 16 * math.isqrt(n))


def _are_quantiles(array: NDArray[Any], _n: int) -> bool:
    if not _is(array, np.float32, None) or not 2 <= len(array) <= _MOST_QUANTILES:
        return False
    return _within(array, 0, float(np.finfo(np.float32).max)) and bool((np.diff(array) >= 0).all())


_ARRAYS: Final[Mapping[str, Callable[[NDArray[Any], int], bool]]] = {
    "thumbnails": lambda array, n: _is(array, np.uint8, n, None, None, 3) and array.shape[1] == array.shape[2],
    "dominant_colour": lambda array, n: _is(array, np.uint8, n) and _within(array, 0, len(COLOURS) - 1),
    "palette": lambda array, n: _is(array, np.uint8, n, None, 3),
    "palette_shares": lambda array, n: _is(array, np.float32, n, None) and _within(array, 0, 1.001),
    "duplicate_group": lambda array, n: _is(array, np.int32, n),
    "map_places": lambda array, n: _is(array, np.float32, n, 2) and _within(array, 0, 1),
    "map_cells": _are_cells,
    "map_regions": lambda array, n: _is(array, np.int32, n, 2) and _within(array, 0, _MOST_REGIONS - 1),
    **{f"distance_quantiles_{metric}": _are_quantiles for metric in METRICS},
}
# Of these, one alone says nothing.
_TOGETHER: Final = (frozenset({"palette", "palette_shares"}), frozenset({"map_cells", "map_regions"}))
