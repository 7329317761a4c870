"""What runs an ONNX file: OpenVINO, which comes with the product, and ONNX Runtime, the second opinion where it is installed.

Both compute in float32, on as many threads as they are told.
"""

import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from indexing.errors import EngineError

Inputs = Mapping[str, NDArray[Any]]
_SHORTEST: Final = 200  # of what a library says of an error


class Model(Protocol):
    """One output of an ONNX file."""

    def run(self, inputs: Inputs) -> NDArray[np.float32]:
        """The output for these inputs. Raises EngineError."""
        ...


class OpenVinoModel:
    """A file run by OpenVINO; what the output does not depend on is left out of the graph and needs no input."""

    def __init__(
        self, path: Path, output: str, inputs: tuple[str, ...], threads: int, shape: tuple[int, ...] | None = None
    ) -> None:
        """inputs: those the output depends on; shape: of the only input, to compile for it alone. Raises EngineError."""
        openvino = import_openvino()
        try:
            core = openvino.Core()
            whole = core.read_model(path)
            used = [node for node in whole.get_parameters() if node.output(0).get_any_name() in inputs]
            model = openvino.Model([whole.output(output).get_node()], used, "encoder")
            if shape is not None:
                model.reshape({inputs[0]: list(shape)})
            options = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": 1}
            self._compiled = core.compile_model(model, "CPU", options)
        except RuntimeError as error:
            raise EngineError(f"OpenVINO cannot open {path}: {_first_line(error)}") from error
        self._path = path

    def run(self, inputs: Inputs) -> NDArray[np.float32]:
        """See `Model.run`."""
        try:
            answer = self._compiled(dict(inputs))[0]
        except RuntimeError as error:
            raise EngineError(f"OpenVINO cannot run {self._path}: {_first_line(error)}") from error
        return np.array(answer, dtype=np.float32)


class OnnxRuntimeModel:
    """A file run by ONNX Runtime, which wants every input: those that the output does not depend on are given ones."""

    def __init__(self, path: Path, output: str, threads: int) -> None:
        """Raises EngineError."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 4
        try:
            self._session: Any = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EngineError(f"ONNX Runtime cannot open {path}: {_first_line(error)}") from _own(error)
        self._path, self._output = path, output

    def run(self, inputs: Inputs) -> NDArray[np.float32]:
        """See `Model.run`."""
        others = {
            each.name: np.ones([size if isinstance(size, int) else 1 for size in each.shape], _kind(each.type))
            for each in self._session.get_inputs()
            if each.name not in inputs
        }
        try:
            answer = self._session.run([self._output], {**inputs, **others})[0]
        except Exception as error:
            raise EngineError(f"ONNX Runtime cannot run {self._path}: {_first_line(error)}") from _own(error)
        return np.array(answer, dtype=np.float32)


def installed_version(package: str) -> str | None:
    """The version of `openvino` or `onnxruntime`, None without it; nothing is imported to ask."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def import_openvino() -> Any:
    """The openvino module, its telemetry kept out. Raises EngineError when it is not installed or does not load.

    `import openvino` reports to an analytics host by way of the package openvino_telemetry; where that cannot be imported,
    OpenVINO takes an empty stub of its own (openvino/tools/ovc/telemetry_utils.py). So here it never can.
    """
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # Python's way: importing it raises ImportError
    try:
        import openvino
    except ImportError as error:
        raise EngineError(
            f"OpenVINO is not usable here ({error}): install requirements.txt, or use --engine tensorflow."
        ) from error
    return openvino


def _kind(name: str) -> Any:
    kinds = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(float16)": np.float16}
    return kinds.get(name, np.float32)


def _own(error: Exception) -> Exception:
    """The error, if it is the library's own; another one goes on as it is."""
    if type(error).__module__.startswith("onnxruntime") or isinstance(error, RuntimeError | ValueError):
        return error
    raise error


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("Exception from")]
    return (lines or [type(error).__name__])[0][:_SHORTEST]
