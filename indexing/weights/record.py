"""One network's weights, named and identified, their numbers read only when an engine asks for them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from indexing.errors import WeightsError

Shape = tuple[int, ...]
Table = Mapping[str, tuple[Shape, Shape]]  # layer name → (kernel shape, bias shape), in the network's order: Graph.parameters
Label = Literal["imagenet", "random", "file", "bundled", "onnx"]
ALIGNMENT: Final = 64


class Layer(NamedTuple):
    """kernel float32 (height, width, in, out) or (in, out), as TensorFlow keeps them; bias float32 (out,)."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


class Reader(Protocol):
    """Where the numbers are. Small and picklable: it is sent to other processes in place of half a gigabyte of weights."""

    def check(self, table: Table) -> None:
        """Raise WeightsError, naming the layer, unless each layer of the table is there with its shape. Reads no numbers."""
        ...

    def layers(self, table: Table) -> Iterator[tuple[str, Layer]]:
        """(node name, its weights) in the table's order, one at a time. They are given away: the reader keeps none."""
        ...


@dataclass(frozen=True, slots=True)
class Weights:
    """label: the kind; digest: sha256 hex, part of a vector's identity (of the file's bytes; of the recipe, for `random`);
    trained: False means that similarity is a matter of chance patterns, which is said wherever results are shown;
    source: the text that `--weights` takes to get them again (`imagenet`, `random`, `bundled` or a path; of an encoder, what
    `--network` takes); seed: of `random`.
    """

    label: Label
    digest: str
    trained: bool
    source: str
    reader: Reader
    seed: int = 0

    @property
    def description(self) -> str:
        """For people: `ImageNet`, `random (seed 0), untrained`, `file vgg16.h5`, `bundled`, `onnx:owner/name@commit#output`."""
        if self.label == "onnx":
            return self.source
        names = {"imagenet": "ImageNet", "bundled": "bundled", "file": f"file {self.source.rsplit('/', 1)[-1]}"}
        return names.get(self.label, f"random (seed {self.seed}), untrained")

    def manifest(self) -> dict[str, str | int | bool]:
        """What an index's manifest keeps of them: enough to name them, to find them again and to know them."""
        return {
            "label": self.label,
            "digest": self.digest,
            "trained": self.trained,
            "source": self.source,
            "seed": self.seed,
            "description": self.description,
        }

    def arrays(self, table: Table) -> dict[str, Layer]:
        """All layers at once, in memory."""
        return dict(self.reader.layers(table))


def aligned(shape: Shape) -> NDArray[np.float32]:
    """Numbers to be filled in, at an address divisible by 64: TensorFlow computes on such memory itself, without a copy."""
    count = math.prod(shape)
    room = np.empty(count + ALIGNMENT // 4, dtype=np.float32)
    start = -room.ctypes.data % ALIGNMENT // 4
    return room[start : start + count].reshape(shape)


def check_shape(name: str, part: str, expected: Shape, actual: Shape, where: str) -> None:
    """Raise WeightsError naming the layer and both shapes unless they are equal."""
    if expected != tuple(actual):
        raise WeightsError(f"{where}: {name} {part} should have the shape {expected}, but has {tuple(actual)}.")
