"""What every engine is."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Engine(Protocol):
    """Runs one network with one set of weights. Not thread-safe: one caller at a time."""

    name: str
    threads: int

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, side, side, 3) float32, preprocessed, BGR order → (n, d) float32. Any n ≥ 1."""
        ...

    def close(self) -> None:
        """Free what it holds; further calls are errors."""
        ...
