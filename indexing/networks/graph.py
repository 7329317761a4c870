"""A feed-forward network described without any framework, so that every engine builds the very same one.

Nodes come in the order in which they are computed and name their sources; `input` is the picture, (side, side, 3).
Kernels are kept as TensorFlow keeps them: (height, width, in, out) for Conv, (height, width, in, 1) for DepthwiseConv and
(in, out) for Dense; biases are (out,).
Flatten runs over rows, then columns, then channels.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

INPUT: Final = "input"
Pads = tuple[tuple[int, int], tuple[int, int]]
Shape = tuple[int, ...]
Activation = Literal["linear", "relu", "relu6"]  # relu6 is min(max(x, 0), 6)


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution with bias; zero padding in pixels, ((top, bottom), (left, right)); ReLU after it unless told otherwise."""

    name: str
    source: str
    filters: int
    kernel: int = 3
    stride: int = 1
    pads: Pads = ((1, 1), (1, 1))
    activation: Activation = "relu"


@dataclass(frozen=True, slots=True)
class DepthwiseConv:
    """A convolution with bias of each channel by itself; the rest as in Conv."""

    name: str
    source: str
    kernel: int = 3
    stride: int = 1
    pads: Pads = ((1, 1), (1, 1))
    activation: Activation = "relu"


@dataclass(frozen=True, slots=True)
class MaxPool:
    """The largest of each size × size window, no padding; a remainder at the edge is dropped."""

    name: str
    source: str
    size: int = 2
    stride: int = 2


@dataclass(frozen=True, slots=True)
class Add:
    """The sum of two nodes of one shape."""

    name: str
    sources: tuple[str, str]
    activation: Activation = "relu"


@dataclass(frozen=True, slots=True)
class GlobalAveragePool:
    """(height, width, channels) → (channels,)."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Flatten:
    """(height, width, channels) → (height × width × channels,), channels fastest."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Dense:
    """A fully connected layer with bias."""

    name: str
    source: str
    units: int
    activation: Activation = "relu"


@dataclass(frozen=True, slots=True)
class GlobalPowerPool:
    """(height, width, channels), none negative → (channels,): the mean of the cubes, its cube root (Radenović et al., 2018)."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Upsample:
    """(height, width, channels) → (2 · height, 2 · width, channels), each cell repeated."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Concat:
    """Vectors, one after another."""

    name: str
    sources: tuple[str, ...]


Node = Conv | DepthwiseConv | MaxPool | Add | GlobalAveragePool | GlobalPowerPool | Upsample | Flatten | Dense | Concat


def sources(node: Node) -> tuple[str, ...]:
    """The nodes that `node` reads."""
    return node.sources if isinstance(node, Add | Concat) else (node.source,)


def activation(node: Node) -> Activation:
    """What is applied to the node's sum: `linear` for a node that has no choice."""
    return node.activation if isinstance(node, Conv | DepthwiseConv | Add | Dense) else "linear"


@dataclass(frozen=True)
class Graph:
    """A whole network: picture (side, side, 3) → `output`, a vector; `features` is its last map (height, width, channels).

    Raises ValueError when a source is missing, a name is used twice, or shapes do not fit.
    """

    side: int
    nodes: tuple[Node, ...]
    output: str
    features: str

    def __post_init__(self) -> None:
        if len(self.shapes[self.output]) != 1 or len(self.shapes[self.features]) != 3:
            raise ValueError(f"{self.output} must be a vector and {self.features} a map")

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Each node's output shape, batch left out: (height, width, channels) or (numbers,)."""
        shapes: dict[str, Shape] = {INPUT: (self.side, self.side, 3)}
        for node in self.nodes:
            missing = [name for name in sources(node) if name not in shapes]
            if missing or node.name in shapes:
                raise ValueError(f"node {node.name}: {'no source ' + missing[0] if missing else 'this name is taken'}")
            shapes[node.name] = _shape(node, [shapes[name] for name in sources(node)])
        return shapes

    @cached_property
    def parameters(self) -> dict[str, tuple[Shape, Shape]]:
        """Node name → (kernel shape, bias shape), in the order of the nodes, of every node that has weights."""
        shapes = self.shapes
        table: dict[str, tuple[Shape, Shape]] = {}
        for node in self.nodes:
            if isinstance(node, Conv):
                table[node.name] = ((node.kernel, node.kernel, shapes[node.source][2], node.filters), (node.filters,))
            elif isinstance(node, DepthwiseConv):
                channels = shapes[node.source][2]
                table[node.name] = ((node.kernel, node.kernel, channels, 1), (channels,))
            elif isinstance(node, Dense):
                table[node.name] = ((shapes[node.source][0], node.units), (node.units,))
        return table


def _shape(node: Node, inputs: list[Shape]) -> Shape:
    rank = 1 if isinstance(node, Dense | Concat) else 3
    if not isinstance(node, Add) and any(len(shape) != rank for shape in inputs):
        raise ValueError(f"node {node.name}: its source has shape {inputs[0]}")
    match node:
        case Conv() | DepthwiseConv():
            (top, bottom), (left, right) = node.pads
            height = (inputs[0][0] + top + bottom - node.kernel) // node.stride + 1
            width = (inputs[0][1] + left + right - node.kernel) // node.stride + 1
            return (height, width, node.filters if isinstance(node, Conv) else inputs[0][2])
        case MaxPool():
            return (*((size - node.size) // node.stride + 1 for size in inputs[0][:2]), inputs[0][2])
        case Add():
            if inputs[0] != inputs[1]:
                raise ValueError(f"node {node.name}: adds {inputs[0]} to {inputs[1]}")
            return inputs[0]
        case GlobalAveragePool() | GlobalPowerPool():
            return (inputs[0][2],)
        case Upsample():
            return (2 * inputs[0][0], 2 * inputs[0][1], inputs[0][2])
        case Flatten():
            return (inputs[0][0] * inputs[0][1] * inputs[0][2],)
        case Dense():
            return (node.units,)
        case Concat():
            return (sum(length for (length,) in inputs),)
