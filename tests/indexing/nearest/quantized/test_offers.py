"""What quick bounds turn away is never one of the nearest, whatever float32 loses, overflows or underflows."""

import numpy as np
import pytest

from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.distances import narrowed
from indexing.nearest.metrics import METRICS
from indexing.nearest.quantized.codes import has_kernels
from indexing.nearest.quantized.pairs import _squared_lengths
from indexing.nearest.search import sum_error
from indexing.parallel import frozen
from tests.indexing.nearest.vector_cases import CASES

K = 10


@pytest.mark.skipif(not has_kernels(), reason="products of codes need a processor with AVX2")
@pytest.mark.parametrize("case", ["an offset that cancellation drowns in", "overflows when squared", "underflows when squared"])
def test_of_all_others_the_nearest_are_kept(case: str) -> None:
    from indexing.nearest.quantized.kernels import offer_to_rows

    vectors = CASES[case]()
    n, d = vectors.shape
    wants = np.array([[n - 1, *np.delete(np.arange(n), row)] for row in range(n)], np.int32)
    rows, distances, held = np.empty((3, n, K), np.int32), np.empty((3, n, K)), np.zeros(n, np.int32)
    answer = frozen(vectors), _squared_lengths(vectors, 1), sum_error(d), rows, distances, held
    offer_to_rows(wants, 0, answer, 0, n)
    for code, (metric, expected) in enumerate((metric, all_neighbours(vectors, K)[metric]) for metric in METRICS):
        np.testing.assert_array_equal(rows[code], expected.rows, err_msg=metric)
        np.testing.assert_array_equal(narrowed(distances[code]), expected.distances, err_msg=metric)
