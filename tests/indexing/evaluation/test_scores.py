"""Scores against labels and pairs, on vectors whose order is plain to see."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.errors import EvaluationError
from indexing.evaluation.pair_scores import evaluate_pairs
from indexing.evaluation.scores import evaluate

# Points on a line: each one's neighbours under euclidean and manhattan are read off the numbers.
LINE = np.array([[0], [1], [3], [7], [15]], np.float32)
IDS = ["a", "b", "c", "d", "e"]
LABELS = {"a": "x", "b": "x", "c": "y", "d": "x", "e": "y"}
# Orders: a: b c d e   b: a c d e   c: b a d e   d: c b a e   e: d c b a
# Same label?  a: 1 0 1 0   b: 1 0 1 0   c: 0 0 0 1   d: 0 1 1 0   e: 0 1 0 0
PRECISION_1 = [1, 1, 0, 0, 0]
PRECISION_2 = [1 / 2, 1 / 2, 0, 1 / 2, 1 / 2]
AVERAGE = [(1 + 2 / 3) / 2, (1 + 2 / 3) / 2, 1 / 4, (1 / 2 + 2 / 3) / 2, 1 / 2]


def test_precision_by_hand() -> None:
    overall = evaluate(IDS, LINE, LABELS, precisions=(1, 2)).overall["euclidean"]
    assert overall.queries == 5
    assert overall.precision == pytest.approx({1: sum(PRECISION_1) / 5, 2: sum(PRECISION_2) / 5})


def test_mean_average_precision_by_hand() -> None:
    assert evaluate(IDS, LINE, LABELS).overall["manhattan"].mean_ap == pytest.approx(sum(AVERAGE) / 5)


def test_mean_reciprocal_rank_by_hand() -> None:
    assert evaluate(IDS, LINE, LABELS).overall["euclidean"].mean_rr == pytest.approx((1 + 1 + 1 / 4 + 1 / 2 + 1 / 2) / 5)


def test_normalised_discounted_gain_by_hand() -> None:
    second, third, fourth = 1 / math.log2(3), 1 / math.log2(4), 1 / math.log2(5)
    perfect = 1 + second  # of x, whose items have two others
    each = [(1 + third) / perfect, (1 + third) / perfect, fourth, (second + third) / perfect, second]
    assert evaluate(IDS, LINE, LABELS).overall["manhattan"].ndcg == pytest.approx(sum(each) / 5)


def test_scores_of_each_label_by_hand() -> None:
    by_label = evaluate(IDS, LINE, LABELS, precisions=(1, 2)).by_label["euclidean"]
    assert by_label["x"].precision == pytest.approx({1: 2 / 3, 2: 1 / 2})
    assert by_label["y"].precision == pytest.approx({1: 0, 2: 1 / 4})
    assert by_label["y"].mean_ap == pytest.approx((1 / 4 + 1 / 2) / 2)
    assert (by_label["x"].queries, by_label["y"].queries) == (3, 2)


def test_chance_is_the_share_of_the_others_with_the_label() -> None:
    scores = evaluate(IDS, LINE, LABELS)
    assert scores.overall["cosine"].chance_precision == pytest.approx((3 * 2 / 4 + 2 * 1 / 4) / 5)
    assert scores.by_label["cosine"]["y"].chance_precision == pytest.approx(1 / 4)


def test_chance_of_average_precision_is_what_random_orders_score() -> None:
    """Of y: the one other y is at ranks 1 to 4 with equal chance, and its average precision is 1 / rank."""
    chance = evaluate(IDS, LINE, LABELS).by_label["cosine"]["y"].chance_mean_ap
    assert chance == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_chance_of_the_first_rank_and_of_gain_is_what_random_orders_score() -> None:
    scores = evaluate(IDS, LINE, LABELS).by_label["cosine"]
    assert scores["y"].chance_mean_rr == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert scores["y"].chance_ndcg == pytest.approx(sum(1 / math.log2(rank + 1) for rank in (1, 2, 3, 4)) / 4)
    # Of x: the first of two among four is first with 3/6, second with 2/6, third with 1/6.
    assert scores["x"].chance_mean_rr == pytest.approx(3 / 6 + 2 / 6 / 2 + 1 / 6 / 3)


def test_chance_of_average_precision_against_shuffles() -> None:
    random = np.random.default_rng(0)
    labels = {str(row): "xxyz"[row % 4] for row in range(40)}
    scores = [
        evaluate(list(labels), random.normal(size=(40, 3)).astype(np.float32), labels, metrics=("euclidean",))
        for _ in range(60)
    ]
    seen = np.mean([score.overall["euclidean"].mean_ap for score in scores])
    assert seen == pytest.approx(scores[0].overall["euclidean"].chance_mean_ap, abs=0.015)


def test_unlabelled_items_neither_ask_nor_are_found() -> None:
    scores = evaluate(IDS, LINE, LABELS | {"b": " "}, precisions=(1,))
    assert (scores.items, scores.queries, scores.unlabelled) == (4, 4, 1)
    # Without b: a's nearest is c, c's is a, d's is c, e's is d: none of its own label.
    assert scores.overall["euclidean"].precision[1] == 0


def test_ids_without_a_vector_are_named() -> None:
    assert evaluate(IDS, LINE, LABELS | {"zz": "x", "z": "y"}).missing == ("z", "zz")


def test_only_chosen_queries_ask_but_all_are_found() -> None:
    scores = evaluate(IDS, LINE, LABELS, query_ids={"a", "unknown"}, precisions=(1,))
    assert scores.queries == 1
    assert scores.overall["euclidean"].precision[1] == 1
    assert list(scores.by_label["euclidean"]) == ["x"]


def test_an_item_alone_in_its_label_scores_0() -> None:
    scores = evaluate(IDS, LINE, LABELS | {"e": "alone"}).by_label["euclidean"]["alone"]
    assert (scores.precision[1], scores.mean_ap, scores.chance_precision, scores.chance_mean_ap) == (0, 0, 0, 0)


@pytest.mark.parametrize("k", [4, 9])
def test_k_beyond_all_others_is_the_share_of_all_others(k: int) -> None:
    assert evaluate(IDS, LINE, LABELS, precisions=(k,)).by_label["cosine"]["x"].precision[k] == pytest.approx(2 / 4)


@pytest.mark.parametrize(("labels", "message"), [({"a": "x"}, "at least 2"), ({}, "0 of the index's 5")])
def test_too_few_labels_are_refused(labels: dict[str, str], message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate(IDS, LINE, labels)


def test_no_query_left_is_refused() -> None:
    with pytest.raises(EvaluationError, match="None of the queries"):
        evaluate(IDS, LINE, LABELS, query_ids={"nobody"})


@pytest.fixture
def long_line() -> NDArray[np.float32]:
    return (np.arange(12, dtype=np.float32) ** 2)[:, None]


def test_pairs_by_hand(long_line: NDArray[np.float32]) -> None:
    """From 0 on a line of squares: 1 is the nearest, 3 the third, 11 the eleventh."""
    ids = [str(place) for place in range(12)]
    scores = evaluate_pairs(ids, long_line, [("0", "1"), ("0", "3"), ("0", "11"), ("0", "zz")])
    assert (scores.queries, scores.missing) == (3, ("zz",))
    assert scores.hits["euclidean"] == pytest.approx({1: 1 / 3, 5: 2 / 3, 10: 2 / 3})
    assert scores.chance == pytest.approx({1: 1 / 11, 5: 5 / 11, 10: 10 / 11})


def test_a_pair_asks_from_its_first_to_its_second(long_line: NDArray[np.float32]) -> None:
    ids = [str(place) for place in range(12)]
    assert evaluate_pairs(ids, long_line, [("2", "1")]).hits["euclidean"][1] == 1  # 4's nearest is 1
    assert evaluate_pairs(ids, long_line, [("1", "2")]).hits["euclidean"][1] == 0  # but 1's is 0


def test_an_item_paired_with_itself_is_refused() -> None:
    with pytest.raises(EvaluationError, match="a with itself"):
        evaluate_pairs(IDS, LINE, [("a", "a")])


def test_no_pair_in_the_index_is_refused() -> None:
    with pytest.raises(EvaluationError, match="Not one pair"):
        evaluate_pairs(IDS, LINE, [("a", "zz")])
