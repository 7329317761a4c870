"""Peak memory of a first build with VGG-16, nothing cached: `python -m benchmarks.memory`; a quarter of an hour on two cores.

Not part of `make bench`: it takes as long as all the others. `--only memory` puts it into the day's results.
"""

import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result
from benchmarks.harness.pictures import write_pictures
from benchmarks.harness.vectors import ARTICLE, FC2
from indexing.networks.registry import get_network

MIB: Final = 2**20
BEYOND: Final = 1024  # MiB that a build may take beside the weights and the finished matrix
EVERY: Final = 0.2  # seconds between two looks at the processes


def measure(quick: bool) -> Result:
    pictures = 48 if quick else ARTICLE
    weights = sum(math.prod(kernel) + bias[0] for kernel, bias in get_network("vgg16").graph.parameters.values()) * 4 / MIB
    allowed = weights + pictures * FC2 * 4 / MIB + BEYOND
    result = Result(
        "memory",
        "Memory of a first build",
        f"{pictures:,} JPEGs of 400 × 533, VGG-16 to fc2, nothing cached; weights + matrix + 1 GiB: {allowed:,.0f} MiB",
    )
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_pictures(root / "images", pictures)
        began = time.monotonic()
        together = most_memory(start_build(root, "vgg16", "random"))
        result.measured["the whole build"] = Measured((time.monotonic() - began,), "s")
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    result.measured["largest process"] = Measured((largest,), "MiB", "resident, files that it maps included")
    result.measured["all processes together"] = Measured((together,), "MiB", "proportional: what they share counts once")
    result.ratios["largest process / allowed"] = Ratio(largest / allowed, 1.0, at_least=False)
    result.ratios["all processes together / allowed"] = Ratio(together / allowed, 1.0, at_least=False)
    return result


def start_build(root: Path, network: str, weights: str, *flags: str) -> "subprocess.Popen[bytes]":
    """`build_index` of `root`/images to `root`/index.pkl, its cache and catalogue there too, in a process of its own."""
    environment = os.environ | {
        "DJANGO_SECRET_KEY": "benchmark",
        "DATABASE_URL": f"sqlite:///{root / 'catalog.sqlite3'}",
        "IMAGES_DIR": str(root / "images"),
        "INDEX_PATH": str(root / "index.pkl"),
        "CACHE_DIR": str(root / "cache"),
    }
    manage = Path(__file__).resolve().parents[1] / "manage.py"
    command = [sys.executable, str(manage), "build_index", "--network", network, "--weights", weights, "--seed", "1", *flags]
    return subprocess.Popen(
        [*command, "--min-bytes", "0"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def most_memory(build: "subprocess.Popen[bytes]") -> float:
    """MiB: the most that the build and its children had together at one moment."""
    most = 0.0
    while build.poll() is None:
        most = max(most, sum(_proportional(build.pid)))
        time.sleep(EVERY)
    if build.returncode:
        raise RuntimeError(f"build_index ended with {build.returncode}.")
    return most


def _proportional(pid: int) -> Iterator[float]:
    """MiB of each process of the tree; one that ends meanwhile is left out."""
    try:
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        try:
            yield process.memory_full_info().pss / MIB
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


if __name__ == "__main__":
    main(measure, __doc__ or "")
