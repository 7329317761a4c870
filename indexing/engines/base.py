"""What every engine is."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Engine(Protocol):
    """Runs one network with one set of weights. Not thread-safe: one caller at a time."""

    name: str
    threads: int

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, crops · side, side, 3) float32, preprocessed, BGR order → (n, d) float32 vectors, finished, as indexed.

        Any n ≥ 1; its crops are cut into chunks of one fixed size, the last filled up. A picture's vector does not depend, to
        the bit, on which others share its chunk. It may on its place there (MNN: the last of each thread's share rounds
        otherwise, by 5e-5 of the largest value), so the same pictures in the same chunks give the same bytes.
        """
        ...

    def close(self) -> None:
        """Free what it holds; further calls are errors."""
        ...


class FullEngine(Engine, Protocol):
    """What `make_engine` gives: also the map behind a vector, the chunk it works in, and why it was chosen.

    batch_size: rows of a chunk; precision: of its arithmetic, `float32` or `bfloat16`, of a network of stages one for each if
    they differ, `float32+bfloat16`; explanation: a line for people, `MNN on 2 threads; proved against TensorFlow …`.
    """

    batch_size: int
    precision: str
    explanation: str

    def run_with_features(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """As `run`, with the last convolution's map of each picture's first crop: (n, d) and (n, height, width, channels)."""
        ...


def fixed_chunks(batch: NDArray[np.float32], size: int) -> list[NDArray[np.float32]]:
    """(n, …) cut into chunks of exactly `size` rows, the last filled up with zeros.

    Libraries choose their way of computing by the batch's shape, and other ways round differently: one shape, one answer.
    """
    chunks = [batch[start : start + size] for start in range(0, len(batch), size)]
    missing = size - len(chunks[-1])
    if missing:
        filler = np.zeros((missing, *batch.shape[1:]), dtype=np.float32)
        chunks[-1] = np.concatenate([chunks[-1], filler])
    return chunks
