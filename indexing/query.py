"""Embedding a picture that is not in the index: the vector and the map that the index's own network gives it.

The network is opened on first use and kept, one at a time; where its converted model is in the cache, neither TensorFlow nor
the weights' file is needed. Calls from several threads wait for each other.
"""

import math
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.decoding import decode, refusal
from indexing.encoders.encoder import NAME as ENCODER
from indexing.encoders.encoder import Encoder, OpenedEncoder, open_encoder, unit
from indexing.encoders.runtimes import Model
from indexing.encoders.words import TextTower
from indexing.engines import FullEngine, cached_engine, is_cached, make_engine, make_text_model
from indexing.engines.processor import usable_precisions
from indexing.engines.staged import StagedEngine
from indexing.errors import EngineError, ImagesError, WeightsError
from indexing.heads.head import Head, head_digest
from indexing.heads.store import load_head
from indexing.index.record import Neighbours, recorded_precision
from indexing.nearest.metrics import Metric
from indexing.networks.base import Network
from indexing.networks.boxes import WHOLE, Box
from indexing.networks.registry import get_network, names
from indexing.weights.imagenet import cached_file
from indexing.weights.record import Weights

_BATCH_SIZE: Final = 1
_LIGHT: Final = 25_000_000  # numbers: 100 MB


class Embedding(NamedTuple):
    """vector: float32 (d,), comparable with the index's; features: float32 (h, w, c), the last convolution's map, None for an
    encoder, which has none."""

    vector: NDArray[np.float32]
    features: NDArray[np.float32] | None


class _OpenNetwork(NamedTuple):
    key: tuple[str, ...]
    network: Network | Encoder
    engine: FullEngine


class _OpenText(NamedTuple):
    key: tuple[str, ...]
    tower: TextTower
    model: Model


_lock = threading.Lock()
_open_network: _OpenNetwork | None = None
_open_text: _OpenText | None = None
_opened: tuple[tuple[str, ...], OpenedEncoder] | None = None  # its files' digests were compared: not for each picture again


def embed(
    picture: bytes | NDArray[np.uint8],
    manifest: Mapping[str, Any],
    cache_dir: Path,
    threads: int | None = None,
    heads: Path | None = None,
) -> Embedding:
    """The embedding of a picture by the network that made the index (its `manifest`).

    heads: the folder of learned heads; None: the vector is the network's own, whatever head the index has.
    picture: encoded (JPEG, PNG, WebP, GIF, BMP), or upright pixels, uint8 BGR (h, w, 3).
    Raises ImagesError when the picture cannot be read, EngineError or WeightsError when that network is not available here.
    """
    pixels = _decoded(picture) if isinstance(picture, bytes) else picture
    with _lock:
        current = _open(manifest, cache_dir, threads)
        if isinstance(current.network, Encoder):
            return Embedding(current.engine.run(current.network.prepare(pixels)[np.newaxis])[0], None)
        head = _open_head(manifest, heads)
        vectors, maps = current.engine.run_with_features(current.network.prepare(pixels)[np.newaxis])
    return Embedding((vectors if head is None else head.applied(vectors))[0], maps[0])


def embed_words(words: str, manifest: Mapping[str, Any], cache_dir: Path, threads: int | None = None) -> NDArray[np.float32]:
    """The vector of some words, float32 (d,) of length 1, by the text tower of the encoder that made the index.

    Raises EngineError when the index's network reads no words, WeightsError when its files are no longer what they were.
    """
    global _open_text
    with _lock:
        key = (str(manifest.get("words")), str(cache_dir))
        if _open_text is None or _open_text.key != key:
            known = manifest.get("network") == ENCODER and isinstance(manifest.get("weights"), dict)
            tower = _encoder_of(manifest, cache_dir).encoder.text if known else None
            if tower is None:
                raise EngineError("The network of this index reads no words: build it with an encoder that has a text tower.")
            if tower.digest != manifest.get("words"):
                raise WeightsError(f"The encoder's text tower is no longer that of the index ({tower.model}): run build_index.")
            _open_text = None
            _open_text = _OpenText(key, tower, make_text_model(tower, threads, cache_dir))
        vector: NDArray[np.float32] = unit(_open_text.model.run(_open_text.tower.encode(words)))[0]
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise EngineError("The encoder's text tower gave no vector: take another encoder.")
    return vector


def find_boxes(
    picture: NDArray[np.uint8], manifest: Mapping[str, Any], cache_dir: Path, threads: int | None = None
) -> list[Box]:
    """The parts of a picture that may be searched with: its prints and garments, the surest first, then the whole of it.

    picture: upright pixels, uint8 BGR (h, w, 3). A network that looks for none gives the whole alone. Raises as `embed`.
    """
    with _lock:
        current = _open(manifest, cache_dir, threads)
        engine = current.engine
        parts = current.network.parts if isinstance(current.network, Network) else None
        if parts is None or not isinstance(engine, StagedEngine):
            return [WHOLE]
        outputs = engine.first.run(current.network.prepare(picture)[np.newaxis])
    return parts.boxes(outputs[0], *picture.shape[:2])


def box_queries(
    picture: NDArray[np.uint8],
    box: Box,
    manifest: Mapping[str, Any],
    cache_dir: Path,
    threads: int | None = None,
    heads: Path | None = None,
) -> NDArray[np.float32]:
    """Vectors, float32 (q, d), to search the index with for what looks like that part: `nearest_to_any` joins their answers.

    A print is sought among prints, whatever is around it; a garment or the whole as an item is, by one vector.
    heads, and what is raised: as of `embed`.
    """
    with _lock:
        current = _open(manifest, cache_dir, threads)
        head = _open_head(manifest, heads)
        network, engine = current.network, current.engine
        if box.kind != "print" or isinstance(network, Encoder) or network.parts is None or not isinstance(engine, StagedEngine):
            vectors = engine.run(network.prepare(np.ascontiguousarray(box.cut(picture)))[np.newaxis])
            return vectors if head is None else head.applied(vectors)
        views = network.parts.views(picture, box)
        outputs = engine.first.run(np.stack([network.prepare(view) for view in views]))
        read = engine.others[-1].run(network.parts.read(views[-1])[np.newaxis])
    queries = network.parts.queries(outputs, read[0])
    return queries if head is None else head.padded(queries)


def nearest_to_any(near: Mapping[Metric, Neighbours], k: int) -> dict[Metric, tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """The answers of `LiveSearch.query` to several vectors, (q, k) each → one ranking by metric: rows (≤ k,) and distances.

    A row is as near as the nearest of the vectors; equal distances go to the smaller row.
    """
    joined: dict[Metric, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
    for metric, found in near.items():
        rows, distances = found.rows.reshape(-1), found.distances.reshape(-1)
        order = np.lexsort((rows, distances))
        _, first = np.unique(rows[order], return_index=True)
        kept = order[np.sort(first)][:k]
        joined[metric] = rows[kept], distances[kept]
    return joined


def _decoded(data: bytes) -> NDArray[np.uint8]:
    pixels = decode(data)
    if pixels is None:
        raise ImagesError(f"This picture cannot be read: {refusal(data) or 'it is damaged'}.")
    return pixels


def open_if_light(manifest: Mapping[str, Any], cache_dir: Path, threads: int | None = None) -> bool:
    """Open the network that made the index before it is asked for, and run it once; whether that was done.

    Only one that a build has left in the cache, ready to run, and that takes little memory. Raises as `embed`.
    """
    weights = manifest.get("weights")
    if manifest.get("network") not in names() or not isinstance(weights, dict):
        return False
    network = get_network(str(manifest["network"]))
    graphs = [network.graph, *(stage.network.graph for stage in network.stages)]
    numbers = sum(math.prod(kernel) for graph in graphs for kernel, _ in graph.parameters.values())
    if numbers > _LIGHT or not is_cached(network, str(weights.get("digest")), cache_dir):
        return False
    embed(np.full((8, 8, 3), 255, np.uint8), manifest, cache_dir, threads)
    return True


def close_network() -> None:
    """Free the network that is kept open."""
    global _open_text, _opened
    with _lock:
        _close_open_network()
        _open_text = _opened = None


def _close_open_network() -> None:
    global _open_network
    if _open_network is not None:
        _open_network.engine.close()
    _open_network = None


def _open(manifest: Mapping[str, Any], cache_dir: Path, threads: int | None) -> _OpenNetwork:
    global _open_network
    weights = manifest.get("weights")
    if manifest.get("network") == ENCODER and isinstance(weights, dict):
        return _open_encoder(manifest, weights, cache_dir, threads)
    if manifest.get("network") not in names() or not isinstance(weights, dict):
        raise EngineError("This index does not say which network made it: build it with build_index to search by picture.")
    network = get_network(str(manifest["network"]))
    if manifest.get("preprocessing") != network.spec.preprocessing:
        raise EngineError("This index was made by another version of the program: run build_index to search by picture.")
    precision = recorded_precision(manifest)
    key = (network.spec.name, str(weights.get("digest")), str(cache_dir), precision)
    if _open_network is None or _open_network.key != key:
        _close_open_network()  # both at once would double the memory
        engine = cached_engine(network, key[1], cache_dir, threads, _BATCH_SIZE, precision)
        if engine is None:
            # On a processor without that precision float32 will do: the two agree to a cosine of 0.9999.
            wanted = precision if set(precision.split("+")) <= {*usable_precisions()} else "float32"
            engine = make_engine("auto", network, _same_weights(network, weights), threads, cache_dir, _BATCH_SIZE, wanted)
        _open_network = _OpenNetwork(key, network, engine)
    return _open_network


def _open_head(manifest: Mapping[str, Any], heads: Path | None) -> Head | None:
    """The learned head that the index has, if it has one. Raises WeightsError when its file is not there."""
    digest = head_digest(manifest)
    return _read_head(heads, digest) if digest and heads is not None else None


@lru_cache(maxsize=1)
def _read_head(heads: Path, digest: str) -> Head:
    return load_head(heads, digest)


def _open_encoder(
    manifest: Mapping[str, Any], weights: Mapping[str, Any], cache_dir: Path, threads: int | None
) -> _OpenNetwork:
    """The encoder that the manifest names, if its files are still what they were; nothing is fetched for a page."""
    global _open_network
    key = (ENCODER, str(weights.get("digest")), str(manifest.get("preprocessing")), str(cache_dir))
    if _open_network is None or _open_network.key != key:
        opened = _encoder_of(manifest, cache_dir)
        _close_open_network()
        engine = make_engine("auto", opened.encoder, opened.weights, threads, cache_dir, batch_size=_BATCH_SIZE)
        _open_network = _OpenNetwork(key, opened.encoder, engine)
    return _open_network


def _encoder_of(manifest: Mapping[str, Any], cache_dir: Path) -> OpenedEncoder:
    global _opened
    weights = manifest["weights"]
    key = (str(weights.get("digest")), str(manifest.get("preprocessing")), str(weights.get("source")), str(cache_dir))
    if _opened is None or _opened[0] != key:
        opened = open_encoder(str(weights.get("source")), cache_dir, offline=True)
        spec = opened.encoder.spec
        if (opened.weights.digest, spec.preprocessing) != key[:2] or spec.layer != manifest.get("layer"):
            raise WeightsError(f"The index was made with other files than {weights.get('source')} now holds: run build_index.")
        _opened = (key, opened)
    return _opened[1]


def _same_weights(network: Network, recorded: Mapping[str, Any]) -> Weights:
    """The weights that the manifest names, if they are still what they were."""
    source = str(recorded.get("source"))
    if source == "imagenet" and cached_file() is None:  # a page must not start a download of half a gigabyte
        raise WeightsError("VGG-16's ImageNet weights are no longer in Keras's cache: run build_index to fetch them.")
    weights = network.load_weights(source, int(recorded.get("seed", 0)))
    if weights.digest != recorded.get("digest"):
        raise WeightsError(
            f"The index was made with other weights than {weights.description} now holds: run build_index again."
        )
    return weights
