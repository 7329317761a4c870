"""TensorFlow on a GPU our way (XLA, large batches, pictures decoded ahead) beside Keras `predict` on the same GPU."""

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.engines import keras_predict
from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result, Thing, seconds
from benchmarks.harness.pictures import write_pictures
from indexing.build.pipeline import Job, cut, extract_locally
from indexing.build.previews import list_previews, scan_previews
from indexing.engines.tensorflow_engine import TensorFlowEngine, usable_gpu
from indexing.networks.registry import get_network

SEED: Final = 1
KERAS_BATCH: Final = 32  # Keras's default


def measure(quick: bool) -> Result:
    pictures, rounds = (512, 1) if quick else (4096, 3)
    result = Result("gpu", "On a GPU", f"VGG-16 to fc2, {pictures} pictures, {rounds} turns")
    if not usable_gpu():
        way_out = "on a machine with an NVIDIA card, pip install 'tensorflow[and-cuda]' and make bench-gpu"
        result.not_run = f"TensorFlow finds no GPU here; {way_out}"
        return result
    network = get_network("vgg16")
    weights = network.load_weights("random", SEED)
    engine = TensorFlowEngine(network, weights)
    half = TensorFlowEngine(network, weights, half_precision=True)
    result.setting = f"{engine.device}: {result.setting}"
    predict = keras_predict(network, weights, KERAS_BATCH)
    batch = np.random.default_rng(0).uniform(-120, 130, (pictures, *network.prepared_shape)).astype(np.float32)
    things: dict[str, Thing] = {
        f"Keras predict, batches of {KERAS_BATCH}": partial(predict, batch),
        "our engine": partial(engine.run, batch),
    }
    things["our engine, half precision"] = partial(half.run, batch)
    for warm in (partial(predict, batch[:KERAS_BATCH]), partial(engine.run, batch[:1]), partial(half.run, batch[:1])):
        warm()
    runs: dict[str, list[float]] = {name: [] for name in (*things, "folder of JPEGs to vectors")}
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as scratch:
        write_pictures(Path(scratch), pictures)
        previews, _ = list_previews(Path(scratch))
        jobs = [Job(found.sha256 or "", found.preview.path) for found in scan_previews(previews, 1, cores, lambda more: None)]

        def piped() -> None:
            for _ in extract_locally(cut(jobs, engine.batch_size), network, engine, cores):
                pass

        for _ in range(rounds):
            for name, thing in {**things, "folder of JPEGs to vectors": piped}.items():
                runs[name].append(pictures / seconds(thing))
    result.measured = {name: Measured(tuple(rates), "pictures/s") for name, rates in runs.items()}
    own, reference = engine.run(batch[:64]), np.asarray(predict(batch[:64]))
    cosines = (own * reference).sum(axis=1) / np.linalg.norm(own, axis=1) / np.linalg.norm(reference, axis=1)
    result.notes.append(f"Least cosine of our vectors to Keras's on 64 pictures: {cosines.min():.7f}.")
    keras = result.measured[f"Keras predict, batches of {KERAS_BATCH}"].median
    result.ratios["our engine / Keras predict"] = Ratio(result.measured["our engine"].median / keras, 2.0)
    result.ratios["our engine, half precision / Keras predict"] = Ratio(
        result.measured["our engine, half precision"].median / keras
    )
    result.ratios["folder of JPEGs to vectors / our engine"] = Ratio(
        result.measured["folder of JPEGs to vectors"].median / result.measured["our engine"].median
    )
    return result


if __name__ == "__main__":
    main(measure, __doc__ or "")
