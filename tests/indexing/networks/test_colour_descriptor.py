"""The colour descriptor: like colours are close, unlike ones far, and the middle of the picture counts."""

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.networks.colour_descriptor import LENGTH, colour_descriptor

RED, DARK_RED, BLUE, GREY, WHITE = (40, 40, 200), (35, 35, 170), (200, 60, 40), (128, 128, 128), (255, 255, 255)


def cloth(bgr: tuple[int, int, int], ground: tuple[int, int, int] | None = None) -> NDArray[np.float32]:
    """A prepared picture of one colour, (128, 128, 3); with a ground, the colour fills the middle 64 × 64 only."""
    picture = np.empty((128, 128, 3), dtype=np.float32)
    picture[:] = ground or bgr
    picture[32:96, 32:96] = bgr
    return picture / 127.5 - 1


def closeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    first, second = colour_descriptor(np.stack([one, other]))
    return float(first @ second)


def test_descriptors_have_length_one() -> None:
    found = colour_descriptor(np.stack([cloth(RED), cloth(GREY)]))
    assert found.shape == (2, LENGTH)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-6)


def test_a_shade_is_closer_than_another_colour() -> None:
    assert closeness(cloth(RED), cloth(DARK_RED)) > 0.8
    assert closeness(cloth(RED), cloth(BLUE)) < 0.1


def test_the_middle_counts_more_than_the_ground() -> None:
    on_white = cloth(RED, WHITE)
    assert closeness(on_white, cloth(RED, GREY)) > closeness(on_white, cloth(BLUE, WHITE))


def test_black_and_white_are_far_apart() -> None:
    assert closeness(cloth((0, 0, 0)), cloth(WHITE)) == pytest.approx(0, abs=0.01)


def test_an_untidy_batch_is_clipped_not_refused() -> None:
    np.testing.assert_allclose(colour_descriptor(cloth(WHITE)[None] * 3), colour_descriptor(cloth(WHITE)[None]), atol=1e-5)
