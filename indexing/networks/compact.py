"""The compact network that comes with the product: a small residual net of plain convolutions, trained in training."""

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
COLOUR_WEIGHT: Final = 0.6  # chosen openly, photos against colour: training/README.md
CROPS: Final = 2
MIDDLE: Final = 0.55  # of each side: the second crop
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
                Conv(f"{name}_conv2", f"{name}_conv1", channels, activation="linear"),
            ]
            shortcut = source
            if stride != 1 or width != channels:
                shortcut = f"{name}_shortcut"
                nodes.append(Conv(shortcut, source, channels, kernel=1, stride=stride, pads=NO_PADS, activation="linear"))
            nodes.append(Add(f"{name}_add", (f"{name}_conv2", shortcut)))
            source, width = f"{name}_add", channels
    nodes += [GlobalAveragePool("mean", source), Dense("embedding", "mean", units, activation="linear")]
    return Graph(side, tuple(nodes), output="embedding", features=source)


def prepare(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 BGR (h, w, 3) → float32 BGR (256, 128, 3) in [-1, 1], 0…255 mapped linearly: two crops, one above the other.

    The whole picture, and its middle, MIDDLE of each side (where the print is); each stretched by OpenCV's INTER_AREA.
    """
    height, width = bgr.shape[:2]
    tall, wide = (max(1, round(MIDDLE * length)) for length in (height, width))
    top, left = (height - tall) // 2, (width - wide) // 2
    crops = (bgr, bgr[top : top + tall, left : left + wide])
    pixels = np.concatenate([cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for crop in crops])
    return np.asarray(pixels.astype(np.float32) / 127.5 - 1, dtype=np.float32)


def joined(outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """The graph's outputs (2 n, 256), two crops of each picture → their mean, (n, 256)."""
    return np.asarray(outputs.reshape(-1, CROPS, outputs.shape[1]).mean(axis=1), dtype=np.float32)


def finish(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """(2 n, 256) and the batch they came from → vectors (n, 256 + LENGTH): the crops' mean, then the whole picture's colour
    descriptor, COLOUR_WEIGHT times as long, so that of two vectors' cosine it makes up COLOUR_WEIGHT² / (1 + COLOUR_WEIGHT²).
    """
    own = joined(outputs)
    lengths = np.linalg.norm(own, axis=1, keepdims=True)
    return np.concatenate([own, colour_descriptor(batch[:, :SIDE]) * lengths * np.float32(COLOUR_WEIGHT)], axis=1)


COMPACT: Final = Network(
    spec=NetworkSpec(
        name="compact", side=SIDE, dim=UNITS + LENGTH, layer="embedding + colour", preprocessing="bgr-128-area-two-looks-v2"
    ),
    graph=compact_graph(),
    prepare=prepare,
    finish=finish,
    crops=CROPS,
    default_weights="bundled",
)
