"""A graph as a Keras functional model. TensorFlow is imported here, when called, and nowhere at the top of a module."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexing.networks.graph import INPUT, Add, Conv, Dense, Flatten, GlobalAveragePool, Graph, MaxPool, Node
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
        initial = _initializers(*next(numbers)[1]) if node.name in graph.parameters else {}
        tensors[node.name] = _apply(keras.layers, node, tensors, dtype_policy, initial)
    return keras.Model(tensors[INPUT], [tensors[graph.output], tensors[graph.features]])


def _initializers(kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> dict[str, Any]:
    """Options that make a Keras layer begin with these numbers."""
    return {"kernel_initializer": _giving(kernel), "bias_initializer": _giving(bias)}


def _giving(array: NDArray[np.float32]) -> Callable[..., Any]:
    """A Keras initializer, for one use, that hands `array` over and keeps nothing of it."""
    held = [array]

    def initializer(shape: Shape, dtype: Any = None) -> Any:
        import tensorflow as tf

        # Not tf.constant, which copies twice: an operation takes `aligned` numbers as they are and copies others once.
        return tf.raw_ops.Identity(input=held.pop())

    return initializer


def _apply(layers: Any, node: Node, tensors: dict[str, Any], policy: str, initial: dict[str, Any]) -> Any:
    def named(kind: Any, *args: Any, **options: Any) -> Any:
        return kind(*args, name=node.name, dtype=policy, **options)

    match node:
        case Conv():
            same = node.stride == 1 and node.pads == ((node.kernel // 2, node.kernel // 2),) * 2 and node.kernel % 2 == 1
            source = tensors[node.source]
            if not same and any(any(pair) for pair in node.pads):
                source = layers.ZeroPadding2D(node.pads, name=f"{node.name}_pad", dtype=policy)(source)
            return named(
                layers.Conv2D,
                node.filters,
                node.kernel,
                strides=node.stride,
                padding="same" if same else "valid",
                activation="relu" if node.relu else None,
                **initial,
            )(source)
        case Dense():
            activation = "relu" if node.relu else None
            return named(layers.Dense, node.units, activation=activation, **initial)(tensors[node.source])
        case MaxPool():
            return named(layers.MaxPooling2D, node.size, strides=node.stride)(tensors[node.source])
        case GlobalAveragePool():
            return named(layers.GlobalAveragePooling2D)(tensors[node.source])
        case Flatten():
            return named(layers.Flatten)(tensors[node.source])
        case Add(relu=True):
            total = layers.Add(name=f"{node.name}_sum", dtype=policy)([tensors[name] for name in node.sources])
            return named(layers.ReLU)(total)
        case Add():
            return named(layers.Add)([tensors[name] for name in node.sources])
