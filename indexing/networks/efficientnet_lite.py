"""EfficientNet-Lite, Google's EfficientNet for small machines: depthwise convolutions, ReLU6, no squeeze and excitation.

Tan and Le, "EfficientNet" (2019); the Lite variants: Google, 2020. Padding is TensorFlow's SAME, written out here in pixels.
"""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from indexing.networks.graph import INPUT, Activation, Add, Conv, DepthwiseConv, Node, Pads

SIDE: Final = 224
NO_PADS: Final[Pads] = ((0, 0), (0, 0))
STEM: Final = 32
HEAD: Final = 1280


class Stage(NamedTuple):
    """`repeats` inverted bottlenecks, the first of them with the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


LITE0: Final = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


def same_pads(side: int, kernel: int, stride: int) -> Pads:
    """TensorFlow's SAME for a square map: what is missing, half before and half after, an odd pixel after."""
    missing = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return ((missing // 2, missing - missing // 2),) * 2


class Backbone(NamedTuple):
    """nodes: to be continued; maps: stride (8, 16, 32) → the last node at it; top: the last, 1,280 channels at stride 32."""

    nodes: tuple[Node, ...]
    maps: dict[int, str]
    top: str


def efficientnet_lite(side: int, stages: tuple[Stage, ...] = LITE0, head: int = HEAD) -> Backbone:
    """The network without its classifier, for pictures side × side; other stages give a small one for tests."""
    nodes: list[Node] = [Conv("stem", INPUT, STEM, 3, 2, same_pads(side, 3, 2), "relu6")]
    source, width, size, scale = "stem", STEM, -(-side // 2), 2
    maps: dict[int, str] = {}
    block = 0
    for stage in stages:
        for repeat in range(stage.repeats):
            stride, name, before = stage.stride if repeat == 0 else 1, f"block{block}", source
            if stage.expansion != 1:
                nodes.append(_pointwise(f"{name}_expand", source, width * stage.expansion, "relu6"))
                source = nodes[-1].name
            pads = same_pads(size, stage.kernel, stride)
            nodes.append(DepthwiseConv(f"{name}_depthwise", source, stage.kernel, stride, pads, "relu6"))
            nodes.append(_pointwise(f"{name}_project", nodes[-1].name, stage.filters, "linear"))
            if stride == 1 and width == stage.filters:
                nodes.append(Add(f"{name}_add", (nodes[-1].name, before), "linear"))
            source, width, size, scale = nodes[-1].name, stage.filters, -(-size // stride), scale * stride
            maps[scale] = source
            block += 1
    nodes.append(_pointwise("head", source, head, "relu6"))
    return Backbone(tuple(nodes), maps, "head")


def _pointwise(name: str, source: str, filters: int, activation: Activation) -> Conv:
    return Conv(name, source, filters, 1, 1, NO_PADS, activation)


def pixels(bgr: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.float32]:
    """uint8 BGR (h, w, 3) → float32 RGB (side, side, 3), stretched; (value − 127) / 128, as its authors trained it."""
    smaller = bgr.shape[0] * bgr.shape[1] > side * side
    square = cv2.resize(bgr, (side, side), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    values = np.asarray(cv2.cvtColor(square, cv2.COLOR_BGR2RGB), dtype=np.float32)
    values -= 127
    values /= 128
    return values
