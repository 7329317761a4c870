"""Vectors kept as float16: which neighbours stay, and what a live query gains. `--photos FOLDER` takes pictures of yours."""

import argparse
import json
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness.command import table
from benchmarks.harness.measuring import Measured, Ratio, Result, in_turns
from benchmarks.harness.vectors import clustered
from indexing.embeddings import embed_folder
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS
from indexing.nearest.search import LiveSearch

NETWORKS = ("compact", "lite0")
FIRST = 5


def measure(quick: bool, photos: Path | None) -> Result:
    n, d, rounds = (5_000, 417, 5) if quick else (100_000, 417, 30)
    result = Result("store", "Vectors kept as float16", f"one query, three metrics, {n:,} × {d}")
    whole = clustered(n, d)
    half = whole.astype(np.float16)
    searches = {"float32": LiveSearch(whole), "float16": LiveSearch(half)}
    result.measured = in_turns({name: partial(one.query, whole[:1], 6) for name, one in searches.items()}, rounds)
    medians = {name: one.median for name, one in result.measured.items()}
    result.ratios["float16 / float32, one live query"] = Ratio(medians["float16"] / medians["float32"], 1.0, at_least=False)
    _agreement(result, f"{n:,} clustered", whole[:11_556])
    for network in NETWORKS if photos else ():
        assert photos is not None
        _agreement(result, f"photos, {network}", embed_folder(photos, network).vectors)
    return result


def _agreement(result: Result, name: str, whole: NDArray[np.float32]) -> None:
    """The share of the FIRST nearest that are the same."""
    before, after = (all_neighbours(one, FIRST) for one in (whole, whole.astype(np.float16).astype(np.float32)))
    for metric in METRICS:
        pairs = zip(before[metric].rows, after[metric].rows, strict=True)
        same = float(np.mean([np.isin(a, b).mean() for a, b in pairs]))
        result.measured[f"{name}, {metric}: the {FIRST} nearest stay"] = Measured((100 * same,), "%", f"{len(whole):,} items")


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="embed these pictures by both bundled networks")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run? Its ratios claim nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    options = parser.parse_args()
    result = measure(options.quick, options.photos)
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result.as_json(), indent=1))


if __name__ == "__main__":
    run()
