"""A graph as a Keras functional model. TensorFlow is imported here, when called, and nowhere at the top of a module."""

from collections.abc import Callable
from typing import Any

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
)
from indexing.weights.record import Shape, Weights


def keras_model(graph: Graph, weights: Weights, dtype_policy: str = "float32") -> Any:
    """A `keras.Model`: (n, side, side, 3) float32 → [output (n, units), features (n, h, w, c)], with the weights in it.

    `dtype_policy` is Keras's: `mixed_float16` computes in half precision (for GPUs) and is not the reference.
    """
    import keras

    numbers = weights.reader.layers(graph.parameters)
    tensors: dict[str, Any] = {INPUT: keras.Input((graph.side, graph.side, 3), name=INPUT)}
    for node in graph.nodes:
        # A layer is made with its weights in it: set afterwards, fc1's 411 MB would for a moment be in memory four times.
        initial = _initializers(node, *next(numbers)[1]) if node.name in graph.parameters else {}
        tensors[node.name] = _apply(keras.layers, node, tensors, dtype_policy, initial)
    return keras.Model(tensors[INPUT], [tensors[graph.output], tensors[graph.features]])


def _initializers(node: Node, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> dict[str, Any]:
    """Options that make a Keras layer begin with these numbers."""
    name = "depthwise_initializer" if isinstance(node, DepthwiseConv) else "kernel_initializer"
    return {name: _constant(kernel), "bias_initializer": _constant(bias)}


def _constant(array: NDArray[np.float32]) -> Callable[..., Any]:
    """A Keras initializer, for one use, that hands `array` over and keeps nothing of it."""
    arrays = [array]

    def initializer(shape: Shape, dtype: Any = None) -> Any:
        import tensorflow as tf

        # Not tf.constant, which copies twice: an operation takes `aligned` numbers as they are and copies others once.
        return tf.raw_ops.Identity(input=arrays.pop())

    return initializer


def _apply(layers: Any, node: Node, tensors: dict[str, Any], policy: str, initial: dict[str, Any]) -> Any:
    def named(kind: Any, *args: Any, **options: Any) -> Any:
        return kind(*args, name=node.name, dtype=policy, **options)

    match node:
        case Conv() | DepthwiseConv():
            same = node.stride == 1 and node.pads == ((node.kernel // 2, node.kernel // 2),) * 2 and node.kernel % 2 == 1
            source = tensors[node.source]
            if not same and any(any(pair) for pair in node.pads):
                source = layers.ZeroPadding2D(node.pads, name=f"{node.name}_pad", dtype=policy)(source)
            kind, filters = (layers.Conv2D, (node.filters,)) if isinstance(node, Conv) else (layers.DepthwiseConv2D, ())
            return named(
                kind,
                *filters,
                node.kernel,
                strides=node.stride,
                padding="same" if same else "valid",
                activation=node.activation,
                **initial,
            )(source)
        case Dense():
            return named(layers.Dense, node.units, activation=node.activation, **initial)(tensors[node.source])
        case MaxPool():
            return named(layers.MaxPooling2D, node.size, strides=node.stride)(tensors[node.source])
        case GlobalAveragePool():
            return named(layers.GlobalAveragePooling2D)(tensors[node.source])
        case GlobalPowerPool():
            source = tensors[node.source]
            cubes = layers.Multiply(name=f"{node.name}_cubes", dtype=policy)([source, source, source])
            mean = layers.GlobalAveragePooling2D(name=f"{node.name}_mean", dtype=policy)(cubes)
            return named(layers.Lambda, _cube_root)(mean)
        case Upsample():
            return named(layers.UpSampling2D, 2, interpolation="nearest")(tensors[node.source])
        case Flatten():
            return named(layers.Flatten)(tensors[node.source])
        case Concat():
            return named(layers.Concatenate)([tensors[name] for name in node.sources])
        case Add(activation="linear"):
            return named(layers.Add)([tensors[name] for name in node.sources])
        case Add():
            total = layers.Add(name=f"{node.name}_sum", dtype=policy)([tensors[name] for name in node.sources])
            return named(layers.Activation, node.activation)(total)


def _cube_root(values: Any) -> Any:
    import keras

    return keras.ops.power(values, 1 / 3)
