"""What every network is: a graph, how its input is made from a picture, and what its vectors mean."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexing.networks.graph import Graph
from indexing.weights.record import Weights
from indexing.weights.sources import load_weights

Prepare = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Finish = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A network as the manifest, the commands and the footer name it.

    name: `vgg16` or `compact`; side: input height and width, pixels; dim: numbers in a vector; layer: where it was cut;
    preprocessing: a name that changes when the pixels fed to it would (part of a vector's identity).
    """

    name: str
    side: int
    dim: int
    layer: str
    preprocessing: str


def unchanged(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """The `finish` of a network whose output is its vector."""
    return outputs


@dataclass(frozen=True, slots=True)
class Network:
    """A network without its weights. Its functions are module-level ones, so that it can be sent to another process.

    crops: how many parts of a preview the graph reads (the whole, its middle), one above the other in a batch;
    prepare: BGR picture uint8 (h, w, 3) → float32 (crops · side, side, 3);
    finish: (the graph's outputs (n · crops, units), the batch they came from (n, crops · side, side, 3)) → vectors float32
    (n, spec.dim);
    default_weights: the source that is taken when none is asked for.
    """

    spec: NetworkSpec
    graph: Graph
    prepare: Prepare
    finish: Finish = unchanged
    crops: int = 1
    default_weights: str = "imagenet"

    @property
    def prepared_shape(self) -> tuple[int, int, int]:
        """What `prepare` gives: (crops · side, side, 3)."""
        return (self.crops * self.graph.side, self.graph.side, 3)

    def graph_rows(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, crops · side, side, 3) → (n · crops, side, side, 3), what the graph reads; no copy of a batch in one piece."""
        return batch.reshape(-1, self.graph.side, self.graph.side, 3)

    def load_weights(self, source: str, seed: int = 0) -> Weights:
        """The weights that `source` names: `imagenet`, `random`, `bundled` or a file's path. Raises WeightsError."""
        return load_weights(self.spec.name, self.graph.parameters, source, seed)
