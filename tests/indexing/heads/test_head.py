"""A head's part of a vector: where it lies, how long it is, and that lite0's own vector comes back to the bit."""

import math

import numpy as np
import pytest

from indexing.heads.head import DIM, KIND, Head, head_digest, head_width, read_head, without_head
from tests.indexing.heads.synthetic import vectors

OWN = vectors(["a", "b", "c"])


def head(kernel: float = 0.0) -> Head:
    """Of two categories: the logits are (0, 0), or what the first number says."""
    weights = np.zeros((DIM, 2), np.float32)
    weights[0] = kernel, -kernel
    return Head(("bags", "belts"), weights, np.zeros(2, np.float32), "abc")


def test_every_other_block_keeps_its_bytes_and_the_whole_its_length() -> None:
    filled = head().applied(OWN)
    assert filled.shape == (3, DIM + 2)
    same = np.ones(DIM, bool)
    same[KIND.start : KIND.stop] = False
    np.testing.assert_array_equal(filled[:, :DIM][:, same], OWN[:, same])
    np.testing.assert_array_equal(filled[:, KIND.start : KIND.stop], OWN[:, KIND.start : KIND.stop] / 4)
    np.testing.assert_allclose(np.linalg.norm(filled, axis=1), 1, atol=1e-6)


def test_the_block_is_the_roots_of_the_probabilities() -> None:
    """Equal logits: one half each, so √½ of the block's length, and that is √(15/16) of the kind's."""
    own = head().applied(OWN)[:, DIM:]
    np.testing.assert_allclose(own, KIND.weight * math.sqrt(15 / 16) * math.sqrt(0.5), rtol=1e-5)
    surer = head(1000.0).applied(np.abs(OWN))[0, DIM:]
    assert surer[0] > surer[1]


def test_lite0s_vectors_come_back_to_the_bit() -> None:
    np.testing.assert_array_equal(without_head(head(3.0).applied(OWN)), OWN)


def test_a_row_does_not_depend_on_the_others() -> None:
    many = vectors(["a", "b", "c", "d"] * 30)
    kernel = np.random.default_rng(3).normal(size=(DIM, 7)).astype(np.float32)
    learned = Head(tuple("abcdefg"), kernel, np.zeros(7, np.float32), "abc")
    together = learned.applied(many)
    for row in (0, 1, 64, 119):
        np.testing.assert_array_equal(learned.applied(many[row : row + 1])[0], together[row])


def test_a_query_for_a_print_says_nothing_of_a_category() -> None:
    padded = head().padded(OWN)
    np.testing.assert_array_equal(padded[:, :DIM], OWN)
    assert not padded[:, DIM:].any()


def test_what_is_written_is_read_again() -> None:
    written = head(2.0)
    again = read_head(written.to_bytes())
    assert (again.categories, again.weights, again.preprocessing) == (("bags", "belts"), "abc", written.preprocessing)
    np.testing.assert_array_equal(again.kernel, written.kernel)
    assert again.digest == written.digest == head(2.0).digest != head(3.0).digest


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-40], lambda data: b"no archive at all"])
def test_what_is_no_head_is_refused(damage: object) -> None:
    with pytest.raises(ValueError, match="it is damaged"):
        read_head(damage(head().to_bytes()))  # type: ignore[operator]


def test_a_head_of_another_length_is_refused() -> None:
    short = Head(("a", "b"), np.zeros((5, 2), np.float32), np.zeros(2, np.float32), "abc")
    with pytest.raises(ValueError, match="shapes"):
        read_head(short.to_bytes())


def test_it_fits_the_vectors_that_it_was_learned_on() -> None:
    learned = head()
    assert learned.fits("lite0", "abc", learned.preprocessing)
    assert not learned.fits("lite0", "abd", learned.preprocessing)
    assert not learned.fits("vgg16", "abc", learned.preprocessing)


def test_the_manifest_names_it() -> None:
    manifest = {"head": head().manifest()}
    assert (head_digest(manifest), head_width(manifest)) == (head().digest, 2)
    assert (head_digest({}), head_width({})) == ("", 0)
