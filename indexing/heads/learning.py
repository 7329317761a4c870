"""Learning a head from a catalogue, and whether it is worth having: lite0's stored vectors and categories in, scores out.

The head is a linear discriminant (Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009, 4.3) on
vectors that an index holds: no picture is read. It is judged by products that it has not seen: those of one fold of FOLDS
are searched among themselves, with the head that the other folds taught and without it. Variants and copies of a product are
always in one fold, and one of them speaks for all when scores are counted.
"""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from indexing.errors import EvaluationError
from indexing.evaluation.bootstrap import Interval, bootstrap_intervals
from indexing.evaluation.ranking_scores import CUT, query_scores
from indexing.heads.head import Head
from indexing.nearest.search import LiveSearch

FOLDS: Final = 3
SEED: Final = 11_556
SHRINKAGE: Final = 0.5  # as of the bundled kinds: training/heads/look.py
LEAST_PRODUCTS: Final = 12  # of a category that is learned: four in each fold
MOST_CATEGORIES: Final = 256
MOST_ITEMS: Final = 12_000  # beyond, a seeded sample of products: minutes on two cores
K: Final = 5
# The interval's lower end must lie above this. Neighbours of one part share labels, which the bootstrap does not know: of
# labels drawn at random more would win than the interval says.
LEAST_GAIN: Final = 0.01
Vectors = NDArray[np.float32]
Labels = NDArray[np.str_]
Groups = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """P@5 of the products of one category, with the bundled head and with the learned one. learned: it is large enough."""

    name: str
    products: int
    before: float
    after: float
    learned: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """P@5 over `products`, and the bootstrap intervals of both means and of what each product gains."""

    products: int
    categories: tuple[CategoryScore, ...]
    before: float
    after: float
    intervals: dict[str, Interval]

    @property
    def gain(self) -> Interval:
        return self.intervals["gain"]

    @property
    def wins(self) -> bool:
        """Whether the learned head is better by more than chance and LEAST_GAIN."""
        return self.gain.low > LEAST_GAIN


def product_groups(group_ids: Sequence[str], looks: NDArray[np.integer] | None) -> Groups:
    """int64 (n,): a number for each item, shared by variants of one product (group_ids: "" is none) and by copies.

    looks: the index's `duplicate_group`, if it has it.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(group_ids)
    nodes: dict[tuple[str, str | int], int] = {}
    pairs = []
    for row, group_id in enumerate(group_ids):
        names: list[tuple[str, str | int]] = [("id", group_id)] if group_id else []
        names += [("looks", int(looks[row]))] if looks is not None else []
        pairs += [(row, nodes.setdefault(name, n + len(nodes))) for name in names]
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    size = n + len(nodes)
    graph = coo_matrix((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][:n], np.int64)


def with_products_labels(labels: Labels, groups: Groups) -> Labels:
    """`labels`, where an item without one takes that of most of its product's variants."""
    votes: dict[int, Counter[str]] = {}
    for label, group in zip(labels.tolist(), groups.tolist(), strict=True):
        if label:
            votes.setdefault(group, Counter())[label] += 1
    return np.array(
        [
            label or (votes[group].most_common(1)[0][0] if group in votes else "")
            for label, group in zip(labels.tolist(), groups.tolist(), strict=True)
        ]
    )


def sampled(labels: Labels, groups: Groups, most: int = MOST_ITEMS) -> NDArray[np.int64]:
    """Rows of labelled items in ascending order: all, or about `most` of them, whole products drawn by a seed."""
    rows = np.flatnonzero(labels != "")
    if len(rows) <= most:
        return rows
    products = np.random.default_rng(SEED).permutation(np.unique(groups[rows]))
    kept = products[: round(len(products) * most / len(rows))]
    return rows[np.isin(groups[rows], kept)]


def learned_categories(labels: Labels, groups: Groups) -> tuple[str, ...]:
    """The categories with at least LEAST_PRODUCTS, the largest MOST_CATEGORIES of them, by name. Raises EvaluationError."""
    counts = Counter(label for label, _group in set(zip(labels.tolist(), groups.tolist(), strict=True)))
    large = [name for name, count in counts.most_common(MOST_CATEGORIES) if count >= LEAST_PRODUCTS]
    if len(large) < 2:
        raise EvaluationError(
            f"Nothing to learn from: at least two categories need {LEAST_PRODUCTS} products each, and {len(large)} of "
            f"{len(counts)} has as many. The bundled head stays."
        )
    return tuple(sorted(large))


def fit_head(vectors: Vectors, labels: Labels, categories: Sequence[str], weights: str) -> Head:
    """The linear discriminant of `categories` among lite0's vectors (n, DIM). weights: digest of the network's."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    used = np.isin(labels, categories)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINKAGE)
    with threadpool_limits(1, "blas"):  # how products are cut among threads shows in their last bits
        model.fit(vectors[used].astype(np.float64), labels[used])
    kernel, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn gives one number, of the second against the first
        kernel, bias = np.hstack([-kernel / 2, kernel / 2]), np.hstack([-bias / 2, bias / 2])
    return Head(tuple(map(str, model.classes_)), kernel.astype(np.float32), bias.astype(np.float32), weights)


def compare(vectors: Vectors, labels: Labels, groups: Groups, categories: Sequence[str], weights: str) -> Comparison:
    """What a head learned from a part gains on the rest. vectors: lite0's (n, DIM); every item has a label.

    Items of categories that are too small to be learned are searched, too: they must not suffer. Raises EvaluationError.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    strata = np.where(np.isin(labels, categories), labels, "")
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    before, after, names = [], [], []
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")  # of the small categories together
        for taught, judged in folds.split(vectors, strata, groups):
            if len(np.intersect1d(labels[taught], categories)) < 2:
                raise EvaluationError("Nothing to learn from: nearly all items are variants of one product.")
            head = fit_head(vectors[taught], labels[taught], categories, weights)
            rows = judged[np.unique(groups[judged], return_index=True)[1]]
            before.append(precision(vectors[rows], labels[rows]))
            after.append(precision(head.applied(vectors[rows]), labels[rows]))
            names.append(labels[rows])
    scores = {"before": np.concatenate(before), "after": np.concatenate(after)}
    scores["gain"] = scores["after"] - scores["before"]
    of = np.concatenate(names)
    rows_of = {name: of == name for name in np.unique(of).tolist()}
    return Comparison(
        products=len(of),
        categories=tuple(
            CategoryScore(
                name,
                int(its.sum()),
                float(scores["before"][its].mean()),
                float(scores["after"][its].mean()),
                name in categories,
            )
            for name, its in rows_of.items()
        ),
        before=float(scores["before"].mean()),
        after=float(scores["after"].mean()),
        intervals=bootstrap_intervals(scores),
    )


def precision(vectors: Vectors, labels: Labels) -> NDArray[np.float64]:
    """float64 (n,): P@5 of each item among the others by cosine, as `evaluate_index` counts it."""
    n = len(vectors)
    near = LiveSearch(np.ascontiguousarray(vectors)).query(vectors, CUT, own=np.arange(n), metrics=("cosine",))["cosine"]
    _names, codes = np.unique(labels, return_inverse=True)
    return query_scores(codes[near.rows] == codes[:, None], np.bincount(codes)[codes] - 1, (K,))[f"P@{K}"]
