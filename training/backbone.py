"""EfficientNet-Lite0 as training reads it: frozen, its maps and pooled maps, computed by an engine of the product."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.engines import FullEngine, make_engine
from indexing.networks.base import Network, NetworkSpec
from indexing.networks.efficientnet_lite import SIDE, efficientnet_lite, pixels
from indexing.networks.graph import Concat, Flatten, GlobalPowerPool, Graph, Node
from indexing.weights.efficientnet_lite import SHA256, LiteReader
from indexing.weights.record import Weights

STRIDES: Final = (8, 16, 32)


class Backbone:
    """Reads what `pixels` prepares: (n, 224, 224, 3)."""

    def __init__(self, cache: Path, threads: int = 1) -> None:
        parts = efficientnet_lite(SIDE)
        nodes: list[Node] = list(parts.nodes)
        nodes += [Flatten(f"flat{stride}", parts.maps[stride]) for stride in STRIDES]
        nodes.append(GlobalPowerPool("pooled", parts.top))
        nodes.append(Concat("all", (*(f"flat{stride}" for stride in STRIDES), "pooled")))
        graph = Graph(SIDE, tuple(nodes), "all", parts.top)
        self.shapes = [graph.shapes[parts.maps[stride]] for stride in STRIDES]
        spec = NetworkSpec("lite0-maps", SIDE, graph.shapes["all"][0], "maps", "training")
        reader = LiteReader()
        weights = Weights("file", SHA256, trained=True, source="package", reader=reader)
        self.engine: FullEngine = make_engine("mnn", Network(spec, graph, pixels), weights, threads, cache)

    def __call__(self, batch: NDArray[np.float32]) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
        """(the maps (n, 28, 28, 40), (n, 14, 14, 112) and (n, 7, 7, 320); the last map's power pool (n, 1280))."""
        outputs = self.engine.run(batch)
        maps, start = [], 0
        for shape in self.shapes:
            end = start + int(np.prod(shape))
            maps.append(outputs[:, start:end].reshape(-1, *shape))
            start = end
        return maps, outputs[:, start:]
