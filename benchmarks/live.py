"""One live query under the three metrics, beside one pass over memory, the article's way, and faiss."""

import numpy as np

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Ratio, Result, in_turns
from benchmarks.harness.vectors import ARTICLE, FC2, clustered
from indexing.nearest.metrics import METRICS
from indexing.nearest.search import LiveSearch

K = 6


def measure(quick: bool) -> Result:
    import faiss
    from sklearn.metrics import pairwise_distances

    n, d, rounds = (3000, 512, 5) if quick else (ARTICLE, FC2, 60)
    vectors = clustered(n + 10, d)
    queries, vectors = vectors[n:], vectors[:n]
    one = queries[:1]
    search = LiveSearch(vectors)
    inner, l2, l1 = faiss.IndexFlatIP(d), faiss.IndexFlatL2(d), faiss.IndexFlat(d, faiss.METRIC_L1)
    for index in (inner, l2, l1):
        index.add(vectors)

    def article() -> None:
        for metric in METRICS:
            np.argsort(pairwise_distances(one, vectors, metric=metric)[0])[:K]

    result = Result("live", f"One query, three metrics, k = {K}", f"{n} × {d} float32")
    result.measured = in_turns(
        {
            "NumPy X @ q, one pass, no ranking": lambda: vectors @ one[0],
            "ours, all three": lambda: search.query(one, K),
            "faiss flat, IP + L2 + L1": lambda: [index.search(one, K) for index in (inner, l2, l1)],
        },
        rounds,
    )
    result.measured |= in_turns({"ours, all three, 10 queries": lambda: search.query(queries, K)}, max(3, rounds // 6))
    result.measured |= in_turns({"scikit-learn pairwise_distances + argsort": article}, max(3, rounds // 6))
    own = result.measured["ours, all three"].median
    names = ("NumPy X @ q, one pass, no ranking", "scikit-learn pairwise_distances + argsort", "faiss flat, IP + L2 + L1")
    for name, wanted in zip(names, (3.0, None, None), strict=True):
        result.ratios[f"ours / {name}"] = Ratio(own / result.measured[name].median, wanted, at_least=False)
    return result


if __name__ == "__main__":
    main(measure, __doc__ or "")
