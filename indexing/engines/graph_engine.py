"""What engines share that run our graph as a model of one fixed batch: MNN and OpenVINO."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from indexing.engines.base import fixed_chunks
from indexing.networks.base import Network
from indexing.networks.onnx_model import FEATURES, VECTOR


class GraphEngine(ABC):
    """Cuts what is asked into batches of `batch_size` rows, and finishes the answers."""

    def __init__(self, network: Network, batch_size: int) -> None:
        self.batch_size = batch_size
        self._network = network

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Engine.run`."""
        return self._network.finish(self.outputs(batch), batch)

    def run_with_features(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `FullEngine.run_with_features`."""
        rows, network = self._network.graph_rows(batch), self._network
        answers = [self._run(chunk, (VECTOR, FEATURES)) for chunk in fixed_chunks(rows, self.batch_size)]
        outputs, maps = (np.concatenate(parts)[: len(rows)] for parts in zip(*answers, strict=True))
        return network.finish(outputs, batch), np.ascontiguousarray(maps[:: network.crops].transpose(0, 2, 3, 1))

    def outputs(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The graph's own outputs, a row for each crop, before `finish`."""
        rows = self._network.graph_rows(batch)
        chunks = fixed_chunks(rows, self.batch_size)
        return np.concatenate([self._run(chunk, (VECTOR,))[0] for chunk in chunks])[: len(rows)]

    @abstractmethod
    def _run(self, chunk: NDArray[np.float32], names: tuple[str, ...]) -> list[NDArray[np.float32]]:
        """One batch, float32 (batch_size, side, side, 3) → the model's outputs of these names, float32 (batch_size, …)."""
