"""Heat maps of two items' previews, computed in the bounded pool; features are kept for the next comparison."""

import threading
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from cachetools import LRUCache
from django.conf import settings
from numpy.typing import NDArray

from catalog.compare.heatmap import correspondence
from catalog.errors import SiteError
from catalog.index_store import Loaded
from catalog.photo.inference_pool import get_pool, threads
from catalog.previews import preview_path, variant_tag
from indexing.errors import ImagesError
from indexing.networks.names import NETWORK_NAMES

KEPT: Final = 32  # at most 13 MB of VGG-16's maps (14 × 14 × 512)


class PreviewError(SiteError):
    """A preview that is missing or cannot be read."""

    status = 404


class HeatMaps(NamedTuple):
    """Float32 (h, w) in [0, 1]: of the first picture against the second, and the other way round."""

    a: NDArray[np.float32]
    b: NDArray[np.float32]


_cache: LRUCache[str, NDArray[np.float32]] = LRUCache(KEPT)
_lock = threading.Lock()


def has_network(manifest: Any) -> bool:
    """Whether the index names the network and the weights that made it: without them there is no feature map."""
    return (
        manifest.get("network") in NETWORK_NAMES
        and isinstance(manifest.get("weights"), dict)
        and "digest" in manifest["weights"]
    )


def heat_maps_tag(loaded: Loaded, first: str, second: str) -> str:
    """Changes when the heat maps of two items would. Raises PreviewError when one of them has no preview."""
    return "-".join(_tag(loaded, _path(item_id)) for item_id in (first, second))


def heat_maps(loaded: Loaded, first: str, second: str) -> HeatMaps:
    """The heat maps of two items' previews.

    Raises PreviewError, EngineError, WeightsError; BusyError when the queue is full.
    """
    paths = [_path(item_id) for item_id in (first, second)]
    maps = [_kept(_tag(loaded, path)) for path in paths]
    if any(features is None for features in maps):
        # Both in one go: the page asks for two heat maps at once, and the second finds both kept.
        maps = get_pool().run(lambda: [_features(loaded, path) for path in paths])
    a, b = maps
    assert a is not None
    assert b is not None
    return HeatMaps(correspondence(a, b), correspondence(b, a))


def _path(item_id: str) -> Path:
    path = preview_path(item_id)
    if path is None:
        raise PreviewError(f"There is no preview of {item_id[:64]!r}: scrape it again.")
    return path


def _tag(loaded: Loaded, path: Path) -> str:
    weights = loaded.index.manifest.get("weights")
    digest = str(weights.get("digest", "")) if isinstance(weights, dict) else ""
    return variant_tag(path, None, f"features of {digest}")


def _kept(tag: str) -> NDArray[np.float32] | None:
    with _lock:
        return _cache.get(tag)


def _features(loaded: Loaded, path: Path) -> NDArray[np.float32]:
    from indexing.query import embed  # imports the engine's libraries

    tag = _tag(loaded, path)
    kept = _kept(tag)
    if kept is not None:
        return kept
    try:
        features = embed(path.read_bytes(), loaded.index.manifest, settings.CACHE_DIR, threads()).features
    except (OSError, ImagesError) as error:
        raise PreviewError(f"The preview {path.name} cannot be read: {error}") from error
    assert features is not None  # `has_network`
    with _lock:
        _cache[tag] = features
    return features
