"""Loaded by the tests' Dask workers (`dask worker --preload`): the engine `fake` besides the real ones, and no noise."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexing.build import dask_worker
from indexing.engines import make_engine
from indexing.networks.base import Network
from indexing.weights.record import Weights
from tests.indexing.build.builds import CountingEngine


class WeighingEngine(CountingEngine):
    """Vectors that follow from the weights, too, so that it must have read them."""

    def __init__(self, network: Network, weights: Weights, batch_size: int) -> None:
        super().__init__()
        self.batch_size = batch_size
        layers = weights.arrays(network.graph.parameters).values()
        self._factor = np.float32(1 + sum(float(np.abs(layer.kernel).mean()) for layer in layers))

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return super().run(batch) * self._factor


def make_any_engine(
    name: str, network: Network, weights: Weights, threads: int, cache_dir: Path, batch_size: int, precision: str
) -> Any:
    """`make_engine` with one more name."""
    if name == "fake":
        return WeighingEngine(network, weights, batch_size)
    return make_engine(name, network, weights, threads, cache_dir, batch_size, precision)


def dask_setup(worker: object) -> None:
    """Called by Dask when the worker starts."""
    setattr(dask_worker, "make_engine", make_any_engine)  # noqa: B010  (mypy keeps modules from being changed otherwise)
