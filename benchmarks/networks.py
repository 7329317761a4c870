"""First build, memory and live photo search of each network of the product: `python -m benchmarks.networks`.

Not part of `make bench`: VGG-16 alone takes as long as all the others. `--only networks` puts it into the day's results.
"""

import tempfile
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result
from benchmarks.harness.pictures import write_pictures
from benchmarks.memory import most_memory, start_build
from indexing.index.file import load_index
from indexing.nearest.search import LiveSearch
from indexing.query import box_queries, close_network, find_boxes, nearest_to_any

NETWORKS: Final = {"vgg16": "random", "compact": "bundled", "lite0": "bundled"}
# Enough for a steady rate: with equally many, VGG-16 alone would take most of a quarter of an hour on a busy machine.
PICTURES: Final = {"vgg16": 96, "compact": 384, "lite0": 256}
SEARCHES: Final = 10
LEAST_RATE: Final = 100.0  # pictures a second that a bundled network should reach on two cores


def measure(quick: bool) -> Result:
    sizes = dict.fromkeys(PICTURES, 32) if quick else PICTURES
    each = ", ".join(f"{name} {pictures}" for name, pictures in sizes.items())
    setting = f"{each} JPEGs of 400 × 533, first build with nothing cached, then live photo search"
    result = Result("networks", "Each network", setting)
    with tempfile.TemporaryDirectory() as scratch:
        for name, weights in NETWORKS.items():
            root, pictures = Path(scratch) / name, sizes[name]
            write_pictures(root / "images", pictures)
            began = time.monotonic()
            memory = most_memory(start_build(root, name, weights))
            result.measured[f"{name}: first build"] = Measured(
                (time.monotonic() - began,), "s", "conversion and proof included"
            )
            result.measured[f"{name}: memory, all processes"] = Measured((memory,), "MiB", "proportional")
            most_memory(start_build(root, name, weights, "--rebuild"))  # the network is ready now: extraction alone
            index = load_index(root / "index.pkl")
            extracting = float(index.manifest["built"]["seconds"]["extract"])
            result.measured[f"{name}: extraction"] = Measured((pictures / extracting,), "pictures/s")
            result.measured[f"{name}: live photo search"] = Measured(_searches(root), "ms", "boxes, one of them, neighbours")
        rate = result.measured["lite0: extraction"].median
        result.ratios["lite0, pictures a second / 100"] = Ratio(rate / LEAST_RATE, 1.0)
    return result


def _searches(root: Path) -> tuple[float, ...]:
    """Milliseconds of each search by a photo after the first, which opens the network."""
    index = load_index(root / "index.pkl")
    live = LiveSearch(np.ascontiguousarray(index.vectors))
    photo = np.asarray(cv2.imread(str(next((root / "images").iterdir())), cv2.IMREAD_COLOR), dtype=np.uint8)
    taken = []
    for _ in range(SEARCHES + 1):
        began = time.perf_counter()
        boxes = find_boxes(photo, index.manifest, root / "cache")
        nearest_to_any(live.query(box_queries(photo, boxes[0], index.manifest, root / "cache"), 50), 50)
        taken.append(1000 * (time.perf_counter() - began))
    close_network()
    return tuple(taken[1:])


if __name__ == "__main__":
    main(measure, __doc__ or "")
