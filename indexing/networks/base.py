"""What every network is: a graph, how its input is made from a picture, and what its vectors mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexing.networks.boxes import Box
from indexing.networks.graph import Graph
from indexing.weights.record import Weights
from indexing.weights.sources import load_weights

Prepare = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Finish = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


class Block(NamedTuple):
    """A part of a vector with a meaning of its own: numbers start … stop, `weight` long in a vector of length 1."""

    name: str
    start: int
    stop: int
    weight: float


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A network as the manifest, the commands and the footer name it.

    name: `vgg16` or `compact`; side: input height and width, pixels; dim: numbers in a vector; layer: where it was cut;
    preprocessing: a name that changes when the pixels fed to it would (part of a vector's identity); blocks: a vector's parts,
    if it has any.
    """

    name: str
    side: int
    dim: int
    layer: str
    preprocessing: str
    blocks: tuple[Block, ...] = ()


def unchanged(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """The `finish` of a network whose output is its vector."""
    return outputs


@dataclass(frozen=True, slots=True)
class Stage:
    """A further network, which reads a part of each picture. Its weights are always those that come with it.

    cut: (the first graph's outputs (n, units), the batch they came from) → what this stage's graph reads, a row a picture.
    """

    network: Network
    cut: Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Parts:
    """How parts of a picture are found and searched with.

    boxes: (the first graph's outputs for one picture (units,), its height, its width) → the parts that may be searched with;
    views: (pixels, a box) → the pictures to look at, the widest last;
    read: the widest of them, uint8 BGR (h, w, 3) → what the last stage's graph reads of it;
    queries: (the first graph's outputs for the views (m, units), the last stage's for the widest (units,)) → vectors (q, d) of
    length 1: an item is as near as the nearest of them.
    """

    boxes: Callable[[NDArray[np.float32], int, int], list[Box]]
    views: Callable[[NDArray[np.uint8], Box], list[NDArray[np.uint8]]]
    read: Callable[[NDArray[np.uint8]], NDArray[np.float32]]
    queries: Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Network:
    """A network without its weights. Its functions are module-level ones, so that it can be sent to another process.

    crops: how many parts of a preview the graph reads (the whole, its middle), one above the other in a batch;
    prepare: BGR picture uint8 (h, w, 3) → float32 (crops · side, side, 3);
    finish: (the graph's outputs (n · crops, units), the batch they came from (n, crops · side, side, 3)) → vectors float32
    (n, spec.dim);
    default_weights: the source that is taken when none is asked for;
    form: the shape of what `prepare` gives, where that is not (crops · side, side, 3);
    rows: then, what the graph reads of a batch;
    stages: further ones, whose outputs stand after the graph's own, one after another, in what `finish` is given;
    parts: how to search with a part of a picture, where the network finds any.
    """

    spec: NetworkSpec
    graph: Graph
    prepare: Prepare
    finish: Finish = unchanged
    crops: int = 1
    default_weights: str = "imagenet"
    form: tuple[int, int, int] | None = None
    rows: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None
    stages: tuple[Stage, ...] = ()
    parts: Parts | None = None

    @property
    def prepared_shape(self) -> tuple[int, int, int]:
        """What `prepare` gives."""
        return self.form or (self.crops * self.graph.side, self.graph.side, 3)

    @property
    def first(self) -> Network:
        """The first stage by itself: its vectors are the graph's own outputs."""
        return replace(self, finish=unchanged, stages=(), parts=None)

    def graph_rows(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, …), prepared → (n · crops, side, side, 3), what the graph reads; no copy of a batch in one piece."""
        if self.rows is not None:
            return self.rows(batch)
        return batch.reshape(-1, self.graph.side, self.graph.side, 3)

    def load_weights(self, source: str, seed: int = 0) -> Weights:
        """The weights that `source` names: `imagenet`, `random`, `bundled` or a file's path. Raises WeightsError."""
        return load_weights(self.spec.name, self.graph.parameters, source, seed)
