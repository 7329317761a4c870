"""How cost grows with the catalogue: all neighbours and one live query, from 1,000 to 100,000 items."""

from functools import partial

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Result, in_turns, seconds
from benchmarks.harness.vectors import clustered
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.search import LiveSearch

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
D = 256


def measure(quick: bool) -> Result:
    sizes = SIZES[:3] if quick else SIZES
    result = Result("growth", "As the catalogue grows", f"{D} numbers a vector (4096 at 100,000 items would take an hour)")
    all_neighbours(clustered(300, D), 50)
    for n in sizes:
        vectors = clustered(n, D)
        runs = 1 if n >= SIZES[-1] else 3
        result.measured[f"all neighbours, {n:,} items"] = Measured(
            tuple(seconds(partial(all_neighbours, vectors)) for _ in range(runs)), "s"
        )
        search = LiveSearch(vectors)
        live = in_turns({f"one live query, {n:,} items": partial(search.query, vectors[:1], 6)}, 20, most_seconds=10)
        result.measured |= live
    return result


if __name__ == "__main__":
    main(measure, __doc__ or "")
