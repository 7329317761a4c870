"""Five numbers of one drawn picture by each network: preprocessing, graph, weights and layout together, or they change.

A change here is a change of every index made so far: it needs a new name of the preprocessing, or new weights.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.engines import make_engine
from indexing.networks.registry import get_network

# (network, weights, seed): positions in the vector, and the numbers there as shares of its largest.
GOLDEN = {
    ("compact", "bundled", 0): ([6, 179, 234, 253, 325], [-0.20236, -0.21657, -0.21907, 0.62339, 0.30718]),
    ("lite0", "bundled", 0): ([1, 265, 273, 776, 841], [0.2417, 0.17356, -0.25271, 0.39143, 0.27342]),
    ("vgg16", "random", 1): ([8, 761, 1585, 2451, 3284], [0.25092, 0.38684, 0.35634, 0.27175, 0.31144]),
}


def drawn_picture() -> NDArray[np.uint8]:
    """uint8 BGR (240, 180, 3): a red disc and a green bar on a ground that shades from blue to white."""
    down, across = np.mgrid[0:240, 0:180]
    picture = np.empty((240, 180, 3), np.uint8)
    picture[..., 0], picture[..., 1], picture[..., 2] = 255, across * 255 // 179, across * 255 // 179
    picture[(down - 90) ** 2 + (across - 80) ** 2 < 50**2] = (30, 20, 210)
    picture[170:200, 20:160] = (60, 160, 40)
    return picture


@pytest.mark.parametrize(("name", "weights", "seed"), GOLDEN)
def test_the_vector_of_a_drawn_picture_stays_what_it_was(name: str, weights: str, seed: int, tmp_path: Path) -> None:
    network = get_network(name)
    engine = make_engine("tensorflow", network, network.load_weights(weights, seed), None, tmp_path)
    vector = engine.run(network.prepare(drawn_picture())[None])[0]
    positions, numbers = GOLDEN[name, weights, seed]
    np.testing.assert_allclose(vector[positions] / np.abs(vector).max(), numbers, atol=2e-4)
