"""The compact network that comes with the product: a small residual net of plain convolutions, trained in indexing/training."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from indexing.networks.base import Network, NetworkSpec
from indexing.networks.colour_descriptor import LENGTH, colour_descriptor
from indexing.networks.graph import INPUT, Add, Conv, Dense, GlobalAveragePool, Graph, Node, Pads

SIDE: Final = 128
STEM: Final = 32
STAGES: Final = ((64, 2), (128, 2), (256, 2))
UNITS: Final = 256
COLOUR_WEIGHT: Final = 0.6  # chosen openly, photos against colour: indexing/training/README.md
NO_PADS: Final[Pads] = ((0, 0), (0, 0))


def compact_graph(
    side: int = SIDE, stem: int = STEM, stages: tuple[tuple[int, int], ...] = STAGES, units: int = UNITS
) -> Graph:
    """3×3 convolutions padded by one pixel on every side, each stage halving the map; then the mean over it, and one layer.

    stages: (channels, blocks) of each. Any side that is a multiple of 16 will do: training begins with smaller pictures.
    """
    nodes: list[Node] = [Conv("stem", INPUT, stem, stride=2)]
    source, width = "stem", stem
    for stage, (channels, blocks) in enumerate(stages, start=1):
        for block in range(1, blocks + 1):
            name, stride = f"stage{stage}_block{block}", 2 if block == 1 else 1
            nodes += [
                Conv(f"{name}_conv1", source, channels, stride=stride),
                Conv(f"{name}_conv2", f"{name}_conv1", channels, relu=False),
            ]
            shortcut = source
            if stride != 1 or width != channels:
                shortcut = f"{name}_shortcut"
                nodes.append(Conv(shortcut, source, channels, kernel=1, stride=stride, pads=NO_PADS, relu=False))
            nodes.append(Add(f"{name}_add", (f"{name}_conv2", shortcut)))
            source, width = f"{name}_add", channels
    nodes += [GlobalAveragePool("mean", source), Dense("embedding", "mean", units, relu=False)]
    return Graph(side, tuple(nodes), output="embedding", features=source)


def prepare(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 BGR (h, w, 3) → float32 BGR (128, 128, 3) in [-1, 1]: stretched by OpenCV's INTER_AREA, 0…255 mapped linearly."""
    pixels = cv2.resize(bgr, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(pixels.astype(np.float32) / 127.5 - 1, dtype=np.float32)


def finish(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 256) and the batch they came from → vectors (n, 256 + LENGTH): the colour descriptor follows, COLOUR_WEIGHT times
    as long as the network's own part, so that of two vectors' cosine it makes up COLOUR_WEIGHT² / (1 + COLOUR_WEIGHT²).
    """
    lengths = np.linalg.norm(outputs, axis=1, keepdims=True)
    return np.concatenate([outputs, colour_descriptor(batch) * lengths * np.float32(COLOUR_WEIGHT)], axis=1)


COMPACT: Final = Network(
    spec=NetworkSpec(
        name="compact", side=SIDE, dim=UNITS + LENGTH, layer="embedding + colour", preprocessing="bgr-128-area-symmetric-v1"
    ),
    graph=compact_graph(),
    prepare=prepare,
    finish=finish,
)
