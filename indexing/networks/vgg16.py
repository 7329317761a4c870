"""VGG-16 cut after fc2, as Simonyan and Zisserman published it and the article uses it."""

from typing import Final

from imaging.decoding import caffe_means
from indexing.networks.base import Network, NetworkSpec
from indexing.networks.graph import INPUT, Conv, Dense, Flatten, Graph, MaxPool, Node

SIDE: Final = 224
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


VGG16: Final = Network(
    spec=NetworkSpec(name="vgg16", side=SIDE, dim=4096, layer="fc2", preprocessing="bgr-224-linear-caffe-means-v1"),
    graph=vgg16_graph(),
    prepare=caffe_means,
)
