"""OpenVINO: the fast engine where a processor has units for matrices (AMX, AVX-512 BF16) or a network is thin. Reads ONNX."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.encoders.runtimes import import_openvino
from indexing.engines.graph_engine import GraphEngine
from indexing.engines.processor import Precision
from indexing.errors import EngineError
from indexing.networks.base import Network
from indexing.networks.graph import INPUT, Graph
from indexing.networks.onnx_model import write_onnx
from indexing.parallel import cores
from indexing.weights.record import Weights

BATCH: Final = 16
MODEL: Final = "network.onnx"
FILES: Final = (MODEL, f"{MODEL}.data")
HINTS: Final[Mapping[Precision, str]] = {"float32": "f32", "bfloat16": "bf16"}


class OpenVinoEngine(GraphEngine):
    """Runs the model in `folder` (see `export`) on the CPU."""

    name = "openvino"

    def __init__(
        self,
        network: Network,
        folder: Path,
        threads: int | None = None,
        batch_size: int | None = None,
        precision: Precision = "float32",
    ) -> None:
        """Raises EngineError when OpenVINO is missing, the model cannot be opened or the processor lacks the precision."""
        self.threads = threads or cores()
        super().__init__(network, batch_size or BATCH)
        self.precision: str = precision
        self.explanation = f"OpenVINO in {precision} on {self.threads} threads"
        side = network.graph.side
        shape = (self.batch_size, 3, side, side)
        self._request: Any = compiled(folder / MODEL, shape, self.threads, precision).create_infer_request()

    def close(self) -> None:
        """Free the model and its buffers."""
        self._request = None

    def _run(self, chunk: NDArray[np.float32], names: tuple[str, ...]) -> list[NDArray[np.float32]]:
        # Shared: OpenVINO reads our memory and lends us its own, which the next batch overwrites: hence the copies.
        pixels = np.ascontiguousarray(chunk, dtype=np.float32)
        try:
            answers = self._request.infer({INPUT: pixels}, share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise EngineError(f"OpenVINO failed on a batch of {len(chunk)} ({error}): use --engine tensorflow.") from error
        return [np.array(answers[name], dtype=np.float32) for name in names]


def export(graph: Graph, weights: Weights, folder: Path) -> None:
    """Write FILES into `folder`: ONNX, whose weights OpenVINO maps into memory."""
    write_onnx(graph, weights, folder / MODEL)


def compiled(path: Path, shape: tuple[int, ...], threads: int, precision: Precision) -> Any:
    """The ONNX model in `path` for batches of one shape, as an `openvino.CompiledModel`.

    shape: of its one input, (n, channels, height, width); what it is given is (n, height, width, channels) float32, turned
    inside. Raises EngineError.
    """
    openvino = import_openvino()
    try:
        core = openvino.Core()
        model = core.read_model(path)
        model.reshape(shape)
        layouts = openvino.preprocess.PrePostProcessor(model)
        layouts.input().tensor().set_layout(openvino.Layout("NHWC"))
        layouts.input().model().set_layout(openvino.Layout("NCHW"))
        options = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # the machine is not ours alone: a pinned thread waits for a busy core
        }
        ready = core.compile_model(layouts.build(), "CPU", options)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise EngineError(f"OpenVINO cannot open {path} ({reason}): delete its folder, or use --engine tensorflow.") from error
    # What a processor cannot compute in, OpenVINO leaves away without a word.
    if precision != "float32" and ready.get_property("INFERENCE_PRECISION_HINT") != openvino.Type.bf16:
        raise EngineError(f"OpenVINO does not compute in {precision} on this processor: use --precision float32.")
    return ready
