"""Scores of candidates are those that they would have among all: how crowded a place is comes from the stored neighbours."""

import numpy as np
import pytest

from catalog.taste.best_rows import _crowding
from indexing.index.record import Index
from indexing.taste.formulas import FORMULAS, Crowding, Formula, cosines_with, crowd_size, taste_scores, vector_norms
from tests.catalog.builders import make_index

JUDGED = [3, 150, 299]


@pytest.fixture(scope="module")
def index() -> Index:
    rng = np.random.default_rng(2)
    return make_index({f"item-{number:03}": rng.normal(size=5).tolist() for number in range(300)})


def exact_crowding(index: Index) -> tuple[np.ndarray, Crowding]:
    cosines = cosines_with(index.vectors, vector_norms(index.vectors), JUDGED)
    nth = len(index) - crowd_size(len(index))
    return cosines, Crowding(np.sort(cosines, axis=1)[:, nth, None], float(cosines.std()))


def test_the_stored_neighbours_tell_how_crowded_a_place_is(index: Index) -> None:
    _cosines, exact = exact_crowding(index)
    found = _crowding(index, JUDGED)
    np.testing.assert_allclose(found.thresholds, exact.thresholds, atol=1e-6)
    assert found.spread == pytest.approx(exact.spread, rel=1e-5)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_candidate_scores_as_it_does_among_all(formula: Formula, index: Index) -> None:
    cosines, crowding = exact_crowding(index)
    everybody = taste_scores(cosines[:2], cosines[2:], formula)
    some = np.array([5, 70, 200])
    found = taste_scores(cosines[:2, some], cosines[2:, some], formula, crowding=crowding)
    np.testing.assert_allclose(found, everybody[some], rtol=1e-5)
