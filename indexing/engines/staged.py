"""Several networks, one after another: the first says where to cut, the others read what was cut out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexing.engines.base import FullEngine
from indexing.networks.base import Network


class StagedEngine:
    """Runs `network` by an engine for each of its stages; each of these gives its graph's own outputs."""

    def __init__(self, network: Network, engines: Sequence[FullEngine]) -> None:
        """engines: of the network's own graph, then of its stages, in their order."""
        self._network, self.first, self.others = network, engines[0], tuple(engines[1:])
        self.name = "+".join(sorted({engine.name for engine in engines}))
        self.threads, self.batch_size = self.first.threads, self.first.batch_size
        self.precision = join_precisions([engine.precision for engine in engines])
        specs = [network.spec, *(stage.network.spec for stage in network.stages)]
        self.explanation = "; ".join(
            f"{spec.name} by {engine.explanation}" for spec, engine in zip(specs, engines, strict=True)
        )

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Engine.run`."""
        return self._finished(self.first.run(batch), batch)

    def run_with_features(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `FullEngine.run_with_features`: the map of the network's own graph."""
        outputs, maps = self.first.run_with_features(batch)
        return self._finished(outputs, batch), maps

    def close(self) -> None:
        """Free them all."""
        for engine in (self.first, *self.others):
            engine.close()

    def _finished(self, outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
        pairs = zip(self.others, self._network.stages, strict=True)
        read = [engine.run(stage.cut(outputs, batch)) for engine, stage in pairs]
        return self._network.finish(np.concatenate([outputs, *read], axis=1), batch)


def join_precisions(each: Sequence[str]) -> str:
    """The stages' precisions in one word: `float32` if all are, else one after another, `float32+bfloat16`."""
    return each[0] if len(set(each)) == 1 else "+".join(each)


def split_precision(precision: str, stages: int) -> list[str]:
    """What `join_precisions` joined, one for each stage; a single one, `auto` too, goes for all of them."""
    each = precision.split("+")
    return each if len(each) == stages else each[:1] * stages
