"""A graph as an ONNX model, from which other engines convert. Weights lie in a file beside it, written one layer at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from indexing.networks.graph import INPUT, Add, Conv, Dense, Flatten, GlobalAveragePool, Graph, MaxPool, Node
from indexing.weights.record import Weights

VECTOR: Final = "vector"
FEATURES: Final = "features"
OPSET: Final = 13
IR_VERSION: Final = 8


def write_onnx(graph: Graph, weights: Weights, path: Path) -> None:
    """Write `path` and `path`.data: pictures (n, 3, side, side) → `vector` (n, units) and `features` (n, c, h, w).

    ONNX keeps channels first: kernels are turned to (out, in, height, width), and the inputs of a dense layer fed by Flatten
    are put in the order (channel, row, column). Dense kernels are written as (out, in), which is how MNN keeps them: its
    converter would otherwise turn them itself and hold `fc1`'s 411 MB three times.
    Raises OSError when the disk is full, WeightsError when weights cannot be read.
    """
    import onnx
    from onnx import TensorProto, helper

    data_path = path.with_name(path.name + ".data")
    initializers: list[Any] = []
    with data_path.open("wb") as data:
        for name, layer in weights.reader.layers(graph.parameters):
            kernel = _outputs_first(graph, name, layer.kernel)
            for part, array in (("kernel", kernel), ("bias", layer.bias)):
                initializers.append(_external(onnx, f"{name}/{part}", array, data, data_path.name))
    batch = "batch"
    height, width, channels = graph.shapes[graph.features]
    model = helper.make_model(
        helper.make_graph(
            list(_nodes(graph, helper)),
            "network",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [batch, 3, graph.side, graph.side])],
            [
                helper.make_tensor_value_info(VECTOR, TensorProto.FLOAT, [batch, *graph.shapes[graph.output]]),
                helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, [batch, channels, height, width]),
            ],
            initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    path.write_bytes(model.SerializeToString())


def _outputs_first(graph: Graph, name: str, kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    node = next(node for node in graph.nodes if node.name == name)
    if isinstance(node, Conv):
        return np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
    assert isinstance(node, Dense)
    flatten = next((other for other in graph.nodes if other.name == node.source and isinstance(other, Flatten)), None)
    if flatten is not None:
        height, width, channels = graph.shapes[flatten.source]
        by_place = kernel.reshape(height, width, channels, -1)
        return np.ascontiguousarray(by_place.transpose(3, 2, 0, 1)).reshape(-1, len(kernel))
    return np.ascontiguousarray(kernel.T)


def _external(onnx: Any, name: str, array: NDArray[np.float32], data: BinaryIO, location: str) -> Any:
    tensor = onnx.TensorProto(name=name, data_type=onnx.TensorProto.FLOAT, dims=array.shape)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", data.tell()), ("length", array.nbytes)):
        tensor.external_data.add(key=key, value=str(value))
    data.write(array.data.cast("B"))
    return tensor


def _nodes(graph: Graph, helper: Any) -> Iterator[Any]:
    """Each node's ONNX nodes; the two that are asked for are named so where they are made."""
    names = {INPUT: INPUT, graph.output: VECTOR, graph.features: FEATURES}

    def of(name: str) -> str:
        return names.get(name, name)

    for node in graph.nodes:
        relu = isinstance(node, Conv | Add | Dense) and node.relu
        result = f"{node.name}/linear" if relu else of(node.name)
        yield _node(node, helper, of, result)
        if relu:
            yield helper.make_node("Relu", [result], [of(node.name)], name=f"{node.name}/relu")


def _node(node: Node, helper: Any, of: Any, result: str) -> Any:
    weights = [f"{node.name}/kernel", f"{node.name}/bias"]
    match node:
        case Conv():
            (top, bottom), (left, right) = node.pads
            return helper.make_node(
                "Conv",
                [of(node.source), *weights],
                [result],
                name=node.name,
                kernel_shape=[node.kernel] * 2,
                strides=[node.stride] * 2,
                pads=[top, left, bottom, right],
            )
        case Dense():
            return helper.make_node("Gemm", [of(node.source), *weights], [result], name=node.name, transB=1)
        case MaxPool():
            size, stride = [node.size] * 2, [node.stride] * 2
            return helper.make_node("MaxPool", [of(node.source)], [result], name=node.name, kernel_shape=size, strides=stride)
        case GlobalAveragePool():
            # A mean over the two axes, not GlobalAveragePool: the result is (n, channels) at once.
            return helper.make_node("ReduceMean", [of(node.source)], [result], name=node.name, axes=[2, 3], keepdims=0)
        case Flatten():
            return helper.make_node("Flatten", [of(node.source)], [result], name=node.name)
        case Add():
            return helper.make_node("Add", [of(name) for name in node.sources], [result], name=node.name)
