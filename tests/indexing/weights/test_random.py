"""Untrained weights: the same for a seed, of the size that keeps signals alive, and called untrained."""

import weakref

import numpy as np

from indexing.weights.random import random_weights
from tests.indexing.small_networks import VGG_GRAPH

TABLE = VGG_GRAPH.parameters


def test_a_seed_gives_the_same_numbers_again() -> None:
    first, second = (random_weights("vgg16", 7).arrays(TABLE) for _ in range(2))
    for name in TABLE:
        np.testing.assert_array_equal(first[name].kernel, second[name].kernel)


def test_numbers_are_drawn_to_where_tensorflow_computes_and_let_go() -> None:
    for _, layer in random_weights("vgg16", 7).reader.layers(TABLE):
        assert layer.kernel.ctypes.data % 64 == 0
        held = weakref.ref(layer.kernel)
        del layer
        assert held() is None


def test_another_seed_gives_other_numbers_and_another_digest() -> None:
    first, second = random_weights("vgg16", 7), random_weights("vgg16", 8)
    assert not np.array_equal(first.arrays(TABLE)["fc1"].kernel, second.arrays(TABLE)["fc1"].kernel)
    assert first.digest != second.digest
    assert first.digest == random_weights("vgg16", 7).digest
    assert first.digest != random_weights("compact", 7).digest


def test_layers_differ_from_each_other() -> None:
    layers = random_weights("vgg16", 0).arrays(TABLE)
    assert not np.array_equal(layers["block4_conv2"].kernel, layers["block4_conv3"].kernel)


def test_kernels_are_hes() -> None:
    layer = random_weights("vgg16", 1).arrays({"fc": ((2000, 500), (500,))})["fc"]
    assert layer.kernel.dtype == np.float32
    assert abs(layer.kernel.var() - 2 / 2000) < 2e-5
    assert abs(layer.kernel.mean()) < 1e-4
    assert not layer.bias.any()


def test_they_are_called_untrained() -> None:
    weights = random_weights("vgg16", 3)
    assert not weights.trained
    assert weights.description == "random (seed 3), untrained"
    assert weights.manifest()["label"] == "random"
    assert weights.manifest()["seed"] == 3
