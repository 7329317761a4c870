"""A build from a folder of JPEGs, beside its bare engine fed with ready batches: what reading and decoding cost on top."""

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result, seconds
from benchmarks.harness.pictures import write_pictures
from imaging.decoding import decode
from indexing.build.build import BuildOptions, build_index
from indexing.build.pipeline import Job, Unit, cut, extract_locally
from indexing.build.previews import list_previews, scan_previews
from indexing.engines import make_engine
from indexing.networks.base import Network
from indexing.networks.registry import get_network

SEED: Final = 1


def measure(quick: bool) -> Result:
    pictures, rounds = (32, 1) if quick else (192, 3)
    result = Result(
        "build", "From a folder to vectors", f"{pictures} JPEGs of 400 × 533, VGG-16 to fc2, engine mnn, {rounds} turns"
    )
    network = get_network("vgg16")
    weights = network.load_weights("random", SEED)
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_pictures(root / "images", pictures)
        previews, _ = list_previews(root / "images")
        jobs = [Job(found.sha256 or "", found.preview.path) for found in scan_previews(previews, 1, cores, lambda more: None)]
        engine = make_engine("mnn", network, weights, cores, root / "cache")
        batches = [_ready(unit, network) for unit in cut(jobs, engine.batch_size)]
        engine.run(batches[0])

        def bare() -> None:
            for batch in batches:
                engine.run(batch)

        def piped() -> None:
            for _ in extract_locally(cut(jobs, engine.batch_size), network, engine, cores):
                pass

        times = [(seconds(bare), seconds(piped)) for _ in range(rounds)]
        engine.close()
        result.measured["bare engine"] = Measured(tuple(pictures / bare for bare, _ in times), "pictures/s")
        result.measured["reading, decoding and engine"] = Measured(tuple(pictures / piped for _, piped in times), "pictures/s")
        # Medians of pairs: each pair was taken within a minute.
        result.ratios["end to end / bare engine"] = Ratio(float(np.median([bare / piped for bare, piped in times])), 0.9)
        options = BuildOptions(
            images=root / "images",
            index=root / "index.pkl",
            cache_dir=root / "cache",
            network="vgg16",
            weights="random",
            seed=SEED,
        )
        whole = seconds(partial(build_index, options))
        result.measured["build_index, everything"] = Measured(
            (pictures / whole,), "pictures/s", "start, weights, neighbours, writing"
        )
        again = seconds(partial(build_index, options))
        result.measured["build_index again, nothing new"] = Measured((again,), "s")
    return result


def _ready(unit: Unit, network: Network) -> NDArray[np.float32]:
    """A batch as the engine wants it, decoded beforehand."""
    pictures = [decode(job.path.read_bytes()) for job in unit]
    return np.stack([network.prepare(picture) for picture in pictures if picture is not None])


if __name__ == "__main__":
    main(measure, __doc__ or "")
