"""Engines and precisions beside each other, each network over photos: how fast, and how near to the reference.

Fidelity is the least cosine to the reference's vectors (TensorFlow, float32) and the share of the five nearest that stay the
same, under each metric. Where the processor has no units for bfloat16, TensorFlow rounds every step to it instead: slower than
float32 and rounder than OpenVINO, which keeps the sums inside a layer in float32. It tells how far it may stray, not how fast.
"""

import os
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result, seconds
from benchmarks.harness.pictures import write_pictures
from imaging.decoding import decode
from indexing.engines import FullEngine, make_engine
from indexing.engines.processor import usable_precisions
from indexing.engines.proof import least_cosine, rounded_down
from indexing.engines.staged import StagedEngine
from indexing.engines.tensorflow_engine import import_tensorflow
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS
from indexing.networks.base import Network
from indexing.networks.keras_model import keras_model
from indexing.networks.registry import get_network
from indexing.weights.record import Weights

PHOTOS: Final = Path(__file__).resolve().parents[2] / "shared" / "photos"
SAMPLES: Final = {"vgg16": 48, "lite0": 192, "compact": 192}  # pictures: VGG-16 takes thirty times as long
WEIGHTS: Final = {"vgg16": "random", "lite0": "bundled", "compact": "bundled"}  # random: the hardest case, all nearly alike
SEED: Final = 1
NEAREST: Final = 5
LEAST_SHARE: Final = 0.98
Floats = NDArray[np.float32]


def measure(quick: bool) -> Result:
    result = Result("precisions", "Engines and precisions")
    with tempfile.TemporaryDirectory() as scratch:
        paths = _photos(Path(scratch))
        result.setting = f"{', '.join(f'{name} {count}' for name, count in SAMPLES.items())} " + (
            "real photos" if PHOTOS.is_dir() else "drawn pictures"
        )
        for name, count in SAMPLES.items():
            _one_network(name, paths[: 16 if quick else count], Path(scratch) / "cache", result)
    if "bfloat16" not in usable_precisions():
        result.notes.append(
            "No unit for bfloat16 in this processor: its rows tell how far rounding strays, not how fast it is."
        )
    return result


def _photos(scratch: Path) -> list[Path]:
    if not PHOTOS.is_dir():
        write_pictures(scratch / "photos", max(SAMPLES.values()))
        return sorted((scratch / "photos").iterdir())
    every = sorted(PHOTOS.glob("*.jpg"))
    return every[:: len(every) // max(SAMPLES.values())]


def _one_network(name: str, paths: list[Path], cache: Path, result: Result) -> None:
    network = get_network(name)
    weights = network.load_weights(WEIGHTS[name], SEED)
    pictures = [pixels for pixels in (decode(path.read_bytes()) for path in paths) if pixels is not None]
    batch = np.stack([network.prepare(picture) for picture in pictures])
    ways: list[tuple[str, str, str]] = [("MNN", "mnn", "float32"), ("OpenVINO", "openvino", "float32")]
    if "bfloat16" in usable_precisions():
        ways.append(("OpenVINO in bfloat16", "openvino", "bfloat16"))
    vectors: dict[str, Floats] = {}
    rates: dict[str, float] = {}
    cores = len(os.sched_getaffinity(0))
    for label, engine_name, precision in [*ways, ("TensorFlow", "tensorflow", "float32")]:  # it last: its threads stay
        engine = make_engine(engine_name, network, weights, cores, cache, precision=precision)
        vectors[label], rates[label] = _timed(engine, batch)
        if engine.precision != precision:
            result.notes.append(f"{name}, {label}: computed in {engine.precision}, since the rest does not pass the proof.")
        engine.close()
    if "bfloat16" not in usable_precisions():
        vectors["bfloat16, each step rounded"], rates["bfloat16, each step rounded"] = _timed(
            _rounding(network, weights), batch
        )
    expected = vectors.pop("TensorFlow")
    result.measured[f"{name}, TensorFlow"] = Measured((rates["TensorFlow"],), "pictures/s", "the reference")
    for label, found in vectors.items():
        shares = shares_kept(found, expected)
        kept = ", ".join(f"{metric} {share:.1%}" for metric, share in shares.items())
        note = f"cosine ≥ {rounded_down(least_cosine(found, expected))}; five nearest kept: {kept}"
        result.measured[f"{name}, {label}"] = Measured((rates[label],), "pictures/s", note)
        wanted = None if "rounded" in label else LEAST_SHARE
        result.ratios[f"{name}, {label}: five nearest kept"] = Ratio(min(shares.values()), wanted)


def _timed(engine: FullEngine, batch: Floats) -> tuple[Floats, float]:
    engine.run(batch[:16])
    found: list[Floats] = []
    rate = len(batch) / seconds(lambda: found.append(engine.run(batch)))
    return found[0], rate


def shares_kept(vectors: Floats, expected: Floats) -> dict[str, float]:
    """By metric: of the five nearest of each row of `expected`, the share that are among the five nearest in `vectors`."""
    ours, theirs = (all_neighbours(each, NEAREST) for each in (vectors, expected))
    return {
        metric: float(
            np.mean([len(set(a) & set(b)) / NEAREST for a, b in zip(ours[metric].rows, theirs[metric].rows, strict=True)])
        )
        for metric in METRICS
    }


class _Rounding:
    """A network of which TensorFlow rounds weights and every step's result to bfloat16."""

    name, precision, explanation, threads, batch_size = "tensorflow", "bfloat16", "TensorFlow in bfloat16", 1, 16

    def __init__(self, network: Network, weights: Weights) -> None:
        tf = import_tensorflow()
        model = keras_model(network.graph, weights, "mixed_bfloat16")
        self._network = network
        self._run: Any = tf.function(lambda rows: tf.cast(model(rows, training=False)[0], tf.float32))

    def run(self, batch: Floats) -> Floats:
        rows = self._network.graph_rows(batch)
        parts = [self._run(rows[start : start + self.batch_size]).numpy() for start in range(0, len(rows), self.batch_size)]
        return self._network.finish(np.concatenate(parts), batch)

    def run_with_features(self, batch: Floats) -> tuple[Floats, Floats]:
        raise NotImplementedError

    def close(self) -> None:
        self._run = None


def _rounding(network: Network, weights: Weights) -> FullEngine:
    if not network.stages:
        return _Rounding(network, weights)
    others = [_Rounding(stage.network, stage.network.load_weights(stage.network.default_weights)) for stage in network.stages]
    return StagedEngine(network, [_Rounding(network.first, weights), *others])


if __name__ == "__main__":
    main(measure, __doc__ or "")
