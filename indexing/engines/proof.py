"""The proof that a fast engine gives the reference's numbers: a few seeded pictures, and the cosines of both answers."""

import hashlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.engines.child import in_child
from indexing.engines.tensorflow_engine import TensorFlowEngine
from indexing.networks.base import Network, unchanged
from indexing.weights.record import Weights

PROBE_PICTURES: Final = 4
PROBE_SEED: Final = 20_000
LEAST_COSINE: Final = 0.9999
REFERENCES: Final = Path(__file__).with_name("references.npz")  # of the networks that come with us: training/references.py


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


def expected_outputs(network: Network, weights: Weights, threads: int | None) -> NDArray[np.float32]:
    """What `reference` gives: known beforehand for the networks that come with us, else computed in a child."""
    name = reference_name(network, weights.digest)
    with np.load(REFERENCES, allow_pickle=False) as known:
        if name in known:
            return np.asarray(known[name], dtype=np.float32)
    return in_child(reference, network, weights, threads)


def reference_name(network: Network, digest: str) -> str:
    """Names everything that the reference's outputs depend on: the graph, its weights, how pictures are prepared."""
    graph = hashlib.sha256(repr(network.graph).encode()).hexdigest()
    return f"{network.spec.name} {digest[:16]} {graph[:16]} {network.spec.preprocessing}"


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
