"""The reference's outputs that come with the product are what the reference computes."""

import numpy as np
import pytest

from indexing.engines import proof
from indexing.networks.base import Network
from indexing.weights.record import Weights
from tests.indexing.small_networks import SMALL_VGG, seeded
from training.references import bundled_networks


@pytest.mark.parametrize("network", list(bundled_networks()), ids=lambda network: network.spec.name)
def test_they_are_there_and_right(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "in_child", lambda *_: pytest.fail("not known: run `python -m training.references`"))
    weights = network.load_weights("bundled")
    known = proof.expected_outputs(network, weights, 1)
    computed = proof.reference(network, weights, 1)
    assert proof.least_cosine(known, computed) > 0.999999
    np.testing.assert_allclose(known, computed, atol=1e-3 * np.abs(computed).max())


def test_other_networks_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Weights] = []
    monkeypatch.setattr(proof, "in_child", lambda function, network, weights, threads: asked.append(weights))
    proof.expected_outputs(SMALL_VGG, seeded(), 1)
    assert asked == [seeded()]
