"""Networks small enough to compute in a moment, of the same build as the real ones."""

import numpy as np
from numpy.typing import NDArray

from indexing.networks.base import Network, NetworkSpec
from indexing.networks.graph import (
    INPUT,
    Add,
    Concat,
    Conv,
    Dense,
    DepthwiseConv,
    Flatten,
    GlobalAveragePool,
    GlobalPowerPool,
    Graph,
    MaxPool,
    Upsample,
)
from indexing.networks.vgg16 import caffe_means, vgg16_graph
from indexing.weights.random import random_weights
from indexing.weights.record import Layer, Weights

SIDE = 64
VGG_GRAPH = vgg16_graph(SIDE, ((4, 4), (6, 6), (8, 8, 8), (8, 8, 8), (8, 8, 8)), units=24)


def prepare(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """As VGG-16's, at 64 pixels."""
    return caffe_means(bgr, SIDE)


def append_mean(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """A `finish` that adds each picture's mean value to its vector."""
    return np.concatenate([outputs, batch.mean(axis=(1, 2, 3))[:, np.newaxis]], axis=1)


SMALL_VGG = Network(NetworkSpec("small-vgg", SIDE, 24, "fc2", "test"), VGG_GRAPH, prepare)

RESIDUAL_GRAPH = Graph(
    SIDE,
    (
        Conv("stem", INPUT, 8, kernel=3, stride=2, pads=((0, 1), (0, 1))),
        Conv("a", "stem", 8),
        Conv("b", "a", 8, activation="linear"),
        Add("join", ("stem", "b")),
        MaxPool("pool", "join"),
        Conv("narrow", "pool", 16, kernel=1, pads=((0, 0), (0, 0)), activation="linear"),
        Conv("last", "narrow", 16),
        Add("sum", ("last", "narrow"), activation="linear"),
        GlobalAveragePool("mean", "sum"),
        Dense("embed", "mean", 12, activation="linear"),
    ),
    output="embed",
    features="sum",
)
RESIDUAL = Network(NetworkSpec("residual", SIDE, 13, "embed", "test"), RESIDUAL_GRAPH, prepare, append_mean)

MOBILE_GRAPH = Graph(
    SIDE,
    (
        Conv("stem", INPUT, 8, stride=2, pads=((0, 1), (0, 1)), activation="relu6"),
        Conv("expand", "stem", 16, kernel=1, pads=((0, 0), (0, 0)), activation="relu6"),
        DepthwiseConv("each", "expand", kernel=5, stride=2, pads=((1, 2), (1, 2)), activation="relu6"),
        Conv("project", "each", 8, kernel=1, pads=((0, 0), (0, 0)), activation="linear"),
        DepthwiseConv("again", "project", activation="linear"),
        Add("join", ("again", "project"), activation="relu6"),
        GlobalPowerPool("power", "join"),
        Conv("coarse", "join", 2, stride=2, pads=((0, 1), (0, 1)), activation="linear"),
        Upsample("finer", "coarse"),
        Flatten("marks", "finer"),
        Concat("all", ("power", "marks")),
    ),
    output="all",
    features="join",
)
MOBILE = Network(NetworkSpec("mobile", SIDE, 8 + 16 * 16 * 2, "all", "test"), MOBILE_GRAPH, prepare)


def arrays(graph: Graph, seed: int = 0) -> dict[str, Layer]:
    """Seeded weights, biases too, so that a mistake with biases shows."""
    random = np.random.default_rng(seed)
    kernels = random_weights("test", seed).arrays(graph.parameters)
    return {
        name: Layer(layer.kernel, random.normal(0, 0.5, layer.bias.shape).astype(np.float32)) for name, layer in kernels.items()
    }


def seeded(seed: int = 1) -> Weights:
    return random_weights("small", seed)


def pictures(count: int, side: int = SIDE, seed: int = 5) -> NDArray[np.float32]:
    """(count, side, side, 3): what a network reads."""
    random = np.random.default_rng(seed)
    return random.uniform(-120, 150, (count, side, side, 3)).astype(np.float32)


def cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Row by row, in float64."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    answer: NDArray[np.float64] = (x * y).sum(axis=1) / np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    return answer
