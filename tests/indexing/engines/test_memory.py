"""Half a gigabyte of weights is never in memory more often than it must be. Each peak is that of a process of its own."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexing.engines import mnn_conversion
from indexing.engines.child import in_child
from indexing.networks.base import Network
from indexing.networks.graph import INPUT, Conv, Dense, Flatten, Graph, MaxPool
from indexing.networks.keras_model import keras_model
from indexing.weights.record import Weights
from tests.indexing.small_networks import SMALL_VGG, seeded

# As VGG-16, nearly all of it in the dense layer behind Flatten: 32 × 32 × 16 × 2,048 numbers, 128 MiB.
HEAVY = Graph(
    64,
    (Conv("conv", INPUT, 16), MaxPool("pool", "conv"), Flatten("flatten", "pool"), Dense("fc", "flatten", 2048)),
    output="fc",
    features="conv",
)
HEAVY_MIB = 128
STATUS = Path("/proc/self/status")

needs_proc = pytest.mark.skipif(not STATUS.is_file(), reason="peaks are read from Linux's /proc")


def peak() -> float:
    """MiB, the most that this process ever had; `getrusage` would begin with what the parent had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
    assert found
    return int(found[1]) / 1024


def growth_by_loading(small: Network, graph: Graph, weights: Weights) -> float:
    keras_model(small.graph, weights)  # the libraries are loaded and have taken what they take
    before = peak()
    keras_model(graph, weights)
    return peak() - before


def growth_by_converting(small: Network, graph: Graph, weights: Weights, folder: Path) -> float:
    for name in ("small", "heavy"):
        (folder / name).mkdir()
    mnn_conversion.convert(small.graph, weights, folder / "small")
    before = peak()
    mnn_conversion.convert(graph, weights, folder / "heavy")
    return peak() - before


@needs_proc
def test_tensorflow_holds_weights_once() -> None:
    assert in_child(growth_by_loading, SMALL_VGG, HEAVY, seeded()) < 1.5 * HEAVY_MIB


@needs_proc
def test_conversion_holds_weights_twice(tmp_path: Path) -> None:
    assert in_child(growth_by_converting, SMALL_VGG, HEAVY, seeded(), tmp_path) < 2.5 * HEAVY_MIB


def test_the_model_has_the_numbers_it_was_given() -> None:
    model: Any = keras_model(SMALL_VGG.graph, seeded())
    for name, layer in seeded().reader.layers(SMALL_VGG.graph.parameters):
        for found, expected in zip(model.get_layer(name).get_weights(), layer, strict=True):
            np.testing.assert_array_equal(found, expected)
