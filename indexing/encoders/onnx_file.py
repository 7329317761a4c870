"""What an ONNX file says of itself, read without running it. It is other people's: nothing in it is believed unchecked.

Only the description is read here, at most 2 GiB of it (the format's own limit); numbers that lie beside it are not. A file may
name others that hold its numbers: each must lie in its own folder.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from indexing.errors import WeightsError

MOST_BYTES: Final = 2**31
MOST_DATA_BYTES: Final = 2**34
MOST_DATA_FILES: Final = 256
MOST_DEPTH: Final = 16
Shape = tuple[int | None, ...]  # None: a size that the file leaves open


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or an output. kind: `float32`, `float16`, `int64` or `int32`; shape: None where the file does not say."""

    name: str
    kind: str
    shape: Shape | None

    @property
    def rank(self) -> int:
        """How many axes it has; 0 where that is not known."""
        return len(self.shape or ())

    def __str__(self) -> str:
        sizes = "?" if self.shape is None else " × ".join("n" if size is None else str(size) for size in self.shape)
        return f"{self.name} ({sizes})"


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """An ONNX file. data: the names of the files beside it that hold its numbers, relative to its folder."""

    path: Path
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    data: tuple[str, ...]

    def input(self, name: str) -> Tensor | None:
        """The input of that name."""
        return next((tensor for tensor in self.inputs if tensor.name == name), None)

    def output(self, name: str) -> Tensor | None:
        """The output of that name."""
        return next((tensor for tensor in self.outputs if tensor.name == name), None)


def read_onnx(path: Path) -> OnnxFile:
    """What the file at `path` takes and gives. Raises WeightsError: no ONNX file, too large, or it leads out of its folder."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        size = path.stat().st_size
        if not 0 < size < MOST_BYTES:
            raise WeightsError(f"{path} has {size} bytes, which no ONNX file can have: fetch it again.")
        model = onnx.load_model(path, load_external_data=False)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (DecodeError, ValueError, TypeError) as error:
        raise WeightsError(f"{path} is no ONNX file, or it is damaged: fetch it again, or export the encoder anew.") from error
    graph = model.graph
    if not graph.node or not graph.output:
        raise WeightsError(f"{path} is no ONNX file: it holds no graph. Fetch it again, or export the encoder anew.")
    given = {tensor.name for tensor in graph.initializer}
    return OnnxFile(
        path,
        tuple(_tensor(value, path) for value in graph.input if value.name not in given),
        tuple(_tensor(value, path) for value in graph.output),
        tuple(dict.fromkeys(_locations(model, path))),
    )


def data_files(file: OnnxFile) -> list[Path]:
    """The files that hold its numbers. Raises WeightsError when one is missing, too large, or not in its folder."""
    folder = file.path.parent
    # The hub's own cache keeps a snapshot's files as links into the folder beside it.
    root = (folder if folder.parent.name != "snapshots" else folder.parents[1]).resolve()
    paths = [folder / name for name in file.data]
    for path in paths:
        if not path.is_file():
            raise WeightsError(f"{file.path} keeps numbers in {path.name}, which is not beside it: put it into {folder}.")
        if not path.resolve().is_relative_to(root):
            raise WeightsError(f"{file.path} keeps numbers in {path.name}, which leads out of {folder}: it is not used.")
    if sum(path.stat().st_size for path in paths) > MOST_DATA_BYTES:
        raise WeightsError(
            f"{file.path} has more than {MOST_DATA_BYTES // 2**30} GiB of numbers beside it: take a smaller one."
        )
    return paths


def _tensor(value: Any, path: Path) -> Tensor:
    from onnx import TensorProto

    kinds = {
        TensorProto.FLOAT: "float32",
        TensorProto.FLOAT16: "float16",
        TensorProto.INT64: "int64",
        TensorProto.INT32: "int32",
    }
    tensor = value.type.tensor_type
    shape: Shape | None = None
    if tensor.HasField("shape"):
        shape = tuple(
            axis.dim_value if axis.HasField("dim_value") and axis.dim_value > 0 else None for axis in tensor.shape.dim
        )
        if math.prod(size or 1 for size in shape) > MOST_BYTES:
            raise WeightsError(f"{path}: {value.name} would have the shape {shape}, which is too large.")
    return Tensor(value.name, kinds.get(tensor.elem_type, "other"), shape)


def _locations(model: Any, path: Path) -> Iterator[str]:
    for tensor in _tensors(model, path):
        if tensor.data_location != 1:  # TensorProto.EXTERNAL
            continue
        location = next((entry.value for entry in tensor.external_data if entry.key == "location"), "")
        parts = PurePosixPath(location)
        if not location or "\\" in location or "\0" in location or parts.is_absolute() or ".." in parts.parts:
            raise WeightsError(f"{path} keeps numbers in {location[:80]!r}, which leads out of its folder: it is not used.")
        yield location


def _tensors(model: Any, path: Path) -> Iterator[Any]:
    """Every tensor with numbers, those in the graphs inside graphs too."""
    waiting = [(model.graph, 0)]
    nodes = [(node, 0) for function in model.functions for node in function.node]
    while waiting or nodes:
        if waiting:
            graph, depth = waiting.pop()
            if depth > MOST_DEPTH:
                raise WeightsError(f"{path} nests graphs deeper than {MOST_DEPTH}: it is not used.")
            yield from graph.initializer
            for sparse in graph.sparse_initializer:
                yield from (sparse.values, sparse.indices)
            nodes += [(node, depth) for node in graph.node]
            continue
        node, depth = nodes.pop()
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
            waiting += [(graph, depth + 1) for graph in (attribute.g, *attribute.graphs) if graph.node]
