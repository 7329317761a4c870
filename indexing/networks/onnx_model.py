"""A graph as an ONNX model, from which other engines convert. Weights lie in a file beside it, written one layer at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from indexing.networks.graph import (
    INPUT,
    Add,
    Concat,
    Conv,
    Dense,
    DepthwiseConv,
    Flatten,
    GlobalAveragePool,
    GlobalPowerPool,
    Graph,
    MaxPool,
    Node,
    Upsample,
    activation,
    sources,
)
from indexing.weights.record import Weights

VECTOR: Final = "vector"
FEATURES: Final = "features"
CONSTANTS: Final[dict[str, float | tuple[float, ...]]] = {
    "zero": 0.0,
    "six": 6.0,
    "third": 1 / 3,
    "twice": (1.0, 1.0, 2.0, 2.0),
}
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
    nodes = list(_nodes(graph, helper))
    used = {name for node in nodes for name in node.input}
    initializers: list[Any] = [_constant(name, value) for name, value in CONSTANTS.items() if name in used]
    with data_path.open("wb") as data:
        for name, layer in weights.reader.layers(graph.parameters):
            kernel = _outputs_first(graph, name, layer.kernel)
            for part, array in (("kernel", kernel), ("bias", layer.bias)):
                initializers.append(_external(onnx, f"{name}/{part}", array, data, data_path.name))
    batch = "batch"
    height, width, channels = graph.shapes[graph.features]
    model = helper.make_model(
        helper.make_graph(
            nodes,
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
    if isinstance(node, DepthwiseConv):
        return np.ascontiguousarray(kernel.transpose(2, 3, 0, 1))
    assert isinstance(node, Dense)
    flatten = next((other for other in graph.nodes if other.name == node.source and isinstance(other, Flatten)), None)
    if flatten is not None and _feeds_dense_only(graph, flatten):
        height, width, channels = graph.shapes[flatten.source]
        by_place = kernel.reshape(height, width, channels, -1)
        return np.ascontiguousarray(by_place.transpose(3, 2, 0, 1)).reshape(-1, len(kernel))
    return np.ascontiguousarray(kernel.T)


def _feeds_dense_only(graph: Graph, flatten: Flatten) -> bool:
    """Whether the order in which a map is flattened can be left to the dense kernels that read it."""
    return all(isinstance(node, Dense) for node in graph.nodes if flatten.name in sources(node))


def _constant(name: str, value: float | tuple[float, ...]) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(np.asarray(value, dtype=np.float32), name)


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
        result = of(node.name) if activation(node) == "linear" else f"{node.name}/linear"
        yield from _node(node, graph, helper, of, result)
        match activation(node):
            case "relu":
                yield helper.make_node("Relu", [result], [of(node.name)], name=f"{node.name}/relu")
            case "relu6":
                yield helper.make_node("Clip", [result, "zero", "six"], [of(node.name)], name=f"{node.name}/relu6")


def _node(node: Node, graph: Graph, helper: Any, of: Any, result: str) -> Iterator[Any]:
    weights = [f"{node.name}/kernel", f"{node.name}/bias"]

    def make(kind: str, inputs: list[str], output: str = result, **attributes: Any) -> Any:
        name = node.name if output == result else output
        return helper.make_node(kind, inputs, [output], name=name, **attributes)

    match node:
        case Conv() | DepthwiseConv():
            (top, bottom), (left, right) = node.pads
            yield make(
                "Conv",
                [of(node.source), *weights],
                kernel_shape=[node.kernel] * 2,
                strides=[node.stride] * 2,
                pads=[top, left, bottom, right],
                group=graph.shapes[node.name][2] if isinstance(node, DepthwiseConv) else 1,
            )
        case Dense():
            yield make("Gemm", [of(node.source), *weights], transB=1)
        case MaxPool():
            yield make("MaxPool", [of(node.source)], kernel_shape=[node.size] * 2, strides=[node.stride] * 2)
        case GlobalAveragePool():
            # A mean over the two axes, not GlobalAveragePool: the result is (n, channels) at once.
            yield make("ReduceMean", [of(node.source)], axes=[2, 3], keepdims=0)
        case GlobalPowerPool():
            source, square, cube, mean = of(node.source), *(f"{node.name}/{part}" for part in ("square", "cube", "mean"))
            yield make("Mul", [source, source], square)
            yield make("Mul", [square, source], cube)
            yield make("ReduceMean", [cube], mean, axes=[2, 3], keepdims=0)
            yield make("Pow", [mean, "third"])
        case Upsample():
            nearest = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            yield make("Resize", [of(node.source), "", "twice"], **nearest)
        case Flatten():
            if _feeds_dense_only(graph, node):
                yield make("Flatten", [of(node.source)])
            else:
                yield make("Transpose", [of(node.source)], f"{node.name}/channels_last", perm=[0, 2, 3, 1])
                yield make("Flatten", [f"{node.name}/channels_last"])
        case Add():
            yield make("Add", [of(name) for name in node.sources])
        case Concat():
            yield make("Concat", [of(name) for name in node.sources], axis=1)
