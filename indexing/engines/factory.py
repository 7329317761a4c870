"""Which engine runs a network, and the proof that a fast one gives the reference's numbers."""

import json
import logging
import math
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.encoders.encoder import Encoder
from indexing.engines.base import FullEngine
from indexing.engines.child import in_child
from indexing.engines.encoder_engine import make_encoder_engine
from indexing.engines.mnn_cache import PROOF, converted, is_whole, model_folder, read_json
from indexing.engines.mnn_engine import MnnEngine
from indexing.engines.staged import StagedEngine
from indexing.engines.tensorflow_engine import TensorFlowEngine, usable_gpu
from indexing.errors import EngineError
from indexing.networks.base import Network, unchanged
from indexing.weights.record import Weights
from indexing.weights.sources import bundled_digest
from recommender.files import atomic_write

log = logging.getLogger(__name__)
ENGINES: Final = ("auto", "tensorflow", "mnn")
PROBE_PICTURES: Final = 4
PROBE_SEED: Final = 20_000
LEAST_COSINE: Final = 0.9999


def make_engine(
    name: str,
    network: Network | Encoder,
    weights: Weights,
    threads: int | None,
    cache_dir: Path,
    batch_size: int | None = None,
    half_precision: bool = False,
) -> FullEngine:
    """The engine of that name; `auto` takes TensorFlow where there is a GPU, else MNN if it is installed, else TensorFlow.

    threads: None takes every core; cache_dir: converted models are kept there; batch_size: None takes the engine's best;
    half_precision: float16 on a GPU, see `TensorFlowEngine`. An engine whose numbers are not the reference's is replaced by
    TensorFlow, which its `explanation` and the log say.
    Raises EngineError for an unknown or missing engine, WeightsError for weights that cannot be read.
    """
    if name not in ENGINES:
        raise EngineError(f"There is no engine {name!r}: choose one of {', '.join(ENGINES)}.")
    if isinstance(network, Encoder):
        return make_encoder_engine(name, network, weights, threads, cache_dir, batch_size)
    if network.stages:
        others = [(stage.network, stage.network.load_weights(stage.network.default_weights)) for stage in network.stages]
        each = [(network.first, weights), *others]
        return StagedEngine(network, [make_engine(name, *one, threads, cache_dir, batch_size, half_precision) for one in each])
    if name == "auto":
        name = "tensorflow" if find_spec("MNN") is None or usable_gpu() else "mnn"
    if name == "mnn" and half_precision:
        raise EngineError("Half precision is for TensorFlow on a GPU: use --engine tensorflow, or leave it away.")
    if name == "mnn":
        return _proved_mnn(network, weights, threads, cache_dir, batch_size)
    return TensorFlowEngine(network, weights, threads, batch_size, half_precision)


def cached_engine(
    network: Network, digest: str, cache_dir: Path, threads: int | None = None, batch_size: int | None = None
) -> FullEngine | None:
    """The fast engine from the cache alone, if it was converted and proved before; needs neither weights nor TensorFlow."""
    if network.stages:
        others = [(stage.network, bundled_digest(stage.network.spec.name)) for stage in network.stages]
        engines = [cached_engine(*one, cache_dir, threads, batch_size) for one in [(network.first, digest), *others]]
        ready = [engine for engine in engines if engine is not None]
        return StagedEngine(network, ready) if len(ready) == len(engines) else None
    folder = model_folder(network, digest, cache_dir)
    if find_spec("MNN") is None or read_json(folder / PROOF) is None or not is_whole(folder):
        return None
    return MnnEngine(network, folder, threads, batch_size)


def _proved_mnn(network: Network, weights: Weights, threads: int | None, cache_dir: Path, batch_size: int | None) -> FullEngine:
    if find_spec("MNN") is None:
        raise EngineError("The engine mnn is not installed: install requirements.txt, or use --engine tensorflow.")
    folder = converted(network, weights, cache_dir)
    proof = read_json(folder / PROOF)
    # Before the engine is opened: the child's weights and the engine's own must not be in memory together.
    expected = in_child(reference, network, weights, threads) if proof is None else None
    engine = MnnEngine(network, folder, threads, batch_size)
    if proof is None:
        assert expected is not None
        cosine = least_cosine(engine.outputs(probe(network)), expected)
        if not cosine >= LEAST_COSINE:
            engine.close()
            return _fall_back(network, weights, threads, batch_size, cosine)
        proof = {"least_cosine": cosine, "pictures": PROBE_PICTURES, "reference": "tensorflow"}
        with atomic_write(folder / PROOF) as file:
            file.write(json.dumps(proof).encode())
    engine.explanation += (
        f"; proved against TensorFlow on {PROBE_PICTURES} pictures: cosine ≥ {rounded_down(proof['least_cosine'])}"
    )
    return engine


def _fall_back(
    network: Network, weights: Weights, threads: int | None, batch_size: int | None, cosine: float
) -> TensorFlowEngine:
    log.warning("MNN's vectors differ from TensorFlow's (cosine %.5f): TensorFlow is used instead, which is slower", cosine)
    engine = TensorFlowEngine(network, weights, threads, batch_size)
    engine.explanation += f"; not MNN, whose vectors differ on this machine (cosine {cosine:.5f})"
    return engine


def probe(network: Network) -> NDArray[np.float32]:
    """Seeded pictures, smooth and rough, prepared for the network: (4, side, side, 3)."""
    random = np.random.default_rng(PROBE_SEED)
    sizes = [3 + 29 * number for number in range(PROBE_PICTURES)]  # few pixels, enlarged, are smooth; many are rough
    pictures = [random.integers(0, 256, (size, size, 3), dtype=np.uint8) for size in sizes]
    return np.stack([network.prepare(picture) for picture in pictures])


def reference(network: Network, weights: Weights, threads: int | None) -> NDArray[np.float32]:
    """The probe's outputs by TensorFlow, before `finish` (runs in a child, so that TensorFlow is gone afterwards)."""
    engine = TensorFlowEngine(replace(network, finish=unchanged), weights, threads, batch_size=PROBE_PICTURES)
    return engine.run(probe(network))


def rounded_down(cosine: float) -> str:
    """Seven digits, rounded down: what is printed is never better than what was measured."""
    return f"{math.floor(cosine * 1e7) / 1e7:.7f}"


def least_cosine(vectors: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """The smallest cosine between rows; NaN, which passes no comparison, if a number is not finite; 1 for equal zeros."""
    if not np.isfinite(vectors).all():
        return math.nan
    a, b = vectors.astype(np.float64), expected.astype(np.float64)
    norms = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    equal = (a == b).all(axis=1)
    cosines = np.divide((a * b).sum(axis=1), norms, out=equal.astype(np.float64), where=norms > 0)
    return float(cosines.min())
