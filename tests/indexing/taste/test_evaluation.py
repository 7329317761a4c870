"""Playing people whose taste is a label."""

import numpy as np
import pytest

from indexing.taste.evaluation import LIKES, measure_taste, people
from indexing.taste.formulas import FORMULAS, Formula


def clusters(size: int = 15) -> tuple[np.ndarray, list[str]]:
    """Three labels on three axes, with a little noise."""
    rng = np.random.default_rng(1)
    vectors = np.repeat(np.eye(3), size, axis=0) + rng.uniform(0, 0.1, (3 * size, 3))
    return vectors.astype(np.float32), [label for label in "xyz" for _ in range(size)]


@pytest.mark.parametrize("formula", FORMULAS)
def test_clean_clusters_are_found_without_a_mistake(formula: Formula) -> None:
    vectors, labels = clusters()
    assert measure_taste(vectors, labels, formula, rounds=2).one == 1.0


def test_vectors_that_say_nothing_score_as_chance_does() -> None:
    labels = clusters()[1]
    noise = np.random.default_rng(2).normal(size=(45, 8)).astype(np.float32)
    assert 0.15 < measure_taste(noise, labels, "rocchio", rounds=20).one < 0.45


def test_the_mean_of_two_tastes_serves_what_lies_between_them() -> None:
    # z lies between x and y: their mean points straight at it, and the nearest of any does not.
    vectors, labels = clusters()
    vectors[30:] = (vectors[:15] + vectors[15:30]) / 2
    nearest = measure_taste(vectors, labels, "nearest", rounds=5)
    rocchio = measure_taste(vectors, labels, "rocchio", rounds=5)
    assert nearest.two > rocchio.two + 0.1


def test_people_like_members_of_the_labels_they_want_and_repeat() -> None:
    labels = [*clusters()[1], "", "rare"]
    crowd = people(labels, rounds=2, seed=3)
    assert crowd == people(labels, rounds=2, seed=3)
    assert {label for person in crowd for label in person.wanted} == {"x", "y", "z"}
    for person in crowd:
        assert len(set(person.liked)) == LIKES * len(person.wanted)
        assert {labels[row] for row in person.liked} == set(person.wanted)
        assert len(set(person.wanted)) == len(person.wanted)


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="Two labels"):
        people(["x"] * 20, rounds=1, seed=0)
