"""MNN: the fast engine on CPUs (Winograd convolutions, 3 to 4 times Keras). A converted model is all that it needs."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.engines.graph_engine import GraphEngine
from indexing.engines.mnn_conversion import MODEL, NUMBERS
from indexing.engines.native_output import suppress_native_output
from indexing.errors import EngineError
from indexing.networks.base import Network
from indexing.networks.graph import INPUT
from indexing.parallel import cores

BATCH: Final = 16


class MnnEngine(GraphEngine):
    """Runs the model in `folder` (see `model_cache.converted`)."""

    name = "mnn"
    precision = "float32"  # what it calls low precision is no faster on these processors

    def __init__(self, network: Network, folder: Path, threads: int | None = None, batch_size: int | None = None) -> None:
        """Raises EngineError when MNN is missing or the model cannot be opened."""
        self._mnn = import_mnn()
        self.threads = threads or cores()
        super().__init__(network, batch_size or BATCH)
        self.explanation = f"MNN on {self.threads} threads"
        self._interpreter = self._mnn.Interpreter(str(folder / MODEL))
        if (folder / NUMBERS).is_file():
            self._interpreter.setExternalFile(str(folder / NUMBERS))
        # Normal precision is float32 everywhere; low would be half floats on some processors.
        options = {"numThread": self.threads, "backend": "CPU", "precision": "normal"}
        self._session: Any = self._interpreter.createSession(options)
        if self._session is None:
            raise EngineError(f"MNN cannot open {folder / MODEL}: delete that folder, or use --engine tensorflow.")
        side = network.graph.side
        picture = self._interpreter.getSessionInput(self._session, INPUT)
        self._interpreter.resizeTensor(picture, (self.batch_size, 3, side, side))
        self._interpreter.resizeSession(self._session)

    def close(self) -> None:
        """Free the model and its buffers."""
        self._session = self._interpreter = None

    def _run(self, chunk: NDArray[np.float32], names: tuple[str, ...]) -> list[NDArray[np.float32]]:
        mnn, pixels = self._mnn, np.ascontiguousarray(chunk, dtype=np.float32)
        picture = self._interpreter.getSessionInput(self._session, INPUT)
        # The dimension type says that our pixels are rows, columns, channels; MNN turns them into its own order.
        picture.copyFrom(mnn.Tensor(pixels.shape, mnn.Halide_Type_Float, pixels, mnn.Tensor_DimensionType_Tensorflow))
        code = self._interpreter.runSession(self._session)
        if code != 0:
            raise EngineError(f"MNN failed with its code {code} on a batch of {len(chunk)}: use --engine tensorflow.")
        return [self._answer(name) for name in names]

    def _answer(self, name: str) -> NDArray[np.float32]:
        tensor = self._interpreter.getSessionOutput(self._session, name)
        shape = tensor.getShape()
        plain = np.empty(shape, dtype=np.float32)
        mnn = self._mnn
        host = mnn.Tensor(shape, mnn.Halide_Type_Float, plain, mnn.Tensor_DimensionType_Caffe)
        tensor.copyToHostTensor(host)
        return np.array(host.getNumpyData(), dtype=np.float32).reshape(shape)


def import_mnn() -> Any:
    """The MNN module. Raises EngineError when it is not installed or does not load."""
    try:
        with suppress_native_output():
            import MNN
    except ImportError as error:
        raise EngineError(f"MNN is not usable here ({error}): install requirements.txt, or use --engine tensorflow.") from error
    return MNN
