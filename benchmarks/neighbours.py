"""All pairs: the 50 nearest of every item under the three metrics, beside faiss and scikit-learn."""

from functools import partial

import numpy as np

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result, seconds
from benchmarks.harness.vectors import ARTICLE, FC2, Floats, clustered, independent
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.distances import distance
from indexing.nearest.metrics import METRICS
from indexing.nearest.update import update_neighbours

K = 50
SAMPLE = 150
CHECKED = 20


def measure(quick: bool) -> Result:
    n, d, rounds = (2000, 512, 1) if quick else (ARTICLE, FC2, 3)
    result = Result("neighbours", "All neighbours, three metrics, k = 50", f"{n} × {d} float32, clustered, after ReLU")
    vectors = clustered(n, d)
    all_neighbours(vectors[:300], K)  # compiles, once per machine
    ours = partial(all_neighbours, vectors, K)
    runs = [seconds(ours)]
    faiss = _faiss(vectors)
    runs += [seconds(ours) for _ in range(rounds - 1)]
    result.measured["ours, all three"] = Measured(tuple(runs), "s")
    result.measured |= faiss | _scikit_learn(vectors)
    hard = independent(n, d)
    result.measured["ours, all three, independent numbers"] = Measured(
        (seconds(partial(all_neighbours, hard, K)),), "s", "the hard case"
    )
    result.measured["ours, 1 % of items added"] = _added(vectors)
    own = result.measured["ours, all three"].median
    flat = sum(one.median for one in faiss.values())
    result.ratios["ours / faiss, all three"] = _at_most(own / flat, 1 / 3)
    result.ratios["ours / faiss, all three, independent numbers"] = _at_most(
        result.measured["ours, all three, independent numbers"].median / flat, 1 / 3
    )
    article = sum(one.median for name, one in result.measured.items() if name.startswith("scikit-learn"))
    result.ratios["ours / scikit-learn, all three"] = _at_most(own / article, None)
    result.ratios["adding 1 % / from scratch"] = _at_most(result.measured["ours, 1 % of items added"].median / own, None)
    result.notes.append(f"Checked against the definition for {CHECKED} rows: {_check(vectors)}.")
    return result


def _at_most(value: float, wanted: float | None) -> Ratio:
    return Ratio(value, wanted, at_least=False)


def _faiss(vectors: Floats) -> dict[str, Measured]:
    """faiss flat: the same search, each metric by itself; for cosine, inner products of vectors made one long."""
    import faiss

    d = vectors.shape[1]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = {}
    for name, index, data in (
        ("faiss flat, cosine (IP)", faiss.IndexFlatIP(d), unit),
        ("faiss flat, euclidean (L2)", faiss.IndexFlatL2(d), vectors),
        ("faiss flat, manhattan (L1)", faiss.IndexFlat(d, faiss.METRIC_L1), vectors),
    ):
        index.add(data)
        index.search(data[:16], K + 1)
        found[name] = Measured((seconds(partial(index.search, data, K + 1)),), "s")
    return found


def _scikit_learn(vectors: Floats) -> dict[str, Measured]:
    """NearestNeighbors for a sample of queries, scaled up: its cost is the same for each query."""
    from sklearn.neighbors import NearestNeighbors

    found = {}
    scale = len(vectors) / SAMPLE
    for metric in METRICS:
        search = NearestNeighbors(n_neighbors=K + 1, metric=metric, algorithm="brute", n_jobs=-1).fit(vectors)
        took = seconds(partial(search.kneighbors, vectors[:SAMPLE]))
        found[f"scikit-learn NearestNeighbors, {metric}"] = Measured((took * scale,), "s", f"{SAMPLE} queries, scaled")
    return found


def _added(vectors: Floats) -> Measured:
    """The same catalogue, had it been one percent smaller before."""
    n = len(vectors)
    new = np.arange(n) % 100 == 50
    previous = all_neighbours(np.ascontiguousarray(vectors[~new]), K)
    came_from = np.full(n, -1)
    came_from[~new] = np.arange(n - int(new.sum()))
    return Measured((seconds(partial(update_neighbours, vectors, previous, came_from, K)),), "s")


def _check(vectors: Floats) -> str:
    found = all_neighbours(vectors, K)
    rows = np.random.default_rng(1).choice(len(vectors), CHECKED, replace=False)
    for metric in METRICS:
        for row in rows:
            away = distance(metric, vectors[row], vectors)
            away[row] = np.inf
            if not np.array_equal(np.argsort(away, kind="stable")[:K], found[metric].rows[row]):
                return f"row {row} differs under {metric}"
    return "equal"


if __name__ == "__main__":
    main(measure, __doc__ or "")
