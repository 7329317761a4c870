"""Limits of codes: which pairs come within them, at their very edge and beyond the last row."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.nearest.metrics import METRICS
from indexing.nearest.quantized.codes import Codes, Quantizer, has_kernels
from indexing.nearest.quantized.limits import Limits, References, _nearer, terms
from indexing.nearest.recall import exact_sample

Floats = NDArray[np.float32]

N, PADDED = 70, 128


@dataclass
class Prepared:
    codes: Codes
    references: References
    terms: Floats


def prepared(vectors: Floats, place: int = 3) -> Prepared:
    """All rows are references, so that each limit is the distance of a pair."""
    quantizer = Quantizer.learn(vectors, 1.0)
    assert quantizer is not None
    codes = Codes.of(vectors, quantizer, padding=PADDED - len(vectors))
    references = References.of(vectors, quantizer)
    return Prepared(codes, references, terms(codes, references, Limits(place, place, 0.0), 1))


def wanted(given: Prepared) -> set[tuple[int, int]]:
    """Each row and what it wants, of the scan of all pairs."""
    from indexing.nearest.quantized.kernels import scan

    n = len(given.codes.sums)
    wants, wanted_by = (np.zeros((n, 1 + PADDED), np.int32) for _ in range(2))
    scan(given.codes.signed(0, n), given.codes.codes, given.terms, True, 0, 0, PADDED, wants, wanted_by, 0, n)
    found = [(row, int(column)) for row in range(n) for column in wants[row, 1 : 1 + wants[row, 0]]]
    back = [(int(column), row) for row in range(n) for column in wanted_by[row, 1 : 1 + wanted_by[row, 0]]]
    assert len(set(found + back)) == len(found) + len(back)
    return set(found + back)


def around_one() -> Floats:
    return (np.random.default_rng(2).normal(size=(N, 32)) + 1).astype(np.float32)


@pytest.mark.skipif(not has_kernels(), reason="products of codes need a processor with AVX2")
def test_a_pair_at_the_limit_is_wanted() -> None:
    given = prepared(around_one())
    _, keys = given.references.keys(given.codes.centred(slice(0, N)))
    given.terms[4] = np.inf  # the other kind of limits lets nothing in
    within = keys <= np.partition(keys, 3, axis=1)[:, [3]]
    expected = {(int(row), int(column)) for row, column in zip(*np.nonzero(within), strict=True) if row != column}
    assert len(expected) >= 3 * N
    assert wanted(given) >= expected
    assert len(wanted(given)) < len(expected) + N


@pytest.mark.skipif(not has_kernels(), reason="products of codes need a processor with AVX2")
def test_a_limit_of_nothing_lets_in_what_stands_upright() -> None:
    given = prepared(np.eye(40, dtype=np.float32))
    given.terms[4] = np.inf
    given.terms[5, :40] = 0  # the limit itself is within
    assert len(wanted(given)) == 40 * 39


@pytest.mark.skipif(not has_kernels(), reason="products of codes need a processor with AVX2")
def test_no_row_wants_padding_not_even_one_that_points_away_from_all() -> None:
    vectors = around_one()
    vectors[7] *= -1
    given = prepared(vectors)
    assert given.terms[5, 7] < 0  # all are beyond a right angle
    assert {row for pair in wanted(given) for row in pair} == set(range(N))


def test_a_vector_of_zeros_wants_nothing_by_its_direction() -> None:
    vectors = np.abs(around_one())
    vectors[9] = 0
    given = prepared(vectors)
    assert np.flatnonzero(np.isinf(given.terms[5, :N])).tolist() == [9]
    assert given.terms[3, 9] == 0


def test_a_neighbour_that_is_a_reference_is_not_counted_before_itself() -> None:
    """Though the product of two rows alone may differ from that of many in its last digit."""
    vectors = around_one()
    given = prepared(vectors)
    sample = exact_sample(vectors, 20, queries=N)
    rows = np.concatenate([sample.rows, *(sample.nearest[metric][0].ravel() for metric in METRICS)])
    codes = Codes.of(vectors, given.codes.quantizer, rows)
    asked = codes.centred(slice(0, N))
    _, keys = given.references.keys(asked)
    counts = _nearer(codes, asked, np.sort(keys, axis=1), sample, METRICS[0], along=True)
    expected = np.take_along_axis(keys, sample.nearest[METRICS[0]][0], axis=1)
    nearer = (keys[:, None, :] < expected[:, :, None] - 1e-7 * np.abs(expected)[:, :, None]).sum(axis=2)
    assert (counts <= nearer).all()
