"""Small catalogues with chosen vectors, so that neighbours can be worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from catalog.models import Item
from indexing.index.file import save_index
from indexing.index.record import FORMAT_VERSION, NEIGHBOURS_KEPT, Index, Neighbours
from indexing.nearest.distances import distance
from indexing.nearest.metrics import METRICS, Metric

SEEN: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)

# Six points on a plane. Seen from "a" (1, 0):
#   cosine    ranks by the angle alone: b (same ray, far out) first
#   euclidean and manhattan rank by nearness: c first
POINTS: Final[Mapping[str, tuple[float, float]]] = {
    "a": (1.0, 0.0),
    "b": (9.0, 0.0),
    "c": (1.0, 0.5),
    "d": (2.0, 2.0),
    "e": (0.0, 3.0),
    "f": (0.5, 8.0),
}
MANIFEST: Final[Mapping[str, Any]] = {
    "format_version": FORMAT_VERSION,
    "network": "vgg16",
    "weights": {"label": "imagenet"},
    "created": "2026-11-02T10:00:00+00:00",
}


def neighbours_of(vectors: NDArray[np.float32]) -> dict[Metric, Neighbours]:
    """By definition and by sorting: a handful of items needs no kernels."""
    kept = min(NEIGHBOURS_KEPT, len(vectors) - 1)
    found: dict[Metric, Neighbours] = {}
    for metric in METRICS:
        away = np.array([distance(metric, vector, vectors) for vector in vectors], dtype=np.float32)
        np.fill_diagonal(away, np.inf)
        rows = np.ascontiguousarray(np.argsort(away, axis=1, kind="stable")[:, :kept].astype(np.int32))
        found[metric] = Neighbours(rows, np.take_along_axis(away, rows.astype(np.intp), axis=1))
    return found


def make_index(
    points: Mapping[str, Sequence[float]] = POINTS,
    manifest: Mapping[str, Any] = MANIFEST,
    extras: Mapping[str, NDArray[Any]] | None = None,
) -> Index:
    """An index of these vectors, its rows in the mapping's order."""
    vectors = np.array(list(points.values()), dtype=np.float32).reshape(len(points), -1)
    ids = tuple(points)
    rows = {item_id: row for row, item_id in enumerate(ids)}
    return Index(ids, rows, vectors, neighbours_of(vectors), manifest, extras or {})


def write_index(index: Index | None = None) -> Path:
    """Save an index where the site looks for it."""
    path: Path = settings.INDEX_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    save_index(index or make_index(), path)
    return path


def add_item(item_id: str, **fields: Any) -> Item:
    """A row of the catalogue, on sale."""
    defaults = {"title": f"Shirt {item_id}", "price": "19.90", "currency": "EUR", "last_seen": SEEN}
    defaults["url"] = f"https://shop.example/{item_id}"
    return Item.objects.create(item_id=item_id, **{**defaults, **fields})


def add_items(item_ids: Sequence[str] = tuple(POINTS)) -> None:
    """Rows for these ids."""
    for item_id in item_ids:
        add_item(item_id)


def write_preview(item_id: str, width: int = 250, height: int = 250) -> Path:
    """A JPEG that is a gradient, large enough to be worth converting."""
    import cv2

    across = np.linspace(0, 255, width, dtype=np.uint8)
    ramp = np.tile(across, (height, 1))
    picture = np.stack([ramp, np.full_like(ramp, 120), ramp[:, ::-1]], axis=-1)
    done, encoded = cv2.imencode(".jpg", picture)
    assert done
    path: Path = settings.IMAGES_DIR / f"{item_id}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded.tobytes())
    return path
