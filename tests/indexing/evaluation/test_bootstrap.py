"""Intervals of means: narrow where queries agree or are many, and the same each time."""

import numpy as np
import pytest

from indexing.evaluation.bootstrap import bootstrap_intervals


def test_queries_that_all_agree_leave_no_doubt() -> None:
    assert bootstrap_intervals({"P@1": np.full(20, 0.25)})["P@1"] == pytest.approx((0.25, 0.25))


def test_it_is_the_normal_interval_where_queries_are_many() -> None:
    """Of 400 yes and no at even odds, the mean's standard error is 0.5 / 20 = 0.025, and 95 % lie within 1.96 of those."""
    low, high = bootstrap_intervals({"hit": (np.arange(400) % 2).astype(np.float64)}, resamples=4000)["hit"]
    assert low == pytest.approx(0.5 - 0.049, abs=0.004)
    assert high == pytest.approx(0.5 + 0.049, abs=0.004)


def test_it_repeats_and_names_each_score() -> None:
    scores = {"a": np.array([0.0, 1.0, 1.0]), "b": np.array([0.2, 0.4, 0.9])}
    assert bootstrap_intervals(scores) == bootstrap_intervals(scores)
    assert list(bootstrap_intervals(scores)) == ["a", "b"]
