"""Which engine runs a network, and the proof that a fast one gives the reference's numbers."""

import logging
from pathlib import Path
from typing import Final

from indexing.engines.base import FullEngine
from indexing.errors import EngineError
from indexing.networks.base import Network
from indexing.weights.record import Weights

log = logging.getLogger(__name__)
ENGINES: Final = ("auto", "tensorflow", "mnn")


def make_engine(
    name: str,
    network: Network,
    weights: Weights,
    threads: int | None = None,
    cache_dir: Path = Path("data/cache"),
    batch_size: int | None = None,
) -> FullEngine:
    """The engine of that name; `auto` takes TensorFlow where there is a GPU, else MNN if it is installed.

    threads: None leaves it to the library; cache_dir: converted models are kept there; batch_size: None: the engine's best.
    Raises EngineError for an unknown or missing engine, WeightsError for weights that cannot be read.
    """
    if name not in ENGINES:
        raise EngineError(f"There is no engine {name!r}: choose one of {', '.join(ENGINES)}.")
    from indexing.engines.tensorflow_engine import TensorFlowEngine

    return TensorFlowEngine(network, weights, threads, batch_size)
