"""Neighbours of very many items: exact beside approximate, and a million: `python -m benchmarks.million`; half an hour or less.

Vectors of a million items lie in a mapped file, as a build gathers them. `--items`, `--pairs` and `--raw` set sizes and kind.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.harness.command import table
from benchmarks.harness.measuring import Measured, Ratio, Result
from benchmarks.harness.vectors import Floats, clustered, independent
from indexing.build.neighbours import find_neighbours
from indexing.nearest.all_pairs import all_neighbours

D: Final = 417
K: Final = 50
MIB: Final = 2**20
RECALL: Final = 0.99
MINUTES: Final = 30
MEMORY: Final = 4096  # MiB beyond the mapped vectors
_BLOCK: Final = 65_536
_EVERY: Final = 0.2
STRUCTURES: Final = {"clustered": clustered, "independent": independent}


@dataclass(slots=True)
class Spent:
    """What a piece of work took: seconds on the clock and of CPU; the most memory of its own, no file's."""

    wall: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure the body. memory: MiB, what the process had before it included."""
    spent, done = Spent(), threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY):
            spent.memory = max(spent.memory, _own_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield spent
    finally:
        spent.wall, spent.cpu = time.perf_counter() - wall, time.process_time() - cpu
        done.set()
        watcher.join()


def _own_memory() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("RssAnon"))


def measure(items: int, pairs: int, raw: bool, structure: str) -> Result:
    """pairs: how many items exact and approximate search are compared on, 0 for none; raw: of different lengths;
    structure: of the `items`, a key of STRUCTURES."""
    kind = "of different lengths" if raw else "of length 1"
    result = Result("million", "Neighbours of very many items", f"{D} numbers, {kind}, three metrics, k = {K}")
    all_neighbours(clustered(300, D), K)  # compiles
    if pairs:
        for each in STRUCTURES:
            _both(result, pairs, raw, each)
    if items:
        _many(result, items, raw, structure)
    return result


def _both(result: Result, n: int, raw: bool, structure: str) -> None:
    vectors = _vectors(n, STRUCTURES[structure], raw)
    with spending() as exact:
        all_neighbours(vectors, K)
    with spending() as approximate:
        recall = _approximate(vectors, result)
    result.measured[f"exact, {n:,} {structure}"] = _seconds(exact)
    result.measured[f"approximate, {n:,} {structure}"] = _seconds(approximate)
    compared = Ratio(approximate.cpu / exact.cpu, 1.0, at_least=False)
    result.ratios[f"approximate / exact, {n:,} {structure}, CPU"] = compared
    result.ratios[f"least recall, {n:,} {structure}"] = Ratio(recall, RECALL)


def _many(result: Result, n: int, raw: bool, structure: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "vectors.npy"
        mapped = np.lib.format.open_memmap(path, "w+", np.float32, (n, D))
        _fill(mapped, raw, STRUCTURES[structure])
        del mapped
        vectors: Floats = np.load(path, mmap_mode="r")
        with spending() as spent:
            recall = _approximate(vectors, result)
        del vectors
    result.measured[f"approximate, {n:,} {structure}"] = _seconds(spent)
    result.measured[f"memory beyond the mapped vectors, {n:,}"] = Measured((spent.memory,), "MiB")
    result.ratios[f"minutes, {n:,} items / {MINUTES}"] = Ratio(spent.wall / 60 / MINUTES, 1.0, at_least=False)
    result.ratios[f"memory, {n:,} items / 4 GiB"] = Ratio(spent.memory / MEMORY, 1.0, at_least=False)
    result.ratios[f"least recall, {n:,} {structure}"] = Ratio(recall, RECALL)


def _approximate(vectors: Floats, result: Result) -> float:
    found = find_neighbours(vectors, "approximate", log=result.notes.append)
    recall: dict[str, float] = found.record.get("recall", {})
    return min(recall.values(), default=1.0)


def _vectors(n: int, make: Callable[[int, int], Floats], raw: bool) -> Floats:
    vectors = make(n, D)
    return vectors if raw else np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _fill(vectors: Floats, raw: bool, make: Callable[[int, int], Floats]) -> None:
    """Made in place they would all stay in memory, so they are copied in blocks and let go."""
    made = make(len(vectors), D)
    for first in range(0, len(vectors), _BLOCK):
        block = made[first : first + _BLOCK]
        vectors[first : first + _BLOCK] = block if raw else block / np.linalg.norm(block, axis=1, keepdims=True)


def _seconds(spent: Spent) -> Measured:
    return Measured((spent.wall,), "s", f"{spent.cpu:,.0f} s of CPU")


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--items", type=int, default=1_000_000, metavar="N", help="how many are searched (%(default)s); 0: none"
    )
    parser.add_argument(
        "--pairs", type=int, default=100_000, metavar="N", help="exact beside approximate (%(default)s); 0: none"
    )
    parser.add_argument("--raw", action="store_true", help="vectors of different lengths: cosine is searched for by itself")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run? Its ratios claim nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    parser.add_argument(
        "--structure", choices=STRUCTURES, default="clustered", help="of what is searched: like a shop's, or the hard case"
    )
    options = parser.parse_args()
    items, pairs = (20_000, 10_000) if options.quick else (options.items, options.pairs)
    result = measure(items, pairs, options.raw, options.structure)
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result.as_json(), indent=1))


if __name__ == "__main__":
    run()
