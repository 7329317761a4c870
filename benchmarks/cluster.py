"""Neighbours on a Dask cluster of one and of two workers with one thread each, on this machine."""

import tempfile
import time
from pathlib import Path

import distributed

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result
from benchmarks.harness.vectors import Floats, clustered
from indexing.build.dask_neighbours import ClusterNeighbours
from indexing.index.record import Neighbours
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS, Metric

D, K = 417, 50


def measure(quick: bool) -> Result:
    n = 4_000 if quick else 40_000
    result = Result("cluster", "Neighbours on many machines", f"{n:,} × {D} float32, clustered, three metrics, k = {K}")
    vectors = clustered(n, D)
    all_neighbours(vectors[:300], K)  # compiles
    began = time.perf_counter()
    expected = all_neighbours(vectors, K, threads=1)
    here = time.perf_counter() - began
    one, two = _on(1, vectors, expected), _on(2, vectors, expected)
    for name, took in (("this process", here), ("one worker", one), ("two workers", two)):
        result.measured[f"{name}, one thread each"] = Measured((took,), "s")
    result.ratios["one worker / two workers"] = Ratio(one / two, 1.7)
    result.ratios["one worker / this process"] = Ratio(one / here, None, at_least=False)
    result.notes.append("Rows and distances of all three are equal to the byte.")
    return result


def _on(workers: int, vectors: Floats, expected: dict[Metric, Neighbours]) -> float:
    """Seconds on so many worker processes. Raises RuntimeError where the answer has other bytes than this process's."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50) as machines,
    ):
        cluster = ClusterNeighbours(machines.scheduler_address, Path(scratch))
        cluster.all_neighbours(vectors[:2_000], K)  # loads the kernels
        began = time.perf_counter()
        found = cluster.all_neighbours(vectors, K)
        took = time.perf_counter() - began
    for metric in METRICS:
        for part in ("rows", "distances"):
            if getattr(found[metric], part).tobytes() != getattr(expected[metric], part).tobytes():
                raise RuntimeError(f"{workers} workers: other {part} under {metric}.")
    return took


if __name__ == "__main__":
    main(measure, __doc__ or "")
