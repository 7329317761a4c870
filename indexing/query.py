"""Looking at a picture that is not in the index: the vector and the map that the index's own network gives it.

The network is opened on first use and kept, one at a time; where its converted model is in the cache, neither TensorFlow nor
the weights' file is needed. Calls from several threads wait for each other.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.decoding import decode, refusal
from indexing.engines import FullEngine, cached_engine, make_engine
from indexing.errors import EngineError, ImagesError, WeightsError
from indexing.networks import Network, get_network, names
from indexing.weights.imagenet import cached_file
from indexing.weights.record import Weights

ONE: Final = 1


class Seen(NamedTuple):
    """vector: float32 (d,), comparable with the index's; features: float32 (h, w, c), the last convolution's map."""

    vector: NDArray[np.float32]
    features: NDArray[np.float32]


class _Opened(NamedTuple):
    key: tuple[str, ...]
    network: Network
    engine: FullEngine


_lock = threading.Lock()
_opened: _Opened | None = None


def look(data: bytes, manifest: Mapping[str, Any], cache_dir: Path, threads: int | None = None) -> Seen:
    """What the network that made the index (its `manifest`) sees in an encoded picture.

    Raises ImagesError when the picture cannot be read, EngineError or WeightsError when that network is not to be had here.
    """
    picture = decode(data)
    if picture is None:
        raise ImagesError(f"This picture cannot be read: {refusal(data) or 'it is damaged'}.")
    with _lock:
        opened = _open(manifest, cache_dir, threads)
        vectors, maps = opened.engine.run_with_features(opened.network.prepare(picture)[np.newaxis])
    return Seen(vectors[0], maps[0])


def vector_from_image(
    data: bytes, manifest: Mapping[str, Any], cache_dir: Path, threads: int | None = None
) -> NDArray[np.float32]:
    """`look`, the vector alone: float32 (d,)."""
    return look(data, manifest, cache_dir, threads).vector


def features_from_image(
    data: bytes, manifest: Mapping[str, Any], cache_dir: Path, threads: int | None = None
) -> NDArray[np.float32]:
    """`look`, the map alone: float32 (h, w, c)."""
    return look(data, manifest, cache_dir, threads).features


def forget() -> None:
    """Free the network that is kept open."""
    global _opened
    with _lock:
        if _opened is not None:
            _opened.engine.close()
        _opened = None


def _open(manifest: Mapping[str, Any], cache_dir: Path, threads: int | None) -> _Opened:
    global _opened
    weights = manifest.get("weights")
    if manifest.get("network") not in names() or not isinstance(weights, dict):
        raise EngineError("This index does not say which network made it: build it with build_index to search by picture.")
    network = get_network(str(manifest["network"]))
    if manifest.get("preprocessing") != network.spec.preprocessing:
        raise EngineError("This index was made by another version of the program: run build_index to search by picture.")
    key = (network.spec.name, str(weights.get("digest")), str(cache_dir))
    if _opened is None or _opened.key != key:
        if _opened is not None:
            _opened.engine.close()
            _opened = None  # both at once would double the memory
        engine = cached_engine(network, key[1], cache_dir, threads, batch_size=ONE)
        if engine is None:
            engine = make_engine("auto", network, _same_weights(network, weights), threads, cache_dir, batch_size=ONE)
        _opened = _Opened(key, network, engine)
    return _opened


def _same_weights(network: Network, recorded: Mapping[str, Any]) -> Weights:
    """The weights that the manifest names, if they are still what they were."""
    source = str(recorded.get("source"))
    if source == "imagenet" and cached_file() is None:  # a page must not start a download of half a gigabyte
        raise WeightsError("VGG-16's ImageNet weights are no longer in Keras's cache: run build_index to fetch them.")
    found = network.load_weights(source, int(recorded.get("seed", 0)))
    if found.digest != recorded.get("digest"):
        raise WeightsError(f"The index was made with other weights than {found.description} now holds: run build_index again.")
    return found
