"""VGG-16 cut after fc2, as Simonyan and Zisserman published it and the article uses it."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from indexing.networks.base import Network, NetworkSpec
from indexing.networks.graph import INPUT, Conv, Dense, Flatten, Graph, MaxPool, Node

SIDE: Final = 224
MEANS_BGR: Final = np.array([103.939, 116.779, 123.68], dtype=np.float32)  # ImageNet's, as Caffe's users took them away
BLOCKS: Final = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def vgg16_graph(side: int = SIDE, blocks: tuple[tuple[int, ...], ...] = BLOCKS, units: int = 4096) -> Graph:
    """VGG-16's graph; Keras's layer names. Other sizes than the defaults give a small network of the same build, for tests."""
    nodes: list[Node] = []
    source = INPUT
    for block, widths in enumerate(blocks, start=1):
        for layer, filters in enumerate(widths, start=1):
            nodes.append(Conv(f"block{block}_conv{layer}", source, filters))
            source = nodes[-1].name
        nodes.append(MaxPool(f"block{block}_pool", source))
        source = nodes[-1].name
    nodes += [Flatten("flatten", source), Dense("fc1", "flatten", units), Dense("fc2", "fc1", units)]
    return Graph(side, tuple(nodes), output="fc2", features=f"block{len(blocks)}_conv{len(blocks[-1])}")


def caffe_means(bgr: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.float32]:
    """uint8 BGR (h, w, 3) → float32 BGR (side, side, 3), ImageNet's mean of each channel subtracted, as VGG-16 learned it.

    Stretched to a square by linear interpolation, the aspect not kept, as the article does.
    """
    return np.asarray(cv2.resize(bgr, (side, side)).astype(np.float32) - MEANS_BGR, dtype=np.float32)


VGG16: Final = Network(
    spec=NetworkSpec(name="vgg16", side=SIDE, dim=4096, layer="fc2", preprocessing="bgr-224-linear-caffe-means-v1"),
    graph=vgg16_graph(),
    prepare=caffe_means,
)
